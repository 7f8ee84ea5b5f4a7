"""Curvature products against closed forms, brute force and curvlinops."""

import doctest

import curvlinops
import numpy as np
import pytest
import torch
from landscape_networks import LOSSES, closed_form, digits_batch, digits_objective, linear_problem
from torch import nn
from torch.nn.functional import cross_entropy

from neurobridge.ann.landscape import operators
from neurobridge.ann.landscape.objective import function_objective, network_objective
from neurobridge.ann.landscape.operators import GaussNewtonOperator, HessianOperator, as_operator, dense
from neurobridge.errors import InputError


@pytest.mark.parametrize("name", ["squared error", "log loss"])
@pytest.mark.parametrize("kind", [HessianOperator, GaussNewtonOperator])
def test_closed_forms_of_linear_models(name, kind):
    # linear in the parameters, so Hessian and Gauss-Newton are the same matrix
    model, inputs, targets = linear_problem(name)
    found = dense(kind(network_objective(model, LOSSES[name], [(inputs, targets)])))
    assert np.allclose(found, closed_form(name, model, inputs).numpy(), atol=1e-14)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(HessianOperator, curvlinops.HessianLinearOperator), (GaussNewtonOperator, curvlinops.GGNLinearOperator)],
)
def test_agrees_with_curvlinops(ours, theirs):
    model, objective = digits_objective(8)
    inputs, targets = digits_batch()
    oracle = theirs(model, nn.CrossEntropyLoss(), list(model.parameters()), [(inputs, targets)])
    vector = np.random.default_rng(0).standard_normal(objective.dimension)
    assert np.allclose(ours(objective) @ vector, as_operator(oracle) @ vector, atol=1e-12)


def test_hessian_against_double_differentiation():
    _, objective = digits_objective(2, samples=50)
    at = objective.vector()

    def gradient_at(vector):
        with objective.at(vector):
            return objective.gradient()

    vector = torch.randn(len(at), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    difference = (gradient_at(at + 1e-5 * vector) - gradient_at(at - 1e-5 * vector)) / 2e-5
    assert np.allclose(HessianOperator(objective) @ vector.numpy(), difference.numpy(), atol=1e-8)


@pytest.mark.parametrize("kind", [HessianOperator, GaussNewtonOperator])
def test_batches_add_up_to_the_whole(kind):
    model, objective = digits_objective(4)
    inputs, targets = digits_batch()
    parts = network_objective(model, cross_entropy, list(zip(inputs.split(70), targets.split(70), strict=True)))
    vector = np.random.default_rng(0).standard_normal(objective.dimension)
    assert np.allclose(kind(parts) @ vector, kind(objective) @ vector, atol=1e-13)
    assert parts.value() == pytest.approx(objective.value(), rel=1e-13)
    assert torch.allclose(parts.gradient(), objective.gradient(), atol=1e-14)


def test_gauss_newton_is_positive_semidefinite_where_the_hessian_is_not():
    _, objective = digits_objective(4)
    assert np.linalg.eigvalsh(dense(GaussNewtonOperator(objective)))[0] > -1e-12
    assert np.linalg.eigvalsh(dense(HessianOperator(objective)))[0] < -1e-3


def test_a_linear_function_has_no_curvature():
    H = HessianOperator(function_objective(lambda x: x.sum(), (1.0, 2.0)))
    assert (H @ np.ones(2)).tolist() == [0.0, 0.0]


def test_batch_norm_curvature_scales_with_the_inverse_square():
    # f(c w) = f(w) for weights before batch normalisation, so their block of the Hessian scales as 1 / c^2
    def block(scale):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 3, bias=False), nn.BatchNorm1d(3), nn.Linear(3, 2)).double()
        inputs, targets = torch.randn(30, 4, dtype=torch.float64), torch.randint(0, 2, (30,))
        with torch.no_grad():
            model[0].weight *= scale
        model[1].eps = 1e-14
        objective = network_objective(model, cross_entropy, [(inputs, targets)])
        return objective.value(), dense(HessianOperator(objective))[:12, :12], model

    value, plain, _ = block(1.0)
    scaled_value, scaled, model = block(3.0)
    assert scaled_value == pytest.approx(value, rel=1e-12)
    assert np.allclose(scaled, plain / 9, atol=1e-12)
    assert int(model[1].num_batches_tracked) == 0


def test_dropout_is_one_mask_for_all_evaluations():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 50), nn.ReLU(), nn.Dropout(0.5), nn.Linear(50, 2)).double()
    inputs, targets = torch.randn(10, 4, dtype=torch.float64), torch.randint(0, 2, (10,))
    one, other = (network_objective(model, cross_entropy, [(inputs, targets)], seed=seed) for seed in (0, 1))
    assert one.value() == one.value() != other.value()
    model.eval()
    assert one.value() == other.value()


@pytest.mark.parametrize(
    "make", [lambda m: m, lambda m: as_operator(m), lambda m: __import__("scipy").sparse.csr_array(m)]
)
def test_matrices_of_any_kind_are_operators(make):
    matrix = np.diag([1.0, 2.0, 3.0])
    assert np.allclose(dense(make(matrix)), matrix)


def test_what_is_no_square_matrix_is_refused():
    with pytest.raises(InputError, match="str is no matrix"):
        as_operator("matrix")
    with pytest.raises(InputError, match=r"this one has shape \(2, 3\)"):
        as_operator(np.zeros((2, 3)))


def test_vectors_of_another_length_are_refused():
    with pytest.raises(InputError, match="expected a vector of 2 parameters"):
        function_objective(torch.sum, (1.0, 2.0)).assign(torch.zeros(3))


def test_an_objective_without_parameters_is_refused():
    with pytest.raises(InputError, match="at least one parameter"):
        network_objective(nn.ReLU(), cross_entropy, [(torch.zeros(1, 2), torch.zeros(1, dtype=torch.long))])


def test_leaving_a_point_comes_back():
    _, objective = digits_objective(2, samples=50)
    before = objective.vector()
    with pytest.raises(ZeroDivisionError), objective.at(before + 1):
        assert torch.equal(objective.vector(), before + 1)
        raise ZeroDivisionError
    assert torch.equal(objective.vector(), before)


def test_examples_in_the_docs():
    assert doctest.testmod(operators).failed == 0
