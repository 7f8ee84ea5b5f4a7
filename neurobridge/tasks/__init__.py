"""What networks are asked to do: one task a file, one contract for all.

>>> from neurobridge import tasks
>>> tasks.load("digits").title
'Handwritten digits, 8 x 8'
"""

from collections.abc import Callable
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

from neurobridge.errors import InputError, lookup
from neurobridge.tasks.task import Metric, Predict, Scores, Split, SupervisedTask, Task

__all__ = ["Metric", "Predict", "Scores", "Split", "SupervisedTask", "Task", "load", "names"]

# name -> "module:function"; the function takes (data, seed, ...) and returns the task; data without a default is needed
TASKS = {
    "digits": "neurobridge.tasks.digits:digits",
    "digits-augmented": "neurobridge.tasks.digits_augmented:digits_augmented",
    "digits-rows": "neurobridge.tasks.digits_sequential:rows",
    "digits-permuted": "neurobridge.tasks.digits_sequential:permuted",
    "digits-augmented-rows": "neurobridge.tasks.digits_sequential:augmented_rows",
    "digits-augmented-permuted": "neurobridge.tasks.digits_sequential:augmented_permuted",
    "digits-rotated": "neurobridge.tasks.digits_distorted:rotated",
    "digits-scaled": "neurobridge.tasks.digits_distorted:scaled",
    "digits-translated": "neurobridge.tasks.digits_distorted:translated",
    "digits-sheared": "neurobridge.tasks.digits_distorted:sheared",
    "digits-perspective": "neurobridge.tasks.digits_distorted:perspective",
    "digits-cluttered": "neurobridge.tasks.digits_distorted:cluttered",
    "adding": "neurobridge.tasks.synthetic_sequences:adding",
    "copy-memory": "neurobridge.tasks.synthetic_sequences:copy_memory",
    "parity": "neurobridge.tasks.synthetic_sequences:parity",
    "text-words": "neurobridge.tasks.text:text_words",
    "text-characters": "neurobridge.tasks.text:text_characters",
    "mackey-glass": "neurobridge.tasks.forecasting:mackey_glass",
    "mackey-glass-20": "neurobridge.tasks.forecasting:mackey_glass_20",
    "lorenz": "neurobridge.tasks.forecasting:lorenz",
    "forecast-csv": "neurobridge.tasks.forecasting:forecast_csv",
    "anomalies": "neurobridge.tasks.anomalies:anomalies",
    "numbers-to-words": "neurobridge.tasks.translation:numbers_to_words",
    "dates-to-iso": "neurobridge.tasks.translation:dates_to_iso",
    "sentiment-grammar": "neurobridge.tasks.sentiment:sentiment_grammar",
    "sentiment-imdb": "neurobridge.tasks.sentiment:sentiment_imdb",
    "sentiment-csv": "neurobridge.tasks.sentiment:sentiment_csv",
    "shd": "neurobridge.tasks.shd:shd",
    "n-mnist": "neurobridge.tasks.nmnist:nmnist",
    "spoken-words": "neurobridge.tasks.spoken_words:spoken_words",
    "movielens": "neurobridge.tasks.movielens:movielens",
    "moving-digits": "neurobridge.tasks.moving_digits:moving_digits",
    "reaching": "neurobridge.tasks.reaching.decoding:reaching",
    "reaching-cosine": "neurobridge.tasks.reaching.decoding:reaching_cosine",
    "mnist": "neurobridge.tasks.idx:mnist",
    "fashion-mnist": "neurobridge.tasks.idx:fashion_mnist",
    "cifar10": "neurobridge.tasks.cifar10:cifar10",
    "cartpole": "neurobridge.tasks.control:cartpole",
    "cartpole-positions": "neurobridge.tasks.control:cartpole_positions",
    "acrobot": "neurobridge.tasks.control:acrobot",
    "mountain-car": "neurobridge.tasks.control:mountain_car",
    "pendulum": "neurobridge.tasks.control:pendulum",
    "catch": "neurobridge.tasks.control:catch",
    "two-step": "neurobridge.tasks.control:two_step",
    "speaker-listener": "neurobridge.tasks.control:speaker_listener",
    "spread": "neurobridge.tasks.control:spread",
    "control": "neurobridge.tasks.control:control",
}

# tasks whose data are files of the user's or of a download
NEEDS_DATA = frozenset(
    {
        "cifar10",
        "fashion-mnist",
        "forecast-csv",
        "mnist",
        "movielens",
        "n-mnist",
        "sentiment-csv",
        "sentiment-imdb",
        "shd",
        "spoken-words",
    }
)


def names() -> tuple[str, ...]:
    """Return the names of all tasks."""
    return tuple(sorted(TASKS))


def load(name: str, data: Path | str | None = None, seed: int = 0, **options: Any) -> Task:
    """Return a task.

    Args:
        name: one of `names()`.
        data: the directory or file that holds the data, for tasks that need one.
        seed: fixes the split and whatever the task draws at random.
        options: what else the task takes, such as `length` of the adding problem.

    Raises:
        UnknownNameError: no task, or no option of the task, has this name.
        InputError: the task needs `data` and got none.
        FileFormatError: a data file is missing, damaged or of another kind.
    """
    module, _, function = lookup("task", name, TASKS).partition(":")
    maker: Callable[..., Task] = getattr(import_module(module), function)
    known = signature(maker).parameters
    if data is None and name in NEEDS_DATA:
        raise InputError(f"task {name!r} reads files: give their place, as in --data DIRECTORY.")
    for option in options:
        lookup(f"option of task {name!r},", option, {key: None for key in known if key not in ("data", "seed")})
    return maker(None if data is None else Path(data), seed, **options)
