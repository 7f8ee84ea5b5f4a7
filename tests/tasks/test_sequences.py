import numpy as np
import pytest

from neurobridge import tasks
from neurobridge.errors import InputError, UnknownNameError
from neurobridge.tasks import baselines
from neurobridge.tasks.moving_digits import STEPS, _paths
from neurobridge.tasks.scoring import IGNORE
from neurobridge.tasks.synthetic_sequences import BLANK, COPIED, GO


def test_rows_are_the_rows_of_the_images():
    images, rows = tasks.load("digits-augmented"), tasks.load("digits-augmented-rows")
    assert rows.input_shape == (12, 12)
    assert np.array_equal(rows.test.inputs, images.test.inputs[:, 0])
    assert np.array_equal(rows.test.groups, images.test.groups)


def test_permuted_pixels_are_the_same_pixels_in_one_fixed_order():
    images, pixels = tasks.load("digits").test.inputs, tasks.load("digits-permuted").test.inputs
    assert pixels.shape == (450, 64, 1)
    assert np.array_equal(np.sort(images.reshape(450, -1)), np.sort(pixels[..., 0]))
    assert not np.array_equal(images.reshape(450, -1), pixels[..., 0])
    order = tasks.load("digits-permuted", seed=1)
    assert np.array_equal(order.test.inputs[0, :, 0], tasks.load("digits", seed=1).test.inputs[0].ravel()[_order()])


def _order():
    everything = np.concatenate([tasks.load("digits").train.inputs, tasks.load("digits").test.inputs]).reshape(-1, 64)
    moved = np.concatenate([tasks.load("digits-permuted").train.inputs, tasks.load("digits-permuted").test.inputs])
    matches = (everything[:, :, None] == moved[:, None, :, 0]).all(axis=0)
    return np.array([np.flatnonzero(matches[:, place])[0] for place in range(64)])


def test_adding_asks_for_the_sum_of_the_marked_numbers():
    task = tasks.load("adding", length=30)
    numbers, marks = task.test.inputs[..., 0], task.test.inputs[..., 1]
    assert (marks[:, :15].sum(axis=1) == 1).all()
    assert (marks[:, 15:].sum(axis=1) == 1).all()
    assert np.allclose((numbers * marks).sum(axis=1), task.test.targets[:, 0])
    # Var(u + v) = 1/6; 2000 samples put the mean within 5 % at 4 sigma
    assert task.judge(baselines.fit("mean", task)).summary == pytest.approx(1 / 6, rel=0.1)


def test_copy_memory_asks_for_the_symbols_after_the_delay():
    task = tasks.load("copy-memory", delay=7)
    first, targets = task.test.inputs[0], task.test.targets[0]
    assert (first[COPIED : COPIED + 6] == BLANK).all()
    assert first[COPIED + 6] == GO
    assert (targets[:-COPIED] == IGNORE).all()
    assert np.array_equal(targets[-COPIED:], first[:COPIED])


def test_a_network_without_memory_cannot_copy():
    task = tasks.load("copy-memory")
    # 1/8 of 20,000 symbols: a standard error of 0.23 %
    assert task.judge(baselines.fit("most frequent", task)).summary == pytest.approx(12.5, abs=1.2)


def test_parity_flips_at_every_one():
    task = tasks.load("parity", length=5)
    bits, parity = task.test.inputs[..., 0].astype(int), task.test.targets
    assert np.array_equal(parity[:, 0], bits[:, 0])
    assert np.array_equal(parity[:, 1:], parity[:, :-1] ^ bits[:, 1:])


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("adding", {"length": 0}, "length of at least 2; got 0"),
        ("copy-memory", {"delay": 0}, "delay of at least 1; got 0"),
        ("parity", {"length": 0}, "length of at least 1; got 0"),
    ],
)
def test_sequences_of_length_zero_are_refused(name, options, message):
    with pytest.raises(InputError, match=message):
        tasks.load(name, **options)


def test_an_unknown_option_of_a_task_suggests_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'length'"):
        tasks.load("adding", lenght=3)


def test_moving_digits_move_and_stay_inside():
    paths = _paths(500, np.random.default_rng(0))
    assert np.abs(paths).max() <= 3
    moved = np.linalg.norm(np.diff(paths, axis=1), axis=2)
    assert moved.max() <= 1.5 + 1e-9
    assert np.median(moved) == pytest.approx(1.5)


def test_one_picture_of_a_moving_digit_shows_less_than_the_video():
    task = tasks.load("moving-digits")
    assert task.input_shape == (STEPS, 1, 16, 16)
    lit = (task.test.inputs > 0).mean(axis=(0, 2, 3, 4))
    assert (lit < 0.12).all()
    assert ((task.test.inputs > 0).any(axis=1)).mean() > 2 * lit.max()
