"""Disturbances do what they say, and to every contender alike."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

import neurobridge as nb
from neurobridge.ann.training.contender import contender as predictor
from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.comparison.contenders import ANN, QUANTISED, SPIKING, Contender
from neurobridge.comparison.disturbances import (
    LEVELS,
    Disturbed,
    forgetful,
    mismatched,
    noisy,
    robustness,
    with_mismatch,
)
from neurobridge.graph.nodes import Synapses
from tests.comparison import cases
from tests.conversion.networks import MLP, images

TASK = SimpleNamespace(vocabulary=0, memory=0)
X = images(64, 3).numpy()


def disturbed(code="radix", kind=SPIKING, steps=8):
    network = nb.convert(MLP(2).requires_grad_(False), X, code=code, steps=steps)
    who = Contender(kind=kind, code=code if kind == SPIKING else None, steps=None if kind == ANN else steps)
    predict = predictor(MLP(2) if kind == ANN else network)
    return Disturbed(contender=who, predict=predict, network=network, spread=float(X.std()))


WHO = pytest.mark.parametrize(
    ("code", "kind"),
    [*((code, SPIKING) for code in ("radix", "latency", "rate", "signed")), ("radix", QUANTISED), ("radix", ANN)],
)


@WHO
@pytest.mark.parametrize("disturb", [noisy, forgetful, mismatched])
def test_no_disturbance_changes_nothing(disturb, code, kind):
    who = disturbed(code, kind)
    np.testing.assert_allclose(disturb(TASK, who, 0.0)(X), who.predict(X), atol=1e-5)


@WHO
def test_without_any_spike_only_biases_are_left(code, kind):
    """Every answer is the same then, whatever the input."""
    answers = forgetful(TASK, disturbed(code, kind), 1.0)(X)
    np.testing.assert_allclose(answers, np.broadcast_to(answers[:1], answers.shape), atol=1e-6)


def test_each_binary_digit_is_lost_on_its_own():
    """Of 255 = eight digits, a chance of 30 % leaves 0.7 of the value on average, and other numbers than 0 and 255.

    20,000 numbers: the mean's standard error is below 0.002, so 0.01 is five of them.
    """
    from neurobridge.comparison.disturbances import _digits_kept

    generator = torch.Generator().manual_seed(0)
    numbers = torch.full((20_000,), 255.0)
    left = numbers * _digits_kept(numbers, 8, lambda shape: torch.rand(shape, generator=generator) >= 0.3)
    assert float(left.mean() / 255) == pytest.approx(0.7, abs=0.01)
    assert set(torch.unique(left).int().tolist()) > {0, 1, 128, 255}
    assert _digits_kept(torch.zeros(3), 8, lambda shape: torch.ones(shape)).tolist() == [0, 0, 0]


def test_weights_are_off_by_the_share_asked_for():
    graph = disturbed().graph
    pairs = [
        (old.weight, new.weight)
        for before, after in zip(graph.of(Synapses), with_mismatch(graph, 0.1, 0).of(Synapses), strict=True)
        for old, new in zip(before.maps, after.maps, strict=True)
        if hasattr(old, "weight")
    ]
    relative = np.concatenate([((new - old) / old)[old != 0] for old, new in pairs])
    assert len(relative) > 300
    # the standard error of a standard deviation of 300 numbers is 4 %: 20 % is five of them
    assert relative.std() == pytest.approx(0.1, rel=0.2)
    assert abs(relative.mean()) < 0.03


def test_everyone_gets_the_same_weights_and_the_same_noise():
    ann, snn = disturbed(kind=ANN), disturbed()
    exact = AnalogNetwork(with_mismatch(snn.graph, 0.2, 7)).run((torch.from_numpy(X),))[0].numpy()
    np.testing.assert_allclose(mismatched(TASK, ann, 0.2)(X), exact, atol=1e-5)
    # ranges were fitted to exact weights, so a few numbers are clipped
    assert np.median(np.abs(mismatched(TASK, snn, 0.2)(X) - exact)) < 0.01 * np.abs(exact).max()
    seen = []
    for who in (ann, snn):
        heard = Disturbed(
            contender=who.contender, predict=lambda x: seen.append(x) or x, network=who.network, spread=who.spread
        )
        noisy(TASK, heard, 0.2)(X)
    np.testing.assert_array_equal(*seen)
    assert (seen[0] - X).std() == pytest.approx(0.2 * X.std(), rel=0.05)


def test_memory_gets_no_noise():
    seen = []
    who = disturbed()
    who = Disturbed(contender=who.contender, predict=lambda x: seen.append(x) or x, network=who.network, spread=1.0)
    task = nb.tasks.load("cartpole")
    task = task.remembering(3)
    x = np.zeros((50, 7), dtype=np.float32)
    noisy(task, who, 0.5)(x)
    assert (seen[0][:, :4] != 0).all()
    assert (seen[0][:, 4:] == 0).all()
    team = nb.tasks.load("two-step").remembering(3)
    noisy(team, who, 0.5)(np.zeros((50, 2, 8), dtype=np.float32))
    assert (seen[1][..., :5] != 0).all() and (seen[1][..., 5:] == 0).all()


def test_scores_fall_with_the_noise_that_a_task_is_judged_under():
    """A good reader of digits (their nearest training image) loses with noise; no noise comes first."""
    task = nb.tasks.load("digits")
    train = torch.from_numpy(task.train.inputs).flatten(1)
    labels = torch.nn.functional.one_hot(torch.from_numpy(task.train.targets)).float()

    class Nearest(torch.nn.Module):
        def forward(self, x):
            return labels[torch.cdist(x.flatten(1), train).argmin(1)]

    network = nb.convert(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10)), task.calibration(64))
    who = Disturbed(
        contender=Contender(kind=ANN),
        predict=predictor(Nearest()),
        network=network,
        spread=float(task.test.inputs.std()),
    )
    found = robustness(task, who)
    assert set(found) == set(LEVELS)
    curve = found["input noise"]
    assert [level for level, _ in curve] == [0.0, *LEVELS["input noise"]]
    assert curve[0][1] > 95
    assert curve[-1][1] < curve[0][1]


def test_summaries_and_tables_show_them():
    from neurobridge.comparison.figures import disturbances
    from neurobridge.comparison.summary import summary
    from neurobridge.comparison.tables import disturbed as table

    rows = cases.rows()
    assert table(summary(rows)) is None
    assert disturbances(summary(rows)) is None
    for row in rows:
        if row["kind"] == ANN or row["steps"] == 8:
            row["robustness"] = {"lost spikes": [[0.0, 99.0], [0.05, 90.0 + row["seed"]]]}
    shown = table(summary(rows))
    assert shown.header == ("disturbance", "ANN", "ANN 8 bit", "radix T=8", "rate T=8")
    assert shown.rows == (("none", *["99.00"] * 4), ("lost spikes 5 %", *["90.50"] * 4))
    assert disturbances(summary(rows)).figure is not None
