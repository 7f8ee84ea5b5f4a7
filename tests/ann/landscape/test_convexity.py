"""Counter-examples to convexity are found where there are some, and only there."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurobridge.ann.landscape.convexity import search_nonconvexity
from neurobridge.ann.landscape.functions import FUNCTIONS
from neurobridge.ann.losses import hinge, log_loss, squared_error
from neurobridge.errors import InputError


def of(function):
    return lambda x: float(function(torch.as_tensor(x)))


def box(random):
    return random.uniform(-3, 3, 2)


@pytest.mark.parametrize(
    "name", ["rosenbrock", "himmelblau", "rastrigin", "saddle", "monkey saddle", "plateau", "beale"]
)
def test_nonconvex_functions_are_found_out(name):
    report = search_nonconvexity(of(FUNCTIONS[name]), box)
    assert report.disproved
    worst = report.worst
    chord = (1 - worst.fraction) * of(FUNCTIONS[name])(worst.start) + worst.fraction * of(FUNCTIONS[name])(worst.end)
    between = (1 - worst.fraction) * worst.start + worst.fraction * worst.end
    assert of(FUNCTIONS[name])(between) - chord == pytest.approx(worst.excess)


@given(seed=st.integers(0, 1000), loss=st.sampled_from([hinge, log_loss, squared_error]))
def test_linear_models_with_convex_losses_have_no_counterexample(seed, loss):
    random = torch.Generator().manual_seed(seed)
    inputs = torch.randn(10, 4, generator=random, dtype=torch.float64)
    labels = torch.randint(0, 3, (10,), generator=random)
    report = search_nonconvexity(
        lambda w: float(loss(inputs @ torch.as_tensor(w).view(4, 3), labels)),
        lambda numbers: 5 * numbers.standard_normal(12),
        segments=10,
        seed=seed,
    )
    assert not report.disproved and report.violated == 0


def test_a_straight_function_is_convex():
    assert not search_nonconvexity(lambda x: 1e6 + 3 * x.sum(), box).disproved


def test_bad_arguments_are_refused():
    with pytest.raises(InputError, match="segments=0"):
        search_nonconvexity(np.sum, box, segments=0)
