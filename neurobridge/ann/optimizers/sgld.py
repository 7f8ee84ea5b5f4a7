"""Stochastic gradient Langevin dynamics: gradient descent with thermal noise, a sampler."""

from collections.abc import Callable, Iterable
from math import sqrt
from typing import Any

import torch
from torch import Tensor

from neurobridge.ann.optimizers.gradient_descent import GradientDescent
from neurobridge.ann.optimizers.gradients import with_gradients
from neurobridge.ann.optimizers.options import require_between


class SGLD(GradientDescent):
    """Langevin dynamics at a temperature T.

        x <- x - lr g + sqrt(2 lr T) xi,    xi ~ N(0, 1)

    For small lr the iterates have the density exp(-U / T) / Z, where g is the gradient of U. A mean loss
    over N samples is U / N: to sample the Bayesian posterior from it take T = 1 / N. On U = lam x^2 / 2 the
    stationary variance is T / (lam (1 - lr lam / 2)). At T = 0 the rule is gradient descent, bit for bit.
    Noise costs more than the update itself, one normal number per parameter and step: on CPU drawing it takes
    about twenty times as long, and that bounds the rule's speed.

    Args:
        parameters: tensors or parameter groups.
        lr: step size, an interval of Langevin time.
        temperature: T, a group option, so it can be annealed (`Annealing`).
        weight_decay: adds weight_decay x to g: a Gaussian prior of variance T / weight_decay.
        seed: of the noise; step k draws from its own stream, so a run resumes exactly from `state_dict`.
            None takes torch's global generator.
        fused: None takes torch's fused kernels wherever they work.

    Raises:
        InputError: an option is outside its range.

    Source:
        Welling and Teh 2011, Bayesian learning via stochastic gradient Langevin dynamics (their step is 2
        lr, T = 1).

    Example:
        >>> x = torch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = SGLD([x], lr=0.25, temperature=0.0)
        >>> x.square().sum().backward(); optimizer.step(); x.tolist()
        [0.5, -1.0]
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        temperature: float = 1.0,
        *,
        weight_decay: float = 0.0,
        seed: int | None = None,
        fused: bool | None = None,
    ) -> None:
        require_between("SGLD", "temperature", temperature, 0)
        super().__init__(parameters, lr, weight_decay=weight_decay, fused=fused)
        own = {"temperature": temperature, "seed": seed, "steps": 0}
        self.defaults |= own
        for group in self.param_groups:
            group |= own | group

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:  # type: ignore[override]
        """Make one update and return the closure's loss, if there is a closure."""
        loss = super().step(closure)
        for index, group in enumerate(self.param_groups):
            if group["temperature"] > 0:
                _diffuse(group, with_gradients(group), index)
            group["steps"] += 1
        return loss  # type: ignore[return-value]


def _diffuse(group: dict[str, Any], parameters: list[Tensor], index: int) -> None:
    if not parameters:
        return
    generator = None if group["seed"] is None else _stream(group, index, parameters[0].device)
    noise = [torch.empty_like(parameter).normal_(generator=generator) for parameter in parameters]
    torch._foreach_add_(parameters, noise, alpha=sqrt(2 * group["lr"] * group["temperature"]))


def _stream(group: dict[str, Any], index: int, device: torch.device) -> torch.Generator:
    """Return this step's generator: its seed is a hash (splitmix64) of the run's seed, group and step."""
    word = (group["seed"] * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03 + group["steps"] + 1) % 2**64
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        word = ((word ^ (word >> shift)) * factor) % 2**64
    return torch.Generator(device).manual_seed(word ^ (word >> 31))
