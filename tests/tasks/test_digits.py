import numpy as np
import pytest

from neurobridge import tasks
from neurobridge.errors import UnknownNameError
from neurobridge.tasks import baselines


def test_the_split_is_the_stated_one():
    task = tasks.load("digits")
    assert (len(task.train) + len(task.validation), len(task.test)) == (1347, 450)
    assert task.train.inputs.dtype == np.float32
    assert (task.train.inputs.min(), task.train.inputs.max()) == (0, 1)


def test_no_image_is_on_two_sides():
    task = tasks.load("digits")
    everything = np.concatenate([side.groups for side in (task.train, task.validation, task.test)])
    assert sorted(everything) == list(range(1797))


def test_every_class_keeps_its_share():
    counts = np.bincount(tasks.load("digits").test.targets)
    assert counts.min() >= 43
    assert counts.max() <= 46


def test_the_seed_fixes_the_split():
    assert not np.array_equal(tasks.load("digits", seed=1).test.groups, tasks.load("digits").test.groups)


def test_logistic_regression_reaches_its_known_accuracy():
    # 0.969 in 5-fold cross-validation by scikit-learn itself; 450 images give a standard error of 0.8 points
    task = tasks.load("digits")
    assert task.judge(baselines.fit("logistic regression", task)).summary == pytest.approx(96.9, abs=2.5)


def test_an_unknown_baseline_is_refused():
    with pytest.raises(UnknownNameError, match="unknown baseline"):
        baselines.fit("guessing", tasks.load("digits"))


def test_augmented_copies_keep_originals_apart():
    task = tasks.load("digits-augmented")
    assert (len(task.train), len(task.validation), len(task.test)) == (24240, 2700, 9000)
    assert not set(task.test.groups) & (set(task.train.groups) | set(task.validation.groups))
    assert set(task.test.groups) == set(tasks.load("digits").test.groups)
    assert np.unique(task.test.groups, return_counts=True)[1].tolist() == [20] * 450


def test_augmented_copies_differ_and_stay_in_range():
    test = tasks.load("digits-augmented").test
    assert len(np.unique(test.inputs.reshape(9000, -1), axis=0)) == 9000
    assert (test.inputs.min(), test.inputs.max()) == (0, 1)


def test_augmented_labels_are_those_of_the_originals():
    plain, copies = tasks.load("digits").test, tasks.load("digits-augmented").test
    label = dict(zip(plain.groups, plain.targets, strict=True))
    assert all(label[group] == target for group, target in zip(copies.groups, copies.targets, strict=True))
