"""Momentum in the averaged form: a step along the moving average of the gradients."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim.sgd import sgd

from neurobridge.ann.optimizers.gradients import DenseReal, fusable, gradients_of, require_dense, with_gradients
from neurobridge.ann.optimizers.options import require_between


class Momentum(DenseReal):
    """Descent along an exponential average of the gradients.

        v <- beta v + (1 - beta) g,    v = 0 at the start
        x <- x - lr v

    lr keeps its meaning when beta changes, unlike in the accumulated form. The state holds u = v / (1 -
    beta), so that one call of torch's SGD kernel with step lr (1 - beta) does the whole update. Note that
    `torch.optim.SGD(lr, momentum=beta, dampening=beta)` is another rule: it starts from v = g.

    Args:
        parameters: tensors or parameter groups.
        lr: step size.
        beta: weight of the past, in [0, 1); the average spans about 1 / (1 - beta) gradients.
        weight_decay: adds weight_decay x to g.
        maximize: ascend instead.
        fused: None takes torch's fused kernels wherever they work.

    Raises:
        InputError: an option is outside its range.

    Source:
        Polyak 1964; in this form Kingma and Ba 2015 (first moment of Adam without bias correction).

    Example:
        >>> x = torch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = Momentum([x], lr=0.5, beta=0.5)
        >>> x.square().sum().backward(); optimizer.step(); x.tolist()
        [0.5, -1.0]
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-2,
        beta: float = 0.9,
        *,
        weight_decay: float = 0.0,
        maximize: bool = False,
        fused: bool | None = None,
    ) -> None:
        require_between("Momentum", "lr", float(lr), 0)
        require_between("Momentum", "beta", beta, 0, 1)
        require_between("Momentum", "weight_decay", weight_decay, 0)
        parameters = list(parameters)
        fused = fusable(parameters) if fused is None else fused
        options = {"lr": lr, "beta": beta, "weight_decay": weight_decay, "maximize": maximize, "fused": fused}
        super().__init__(parameters, options)

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:  # type: ignore[override]
        """Make one update and return the closure's loss, if there is a closure."""
        loss = None if closure is None else torch.enable_grad()(closure)()
        for group in self.param_groups:
            require_dense("Momentum", (entry.grad for entry in group["params"]))
            self._update(group, with_gradients(group))
        return loss

    def _update(self, group: dict[str, Any], parameters: list[Tensor]) -> None:
        if not parameters:
            return
        buffers = [self.state[parameter].get("momentum_buffer") for parameter in parameters]
        sgd(
            parameters,
            gradients_of(parameters),
            buffers,
            weight_decay=group["weight_decay"],
            momentum=group["beta"],
            lr=group["lr"] * (1 - group["beta"]),
            dampening=0.0,
            nesterov=False,
            maximize=group["maximize"],
            has_sparse_grad=False,
            foreach=False,
            fused=group["fused"],
        )
        for parameter, buffer in zip(parameters, buffers, strict=True):
            self.state[parameter]["momentum_buffer"] = buffer
