"""Directions, profiles, surfaces, paths and connections: what a picture of a landscape must satisfy."""

import numpy as np
import pytest
import torch
from landscape_networks import digits_objective
from torch import nn
from torch.nn.functional import cross_entropy

from neurobridge.ann.landscape.connectivity import barrier, connect
from neurobridge.ann.landscape.descent import descend
from neurobridge.ann.landscape.directions import filter_normalised, principal, project
from neurobridge.ann.landscape.functions import FUNCTIONS, quadratic
from neurobridge.ann.landscape.objective import function_objective, network_objective
from neurobridge.ann.landscape.surface import function_surface, profile, surface
from neurobridge.ann.optimizers import build
from neurobridge.errors import InputError


def test_filters_of_a_direction_have_the_norms_of_the_weights():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(2, 5, 3), nn.BatchNorm2d(5), nn.Flatten(), nn.Linear(20, 3)).double()
    batch = (torch.randn(4, 2, 4, 4, dtype=torch.float64), torch.zeros(4, dtype=torch.long))
    objective = network_objective(model, cross_entropy, [batch])
    direction = filter_normalised(objective)
    pieces = direction.split([entry.numel() for entry in objective.parameters])
    for piece, weights in zip(pieces, objective.parameters, strict=True):
        if weights.ndim == 1:
            assert not piece.any()
        else:
            norms = piece.view_as(weights).flatten(1).norm(dim=1)
            assert torch.allclose(norms, weights.detach().flatten(1).norm(dim=1), rtol=1e-8)


def test_pictures_do_not_change_when_layers_are_rescaled():
    # relu(c W x) / c is the same function, and filter-normalised pictures of it are the same
    def picture(scale):
        model, _ = digits_objective(4, samples=50)
        model[2] = nn.ReLU()
        with torch.no_grad():
            model[1].weight *= scale
            model[1].bias *= scale
            model[3].weight /= scale
        side = (torch.rand(20, 1, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64),
                torch.zeros(20, dtype=torch.long))  # fmt: skip
        objective = network_objective(model, cross_entropy, [side])
        return profile(objective, filter_normalised(objective, seed=1), [-1, -0.5, 0, 0.5, 1]).loss

    assert picture(1.0) == pytest.approx(picture(7.0), rel=1e-7)


def test_surface_holds_the_function():
    objective = function_objective(FUNCTIONS["himmelblau"], (1.0, 2.0))
    first, second = torch.eye(2, dtype=torch.float64)
    found = surface(objective, first, second, [0.0, 2.0], [-1.0, 0.0, 1.0])
    assert found.loss.shape == (3, 2)
    assert found.loss[1, 1] == pytest.approx(0.0) and objective.vector().tolist() == [1.0, 2.0]
    line = profile(objective, first, [0.0, 2.0])
    assert line.loss == pytest.approx(found.loss[1])


def test_function_surface_has_rows_along_y():
    found = function_surface(FUNCTIONS["saddle"], points=5)
    assert found.loss[0, 2] == pytest.approx(-4.0) and found.loss[2, 0] == pytest.approx(4.0)


def test_a_plane_holds_its_own_points():
    random = torch.Generator().manual_seed(0)
    centre, first, second = torch.randn(3, 30, generator=random)
    path = [centre + a * first + b * second for a, b in ((1, 0), (2, -1), (-0.5, 3))]
    assert torch.allclose(
        project(path, centre, first, second), torch.tensor([[1, 0], [2, -1], [-0.5, 3]]).double(), atol=1e-5
    )


def test_principal_directions_span_a_plane_path():
    random = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 30, generator=random, dtype=torch.float64)
    path = [3 * t * first + t**2 * second for t in (2.0, 1.0, 0.5, 0.0)]
    a, b = principal(path)
    assert abs(float(a @ b)) < 1e-12
    for point in path:
        assert torch.allclose((point @ a) * a + (point @ b) * b, point, atol=1e-10)
    with pytest.raises(InputError, match="at least 3 points"):
        principal(path[:2])


def test_a_path_is_the_optimisers():
    path = descend(quadratic(10.0), lambda x: build("gradient_descent", x, lr=0.1), 5)
    assert path.steps == 5
    assert path.points == pytest.approx(np.array([[0.9**k, 0.0 if k else 0.1] for k in range(6)]), abs=1e-15)
    assert path.losses[0] == pytest.approx(0.5 + 10 * 0.01 / 2) and len(path.losses) == 6


def test_a_path_stops_at_the_tolerance_and_when_it_diverges():
    function = quadratic(100.0)
    near = descend(function, lambda x: build("full_relaxation", x), 10000, tolerance=1e-6)
    assert near.gradient_norms[-1] < 1e-6 and near.steps < 2000
    far = descend(FUNCTIONS["rosenbrock"], lambda x: build("gradient_descent", x, lr=1.0), 10000)
    assert far.steps < 20 and not np.isfinite(far.points[-1]).all()


def test_a_path_ends_where_a_line_search_finds_no_end():
    path = descend(FUNCTIONS["saddle"], lambda x: build("goldstein", x, lr=0.1), 150)
    assert 1 < path.steps < 150 and path.losses[-1] < -1e100


def test_the_straight_line_between_symmetric_minima_has_a_barrier_and_the_curve_has_none():
    # a ring of minima: the straight line crosses the hill in the middle, of height 1
    objective = function_objective(lambda x: (x.square().sum() - 1) ** 2, (1.0, 0.0))
    start, end = torch.tensor([[1.0, 0.05], [-1.0, 0.05]], dtype=torch.float64)
    found = connect(objective, start, end, steps=400)
    assert found.straight_barrier == pytest.approx(1.0, abs=0.02)
    assert found.curved_barrier < 0.1
    assert found.curved[0] == pytest.approx(found.straight[0]) and objective.vector().tolist() == [1.0, 0.0]


def test_barrier_is_above_the_chord():
    along = np.linspace(0, 1, 5)
    assert barrier(along, 3 * along) == 0.0
    assert barrier(along, np.array([0, 0, 5, 0, 2.0])) == 4.0


def test_bad_arguments_are_refused():
    objective = function_objective(FUNCTIONS["saddle"], (0.0, 0.0))
    with pytest.raises(InputError, match="a direction needs 2 coordinates"):
        profile(objective, torch.zeros(3), [0.0])
    with pytest.raises(InputError, match="both ends need 2 coordinates"):
        connect(objective, torch.zeros(3), torch.zeros(3))
    with pytest.raises(InputError, match="the same point"):
        connect(objective, torch.zeros(2), torch.zeros(2))
    with pytest.raises(InputError, match="steps=0"):
        descend(FUNCTIONS["saddle"], lambda x: build("sgd", x), 0)
