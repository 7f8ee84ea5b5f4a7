"""`convert` and `info` on a network in a user's own file."""

import json
import sys
from importlib import import_module

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import neurobridge
from neurobridge.cli.main import main

CODE = """
from torch import nn

def small():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3))

def other():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 3))

class Odd(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 3)

    def forward(self, x):
        softened = self.linear(x).i0()
        return softened + x.argsort()[..., :3]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "nets_to_convert.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(3)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "nets_to_convert", raising=False)  # the one of another test's folder
    model = import_module("nets_to_convert").small()
    save_file(model.state_dict(), tmp_path / "w.safetensors")
    np.savez(tmp_path / "x.npz", x=np.random.default_rng(0).random((32, 1, 8, 8)))
    return model


def convert(*words: str) -> int:
    return main(["convert", "--calibration", "x.npz", "--out", "net.nb", *words])


def test_a_users_network_is_converted_saved_and_described(folder, capsys):
    assert convert("nets_to_convert:small", "--weights", "w.safetensors") == 0
    shown = capsys.readouterr().out
    assert "16 steps from input to output, an input every 8 steps" in shown
    assert shown.endswith("saved: net.nb\n")
    assert max(map(len, shown.splitlines())) <= 80
    inputs = torch.as_tensor(np.load("x.npz")["x"], dtype=torch.float32)
    exact, spiking = folder(inputs), neurobridge.load("net.nb")(inputs)
    # eight bits of input and eight of one hidden layer: a quantum each is 1/255 of its range
    assert (spiking - exact).norm() / exact.norm() < 0.02

    assert main(["info", "net.nb"]) == 0
    assert "code radix, T = 8" in capsys.readouterr().out
    assert main(["info", "net.nb", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["code"], found["steps"], found["latency"]) == ("radix", 8, 16)
    assert found["layers"][-1]["neurons"] == 4 * 6 * 6


def test_json_is_one_object(folder, capsys):
    assert convert("nets_to_convert:small", "--code", "rate", "--steps", "4", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["code"], found["steps"], found["out"]) == ("rate", 4, "net.nb")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nets_to_convert:small", "--code", "radixx"], "unknown code 'radixx'; did you mean 'radix'"),
        (["nets_to_convert:small", "--steps", "0"], "--steps is 0; the radix code takes a whole number from 1"),
        (["nets_to_convert:smal"], "unknown name in nets_to_convert, 'smal'; did you mean 'small'"),
        (["nets_to_convert:small", "--weights", "none.safetensors"], "no checkpoint at none.safetensors"),
        (["nets_to_convert:small", "--weights", "x.npz"], "x.npz is truncated or not a safetensors file"),
        (["nets_to_convert:other", "--weights", "w.safetensors"], "holds the weights of another network"),
        (["nets_to_convert:small", "--calibration", "none.npz"], "no calibration data at none.npz"),
        (["nets_to_convert:small", "--out", "nowhere/net.nb"], "there is no folder nowhere that can be written to"),
    ],
)
def test_bad_input_exits_with_2_and_writes_nothing(folder, capsys, tmp_path, words, message):
    assert convert(*words) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "net.nb").exists()


def test_operations_without_a_spiking_form_are_listed_at_once_with_their_lines(folder, capsys, tmp_path):
    assert convert("nets_to_convert:Odd") == 2
    shown = capsys.readouterr().err
    assert f"i0 at {tmp_path}/nets_to_convert.py:16" in shown
    assert f"sort at {tmp_path}/nets_to_convert.py:17" in shown


def test_weights_that_are_not_numbers_are_refused(folder, capsys, tmp_path):
    state = folder.state_dict()
    state["3.bias"][0] = float("nan")
    save_file(state, tmp_path / "w.safetensors")
    assert convert("nets_to_convert:small", "--weights", "w.safetensors") == 2
    assert "3.bias" in capsys.readouterr().err


def test_info_of_a_torn_file_exits_with_2(folder, capsys, tmp_path):
    assert convert("nets_to_convert:small") == 0
    content = (tmp_path / "net.nb").read_bytes()
    (tmp_path / "net.nb").write_bytes(content[: len(content) // 2])
    assert main(["info", "net.nb"]) == 2
    assert "net.nb" in capsys.readouterr().err
