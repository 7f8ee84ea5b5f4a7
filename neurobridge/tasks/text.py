"""Language modelling: the next word, or the next character, of Python's own reference text or of the user's.

The reference text is that of the running Python (`pydoc_data.topics`), so its size differs a little between versions;
the split, the vocabulary and the rivals are the same for every contender on one machine.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks.scoring import IGNORE
from neurobridge.tasks.task import Metric, Split, SupervisedTask
from neurobridge.tasks.vocabulary import END, TOKENISERS, Vocabulary

PERPLEXITY = Metric(name="perplexity", higher_is_better=False, reduction="exponential of mean")
RARE = 3
"""Words that occur fewer times in the training text become the unknown word."""
TOGETHER = 20
"""Paragraphs of one document."""
WINDOW = {"words": 64, "characters": 128}
HELD_OUT = 0.1
"""Share of the tokens in each of the validation and the test text."""


def text_words(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """The next word of Python's reference text, or of a text file of the user's.

    `seed` chooses the held-out documents.
    """
    return _language_task("words", RARE, data, seed)


def text_characters(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """The next character of Python's reference text, or of a text file of the user's."""
    return _language_task("characters", 2, data, seed)


def reference_documents() -> list[str]:
    """Return the topics of Python's reference in alphabetical order, twenty paragraphs a document.

    Each paragraph stands only where it comes first: topics quote one another, and without this a held-out text would
    stand in the training text.
    """
    from pydoc_data.topics import topics

    seen: set[str] = set()
    documents = []
    for name in sorted(topics):
        parts = {part.strip(): part for part in _paragraphs(topics[name])}
        fresh = [part for key, part in parts.items() if key not in seen]
        seen.update(parts)
        documents += _grouped(fresh)
    return documents


def user_documents(path: Path) -> list[str]:
    """Return the paragraphs of a text file, twenty a document.

    Raises:
        InputError: no such file.
        FileFormatError: not UTF-8 text, or fewer than ten documents.
    """
    if not path.is_file():
        raise InputError(f"text file {path} does not exist.")
    try:
        paragraphs = _paragraphs(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise FileFormatError(f"{path} is not UTF-8 text: {error}.") from None
    documents = _grouped(paragraphs)
    if len(documents) < 10:
        raise FileFormatError(f"{path} holds {len(paragraphs)} paragraphs; at least 181 are needed to hold some out.")
    return documents


def _grouped(paragraphs: Sequence[str]) -> list[str]:
    return ["\n\n".join(paragraphs[start : start + TOGETHER]) for start in range(0, len(paragraphs), TOGETHER)]


def _paragraphs(text: str) -> list[str]:
    return [part for part in re.split(r"\n[ \t]*\n", text) if part.strip()]


@lru_cache(maxsize=2)
def _language_task(unit: str, rare: int, data: Path | None, seed: int) -> SupervisedTask:
    documents = reference_documents() if data is None else user_documents(data)
    tokens = [[*TOKENISERS[unit](document), END] for document in documents]
    train, validation, test = hold_out([len(one) for one in tokens], seed)
    vocabulary = Vocabulary.of((token for index in train for token in tokens[index]), rare)
    numbers = [vocabulary.encode(one) for one in tokens]
    length = WINDOW[unit]
    return SupervisedTask(
        name=f"text-{unit}",
        title=f"Next {unit.removesuffix('s')} of " + ("Python's reference" if data is None else data.name),
        source="the Python documentation, pydoc_data.topics" if data is None else str(data.name),
        metric=PERPLEXITY,
        input_shape=(length,),
        output_size=len(vocabulary),
        output_steps=length,
        vocabulary=len(vocabulary),
        train=windows(numbers, train, length, everywhere=True),
        validation=windows(numbers, validation, length),
        test=windows(numbers, test, length),
        scoring="surprise",
        judge_batch=32,
        labels=vocabulary.tokens,
        baselines=("Kneser-Ney 3-gram",) if unit == "words" else ("Kneser-Ney 5-gram",),
    )


def hold_out(lengths: Sequence[int], seed: int) -> tuple[list[int], list[int], list[int]]:
    """Share documents out over (training, validation, test) by their lengths."""
    order = np.random.default_rng(seed).permutation(len(lengths))
    done = np.cumsum(np.asarray(lengths)[order]) / sum(lengths)
    side = np.searchsorted([HELD_OUT, 2 * HELD_OUT], done - 1e-9)
    test, validation, train = (sorted(order[side == which].tolist()) for which in range(3))
    return train, validation, test


def windows(documents: Sequence[ndarray], chosen: Sequence[int], length: int, everywhere: bool = False) -> Split:
    """Return overlapping windows and the token that follows each place.

    Each token is asked for once, with at least half a window before it (less only at a document's beginning).

    Args:
        documents: token numbers of each document.
        chosen: which documents.
        length: tokens in a window.
        everywhere: ask at every place of every window, as training may.
    """
    inputs, targets, groups = [], [], []
    end = 1
    for index in chosen:
        text = np.concatenate([[end], documents[index]])
        for start in range(0, max(1, len(text) - 1 - length // 2), length // 2):
            piece = text[start : start + length + 1]
            window, following = np.full(length, end), np.full(length, IGNORE)
            window[: len(piece) - 1], following[: len(piece) - 1] = piece[:-1], piece[1:]
            if start and not everywhere:
                following[: length // 2] = IGNORE
            inputs.append(window)
            targets.append(following)
            groups.append(index)
    return Split(inputs=np.stack(inputs), targets=np.stack(targets), groups=np.array(groups))
