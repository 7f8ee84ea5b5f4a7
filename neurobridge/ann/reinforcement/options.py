"""Whether values may be the options of an agent: their types and that they are finite."""

from collections.abc import Mapping
from dataclasses import fields
from math import inf, isfinite
from typing import Any, get_type_hints

from neurobridge.errors import InputError, lookup
from neurobridge.graph.records import check_fields

ALLOWED = {
    bool: "True or False",
    int: "a whole number",
    float: "a finite number",
    str: "a word",
    tuple[int, ...]: "whole numbers from 1 with commas, as in 64,64 (or 64, for one)",
    tuple[float, ...]: "finite numbers with commas, as in 1,10 (or 1, for one)",
}
"""What messages say of an annotation."""


def checked(agent: str, kind: type, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as the fields of an agent's config; lists become tuples.

    Args:
        agent: for messages.
        kind: its config.
        options: field -> value.

    Raises:
        UnknownNameError: no option has this name.
        InputError: a value is of another type, or not finite where the field's default is.
    """
    hints, defaults = get_type_hints(kind), {field.name: field.default for field in fields(kind)}
    found = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    for name, value in found.items():
        lookup(f"option of agent {agent!r},", name, defaults)
        try:
            check_fields(kind, {name: value})
            good = _finite(value) or (value == inf == defaults[name])
            good = good and not (hints[name] == tuple[int, ...] and min(value, default=1) < 1)
        except TypeError:
            good = False
        if not good:
            raise InputError(
                f"option {name!r} of agent {agent!r} is {options[name]!r}; it takes {ALLOWED[hints[name]]}; "
                f"{defaults[name]!r} if left out."
            )
    return found


def _finite(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_finite, value))
    return not isinstance(value, float) or isfinite(value)
