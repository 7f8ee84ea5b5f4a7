"""Next-item recommendation from a MovieLens folder: which film does a user rate next?"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks.task import Metric, Split, SupervisedTask
from neurobridge.tasks.vocabulary import Vocabulary

SOURCE = "Harper & Konstan 2015, https://grouplens.org/datasets/movielens/"
HIT_RATE = Metric(name="hit rate at 10", unit="%", reduction="percent")
LAYOUTS = {"ratings.csv": ",", "ratings.dat": "::", "u.data": "\t"}
"""File name -> what separates user, film, rating and time."""


def movielens(data: Path, seed: int = 0, length: int = 20, rare: int = 5) -> SupervisedTask:
    """The film a user rates next, from a MovieLens folder.

    An input is a user's last `length` films in order of time; users with fewer than 5 films are left out. A user's
    last film judges, the one before validates, those before train, as in Kang & McAuley 2018; groups are the users. All
    films are ranked, and those already seen are not taken out.

    Args:
        data: a folder with ratings.csv, ratings.dat or u.data.
        seed: not used; the split is by time.
        length: films in an input; shorter histories are padded in front.
        rare: films with fewer ratings count as one unknown film, which is never asked for.

    Raises:
        InputError: the folder or the file is missing.
        FileFormatError: a line has another layout, or fewer than ten users have 5 films or more.
    """
    histories = _histories(_ratings(data))
    vocabulary = Vocabulary.of((film for history in histories for film in history[:-2]), rare)
    rows: list[list[tuple[np.ndarray, int, int]]] = [[], [], []]
    for user, history in enumerate(histories):
        films = vocabulary.encode(history)
        for place in range(1, len(films)):
            if films[place] == 0:
                continue
            padded = np.ones(length, dtype=np.int64)
            past = films[max(0, place - length) : place]
            padded[length - len(past) :] = past
            rows[max(0, place - len(films) + 3)].append((padded, films[place], user))
    if min(map(len, rows)) < 10:
        raise FileFormatError(f"{data} holds too few ratings: at least ten users with 5 films or more are needed.")
    train, validation, test = (_split(side) for side in rows)
    return SupervisedTask(
        name="movielens",
        title="The film a user rates next",
        source=SOURCE,
        metric=HIT_RATE,
        input_shape=(length,),
        output_size=len(vocabulary),
        vocabulary=len(vocabulary),
        train=train,
        validation=validation,
        test=test,
        scoring="among ten",
        labels=vocabulary.tokens,
        baselines=("most frequent", "matrix factorisation"),
    )


def _split(rows: list[tuple[np.ndarray, int, int]]) -> Split:
    inputs, targets, users = zip(*rows, strict=True)
    return Split(inputs=np.stack(inputs), targets=np.array(targets), groups=np.array(users))


def _histories(ratings: Iterator[tuple[str, str, float]]) -> list[list[str]]:
    films: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for user, film, time in ratings:
        films[user].append((time, film))
    return [[film for _, film in sorted(films[user])] for user in sorted(films) if len(films[user]) >= 5]


def _ratings(data: Path) -> Iterator[tuple[str, str, float]]:
    path = next((data / name for name in LAYOUTS if (data / name).is_file()), None)
    if path is None:
        raise InputError(f"{data} holds none of {', '.join(LAYOUTS)}; get one from {SOURCE.split()[-1]}.")
    separator = LAYOUTS[path.name]
    with path.open(newline="", encoding="latin-1") as file:
        lines = csv.reader(file) if separator == "," else (line.rstrip("\n").split(separator) for line in file)
        for number, cells in enumerate(lines, 1):
            if number == 1 and separator == ",":
                continue  # the header
            try:
                user, film, _, time = cells
                yield user, film, float(time)
            except ValueError:
                raise FileFormatError(
                    f"{path}, line {number} is {cells}; user, film, rating and a time in seconds are due."
                ) from None
