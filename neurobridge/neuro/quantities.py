"""Physical quantities as text and as plain numbers: parsed, shown and compared."""

import re
from functools import reduce

import numpy as np
from brian2.units import allunits, stdunits
from brian2.units.fundamentalunits import (
    DIMENSIONLESS,
    Quantity,
    Unit,
    get_dimensions,
    have_same_dimensions,
)

from neurobridge.errors import InputError, UnknownNameError

_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*\*?\s*(.*?)\s*$")
_FACTOR = re.compile(r"([*/]?)\s*([A-Za-z_]+\d*|1)(?:(?:\^|\*\*)(-?\d+))?\s*")
_UNITS: dict[str, Unit] = {
    name: value for source in (allunits, stdunits) for name, value in vars(source).items() if isinstance(value, Unit)
}
# the two plain SI names that brian2 leaves out, since m and s are common names of variables
_UNITS |= {"m": allunits.metre, "s": allunits.second}
_FAMILIAR = ("mV", "ms", "nA", "uA/cm2", "mS/cm2", "uF/cm2", "nS", "pF", "Mohm", "Hz", "um", "ohm*cm", "ohm*cm2", "m/s")


def parse(text: str) -> Quantity | float:
    """Return the quantity that a text such as `100mS/cm2`, `-65 mV`, `10 Hz` or `0.7` stands for.

    Raises:
        InputError: it does not start with a number, or its unit is not known.
    """
    found = _NUMBER.match(text)
    if not found:
        raise InputError(f"{text!r} is not a quantity; write a number and a unit, such as '100mS/cm2' or '-65 mV'.")
    number, unit = found.groups()
    return float(number) * unit_of(unit) if unit else float(number)


def unit_of(text: str) -> Unit:
    """Return the unit that a product such as `mS/cm2`, `nA` or `1/ms` stands for.

    Raises:
        InputError: the text is not a product of units.
        UnknownNameError: one of its factors is not a unit.
    """
    factors, end = [], 0
    while end < len(text):
        found = _FACTOR.match(text, end)
        if not found or found.end() == end:
            raise InputError(f"cannot read the unit {text!r} from {text[end:]!r} on; write it like 'mS/cm2' or '1/ms'.")
        operation, name, power = found.groups()
        factors.append(_factor(name) ** (int(power or 1) * (-1 if operation == "/" else 1)))
        end = found.end()
    return reduce(lambda product, factor: product * factor, factors)


def _factor(name: str) -> Unit | int:
    if name == "1":
        return 1
    if name not in _UNITS:
        raise UnknownNameError("unit", name, _UNITS)
    return _UNITS[name]


def number(quantity: Quantity | float, unit: Quantity | float = 1) -> np.ndarray:
    """Return a quantity as plain numbers in `unit`.

    Raises:
        InputError: the two have different dimensions.
    """
    same_dimensions("a quantity", quantity, unit)
    return np.asarray(quantity) / np.asarray(unit)


def same_dimensions(what: str, quantity: Quantity | float, unit: Quantity | float) -> None:
    """Raise an `InputError` that names `what` if `quantity` cannot be measured in `unit`."""
    if not have_same_dimensions(quantity, unit):
        raise InputError(f"{what} is given in {unit_name(quantity)}; it is measured in {unit_name(unit)}.")


def unit_name(quantity: Quantity | float) -> str:
    """Return the name of the unit a reader expects, `mV` or `uA/cm2`, or `1` for plain numbers."""
    if get_dimensions(quantity) is DIMENSIONLESS:
        return "1"
    for name in _FAMILIAR:
        if have_same_dimensions(quantity, unit_of(name)):
            return name
    return repr(get_dimensions(quantity))


def shown(quantity: Quantity | float) -> tuple[np.ndarray, str]:
    """Return plain numbers in the unit a reader expects, and that unit's name."""
    name = unit_name(quantity)
    if name == "1":
        return np.asarray(quantity, dtype=float), ""
    try:
        return number(quantity, unit_of(name)), name
    except InputError:
        return np.asarray(quantity, dtype=float), name


def text(quantity: Quantity | float, digits: int = 5) -> str:
    """Return one quantity as text, `-65.0 mV`."""
    value, unit = shown(quantity)
    return f"{float(value):.{digits}g} {unit}".rstrip()


def best(quantity: Quantity) -> Quantity:
    """Return a plain `Quantity` again after numpy has stripped or wrapped it."""
    return Quantity(np.asarray(quantity), dim=get_dimensions(quantity))
