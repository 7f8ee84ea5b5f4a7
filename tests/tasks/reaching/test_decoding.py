"""The task of decoding movement: its number is R², its sides do not overlap, and files stand in for the simulation."""

import numpy as np
import pytest
from sklearn.metrics import r2_score

from neurobridge import tasks
from neurobridge.errors import FileFormatError, InputError, UnknownNameError
from neurobridge.spikes import recordings
from neurobridge.spikes.recordings.recording import MovementRecording
from neurobridge.tasks import baselines
from neurobridge.tasks.reaching.decoding import decoding
from neurobridge.tasks.reaching.reaches import STEP, session
from neurobridge.tasks.reaching.simulated import LEAD, cortex, intended, part, simulate
from tests.spikes.recordings.files import write_matlab


@pytest.fixture(scope="module", params=["reaching", "reaching-cosine"])
def task(request):
    return tasks.load(request.param, neurons=48, minutes=4)


def test_the_score_is_the_r2_of_scikit_learn(task):
    random = np.random.default_rng(0)
    outputs = task.test.targets + random.normal(0, 0.5, task.test.targets.shape)
    truth = task.test.targets.reshape(-1, 2)
    scores = task.judge(lambda inputs: outputs[: len(inputs)])
    assert scores.summary == pytest.approx(100 * r2_score(truth, outputs.reshape(-1, 2)), abs=2)


def test_the_score_is_exactly_r2_where_every_bin_is_judged():
    steps = 40
    recording = simulate("cosine", neurons=8, duration=100.0, seed=3)
    whole = decoding("whole", recording, steps=steps)
    truth = whole.test.targets.reshape(-1, 2)
    bins = len(recording.binned(0.05)[0])
    assert len(truth) == bins - int(0.8 * bins)
    outputs = truth + np.random.default_rng(0).normal(0, 0.3, truth.shape)
    found = whole.judge(lambda inputs: outputs.reshape(-1, steps, 2)).summary
    assert found == pytest.approx(100 * r2_score(truth, outputs), abs=1e-4)


def test_the_classical_decoders_beat_the_mean_in_their_order(task):
    found = {name: task.judge(baselines.fit(name, task)).summary for name in task.baselines}
    assert 60 < found["Wiener filter"] <= found["Wiener cascade"] + 1
    assert found["Kalman filter"] > 60
    assert task.judge(lambda inputs: np.zeros((len(inputs), *task.train.targets.shape[1:]))).summary < 1


def test_sides_do_not_overlap_and_sequences_that_share_bins_share_a_group(task):
    steps = task.input_shape[0]
    assert len(np.unique(task.test.groups)) == len(task.test)
    first, second = task.train.inputs[0], task.train.inputs[1]
    assert np.array_equal(first[steps // 2 :], second[: steps // 2])
    assert task.train.groups[0] == task.train.groups[1]


def test_a_written_simulation_is_the_same_task(tmp_path):
    made = simulate("rotating", neurons=12, duration=60.0, seed=2)
    path = recordings.write(made, tmp_path / "session.npz")
    found, own = tasks.load("reaching", path, steps=20), decoding("reaching", made, steps=20)
    assert np.array_equal(found.test.inputs, own.test.inputs)
    assert np.array_equal(found.test.targets, own.test.targets)
    assert found.title == "Decoding movement: simulated, rotating motor cortex"


def test_a_session_of_matlab_is_decoded(tmp_path):
    made = simulate("cosine", neurons=12, duration=60.0, seed=2)
    path = write_matlab(tmp_path / "indy.mat", made)
    found = tasks.load("reaching", path, steps=20)
    assert np.array_equal(found.test.inputs, decoding("x", made, steps=20).test.inputs)
    assert found.judge(baselines.fit("Kalman filter", found)).summary > 20


def test_counts_follow_the_rates_of_the_cortex():
    made = simulate("cosine", "centre-out", neurons=10, duration=300.0, seed=1)
    moved = session("centre-out", 300.0, part(1, "reaches"))
    rates, _ = cortex("cosine", 10, 1).respond(intended(moved), STEP)
    expected, found = rates.mean(axis=0) * 300, np.array([len(train) for train in made.trains])
    # ten Poisson numbers: one of them beyond 4 standard deviations once in 1,500 seeds
    assert (np.abs(found - expected) < 4 * np.sqrt(expected)).all()
    assert np.allclose(intended(moved)[: -round(LEAD / STEP)], moved.velocity[round(LEAD / STEP) :])


def test_the_same_seed_gives_the_same_spikes():
    first, second = (simulate("rotating", neurons=4, duration=5.0, seed=4) for _ in range(2))
    assert all(np.array_equal(*trains) for trains in zip(first.trains, second.trains, strict=True))


def still():
    made = simulate("cosine", neurons=4, duration=60.0, seed=0)
    flat = made.position * [1.0, 0.0]
    return MovementRecording(trains=made.trains, time=made.time, position=flat, source="flat")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 3}, "at least 4 bins each"),
        ({"steps": 100}, "a recording of 50 s or more; this one has 29.99 s"),
        ({"width": 0.0}, "bins must be above 0"),
        ({"neurons": 1}, "two neurons or more; asked for 1"),
    ],
)
def test_tasks_that_cannot_be_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        tasks.load("reaching", **({"minutes": 0.5, "neurons": 4} | options))


def test_an_axis_that_never_moves_is_named():
    with pytest.raises(InputError, match="axis 1 never moves"):
        decoding("flat", still(), steps=10)


def test_unknown_populations_and_missing_files_are_named(tmp_path):
    with pytest.raises(UnknownNameError, match="unknown population 'rotate'; did you mean 'rotating'"):
        simulate("rotate")
    with pytest.raises(FileFormatError, match="there is no recording"):
        tasks.load("reaching", tmp_path / "none.nwb")
