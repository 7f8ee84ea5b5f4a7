"""A loss as a function of one long vector: the parameters of a network, or a point of a classic function."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn import Module
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from neurobridge.errors import InputError

Batches = Sequence[tuple[Tensor, Tensor]]


@final
@dataclass(frozen=True, kw_only=True)
class Term:
    """One batch's share of a loss: weight loss(outputs())."""

    weight: float
    outputs: Callable[[], Tensor]
    loss: Callable[[Tensor], Tensor]


@final
@dataclass(frozen=True, kw_only=True)
class Objective:
    """f(w) = sum of terms, with w the parameters laid end to end.

    Args:
        parameters: what w consists of.
        terms: what is summed; curvature products keep the graph of a single term and rebuild those of
            several.

    Raises:
        InputError: there is no parameter or no term.
    """

    parameters: tuple[Tensor, ...]
    terms: tuple[Term, ...]

    def __post_init__(self) -> None:
        if not self.parameters or not self.terms:
            raise InputError("an objective needs at least one parameter that requires a gradient, and one batch.")

    @property
    def dimension(self) -> int:
        """Number of coordinates."""
        return sum(parameter.numel() for parameter in self.parameters)

    def vector(self) -> Tensor:
        """Return a copy of w."""
        return parameters_to_vector(self.parameters).detach().clone()

    def assign(self, vector: Tensor) -> None:
        """Set w.

        Raises:
            InputError: another length than `dimension`.
        """
        if vector.shape != (self.dimension,):
            raise InputError(f"expected a vector of {self.dimension} parameters, got shape {tuple(vector.shape)}.")
        with torch.no_grad():
            vector_to_parameters(vector.detach().clone(), self.parameters)

    @contextmanager
    def at(self, vector: Tensor) -> Iterator[None]:
        """Set w for the length of a `with` block."""
        before = self.vector()
        self.assign(vector)
        try:
            yield
        finally:
            self.assign(before)

    def value(self) -> float:
        """Return f(w)."""
        with torch.no_grad():
            return sum(term.weight * float(term.loss(term.outputs())) for term in self.terms)

    def gradient(self) -> Tensor:
        """Return the gradient of f at w, as one vector."""
        total = torch.zeros_like(self.vector())
        for term in self.terms:
            loss = term.weight * term.loss(term.outputs())
            total += flat(torch.autograd.grad(loss, self.parameters, materialize_grads=True))
        return total

    def value_at(self, vector: Tensor) -> float:
        """Return f at another point, and stay here."""
        with self.at(vector):
            return self.value()


def network_objective(
    model: Module, loss: Callable[[Tensor, Tensor], Tensor], batches: Batches, *, seed: int = 0
) -> Objective:
    """Return the mean loss of a network over batches as a function of its parameters.

    Evaluations leave running statistics alone; in training mode they all see the dropout masks of `seed`.
    Batch normalisation in training mode and in evaluation mode are two different landscapes: choose with
    `model.eval()`.

    Args:
        model: its parameters that require a gradient are w.
        loss: mean loss of a batch from (outputs, targets).
        batches: (inputs, targets) pairs.
        seed: of the random layers.
    """
    total = sum(len(inputs) for inputs, _ in batches)
    terms = [
        Term(
            weight=len(inputs) / total,
            outputs=_repeatable(model, inputs, seed),
            loss=lambda outputs, targets=targets: loss(outputs, targets),  # type: ignore[misc]
        )
        for inputs, targets in batches
    ]
    parameters = tuple(entry for entry in model.parameters() if entry.requires_grad)
    return Objective(parameters=parameters, terms=tuple(terms))


def function_objective(function: Callable[[Tensor], Tensor], point: Sequence[float] | Tensor) -> Objective:
    """Return a function of a vector, at a point, in float64.

    Args:
        function: maps (dimension,) to a scalar.
        point: where the objective stands at first.
    """
    x = torch.as_tensor(point, dtype=torch.float64).clone().requires_grad_()
    return Objective(parameters=(x,), terms=(Term(weight=1.0, outputs=lambda: x, loss=function),))


def flat(tensors: Iterable[Tensor]) -> Tensor:
    """Return tensors laid end to end, without their graph."""
    return torch.cat([tensor.detach().reshape(-1) for tensor in tensors])


def _repeatable(model: Module, inputs: Tensor, seed: int) -> Callable[[], Tensor]:
    def outputs() -> Tensor:
        if not model.training:
            return model(inputs)
        buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
        devices = [inputs.device] if inputs.is_cuda else []
        with torch.random.fork_rng(devices):
            torch.manual_seed(seed)
            return functional_call(model, buffers, (inputs,))

    return outputs
