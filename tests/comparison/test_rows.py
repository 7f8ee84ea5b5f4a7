"""Rows survive torn writes, and none is kept twice."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurobridge.comparison.rows import RowFile
from neurobridge.errors import FileFormatError, InputError


def row(seed=0, **fields):
    named = {"task": "digits", "model": "cnn", "seed": seed, "kind": "SNN", "code": "radix", "steps": 8}
    return {**named, "score": 98.0, **fields}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rows.jsonl"


def test_rows_come_back_in_order(path):
    written = RowFile(path)
    for seed in (2, 0, 1):
        written.append(row(seed))
    assert [found["seed"] for found in RowFile(path).rows] == [2, 0, 1]
    assert RowFile(path).find(task="digits", model="cnn", seed=1, kind="SNN", code="radix", steps=8) == row(1)
    assert RowFile(path).find(task="digits", model="cnn", seed=3, kind="SNN", code="radix", steps=8) is None


@given(cut=st.integers(1, 200))
def test_a_torn_last_line_is_cut_off(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    whole = RowFile(path)
    whole.append(row(0))
    length = path.stat().st_size
    whole.append(row(1))
    content = path.read_bytes()
    path.write_bytes(content[: max(length, len(content) - cut)])
    mended = RowFile(path)
    assert mended.rows == [row(0)]
    assert path.stat().st_size == length
    mended.append(row(1))
    assert RowFile(path).rows == [row(0), row(1)]


def test_a_last_line_of_zeros_is_cut_off(path):
    RowFile(path).append(row(0))
    with path.open("ab") as file:
        file.write(b"\0" * 20 + b"\n")
    assert RowFile(path).rows == [row(0)]


def test_a_damaged_line_inside_is_refused_by_number(path):
    path.write_text(json.dumps(row(0)) + "\n{broken\n" + json.dumps(row(1)) + "\n")
    with pytest.raises(FileFormatError, match=r"rows.jsonl, line 2 isn't a row of a comparison"):
        RowFile(path)


def test_a_second_row_of_one_key_is_refused(path):
    rows = RowFile(path)
    rows.append(row(0))
    with pytest.raises(InputError, match=r"already holds a row for task digits, model cnn, seed 0, kind SNN"):
        rows.append(row(0, score=97.0))
    assert RowFile(path).rows == [row(0)]


def test_a_file_with_two_rows_of_one_key_is_refused(path):
    path.write_text(2 * (json.dumps(row(0)) + "\n"))
    with pytest.raises(FileFormatError, match="line 2: a second row for task digits"):
        RowFile(path)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_values_that_json_lacks_are_refused_before_they_are_written(path, value):
    with pytest.raises(InputError, match="can't be written to"):
        RowFile(path).append(row(score=value))
    assert not path.exists()
