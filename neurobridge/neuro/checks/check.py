"""What a check is: a published number, how it is reproduced, and how close it must come."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from neurobridge.errors import InputError

TIERS = ("quick", "slow", "bench")


@dataclass(frozen=True, kw_only=True)
class Check:
    """One row of the table.

    Args:
        name: what is measured, with its unit.
        value: measures it.
        target: the number it should be.
        tolerance: how far from the target it may be, in the target's unit.
        source: where the target is from.
        tier: `quick` (seconds), `slow` (networks) or `bench` (minutes each).
    """

    name: str
    value: Callable[[], float]
    target: float
    tolerance: float
    source: str
    tier: str = "quick"

    def __post_init__(self) -> None:
        if self.tier not in TIERS:
            raise InputError(f"check {self.name!r} has tier {self.tier!r}; use one of {', '.join(TIERS)}.")

    def run(self) -> "Outcome":
        """Measure and judge."""
        value = float(self.value())
        return Outcome(check=self, value=value, passed=abs(value - self.target) <= self.tolerance)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one row.

    Args:
        check: the row.
        value: what was measured.
        passed: whether it is within the tolerance; a value that is not a number is not.
    """

    check: Check
    value: float
    passed: bool


class Range(TypedDict):
    """What a value may be."""

    target: float
    tolerance: float


def between(low: float, high: float) -> Range:
    """Return target and tolerance of a range."""
    return {"target": 0.5 * (low + high), "tolerance": 0.5 * (high - low)}


def percent(target: float, part: float) -> Range:
    """Return target and tolerance of a number that must be met to `part` percent."""
    return {"target": target, "tolerance": abs(target) * part / 100}
