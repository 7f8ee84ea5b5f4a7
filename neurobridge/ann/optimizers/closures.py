"""The closure an optimiser calls: zero the gradients, evaluate the loss, differentiate; or evaluate only."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from inspect import CO_VARKEYWORDS, Parameter, signature
from types import CodeType

import torch
from torch import Tensor
from torch.nn import Module
from torch.optim import Optimizer

LossFunction = Callable[[], Tensor]


@dataclass(frozen=True, kw_only=True)
class Closure:
    """A closure that optimisers may also call for the value alone, at about a third of the cost.

    A plain function that takes no argument works with every optimiser here except full relaxation; then a
    line search pays for a backward pass in every trial.

    Args:
        optimizer: its gradients are set to none before each backward pass.
        loss: evaluates the loss of the present batch; returns a scalar with its graph.
        model: its buffers (running statistics) change only in calls with `backward`; None if it has none.

    Example:
        >>> x = torch.tensor([3.0], requires_grad=True)
        >>> optimizer = torch.optim.SGD([x], lr=0.5)
        >>> float(optimizer.step(Closure(optimizer=optimizer, loss=lambda: x.square().sum())).detach())
        9.0
    """

    optimizer: Optimizer
    loss: LossFunction
    model: Module | None = None

    def __call__(self, backward: bool = True) -> Tensor:
        """Return the loss; with `backward` also fill the gradients."""
        if not backward:
            return self._value()
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss()
        loss.backward()
        return loss

    def _value(self) -> Tensor:
        buffers = list(self.model.buffers()) if self.model is not None else []
        before = [buffer.clone() for buffer in buffers]
        loss = self.loss()
        with torch.no_grad():
            for buffer, saved in zip(buffers, before, strict=True):
                buffer.copy_(saved)
        return loss


def evaluates_without_backward(closure: Callable[..., Tensor]) -> bool:
    """Return whether `closure(backward=False)` is allowed."""
    function = closure if hasattr(closure, "__code__") else type(closure).__call__
    if hasattr(function, "__code__") and not hasattr(function, "__wrapped__"):
        return _takes_backward(function.__code__)
    parameters = signature(closure).parameters.values()
    return any(entry.name == "backward" or entry.kind == Parameter.VAR_KEYWORD for entry in parameters)


# a signature takes longer to make than a small network to update, and most closures are made anew for every step
@lru_cache(maxsize=64)
def _takes_backward(code: CodeType) -> bool:
    named = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return "backward" in named or bool(code.co_flags & CO_VARKEYWORDS)


class FrozenRandomness:
    """Replays the same random numbers in every block, so that dropout draws one mask per line search.

    Args:
        device: where the parameters live; its generator is frozen together with the CPU's.
    """

    def __init__(self, device: torch.device) -> None:
        self._cuda = device if device.type == "cuda" else None
        self._saved = self._states()

    def replay(self) -> None:
        """Set the generators back to where they were when this object was made."""
        torch.set_rng_state(self._saved[0])
        if self._cuda is not None:
            torch.cuda.set_rng_state(self._saved[1], self._cuda)

    def _states(self) -> list[Tensor]:
        states = [torch.get_rng_state()]
        return states if self._cuda is None else [*states, torch.cuda.get_rng_state(self._cuda)]
