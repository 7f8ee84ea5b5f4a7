"""`neurobridge simulate NAME`: run a published model, save its figure; or check all published numbers."""

import json
import sys
import textwrap
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, final

import numpy as np
from tyro.conf import Positional, arg

from neurobridge.errors import InputError
from neurobridge.neuro import catalogue
from neurobridge.neuro.manner import Manner, running
from neurobridge.neuro.quantities import shown
from neurobridge.neuro.result import Result
from neurobridge.plots.style import styled

PICTURES = (".png", ".svg", ".pdf")


@final
@dataclass(frozen=True)
class Config:
    """Simulate a published model of a neuron, synapse, plasticity rule or network; without a name, list them.

    Example: neurobridge simulate hodgkin-huxley --protocol fi-curve --set gNa=100mS/cm2
    """

    name: Annotated[Positional[str], arg(metavar="NAME")] = ""
    """What to simulate; adaptive-exponential:tonic names a published variant, synapse:exponential the kind as well."""
    protocol: str | None = None
    """Which experiment; the usual one of its kind if left out."""
    set: tuple[str, ...] = ()
    """Parameters that differ from the published ones, name=value with a unit: gNa=100mS/cm2 tau=5ms."""
    seed: int = 0
    """What random numbers start from: of noise, Poisson inputs and drawn synapses. Equal seeds give equal spikes."""
    out: Path | None = None
    """Where the figure goes; NAME.png if left out. The numbers go beside it, as .npz."""
    target: Literal["auto", "numpy", "cython", "cpp_standalone"] = "auto"
    """What runs it: numpy at once, the others after compiling; auto takes the sooner and tells a terminal which."""
    check: bool = False
    """Measure the published numbers instead, and judge each."""
    tier: tuple[Literal["quick", "slow", "bench"], ...] = ("quick",)
    """Which numbers: quick (single neurons, minutes in all), slow (networks), bench (minutes each)."""
    only: str = ""
    """Only the numbers whose name holds this text."""
    json: bool = False
    """Print JSON instead of words."""


def main(config: Config) -> None:
    """List, simulate or check."""
    if config.check and config.name:
        raise InputError(f"--check measures all published numbers; for some write --check --only {config.name}")
    if config.out is not None and config.out.suffix not in PICTURES:
        raise InputError(f"--out {config.out}: a figure is a file that ends in {', '.join(PICTURES)}")
    if config.check:
        # the checks take as long to load as a neuron takes to run
        import_module("neurobridge.cli.published").judge(config.tier, config.only, config.json)
    elif not config.name:
        print(json.dumps(listing()) if config.json else in_words(listing()))
    else:
        with running(Manner(target=config.target, show_progress=sys.stderr.isatty() and not config.json)):
            found = catalogue.run(config.name, config.protocol, catalogue.settings_of(config.set), seed=config.seed)
        picture = config.out or Path(f"{config.name.replace(':', '-')}.png")
        picture.parent.mkdir(parents=True, exist_ok=True)
        with styled():
            found.plot().savefig(picture)
        numbers = found.save(picture)
        told = summary(found) | {"figure": str(picture), "numbers": str(numbers)}
        print(json.dumps(told) if config.json else "\n".join(f"{key}: {value}" for key, value in told.items()))


def listing() -> dict[str, dict[str, Any]]:
    """Return what can be simulated, by kind: names, the published variants of each, and the protocols."""
    return {
        kind: {
            "names": [*table.members],
            "variants": {name: [*member.variants] for name, member in table.members.items() if _has_variants(member)},
            "protocols": [*table.protocols],
        }
        for kind, table in catalogue.KINDS.items()
    }


def _has_variants(member: object) -> bool:
    return bool(getattr(member, "variants", None))


def in_words(kinds: dict[str, dict[str, Any]]) -> str:
    """Return the listing as text of at most 80 columns."""
    lines = []
    for kind, table in kinds.items():
        lines += [f"{kind}:", paragraph(", ".join(table["names"]))]
        lines += [paragraph(f"{name}:VARIANT: {', '.join(known)}") for name, known in table["variants"].items()]
        lines += [paragraph(f"--protocol {', '.join(table['protocols'])}"), ""]
    for name, full in catalogue.shared_names().items():
        lines.append(f"{name} is in several lists: write {' or '.join(full)}")
    return "\n".join([*lines, "Try: neurobridge simulate hodgkin-huxley --protocol fi-curve"])


def paragraph(text: str) -> str:
    """Return a text in lines of at most 80 columns, indented."""
    return textwrap.fill(
        text, 80, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
    )


def summary(found: Result) -> dict[str, Any]:
    """Return the single numbers and texts of a result."""
    told: dict[str, Any] = {"kind": type(found).__name__}
    for name, value in vars(found).items():
        if isinstance(value, (str, int)):
            told[name] = value
        elif np.ndim(value) == 0 or (np.ndim(value) == 1 and 0 < len(value) <= 10):
            numbers, unit = shown(value)
            told[f"{name} [{unit}]" if unit else name] = np.round(numbers, 6).tolist()
    return told
