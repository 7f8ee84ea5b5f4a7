"""Many candidates for the parameters of one neuron under the same current, simulated at once and again and again."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from brian2 import Quantity

from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.recorders import Spikes, Traces
from neurobridge.neuro.recording import Recording
from neurobridge.neuro.simulate import Program, simulate
from neurobridge.neuro.stimuli import Stimulus
from neurobridge.neuro.target import choose

Behaviour = tuple[list[np.ndarray], np.ndarray]
WEIGHT = 3.0  # work of a step with one value a neuron for each parameter and an exponential, in leaky neurons


@contextmanager
def behaviours(
    model: NeuronModel,
    stimulus: Stimulus,
    duration: Quantity,
    units: dict[str, Quantity],
    size: int,
    rounds: int,
    every: Quantity | None = None,
    dt: Quantity | None = None,
    target: str = "auto",
) -> Iterator[Callable[[np.ndarray], Behaviour]]:
    """Yield a function from `(parameter, candidate)` values to spike trains and voltages `(candidate, sample)`.

    A search of many rounds is compiled once and runs again with other values.

    Args:
        model: the neuron.
        stimulus: what all candidates are given.
        duration: of the simulation.
        units: parameter -> its unit.
        size: most candidates in a round.
        rounds: how often the function will be called.
        every: interval between samples of the voltage; None records none.
        dt: time step, the model's own if None.
        target: as for `simulate`.
    """
    step = model.dt if dt is None else dt
    record: list[Spikes | Traces] = [Spikes("neurons")]
    if every is not None:
        record.append(Traces("neurons", (model.voltage,), tuple(range(size)), every))
    start = {name: np.full(size, float(np.mean(model.parameters[name]))) * unit for name, unit in units.items()}
    circuit = single(model.with_parameters(**start), stimulus, size, step)
    chosen = choose(target, rounds * round(float(duration / step)), size, 0, WEIGHT).target

    def behaviour(run: Callable[[dict[str, Quantity]], Recording], table: np.ndarray) -> Behaviour:
        full = np.concatenate([table, np.repeat(table[:, -1:], size - table.shape[1], axis=1)], axis=1)
        found = run({f"neurons.{name}": row * unit for (name, unit), row in zip(units.items(), full, strict=True)})
        voltage = np.asarray(found.traces["neurons"][model.voltage]) if every is not None else np.empty((size, 0))
        return found.spikes["neurons"].trains()[: table.shape[1]], voltage[: table.shape[1]]

    if chosen == "cpp_standalone":
        with Program(circuit, duration, record, dt=step) as program:
            yield lambda table: behaviour(program.run, table)
    else:
        yield lambda table: behaviour(
            lambda values: simulate(circuit, duration, record, dt=step, target=chosen, parameters=values),
            table,
        )


def units_of(values: Sequence[tuple[str, Quantity]]) -> dict[str, Quantity]:
    """Return the unit of each named value."""
    return {name: Quantity(1.0, dim=getattr(value, "dim", {})) for name, value in values}
