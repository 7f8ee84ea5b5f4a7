"""The GPU sheet runs on a CPU, records what agrees, and doesn't time what disagrees."""

import json

import pytest
import torch

from benchmarks import gpu, record
from neurobridge.ann import models
from neurobridge.errors import InputError

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def sheet(tmp_path_factory):
    out = tmp_path_factory.mktemp("results")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpu, "SHORT", ("MLP", "CNN"))
        gpu.main(gpu.Config(device="cpu", short=True, out=out))
    return json.loads((out / "gpu-cpu.json").read_text())


def test_everything_agrees_with_itself_and_has_a_speed(sheet):
    assert sheet["device"] == "cpu"
    for row in (*sheet["training"].values(), *sheet["converted"]["CNN"].values()):
        assert row.get("agrees", True)
    assert sheet["training"]["MLP"]["steps a second"]["fp32"] > 0
    assert set(sheet["converted"]["CNN"]) == {
        "ANN", "radix T=8, fast", "radix T=8, stepped", "rate T=32, fast", "rate T=32, stepped"
    }  # fmt: skip
    assert all(row["samples a second"] > 0 for row in sheet["converted"]["CNN"].values())
    assert list(gpu.disagreements(sheet)) == []


def test_a_device_that_trains_otherwise_is_not_timed_and_ends_with_1(monkeypatch, tmp_path):
    losses = iter([torch.ones(5), 1.1 * torch.ones(5)])
    monkeypatch.setattr(gpu, "trained", lambda *_: next(losses))
    monkeypatch.setattr(gpu, "SHORT", ("MLP",))
    with pytest.raises(SystemExit, match="cpu disagrees with the CPU: training / MLP"):
        gpu.main(gpu.Config(device="cpu", short=True, out=tmp_path))
    row = json.loads((tmp_path / "gpu-cpu.json").read_text())["training"]["MLP"]
    assert row == {"agrees": False, "largest difference of a loss": pytest.approx(0.1)}


def test_a_network_that_fires_otherwise_is_not_timed(monkeypatch):
    monkeypatch.setattr(gpu, "moved", lambda network, device: lambda x, runtime: 2 * network(x))
    found = gpu.converted(lambda x, runtime="fast": x, torch.ones(2), "fast", CPU, gpu.Config())
    assert found == {"agrees": False, "largest difference": 1.0}


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


def test_results_of_devices_do_not_overwrite_each_other():
    assert not list(record.RESULTS.glob("gpu-cpu*"))  # a CPU's sheet is no result
