"""Interpolated Kneser-Ney n-grams: the rival that a language model of a small text must beat.

    p(w | h) = max(c(h w) - D, 0) / c(h) + D n(h) / c(h) p(w | h without its first token)

c counts occurrences at the highest order and distinct left neighbours below it, n(h) the distinct tokens after h, and
D = n_1 / (n_1 + 2 n_2) with n_k the number of n-grams counted k times. Source: Chen & Goodman 1999, section 2.7.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.tasks.scoring import IGNORE
from neurobridge.tasks.task import Predict, SupervisedTask

Gram = tuple[int, ...]


@final
class KneserNey:
    """An n-gram model.

    Args:
        texts: token numbers of each text.
        order: n.
        vocabulary: number of tokens.
    """

    def __init__(self, texts: Iterable[ndarray], order: int, vocabulary: int) -> None:
        self.order, self.vocabulary = order, vocabulary
        grams = Counter(
            tuple(int(token) for token in text[end - order : end])
            for text in texts
            for end in range(order, len(text) + 1)
        )
        self.tables = []
        for _ in range(order):
            self.tables.append(_table(grams))
            grams = Counter(gram[1:] for gram in grams)  # distinct left neighbours
        self.tables.reverse()

    def distribution(self, history: Gram) -> ndarray:
        """Return p(w | history), `(vocabulary,)`."""
        p = np.full(self.vocabulary, 1 / self.vocabulary)
        for length, table in enumerate(self.tables):
            found = table.get(history[len(history) - length :]) if length <= len(history) else None
            if found is not None:
                tokens, share, left = found
                p *= left
                p[tokens] += share
        return p

    def predict(self, inputs: ndarray) -> ndarray:
        """Return log p of the token after each place, `(sample, step, vocabulary)`, given the window up to there."""
        cached: dict[Gram, ndarray] = {}
        outputs = np.empty((*inputs.shape, self.vocabulary), dtype=np.float32)
        for sample, window in enumerate(inputs.tolist()):
            for place in range(len(window)):
                history = tuple(window[max(0, place + 2 - self.order) : place + 1])
                if history not in cached:
                    cached[history] = np.log(self.distribution(history))
                outputs[sample, place] = cached[history]
        return outputs


def _table(grams: Counter[Gram]) -> dict[Gram, tuple[ndarray, ndarray, float]]:
    """History -> (tokens, discounted shares, share left for the shorter history)."""
    times = Counter(grams.values())
    discount = times[1] / (times[1] + 2 * times[2]) if times[1] else 0.5
    followers: defaultdict[Gram, list[tuple[int, int]]] = defaultdict(list)
    for gram, count in grams.items():
        followers[gram[:-1]].append((gram[-1], count))
    table = {}
    for history, found in followers.items():
        tokens, counts = np.array(found).T
        table[history] = (tokens, (counts - discount) / counts.sum(), discount * len(tokens) / counts.sum())
    return table


def texts_of(task: SupervisedTask) -> list[ndarray]:
    """Return the training documents of a language task, put together again from its overlapping windows."""
    texts = []
    for group in np.unique(task.train.groups):
        rows = np.flatnonzero(task.train.groups == group)
        half = task.input_shape[0] // 2
        pieces = [task.train.inputs[rows[0], :1]]
        for number, row in enumerate(rows):
            following = task.train.targets[row] if number == 0 else task.train.targets[row, half:]
            pieces.append(following[following != IGNORE])
        texts.append(np.concatenate(pieces))
    return texts


def three_gram(task: SupervisedTask) -> Predict:
    """Interpolated Kneser-Ney of order 3."""
    return KneserNey(texts_of(task), 3, task.vocabulary).predict


def five_gram(task: SupervisedTask) -> Predict:
    """Interpolated Kneser-Ney of order 5, for characters."""
    return KneserNey(texts_of(task), 5, task.vocabulary).predict
