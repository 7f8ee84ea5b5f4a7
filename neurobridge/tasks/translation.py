"""Translating sequences: numbers to English words, dates as people write them to ISO dates.

An input is the source, padded, followed by the answer shifted by one place. While judging, the answer's places are
filled with what the contender has answered so far, one token a call: the decoding loop is the task's, so that a
contender is one function of tokens, whatever it is made of.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.random import Generator

from neurobridge.errors import InputError
from neurobridge.tasks.scoring import IGNORE
from neurobridge.tasks.task import Metric, Split, SupervisedTask
from neurobridge.tasks.vocabulary import END, Vocabulary

EXACT_MATCH = Metric(name="exact match", unit="%", reduction="percent")
ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

Pair = tuple[list[str], list[str]]


def numbers_to_words(data: Path | None = None, seed: int = 0, largest: int = 99_999) -> SupervisedTask:
    """Numbers to words: "4017" -> "four thousand seventeen".

    10,000 numbers train, 1,000 others validate and 2,000 others judge.

    Raises:
        InputError: `largest` leaves fewer numbers than that, or goes beyond 999,999.
    """
    if not 13_000 <= largest < 1_000_000:
        raise InputError(f"numbers-to-words: largest is {largest}; it must lie between 13000 and 999999.")
    chosen = np.random.default_rng(seed).choice(largest + 1, 13_000, replace=False)
    pairs = [(list(str(number)), in_words(int(number))) for number in chosen]
    return translation("numbers-to-words", "Numbers to words", "English numerals", pairs)


def dates_to_iso(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Dates to ISO 8601: "7 March 1987" -> "1987-03-07", from five ways of writing.

    10,000 dates train, 1,000 others validate and 2,000 others judge.
    """
    random = np.random.default_rng(seed)
    days = random.choice((date(2069, 1, 1) - date(1969, 1, 1)).days, 13_000, replace=False)
    pairs = [_dated(date(1969, 1, 1) + timedelta(days=int(day)), random) for day in days]
    return translation("dates-to-iso", "Dates to ISO 8601", "generated from the Gregorian calendar", pairs)


def in_words(number: int) -> list[str]:
    """Return the English words of a number from 0 to 999,999, without "and"."""
    if number < 20:
        return [ONES[number]]
    if number < 100:
        return [TENS[number // 10 - 2], *([ONES[number % 10]] if number % 10 else [])]
    unit, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    return [*in_words(number // unit), name, *(in_words(number % unit) if number % unit else [])]


def _dated(day: date, random: Generator) -> Pair:
    # strftime would name months in the language of the machine
    month, weekday = MONTHS[day.month - 1], DAYS[day.weekday()]
    forms: Sequence[str] = (
        f"{day.day} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.month}/{day.day}/{day.year % 100:02}",
        f"{weekday} {day.day} {month[:3]} {day.year}",
    )
    return list(random.choice(forms).lower()), list(day.isoformat())


def translation(name: str, title: str, source: str, pairs: Sequence[Pair]) -> SupervisedTask:
    """Return a task from (source tokens, answer tokens); the last 3,000 pairs judge."""
    vocabulary = Vocabulary.of(token for pair in pairs for side in pair for token in side)
    before = max(len(pair[0]) for pair in pairs)
    after = max(len(pair[1]) for pair in pairs) + 1
    end = vocabulary.numbers[END]
    inputs = np.full((len(pairs), before + after), end, dtype=np.int64)
    targets = np.full((len(pairs), after), IGNORE, dtype=np.int64)
    for index, (given, wanted) in enumerate(pairs):
        inputs[index, before - len(given) : before] = vocabulary.encode(given)
        answer = vocabulary.encode([*wanted, END])
        targets[index, : len(answer)] = answer
        inputs[index, before + 1 : before + len(answer)] = answer[:-1]
    everything = Split(inputs=inputs, targets=targets, groups=np.arange(len(pairs)))
    cut = len(pairs) - 3000
    return SupervisedTask(
        name=name,
        title=title,
        source=source,
        metric=EXACT_MATCH,
        input_shape=(before + after,),
        output_size=len(vocabulary),
        output_steps=after,
        vocabulary=len(vocabulary),
        train=everything.take(np.arange(cut)),
        validation=everything.take(np.arange(cut, cut + 1000)),
        test=everything.take(np.arange(cut + 1000, len(pairs))),
        scoring="all correct",
        own_answers=True,
        labels=vocabulary.tokens,
        baselines=("most frequent",),
    )
