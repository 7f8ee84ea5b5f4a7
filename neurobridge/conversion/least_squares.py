"""Ridge regression of the weights of synapses, whatever maps they are made of, by conjugate gradients."""

from functools import partial

import torch
from torch import Tensor
from torch.func import functional_call

from neurobridge.backends.snntorch.synapses import Weights

ITERATIONS = 30
"""Conjugate gradient steps; the ridge makes the problem well conditioned long before."""

Directions = dict[str, Tensor]


def refit(
    synapses: Weights, inputs: list[Tensor], wanted: Tensor, ridge: float, axis: int, chosen: tuple[int, ...]
) -> Tensor:
    """Move the weights so that the synapses' output comes nearer to what is wanted, and return a shift of the bias.

    Minimises |J d - (wanted - output)|^2 + lambda |d|^2 over the change d of the weights, and of one bias for each
    channel, which is not penalised. lambda is a share of the mean diagonal of J^T J.

    Args:
        synapses: a module whose weights are changed.
        inputs: (sample, ...) for each map.
        wanted: (sample, ...) output.
        ridge: lambda as a share of the mean square of what one weight sees.
        axis: of the channels in a sample, from the end.
        chosen: which of the maps have weights that may change.
    """
    named = {f"maps.{position}.weight" for position in chosen}
    weights = {n: p.detach() for n, p in synapses.named_parameters() if n in named}
    rest = {n: torch.zeros_like(p) for n, p in synapses.named_parameters() if n not in weights}
    error = wanted - synapses(inputs)
    others = [a for a in range(-error.ndim + 1, 0) if a != axis]

    def forward(change: Directions) -> Tensor:
        moved = {n: change[n] for n in weights}
        return functional_call(synapses, {**rest, **moved}, (inputs,), {"with_bias": False}) + change["shift"]

    def adjoint(cotangent: Tensor) -> Directions:
        zero = {n: torch.zeros_like(p).requires_grad_() for n, p in weights.items()}
        zero["shift"] = error.new_zeros(error.mean(dim=[0, *others], keepdim=True)[0].shape).requires_grad_()
        with torch.enable_grad():
            output = forward(zero)
        return dict(zip(zero, torch.autograd.grad(output, list(zero.values()), cotangent), strict=True))

    start = adjoint(error)
    change = _solved(partial(_normal, forward, adjoint, _penalty(forward, start, ridge)), start)
    with torch.no_grad():
        for name, parameter in synapses.named_parameters():
            if name in weights:
                parameter.add_(change[name])
    return change["shift"]


def _penalty(forward, like: Directions, ridge: float) -> float:
    """Return lambda: the mean diagonal of J^T J is the expectation of |J e|^2 over random signs e."""
    generator = torch.Generator().manual_seed(0)
    signs = {n: torch.randint(2, d.shape, generator=generator).to(d) * 2 - 1 for n, d in like.items()}
    signs["shift"] = torch.zeros_like(like["shift"])
    count = sum(d.numel() for n, d in like.items() if n != "shift")
    return ridge * float(forward(signs).square().sum()) / count


def _normal(forward, adjoint, penalty: float, change: Directions) -> Directions:
    """Return (J^T J + lambda) d; the shift is not penalised."""
    product = adjoint(forward(change))
    return {n: p if n == "shift" else p + penalty * change[n] for n, p in product.items()}


def _solved(normal, target: Directions) -> Directions:
    """Return the solution of a positive definite system by conjugate gradients (Hestenes and Stiefel 1952)."""
    found = {n: torch.zeros_like(t) for n, t in target.items()}
    residual, direction = target, target
    size = first = _dot(residual, residual)
    for _ in range(ITERATIONS):
        if size <= 1e-12 * first:
            break
        product = normal(direction)
        step = size / _dot(direction, product)
        found = {n: f + step * direction[n] for n, f in found.items()}
        residual = {n: r - step * product[n] for n, r in residual.items()}
        before, size = size, _dot(residual, residual)
        direction = {n: residual[n] + size / before * d for n, d in direction.items()}
    return found


def _dot(a: Directions, b: Directions) -> float:
    return sum(float((a[n] * b[n]).sum()) for n in a)
