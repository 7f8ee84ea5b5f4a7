"""What users hand to a verb, checked on the way in: a network in their own code, an array, a place to write."""

import os
import sys
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray
from torch import nn

from neurobridge.errors import CalibrationError, FileFormatError, InputError, NeurobridgeError, UnknownNameError


def network(place: str) -> nn.Module:
    """Return the network that a user's own code builds.

    Args:
        place: "module:name" of a callable without arguments, or of a network itself; the current directory is searched
            first, as `python -m` does.

    Raises:
        InputError: there is no such module or name, its code fails, or what it gives isn't an `nn.Module`.
    """
    found = attribute(place)
    if isinstance(found, nn.Module):
        return found
    if not callable(found):
        raise InputError(
            f"{place} is a {type(found).__name__}; it must be a function or a class that gives an nn.Module."
        )
    made = attempt(found, f"calling {place}() failed")
    if not isinstance(made, nn.Module):
        raise InputError(f"{place}() gave a {type(made).__name__}; it must give a torch.nn.Module.")
    return made


def attribute(place: str) -> Any:
    """Return what a module calls by a name."""
    module_name, colon, name = place.partition(":")
    if not (module_name and colon and name):
        raise InputError(f"{place!r} doesn't name a factory; write MODULE:NAME, as in my_models:small_cnn.")
    if "" not in sys.path:
        sys.path.insert(0, "")
    module = attempt(lambda: import_module(module_name), f"importing {module_name!r} failed")
    if not hasattr(module, name):
        public = [known for known in vars(module) if not known.startswith("_")]
        raise UnknownNameError(f"name in {module_name},", name, public)
    return getattr(module, name)


def attempt(action: Any, failure: str) -> Any:
    """Return what a user's code gives, or say where in it an error arose."""
    try:
        return action()
    except NeurobridgeError:
        raise
    except Exception as error:
        raise InputError(f"{failure}: {type(error).__name__}: {error}{where(error)}.") from error


def where(error: BaseException) -> str:
    """Return the last line of code that an error went through outside the import system, in words."""
    trace, last = error.__traceback__, None
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        last = last if name.startswith("<") or name == __file__ else f" ({name}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return last or ""


def calibration(path: Path) -> ndarray:
    """Return the one array that a file holds.

    Raises:
        FileFormatError: no such file, not an .npz or .npy file, or pickled objects in it, which are never opened.
        CalibrationError: not exactly one array, no samples, or numbers that aren't finite.
    """
    if not path.is_file():
        raise FileFormatError(f"no calibration data at {path}; write them with numpy.savez({str(path)!r}, x=inputs).")
    try:
        content = np.load(path, allow_pickle=False)
        arrays = {"": content} if isinstance(content, ndarray) else {name: content[name] for name in content.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise FileFormatError(
            f"{path} isn't an .npz or .npy file of plain numbers ({error}); pickled objects are never opened."
        ) from error
    if len(arrays) != 1:
        raise CalibrationError(f"{path} holds {len(arrays)} arrays ({', '.join(arrays)}); give a file with one.")
    return usable(next(iter(arrays.values())), path)


def usable(array: ndarray, path: Path) -> ndarray:
    """Return an array of samples as a network takes it: whole numbers as int64, others as float32."""
    if not np.issubdtype(array.dtype, np.number) or np.issubdtype(array.dtype, np.complexfloating):
        raise CalibrationError(f"{path} holds {array.dtype}; calibration needs real numbers.")
    if array.ndim < 2 or len(array) == 0:
        raise CalibrationError(f"{path} has shape {array.shape}; its first axis must be the sample, with one or more.")
    if not np.isfinite(array).all():
        raise CalibrationError(f"{path} holds numbers that aren't finite; remove those samples.")
    return array.astype(np.int64 if np.issubdtype(array.dtype, np.integer) else np.float32)


def writable(path: Path) -> None:
    """Raise if a file can't be written, before any work is done for it."""
    folder = path.parent
    if path.is_dir():
        raise InputError(f"--out {path} is a folder; give the name of a file.")
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InputError(f"--out {path}: there is no folder {folder} that can be written to.")
