"""A folder that holds one study: what was asked for, the rows as they finish, the trained weights, the report.

study.json     what was asked for, and with which versions
rows.jsonl     one contender on one seed a line
weights/       the trained networks
figures/       PNG and SVG
report.html    everything, in one file
"""

import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import final

from neurobridge.comparison.rows import RowFile
from neurobridge.errors import FileFormatError, InputError

FORMAT = 1
MANIFEST = "study.json"
UNFINISHED = f"{MANIFEST}.part"
PACKAGES = ("neurobridge", "torch", "snntorch", "numpy", "scipy", "scikit-learn")


@final
@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a study was asked to do; two runs with one plan are one study.

    Args:
        task: name of the task.
        model: name of the network.
        steps: code -> numbers of steps.
        seeds: one network is trained for each.
        data: where the task's data were read, or None.
        quick: whether training was cut short.
    """

    task: str
    model: str
    steps: Mapping[str, tuple[int, ...]]
    seeds: tuple[int, ...]
    data: str | None = None
    quick: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class Study:
    """An open study folder.

    Args:
        folder: where it lies.
        plan: what it was asked to do.
        versions: package -> version at the time it was started.
        command: the command that repeats it.
    """

    folder: Path
    plan: Plan
    versions: Mapping[str, str]
    command: str

    @property
    def rows(self) -> Path:
        """The file of rows."""
        return self.folder / "rows.jsonl"

    @property
    def weights(self) -> Path:
        """The folder of trained networks."""
        return self.folder / "weights"

    @property
    def figures(self) -> Path:
        """The folder of figures."""
        return self.folder / "figures"

    @property
    def report(self) -> Path:
        """The report."""
        return self.folder / "report.html"

    def open_rows(self) -> RowFile:
        """Return the rows written so far."""
        return RowFile(self.rows)


def start(folder: Path, plan: Plan) -> Study:
    """Return the study in `folder`: a new one, or the same one to be continued.

    Raises:
        InputError: the folder holds something else, another study, or one begun with other versions.
        FileFormatError: its manifest can't be read.
    """
    if (folder / MANIFEST).exists():
        study = read(folder)
        refuse_differences(folder, described(study.plan), described(plan), "holds another study")
        refuse_differences(folder, study.versions, versions(), "was begun with other versions")
        return study
    if folder.exists() and (not folder.is_dir() or any(entry.name != UNFINISHED for entry in folder.iterdir())):
        raise InputError(
            f"{folder} isn't empty and holds no study of neurobridge; nothing was written. "
            "Give another folder with --out."
        )
    study = Study(folder=folder, plan=plan, versions=versions(), command=repeated_by(plan))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_manifest(study)
    except OSError as error:
        raise InputError(f"can't write to {folder}: {error.strerror}. Give another folder with --out.") from error
    return study


def read(folder: Path) -> Study:
    """Return the study that a folder holds.

    Raises:
        InputError: it holds none.
        FileFormatError: its manifest is damaged, or of a format this version doesn't read.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"{folder} holds no study: {MANIFEST} is missing. `neurobridge compare` makes one.")
    try:
        content = json.loads(path.read_text())
        if content["format"] != FORMAT:
            raise FileFormatError(
                f"{path} has format {content['format']!r}; this version of neurobridge reads {FORMAT}. "
                f"It was written by neurobridge {content['versions']['neurobridge']}."
            )
        asked = {field.name: content["plan"][field.name] for field in fields(Plan)}
        asked["steps"] = {code: tuple(steps) for code, steps in asked["steps"].items()}
        asked["seeds"] = tuple(asked["seeds"])
        return Study(
            folder=folder, plan=Plan(**asked), versions=dict(content["versions"]), command=str(content["command"])
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileFormatError(f"{path} isn't the manifest of a study ({error!r}); take another folder.") from error


def refuse_differences(folder: Path, there: Mapping[str, object], here: Mapping[str, object], fault: str) -> None:
    """Raise if a folder's study differs from what is asked for, naming every difference."""
    names = sorted(name for name in {*there, *here} if there.get(name) != here.get(name))
    if names:
        listed = "; ".join(f"{name} is {there.get(name)} there, {here.get(name)} here" for name in names)
        raise InputError(
            f"{folder} {fault}: {listed}. Nothing was changed. Give another folder with --out, or remove this one."
        )


def described(plan: Plan) -> Mapping[str, object]:
    """Return a plan as JSON holds it."""
    return json.loads(json.dumps(asdict(plan)))


def write_manifest(study: Study) -> None:
    """Write a study's manifest whole or not at all."""
    content = {
        "format": FORMAT,
        "command": study.command,
        "plan": described(study.plan),
        "versions": dict(study.versions),
    }
    unfinished = study.folder / UNFINISHED
    unfinished.write_text(json.dumps(content, indent=2) + "\n")
    os.replace(unfinished, study.folder / MANIFEST)


def repeated_by(plan: Plan) -> str:
    """Return the command that repeats a plan."""
    words = ["neurobridge", "compare", plan.task, "--model", plan.model, "--codes", *plan.steps]
    words += ["--steps", *(f"{code}={','.join(map(str, steps))}" for code, steps in plan.steps.items())]
    words += ["--seeds", *map(str, plan.seeds)]
    words += ["--data", plan.data] if plan.data else []
    words += ["--quick"] if plan.quick else []
    return shlex.join(words)


def versions() -> Mapping[str, str]:
    """Return the versions that a result depends on."""
    found = {"python": platform.python_version(), "platform": f"{sys.platform} {platform.machine()}"}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from a source tree that was never installed
            found[package] = "unknown"
    return found
