"""Check an optimiser's options before any parameter is touched."""

from math import inf, isfinite

from neurobridge.errors import InputError


def require_between(
    rule: str, option: str, value: float, low: float, high: float = inf, *, closed: bool = True
) -> None:
    """Refuse an option outside its range.

    Args:
        rule: name of the optimiser, for the message.
        option: name of the option.
        value: what was given.
        low: the smallest allowed value, itself allowed if `closed`.
        high: the bound above, never itself allowed.
        closed: whether `low` itself is allowed.

    Raises:
        InputError: `value` is outside the range or not a number.
    """
    inside = (value >= low if closed else value > low) and value < high
    if not (inside and isfinite(value)):
        raise InputError(f"{rule}: {option}={value!r} is outside the range {'[' if closed else '('}{low:g}, {high:g}).")
