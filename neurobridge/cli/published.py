"""What `neurobridge simulate --check` prints: each published number, what was measured, and the verdict."""

import json
import textwrap
from collections.abc import Sequence
from typing import Any

from neurobridge.errors import InputError, SimulationError
from neurobridge.neuro import checks
from neurobridge.neuro.checks.check import Outcome


def judge(tiers: Sequence[str], only: str, as_json: bool) -> None:
    """Measure published numbers and print each outcome as it comes, then how many there are.

    Raises:
        InputError: there is none.
        SimulationError: a number is off.
    """
    rows = []
    for found in checks.run(tuple(tiers), only):
        rows.append(found)
        if not as_json:
            print(in_words(found), flush=True)
    if not rows:
        raise InputError("no published number has such a name and tier; leave --only out to see them all")
    failed = [row.check.name for row in rows if not row.passed]
    if as_json:
        print(json.dumps([record(row) for row in rows]))
    else:
        print(f"{len(rows) - len(failed)} of {len(rows)} published numbers reproduced")
    if failed:
        raise SimulationError(f"not reproduced: {'; '.join(failed)}.")


def in_words(found: Outcome) -> str:
    """Return one outcome as lines of at most 80 columns, the verdict first."""
    row = found.check
    verdict = "ok " if found.passed else "OFF"
    line = f"{verdict} {row.name}: {found.value:.6g} (published {row.target:.6g} +- {row.tolerance:.2g}; {row.source})"
    return textwrap.fill(line, 80, subsequent_indent="    ", break_on_hyphens=False)


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
