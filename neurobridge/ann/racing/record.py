"""Results of races as files, so that a comparison that was killed goes on."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from neurobridge.ann.racing.race import Result, Trial
from neurobridge.errors import FileFormatError


def remembered(path: Path, race: Callable[[], Result]) -> Result:
    """Return the result in a file, or run the race and write it there.

    Args:
        path: of this race alone; its name must tell what it depends on.
        race: makes the result.

    Raises:
        FileFormatError: the file holds something else.
    """
    if path.exists():
        return read(path)
    result = race()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(asdict(result)) + "\n")
    unfinished.replace(path)
    return result


def read(path: Path) -> Result:
    """Return the result in a file.

    Raises:
        FileFormatError: the file holds something else.
    """
    try:
        found = json.loads(path.read_text())
        trials = tuple(Trial(**{name: _plain(value) for name, value in trial.items()}) for trial in found["trials"])
        return Result(optimizer=found["optimizer"], problem=found["problem"], trials=trials)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileFormatError(f"{path} is not the result of a race ({error!r}); remove it to run the race.") from None


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
