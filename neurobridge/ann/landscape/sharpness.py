"""How fast the loss rises around a point."""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from neurobridge.ann.landscape.extremes import sharpness as top_curvature
from neurobridge.ann.landscape.objective import Objective
from neurobridge.ann.landscape.operators import HessianOperator
from neurobridge.ann.landscape.trace import hutch_plus_plus
from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class Sharpness:
    """Four measures of the same thing, at one point.

    Args:
        epsilon: the rise within a box, in per cent of 1 + loss.
        sam: the rise at the end of SAM's step of length rho.
        top: highest eigenvalue of the Hessian.
        trace: trace of the Hessian.
    """

    epsilon: float
    sam: float
    top: float
    trace: float


def measure_sharpness(
    objective: Objective, *, epsilon: float = 1e-3, rho: float = 0.05, products: int = 30, seed: int = 0
) -> Sharpness:
    """Return all measures at the present point of an objective.

    Args:
        objective: standing at the point, and left there.
        epsilon: half-width of the box relative to |w_i| + 1.
        rho: length of SAM's step.
        products: of the Hessian, for its trace.
        seed: of the random vectors.
    """
    operator = HessianOperator(objective)
    return Sharpness(
        epsilon=epsilon_sharpness(objective, epsilon),
        sam=sam_sharpness(objective, rho),
        top=top_curvature(operator, tolerance=1e-3),
        trace=hutch_plus_plus(operator, products, seed).value,
    )


def epsilon_sharpness(objective: Objective, epsilon: float = 1e-3, iterations: int = 10) -> float:
    """Return 100 (max f(w + d) - f(w)) / (1 + f(w)) over the box |d_i| <= epsilon (|w_i| + 1).

    The maximum is sought by L-BFGS-B as in the source, but from halfway to the corner that the gradient
    points to: from w itself, at a minimum, there would be no way up. What it finds is a lower bound.

    Args:
        objective: standing at w, and left there.
        epsilon: half-width of the box.
        iterations: of L-BFGS-B.

    Raises:
        InputError: `epsilon` is not positive.

    Source:
        Keskar et al. 2017, On large-batch training for deep learning, metric 2.1.
    """
    _require_positive("epsilon", epsilon)
    centre, value = objective.vector(), objective.value()
    reach = (epsilon * (centre.abs() + 1)).cpu().double().numpy()

    def negated(shift: np.ndarray) -> tuple[float, np.ndarray]:
        with objective.at(centre + torch.as_tensor(shift).to(centre)):
            return -objective.value(), -objective.gradient().cpu().double().numpy()

    start = reach / 2 * np.sign(objective.gradient().cpu().double().numpy())
    bounds = list(zip(-reach, reach, strict=True))
    options = {"maxiter": iterations, "gtol": 0.0, "ftol": 0.0}
    found = minimize(negated, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return 100 * max(0.0, -float(found.fun) - value) / (1 + value)


def sam_sharpness(objective: Objective, rho: float = 0.05) -> float:
    """Return f(w + rho g / |g|) - f(w), the rise SAM descends from (Foret et al. 2021); 0 where g is 0.

    Args:
        objective: standing at w, and left there.
        rho: length of the step.

    Raises:
        InputError: `rho` is not positive.
    """
    _require_positive("rho", rho)
    gradient = objective.gradient()
    norm = gradient.norm()
    if not norm > 0:
        return 0.0
    return objective.value_at(objective.vector() + rho * gradient / norm) - objective.value()


def ball_sharpness(objective: Objective, rho: float = 0.05, steps: int = 20, seed: int = 0) -> float:
    """Return a lower bound of max f(w + d) - f(w) over |d| <= rho, by projected gradient ascent.

    At a quadratic minimum it is rho^2 lam_max / 2.

    Args:
        objective: standing at w, and left there.
        rho: radius of the ball.
        steps: of the ascent; each goes to the ball's edge along the gradient.
        seed: of the first direction, which matters where the gradient is zero.

    Raises:
        InputError: `rho` is not positive.
    """
    _require_positive("rho", rho)
    centre, value = objective.vector(), objective.value()
    generator = torch.Generator().manual_seed(seed)
    direction = torch.randn(len(centre), generator=generator, dtype=torch.float64).to(centre)
    best = 0.0
    for _ in range(steps):
        shift = rho * direction / direction.norm()
        with objective.at(centre + shift):
            best = max(best, objective.value() - value)
            gradient = objective.gradient()
        if not gradient.norm() > 0:
            break
        direction = gradient
    return best


def average_sharpness(objective: Objective, sigma: float = 1e-2, samples: int = 50, seed: int = 0) -> float:
    """Return the mean of f(w + sigma z) - f(w) over normal z; sigma^2 trace(H) / 2 on a quadratic.

    Args:
        objective: standing at w, and left there.
        sigma: standard deviation of every coordinate.
        samples: random directions; each is used with both signs, which removes the gradient's part.
        seed: of the directions.

    Raises:
        InputError: `sigma` is not positive.
    """
    _require_positive("sigma", sigma)
    centre, value = objective.vector(), objective.value()
    generator = torch.Generator().manual_seed(seed)

    def rise() -> float:
        shift: Tensor = sigma * torch.randn(len(centre), generator=generator, dtype=torch.float64).to(centre)
        return (objective.value_at(centre + shift) + objective.value_at(centre - shift)) / 2 - value

    return float(np.mean([rise() for _ in range(samples)]))


def _require_positive(name: str, value: float) -> None:
    if not value > 0:
        raise InputError(f"sharpness: {name}={value} must be positive.")
