"""How a benchmark measures and what it leaves: alternating contenders, medians, versions, one JSON file."""

import json
import os
import platform
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import process_time

RESULTS = Path(__file__).parent / "results"


def write(
    name: str,
    record: Mapping[str, object],
    packages: tuple[str, ...] = ("torch", "snntorch", "numpy"),
    folder: Path | None = RESULTS,
) -> None:
    """Write a record with the versions of packages and the machine, and print it; no folder is no file."""
    about = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    for package in packages:
        try:
            about[package] = version(package)
        except PackageNotFoundError:
            about[package] = "not installed"
    text = json.dumps({**record, "versions": about}, indent=1)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(text + "\n")
    print(text)


def seconds(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median CPU time of each contender on one thread, run in turn so that all see the same disturbances."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for action in contenders.values():
        action()
    for _ in range(rounds):
        for name, action in contenders.items():
            start = process_time()
            action()
            times[name].append(process_time() - start)
    return {name: median(taken) for name, taken in times.items()}
