"""What a study found: tables, figures and a page, from rows whose every answer is known."""

import json
import re
import shutil

import pytest

from neurobridge.cli.main import main
from neurobridge.cli.study import Config, crew
from neurobridge.comparison.grid import folder as folders
from neurobridge.comparison.grid.report import report
from neurobridge.comparison.grid.run import run
from neurobridge.comparison.grid.standings import findings
from neurobridge.comparison.grid.tables import chance, everything
from neurobridge.comparison.grid.work import Outcome
from neurobridge.errors import InputError
from tests.comparison.grid.cases import SMALL, Inline, rows


@pytest.fixture(scope="module")
def found():
    worse = [{**row, "tallies": {**row["tallies"], "sums": [3.0] * 40}, "score": 60.0} for row in rows("sgd")]
    return findings([*rows("adam"), *worse])


def test_losses_are_those_of_the_rows(found):
    adam = [entry for entry in found.entries if entry.optimizer == "adam"]
    assert adam[0].standing.contender.name == "ANN"
    assert adam[0].loss is None
    for entry in adam[1:]:
        assert entry.loss.estimate == pytest.approx(1.0)  # two answers of 200
        assert 0 <= entry.loss.low <= 1.0 <= entry.loss.high


def test_p_is_for_spiking_networks_and_holds_for_all_of_them(found):
    spiking = [entry for entry in found.entries if entry.standing.contender.kind == "SNN"]
    assert all(entry.p >= entry.loss.p for entry in spiking)
    assert all(entry.p is None for entry in found.entries if entry.standing.contender.kind != "SNN")


def test_the_best_network_is_compared_with_the_others(found):
    (contest,) = found.contests
    assert (contest.best.optimizer, contest.other.optimizer) == ("adam", "sgd")
    assert contest.behind.estimate == pytest.approx(98.0 - 60.0)
    assert contest.p < 0.001


def test_an_unfinished_network_is_named_and_left_out():
    some = rows("adam") + [row for row in rows("sgd") if row["kind"] != "ANN"]
    found = findings(some)
    assert {entry.optimizer for entry in found.entries} == {"adam"}
    assert found.unfinished == ("digits, cnn, sgd",)


def test_a_metric_without_intervals_has_none():
    plain = rows(metric={"name": "R2", "unit": "", "higher_is_better": True, "reduction": "1 - ratio"})
    found = findings([*plain, *({**row, "optimizer": "sgd"} for row in plain)])
    assert all(entry.loss is None and entry.p is None for entry in found.entries)
    assert found.contests[0].behind is None
    assert "behind" in everything(found)


def test_tables_fit_80_columns(found):
    assert max(map(len, everything(found).splitlines())) <= 80


def test_small_p_values_are_not_told_apart():
    assert [chance(p) for p in (None, 0.0004, 0.05, 1.0)] == ["", "<0.001", "0.05", "1"]


@pytest.fixture
def study(tmp_path):
    def fast(job):
        wanted = None if job.cell is None else (job.network.seed, job.cell.code, job.cell.steps)
        own = [row for row in rows(steps={"radix": (4,), "rate": (8,)}) if wanted and key(row) == wanted]
        error = "InputError: <no>" if wanted == (1, "rate", 8) else ""
        return Outcome(weights=b"w", rows=tuple({**row, "model": "mlp"} for row in own), error=error)

    def key(row):
        return row["seed"], row["code"], row["steps"]

    return run(SMALL, tmp_path / "small", lambda: Inline(fast))


def test_the_page_is_made_from_rows_alone(study, tmp_path, capsys):
    page = report(study.path).read_text()
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(study.path / "grid.json", copy)
    for folder in ("cells", "failed"):
        shutil.copytree(study.path / folder, copy / folder)
    assert main(["report", str(copy)]) == 0
    assert capsys.readouterr().out.endswith(f"report: {copy}/report.html\n")
    assert (copy / "report.html").read_text() == page
    assert {path.name for path in (copy / "figures").iterdir()} == {
        f"digits-{name}.{kind}" for name in ("networks", "losses") for kind in ("png", "svg")
    }


def test_the_page_says_what_failed_and_what_is_missing(study):
    page = report(study.path).read_text()
    assert "5 of 6 cells" in page
    assert "Unfinished" in page
    assert "InputError: &lt;no&gt;" in page
    assert "<script" not in page


def test_a_study_without_a_network_has_no_report(tmp_path):
    folder = run(SMALL, tmp_path / "small", lambda: Inline(lambda job: Outcome(error="InputError: no")))
    with pytest.raises(InputError, match="holds no finished network yet; run the same `neurobridge study` again"):
        report(folder.path)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[[grid]]\ntasks = ["digits"]\nmodels = ["mlp"]\nseeds = [0]\n[training]\nepochs = 1\n')
    return path


def test_the_verb_runs_a_study_and_its_exit_code_says_whether_cells_failed(file, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("neurobridge.cli.study.crew", lambda config: Inline)
    words = ["study", str(file), "--out", str(tmp_path / "out"), "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["cells"], told["failures"]) == (1, {})
    assert told["entries"][0]["standing"]["contender"]["kind"] == "ANN"

    monkeypatch.setattr("neurobridge.cli.study.crew", lambda config: lambda: Inline(lambda job: Outcome(error="E: e")))
    with pytest.raises(SystemExit) as stopped:
        main(["study", str(file), "--out", str(tmp_path / "other")])
    assert stopped.value.code == 1
    assert "failed: digits.mlp.adam.0.ann: E: e" in capsys.readouterr().out


def test_a_study_of_which_nothing_finished_says_so_and_why_once(file, tmp_path, monkeypatch, capsys):
    file.write_text(file.read_text().replace("seeds", "codes = { radix = [2, 4] }\nseeds"))
    failing = Inline(lambda job: Outcome(error="TrainingError: the loss is nan"))
    monkeypatch.setattr("neurobridge.cli.study.crew", lambda config: lambda: failing)
    with pytest.raises(SystemExit):
        main(["study", str(file), "--out", str(tmp_path / "out")])
    told = capsys.readouterr().out.splitlines()
    end = told[told.index("no cell finished, so there is no report") :]
    assert end[1:] == ["failed: digits.mlp.adam.0.ann and 2 more: TrainingError: the loss is nan"]
    assert "None" not in "\n".join(told)


def test_a_plan_does_nothing(file, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["study", str(file), "--plan"]) == 0
    assert capsys.readouterr().out.splitlines()[:3] == ["study: mine", "networks: 1", "cells: 1"]
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("mlp", "lstm"), r"model 'lstm' doesn't fit task 'digits'"),
        (("seeds", 'optimizers = ["sgd"]\nseeds'), r"give sgd its own: \[optimizers.sgd\] learning_rate"),
        (("epochs = 1", "epochs = 0"), "epochs is 0; it must be at least 1"),
    ],
)
def test_a_plan_of_what_the_run_would_refuse_is_refused(file, tmp_path, monkeypatch, wrong, message, capsys):
    monkeypatch.chdir(tmp_path)
    file.write_text(file.read_text().replace(*wrong))
    for words in ([], ["--plan"]):
        assert main(["study", str(file), *words]) == 2
        assert re.search(message, capsys.readouterr().err)
    assert not (tmp_path / "reports").exists()


def test_a_plan_for_a_folder_of_another_study_is_refused(file, tmp_path, capsys):
    folders.start(tmp_path / "small", SMALL)
    assert main(["study", str(file), "--plan", "--out", str(tmp_path / "small")]) == 2
    assert "holds another study" in capsys.readouterr().err
    assert main(["study", str(file), "--plan", "--out", str(tmp_path)]) == 2
    assert "isn't empty and holds no study over a grid" in capsys.readouterr().err


def test_workers_are_here_or_on_a_cluster(file):
    with pytest.raises(InputError, match="--workers is 0; it must be at least 1"):
        crew(Config(file=file, workers=0))
    with pytest.raises(InputError, match="leave it out with --cluster"):
        crew(Config(file=file, workers=1, cluster="tcp://node7:8786"))
