"""Langevin dynamics on known potentials, and the densities it must settle to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.ann.optimizers.sgld import SGLD
from neurobridge.errors import InputError, SimulationError


@final
@dataclass(frozen=True, kw_only=True)
class Potential:
    """An energy U of one variable.

    Args:
        formula: U as text.
        energy: maps positions (...) to energies (...).
        left: where the interval begins that holds practically all probability.
        right: where it ends.
    """

    formula: str
    energy: Callable[[Tensor], Tensor]
    left: float
    right: float


POTENTIALS: dict[str, Potential] = {
    "quadratic": Potential(formula="x²/2", energy=lambda x: x.square() / 2, left=-6.0, right=6.0),
    "double well": Potential(formula="(x² - 1)²", energy=lambda x: (x**2 - 1) ** 2, left=-3.0, right=3.0),
    "tilted double well": Potential(
        formula="(x² - 1)² + 0.2 x", energy=lambda x: (x**2 - 1) ** 2 + 0.2 * x, left=-3.0, right=3.0
    ),
}


def boltzmann(potential: Potential, temperature: float, edges: ndarray) -> ndarray:
    """Return the probability of each bin under exp(-U / T) / Z, integrated numerically.

    Args:
        potential: U.
        temperature: T.
        edges: of the bins, of shape (bin + 1); probability outside them is left out.

    Raises:
        InputError: the temperature is not positive.
    """
    if not temperature > 0:
        raise InputError(f"boltzmann: temperature={temperature} must be positive.")
    fine = np.linspace(edges[:-1], edges[1:], 33, axis=1)
    energy = potential.energy(torch.as_tensor(fine)).numpy()
    mass = np.trapezoid(np.exp(-(energy - energy.min()) / temperature), fine, axis=1)
    return mass / mass.sum()


def langevin(
    potential: Potential,
    temperature: float,
    *,
    lr: float = 0.01,
    chains: int = 2000,
    steps: int = 2000,
    burn_in: int = 500,
    thin: int = 10,
    gradient_noise: float = 0.0,
    seed: int = 0,
) -> ndarray:
    """Run independent chains with the optimiser SGLD and return what they visited, of shape (sample, chain).

    Args:
        potential: U.
        temperature: T.
        lr: step; the bias of the stationary density is of this order.
        chains: walkers, started evenly over the potential's interval.
        steps: updates.
        burn_in: updates that are forgotten.
        thin: keep every so-many-th state.
        gradient_noise: standard deviation of noise added to gradients, as mini-batches would; it raises the
            effective temperature by lr gradient_noise^2 / 2.
        seed: of all randomness.

    Raises:
        InputError: no state would be kept.
        SimulationError: a chain escaped, because lr is too large for the potential.
    """
    if not (chains >= 1 and thin >= 1 and steps > burn_in >= 0):
        raise InputError(f"langevin: needs chains, thin >= 1 and steps={steps} > burn_in={burn_in} >= 0.")
    x = torch.linspace(potential.left / 2, potential.right / 2, chains, dtype=torch.float64).requires_grad_()
    optimizer = SGLD([x], lr=lr, temperature=temperature, seed=seed)
    noise = torch.Generator().manual_seed(seed + 1)
    kept = []
    for step in range(steps):
        (x.grad,) = torch.autograd.grad(potential.energy(x).sum(), x)
        if gradient_noise:
            x.grad += gradient_noise * torch.randn(chains, generator=noise, dtype=torch.float64)
        optimizer.step()
        if step >= burn_in and (step - burn_in) % thin == 0:
            kept.append(x.detach().clone())
    samples = torch.stack(kept).numpy()
    if not np.isfinite(samples).all():
        raise SimulationError(f"langevin: a chain left the potential {potential.formula}; take lr below {lr:g}.")
    return samples


def total_variation(samples: ndarray, probabilities: ndarray, edges: ndarray) -> float:
    """Return half the sum of |observed - expected| over bins, between 0 and 1.

    Args:
        samples: of any shape; those outside the edges count as missing everywhere.
        probabilities: expected, of shape (bin).
        edges: of shape (bin + 1).
    """
    counts, _ = np.histogram(samples, edges)
    observed = counts / samples.size
    return float((np.abs(observed - probabilities).sum() + (1 - observed.sum())) / 2)
