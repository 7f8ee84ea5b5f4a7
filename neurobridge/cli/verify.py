"""`neurobridge verify NET`: the same network in every simulator that is installed, compared spike for spike."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, final

from tyro.conf import Positional, arg

from neurobridge.cli.output import show
from neurobridge.cli.sources import calibration
from neurobridge.comparison.verify import verify
from neurobridge.conversion.files import load
from neurobridge.program import FAULT


@final
@dataclass(frozen=True)
class Config:
    """Run a converted network in every simulator that is installed, and compare their spikes one by one.

    With --exact, weights, thresholds and inputs are rounded so that no arithmetic rounds any more; any difference
    is then a fault, and the exit code is 1.

    Example: neurobridge verify net.nb --exact --out verified
    """

    network: Annotated[Positional[Path], arg(metavar="FILE")]
    """A file that `neurobridge convert` or `neurobridge.save` wrote."""
    inputs: Path | None = None
    """An .npz or .npy file with one array of inputs, first axis the sample; random ones if left out."""
    samples: int = 4
    """How many inputs to run."""
    exact: bool = False
    """Round to a grid on which every sum is exact."""
    bits: int = 10
    """Binary places of that grid."""
    seed: int = 0
    """Of random inputs."""
    out: Path | None = None
    """A folder for verification.json and the picture of the spikes."""
    json: bool = False
    """Print one JSON object instead of words."""


def main(config: Config) -> None:
    """Verify the network, print the rows, and exit with 1 if exact arithmetic gave other spikes."""
    inputs = None if config.inputs is None else calibration(config.inputs)
    snn = load(config.network)
    found = verify(snn, inputs, samples=config.samples, exact=config.exact, bits=config.bits, seed=config.seed)
    written = () if config.out is None else found.save(config.out)
    versions = ", ".join(f"{name} {number}" for name, number in found.versions.items())
    grid = "as it is" if found.bits is None else f"on a grid of 2^-{found.bits}"
    words = [
        f"{found.code}, T = {found.steps}, {grid}; {found.samples} inputs: {found.inputs}",
        versions,
        "",
        found.table(),
        "",
        f"{found.differing:,} of {found.spikes:,} spikes differ",
        *(f"saved: {path}" for path in written),
    ]
    show(found.data() | {"files": [str(path) for path in written]}, "\n".join(words), as_json=config.json)
    if config.exact and found.differing:
        sys.exit(FAULT)
