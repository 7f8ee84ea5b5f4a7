"""Whether plain data from a file may fill the fields of a record: its annotations, checked."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def check_fields(kind: type, values: Mapping[str, object]) -> None:
    """Refuse values that the annotations of a dataclass do not allow.

    Args:
        kind: the dataclass.
        values: field -> value; fields may be missing.

    Raises:
        TypeError: a field that the record does not have, or a value of another type.
    """
    hints = _hints(kind)
    for name, value in values.items():
        if name not in hints:
            raise TypeError(f"{kind.__name__} has no field {name!r}")
        if not _fits(value, hints[name]):
            raise TypeError(f"{name!r} of {kind.__name__} is {str(value)[:60]!r}, which is not {hints[name]}")


def _fits(value: object, hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any or hint is object:
        return True
    if origin is UnionType or str(origin) == "typing.Union":
        return any(_fits(value, part) for part in parts)
    if origin is tuple:
        return isinstance(value, tuple) and _items_fit(value, parts)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(k, parts[0]) and _fits(v, parts[1]) for k, v in value.items())
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, NoneType if hint is None else hint)


def _items_fit(value: tuple, parts: tuple) -> bool:
    if len(parts) == 2 and parts[1] is Ellipsis:
        return all(_fits(item, parts[0]) for item in value)
    return len(value) == len(parts) and all(map(_fits, value, parts))
