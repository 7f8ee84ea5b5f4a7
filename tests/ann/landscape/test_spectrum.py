"""Lanczos, extreme eigenvalues, density and trace against dense linear algebra."""

import curvlinops
import numpy as np
import pytest
import torch
from landscape_networks import digits_batch, digits_objective
from torch import nn

from neurobridge.ann.landscape.density import exact_density, spectral_density
from neurobridge.ann.landscape.extremes import eigenpairs, sharpness
from neurobridge.ann.landscape.lanczos import quadrature
from neurobridge.ann.landscape.objective import network_objective
from neurobridge.ann.landscape.operators import HessianOperator, dense
from neurobridge.ann.landscape.trace import hutch_plus_plus, hutchinson
from neurobridge.errors import InputError


@pytest.fixture(scope="module", params=[8, 30, pytest.param(60, marks=pytest.mark.slow)])
def network(request):
    """A network of 610 parameters, of 2260 and, slow, of 4510, with its Hessian's eigenvalues."""
    model, objective = digits_objective(request.param)
    operator = HessianOperator(objective)
    return model, operator, np.linalg.eigvalsh(dense(operator))


def random_matrix(eigenvalues, seed=0):
    basis, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(eigenvalues),) * 2))
    return basis @ np.diag(eigenvalues) @ basis.T


def test_extremes_of_a_network(network):
    _, operator, eigenvalues = network
    assert eigenpairs(operator, 3, "highest").values == pytest.approx(eigenvalues[-3:], rel=1e-6)
    assert eigenpairs(operator, 3, "lowest").values == pytest.approx(eigenvalues[:3], rel=1e-6)
    assert sharpness(operator) == pytest.approx(eigenvalues[-1], rel=1e-6)


def test_eigenvectors_are_eigenvectors(network):
    _, operator, _ = network
    pairs = eigenpairs(operator, 2)
    assert np.allclose(operator @ pairs.vectors, pairs.vectors * pairs.values, atol=1e-6)


def test_density_of_a_network(network):
    _, operator, eigenvalues = network
    found = spectral_density(operator)
    assert found.distance(exact_density(eigenvalues, found.grid, found.width)) <= 0.05
    assert np.trapezoid(found.density, found.grid) == pytest.approx(1.0, abs=1e-5)


def test_trace_of_a_network(network):
    _, operator, eigenvalues = network
    for estimate in (hutchinson(operator, 200), hutch_plus_plus(operator, 99)):
        # normal error, so 5 standard errors are missed once in 1.7 million
        assert abs(estimate.value - eigenvalues.sum()) < 5 * estimate.standard_error + 1e-9


def test_operators_of_curvlinops_are_accepted(network):
    model, _, eigenvalues = network
    oracle = curvlinops.HessianLinearOperator(model, nn.CrossEntropyLoss(), list(model.parameters()), [digits_batch()])
    assert eigenpairs(oracle, 1).values == pytest.approx(eigenvalues[-1:], rel=1e-6)


def test_highest_is_not_the_largest_in_magnitude():
    matrix = random_matrix(np.concatenate([[-50.0], np.linspace(0, 3, 99)]))
    assert sharpness(matrix) == pytest.approx(3.0)
    assert eigenpairs(matrix, 1, "lowest").values == pytest.approx([-50.0])


def test_lanczos_over_the_whole_space_finds_the_spectrum():
    eigenvalues = np.arange(1.0, 41.0)
    rule = quadrature(random_matrix(eigenvalues), np.random.default_rng(1).standard_normal(40), steps=40)
    assert rule.nodes == pytest.approx(eigenvalues, rel=1e-9)


def test_quadrature_is_exact_up_to_degree_2m_minus_1():
    matrix = random_matrix(np.linspace(-1, 2, 60))
    start = np.random.default_rng(2).standard_normal(60)
    start /= np.linalg.norm(start)
    rule = quadrature(matrix, start, steps=6)
    assert rule.weights.sum() == pytest.approx(1.0, abs=1e-12)
    for power in range(12):
        exact = start @ np.linalg.matrix_power(matrix, power) @ start
        assert rule.weights @ rule.nodes**power == pytest.approx(exact, rel=1e-8)


def test_reorthogonalisation_leaves_no_ghosts():
    # a far outlier converges early; without reorthogonalisation copies of it appear
    eigenvalues = np.concatenate([np.linspace(0, 1, 199), [100.0]])
    rule = quadrature(np.diag(eigenvalues), np.ones(200), steps=120)
    assert (rule.nodes > 50).sum() == 1


def test_an_invariant_space_ends_lanczos():
    rule = quadrature(np.diag([1.0, 1.0, 4.0, 4.0]), np.ones(4), steps=4)
    assert rule.nodes == pytest.approx([1.0, 4.0]) and rule.weights == pytest.approx([0.5, 0.5])


def test_density_of_the_identity():
    found = spectral_density(2 * np.eye(100), probes=2)
    assert found.grid[found.density.argmax()] == pytest.approx(2.0, abs=found.width)


def test_hutchinsons_variance():
    matrix = np.random.default_rng(0).standard_normal((30, 30))
    matrix = matrix + matrix.T
    estimates = [hutchinson(matrix, 10, seed).value for seed in range(800)]
    exact = 2 * (np.sum(matrix**2) - np.sum(np.diag(matrix) ** 2)) / 10
    # a variance from 800 draws has a relative standard error of 5 %: 4 of them, missed once in 15 000
    assert np.var(estimates) == pytest.approx(exact, rel=0.2)
    assert np.mean(estimates) == pytest.approx(np.trace(matrix), abs=5 * np.sqrt(exact / 800))


def test_hutch_plus_plus_beats_hutchinson_on_a_decaying_spectrum():
    matrix = random_matrix(1 / np.arange(1, 301) ** 1.5)
    errors = {
        method: np.mean([abs(method(matrix, 60, seed).value - np.trace(matrix)) for seed in range(20)])
        for method in (hutchinson, hutch_plus_plus)
    }
    assert errors[hutch_plus_plus] < errors[hutchinson] / 3


def test_hutch_plus_plus_is_exact_on_small_matrices():
    estimate = hutch_plus_plus(np.diag([1.0, -2.0, 5.0]), 12)
    assert estimate.value == pytest.approx(4.0) and estimate.standard_error == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: eigenpairs(np.eye(3), 4), "1 to 3 eigenvalues; count=4"),
        (lambda: eigenpairs(np.eye(3), 1, "middle"), "'lowest' or 'highest'"),
        (lambda: quadrature(np.eye(3), np.zeros(3), 2), "a start that is not zero"),
        (lambda: spectral_density(np.eye(3), probes=0), "must be positive"),
        (lambda: hutchinson(np.eye(3), 1), "products >= 2"),
        (lambda: hutch_plus_plus(np.eye(3), 5), "products >= 6"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_single_precision_works():
    model, objective = digits_objective(8)
    exact = sharpness(HessianOperator(objective))
    model.float()

    inputs, targets = digits_batch()
    single = network_objective(model, nn.functional.cross_entropy, [(inputs.float(), targets)])
    assert sharpness(HessianOperator(single), tolerance=1e-4) == pytest.approx(exact, rel=1e-4)
    assert single.parameters[0].dtype == torch.float32
