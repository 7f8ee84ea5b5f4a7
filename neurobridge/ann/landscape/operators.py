"""The Hessian and the Gauss-Newton matrix as linear operators: products with vectors, never the matrix."""

from abc import abstractmethod
from typing import Any

import numpy as np
import torch
from numpy import ndarray
from scipy.sparse.linalg import LinearOperator, aslinearoperator
from torch import Tensor

from neurobridge.ann.landscape.objective import Objective, Term, flat
from neurobridge.errors import InputError


class CurvatureOperator(LinearOperator):
    """Abstract: a symmetric matrix of second derivatives at the present point of an objective.

    The graph of the first derivative is kept while the objective has one term, which makes a product as
    cheap as a gradient; with several it is rebuilt per product, so memory is that of one batch. After the
    parameters moved, make a new operator.

    Args:
        objective: whose curvature it is.
    """

    def __init__(self, objective: Objective) -> None:
        first = objective.parameters[0]
        super().__init__(np.dtype(str(first.dtype).removeprefix("torch.")), (objective.dimension,) * 2)
        self._objective = objective
        self._kept = self._differentiate(objective.terms[0]) if len(objective.terms) == 1 else None

    def product(self, vector: Tensor) -> Tensor:
        """Return the matrix times a vector of the objective's dtype."""
        if self._kept is not None:
            return self._multiply(self._kept, vector, retain=True)
        terms = self._objective.terms
        total = torch.zeros_like(vector)
        for term in terms:
            total += self._multiply(self._differentiate(term), vector, retain=False)
        return total

    @abstractmethod
    def _differentiate(self, term: Term) -> Any:
        """Return the graph that products need."""

    @abstractmethod
    def _multiply(self, graph: Any, vector: Tensor, retain: bool) -> Tensor:
        """Return the product, and free the graph unless it is retained."""

    def _matvec(self, vector: ndarray) -> ndarray:
        first = self._objective.parameters[0]
        column = torch.as_tensor(np.ascontiguousarray(vector.reshape(-1)), dtype=first.dtype, device=first.device)
        return self.product(column).cpu().numpy()

    def _adjoint(self) -> "CurvatureOperator":
        return self

    def _pieces(self, vector: Tensor) -> list[Tensor]:
        """Cut a vector into the shapes of the parameters."""
        parameters = self._objective.parameters
        parts = vector.split([parameter.numel() for parameter in parameters])
        return [part.view_as(parameter) for part, parameter in zip(parts, parameters, strict=True)]


class HessianOperator(CurvatureOperator):
    """H v = d/dw (g . v), by differentiating the gradient once more (Pearlmutter 1994).

    Example:
        >>> from neurobridge.ann.landscape.objective import function_objective
        >>> H = HessianOperator(function_objective(lambda x: x[0] ** 2 - x[1] ** 2, (1.0, 1.0)))
        >>> (H @ [1.0, 1.0]).tolist()
        [2.0, -2.0]
    """

    def _differentiate(self, term: Term) -> tuple[Tensor, ...]:
        loss = term.weight * term.loss(term.outputs())
        return torch.autograd.grad(loss, self._objective.parameters, create_graph=True, materialize_grads=True)

    def _multiply(self, graph: tuple[Tensor, ...], vector: Tensor, retain: bool) -> Tensor:
        # the gradient by a parameter that enters linearly has no graph: it adds nothing
        pairs = [pair for pair in zip(graph, self._pieces(vector), strict=True) if pair[0].requires_grad]
        if not pairs:
            return torch.zeros_like(vector)
        products = torch.autograd.grad(
            [gradient for gradient, _ in pairs],
            self._objective.parameters,
            [piece for _, piece in pairs],
            retain_graph=retain,
            materialize_grads=True,
        )
        return flat(products)


class GaussNewtonOperator(CurvatureOperator):
    """G v = J' (d2 loss / d outputs2) J v, with J the Jacobian of the outputs (Schraudolph 2002).

    Positive semidefinite for convex losses, and equal to the Hessian where the model is linear in its
    parameters.

    Example:
        >>> from neurobridge.ann.landscape.objective import function_objective
        >>> G = GaussNewtonOperator(function_objective(lambda x: x.square().sum(), (1.0, 1.0)))
        >>> (G @ [1.0, 0.5]).tolist()
        [2.0, 1.0]
    """

    def _differentiate(self, term: Term) -> tuple[Tensor, Tensor, tuple[Tensor, ...], Tensor, Tensor]:
        outputs = term.outputs()
        # J' u is linear in u, so differentiating it by u gives J v without forward-mode differentiation
        dual = torch.zeros_like(outputs, requires_grad=True)
        pulled = torch.autograd.grad(
            outputs, self._objective.parameters, dual, create_graph=True, materialize_grads=True
        )
        at = outputs.detach().requires_grad_()
        (slope,) = torch.autograd.grad(term.weight * term.loss(at), at, create_graph=True)
        return outputs, dual, pulled, at, slope

    def _multiply(
        self, graph: tuple[Tensor, Tensor, tuple[Tensor, ...], Tensor, Tensor], vector: Tensor, retain: bool
    ) -> Tensor:
        outputs, dual, pulled, at, slope = graph
        (pushed,) = torch.autograd.grad(pulled, dual, self._pieces(vector), retain_graph=True)
        if not slope.requires_grad:
            return torch.zeros_like(vector)
        (bent,) = torch.autograd.grad(slope, at, pushed, retain_graph=retain, materialize_grads=True)
        products = torch.autograd.grad(
            outputs, self._objective.parameters, bent, retain_graph=retain, materialize_grads=True
        )
        return flat(products)


def as_operator(matrix: Any) -> LinearOperator:
    """Return a matrix, or anything that multiplies vectors, as a SciPy operator.

    Args:
        matrix: a NumPy array, a SciPy sparse matrix or operator, one of ours, or an operator of curvlinops.

    Raises:
        InputError: it is not square, or can't multiply.
    """
    converted = matrix.to_scipy() if hasattr(matrix, "to_scipy") else matrix
    try:
        operator = aslinearoperator(converted)
    except TypeError as error:
        raise InputError(f"{type(matrix).__name__} is no matrix: it needs a shape and a product ({error}).") from error
    if operator.shape[0] != operator.shape[1]:
        raise InputError(f"curvature is a square matrix; this one has shape {operator.shape}.")
    return operator


def dense(matrix: Any) -> ndarray:
    """Return the whole matrix (coordinate, coordinate) in float64, symmetrised; for small ones."""
    operator = as_operator(matrix)
    columns = np.column_stack([operator.matvec(column) for column in np.eye(operator.shape[0], dtype=operator.dtype)])
    columns = columns.astype(np.float64)
    return (columns + columns.T) / 2
