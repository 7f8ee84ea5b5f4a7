"""Which values a parameter may take: by what it measures, or by its name where that says more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from neurobridge.errors import InputError
from neurobridge.neuro.quantities import same_dimensions, shown, unit_name


@final
@dataclass(frozen=True, kw_only=True)
class Range:
    """Values that make sense.

    Args:
        words: what is allowed, for the user.
        holds: whether all of an array lies within, given plain numbers.
    """

    words: str
    holds: Callable[[np.ndarray], bool]


FINITE = Range(words="a finite number", holds=lambda x: bool(np.isfinite(x).all()))
POSITIVE = Range(words="greater than 0", holds=lambda x: bool((x > 0).all()))
NOT_NEGATIVE = Range(words="0 or greater", holds=lambda x: bool((x >= 0).all()))
WHOLE = Range(words="a whole number from 1 on", holds=lambda x: bool(((x >= 1) & (x == np.round(x))).all()))
SWITCH = Range(words="0 or 1", holds=lambda x: bool(((x == 0) | (x == 1)).all()))
FRACTION = Range(words="between 0 and 1", holds=lambda x: bool(((x >= 0) & (x <= 1)).all()))

# a conductance of 0 is a blocked channel; a time constant or a capacitance of 0 divides by 0
BY_UNIT: Mapping[str, Range] = {
    "ms": POSITIVE,
    "pF": POSITIVE,
    "uF/cm2": POSITIVE,
    "nS": NOT_NEGATIVE,
    "mS/cm2": NOT_NEGATIVE,
    "Mohm": POSITIVE,
    "ohm*cm": POSITIVE,
    "ohm*cm2": POSITIVE,
    "Hz": NOT_NEGATIVE,
    "um": POSITIVE,
}
BY_NAME: Mapping[str, Range] = {
    "a": FINITE,  # adaptation below threshold: three of the published patterns have a negative one
    "compartments": WHOLE,
    "t_ref": NOT_NEGATIVE,
    "delay": NOT_NEGATIVE,
    "Delta_T": POSITIVE,
    "Delta_u": POSITIVE,
    "V2": POSITIVE,
    "V4": POSITIVE,
    "Q10": POSITIVE,
    "Mg": NOT_NEGATIVE,
    "Kd": POSITIVE,
    "U": FRACTION,
    "connectivity": FRACTION,
    "selective": FRACTION,
    "scale": POSITIVE,
    "spread": NOT_NEGATIVE,
}


def of_field(name: str, default: Any) -> Range:
    """Return which values a field of a network may take, where whole numbers count something."""
    if isinstance(default, bool):
        return SWITCH
    return WHOLE if isinstance(default, int) else of_parameter(name, default)


def of_parameter(name: str, published: Any) -> Range:
    """Return which values a parameter of an equation may take."""
    return BY_NAME.get(name, BY_UNIT.get(unit_name(published), FINITE))


def check(name: str, of: str, value: Any, published: Any, allowed: Range | None = None) -> None:
    """Make sure that a parameter may have a value.

    Args:
        name: of the parameter.
        of: whose it is.
        value: the new one, or one for each neuron.
        published: the one of the paper, which has the right unit.
        allowed: which values it may take, by what it measures and is called if None.

    Raises:
        InputError: the value has another unit, is not finite, or lies where the equations make no sense.
    """
    same_dimensions(f"parameter {name!r} of {of}", value, published)
    numbers, unit = shown(value)
    for needed in (FINITE, allowed or of_parameter(name, published)):
        if not needed.holds(numbers):
            wrong = f"{np.min(numbers):g} {unit}".rstrip()
            raise InputError(f"parameter {name!r} of {of} is {wrong}; it must be {needed.words}.")
