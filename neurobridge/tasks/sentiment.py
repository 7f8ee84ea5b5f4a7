"""Sentiment of short texts: reviews in the folders of the IMDB set, a CSV file, or sentences of a small grammar."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.random import Generator

from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks.task import ACCURACY, Split, SupervisedTask
from neurobridge.tasks.vocabulary import Vocabulary, words

LABELS = ("negative", "positive")
NOUNS = ["film", "story", "plot", "cast", "music", "ending", "script", "camera", "dialogue", "pace"]
GOOD = ["good", "wonderful", "clever", "moving", "brilliant", "funny", "fresh", "rich"]
BAD = ["bad", "dull", "silly", "weak", "boring", "clumsy", "stale", "empty"]
DEGREES = ["", "", "very", "rather", "really"]
REVERSALS = ["", "", "not", "never"]

Texts = tuple[list[str], list[int]]


def sentiment_grammar(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Sentiment of made-up sentences, in which counting words does not help.

        sentence -> clause | clause "but" clause
        clause   -> "the" noun "was" [not | never] [very | rather | really] adjective

    "not" and "never" turn an adjective round, and do so in half of the clauses; the clause after "but" decides. So
    counting words is no better than guessing.
    """
    random = np.random.default_rng(seed)
    made = [_sentence(random) for _ in range(7000)]
    texts, labels = [text for text, _ in made], [label for _, label in made]
    return _task("sentiment-grammar", "Sentiment of made-up sentences", "a stated grammar",
                 (texts[:5000], labels[:5000]), (texts[5000:], labels[5000:]), 1, 20, seed)  # fmt: skip


def sentiment_imdb(data: Path, seed: int = 0, length: int = 200, rare: int = 10) -> SupervisedTask:
    """Sentiment of film reviews in the folders of the IMDB set.

    They are train/pos, train/neg, test/pos and test/neg, one text a file.

    Args:
        data: the folder.
        seed: chooses the validation texts.
        length: words that are kept of a text, its last ones.
        rare: words that occur less often in the training texts become the unknown word.

    Raises:
        InputError: a folder is missing.
        FileFormatError: a folder holds no text files.
    """
    return _task("sentiment-imdb", "Sentiment of film reviews", "Maas et al. 2011",
                 _folders(data / "train"), _folders(data / "test"), rare, length, seed)  # fmt: skip


def sentiment_csv(
    data: Path, seed: int = 0, text: str = "text", label: str = "label", length: int = 50, rare: int = 2
) -> SupervisedTask:
    """Sentiment of texts in a CSV file with labels 0 and 1; a fifth of the rows judges.

    Raises:
        InputError: no such file or column.
        FileFormatError: a text is empty or a label is neither 0 nor 1; row and column are named. Or fewer than 20 rows.
    """
    texts, labels = _csv(data, text, label)
    order = np.random.default_rng(seed).permutation(len(texts))
    cut = len(order) // 5
    test, train = (([texts[i] for i in side], [labels[i] for i in side]) for side in (order[:cut], order[cut:]))
    return _task("sentiment-csv", f"Sentiment in {data.name}", data.name, train, test, rare, length, seed)


def _task(
    name: str, title: str, source: str, train: Texts, test: Texts, rare: int, length: int, seed: int
) -> SupervisedTask:
    tokens = [[words(text) for text in side[0]] for side in (train, test)]
    vocabulary = Vocabulary.of((token for text in tokens[0] for token in text), rare)
    sides = [
        Split(
            inputs=np.stack([_ending(vocabulary, text, length) for text in texts]),
            targets=np.array(labels, dtype=np.int64),
            groups=np.arange(len(labels)),
        )
        for texts, (_, labels) in zip(tokens, (train, test), strict=True)
    ]
    order = np.random.default_rng(seed).permutation(len(sides[0]))
    held = max(1, len(order) // 10)
    return SupervisedTask(
        name=name,
        title=title,
        source=source,
        metric=ACCURACY,
        input_shape=(length,),
        output_size=2,
        vocabulary=len(vocabulary),
        train=sides[0].take(order[held:]),
        validation=sides[0].take(order[:held]),
        test=sides[1],
        labels=LABELS,
        baselines=("bag of words",),
        facts={"words": vocabulary.tokens},
    )


def _ending(vocabulary: Vocabulary, text: Sequence[str], length: int) -> np.ndarray:
    # padding goes in front, so that a recurrent network reads the text last
    row = np.ones(length, dtype=np.int64)
    kept = vocabulary.encode(text[-length:])
    row[length - len(kept) :] = kept
    return row


def _sentence(random: Generator) -> tuple[str, int]:
    clauses = [_clause(random) for _ in range(random.integers(1, 3))]
    return " but ".join(text for text, _ in clauses), clauses[-1][1]


def _clause(random: Generator) -> tuple[str, int]:
    good = bool(random.integers(2))
    reversal, degree = str(random.choice(REVERSALS)), str(random.choice(DEGREES))
    text = f"the {random.choice(NOUNS)} was {reversal} {degree} {random.choice(GOOD if good else BAD)}"
    return " ".join(text.split()), int(good != bool(reversal))


def _folders(side: Path) -> Texts:
    texts, labels = [], []
    for label, name in enumerate(("neg", "pos")):
        folder = side / name
        if not folder.is_dir():
            raise InputError(f"folder {folder} does not exist; train and test each hold pos and neg.")
        files = sorted(folder.glob("*.txt"))
        if not files:
            raise FileFormatError(f"{folder} holds no .txt files.")
        texts += [file.read_text(encoding="utf-8", errors="replace") for file in files]
        labels += [label] * len(files)
    return texts, labels


def _csv(path: Path, text: str, label: str) -> Texts:
    if not path.is_file():
        raise InputError(f"data file {path} does not exist.")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        for name in (text, label):
            if name not in (reader.fieldnames or ()):
                raise InputError(
                    f"{path} has no column {name!r}; its columns are: {', '.join(reader.fieldnames or ())}."
                )
        rows = list(reader)
    for line, row in enumerate(rows, 2):
        if not (row[text] or "").strip():
            raise FileFormatError(f"{path}, row {line}, column {text!r} is empty; a text is due.")
        if (row[label] or "").strip() not in ("0", "1"):
            raise FileFormatError(f"{path}, row {line}, column {label!r} holds {row[label]!r}; 0 or 1 is due.")
    if len(rows) < 20:
        raise FileFormatError(f"{path} holds {len(rows)} texts; at least 20 are needed.")
    return [row[text] for row in rows], [int(row[label]) for row in rows]
