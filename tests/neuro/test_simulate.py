"""The engine: seeds, units, refusals, the watch on NaN, Ctrl-C, and compiled programs that run again."""

import gc
import os
import re
import signal

import brian2
import numpy as np
import pytest
from brian2 import NeuronGroup, ms, mV, nA, second

from neurobridge.errors import InputError, SimulationError, UnknownNameError
from neurobridge.neuro import manner, memory, target
from neurobridge.neuro.circuit import Circuit, single
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.progress import line
from neurobridge.neuro.recorders import Final, Rate, Spikes, Traces
from neurobridge.neuro.simulate import Program, complete, simulate
from neurobridge.neuro.stimuli import constant, noise

LEAKY = neuron("leaky")


def noisy(size=20):
    return single(LEAKY, noise(2 * nA * np.ones(size), 1 * nA), size, 0.1 * ms)


def test_the_same_seed_gives_the_same_spikes_and_another_seed_others():
    first, again, other = (simulate(noisy(), 200 * ms, [Spikes("neurons")], seed=s) for s in (1, 1, 2))
    assert np.array_equal(first.spikes["neurons"].time, again.spikes["neurons"].time)
    assert not np.array_equal(first.spikes["neurons"].time, other.spikes["neurons"].time)


def test_global_state_is_left_alone():
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    before = brian2.prefs.codegen.target, brian2.defaultclock.dt
    np.random.seed(5)  # noqa: NPY002
    simulate(noisy(), 20 * ms, [Spikes("neurons")], dt=0.5 * ms)
    assert np.random.random() == expected  # noqa: NPY002
    assert (brian2.prefs.codegen.target, brian2.defaultclock.dt) == before


def test_recordings_carry_units_and_axes():
    record = [Spikes("neurons"), Traces("neurons", ("v",), which=(0, 3), every=1 * ms), Rate("neurons")]
    found = simulate(noisy(), 100 * ms, [*record, Final("neurons", ("v",))])
    trace = found.traces["neurons"]["v"]
    assert trace.shape == (2, 100)
    assert trace.dim is (1 * mV).dim
    assert found.rates["neurons"].shape == (1000,)
    assert found.final["neurons"]["v"].shape == (20,)
    spikes = found.spikes["neurons"]
    assert sum(len(train) for train in spikes.trains()) == len(spikes.time) == spikes.counts().sum()
    assert float(spikes.rate()) == pytest.approx(len(spikes.time) / 20 / 0.1)


def test_a_trace_that_was_not_recorded_is_named():
    found = simulate(noisy(), 5 * ms, [Traces("neurons", ("v",))])
    with pytest.raises(UnknownNameError, match="unknown recorded variable 'w'"):
        found.traces["neurons"]["w"]
    with pytest.raises(UnknownNameError, match="unknown recorded object 'neuron'; did you mean 'neurons'"):
        simulate(noisy(), 5 * ms, [Spikes("neuron")])


@pytest.mark.parametrize("duration", [0 * ms, 3.0, 2 * nA])
def test_a_duration_that_is_no_positive_time_is_refused(duration):
    with pytest.raises(InputError, match="duration must be a positive time with a unit"):
        simulate(noisy(), duration)


def test_objects_on_the_global_clock_are_refused():
    circuit = Circuit(build=lambda clock: {"lost": NeuronGroup(1, "v : 1", name="lost")}, neurons=1, dt=0.1 * ms)
    with pytest.raises(InputError, match="'lost' runs on Brian2's global clock"):
        simulate(circuit, 1 * ms)


def test_a_value_that_is_not_a_number_is_named():
    def build(clock):
        group = NeuronGroup(3, "dx/dt = rate*x**2 : 1\nrate : Hz", method="euler", clock=clock, name="runaway")
        group.x, group.rate = 1, [0, 0, 300] * brian2.Hz
        return {"runaway": group}

    with pytest.raises(SimulationError, match=r"'x' of 'runaway' is not a finite number in neuron 2 at t = \d+ ms"):
        simulate(Circuit(build=build, neurons=3, dt=0.1 * ms), 100 * ms)


def test_ctrl_c_keeps_what_was_recorded():
    def build(clock):
        group = NeuronGroup(1, "dv/dt = 1/second : 1", clock=clock, method="euler", name="cell")
        interrupt = brian2.NetworkOperation(
            lambda: clock.t > 5 * ms and os.kill(os.getpid(), signal.SIGINT), clock=clock, name="keyboard"
        )
        return {"cell": group, "keyboard": interrupt}

    found = simulate(Circuit(build=build, neurons=1, dt=0.1 * ms), 1 * second, [Traces("cell", ("v",))])
    assert found.interrupted
    assert 5 * ms < found.duration < 7 * ms
    assert len(found.traces["cell"].time) == round(float(found.duration / (0.1 * ms)))


def test_ctrl_c_tells_when_it_was_and_ends_measurements(capsys):
    def build(clock):
        group = NeuronGroup(1, "dv/dt = 1/second : 1", clock=clock, method="euler", name="cell")
        interrupt = brian2.NetworkOperation(
            lambda: clock.t > 5 * ms and os.kill(os.getpid(), signal.SIGINT), clock=clock, name="keyboard"
        )
        return {"cell": group, "keyboard": interrupt}

    # a part of a run would give a wrong threshold, period or impedance
    with pytest.raises(KeyboardInterrupt):
        complete(Circuit(build=build, neurons=1, dt=0.1 * ms), 1 * second)
    assert re.search(r"stopped at \d(\.\d+)? ms of 1000 ms; what was recorded is kept", capsys.readouterr().err)


@pytest.mark.parametrize("target", ["numpy", "cpp_standalone"])
@pytest.mark.parametrize("ending", [KeyboardInterrupt, InputError])
def test_a_circuit_that_is_never_finished_leaves_no_warnings(target, ending, caplog):
    def build(clock):
        group = NeuronGroup(1, "dv/dt = 1/second : 1", clock=clock, method="euler", name="half_built")
        brian2.Synapses(group, group, "w : 1", clock=clock).connect()
        raise ending("while it is built")

    kept = NeuronGroup(1, "v : 1", name="somebody_elses")
    with pytest.raises(ending):
        simulate(Circuit(build=build, neurons=1, dt=0.1 * ms), 10 * ms, target=target)
    gc.collect()
    assert "never included in a network" not in caplog.text
    brian2.Network(kept).run(0.1 * ms)  # what the run did not build can still be used


def test_the_manner_of_a_run_holds_for_what_runs_inside(capsys):
    with manner.running(manner.Manner(target="numpy", show_progress=True)):
        found = simulate(noisy(), 5 * ms)
        with pytest.raises(InputError, match="unknown target 'fortran'; choose one of auto, numpy"):
            simulate(noisy(), 5 * ms, target="fortran")
    assert found.engine.reason == "asked for"
    assert re.search(r"numpy: asked for; about \d+ MiB", capsys.readouterr().err)
    assert simulate(noisy(), 5 * ms).engine.reason != "asked for"


def test_parameters_can_be_set_and_wrong_names_list_the_right_ones():
    circuit = single(LEAKY, constant(np.array([3.0]) * nA))
    quiet = simulate(circuit, 50 * ms, [Spikes("neurons")], parameters={"neurons.amplitude": 0 * nA})
    assert quiet.spikes["neurons"].counts().sum() == 0
    with pytest.raises(InputError, match=r"no variable 'neurons.amp' to set; known: .*neurons.amplitude"):
        simulate(circuit, 50 * ms, parameters={"neurons.amp": 0 * nA})


def test_the_target_is_chosen_by_work_and_explained():
    assert target.choose("auto", 1000, 10, 0).target == "numpy"
    assert "compiling takes 30 s" in target.choose("auto", 1000, 10, 0).reason
    if target.has_compiler():
        assert target.choose("auto", 10**6, 4000, 10**5).target == "cpp_standalone"
    with pytest.raises(InputError, match="unknown target 'gpu'; choose one of auto, numpy"):
        target.choose("gpu", 1, 1, 0)


def test_too_much_memory_is_refused_before_the_run():
    with pytest.raises(SimulationError, match="GiB are free; record fewer neurons"):
        simulate(noisy(), 1000 * second, [Traces("neurons", ("v",), which=tuple(range(20)))], dt=1e-9 * second)
    assert memory.estimate(noisy(), 1 * second, 1 * ms, [Traces("neurons", ("v",))]) == 20 * 200 + 8 * 2 * 1000


def test_progress_says_how_long_it_will_take():
    assert line(2.0, 0.25, 4.0) == " 25 % of 4 s, 6 s left"
    assert line(3.0, 1.0, 4.0) == "simulated 4 s in 3.0 s"


@pytest.mark.slow
def test_a_compiled_program_agrees_with_numpy_and_runs_again_with_other_values(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROBRIDGE_CACHE", str(tmp_path))
    currents = np.linspace(1.5, 3, 50) * nA
    circuit = single(LEAKY, constant(currents), 50)
    plain = simulate(circuit, 200 * ms, [Spikes("neurons")], target="numpy")
    with Program(circuit, 200 * ms, [Spikes("neurons")]) as program:
        compiled = program.run()
        assert not compiled.engine.reused
        assert np.array_equal(compiled.spikes["neurons"].counts(), plain.spikes["neurons"].counts())
        silent = program.run({"neurons.amplitude": 1 * nA})
        assert silent.spikes["neurons"].counts().sum() == 0
    assert type(brian2.get_device()).__name__ == "RuntimeDevice"
    again = simulate(circuit, 200 * ms, [Spikes("neurons")], target="cpp_standalone", seed=3)
    assert again.engine.reused
    assert np.array_equal(again.spikes["neurons"].index, compiled.spikes["neurons"].index)
