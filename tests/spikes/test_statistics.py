"""Statistics of spike trains: published and closed-form values, and agreement with Elephant."""

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.spikes import trains
from neurobridge.spikes.statistics import correlation, distances, information, intervals

elephant_statistics = pytest.importorskip("elephant.statistics")
import quantities as pq  # noqa: E402
from elephant import conversion, spike_train_correlation, spike_train_dissimilarity  # noqa: E402

from neurobridge.spikes.exchange import to_neo  # noqa: E402

GAPS = np.array([1.0, 2.0, 3.0, 4.0, 10.0])


def pair(seed=1, rate=30.0, duration=10.0):
    random = np.random.default_rng(seed)
    return [trains.poisson(rate, duration, random) for _ in range(2)]


def test_regularity_of_known_intervals():
    assert intervals.variation(GAPS) == pytest.approx(0.790569, abs=1e-6)
    assert intervals.variation_of_neighbours(GAPS) == pytest.approx(0.552381, abs=1e-6)
    assert intervals.local_variation(GAPS) == pytest.approx(0.266395, abs=1e-6)


def test_regularity_agrees_with_elephant():
    gaps = intervals.intervals(pair()[0])
    assert intervals.variation(gaps) == pytest.approx(float(elephant_statistics.cv(gaps)))
    assert intervals.variation_of_neighbours(gaps) == pytest.approx(elephant_statistics.cv2(gaps))
    assert intervals.local_variation(gaps) == pytest.approx(elephant_statistics.lv(gaps))


def test_fano_factor_agrees_with_elephant():
    random = np.random.default_rng(2)
    trials = [trains.gamma(30.0, 3.0, 5.0, random) for _ in range(50)]
    segment = to_neo(trials, 5.0)
    assert intervals.fano_factor(trials, 0.0, 5.0) == pytest.approx(elephant_statistics.fanofactor(segment.spiketrains))


def test_rates():
    trials = [np.array([0.1, 0.6]), np.array([0.15])]
    assert intervals.peristimulus_histogram(trials, 1.0, 0.5).tolist() == [2.0, 1.0]
    smooth = intervals.smoothed_rate(np.array([5.0]), 10.0, 0.2, 0.01)
    assert smooth.sum() * 0.01 == pytest.approx(1.0, abs=1e-9)
    assert intervals.rate(trials[0], 2.0) == 1.0


def test_correlogram_agrees_with_elephant():
    first, second = pair()
    lags, pairs = correlation.cross_correlogram(first, second, 0.05, 0.005)
    binned = [conversion.BinnedSpikeTrain(t, bin_size=5 * pq.ms) for t in to_neo([first, second], 10.0).spiketrains]
    theirs = spike_train_correlation.cross_correlation_histogram(*binned, window=[-10, 10])[0]
    # ours counts the lags themselves, theirs the lags of bins: the totals agree to the edge bins
    assert pairs.sum() == pytest.approx(float(theirs.magnitude.sum()), rel=0.05)
    assert np.allclose(lags, np.arange(-10, 11) * 0.005)


def test_correlogram_finds_a_delay_and_its_mirror():
    first, _ = pair()
    lags, pairs = correlation.cross_correlogram(first, first + 0.012, 0.05, 0.004)
    assert lags[pairs.argmax()] == pytest.approx(0.012)
    _, mirrored = correlation.cross_correlogram(first + 0.012, first, 0.05, 0.004)
    assert np.array_equal(mirrored[::-1], pairs)
    _, own = correlation.auto_correlogram(first, 0.05, 0.004)
    assert np.array_equal(own, own[::-1])


def test_tiling_and_correlation_agree_with_elephant():
    first, second = pair(3)
    mixed = np.sort(np.append(second[::2], first[::2] + 0.001))
    neo_trains = to_neo([first, mixed], 10.0).spiketrains
    ours = correlation.spike_time_tiling(first, mixed, 10.0, 0.005)
    theirs = spike_train_correlation.spike_time_tiling_coefficient(*neo_trains, dt=5 * pq.ms)
    # Elephant 1.2 compares times with a relative tolerance too, up to 0.1 ms after 10 s
    assert ours == pytest.approx(theirs, abs=0.01)
    binned = conversion.BinnedSpikeTrain(neo_trains, bin_size=10 * pq.ms)
    ours = correlation.correlation_coefficient([first, mixed], 10.0, 0.010)
    # spikes that fall on an edge may be binned to either side
    assert np.allclose(ours, spike_train_correlation.correlation_coefficient(binned), atol=0.01)


def test_synchrony_of_equal_and_of_independent_trains():
    random = np.random.default_rng(4)
    one = trains.poisson(20.0, 50.0, random)
    assert correlation.synchrony([one] * 5, 50.0, 0.01) == pytest.approx(1.0)
    independent = [trains.poisson(20.0, 50.0, random) for _ in range(100)]
    assert correlation.synchrony(independent, 50.0, 0.01) == pytest.approx(0.1, rel=0.1)


def test_the_spectrum_finds_an_oscillation():
    rate = 50 * (1 + np.sin(2 * np.pi * 40 * np.arange(10000) * 0.001))
    train = trains.inhomogeneous_poisson(rate, 0.001, np.random.default_rng(5))
    activity = trains.counts(train, 10.0, 0.001).astype(float)
    assert correlation.peak_frequency(activity, 0.001, 20, 100) == pytest.approx(40, abs=1)


def test_distances_of_known_pairs():
    lone = np.array([0.010])
    assert distances.van_rossum(lone, np.empty(0), 0.010) == pytest.approx(1.0)
    assert distances.van_rossum(lone, lone + 0.003, 0.010) == pytest.approx(0.719975, abs=1e-6)
    three, moved = np.array([0.010, 0.020, 0.030]), np.array([0.012, 0.024, 0.030])
    assert distances.van_rossum(three, moved, 0.010) == pytest.approx(0.983968, abs=1e-6)
    assert distances.victor_purpura(lone, lone + 0.003, 100.0) == pytest.approx(0.3)
    assert distances.victor_purpura(lone, lone + 0.003, 1000.0) == pytest.approx(2.0)
    assert distances.victor_purpura(three, moved, 100.0) == pytest.approx(0.6)


@pytest.mark.parametrize("seed", range(5))
def test_distances_agree_with_elephant_and_are_metrics(seed):
    first, second = pair(seed, rate=10.0, duration=2.0)
    neo_trains = to_neo([first, second], 2.0).spiketrains
    theirs = spike_train_dissimilarity.victor_purpura_distance(neo_trains, cost_factor=50 * pq.Hz)[0, 1]
    assert distances.victor_purpura(first, second, 50.0) == pytest.approx(theirs)
    theirs = spike_train_dissimilarity.van_rossum_distance(neo_trains, time_constant=20 * pq.ms)[0, 1]
    assert distances.van_rossum(first, second, 0.020) == pytest.approx(theirs)
    third = pair(seed + 10, rate=10.0, duration=2.0)[0]
    direct = distances.victor_purpura(first, second, 50.0)
    assert direct <= distances.victor_purpura(first, third, 50.0) + distances.victor_purpura(third, second, 50.0) + 1e-9
    assert direct == pytest.approx(distances.victor_purpura(second, first, 50.0))


def test_information_of_a_binary_symmetric_channel():
    random = np.random.default_rng(7)
    sent = random.integers(0, 2, 20000)
    received = sent ^ (random.random(20000) < 0.1)
    closed = 1 + 0.1 * np.log2(0.1) + 0.9 * np.log2(0.9)
    # the standard error of the estimate is about 0.005 bits
    assert information.mutual_information(sent, received) == pytest.approx(closed, abs=0.02)


def test_the_correction_removes_most_of_the_bias():
    random = np.random.default_rng(8)
    pairs = [(random.integers(0, 4, 60), random.integers(0, 4, 60)) for _ in range(300)]
    plain = np.mean([information.mutual_information(*p, corrected=False) for p in pairs])
    corrected = np.mean([information.mutual_information(*p) for p in pairs])
    # independent variables share no information; the uncorrected bias is (4 - 1)(4 - 1) / (2 x 60 ln 2) = 0.108
    assert plain == pytest.approx(0.108, abs=0.02)
    assert abs(corrected) < 0.2 * plain


def test_words():
    assert information.words(np.array([0.001, 0.012]), 0.02, 0.005, 2).tolist() == [[1, 0], [1, 0]]


def test_refusals():
    with pytest.raises(InputError, match="CV2 needs at least 2 intervals; there are 1"):
        intervals.variation_of_neighbours(np.array([1.0]))
    with pytest.raises(InputError, match="positive duration"):
        intervals.rate(np.array([1.0]), 0.0)
    with pytest.raises(InputError, match="a Fano factor needs two trials"):
        intervals.fano_factor([np.array([1.0])], 0.0, 2.0)
    with pytest.raises(InputError, match="at least one trial"):
        intervals.peristimulus_histogram([], 1.0, 0.1)
    with pytest.raises(InputError, match="a spike in both trains"):
        correlation.spike_time_tiling(np.empty(0), np.array([1.0]), 1.0, 0.1)
    with pytest.raises(InputError, match="synchrony needs activity that changes"):
        correlation.synchrony([np.empty(0)], 1.0, 0.1)
    with pytest.raises(InputError, match="no frequency between 1 and 2 Hz is resolved"):
        correlation.peak_frequency(np.ones(64), 0.001, 1, 2)
    with pytest.raises(InputError, match="time constant must be positive"):
        distances.van_rossum(np.array([1.0]), np.array([1.0]), 0.0)
    with pytest.raises(InputError, match="3 stimuli and 2 responses"):
        information.mutual_information(np.zeros(3), np.zeros(2))
    with pytest.raises(InputError, match="at least one observation"):
        information.entropy(np.zeros(3))
