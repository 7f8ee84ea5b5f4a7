"""How each task is trained unless told otherwise.

Settings were chosen by validation score on one task of each kind; those of tasks that need a download are the usual
ones of the field.
"""

from collections.abc import Mapping
from typing import Any

from neurobridge.ann.training.config import TrainingConfig

DISTORTED = (
    "digits-rotated",
    "digits-scaled",
    "digits-translated",
    "digits-sheared",
    "digits-perspective",
    "digits-cluttered",
)
FORECASTS = ("mackey-glass", "mackey-glass-20", "lorenz", "forecast-csv")
TRANSLATIONS = ("numbers-to-words", "dates-to-iso")

# "task" or "task model" -> settings; the longer name wins
RECIPES: Mapping[str, TrainingConfig] = {
    "digits": TrainingConfig(epochs=80, learning_rate=1e-2, augmentation="affine", keep="last"),
    "digits mlp": TrainingConfig(epochs=60, learning_rate=3e-3, augmentation="affine", keep="last"),
    "digits residual-cnn": TrainingConfig(epochs=40, learning_rate=1e-2, augmentation="affine", keep="last"),
    "digits-augmented": TrainingConfig(epochs=12, batch_size=128, learning_rate=1e-2, keep="last"),
    "digits-rows": TrainingConfig(epochs=80, learning_rate=1e-2, clip=1.0, augmentation="shift", keep="last"),
    "digits-rows rnn": TrainingConfig(epochs=80, learning_rate=5e-3, clip=1.0, augmentation="shift", keep="last"),
    "digits-augmented-rows": TrainingConfig(epochs=15, batch_size=128, learning_rate=1e-2, clip=1.0, keep="last"),
    "digits-augmented-rows transformer": TrainingConfig(
        epochs=15, batch_size=128, learning_rate=2e-3, warmup=0.05, clip=1.0, keep="last"
    ),
    **dict.fromkeys(DISTORTED, TrainingConfig(epochs=30, learning_rate=5e-3, keep="last")),
    "moving-digits": TrainingConfig(epochs=20, learning_rate=3e-3, clip=1.0),
    "adding": TrainingConfig(epochs=15, learning_rate=3e-3, clip=1.0),
    "adding gru": TrainingConfig(epochs=5, learning_rate=3e-3, clip=1.0),
    "adding rnn": TrainingConfig(epochs=5, learning_rate=1e-3, clip=1.0),
    "anomalies transformer": TrainingConfig(epochs=10, learning_rate=2e-3, clip=1.0),
    "anomalies lstm": TrainingConfig(epochs=40, learning_rate=5e-3, clip=1.0),
    "anomalies": TrainingConfig(epochs=20, learning_rate=5e-3, clip=1.0),
    "copy-memory": TrainingConfig(epochs=20, learning_rate=1e-2, clip=1.0),
    "parity": TrainingConfig(epochs=15, learning_rate=1e-2, clip=1.0),
    "text-words": TrainingConfig(epochs=12, batch_size=32, learning_rate=3e-3, clip=1.0),
    "text-characters": TrainingConfig(epochs=20, batch_size=32, learning_rate=1e-2, clip=1.0),
    **dict.fromkeys(FORECASTS, TrainingConfig(epochs=15, learning_rate=3e-3, clip=1.0)),
    **dict.fromkeys(TRANSLATIONS, TrainingConfig(epochs=20, learning_rate=3e-3, clip=1.0)),
    **dict.fromkeys(("reaching", "reaching-cosine"), TrainingConfig(epochs=40, learning_rate=5e-3, clip=1.0)),
    "sentiment-grammar": TrainingConfig(epochs=10, learning_rate=3e-3, clip=1.0),
    "mnist": TrainingConfig(epochs=10, batch_size=128, learning_rate=5e-3, augmentation="shift", keep="last"),
    "cifar10": TrainingConfig(
        epochs=60, batch_size=128, learning_rate=5e-3, augmentation="flip-and-shift", keep="last"
    ),
}

# "task model" -> options of the architecture, where its usual ones do not do
ARCHITECTURES: Mapping[str, Mapping[str, Any]] = {
    # copying is a matter of memory: no dropout, and gates that start with memories of up to the whole sequence
    "copy-memory language-model": {
        "cell": "lstm", "dropout": 0.0, "embedding": 16, "hidden": 64, "tied": False, "longest": 40
    },
    # what an LSTM forgets within a window it cannot learn from: without this it stays at chance
    "anomalies lstm": {"longest": 32},
    # the text is long for a network of this size
    "text-characters language-model": {"dropout": 0.1},
}  # fmt: skip


def recipe(task: str, model: str = "") -> TrainingConfig:
    """Return the settings for a model on a task, for any model on it, or the defaults of `TrainingConfig`."""
    return RECIPES.get(f"{task} {model}") or RECIPES.get(task) or TrainingConfig()


def architecture(task: str, model: str) -> dict[str, Any]:
    """Return the options of a model on a task; empty where the architecture's defaults do."""
    return dict(ARCHITECTURES.get(f"{task} {model}", {}))
