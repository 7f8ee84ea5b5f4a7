"""What may be asked of a conversion together, checked before any work."""

import numpy as np

from neurobridge.conversion.copies import MOST_COPIES
from neurobridge.conversion.precision import Target
from neurobridge.errors import InputError
from neurobridge.graph.codes import CODES


def target_of(
    code: str,
    steps: int | str,
    copies: int | str,
    rel_error: float | None,
    disagreement: float | None,
    latency: int | None,
) -> Target | None:
    """Return the target of "auto", or refuse one that does not go with the steps, the copies or the code."""
    auto = "auto" in (steps, copies)
    if (isinstance(steps, str) and steps != "auto") or (
        not auto and (rel_error, disagreement, latency) != (None, None, None)
    ):
        raise InputError(
            f"steps is {steps!r} with rel_error={rel_error!r}, disagreement={disagreement!r}, latency={latency!r}; a "
            "target takes steps='auto' or copies='auto', and without one steps is a whole number"
        )
    target = Target(rel_error=rel_error, disagreement=disagreement, latency=latency) if auto else None
    if latency is not None and CODES[code].streaming:
        raise InputError(f"latency is given for the {code} code, whose steps are its latency; give steps={latency!r}")
    if latency is not None and copies == "auto":
        raise InputError(
            f"latency={latency!r} is a target of steps='auto'; copies='auto' takes rel_error or disagreement"
        )
    return target


def check_copies(copies: object, code: str, steps: int | str) -> None:
    """Refuse numbers of neurons that do not go with the code or the steps."""
    if copies == "auto":
        if CODES[code].streaming or steps == "auto":
            raise InputError(
                f"copies is 'auto' for the {code} code with steps={steps!r}; it takes a windowed code, radix or "
                "latency, and a number of steps"
            )
        return
    if isinstance(copies, bool) or not isinstance(copies, int | np.integer) or not 1 <= copies <= MOST_COPIES:
        raise InputError(f"copies is {copies!r}; it is a whole number from 1 to {MOST_COPIES}, or 'auto'")
    if copies > 1 and (CODES[code].takes_back or (steps == "auto" and not CODES[code].streaming)):
        raise InputError(
            f"copies is {copies} for the {code} code with steps={steps!r}; the rate code takes copies, and radix and "
            "latency with a number of steps"
        )


def check_levels(levels: int | None, code: str, steps: int | str) -> None:
    """Refuse levels that a code does not have, or that its steps cannot reach."""
    if levels is None:
        return
    if code != "signed" or not isinstance(steps, int):
        raise InputError(f"levels is {levels!r}; only code='signed' with a number of steps takes it")
    if isinstance(levels, bool) or not isinstance(levels, int) or not 1 <= levels <= steps:
        raise InputError(f"levels is {levels!r}; a neuron of {steps} steps can send a whole number from 1 to {steps}")
