"""A Gaussian over a network's weights, trained to have a small PAC-Bayes bound, and its certificate."""

from dataclasses import dataclass
from math import log
from typing import final

import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn import Module, functional

from neurobridge.ann.generalization.pac_bayes import BOUNDS, complexity, kl_inverse
from neurobridge.errors import InputError, lookup


@final
@dataclass(frozen=True, kw_only=True)
class GaussianPosterior:
    """Independent normal weights around a mean, and the prior they are judged against.

    Args:
        mean: of shape (weight).
        deviation: of shape (weight), positive.
        prior_mean: of shape (weight).
        prior_deviation: one number for all weights.
    """

    mean: Tensor
    deviation: Tensor
    prior_mean: Tensor
    prior_deviation: float

    def divergence(self) -> Tensor:
        """Return KL(posterior || prior) in nats."""
        ratio = self.deviation / self.prior_deviation
        shift = (self.mean - self.prior_mean) / self.prior_deviation
        return (ratio.square() + shift.square() - 1 - 2 * ratio.log()).sum() / 2

    def draw(self, generator: torch.Generator) -> Tensor:
        """Return one weight vector."""
        noise = torch.randn(self.mean.shape, generator=generator, dtype=self.mean.dtype)
        return self.mean + self.deviation * noise


@final
@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What holds with probability 1 - delta about the random network's error on new samples.

    Args:
        bound: the expected error is below this.
        empirical: mean training error over the drawn networks.
        empirical_bound: upper bound of the posterior's training error, from the draws.
        divergence: KL(posterior || prior) in nats.
        n: samples the bound is computed on.
        delta: probability that it fails, sampling of networks included.
    """

    bound: float
    empirical: float
    empirical_bound: float
    divergence: float
    n: int
    delta: float


@final
@dataclass(frozen=True, kw_only=True)
class PosteriorConfig:
    """How a posterior is trained.

    Args:
        bound: one of `TRAINABLE`, which is minimised.
        prior_deviation: of the prior and of the posterior at the start; 0.03 as in the source.
        delta: of the bound.
        epochs: passes over the samples.
        batch_size: samples per update.
        lr: Adam's step.
        smallest_probability: log loss is cut there, which makes it a loss in [0, 1].
        seed: of weights and batches.
    """

    bound: str = "quadratic"
    prior_deviation: float = 0.03
    delta: float = 0.025
    epochs: int = 100
    batch_size: int = 100
    lr: float = 1e-3
    smallest_probability: float = 1e-5
    seed: int = 0


def _quadratic(loss: Tensor, half: Tensor) -> Tensor:
    return (torch.sqrt(loss + half) + torch.sqrt(half)).square()


def _mcallester(loss: Tensor, half: Tensor) -> Tensor:
    return loss + torch.sqrt(half)


# bound -> function of (training loss, C / 2n); Maurer's has no closed form, and the quadratic one is its relaxation
TRAINABLE = {"quadratic": _quadratic, "mcallester": _mcallester}


def train_posterior(
    model: Module, inputs: Tensor, targets: Tensor, prior_mean: Tensor, config: PosteriorConfig | None = None
) -> GaussianPosterior:
    """Minimise a PAC-Bayes bound over Gaussians, starting from the prior, by Bayes by backprop.

    Args:
        model: the architecture; its own weights are not used.
        inputs: of shape (sample, ...).
        targets: labels, of shape (sample).
        prior_mean: weights that were chosen without these samples: at random, or trained on others.
        config: how.

    Raises:
        UnknownNameError: no such bound can be trained.

    Source:
        Perez-Ortiz, Rivasplata, Shawe-Taylor and Szepesvari 2021, Tighter risk certificates for neural
        networks.
    """
    config = config or PosteriorConfig()
    bound = lookup("trainable bound", config.bound, TRAINABLE)
    mean = prior_mean.detach().clone().requires_grad_()
    # softplus(rho) is the deviation; this is its inverse
    rho = torch.full_like(mean, log(torch.expm1(torch.tensor(config.prior_deviation)).item())).requires_grad_()
    optimizer = torch.optim.Adam([mean, rho], lr=config.lr)
    generator = torch.Generator().manual_seed(config.seed)
    for _ in range(config.epochs):
        for rows in torch.randperm(len(inputs), generator=generator).split(config.batch_size):
            posterior = _posterior(mean, rho, prior_mean, config)
            outputs = predict(model, posterior.draw(generator), inputs[rows])
            loss = _bounded_log_loss(outputs, targets[rows], config.smallest_probability)
            half = complexity_tensor(posterior.divergence(), len(inputs), config.delta) / (2 * len(inputs))
            optimizer.zero_grad(set_to_none=True)
            bound(loss, half).backward()
            optimizer.step()
    return _posterior(mean.detach(), rho.detach(), prior_mean, config)


def certify(
    model: Module,
    posterior: GaussianPosterior,
    inputs: Tensor,
    targets: Tensor,
    *,
    bound: str = "maurer",
    draws: int = 500,
    delta: float = 0.025,
    sampling_delta: float = 0.01,
    seed: int = 0,
) -> Certificate:
    """Return a bound on the error of networks drawn from the posterior, valid with 1 - delta - sampling_delta.

    Args:
        model: the architecture.
        posterior: whose prior did not see these samples.
        inputs: of shape (sample, ...).
        targets: labels, of shape (sample).
        bound: one of `pac_bayes.BOUNDS`.
        draws: networks whose training error is averaged; the average is raised by kl^-1(., ln(2 / delta') /
            draws).
        delta: of the bound.
        sampling_delta: delta', of the average over draws.
        seed: of the draws.

    Raises:
        InputError: fewer than one draw.
        UnknownNameError: no such bound.
    """
    if draws < 1:
        raise InputError(f"certify: draws={draws} must be at least 1.")
    formula = lookup("bound", bound, BOUNDS)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        errors = [
            float((predict(model, posterior.draw(generator), inputs).argmax(1) != targets).double().mean())
            for _ in range(draws)
        ]
    empirical = sum(errors) / draws
    raised = float(kl_inverse(empirical, log(2 / sampling_delta) / draws))
    divergence = float(posterior.divergence())
    return Certificate(
        bound=float(formula(raised, divergence, len(inputs), delta)),
        empirical=empirical,
        empirical_bound=raised,
        divergence=divergence,
        n=len(inputs),
        delta=delta + sampling_delta,
    )


def predict(model: Module, weights: Tensor, inputs: Tensor) -> Tensor:
    """Return the outputs of a network whose parameters, laid end to end, are `weights`."""
    named = dict(model.named_parameters())
    pieces = weights.split([entry.numel() for entry in named.values()])
    shaped = {name: piece.view_as(entry) for (name, entry), piece in zip(named.items(), pieces, strict=True)}
    return functional_call(model, shaped, (inputs,))


def complexity_tensor(divergence: Tensor, n: int, delta: float) -> Tensor:
    """Return C = KL + ln(2 sqrt n / delta) with its graph."""
    return divergence + float(complexity(0.0, n, delta))


def _posterior(mean: Tensor, rho: Tensor, prior_mean: Tensor, config: PosteriorConfig) -> GaussianPosterior:
    return GaussianPosterior(
        mean=mean,
        deviation=functional.softplus(rho),
        prior_mean=prior_mean,
        prior_deviation=config.prior_deviation,
    )


def _bounded_log_loss(outputs: Tensor, targets: Tensor, smallest: float) -> Tensor:
    chosen = functional.log_softmax(outputs, dim=1).gather(1, targets[:, None])
    return chosen.clamp(min=log(smallest)).mean() / log(smallest)
