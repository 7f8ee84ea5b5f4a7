"""What is said of a network's activity follows from its spikes."""

import numpy as np
import pytest
from brian2 import Hz, ms, second

from neurobridge.errors import SimulationError
from neurobridge.neuro.networks.activity import activity
from neurobridge.neuro.recording import Recording, SpikeTimes


def together(rate, neurons=20, duration=2.0):
    """Return a recording of neurons that all fire at the same regular times."""
    times = np.repeat(np.arange(0, duration, 1 / rate) + 1e-4, neurons)
    spikes = SpikeTimes(
        index=np.tile(np.arange(neurons), len(times) // neurons),
        time=times * second,
        size=neurons,
        duration=duration * second,
    )
    return Recording(
        spikes={"neurons": spikes}, traces={}, rates={}, final={}, duration=duration * second, dt=0.1 * ms, seed=0,
        interrupted=False, engine=None,
    )  # fmt: skip


def test_the_spectrum_of_a_clock_is_a_comb_from_its_rate_on():
    found = activity("clock", together(40.0), bin_width=1 * ms)
    frequency, power = found.spectrum("neurons", segment=1000)
    assert frequency[1] == 1.0 and abs(float(found.rhythm("neurons", high=60 * Hz) / Hz) - 40) < 1
    teeth = power[np.isin(frequency, np.arange(40, 500, 40))]
    between = power[np.isin(frequency, np.arange(60, 500, 40))]
    assert teeth.min() > 100 * between.max()


def test_what_is_drawn_are_the_spikes():
    (group,) = activity("clock", together(40.0), bin_width=1 * ms).populations()
    assert (group.name, group.size, len(group.time)) == ("neurons", 20, 20 * 80)
    assert group.rate.mean() == 40.0


def test_a_run_that_ended_in_its_start_up_shows_nothing():
    with pytest.raises(SimulationError, match="clock ran for 2000 ms only, its start-up takes 3000 ms"):
        activity("clock", together(40.0), start=3 * second)
