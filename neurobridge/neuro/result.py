"""What every protocol returns: named quantities that can be drawn, tabulated, saved and read back."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from brian2 import Quantity
from brian2.units.fundamentalunits import get_dimensions, get_or_create_dimension
from matplotlib.figure import Figure

from neurobridge.errors import FileFormatError, MissingExtraError
from neurobridge.neuro.quantities import shown

FORMAT = "neurobridge result 1"


@dataclass(frozen=True, kw_only=True)
class Result(ABC):
    """A protocol's outcome; the fields of a subclass are quantities, arrays, numbers and texts.

    Args:
        model: the name of what was measured.
        seed: what its random numbers started from; None where no one noted it.
    """

    model: str
    seed: int | None = None
    kinds: ClassVar[dict[str, type["Result"]]] = {}

    def __init_subclass__(cls) -> None:
        Result.kinds[cls.__name__] = cls

    @abstractmethod
    def plot(self) -> Figure:
        """Return the figure a reader expects of this protocol."""

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns, `name [unit]` -> plain numbers: all one-dimensional fields of the commonest length."""
        columns = {name: value for name, value in self._values().items() if np.ndim(value) == 1}
        lengths = [len(column) for column in columns.values()]
        longest = max(lengths, key=lengths.count, default=0)
        return dict(_column(name, value) for name, value in columns.items() if len(value) == longest)

    def to_dataframe(self) -> Any:
        """Return `table` as a pandas DataFrame.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise MissingExtraError(
                "to_dataframe needs pandas; install it with: pip install pandas, or use table()"
            ) from error
        return pandas.DataFrame(self.table())

    def save(self, path: str | Path) -> Path:
        """Write all fields to an `.npz` file: numbers in SI units, with a JSON header of dimensions and seed."""
        path = Path(path).with_suffix(".npz")
        path.parent.mkdir(parents=True, exist_ok=True)
        header: dict[str, Any] = {
            "format": FORMAT, "kind": type(self).__name__, "seed": self.seed, "dimensions": {}, "texts": {},
        }  # fmt: skip
        arrays = {}
        for name, value in self._values().items():
            if isinstance(value, str):
                header["texts"][name] = value
            else:
                arrays[name] = np.asarray(value)
                header["dimensions"][name] = [float(power) for power in get_dimensions(value)._dims]
        np.savez_compressed(path, **{"header": np.array(json.dumps(header)), **arrays})  # type: ignore[arg-type]
        return path

    def _values(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name != "seed"}


def load(path: str | Path) -> Result:
    """Read a result that `save` wrote.

    Raises:
        FileFormatError: the file is not such a result.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            header = json.loads(str(archive["header"]))
            arrays = {name: archive[name] for name in archive.files if name != "header"}
    except (OSError, ValueError, KeyError) as error:
        raise FileFormatError(f"{path} is not a saved result ({error}); write one with result.save(path).") from error
    if header.get("format") != FORMAT or header.get("kind") not in Result.kinds:
        raise FileFormatError(
            f"{path} has format {header.get('format')!r} and kind {header.get('kind')!r}; this version reads "
            f"{FORMAT!r} of {', '.join(sorted(Result.kinds))}."
        )
    values = {name: _restored(array, header["dimensions"][name]) for name, array in arrays.items()}
    return Result.kinds[header["kind"]](seed=header.get("seed"), **values, **header["texts"])


def _restored(array: np.ndarray, powers: list[float]) -> Any:
    if not any(powers):
        return array if array.ndim else array.item()
    return Quantity(array, dim=get_or_create_dimension(powers))


def _column(name: str, value: Any) -> tuple[str, np.ndarray]:
    values, unit = shown(value)
    return (f"{name} [{unit}]" if unit else name), values
