"""`neurobridge simulate NAME`: run a published model, save its figure; or check all published numbers."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, final

import numpy as np
from tyro.conf import Positional, arg

from neurobridge.errors import InputError, SimulationError
from neurobridge.neuro import catalogue, checks
from neurobridge.neuro.checks.check import Outcome
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
    """What to simulate; adaptive-exponential:tonic names a published variant."""
    protocol: str | None = None
    """Which experiment; the usual one of its kind if left out."""
    set: tuple[str, ...] = ()
    """Parameters that differ from the published ones, name=value with a unit: gNa=100mS/cm2 tau=5ms."""
    out: Path | None = None
    """Where the figure goes; NAME.png if left out. The numbers go beside it, as .npz."""
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
        judge(checks.run(config.tier, config.only), config.json)
    elif not config.name:
        print(json.dumps(listing()) if config.json else in_words(listing()))
    else:
        found = catalogue.run(config.name, config.protocol, catalogue.settings_of(config.set))
        picture = config.out or Path(f"{config.name.replace(':', '-')}.png")
        picture.parent.mkdir(parents=True, exist_ok=True)
        with styled():
            found.plot().savefig(picture)
        numbers = found.save(picture)
        told = summary(found) | {"figure": str(picture), "numbers": str(numbers)}
        print(json.dumps(told) if config.json else "\n".join(f"{key}: {value}" for key, value in told.items()))


def listing() -> dict[str, dict[str, list[str]]]:
    """Return what can be simulated, by kind, and the protocols of each kind."""
    return {
        kind: {"names": [*table.members], "protocols": [*table.protocols]} for kind, table in catalogue.KINDS.items()
    }


def in_words(kinds: dict[str, dict[str, list[str]]]) -> str:
    """Return the listing as text."""
    lines = []
    for kind, table in kinds.items():
        lines += [f"{kind}:", f"  {', '.join(table['names'])}", f"  protocols: {', '.join(table['protocols'])}"]
    return "\n".join(lines)


def summary(found: Result) -> dict[str, Any]:
    """Return the single numbers and texts of a result."""
    told: dict[str, Any] = {"kind": type(found).__name__}
    for name, value in vars(found).items():
        if isinstance(value, (str, bool)):
            told[name] = value
        elif np.ndim(value) == 0 or (np.ndim(value) == 1 and 0 < len(value) <= 10):
            numbers, unit = shown(value)
            told[f"{name} [{unit}]" if unit else name] = np.round(numbers, 6).tolist()
    return told


def judge(outcomes: Iterable[Outcome], as_json: bool) -> None:
    """Print each outcome as it comes, then how many there are.

    Raises:
        InputError: there is none.
        SimulationError: a number is off.
    """
    rows = []
    for found in outcomes:
        rows.append(found)
        if not as_json:
            print(line(found), flush=True)
    if not rows:
        raise InputError("no published number has such a name and tier; leave --only out to see them all")
    failed = [row.check.name for row in rows if not row.passed]
    if as_json:
        print(json.dumps([record(row) for row in rows]))
    else:
        print(f"{len(rows) - len(failed)} of {len(rows)} published numbers reproduced")
    if failed:
        raise SimulationError(f"not reproduced: {'; '.join(failed)}.")


def line(found: Outcome) -> str:
    """Return one outcome as a line of text."""
    row = found.check
    verdict = "ok " if found.passed else "OFF"
    return f"{verdict} {row.name}: {found.value:.6g} (published {row.target:.6g} +- {row.tolerance:.2g}; {row.source})"


def record(found: Outcome) -> dict[str, Any]:
    """Return one outcome as JSON."""
    row = found.check
    return {
        "name": row.name,
        "value": found.value,
        "target": row.target,
        "tolerance": row.tolerance,
        "source": row.source,
        "tier": row.tier,
        "passed": found.passed,
    }
