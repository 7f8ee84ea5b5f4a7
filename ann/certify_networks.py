"""How small a test error can be guaranteed from the training data alone?

Expected: with a prior trained on half of the data, networks of thousands of weights get bounds far below
one half; a random prior leaves even the linear model above it. Every guarantee holds on the test set.

Source: Perez-Ortiz et al. 2021, Tighter risk certificates for neural networks; Dziugaite and Roy 2017.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from neurobridge import program
from neurobridge.ann.generalization.gaussian_posterior import PosteriorConfig, certify, predict, train_posterior
from neurobridge.ann.generalization.pac_bayes import BOUNDS
from neurobridge.plots.generalization import certificates
from neurobridge.plots.style import save
from neurobridge.tasks.digits import originals


@dataclass
class Config:
    """How long to train and how often to draw."""

    epochs: int = 60
    """Passes of the posteriors' training; five times as many with a random prior."""
    draws: int = 500
    """Networks whose error is averaged."""
    out: Path = Path("reports/generalization")
    """Folder of the figure."""


# name -> (hidden units, share of the data that trains the prior, prior's standard deviation, learning rate)
NETWORKS = {
    "64-128-10, prior from half of the data": (128, 0.5, 0.03, 1e-3),
    "64-32-10, prior from half of the data": (32, 0.5, 0.03, 1e-3),
    "64-10, prior from half of the data": (0, 0.5, 0.1, 1e-3),
    "64-10, random prior": (0, 0.0, 2.0, 5e-2),
}


def main(config: Config) -> None:
    """Certify every network, print, draw."""
    torch.set_num_threads(1)
    rows = {name: row(*network, config) for name, network in NETWORKS.items()}
    for name, (empirical, test, bounds) in rows.items():
        shown = ", ".join(f"{bound} {value:.3f}" for bound, value in bounds.items())
        print(f"{name:40s} training {empirical:.3f} test {test:.3f} bounds: {shown}")
    bounds = {name: np.array([entry[2][name] for entry in rows.values()]) for name in BOUNDS}
    empirical, test = (np.array([entry[index] for entry in rows.values()]) for index in (0, 1))
    save(certificates(list(rows), empirical, test, bounds), config.out, "certificates")
    print(f"written to {config.out}")


def row(
    hidden: int, share: float, deviation: float, lr: float, config: Config
) -> tuple[float, float, dict[str, float]]:
    """Return training error, test error and every bound of one network."""
    (inputs, targets), (test_inputs, test_targets) = data()
    torch.manual_seed(0)
    layers = [nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10)] if hidden else [nn.Linear(64, 10)]
    model = nn.Sequential(*layers)
    used = int(share * len(inputs))
    train_prior(model, inputs[:used], targets[:used])
    prior = nn.utils.parameters_to_vector(model.parameters()).detach()
    epochs = config.epochs if share else 5 * config.epochs
    training = PosteriorConfig(epochs=epochs, prior_deviation=deviation, lr=lr)
    posterior = train_posterior(model, inputs[used:], targets[used:], prior, training)
    found = {
        name: certify(model, posterior, inputs[used:], targets[used:], bound=name, draws=config.draws)
        for name in BOUNDS
    }
    errors = []
    for seed in range(100):
        outputs = predict(model, posterior.draw(torch.Generator().manual_seed(seed)), test_inputs)
        errors.append(float((outputs.argmax(1) != test_targets).double().mean()))
    return found["maurer"].empirical, float(np.mean(errors)), {name: entry.bound for name, entry in found.items()}


def train_prior(model: nn.Module, inputs: Tensor, targets: Tensor) -> None:
    """Train a network for 40 epochs of Adam; on no data it stays random."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(40 if len(inputs) else 0):
        for rows in torch.randperm(len(inputs)).split(50):
            optimizer.zero_grad()
            cross_entropy(model(inputs[rows]), targets[rows]).backward()
            optimizer.step()


def data() -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return training (with validation) and test digits as vectors."""
    train, validation, test = originals()
    inputs = np.concatenate([train.inputs, validation.inputs])
    targets = np.concatenate([train.targets, validation.targets])
    return (
        (torch.as_tensor(inputs).flatten(1), torch.as_tensor(targets)),
        (torch.as_tensor(test.inputs).flatten(1), torch.as_tensor(test.targets)),
    )


if __name__ == "__main__":
    program.run(Config, main)
