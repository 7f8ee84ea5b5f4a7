"""Networks that learn through their spikes take part in comparisons and studies like those that were converted."""

import re

import pytest

import neurobridge as nb
from neurobridge.ann.training.contender import contender
from neurobridge.ann.training.recipes import recipe
from neurobridge.comparison.compare import compare
from neurobridge.comparison.contenders import ANN, LEARNT, SPIKING
from neurobridge.comparison.grid.plan import Axes, Grid
from neurobridge.comparison.grid.reading import read
from neurobridge.comparison.grid.work import Job, perform
from neurobridge.comparison.prose import findings
from neurobridge.comparison.recipes import settings, trained, untrained
from neurobridge.comparison.spiking import made
from neurobridge.comparison.study import Plan
from neurobridge.comparison.summary import summary
from neurobridge.errors import CalibrationError, InputError, UnsupportedOperationError
from tests.comparison import cases

STEPS = {"rate": (2,), "fine-tuned": (2,), "trained": (2,)}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    out = tmp_path_factory.mktemp("studies") / "learnt"
    return compare("digits", "mlp", codes=tuple(STEPS), steps=STEPS, seeds=(1,), out=out, quick=True)


@pytest.fixture(scope="module")
def rows(found):
    return {row["code"]: row for row in found.rows}


def test_each_has_a_row_that_counts_its_spikes(found, rows):
    assert set(rows) == {None, *STEPS}
    for code in STEPS:
        row = rows[code]
        assert (row["kind"], row["steps"], row["latency"], row["interval"]) == (SPIKING, 2, 2, 2)
        assert 0 < row["spikes"] <= row["neurons"] * 2
        # a constant input costs the first layer's multiply-accumulates at each of two steps
        assert row["operations"]["analog"] == 2 * 64 * 128
        assert row["raster"]
    assert [bool(rows[code]["layers"]) for code in STEPS] == [True, False, False]
    assert found.report.is_file()
    assert "trained T=2" in found.table()


def test_the_trained_one_learnt_as_the_ann_did_from_the_same_start(rows):
    task = nb.tasks.load("digits")
    config = settings(task, "mlp", 1, quick=True)
    expected = nb.train_spiking(untrained(task, "mlp", 1), task, steps=2, config=config)
    assert rows["trained"]["score"] == task.judge(contender(expected)).summary


def test_the_fine_tuned_one_goes_on_from_the_converted_one(found, rows):
    task = nb.tasks.load("digits")
    model = trained(task, "mlp", 1, found.study.weights, quick=True)
    start = nb.convert(model, task.calibration(1024), code="rate", steps=2)
    assert rows["rate"]["score"] == task.judge(contender(start)).summary
    expected = nb.finetune(start, task.train.inputs, task.train.targets, epochs=1, seed=1)
    assert rows["fine-tuned"]["score"] == task.judge(contender(expected)).summary


def test_a_study_that_is_done_trains_nothing_again(found, monkeypatch):
    monkeypatch.setattr("neurobridge.comparison.spiking.train_spiking", None)
    again = compare("digits", "mlp", codes=tuple(STEPS), steps=STEPS, seeds=(1,), out=found.study.folder, quick=True)
    assert again.rows == found.rows


def test_a_cell_of_a_grid_trains_with_the_settings_of_the_study():
    axes = Axes(tasks=("digits",), models=("mlp",), codes={"trained": (2,)}, seeds=(0,))
    grid = Grid(name="small", axes=(axes,), presets=(), training={"epochs": 1}, models={"mlp": {"widths": [8]}})
    network = grid.networks()[0]
    weights = perform(Job(grid=grid, network=network)).weights
    cell = next(cell for cell in grid.cells() if cell.code == "trained")
    assert cell.name == "digits.mlp.adam.0.trained-2"
    done = perform(Job(grid=grid, network=network, cell=cell, weights=weights))
    assert done.error == ""
    task = nb.tasks.load("digits")
    untaught = nb.models.build("mlp", task, seed=0, widths=(8,))
    expected = nb.train_spiking(untaught, task, steps=2, config=grid.settings(network))
    assert [row["score"] for row in done.rows] == [task.judge(contender(expected)).summary]


def test_a_study_file_names_them_like_codes(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(
        '[[grid]]\ntasks = ["digits"]\nmodels = ["mlp"]\nseeds = [0]\ncodes = ["rate", "fine-tuned", "trained"]\n'
    )
    codes = [cell.code for cell in read(path).cells()]
    assert [codes.count(code) for code in LEARNT] == [len(counts) for counts in LEARNT.values()]


def test_the_report_answers_the_question_from_the_rows():
    """Every spiking network of these rows has 97 %, one point less than the ANN."""
    steps = {"rate": (4, 8), "fine-tuned": (4,), "trained": (4, 8)}
    made_up = [dict(row) for row in cases.rows(steps=steps)]
    for row in made_up:
        if row["code"] == "fine-tuned":
            ann = next(one for one in made_up if one["kind"] == ANN and one["seed"] == row["seed"])
            row.update(score=ann["score"], loss=0.0, tallies={**row["tallies"], "sums": ann["tallies"]["sums"]})
    text = " ".join(findings(summary(made_up)))
    assert "no network was trained again, but for those called fine-tuned and trained." in text
    assert (
        "Convert or train? Accuracy, best first: in 4 steps fine-tuned 98.00, rate 97.00, trained 97.00; in 8" in text
    )
    assert re.search(
        r"within 0.5 points of the ANN, rate needs more than was tried; fine-tuned needs 4 steps and 48", text
    )
    assert "Here fine-tuned networks are of the rate code and trained networks are of leaky neurons." in text
    usual = recipe("digits", "cnn").epochs
    for quick, said in (
        (True, "The ANN and trained networks had 6 epochs, fine-tuned ones 1 epoch more after the ANN's."),
        (False, f"trained networks had {usual} epochs, fine-tuned ones 3 epochs more after the ANN's."),
    ):
        plan = Plan(task="digits", model="cnn", steps=steps, seeds=(0, 1), quick=quick)
        assert said in " ".join(findings(summary(made_up), plan))
    assert "Convert or train?" not in " ".join(findings(summary(cases.rows())))


@pytest.fixture(scope="module")
def recurrent(tmp_path_factory):
    out = tmp_path_factory.mktemp("studies") / "recurrent"
    steps = dict.fromkeys(("radix", "fine-tuned", "trained"), (2,))
    return compare("digits-rows", "lstm", codes=tuple(steps), steps=steps, seeds=(1,), out=out, quick=True)


def test_a_recurrent_network_learns_in_the_radix_code(recurrent):
    rows = {row["code"]: row for row in recurrent.rows if row["kind"] == SPIKING}
    assert set(rows) == {"radix", "fine-tuned", "trained"}
    assert len({row["latency"] for row in rows.values()}) == 1
    assert rows["trained"]["latency"] > 2 * 8  # eight rows of an image, and two steps for each population
    found = recurrent.summary
    for code in rows:
        assert found.rival(found.of(SPIKING, code, 2)).contender.steps == 2
    text = " ".join(findings(found))
    assert "fine-tuned networks are of the radix code, since rate can't carry this network" in text
    assert "trained networks are of the radix code, since leaky neurons can't carry this network." in text


def test_what_a_recurrent_one_learnt_is_what_the_functions_teach(recurrent):
    task = nb.tasks.load("digits-rows")
    rows = {row["code"]: row for row in recurrent.rows if row["kind"] == SPIKING}
    model = trained(task, "lstm", 1, recurrent.study.weights, quick=True)
    start = nb.convert(model, task.calibration(1024), code="radix", steps=2)
    expected = nb.finetune(start, task.train.inputs, task.train.targets, epochs=1, seed=1)
    assert rows["fine-tuned"]["score"] == task.judge(contender(expected)).summary
    config = settings(task, "lstm", 1, quick=True)
    direct = nb.train_spiking(untrained(task, "lstm", 1), task, code="radix", steps=2, config=config)
    assert rows["trained"]["score"] == task.judge(contender(direct)).summary


def test_what_so_few_steps_cannot_carry_is_left_out_and_said(tmp_path, monkeypatch, capsys):
    def refused(origin, code, steps):
        if steps == 2:
            raise CalibrationError("a reciprocal has a drive too near zero; take more steps")
        return made(origin, code, steps)

    monkeypatch.setattr("neurobridge.comparison.runs.made", refused)
    found = compare("digits", "mlp", codes=("radix",), steps=(2, 3), seeds=(1,), out=tmp_path / "a", quick=True)
    assert [row["steps"] for row in found.rows] == [None, 3, 3]
    assert "radix T=2 is left out: a reciprocal has a drive too near zero; take more" in capsys.readouterr().err
    assert "Unfinished: 3 of 5 rows." in found.report.read_text()


def test_what_has_no_answers_or_no_rate_code_is_refused_before_any_work(tmp_path):
    with pytest.raises(
        InputError, match=r"trained networks learn from answers, which task 'cartpole' has not; name codes"
    ):
        compare("cartpole", codes=("radix", "trained"), out=tmp_path / "a", quick=True)
    with pytest.raises(UnsupportedOperationError, match=r"To go on without the rate code: --codes trained"):
        compare("digits-rows", "lstm", codes=("rate", "trained"), out=tmp_path / "b", quick=True)
    with pytest.raises(InputError, match=r"steps of code 'trained' is 64; the radix code takes .* from 1 to 16"):
        compare("digits-rows", "lstm", codes=("trained",), steps=(8, 64), out=tmp_path / "c", quick=True)
    assert not list(tmp_path.iterdir())
