"""Run a circuit: the only place that calls Brian2's run, always with an explicit network, clock and seed."""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import brian2
import numpy as np
from brian2 import BrianObject, Clock, Network, Quantity, second
from brian2.devices.device import all_devices, get_device, reset_device, set_device

from neurobridge.errors import InputError
from neurobridge.neuro import abandoned, builds, divergence, exprel, manner, memory, progress
from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.quantities import best, text
from neurobridge.neuro.recorders import Final, Rate, Recorder, Spikes, Traces
from neurobridge.neuro.recording import Engine, Recording, Samples, SpikeTimes
from neurobridge.neuro.target import Choice, choose

# An idle OpenMP thread that spins takes a core from everybody else.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def simulate(
    circuit: Circuit,
    duration: Quantity,
    record: Sequence[Recorder] = (),
    *,
    dt: Quantity | None = None,
    seed: int | None = None,
    target: str | None = None,
    show_progress: bool | None = None,
    parameters: Mapping[str, Quantity] | None = None,
) -> Recording:
    """Simulate a circuit and return what was recorded; Ctrl-C ends it and keeps what there is.

    Args:
        circuit: what to simulate.
        duration: how long, in the circuit's own time.
        record: what to keep.
        dt: time step, the circuit's own if None.
        seed: start of the random numbers; the same seed and target give the same recording. That of
            `manner.running` if None, whose usual one is 0.
        target: `auto`, `numpy`, `cython` or `cpp_standalone`; that of `manner.running` if None.
        show_progress: whether to report progress, memory and the choice of target on stderr; as above if None.
        parameters: `object.variable` -> value, for variables declared in the equations; setting them here
            lets a compiled circuit run again without compiling.

    Raises:
        InputError: a name, a time, a seed or a target that cannot be used.
        SimulationError: not enough memory, or a state variable became NaN.
    """
    step = circuit.dt if dt is None else dt
    _check_times(duration, step)
    usual, seed = manner.current(), manner.seed(seed)
    told = usual.show_progress if show_progress is None else show_progress
    needed = memory.estimate(circuit, duration, step, record)
    memory.check(needed)
    asked = usual.target if target is None else target
    choice = choose(asked, round(float(duration / step)), circuit.neurons, circuit.synapses, circuit.weight)
    if told:
        print(f"{choice.target}: {choice.reason}; about {needed // 2**20 + 1} MiB", file=sys.stderr)
    if choice.target == "cpp_standalone":
        with Program(circuit, duration, record, dt=step, seed=seed, reason=choice.reason) as program:
            found = program.run(parameters, show_progress=told)
    else:
        found = _interpreted(circuit, duration, record, step, seed, choice, told, parameters or {})
    if found.interrupted:
        print(f"\nstopped at {text(found.duration)} of {text(duration)}; what was recorded is kept", file=sys.stderr)
    return found


def complete(circuit: Circuit, duration: Quantity, record: Sequence[Recorder] = (), **options: Any) -> Recording:
    """Simulate as `simulate` does, for measurements that a part of a run would falsify.

    Raises:
        KeyboardInterrupt: Ctrl-C ended the run.
    """
    found = simulate(circuit, duration, record, **options)
    if found.interrupted:
        raise KeyboardInterrupt
    return found


def _check_times(duration: Quantity, step: Quantity) -> None:
    for name, value in (("duration", duration), ("dt", step)):
        if not isinstance(value, Quantity) or value.dim is not second.dim or not float(value) > 0:
            raise InputError(f"{name} must be a positive time with a unit, such as 100*ms; it is {value!r}.")


@abandoned.quietly()
def _interpreted(
    circuit: Circuit,
    duration: Quantity,
    record: Sequence[Recorder],
    step: Quantity,
    seed: int,
    choice: Choice,
    show_progress: bool,
    parameters: Mapping[str, Quantity],
) -> Recording:
    started = time.perf_counter()
    # what overflows and what is not a number is found by the watch
    with _preferences(choice.target), exprel.without_units(), _random_numbers(seed), np.errstate(all="ignore"):
        clock, objects, monitors = assemble(circuit, record, step)
        for name, value in parameters.items():
            group, variable = _variable(objects, name)
            setattr(group, variable, value)
        network = Network(*objects.values(), *monitors.values(), divergence.watch(objects, clock))
        built = time.perf_counter()
        network.run(
            duration, namespace={}, report=progress.reporter() if show_progress else None, report_period=1 * second
        )
    ended = best(network.t)
    return _collect(
        record, objects, monitors, ended, step, seed,
        interrupted=float(ended) < float(duration) - 0.5 * float(step),
        engine=_engine(choice, built - started, time.perf_counter() - built, reused=False),
    )  # fmt: skip


def assemble(
    circuit: Circuit, record: Sequence[Recorder], step: Quantity
) -> tuple[Clock, dict[str, BrianObject], dict[int, BrianObject]]:
    """Build the objects and monitors of a circuit on a fresh clock.

    Raises:
        InputError: an object runs on Brian2's global clock.
        UnknownNameError: a recorder names an object the circuit does not have.
    """
    clock = Clock(step, name="simulation_clock")
    objects = dict(circuit.build(clock))
    for name, thing in objects.items():
        if getattr(thing, "clock", clock) is not clock and thing.clock.name == "defaultclock":
            raise InputError(f"{name!r} runs on Brian2's global clock; build it with clock=clock.")
    monitors = {place: recorder.monitor(objects, clock) for place, recorder in enumerate(record)}
    return clock, objects, {place: monitor for place, monitor in monitors.items() if monitor is not None}


@contextmanager
def _preferences(target: str) -> Iterator[None]:
    before = brian2.prefs.codegen.target
    brian2.prefs.codegen.target = target
    try:
        yield
    finally:
        brian2.prefs.codegen.target = before


@contextmanager
def _random_numbers(seed: int) -> Iterator[None]:
    """Seed Brian2, which draws from numpy's global generator, and put that generator back."""
    before = np.random.get_state()  # noqa: NPY002
    brian2.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


class Program:
    """A circuit compiled to a program of its own, to be run again and again with other values.

    Use it in a `with` statement; while it is open, Brian2 builds everything for this program.

    Args:
        circuit: what to simulate.
        duration: how long.
        record: what to keep.
        dt: time step, the circuit's own if None.
        seed: start of the random numbers.
        reason: why it is compiled.
    """

    def __init__(
        self,
        circuit: Circuit,
        duration: Quantity,
        record: Sequence[Recorder] = (),
        *,
        dt: Quantity | None = None,
        seed: int = 0,
        reason: str = "asked for",
    ) -> None:
        self._circuit, self._duration, self._record, self._seed = circuit, duration, tuple(record), seed
        self._step = circuit.dt if dt is None else dt
        self._choice = Choice(target="cpp_standalone", reason=reason)
        self._objects: dict[str, BrianObject] = {}
        self._monitors: dict[int, BrianObject] = {}
        self._network: Network | None = None

    def __enter__(self) -> "Program":
        started = time.perf_counter()
        gc.collect()  # names of objects that were dropped are free again, so that equal circuits give equal code
        set_device("cpp_standalone", build_on_run=False)
        try:
            with abandoned.quietly(), builds.compiler_flags(builds.precompiled_header()):
                self._build()
        except BaseException:
            self._leave()
            raise
        self._build_seconds = time.perf_counter() - started
        return self

    def _build(self) -> None:
        device = get_device()
        brian2.seed(self._seed)
        _, self._objects, self._monitors = assemble(self._circuit, self._record, self._step)
        self._network = Network(*self._objects.values(), *self._monitors.values(), name="simulation")
        self._network.run(self._duration, namespace={}, report="text", report_period=1 * second)
        self._folder = builds.prepared(device)
        self._home, self._reused = self._folder.__enter__()

    def run(self, parameters: Mapping[str, Quantity] | None = None, show_progress: bool = False) -> Recording:
        """Run the program with other values of variables that the equations declare.

        Args:
            parameters: `object.variable` -> value, or one value for each neuron.
            show_progress: whether to show the program's own reports.
        """
        started = time.perf_counter()
        device = get_device()
        values = {self._view(name): value for name, value in (parameters or {}).items()}
        self._clear_caches(device)
        device.run(directory=str(self._home), results_directory="results", with_output=show_progress, run_args=values)
        ended = float(self._duration) * getattr(device, "_last_run_completed_fraction", 1.0) * second
        divergence.check_final(self._objects, ended)
        return _collect(
            self._record, self._objects, self._monitors, ended, self._step, self._seed,
            interrupted=float(ended) < float(self._duration) - 0.5 * float(self._step),
            engine=_engine(self._choice, self._build_seconds, time.perf_counter() - started, reused=self._reused),
        )  # fmt: skip

    @property
    def folder(self) -> Path:
        """The folder of the compiled program."""
        return self._home

    def _view(self, name: str) -> object:
        group, variable = _variable(self._objects, name)
        return getattr(group, variable)

    def _clear_caches(self, device: object) -> None:
        for variable in list(device.array_cache):  # type: ignore[attr-defined]
            if not variable.constant or variable.dynamic:
                device.array_cache[variable] = None  # type: ignore[attr-defined]

    def __exit__(self, *_: object) -> None:
        self._folder.__exit__(None, None, None)
        self._leave()

    def _leave(self) -> None:
        # objects that live on would lend their names to nobody, and the same circuit would give other code
        self._objects, self._monitors, self._network = {}, {}, None
        get_device().reinit()
        reset_device(all_devices["runtime"])


def _variable(objects: Mapping[str, BrianObject], name: str) -> tuple[BrianObject, str]:
    group, _, variable = name.partition(".")
    if group not in objects or variable not in getattr(objects[group], "variables", {}):
        known = [f"{key}.{inner}" for key, thing in objects.items() for inner in getattr(thing, "equations", {})]
        raise InputError(f"there is no variable {name!r} to set; known: {', '.join(known)}.")
    return objects[group], variable


def _engine(choice: Choice, build: float, run: float, reused: bool) -> Engine:
    return Engine(
        target=choice.target, reason=choice.reason, build_seconds=build, run_seconds=run, reused=reused,
        versions={name: version(name) for name in ("brian2", "numpy")},
    )  # fmt: skip


def _collect(
    record: Sequence[Recorder],
    objects: Mapping[str, BrianObject],
    monitors: Mapping[int, BrianObject],
    ended: Quantity,
    step: Quantity,
    seed: int,
    interrupted: bool,
    engine: Engine,
) -> Recording:
    by_kind: dict[type, dict] = {Spikes: {}, Traces: {}, Rate: {}, Final: {}}
    for place, recorder in enumerate(record):
        source = objects[recorder.of]
        by_kind[type(recorder)][recorder.of] = _READERS[type(recorder)](recorder, source, monitors.get(place), ended)
    return Recording(
        spikes=by_kind[Spikes], traces=by_kind[Traces], rates=by_kind[Rate], final=by_kind[Final],
        duration=ended, dt=step, seed=seed, interrupted=interrupted, engine=engine,
    )  # fmt: skip


def _spikes(recorder: Spikes, source: BrianObject, monitor: BrianObject, ended: Quantity) -> SpikeTimes:
    return SpikeTimes(index=np.array(monitor.i), time=np.array(monitor.t_) * second, size=len(source), duration=ended)


def _samples(recorder: Traces, source: BrianObject, monitor: BrianObject, ended: Quantity) -> Samples:
    values = {name: best(getattr(monitor, name)) for name in recorder.variables}
    return Samples(time=best(monitor.t), which=np.array(recorder.which), values=values)


def _rate(recorder: Rate, source: BrianObject, monitor: BrianObject, ended: Quantity) -> Quantity:
    return best(monitor.rate)


def _final(recorder: Final, source: BrianObject, monitor: None, ended: Quantity) -> dict[str, Quantity]:
    return {name: best(getattr(source, name)[:]) for name in recorder.variables}


_READERS: dict[type, Callable[..., Any]] = {Spikes: _spikes, Traces: _samples, Rate: _rate, Final: _final}
