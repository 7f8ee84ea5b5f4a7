"""Polyak's heavy ball: the accumulated form of momentum."""

from collections.abc import Iterable
from typing import Any

from neurobridge.ann.optimizers.inertia import Inertia


class HeavyBall(Inertia):
    """Gradient descent with inertia.

        v <- beta v + g
        x <- x - lr v

    On a quadratic with curvatures in [m, L], kappa = L / m, the step 4 / (sqrt L + sqrt m)^2 with beta =
    ((sqrt kappa - 1) / (sqrt kappa + 1))^2 reaches the asymptotic factor (sqrt kappa - 1) / (sqrt kappa +
    1). The arithmetic is `torch.optim.SGD`'s.

    Args:
        parameters: tensors or parameter groups.
        lr: step size; the stationary step is lr g / (1 - beta).
        beta: how much of the velocity is kept, in [0, 1).
        weight_decay: adds weight_decay x to g.
        maximize: ascend instead.
        fused: None takes torch's fused kernels wherever they work.

    Raises:
        InputError: an option is outside its range.

    Source:
        Polyak 1964, Some methods of speeding up the convergence of iteration methods.

    Example:
        >>> x = torch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = HeavyBall([x], lr=0.25, beta=0.5)
        >>> x.square().sum().backward(); optimizer.step(); x.tolist()
        [0.5, -1.0]
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        beta: float = 0.9,
        *,
        weight_decay: float = 0.0,
        maximize: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(parameters, lr, beta, weight_decay=weight_decay, maximize=maximize, fused=fused)
