"""What may be done to a network of the rate code so that few steps lose little: each part can be switched off."""

from dataclasses import dataclass
from typing import Literal

from neurobridge.errors import InputError

THRESHOLDS = ("least error", "largest")
MEMBRANES = ("half", "zero", "fitted")
MOST_EPOCHS = 10_000


@dataclass(frozen=True, kw_only=True)
class Repair:
    """How a rate network is fitted to T steps, without labels and without changing the original network.

    Everything ends up in weights, biases, thresholds and first membranes: the neurons stay integrate-and-fire neurons
    that any simulator or chip has. What each part is worth is in `benchmarks/results/rate_code.json`.

    Args:
        thresholds: "least error": per channel, the clipping with the least squared error in T steps (Li et al. 2021,
            A free lunch from ANN); "largest": the largest value seen.
        membranes: first membranes, in thresholds: "half" of one (Bu et al. 2022, Optimized potential initialization),
            "zero", or "fitted" per channel on the spikes of the populations before. Copies have their own.
        weights: refit the synapses behind spikes by ridge regression, so that their mean current is nearest to the
            original's drive (the layer-wise calibration of Li et al. 2021 in closed form). Outputs come nearer at
            all numbers of steps. Choices of a network of 10 layers agreed more often at all of them; of one of 3
            layers at 2 and 4 steps, and a little less at 8 (99.36 against 99.47 %).
        bias: move the bias of each channel until its mean rate is the original's, on the spikes before it (ibid.).
        epochs: passes over the calibration data in which all synapses are tuned together, by surrogate gradients, to
            give the original's outputs; 0 is none.
    """

    thresholds: Literal["least error", "largest"] = "least error"
    membranes: Literal["half", "zero", "fitted"] = "fitted"
    weights: bool = True
    bias: bool = True
    epochs: int = 0

    def __post_init__(self) -> None:
        for name, allowed in (("thresholds", THRESHOLDS), ("membranes", MEMBRANES)):
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} is {getattr(self, name)!r}; use one of {', '.join(map(repr, allowed))}")
        if isinstance(self.epochs, bool) or not isinstance(self.epochs, int) or not 0 <= self.epochs <= MOST_EPOCHS:
            raise InputError(f"epochs is {self.epochs!r}; it is a whole number from 0 to {MOST_EPOCHS}")
