import importlib
import inspect

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.metrics import precision_score, recall_score

from neurobridge import tasks
from neurobridge.errors import InputError, UnknownNameError
from neurobridge.tasks.scoring import IGNORE, SCORINGS, precision_and_recall
from neurobridge.tasks.task import ACCURACY, Metric, Scores, Split, SupervisedTask


def task(**changes):
    inputs = np.arange(12, dtype=np.float32).reshape(6, 2)
    side = Split(inputs=inputs, targets=np.array([0, 1, 0, 1, 0, 1]), groups=np.array([7, 7, 8, 8, 9, 9]))
    settings = {"input_shape": (2,), "output_size": 2, "train": side, "validation": side, "test": side}
    return SupervisedTask(name="toy", title="Toy", source="here", metric=ACCURACY, **(settings | changes))


def always_zero(inputs):
    return np.tile([1.0, 0.0], (len(inputs), 1))


def test_scores_keep_one_value_and_one_group_a_unit():
    scores = task().judge(always_zero)
    assert scores.values.tolist() == [1, 0, 1, 0, 1, 0]
    assert scores.groups.tolist() == [7, 7, 8, 8, 9, 9]
    assert scores.summary == 50.0


@pytest.mark.parametrize("batch", [1, 4, 512])
def test_scores_do_not_depend_on_the_batch(batch):
    assert task().judge(lambda x: x[:, ::-1], batch=batch).values.tolist() == [1, 0, 1, 0, 1, 0]


def test_limit_judges_the_first_samples():
    assert len(task().judge(always_zero, limit=3).values) == 3


def test_calibration_comes_from_the_training_side_without_repetition():
    drawn = task().calibration(6, seed=3)
    assert sorted(drawn[:, 0]) == [0, 2, 4, 6, 8, 10]
    assert np.array_equal(drawn, task().calibration(6, seed=3))


@pytest.mark.parametrize("count", [0, 7])
def test_calibration_refuses_more_than_there_is(count):
    with pytest.raises(InputError, match="can give 1 to 6 inputs"):
        task().calibration(count)


def test_outputs_of_a_wrong_shape_are_refused():
    with pytest.raises(InputError, match=r"shape \(6, 3\) for 6 inputs; expected \(6, 2\)"):
        task().judge(lambda inputs: np.zeros((len(inputs), 3)))


def test_outputs_that_are_not_finite_are_refused():
    with pytest.raises(InputError, match="not finite"):
        task().judge(lambda inputs: np.full((len(inputs), 2), np.nan))


@pytest.mark.parametrize("arguments", [{"limit": 0}, {"batch": 0}])
def test_judging_nothing_is_refused(arguments):
    with pytest.raises(InputError, match="limit >= 1 and batch >= 1"):
        task().judge(always_zero, **arguments)


def test_inputs_of_another_shape_are_refused():
    with pytest.raises(InputError, match=r"input_shape is \(3,\)"):
        task(input_shape=(3,))


@pytest.mark.parametrize(
    ("inputs", "changes", "message"),
    [
        (np.zeros((6, 0), np.float32), {"input_shape": (0,)}, r"input_shape \(0,\) holds nothing"),
        (
            np.array([[[1.0]]] * 5 + [[[1.0, 2.0]]], dtype=object),
            {},
            "train side: sequences of one batch have one length",
        ),
        (np.full((6, 2), np.nan, np.float32), {}, r"train side: input \[0, 0\] is not a finite number"),
        (np.full((6, 2), 5), {"vocabulary": 5}, r"train side: token 5 at \(0, 0\) is outside the vocabulary of 5"),
        (np.zeros((6, 2), np.float32), {"output_size": 1}, r"train side, targets: token 1 at \(1,\)"),
    ],
)
def test_data_that_no_network_could_use_are_refused_before_training(inputs, changes, message):
    side = Split(inputs=inputs, targets=np.array([0, 1, 0, 1, 0, 1]), groups=np.arange(6))
    with pytest.raises(InputError, match=message):
        task(train=side, validation=side, test=side, **changes)


def test_a_split_needs_as_many_targets_as_inputs():
    with pytest.raises(InputError, match="2 inputs, 1 targets, 2 groups"):
        Split(inputs=np.zeros((2, 1)), targets=np.zeros(1), groups=np.zeros(2))


def test_scores_need_a_unit():
    with pytest.raises(InputError, match="at least one unit"):
        Scores(values=np.zeros(0), groups=np.zeros(0), metric=ACCURACY)


def test_an_unknown_task_suggests_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'digits'"):
        tasks.load("digit")


def test_a_task_of_files_asks_for_the_directory():
    with pytest.raises(InputError, match="give their place, as in --data DIRECTORY"):
        tasks.load("mnist")


def test_an_unknown_reduction_is_refused():
    with pytest.raises(UnknownNameError, match="unknown reduction 'median'"):
        Metric(name="accuracy", reduction="median")


def test_an_unknown_scoring_is_refused():
    with pytest.raises(UnknownNameError, match="did you mean 'correct'"):
        task(scoring="corect")


def test_perplexity_of_a_uniform_guess_is_the_vocabulary():
    outputs, targets = np.zeros((2, 3, 50)), np.array([[1, 2, IGNORE], [4, IGNORE, IGNORE]])
    values, sample = SCORINGS["surprise"](outputs, targets)
    assert sample.tolist() == [0, 0, 1]
    assert Metric(name="perplexity", reduction="exponential of mean").summarise(values) == pytest.approx(50)


def test_surprise_is_the_negative_log_probability():
    outputs = np.random.default_rng(0).normal(size=(5, 4))
    values, _ = SCORINGS["surprise"](outputs, np.arange(5) % 4)
    assert np.allclose(values, -log_softmax(outputs, axis=1)[np.arange(5), np.arange(5) % 4])


def test_exact_match_needs_every_step_that_is_asked():
    outputs = np.eye(3)[np.array([[0, 1, 2], [0, 1, 1], [2, 2, 2]])]
    values, _ = SCORINGS["all correct"](outputs, np.array([[0, 1, 2], [0, 1, 2], [IGNORE, 2, IGNORE]]))
    assert values.tolist() == [1, 0, 1]


def test_average_precision_of_a_perfect_ranking_is_one():
    values, _ = SCORINGS["anomaly"](np.array([[0.1], [0.9], [0.2]]), np.array([0, 1, 0]))
    assert Metric(name="PR-AUC", reduction="average precision").summarise(values) == 1.0


def test_precision_and_recall_by_hand_and_by_scikit_learn():
    random = np.random.default_rng(0)
    values = np.stack([random.random(200), random.random(200) < 0.3], axis=1)
    for threshold in (0.2, 0.5, 0.9):
        alarm = values[:, 0] > threshold
        expected = precision_score(values[:, 1], alarm), recall_score(values[:, 1], alarm)
        assert precision_and_recall(values, threshold) == pytest.approx(expected)
    assert precision_and_recall(np.array([[0.9, 1], [0.8, 0], [0.1, 1], [0.2, 0]]), 0.5) == (0.5, 0.5)
    assert np.isnan(precision_and_recall(values, 2.0)[0])


def test_root_of_mean_squared_error():
    values, _ = SCORINGS["squared error"](np.array([[3.0], [0.0]]), np.array([0.0, 4.0]))
    assert Metric(name="RMSE", reduction="root of mean").summarise(values) == pytest.approx(np.sqrt(12.5))


@pytest.mark.parametrize("name", tasks.names())
def test_the_tasks_that_need_data_are_those_whose_function_asks_for_it(name):
    module, _, function = tasks.TASKS[name].partition(":")
    data = inspect.signature(getattr(importlib.import_module(module), function)).parameters["data"]
    assert (data.default is inspect.Parameter.empty) == (name in tasks.NEEDS_DATA)
