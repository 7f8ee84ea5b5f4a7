"""Critical points of classic functions: their known kinds, and what stays undecided."""

import numpy as np
import pytest
import torch
from landscape_networks import digits_objective
from scipy.optimize import root

from neurobridge.ann.landscape.critical_points import classify
from neurobridge.ann.landscape.functions import FUNCTIONS, quadratic, rotated_quadratic
from neurobridge.ann.landscape.objective import function_objective
from neurobridge.errors import InputError


def at(function, point):
    return classify(function_objective(function, point))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_known_minima_are_minima_with_the_known_value(name):
    function = FUNCTIONS[name]
    for point in function.minima:
        assert float(function(torch.tensor(point, dtype=torch.float64))) == pytest.approx(function.minimum, abs=1e-12)
        assert at(function, point).kind == "minimum"


@pytest.mark.parametrize("name", ["himmelblau", "beale", "saddle"])
def test_known_saddles_are_saddles(name):
    for point in FUNCTIONS[name].saddles:
        found = at(FUNCTIONS[name], point)
        assert found.kind == "saddle" and (found.negative, found.positive) == (1, 1)


# minimum -> eigenvalues of the Hessian there
HIMMELBLAU = [
    ((3.0, 2.0), (25.716, 82.284)),
    ((3.584428340330, -1.848126526964), (28.69, 105.42)),
    ((-2.805118086953, 3.131312518250), (64.84, 80.55)),
    ((-3.779310253378, -3.283185991286), (70.71, 133.79)),
    ((-0.270844590667, -0.923038522155), (-45.61, -16.07)),
]


@pytest.mark.parametrize(("point", "eigenvalues"), HIMMELBLAU)
def test_curvatures_of_himmelblau(point, eigenvalues):
    assert at(FUNCTIONS["himmelblau"], point).eigenvalues == pytest.approx(eigenvalues, rel=1e-3)


def test_himmelblau_has_nine_critical_points():
    def gradient(x):
        return function_objective(FUNCTIONS["himmelblau"], x).gradient().numpy()

    random, found = np.random.default_rng(0), {}
    for start in random.uniform(-5, 5, (300, 2)):
        answer = root(gradient, start, tol=1e-12)
        if answer.success and np.linalg.norm(gradient(answer.x)) < 1e-8:
            found[tuple(np.round(answer.x, 4) + 0.0)] = at(FUNCTIONS["himmelblau"], answer.x).kind
    kinds = list(found.values())
    assert [kinds.count(kind) for kind in ("minimum", "saddle", "maximum")] == [4, 4, 1]


@pytest.mark.parametrize(
    "function", [FUNCTIONS["monkey saddle"], lambda x: (x**4).sum(), lambda x: x[0] ** 2 + x[1] ** 4]
)
def test_vanishing_curvature_decides_nothing(function):
    assert at(function, (0.0, 0.0)).kind == "degenerate"


def test_a_valley_of_minima_is_degenerate():
    found = at(lambda x: (x.prod() - 1) ** 2, (2.0, 0.5))
    assert found.kind == "degenerate" and (found.negative, found.zero, found.positive) == (0, 1, 1)
    assert found.eigenvalues[-1] == pytest.approx(2 * (2**2 + 1 / 2**2))


def test_the_origin_of_a_product_is_a_saddle():
    found = at(lambda x: (x.prod() - 1) ** 2, (0.0, 0.0))
    assert found.kind == "saddle" and found.eigenvalues == pytest.approx([-2.0, 2.0])


@pytest.mark.parametrize(
    ("function", "point"),
    [(FUNCTIONS["plateau"], (40.0, 30.0)), (lambda x: torch.relu(x.square().sum() - 1) ** 2, (0.1, 0.2))],
)
def test_constant_surroundings_are_a_plateau(function, point):
    found = at(function, point)
    assert found.kind == "plateau" and "changes by at most 0 within 0.01" in found.evidence


def test_a_slope_is_not_critical():
    found = at(FUNCTIONS["saddle"], (1.0, 0.0))
    assert found.kind == "not critical" and found.gradient_norm == 2.0
    assert "|g| = 2 (critical below 2e-05)" in found.evidence


def test_a_trained_network_reports_its_counts():
    _, objective = digits_objective(8)
    found = classify(objective)
    assert found.kind == "not critical" and found.complete
    assert found.negative + found.zero + found.positive == objective.dimension
    large = classify(objective, dense_below=100)
    assert not large.complete and len(large.eigenvalues) == 6
    assert large.eigenvalues[0] == pytest.approx(found.eigenvalues[0], rel=1e-5)
    assert "extreme eigenvalues" in large.evidence


def test_the_quadratic_has_the_condition_it_was_asked_for():
    eigenvalues = at(quadratic(50.0, dimension=5), (0.0,) * 5).eigenvalues
    assert eigenvalues[-1] / eigenvalues[0] == pytest.approx(50.0)
    assert at(rotated_quadratic(50.0, dimension=5), (0.0,) * 5).eigenvalues == pytest.approx(eigenvalues)


def test_bad_arguments_are_refused():
    with pytest.raises(InputError, match=r"condition=0.5 must be >= 1"):
        quadratic(0.5)
    with pytest.raises(InputError, match="radius=0 must be positive"):
        classify(function_objective(FUNCTIONS["saddle"], (0.0, 0.0)), radius=0)
