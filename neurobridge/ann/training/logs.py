"""Training curves as files: watchers for `train`."""

import csv
import io
from dataclasses import asdict, fields
from pathlib import Path
from typing import final

from neurobridge.ann.training.checkpoint import write_file
from neurobridge.ann.training.distributed import rank
from neurobridge.ann.training.history import Epoch
from neurobridge.optional import require


@final
class CurveFile:
    """A CSV file with one row an epoch; a resumed run goes on in it.

    Args:
        path: the file.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def __call__(self, row: Epoch) -> None:
        """Write `row` after the rows of earlier epochs; what stood behind them is dropped."""
        if rank():
            return
        names = [field.name for field in fields(Epoch)]
        text = io.StringIO()
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows([old for old in self._rows() if int(old["epoch"]) < row.epoch])
        writer.writerow(asdict(row))
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

    def __call__(self, row: Epoch) -> None:
        """Add one point to every curve."""
        if self.writer is None:
            return
        for name, value in asdict(row).items():
            if name != "epoch":
                self.writer.add_scalar(name, value, row.epoch)
        self.writer.flush()
