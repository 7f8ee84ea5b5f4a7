"""What can be wrong with an installation, looked at thing by thing: what was found, and what to do about it."""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import final

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from neurobridge.neuro.target import has_compiler
from neurobridge.optional import EXTRAS

OK, OPTIONAL, WARNING, BROKEN = "ok", "optional", "warning", "broken"
"""States: works; is left out by choice; works worse than it could; is needed and doesn't work."""

GIGABYTE = 1e9


@final
@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Args:
        group: what it belongs to.
        name: of the thing.
        state: "ok", "optional", "warning" or "broken".
        found: version, place or fault, in words.
        remedy: what to do; empty if nothing.
    """

    group: str
    name: str
    state: str
    found: str
    remedy: str = ""


@final
@dataclass(frozen=True, kw_only=True)
class Combination:
    """Versions that do not work together.

    Args:
        packages: name -> versions; all of them together are bad.
        fault: what goes wrong.
        remedy: what to do.
        state: "broken" if neurobridge needs what fails.
    """

    packages: Mapping[str, str]
    fault: str
    remedy: str
    state: str = BROKEN


KNOWN_BAD = (
    Combination(
        packages={"brian2": "<2.10", "numpy": ">=2.4"},
        fault="Brian2 before 2.10 calls ndarray.ptp, which numpy 2.4 removed: `import brian2` fails",
        remedy='pip install "numpy<2.4", or Python 3.12 and pip install "brian2>=2.10"',
    ),
    Combination(
        packages={"nengo": "<=4.1", "pytest": ">=9"},
        fault="the pytest plugin of Nengo 4.1 doesn't load in pytest 9: every test run stops at once",
        remedy="pytest -p no:nengo, as our pyproject.toml has it",
        state=WARNING,
    ),
)

# imported in a process of its own, since a broken one may take its process with it; the last needs the one before
PROBE = """
import importlib, json, sys
for name in sys.argv[1:]:
    print(json.dumps({"trying": name}), flush=True)
    try:
        importlib.import_module(name)
        error = ""
    except BaseException as problem:
        error = f"{type(problem).__name__}: {problem}"
    print(json.dumps({"name": name, "error": error}), flush=True)
"""
NEEDED = ("numpy", "scipy", "torch", "snntorch", "brian2", "matplotlib", "sklearn", "gymnasium", "safetensors", "tyro")
BESIDE = {
    "torchvision": "neurobridge doesn't need it, but every program that imports it fails. It is a build for another "
    "torch, mostly the CUDA one beside a CPU torch: pip uninstall torchvision, or install it from the index that torch "
    "came from (pip install torchvision --index-url https://download.pytorch.org/whl/cpu)",
}
REPAIR = "pip install --force-reinstall the package, in the versions of constraints.txt"


def examine() -> tuple[Finding, ...]:
    """Look at everything and return what was found."""
    return tuple(finding for look in LOOKS for finding in look())


def python() -> Iterator[Finding]:
    """Yield the interpreter and the machine."""
    good = sys.version_info >= (3, 11)
    remedy = "" if good else "make an environment with Python 3.11 or 3.12"
    yield Finding(
        group="machine",
        name="Python",
        state=OK if good else BROKEN,
        found=f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        remedy=remedy,
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Finding(group="machine", name="cores", state=OK, found=str(cores))


def packages() -> Iterator[Finding]:
    """Yield every package that neurobridge requires, with its version."""
    for requirement in required():
        version = installed(requirement.name)
        bad = version is None or not requirement.specifier.contains(version, prereleases=True)
        yield Finding(
            group="packages",
            name=requirement.name,
            state=BROKEN if bad else OK,
            found=f"{version or 'missing'}{f', needs {requirement.specifier}' if bad else ''}",
            remedy=f'pip install "{requirement.name}{requirement.specifier}"' if bad else "",
        )


def extras() -> Iterator[Finding]:
    """Yield the optional packages."""
    for module, extra in EXTRAS.items():
        version = installed(module)
        yield Finding(
            group="optional packages",
            name=module,
            state=OK if version else OPTIONAL,
            found=version or "not installed",
            remedy="" if version else f'pip install "neurobridge[{extra}]"',
        )


def combinations() -> Iterator[Finding]:
    """Yield the combinations of versions that are known not to work."""
    for combination in KNOWN_BAD:
        versions = {name: installed(name) for name in combination.packages}
        if all(
            version is not None and SpecifierSet(combination.packages[name]).contains(version, prereleases=True)
            for name, version in versions.items()
        ):
            yield Finding(
                group="combinations",
                name=" with ".join(f"{name} {version}" for name, version in versions.items()),
                state=combination.state,
                found=combination.fault,
                remedy=combination.remedy,
            )


def imports() -> Iterator[Finding]:
    """Yield whether packages can be imported: a version that is right may still be a build that is wrong."""
    beside = [name for name in BESIDE if installed(name)]
    for name, error in imported([*NEEDED, *beside]).items():
        if error or name in NEEDED:
            yield Finding(
                group="imports",
                name=name,
                state=OK if not error else WARNING if name in BESIDE else BROKEN,
                found=error or "can be imported",
                remedy=BESIDE.get(name, REPAIR) if error else "",
            )


def imported(names: Iterable[str]) -> dict[str, str]:
    """Return name -> what its import died of, empty if it worked; a process that dies takes only one name with it."""
    left = list(names)
    found: dict[str, str] = {}
    while left:
        answer = subprocess.run([sys.executable, "-c", PROBE, *left], capture_output=True, text=True, check=False)
        lines = [json.loads(line) for line in answer.stdout.splitlines() if line.startswith("{")]
        found |= {line["name"]: line["error"] for line in lines if "name" in line}
        died = [line["trying"] for line in lines if line.get("trying") not in (None, *found)]
        found |= dict.fromkeys(died, f"its import ended Python with exit code {answer.returncode}")
        remaining = [name for name in left if name not in found]
        if len(remaining) == len(left):  # Python itself can't start
            return found | {name: answer.stderr.strip()[-200:] or "Python doesn't start" for name in remaining}
        left = remaining
    return found


def compilers() -> Iterator[Finding]:
    """Yield the C++ compiler, which large simulations and torch.compile use."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    yield Finding(
        group="compilers",
        name="C++",
        state=OK if has_compiler() else WARNING,
        found=compiler or "none" if has_compiler() or not compiler else f"{compiler}, but no make",
        remedy=""
        if has_compiler()
        else "install g++ and make (apt install build-essential, xcode-select --install); until then simulations "
        "run in numpy, slower, and torch.compile fails",
    )


def devices() -> Iterator[Finding]:
    """Yield what PyTorch can compute on."""
    try:
        import torch
    except Exception:  # said among the imports
        return
    cuda = torch.cuda.device_count() if torch.cuda.is_available() else 0
    names = [torch.cuda.get_device_name(index) for index in range(cuda)]
    names += ["mps"] if torch.backends.mps.is_available() else []
    unused = not cuda and shutil.which("nvidia-smi") is not None
    built = f"CUDA {torch.version.cuda}" if torch.version.cuda else "the CPU"
    yield Finding(
        group="devices",
        name="GPU",
        state=WARNING if unused else OK if names else OPTIONAL,
        found=", ".join(names) or f"none; torch {torch.__version__} is built for {built}",
        remedy="there is an NVIDIA driver that this torch doesn't use: install a build for its CUDA version, "
        "https://pytorch.org/get-started"
        if unused
        else "",
    )


def caches() -> Iterator[Finding]:
    """Yield the caches and whether they can be written, and the room on the disk."""
    home = Path.home() / ".cache"
    places = {
        "compiled simulations": Path(os.environ.get("NEUROBRIDGE_CACHE", home / "neurobridge")),
        "this folder": Path.cwd(),
    }
    for name, place in places.items():
        there = next(parent for parent in (place, *place.parents) if parent.exists())
        writable, free = os.access(there, os.W_OK), shutil.disk_usage(there).free / GIGABYTE
        state = OK if writable and free >= 1 else WARNING
        remedy = "make room: checkpoints and builds need about 1 GB" if writable else f"make {there} writable"
        remedy += "" if name == "this folder" else ", or set NEUROBRIDGE_CACHE to another folder"
        yield Finding(
            group="caches",
            name=name,
            state=state,
            found=f"{place}, {size(place) if name != 'this folder' else ''}{free:.1f} GB free",
            remedy="" if state == OK else remedy,
        )


def size(place: Path) -> str:
    """Return what a folder holds, in words."""
    if not place.is_dir():
        return "empty, "
    held = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    return f"{held / GIGABYTE:.2f} GB in it, "


def required() -> list[Requirement]:
    """Return what neurobridge's own metadata require on this Python; nothing if it was never installed."""
    try:
        listed = [Requirement(line) for line in metadata.requires("neurobridge") or ()]
    except metadata.PackageNotFoundError:
        return []
    return [one for one in listed if one.marker is None or one.marker.evaluate({"extra": ""})]


def installed(name: str) -> str | None:
    """Return a package's version, or None."""
    try:
        return str(Version(metadata.version(name.replace("_", "-"))))
    except metadata.PackageNotFoundError:
        return None


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    python,
    packages,
    combinations,
    imports,
    compilers,
    devices,
    caches,
    extras,
)
