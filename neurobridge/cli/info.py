"""`neurobridge info NET`: what a converted network holds."""

from dataclasses import dataclass
from pathlib import Path
from typing import final

from tyro.conf import Positional

from neurobridge.cli.output import show
from neurobridge.conversion.files import load


@final
@dataclass(frozen=True)
class Config:
    """Say what a converted network holds: its code and steps, its layers, and what became of each operation.

    Example: neurobridge info net.nb
    """

    network: Positional[Path]
    """A file that `neurobridge convert` or `neurobridge.save` wrote."""
    json: bool = False
    """Print one JSON object instead of words."""


def main(config: Config) -> None:
    """Open the file and print what is in it."""
    snn = load(config.network)
    kinds: dict[str, int] = {}
    for operation in snn.certificate.operations:
        kinds[operation["kind"]] = kinds.get(operation["kind"], 0) + 1
    show(
        {
            "file": config.network,
            "code": snn.code,
            "steps": snn.steps,
            "latency": snn.latency,
            "interval": snn.interval,
            "nodes": kinds,
            "layers": snn.certificate.rows(),
            "operations": snn.certificate.operations,
        },
        "\n".join(
            [
                f"{config.network}: a spiking network, code {snn.code}, T = {snn.steps}",
                f"{snn.latency} steps from input to output, an input every {snn.interval} steps",
                "nodes: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()),
                "",
                snn.certificate.table(),
            ]
        ),
        as_json=config.json,
    )
