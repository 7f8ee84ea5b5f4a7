"""What do recurrent, spatially transformed and attentive networks keep, and cost, as spikes?

Expected: at 8 steps a population the spiking networks answer as the originals do on 99.5 % of the samples or more (the
agent on 96 %, its two actions being nearly as good as each other, with the same return). Recurrent networks cost fewer
picojoules than their originals, the Transformer twice as many. A page with figures is written for each network.

Source: the measures and the energy presets are those of `neurobridge compare`, each with its paper in the report.
"""

from dataclasses import dataclass
from pathlib import Path

import torch

import neurobridge as nb
from neurobridge import program


@dataclass
class Config:
    """What is compared."""

    pairs: tuple[str, ...] = (
        "digits-augmented=cnn",
        "digits-augmented-rows=lstm",
        "digits-augmented-rows=transformer",
        "digits-rotated=stn-cnn",
        "cartpole=dqn",
    )
    """TASK=MODEL."""
    codes: tuple[str, ...] = ("radix",)
    """Codes that all of these can carry: radix, latency."""
    steps: tuple[int, ...] = (4, 8)
    """Steps of a population."""
    seeds: tuple[int, ...] = (0,)
    """One network is trained for each."""
    out: Path = Path("reports/networks")
    """Folder of the studies, one for each pair."""
    quick: bool = False
    """Train briefly: a look, not a result."""


def main(config: Config) -> None:
    """Compare each network with its quantised and its spiking forms."""
    torch.set_num_threads(1)
    for pair in config.pairs:
        task, _, model = pair.partition("=")
        found = nb.compare(
            task, model, config.codes, config.steps, config.seeds, config.out / f"{task}-{model}", quick=config.quick
        )
        print(found.table())
        print(f"{pair}: {found.report}\n")


if __name__ == "__main__":
    program.run(Config, main)
