"""`compare` and `report`: what is printed, in words and in JSON."""

import json
import shutil

import pytest

from neurobridge.cli.compare import parsed
from neurobridge.cli.main import main
from neurobridge.errors import InputError


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return tmp_path_factory.mktemp("studies") / "digits"


@pytest.fixture(scope="module")
def words(study):
    return ["compare", "digits", "--model", "mlp", "--codes", "radix", "--steps", "8", "--seeds", "0", "--quick"]


@pytest.fixture(scope="module")
def printed(study, words):
    with pytest.MonkeyPatch.context() as patch:
        lines = []
        patch.setattr("builtins.print", lambda *values, **_: lines.append(" ".join(map(str, values))))
        patch.setattr("neurobridge.cli.compare.tqdm.write", lines.append)
        assert main([*words, "--out", str(study)]) == 0
    return "\n".join(lines).splitlines()


def test_rows_come_first_then_the_table_and_last_the_report(printed, study):
    assert printed[0].startswith("seed 0  ANN ")
    assert printed[2].startswith("seed 0  radix T=8 ")
    assert "spikes in" in printed[2]
    assert any(line.startswith("radix T=8 ") for line in printed)
    assert printed[-1] == f"report: {study}/report.html"


def test_it_fits_80_columns(printed, study):
    assert max(len(line.replace(str(study), "reports/digits")) for line in printed) <= 80


def test_json_is_one_object_with_every_standing(printed, study, words, capsys):
    assert main([*words, "--out", str(study), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [standing["name"] for standing in found["standings"]] == ["ANN", "ANN 8 bit", "radix T=8"]
    assert found["standings"][0]["loss"]["estimate"] == 0
    assert found["plan"]["steps"] == {"radix": [8]}


def test_report_makes_the_same_page_from_the_rows_alone(printed, study, tmp_path, capsys):
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("study.json", "rows.jsonl"):
        shutil.copy(study / name, copy)
    assert main(["report", str(copy)]) == 0
    assert capsys.readouterr().out.endswith(f"report: {copy}/report.html\n")
    assert (copy / "report.html").read_text() == (study / "report.html").read_text()
    assert main(["report", str(copy), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["report"] == f"{copy}/report.html"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("report nowhere", "nowhere holds no study: study.json is missing"),
        ("compare digits --steps radix=4 8", "--steps radix=4 8 can't be read"),
        ("compare digitz", "unknown task 'digitz'; did you mean 'digits'"),
    ],
)
def test_bad_input_exits_with_2(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words.split()) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_steps_for_all_codes_or_for_each():
    assert parsed([]) is None
    assert parsed(["4", "8"]) == (4, 8)
    assert parsed(["radix=4,8", "rate=16"]) == {"radix": (4, 8), "rate": (16,)}


@pytest.mark.parametrize("words", [["four"], ["radix=4", "8"], ["radix="], ["radix=4", "radix=8"], ["4,8"]])
def test_steps_that_cannot_be_read_are_refused(words):
    with pytest.raises(InputError, match=r"can't be read; give numbers, as in --steps 4 8 16, or"):
        parsed(words)
