"""Text as tokens: words or characters, numbered."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError

UNKNOWN, END = "<unknown>", "<end>"
# a word, or a run of one sign: rows of dashes and stars are one token
_WORD = re.compile(r"\w+|([^\w\s])\1*")


def words(text: str) -> list[str]:
    """Return the words and signs of a text in lower case."""
    return [match.group() for match in _WORD.finditer(text.lower())]


def characters(text: str) -> list[str]:
    """Return the characters of a text."""
    return list(text)


TOKENISERS: Mapping[str, Callable[[str], list[str]]] = {"words": words, "characters": characters}


@final
@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Numbered tokens; 0 stands for any unknown one, 1 for an end.

    Args:
        tokens: all tokens, the first two being `UNKNOWN` and `END`.
    """

    tokens: tuple[str, ...]

    @classmethod
    def of(cls, tokens: Iterable[str], threshold: int = 1) -> "Vocabulary":
        """Return the vocabulary of the tokens that occur at least `threshold` times, most frequent first."""
        counts = Counter(tokens)
        kept = sorted((token for token in counts if counts[token] >= threshold), key=lambda t: (-counts[t], t))
        return cls(tokens=(UNKNOWN, END, *kept))

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Token -> number."""
        return {token: number for number, token in enumerate(self.tokens)}

    def encode(self, tokens: Sequence[str]) -> ndarray:
        """Return the numbers of tokens, `(len(tokens),)` int64; those that aren't known become 0."""
        return np.array([self.numbers.get(token, 0) for token in tokens], dtype=np.int64)

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """Return the tokens of numbers.

        Raises:
            InputError: a number is outside the vocabulary.
        """
        numbers = np.asarray(list(numbers))
        check(numbers, len(self))
        return [self.tokens[number] for number in numbers]


def check(numbers: ndarray, size: int, where: str = "") -> None:
    """Refuse tokens outside a vocabulary.

    Args:
        numbers: tokens, of any shape.
        size: of the vocabulary.
        where: begins the error's message.

    Raises:
        InputError: the first of them, with its place.
    """
    if numbers.min(initial=0) < 0 or numbers.max(initial=0) >= size:
        place = tuple(int(index) for index in np.argwhere((numbers < 0) | (numbers >= size))[0])
        raise InputError(
            f"{where}token {numbers[place]} at {place} is outside the vocabulary of {size}; "
            f"tokens go from 0 to {size - 1}."
        )
