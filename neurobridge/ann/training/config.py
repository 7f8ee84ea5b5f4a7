"""Everything that decides a training run, as plain data."""

from dataclasses import dataclass
from typing import final

from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How to train; two runs with equal configs on one machine give equal weights.

    Args:
        epochs: passes over the training side.
        batch_size: samples in one update, over all processes.
        accumulate: parts that a batch is computed in, to save memory; the update is that of the whole batch.
        optimizer: one of `optimizers.OPTIMIZERS`.
        learning_rate: largest rate of the schedule.
        weight_decay: the optimizer's own.
        options: further options of the optimizer, such as `{"beta": 0.9}` of momentum.
        schedule: one of `schedules.SCHEDULES`.
        warmup: share of all updates in which the rate rises linearly from 0.
        clip: largest norm of the gradient; None for no clipping.
        truncate: steps of a sequence that the gradient reaches back over; None for all (`truncation`).
        label_smoothing: share of the target's probability that is spread over all classes.
        augmentation: one of `augmentation.AUGMENTATIONS`, applied to training inputs.
        patience: stop after so many epochs without a better validation score; None to go on.
        keep: "best" returns the weights of the best validation score, "last" those of the last epoch.
        precision: "fp32"; "bf16" or "fp16" for mixed precision.
        compile: run the network through `torch.compile`.
        deterministic: let PyTorch refuse operations whose result varies between runs.
        device: "auto", "cpu", "cuda", "cuda:1", "mps".
        seed: of shuffling, dropout and augmentation.
    """

    epochs: int = 30
    batch_size: int = 64
    accumulate: int = 1
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    options: dict[str, float | bool] | None = None
    schedule: str = "cosine"
    warmup: float = 0.0
    clip: float | None = None
    truncate: int | None = None
    label_smoothing: float = 0.0
    augmentation: str = "none"
    patience: int | None = None
    keep: str = "best"
    precision: str = "fp32"
    compile: bool = False
    deterministic: bool = False
    device: str = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        whole = {"epochs": self.epochs, "batch_size": self.batch_size, "accumulate": self.accumulate}
        optional = {"patience": self.patience, "truncate": self.truncate}
        whole |= {name: value for name, value in optional.items() if value is not None}
        for name, value in whole.items():
            if value < 1:
                raise InputError(f"training: {name} is {value}; it must be at least 1.")
        if not self.learning_rate > 0:
            raise InputError(f"training: learning_rate is {self.learning_rate}; it must be above 0.")
        if self.clip is not None and not self.clip > 0:
            raise InputError(f"training: clip is {self.clip}; it must be above 0, or None for no clipping.")
        if not 0 <= self.label_smoothing < 1 or not 0 <= self.warmup < 1:
            raise InputError(
                f"training: label_smoothing {self.label_smoothing} and warmup {self.warmup} must lie in [0, 1)."
            )
        if self.keep not in ("best", "last"):
            raise InputError(f"training: keep is {self.keep!r}; it must be 'best' or 'last'.")
