"""Import an optional package, or name the command that installs it."""

from importlib import import_module
from types import ModuleType

from neurobridge.errors import MissingExtraError

# module -> the extra of ours that brings it
EXTRAS = {
    "nengo": "nengo",
    "nir": "nir",
    "h5py": "nir",
    "distributed": "dask",
    "tensorboard": "logs",
    "neo": "exchange",
    "pynwb": "exchange",
    "pygame": "games",
    "mpe2": "games",
    "imageio": "games",
    "jupytext": "notebooks",
    "stable_baselines3": "test",
}


def require(module: str) -> ModuleType:
    """Return an optional module.

    Args:
        module: its import name, one of `EXTRAS`.

    Raises:
        MissingExtraError: it is not installed; the message holds the command that installs it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        command = f'pip install "neurobridge[{EXTRAS[module]}]"'
        raise MissingExtraError(f"this needs the package {module!r} ({error}); install it with: {command}") from error
