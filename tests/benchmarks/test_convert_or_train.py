"""The measured answer to "convert or train?": pairs are compared as pairs, and the documentation says what it was."""

import json

import numpy as np
import pytest

from benchmarks import convert_or_train
from tests.docs.pages import FOLDER

RECORD = convert_or_train.TABLE_FILE.with_suffix(".json")


def test_the_page_has_the_table_of_the_record():
    rows = json.loads(RECORD.read_text())["rows"]
    shown = convert_or_train.table(rows)
    assert convert_or_train.TABLE_FILE.read_text() == shown
    assert shown in (FOLDER / "how-to" / "convert-or-train.md").read_text()


def test_rows_agree_with_themselves():
    rows = json.loads(RECORD.read_text())["rows"]
    anns = {row["model"]: row for row in rows if row["way"] == convert_or_train.ANN}
    for row in rows:
        assert row["accuracy"] == pytest.approx(np.mean(row["accuracy of each seed"]))
        if "above ANN" in row and row["seeds"] == anns[row["model"]]["seeds"]:
            gain = row["above ANN"]
            assert gain["estimate"] == pytest.approx(row["accuracy"] - anns[row["model"]]["accuracy"])
            assert gain["low"] <= gain["estimate"] <= gain["high"]


def test_a_difference_is_of_pairs():
    """What both get wrong is no difference, however much it is; of two originals one decides."""
    hard = np.array([0.0, 0.0, 1.0, 1.0])
    better = np.array([0.0, 0.0, 1.0, 1.0])
    worse = np.array([0.0, 0.0, 0.0, 1.0])
    group = np.array([0, 0, 1, 1])
    assert set(convert_or_train.above([hard], [better], group).values()) == {0.0}
    found = convert_or_train.above([better, better], [worse, better], group)
    assert found["estimate"] == pytest.approx(100 * 1 / 8)
    assert 0 == found["low"] < found["estimate"] < found["high"]


def test_every_case_has_a_file_of_its_own():
    cases = list(convert_or_train.cases())
    assert len({case.name for case in cases}) == len(set(cases)) == len(cases)
