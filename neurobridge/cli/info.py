"""`neurobridge info NET`: what a converted network holds."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, final

from tyro.conf import Positional, arg

from neurobridge.cli.output import broken, show
from neurobridge.comparison import chips
from neurobridge.conversion.files import load


@final
@dataclass(frozen=True)
class Config:
    """Say what a converted network holds: its code and steps, its layers, what became of each operation, chips it fits.

    Example: neurobridge info net.nb
    """

    network: Annotated[Positional[Path], arg(metavar="FILE")]
    """A file that `neurobridge convert` or `neurobridge.save` wrote."""
    json: bool = False
    """Print one JSON object instead of words."""


def main(config: Config) -> None:
    """Open the file and print what is in it."""
    snn = load(config.network)
    kinds = dict(Counter(type(node).__name__.lower() for node in snn.graph.nodes))
    found: dict[str, object] = {
        "file": config.network,
        "code": snn.code,
        "steps": snn.steps,
        "latency": snn.latency,
        "interval": snn.interval,
        "nodes": kinds,
    }
    words = [
        f"{config.network}: a spiking network, code {snn.code}, T = {snn.steps}",
        f"{snn.latency} steps from input to output, an input every {snn.interval} steps",
        "nodes: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()),
    ]
    if snn.certificate is not None:
        found |= {"layers": snn.certificate.rows(), "operations": snn.certificate.operations}
        words += ["", snn.certificate.table()]
    found["hardware"] = chips.rows(snn.graph)
    words += ["", chips.table(snn.graph)]
    show(found, broken("\n".join(words)), as_json=config.json)
