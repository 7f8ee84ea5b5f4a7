"""Unsupervised learning of digits by STDP.

Question: can spikes learn shapes without labels?
Expected: receptive fields that look like digits, and far more right answers than the same network before learning.
Source: Diehl, Cook 2015, Front Comput Neurosci 9:99, on the 8 x 8 digits of scikit-learn
"""

from dataclasses import dataclass
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from neurobridge import program
from neurobridge.neuro.networks.digits import Digits, experiment
from neurobridge.plots.style import save


@dataclass
class Config:
    """Unsupervised learning of digits by STDP."""

    out: Path = Path("results")
    """Folder of the figure."""
    neurons: int = 100
    """How many excitatory neurons."""
    passes: int = 3
    """How often each of the 1,347 training images is shown."""
    quick: bool = False
    """A few images: a look, not a result."""


def main(config: Config) -> float:
    """Learn, draw the receptive fields, and return the accuracy on the test digits."""
    images, digits = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        images / 16, digits, test_size=450, random_state=0, stratify=digits
    )
    if config.quick:
        train_x, train_y, test_x, test_y = train_x[:40], train_y[:40], test_x[:10], test_y[:10]
    network = Digits(neurons=20 if config.quick else config.neurons)
    found = experiment(network, (train_x, train_y), (test_x, test_y), 1 if config.quick else config.passes)
    print(
        f"accuracy after {found.images} images: {100 * found.accuracy:.1f} % "
        f"(before learning {100 * found.baseline:.1f} %)"
    )
    save(found.plot(), config.out, "diehl_cook_2015_digits")
    return found.accuracy


if __name__ == "__main__":
    program.run(Config, main)
