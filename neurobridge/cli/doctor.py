"""`neurobridge doctor`: versions, compilers, devices, caches and known-bad combinations, each with its remedy."""

import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from neurobridge.cli.health import BROKEN, OK, WARNING, Finding, examine
from neurobridge.cli.output import show
from neurobridge.program import FAULT

MARKS = {OK: " ", WARNING: "!", BROKEN: "x"}
WIDTH = 80


@final
@dataclass(frozen=True)
class Config:
    """Look at the installation: what is there, what doesn't work together, and what to do about it.

    The exit code is 1 if something that neurobridge needs is broken. Paste the words into a report of a fault.

    Example: neurobridge doctor --json
    """

    json: bool = False
    """Print one JSON object instead of words."""


def main(config: Config) -> None:
    """Examine, print, and exit with 1 if something needed is broken."""
    found = examine()
    broken = [finding for finding in found if finding.state == BROKEN]
    show({"healthy": not broken, "findings": list(found)}, words(found), as_json=config.json)
    if broken:
        sys.exit(FAULT)


def words(found: Sequence[Finding]) -> str:
    """Return the findings as text, what is wrong marked and explained."""
    widest = max(len(finding.name) for finding in found if len(finding.name) <= 24)
    lines: list[str] = []
    for group in dict.fromkeys(finding.group for finding in found):
        lines += ["", group] if lines else [group]
        for finding in (one for one in found if one.group == group):
            lines += folded(f"{MARKS.get(finding.state, '-')} {finding.name:<{widest}}  {finding.found}", 4)
            if finding.remedy and finding.state in (WARNING, BROKEN):
                lines += folded(f"    -> {finding.remedy}", 7)
    counts = {state: sum(finding.state == state for finding in found) for state in (BROKEN, WARNING)}
    verdict = (
        f"{counts[BROKEN]} broken (x), {counts[WARNING]} to look at (!)" if any(counts.values()) else "all is well"
    )
    return "\n".join([*lines, "", verdict])


def folded(line: str, indent: int) -> list[str]:
    """Return a line as lines of at most 80 columns."""
    return textwrap.wrap(
        line, WIDTH, subsequent_indent=indent * " ", break_long_words=False, break_on_hyphens=False,
        drop_whitespace=True, initial_indent="",
    )  # fmt: skip
