"""What a response tells about a stimulus: mutual information in bits, with correction of its bias."""

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError


def entropy(numbers: ndarray, corrected: bool = True) -> float:
    """Return the entropy in bits of counted outcomes, with the correction of Miller and Madow.

    Args:
        numbers: `(outcome,)` how often each was seen.
        corrected: whether to add `(outcomes seen - 1) / (2 n ln 2)`.
    """
    seen = np.asarray(numbers)[np.asarray(numbers) > 0]
    total = seen.sum()
    if total == 0:
        raise InputError("an entropy needs at least one observation.")
    part = seen / total
    plain = float(-(part * np.log2(part)).sum())
    return plain + (len(seen) - 1) / (2 * total * np.log(2)) if corrected else plain


def mutual_information(stimulus: ndarray, response: ndarray, corrected: bool = True) -> float:
    """Return the information in bits that a response, such as a count or a word, carries about a stimulus.

    Args:
        stimulus: `(trial,)` labels.
        response: `(trial,)` labels or `(trial, letter)` words.
        corrected: whether each entropy is corrected for the limited number of trials.

    Raises:
        InputError: the two have different numbers of trials.
    """
    if len(stimulus) != len(response):
        raise InputError(f"{len(stimulus)} stimuli and {len(response)} responses; give one response a trial.")
    rows = np.unique(np.asarray(stimulus), axis=0, return_inverse=True)[1].ravel()
    columns = np.unique(np.asarray(response), axis=0, return_inverse=True)[1].ravel()
    table = np.zeros((rows.max() + 1, columns.max() + 1), dtype=int)
    np.add.at(table, (rows, columns), 1)
    separate = entropy(table.sum(axis=1), corrected) + entropy(table.sum(axis=0), corrected)
    return separate - entropy(table.ravel(), corrected)


def words(train: ndarray, duration: float, width: float, letters: int) -> ndarray:
    """Return a train as words of 0 and 1, `(word, letter)`: whether each bin of `width` seconds has a spike."""
    bins = round(duration / width) // letters * letters
    marks = np.histogram(train, bins=bins, range=(0, bins * width))[0] > 0
    return marks.reshape(-1, letters).astype(int)
