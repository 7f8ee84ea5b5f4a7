import re
from datetime import date

import numpy as np
import pytest

from neurobridge import tasks
from neurobridge.errors import InputError
from neurobridge.tasks.scoring import IGNORE
from neurobridge.tasks.translation import in_words


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (40, "forty"),
        (99, "ninety nine"),
        (105, "one hundred five"),
        (4017, "four thousand seventeen"),
        (80_000, "eighty thousand"),
        (999_999, "nine hundred ninety nine thousand nine hundred ninety nine"),
    ],
)
def test_numbers_in_words(number, text):
    assert " ".join(in_words(number)) == text


def pairs(name, count=50):
    task = tasks.load(name)
    source = task.input_shape[0] - task.output_steps
    for given, wanted in zip(task.test.inputs[:count], task.test.targets[:count], strict=True):
        read = [task.labels[token] for token in given[:source] if task.labels[token] != "<end>"]
        yield read, [task.labels[token] for token in wanted if token not in (IGNORE, 1)]


def test_sources_and_answers_belong_together():
    for digits, answer in pairs("numbers-to-words"):
        assert in_words(int("".join(digits))) == answer


def test_dates_name_the_same_day():
    months = "january february march april may june july august september october november december".split()  # noqa: SIM905
    for source, answer in pairs("dates-to-iso"):
        text, day = "".join(source), date.fromisoformat("".join(answer))
        written = [int(number) for number in re.findall(r"\d+", text)]
        assert day.day in written
        assert day.year in written or day.year % 100 in written
        assert months[day.month - 1][:3] in text or day.month in written


def solver(task):
    """Answer as a perfect network would: read the source, ignore what was answered before."""
    source = task.input_shape[0] - task.output_steps
    numbers = {token: number for number, token in enumerate(task.labels)}

    def predict(inputs):
        outputs = np.zeros((len(inputs), task.output_steps, task.output_size))
        for row, given in enumerate(inputs):
            digits = "".join(task.labels[token] for token in given[:source] if token != 1)
            for step, word in enumerate([*in_words(int(digits)), "<end>"]):
                outputs[row, step, numbers[word]] = 1
        return outputs

    return predict


def test_a_perfect_contender_has_every_match():
    task = tasks.load("numbers-to-words")
    assert task.judge(solver(task), limit=40).summary == 100


def test_judging_never_shows_the_solution():
    task = tasks.load("numbers-to-words")
    source = task.input_shape[0] - task.output_steps

    def peek(inputs):
        # repeats what stands one place ahead: right in every place if the solution were there
        outputs = np.zeros((len(inputs), task.output_steps, task.output_size))
        ahead = np.concatenate([inputs[:, source + 1 :], np.ones((len(inputs), 1), dtype=int)], axis=1)
        np.put_along_axis(outputs, ahead[..., None], 1.0, axis=2)
        return outputs

    assert task.judge(peek, limit=40).summary == 0


def test_judging_feeds_a_contenders_own_answers_back():
    task = tasks.load("numbers-to-words")
    source, seen = task.input_shape[0] - task.output_steps, []

    def count_up(inputs):
        seen.append(inputs[0, source:].tolist())
        outputs = np.zeros((len(inputs), task.output_steps, task.output_size))
        outputs[:, np.arange(task.output_steps), 2 + np.arange(task.output_steps)] = 1
        return outputs

    task.judge(count_up, limit=1)
    assert len(seen) == task.output_steps
    assert seen[-1] == [1, *range(2, 1 + task.output_steps)]


def test_too_few_numbers_are_refused():
    with pytest.raises(InputError, match="largest is 99; it must lie between 13000 and 999999"):
        tasks.load("numbers-to-words", largest=99)
