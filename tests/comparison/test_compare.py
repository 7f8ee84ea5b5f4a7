"""One real, small comparison: it measures what it says, survives a kill, and refuses what it can't do."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from neurobridge import tasks
from neurobridge.ann.operations import multiply_accumulates
from neurobridge.comparison.compare import compare, usual_codes
from neurobridge.comparison.contenders import ANN, QUANTISED, SPIKING
from neurobridge.comparison.energy import PRESETS
from neurobridge.comparison.recipes import learnable, trained
from neurobridge.conversion.convert import convert
from neurobridge.errors import InputError, UnknownNameError, UnsupportedOperationError
from tests.comparison.cases import timeless

STEPS = {"radix": (3, 8), "rate": (8,)}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    out = tmp_path_factory.mktemp("studies") / "digits"
    return compare("digits", "mlp", steps=STEPS, seeds=(0, 1), out=out, quick=True)


@pytest.fixture(scope="module")
def rows(found):
    return {(row["seed"], row["kind"], row["code"], row["steps"]): row for row in found.rows}


def test_every_contender_has_a_row_for_every_seed(found, rows):
    assert len(rows) == len(found.rows) == 2 * 6
    assert found.report.is_file()
    assert "radix T=8" in found.table()


def test_scores_are_those_of_the_task(found, rows):
    task = tasks.load("digits")
    model = trained(task, "mlp", 0, found.study.weights, quick=True)
    snn = convert(model, task.calibration(1024), code="radix", steps=8)
    expected = task.judge(lambda inputs: snn(torch.as_tensor(inputs)).numpy())
    assert rows[0, SPIKING, "radix", 8]["score"] == pytest.approx(expected.summary)
    assert multiply_accumulates(model, task.test.inputs[:1]) == rows[0, ANN, None, None]["operations"]["macs"]


def test_the_quantised_ann_computes_the_radix_networks_numbers(rows):
    for seed in (0, 1):
        for bits in (3, 8):
            rival, spiking = rows[seed, QUANTISED, None, bits], rows[seed, SPIKING, "radix", bits]
            for name in ("score", "loss", "agreement", "logit_error", "tallies"):
                assert rival[name] == spiking[name]
            assert rival["energy"].keys() != spiking["energy"].keys()


def test_numbers_of_a_row_agree_with_each_other(rows):
    for (seed, kind, _, _), row in rows.items():
        ann = rows[seed, ANN, None, None]
        tallies = row["tallies"]
        assert row["score"] == pytest.approx(100 * sum(tallies["sums"]) / sum(tallies["counts"]))
        assert row["loss"] == pytest.approx(ann["score"] - row["score"])
        if kind == SPIKING:
            assert row["spikes_per_neuron"] == pytest.approx(row["spikes"] / row["neurons"])
            assert row["spikes_per_synapse"] == pytest.approx(
                row["operations"]["accumulates"] / ann["operations"]["macs"]
            )
            assert set(row["energy"]) == set(PRESETS)


def test_spikes_cannot_outnumber_what_the_code_allows(rows):
    for (_, kind, _, steps), row in rows.items():
        if kind == SPIKING:
            assert 0 < row["spikes"] <= row["neurons"] * steps
            for layer in row["layers"]:
                assert 0 <= layer["spikes_per_neuron"] <= steps


def test_more_bits_are_closer_to_the_ann(rows):
    for seed in (0, 1):
        errors = [rows[seed, SPIKING, "radix", steps]["logit_error"] for steps in (3, 8)]
        # five more bits divide the quantum by 36: an error that falls less than fivefold isn't quantisation
        assert errors[1] < errors[0] / 5


def test_the_raster_lies_in_its_windows(rows):
    row = rows[0, SPIKING, "radix", 8]
    assert rows[1, SPIKING, "radix", 8]["raster"] is None
    assert max(layer["window"][1] for layer in row["raster"]) == row["latency"]
    for layer in row["raster"]:
        first, last = layer["window"]
        assert last - first == 8
        assert all(first <= step < last for step in layer["steps"])
        assert all(0 <= index < layer["neurons"] for index in layer["indices"])


def test_the_same_command_again_measures_nothing_again(found):
    before = found.study.rows.read_bytes()
    seen = []
    again = compare("digits", "mlp", steps=STEPS, seeds=(0, 1), out=found.study.folder, quick=True, watch=seen.append)
    assert seen == []
    assert found.study.rows.read_bytes() == before
    assert again.rows == found.rows


def test_a_killed_run_goes_on_where_it_stopped(tmp_path, found):
    out = tmp_path / "killed"
    words = [sys.executable, "-m", "neurobridge.cli.main", "compare", "digits", "--model", "mlp", "--quick"]
    words += ["--steps", "radix=3,8", "rate=8", "--seeds", "0", "1", "--out", str(out)]
    run = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ})
    rows = out / "rows.jsonl"
    until = time.monotonic() + 300
    while (not rows.exists() or rows.read_bytes().count(b"\n") < 2) and run.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    before = rows.read_bytes()
    with rows.open("ab") as file:  # what a kill in the middle of a write leaves
        file.write(b'{"task": "dig')
    weights = sorted(path.name for path in (out / "weights").iterdir())

    continued = subprocess.run([*words, "--json"], capture_output=True, text=True, check=True)

    after = rows.read_bytes()
    assert after.startswith(before[: before.rindex(b"\n") + 1])
    assert sorted(path.name for path in (out / "weights").iterdir())[: len(weights)] == weights
    assert json.loads(continued.stdout)["standings"][0]["name"] == "ANN"
    lasting = [json.loads(line) for line in after.splitlines()]
    # the interrupted study is the uninterrupted one, but for the clock
    for mine, theirs in zip(lasting, found.rows, strict=True):
        assert timeless(mine) == timeless(theirs)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"task": "digitz"}, UnknownNameError, "unknown task 'digitz'; did you mean 'digits'"),
        ({"model": "cnnn"}, UnknownNameError, "unknown model 'cnnn'; did you mean 'cnn'"),
        ({"codes": ("rated",)}, UnknownNameError, "unknown code 'rated'; did you mean 'rate'"),
        ({"steps": (0,)}, InputError, "steps of code 'radix' is 0"),
        ({"seeds": ()}, InputError, "needs one seed or more, none below 0; got none"),
        ({"seeds": (0, -1)}, InputError, "got 0, -1"),
        ({"task": "mnist"}, InputError, "task 'mnist' reads files"),
        ({"task": "digits-rows", "model": "cnn"}, InputError, "model 'cnn' doesn't fit task 'digits-rows'; these do: "),
        (
            {"task": "digits-rows", "model": "lstm", "codes": ("radix", "rate")},
            UnsupportedOperationError,
            "To go on without the rate code: --codes radix",
        ),
    ],
)
def test_bad_input_stops_before_anything_is_written(tmp_path, options, error, message):
    with pytest.raises(error, match=message):
        compare(**{"task": "digits", "out": tmp_path / "out", **options})
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("name", "codes"), [("mlp", ("radix", "rate")), ("lstm", ("radix",))])
def test_without_named_codes_those_take_part_that_can_carry_the_network(name, codes):
    task = learnable(tasks.load("digits" if name == "mlp" else "digits-rows"))
    assert usual_codes(task, name) == codes


def test_every_network_that_runs_has_a_time_of_its_own(rows):
    for (_, kind, _, _), row in rows.items():
        if kind == QUANTISED:
            assert row["milliseconds"] is row["slowdown"] is None
        else:
            assert 0 < row["milliseconds"] < 10
            # 16 neurons in 24 steps are hardly quicker than the ANN
            assert row["slowdown"] > 0.9 if kind == SPIKING else row["slowdown"] == 1


def test_a_folder_of_another_study_is_refused(found):
    with pytest.raises(InputError, match="holds another study: model is mlp there, cnn here"):
        compare("digits", "cnn", steps=STEPS, seeds=(0, 1), out=found.study.folder, quick=True)


def test_intervals_bracket_estimates(found):
    for standing in found.summary.standings:
        assert standing.score.low <= standing.score.estimate <= standing.score.high
        assert standing.loss.low <= standing.loss.estimate <= standing.loss.high
        assert np.mean(standing.scores) == pytest.approx(standing.score.estimate)
