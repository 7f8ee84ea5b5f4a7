"""Training curves as files: watchers for `train`."""

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, final

from neurobridge.ann.training.checkpoint import write_file
from neurobridge.ann.training.distributed import rank
from neurobridge.optional import require


def columns(row: Any) -> dict[str, Any]:
    """Return the fields of a row, such as an `Epoch`; those of a table in a field stand beside the others."""
    found: dict[str, Any] = {}
    for name, value in asdict(row).items():
        found |= value if isinstance(value, Mapping) else {name: value}
    return found


@final
class CurveFile:
    """A CSV file with one row an epoch, or whatever a row's first field counts; a resumed run goes on in it.

    Args:
        path: the file.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def __call__(self, row: Any) -> None:
        """Write `row` after the rows before it; what stood behind them is dropped."""
        if rank():
            return
        added = columns(row)
        counter = next(iter(added))
        rows = [old for old in self._rows() if int(old[counter]) < added[counter]] + [added]
        text = io.StringIO()
        writer = csv.DictWriter(text, list(dict.fromkeys(name for one in rows for name in one)))
        writer.writeheader()
        writer.writerows(rows)
        write_file(self.path, text.getvalue().encode())

    def _rows(self) -> list[dict[str, str]]:
        if not self.path.exists():
            return []
        with self.path.open(newline="") as file:
            return list(csv.DictReader(file))


@final
class TensorBoard:
    """Curves for TensorBoard.

    Args:
        directory: where its event files go.

    Raises:
        MissingExtraError: tensorboard isn't installed.
    """

    def __init__(self, directory: Path | str) -> None:
        require("tensorboard")
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter(str(directory)) if rank() == 0 else None

    def __call__(self, row: Any) -> None:
        """Add one point to every curve."""
        if self.writer is None:
            return
        (_, step), *rest = columns(row).items()
        for name, value in rest:
            if value is not None:
                self.writer.add_scalar(name, value, step)
        self.writer.flush()
