"""Read a study from a TOML file, and say where it is wrong before anything runs."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from neurobridge import tasks
from neurobridge.ann import models
from neurobridge.ann.optimizers import OPTIMIZERS
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.comparison.contenders import Steps, planned
from neurobridge.comparison.energy import PRESETS
from neurobridge.comparison.grid.plan import Axes, Grid, Options
from neurobridge.errors import FileFormatError, InputError, lookup

EXAMPLE = """\
presets = ["45 nm int8"]                  # columns of energy; all if left out

[[grid]]                                  # everything with everything; several tables are united
tasks = ["digits"]
models = ["mlp", "cnn"]
codes = { radix = [4, 8], rate = [16] }   # or ["radix", "rate"] for the usual numbers of steps
optimizers = ["adam", "sgd"]              # the recipe's if left out
seeds = [0, 1, 2]

[training]                                # what differs from the recipes
epochs = 10

[optimizers.sgd]                          # and what goes with one optimizer
learning_rate = 0.1

[models.mlp]                              # options of an architecture
widths = [64]

[tasks.mnist]                             # options of a task; data is a place, seen from this file
data = "data/mnist"
"""

TABLES = ("name", "presets", "grid", "training", "tasks", "models", "optimizers")
AXES = ("tasks", "models", "codes", "optimizers", "seeds")
SETTINGS = tuple(field.name for field in fields(TrainingConfig) if field.name not in ("optimizer", "seed"))


def read(path: Path | str) -> Grid:
    """Return the study that a TOML file describes.

    Raises:
        FileFormatError: the file isn't TOML; the message says in which line.
        InputError: no such file, or something in it that can't be used; the message says in which table.
        UnknownNameError: a key, task, model, code, optimizer or preset that isn't known.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise FileFormatError(f"{path} isn't TOML: {error}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"can't read the study {path}: {error}.") from None
    try:
        return understood(content, path)
    except InputError as error:
        error.args = (f"{path}: {error}",)
        raise


def understood(content: Mapping[str, Any], path: Path) -> Grid:
    """Return the study that a file's content describes; its place resolves those of data."""
    for key in content:
        lookup("table", key, dict.fromkeys(TABLES))
    grids = content.get("grid")
    if not isinstance(grids, list) or not grids or not all(isinstance(one, dict) for one in grids):
        raise InputError("a study needs at least one [[grid]] table (in two brackets), with tasks and models.")
    presets = listed(content, "presets", str, "the file", tuple(PRESETS))
    for preset in presets:
        lookup("energy preset", preset, PRESETS)
    name = content.get("name", path.stem)
    if not isinstance(name, str) or not name:
        raise InputError(f"name must be text; got {name!r}.")
    return Grid(
        name=name,
        axes=tuple(axes(one, f"[[grid]] {number}") for number, one in enumerate(grids, start=1)),
        presets=presets,
        training=settings(content.get("training", {}), "[training]"),
        tasks={task: located(options, path) for task, options in named(content, "tasks", tasks.TASKS, "task").items()},
        models=named(content, "models", models.MODELS, "model"),
        optimizers={
            optimizer: settings(options, f"[optimizers.{optimizer}]")
            for optimizer, options in named(content, "optimizers", OPTIMIZERS, "optimizer").items()
        },
    )


def axes(table: Mapping[str, Any], where: str) -> Axes:
    """Return one table's axes."""
    for key in table:
        lookup(f"key of {where}", key, dict.fromkeys(AXES))
    chosen = Axes(
        tasks=listed(table, "tasks", str, where),
        models=listed(table, "models", str, where),
        codes=codes(table.get("codes", []), where),
        seeds=listed(table, "seeds", int, where, (0, 1, 2)),
        optimizers=listed(table, "optimizers", str, where, ()),
    )
    known: tuple[tuple[str, tuple[str, ...], Mapping[str, Any]], ...] = (
        ("task", chosen.tasks, tasks.TASKS),
        ("model", chosen.models, models.MODELS),
        ("optimizer", chosen.optimizers, OPTIMIZERS),
    )
    for kind, names, those in known:
        for name in names:
            lookup(f"{kind} in {where},", name, those)
    if min(chosen.seeds) < 0:
        raise InputError(f"{where}: seeds must not be below 0; got {list(chosen.seeds)}.")
    return chosen


def codes(given: Any, where: str) -> Steps:
    """Return code -> numbers of steps."""
    if given == [] or given == {}:
        return {}
    if isinstance(given, dict):
        counts = {code: listed(given, code, int, f"{where}, codes") for code in given}
        return planned(tuple(counts), counts, quick=False)
    return planned(listed({"codes": given}, "codes", str, where), None, quick=False)


def listed(table: Mapping[str, Any], key: str, kind: type, where: str, usual: tuple | None = None) -> tuple[Any, ...]:
    """Return a list of one kind of values as a tuple, each once."""
    words = {str: "texts", int: "whole numbers"}[kind]
    if key not in table:
        if usual is None:
            raise InputError(f"{where} needs {key}, a list of {words}.")
        return usual
    given = table[key]
    if not isinstance(given, list) or not given or any(type(one) is not kind for one in given):
        raise InputError(f"{where}: {key} must be a list of {words}, not empty; got {given!r}.")
    return tuple(dict.fromkeys(given))


def named(content: Mapping[str, Any], key: str, known: Mapping[str, Any], kind: str) -> Mapping[str, Options]:
    """Return the tables under a key, name -> options."""
    tables = content.get(key, {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise InputError(f"[{key}] holds tables, as in [{key}.{next(iter(known))}]; got {tables!r}.")
    for name in tables:
        lookup(f"{kind} in [{key}],", name, known)
    return {name: dict(options) for name, options in tables.items()}


def settings(table: Any, where: str) -> Options:
    """Return fields of `TrainingConfig`, checked for their types."""
    if not isinstance(table, dict):
        raise InputError(f"{where} must be a table of settings; got {table!r}.")
    hints = get_type_hints(TrainingConfig)
    for name, value in table.items():
        lookup(f"setting in {where},", name, dict.fromkeys(SETTINGS))
        allowed = getattr(hints[name], "__args__", (hints[name],)) if name != "options" else (dict,)
        number = type(value) is int and float in allowed
        if not (number or type(value) in allowed):
            kinds = " or ".join(kind.__name__ for kind in allowed if kind is not type(None))
            raise InputError(f"{where}: {name} must be of type {kinds}; got {value!r}.")
    return dict(table)


def located(options: Options, path: Path) -> Options:
    """Return a task's options with the place of its data made absolute."""
    if "data" not in options:
        return options
    return {**options, "data": str((path.parent / str(options["data"])).resolve())}
