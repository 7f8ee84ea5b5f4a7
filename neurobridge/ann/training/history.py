"""What happened, epoch by epoch."""

from dataclasses import asdict, dataclass, field
from typing import Any, final

import numpy as np
from numpy import ndarray

from neurobridge.errors import lookup


@final
@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One pass over the training side.

    Args:
        epoch: counted from 1.
        loss: mean training loss.
        validation: the task's metric on the validation side.
        learning_rate: at the last update.
        gradient_norm: mean norm of the gradient before clipping.
        seconds: wall time, validation included.
    """

    epoch: int
    loss: float
    validation: float
    learning_rate: float
    gradient_norm: float
    seconds: float


@final
@dataclass
class History:
    """The epochs of a run; it grows while the run goes on.

    Args:
        epochs: one row an epoch.
        higher_is_better: which way the task's metric goes.
    """

    epochs: list[Epoch] = field(default_factory=list)
    higher_is_better: bool = True

    def __len__(self) -> int:
        return len(self.epochs)

    def column(self, name: str) -> ndarray:
        """Return one column, `(epoch,)`.

        Raises:
            UnknownNameError: no column has this name.
        """
        lookup("column of a history", name, Epoch.__dataclass_fields__)
        return np.array([getattr(row, name) for row in self.epochs])

    @property
    def best(self) -> int:
        """Index of the first epoch with the best validation score; -1 before the first."""
        if not self.epochs:
            return -1
        scores = self.column("validation")
        return int(np.argmax(scores if self.higher_is_better else -scores))

    def rows(self) -> list[dict[str, Any]]:
        """Return the epochs as plain dictionaries."""
        return [asdict(row) for row in self.epochs]
