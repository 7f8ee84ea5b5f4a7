"""The GPU sheet runs on a CPU, records what agrees, and doesn't time what disagrees."""

import json
import sys
from contextlib import redirect_stdout
from io import StringIO

import pytest
import torch

from benchmarks import gpu, record
from neurobridge import program
from neurobridge.ann import models
from neurobridge.errors import InputError
from tests.elsewhere import elsewhere, generator

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def sheet():
    """What `python -m benchmarks.gpu --device cpu --quick` prints, of two families."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as printed:
        patch.setattr(gpu, "FEW", ("MLP", "CNN"))
        patch.setattr(sys, "argv", ["gpu", "--device", "cpu", "--quick"])
        with pytest.raises(SystemExit, match="0"):
            program.run(gpu.Config, gpu.main)
    return json.loads(printed.getvalue())


def test_everything_agrees_with_itself_and_has_a_speed(sheet):
    assert sheet["device"] == "cpu"
    for row in (*sheet["training"].values(), *sheet["converted"]["CNN"].values()):
        assert row.get("agrees", True), row
    assert sheet["training"]["MLP"]["steps a second"]["fp32"] > 0
    assert set(sheet["converted"]["CNN"]) == {
        "ANN", "radix T=8, fast", "radix T=8, stepped", "rate T=32, fast", "rate T=32, stepped",
        "radix T=8, counted", "rate T=32, counted",
    }  # fmt: skip
    assert all(row["samples a second"] > 0 for name, row in sheet["converted"]["CNN"].items() if "counted" not in name)
    assert list(gpu.disagreements(sheet)) == []


def test_a_device_that_trains_otherwise_is_not_timed_and_ends_with_1(monkeypatch, tmp_path):
    losses = iter([torch.ones(5), 1.1 * torch.ones(5)])
    monkeypatch.setattr(gpu, "trained", lambda *_: next(losses))
    monkeypatch.setattr(gpu, "FEW", ("MLP",))
    with pytest.raises(SystemExit, match="cpu disagrees with the CPU: training / MLP"):
        gpu.main(gpu.Config(device="cpu", quick=True, out=tmp_path))
    row = json.loads((tmp_path / "gpu-cpu.json").read_text())["training"]["MLP"]
    assert row == {"agrees": False, "largest difference of a loss": pytest.approx(0.1)}


def test_a_network_that_fires_otherwise_is_not_timed(monkeypatch):
    monkeypatch.setattr(gpu, "moved", lambda network, device: lambda x, runtime: 2 * network(x))
    found = gpu.converted(lambda x, runtime="fast": x, torch.ones(2), "fast", CPU, gpu.Config())
    assert found == {"agrees": False, "largest difference": 1.0}


def test_a_fault_ends_its_own_part_of_the_sheet_and_is_no_agreement(monkeypatch, tmp_path):
    def fails(*_):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(gpu, "FEW", ("MLP", "CNN"))
    monkeypatch.setattr(gpu, "training", fails)
    monkeypatch.setattr(gpu, "converted", fails)
    with pytest.raises(SystemExit, match="training / MLP; training / CNN; converted / CNN / radix T=8, fast"):
        gpu.main(gpu.Config(device="cpu", quick=True, out=tmp_path))
    sheet = json.loads((tmp_path / "gpu-cpu.json").read_text())
    assert sheet["training"]["MLP"]["fault"] == "RuntimeError: out of memory"
    assert sheet["converted"]["CNN"]["radix T=8, counted"] == {"agrees": True}


@pytest.mark.parametrize(
    "family", ["CNN", *(pytest.param(name, marks=pytest.mark.slow) for name in ("LSTM", "Transformer"))]
)
def test_the_sheet_keeps_every_tensor_on_its_device(family, monkeypatch):
    """The same checks as on a GPU, on a device that refuses what CUDA refuses."""
    config = gpu.Config(quick=True, batch=4, rounds=1)
    monkeypatch.setattr(gpu, "CONVERTED", dict.fromkeys(gpu.CONVERTED, (("radix", 2),)))
    monkeypatch.setattr(gpu, "CHECKED_UPDATES", 2)
    monkeypatch.setattr(gpu, "Generator", lambda device: generator())
    with elsewhere() as device:
        rows = {"training": gpu.training(family, device, config), "converted": gpu.conversions(family, device, config)}
    assert list(gpu.disagreements(rows)) == [], rows
    assert rows["training"]["agrees"]


def test_a_dry_run_leaves_no_file(sheet):
    assert sheet["quick"]
    assert not list(record.RESULTS.glob("gpu-cpu*"))  # a CPU's sheet is no result


def test_a_device_without_64_bit_numbers_is_refused(monkeypatch):
    monkeypatch.setattr(gpu, "resolve", torch.device)
    with pytest.raises(InputError, match="device 'mps' has no 64-bit numbers to compare spikes in; use cuda, cpu"):
        gpu.main(gpu.Config(device="mps"))


def test_it_waits_for_the_device_that_is_timed(monkeypatch):
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    gpu.seconds(lambda: None, torch.device("cuda:1"), 1)
    assert set(waited) == {torch.device("cuda:1")}


def test_what_cannot_be_measured_says_why():
    def fails():
        raise RuntimeError("no compiler")

    assert gpu.attempted(fails) == "RuntimeError: no compiler"


def test_a_machine_without_a_gpu_is_told_so(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(InputError, match="device 'cuda' isn't there"):
        gpu.main(gpu.Config())


@pytest.mark.parametrize("family", gpu.FAMILIES)
def test_every_family_is_a_network_that_fits_its_task(family):
    from neurobridge import tasks

    task, model = gpu.FAMILIES[family]
    assert model in models.fitting(tasks.load(task))
