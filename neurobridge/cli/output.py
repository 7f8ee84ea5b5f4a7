"""What a verb prints: words for people, or one JSON object for programs."""

import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np


def show(value: Any, words: str, *, as_json: bool) -> None:
    """Print a result on standard output.

    Args:
        value: the result as data.
        words: the same for people, at most 80 columns wide.
        as_json: print `value` and nothing else.
    """
    print(json.dumps(plain(value), indent=2, allow_nan=False) if as_json else words)


def broken(words: str, columns: int = 80) -> str:
    """Return a text whose lines that are too long are broken between words and go on below, indented."""
    lines = []
    for line in words.splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        lines += textwrap.wrap(line, columns, subsequent_indent=indent, break_on_hyphens=False) or [""]
    return "\n".join(lines)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: dataclasses as objects, numbers that aren't finite as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(member) for member in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float | str | None) else str(value)
