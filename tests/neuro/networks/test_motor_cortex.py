"""Motor cortex in Brian2 fires as the numpy one says: another integrator, other random numbers, the same rates."""

import numpy as np
import pytest
from brian2 import ms, second

from neurobridge.errors import InputError
from neurobridge.neuro.networks.motor_cortex import circuit
from neurobridge.neuro.recorders import Spikes, Traces
from neurobridge.neuro.simulate import simulate
from neurobridge.spikes.encode.motor_cortex import CORTICES, SPEED, MotorCortex

STEP, SECONDS = 0.02, 4.0


def intended():
    """Return a velocity that jumps every 0.2 s."""
    return np.random.default_rng(2).normal(0, SPEED, (20, 2)).repeat(10, axis=0)


@pytest.mark.parametrize("name", CORTICES)
def test_rates_are_those_of_the_numpy_population(name):
    cortex = CORTICES[name](96, np.random.default_rng(0))
    found = simulate(
        circuit(cortex, intended(), STEP * second), SECONDS * second,
        [Spikes("neurons"), Traces("neurons", ("rate",), which=(0, 7), every=20 * ms)], seed=1, target="numpy",
    )  # fmt: skip
    rates, _ = cortex.respond(intended(), STEP)
    # Brian2 shows a state at the beginning of a step, numpy at its end; jumps of the input reach cosine rates at once
    drawn = np.asarray(found.traces["neurons"]["rate"])
    if name == "rotating":
        assert np.allclose(drawn[:, 1:], rates[:-1, [0, 7]].T, rtol=0.1)
        assert np.median(np.abs(drawn[:, 1:] / rates[:-1, [0, 7]].T - 1)) < 0.02
    else:
        assert np.allclose(drawn, rates[:, [0, 7]].T, rtol=1e-9)
    counts = np.array([len(train) for train in found.spikes["neurons"].trains()])
    expected = rates.mean(axis=0) * SECONDS
    # 96 Poisson numbers: their sum beyond 4 standard deviations once in 16,000 seeds
    assert abs(counts.sum() - expected.sum()) < 4 * np.sqrt(expected.sum())
    # the mean of 96 squares is 1 with a standard deviation of about 0.15
    assert ((counts - expected) ** 2 / expected).mean() == pytest.approx(1, abs=0.6)


def test_a_cortex_without_equations_is_refused():
    class Silent(MotorCortex):
        neurons = 2

        def respond(self, intended, step, state=None):
            return np.zeros((len(intended), 2)), None

    with pytest.raises(InputError, match="a Silent has no equations for Brian2"):
        circuit(Silent(), intended(), 0.01 * second)
