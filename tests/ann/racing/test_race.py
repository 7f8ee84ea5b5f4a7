"""The race: budgets are kept, costs counted, failures reported, verdicts follow from numbers."""

from math import inf

import pytest
import torch

from neurobridge.ann.landscape.functions import quadratic
from neurobridge.ann.optimizers import OPTIMIZERS, Closure
from neurobridge.ann.optimizers.full_relaxation import gradient_and_curvature
from neurobridge.ann.optimizers.gradients import squared_norm
from neurobridge.ann.racing.footprint import RATE, FreeClosure, measure_footprint, million
from neurobridge.ann.racing.problems import of_function, of_network, problems
from neurobridge.ann.racing.race import CONTENDERS, RATES, Meter, Result, Trial, race, run
from neurobridge.ann.racing.record import read, remembered
from neurobridge.ann.racing.verdict import Footprint, Row, advantages, rows
from neurobridge.errors import FileFormatError, InputError

BOWL = of_function("bowl", quadratic(10.0), budget=60)
PERCEPTRON = of_network("perceptron", "digits", "mlp", samples=64, budget=3, widths=(8,))


@pytest.mark.parametrize("name", CONTENDERS)
def test_every_contender_keeps_the_budget(name):
    trial = run(name, BOWL, 0.05, seed=0)
    # a line search ends its last update; it makes at most 60 trials of a third of a gradient
    assert trial.costs[-1] <= 60 + 22
    assert trial.final < trial.scores[0]


@pytest.mark.parametrize(("name", "steps"), [("gradient_descent", 3), ("sgd", 192), ("minibatch_sgd", 6)])
def test_batches_are_what_the_names_say(name, steps):
    # three passes over 64 samples: whole, one by one, by 32
    assert run(name, PERCEPTRON, 0.1, seed=0).steps == steps


def test_costs_of_line_searches_are_counted():
    x = torch.tensor([1.0], requires_grad=True)
    optimizer = OPTIMIZERS["armijo"]([x], lr=4.0)
    meter = Meter(Closure(optimizer=optimizer, loss=lambda: x.square().sum()))
    optimizer.step(meter)
    # a gradient and the trials 4, 2, 1, 1/2
    assert meter.cost == pytest.approx(1 + 4 / 3)


def test_a_run_that_diverges_ends_and_scores_infinity():
    trial = run("gradient_descent", of_function("bowl", quadratic(1000.0), budget=5000), 10.0, seed=0)
    assert trial.final == inf == trial.judged and trial.steps < 1000


def test_races_repeat():
    first, second = (race("adam", "perceptron", PERCEPTRON, rates=(1e-3, 1e-2), seeds=(0, 1)) for _ in range(2))
    assert [trial.scores for trial in first.trials] == [trial.scores for trial in second.trials]
    assert len(first.trials) == 4


def test_problems_without_randomness_run_once():
    assert len(race("adam", "bowl", BOWL, rates=(1e-2,), seeds=(0, 1, 2)).trials) == 1


def trial(rate, scores):
    costs = tuple(float(index) for index in range(len(scores)))
    return Trial(rate=rate, seed=0, costs=costs, scores=scores, judged=scores[-1], steps=3, seconds=1e-3)


RESULT = Result(
    optimizer="adam",
    problem="bowl",
    trials=(trial(0.1, (1.0, 0.5, 0.2)), trial(1.0, (1.0, 1e-7, 1e-8)), trial(10.0, (1.0, inf))),
)


def test_results_know_their_best_rate_and_their_width():
    assert RESULT.best()[0].rate == 1.0
    assert RESULT.sensitivity() == {0.1: 0.2, 1.0: 1e-8, 10.0: inf}
    assert RESULT.usable_decades(0.3) == pytest.approx(2.0) and RESULT.usable_decades(1e-6) == pytest.approx(1.0)
    assert RESULT.best()[0].cost_to(1e-6) == 1.0 and RESULT.trials[0].cost_to(1e-6) == inf


def test_a_result_is_read_instead_of_raced_again(tmp_path):
    path = tmp_path / "races" / "bowl.json"
    assert remembered(path, lambda: RESULT) == RESULT == read(path)
    assert remembered(path, lambda: pytest.fail("raced again")) == RESULT
    path.write_text('{"trials": 3}')
    with pytest.raises(FileFormatError, match="is not the result of a race"):
        read(path)


def test_rows_hold_the_best():
    row = rows([RESULT], {"bowl": BOWL})["adam"]["bowl"]
    assert (row.rate, row.score, row.cost, row.decades) == (1.0, 1e-8, 1.0, pytest.approx(1.0))


def test_verdicts_follow_from_numbers():
    def row(cost, decades):
        return Row(rate=0.1, score=0.1, cost=cost, decades=decades, milliseconds=1.0)

    table = {
        "fast": {"bowl": row(10.0, 3.0)},
        "slow": {"bowl": row(100.0, 0.5)},
        "lost": {"bowl": row(inf, 0.0)},
    }
    light = Footprint(seconds=1.0, closures=1, state=0.0, peak=0.0)
    heavy = Footprint(seconds=5.0, closures=2, state=2.0, peak=1.0)
    good, bad = advantages("fast", table, {"bowl": BOWL}, light)
    assert (
        good
        == [
            "solves bowl in 10 (best 10)",
            "at least 3.0 decades of usable rates everywhere",
            "keeps nothing",
        ]
        and not bad
    )
    good, bad = advantages("slow", table, {"bowl": BOWL}, heavy)
    assert not good and bad == [
        "takes 10 x the best's gradients on bowl",
        "at most 0.5 decades of usable rates",
        "keeps 2 x the parameters",
        "2 closure calls per update",
        "update 5.0 x SGD's",
    ]
    assert "does not solve bowl in 60" in advantages("lost", table, {"bowl": BOWL}, light)[1]


@pytest.mark.parametrize(
    ("name", "state", "calls"),
    [("sgd", 0, 1), ("adam", 2, 1), ("momentum", 1, 1), ("armijo", 1, 2), ("full_relaxation", 1, 2), ("sam", 2, 2)],
)
def test_footprints_count_memory_and_closures(name, state, calls):
    found = measure_footprint(name, repeats=1)
    assert found.state == pytest.approx(state, abs=0.01) and found.closures == calls


def test_the_free_closure_lets_every_search_accept_at_once():
    parameters = million()
    assert sum(entry.numel() for entry in parameters) == 1_022_490
    for name in ("armijo", "goldstein", "full_relaxation"):
        closure = FreeClosure(parameters)
        OPTIMIZERS[name](parameters, lr=1e-3).step(closure)
        assert closure.calls == 2


def test_differentiating_the_free_loss_gives_its_gradients_and_its_curvature():
    closure = FreeClosure(million())
    gradients, curvature = gradient_and_curvature(closure(backward=False), closure.parameters)
    assert all(map(torch.equal, gradients, closure.gradients))
    assert curvature == pytest.approx(squared_norm(closure.gradients) / RATE, rel=1e-6)


def test_the_comparison_covers_every_optimiser():
    ours = {name for name, rule in OPTIMIZERS.items() if rule.__module__.startswith("neurobridge")}
    assert set(CONTENDERS) == ours
    assert set(problems()) == {"quadratic", "rosenbrock", "digits-cnn", "rows-lstm"} and len(RATES) == 11


def test_bad_arguments_are_refused():
    with pytest.raises(InputError, match="at least one learning rate"):
        race("adam", "bowl", BOWL, rates=())
