"""A file of rows, one JSON object a line, that survives being killed at any moment."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from neurobridge.errors import FileFormatError, InputError

KEY = ("task", "model", "seed", "kind", "code", "steps")
"""The fields that name a row; no two rows of a file agree in all of them."""

Fields = Mapping[str, Any]


def key(row: Fields) -> tuple[Any, ...]:
    """Return what names a row."""
    return tuple(row[field] for field in KEY)


@final
class RowFile:
    """Rows on disk: each is written, flushed to the disk, and only then held to be done.

    A last line that was torn by a killed process is cut off when the file is opened.

    Args:
        path: the file; made by the first row if it does not exist.

    Raises:
        FileFormatError: a line other than the last isn't a row, or two rows have one key.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows: dict[tuple[Any, ...], Fields] = {}
        for number, row in enumerate(repaired(path), start=1):
            if key(row) in self._rows:
                raise FileFormatError(f"{path}, line {number}: a second row for {name(row)}; delete one of the two.")
            self._rows[key(row)] = row

    @property
    def rows(self) -> list[Fields]:
        """The rows in the order they were written."""
        return list(self._rows.values())

    def find(self, **fields: Any) -> Fields | None:
        """Return the row with this key, or None."""
        return self._rows.get(key(fields))

    def append(self, row: Fields) -> None:
        """Write one row and wait until it is on the disk.

        Raises:
            InputError: a row with the same key is there already, or a value isn't JSON or not finite.
        """
        if key(row) in self._rows:
            raise InputError(f"{self.path} already holds a row for {name(row)}.")
        try:
            line = json.dumps(row, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError(f"the row for {name(row)} can't be written to {self.path}: {error}.") from error
        with self.path.open("ab") as file:
            file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._rows[key(row)] = json.loads(line)  # as it will be read


def name(row: Fields) -> str:
    """Return a row's key in words."""
    return ", ".join(f"{field} {row[field]}" for field in KEY if row[field] is not None)


def repaired(path: Path) -> list[Fields]:
    """Return the rows of a file, after cutting off a torn last line."""
    if not path.exists():
        return []
    lines = path.read_bytes().splitlines(keepends=True)
    rows, length = [], 0
    for number, line in enumerate(lines, start=1):
        row = parsed(line)
        if row is None:
            if number < len(lines):
                raise FileFormatError(
                    f"{path}, line {number} isn't a row of a comparison; only a last line may be torn. "
                    "Delete that line, or take another folder."
                )
            os.truncate(path, length)
            break
        rows.append(row)
        length += len(line)
    return rows


def parsed(line: bytes) -> Fields | None:
    """Return the row on a line, or None if it is torn or isn't one."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    complete = line.endswith(b"\n") and isinstance(row, dict) and all(field in row for field in KEY)
    return row if complete else None
