import os
import pickle

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from neurobridge.ann.training import checkpoint, load_weights, save_weights, tree
from neurobridge.errors import FileFormatError, InputError


def test_weights_and_facts_come_back(tmp_path):
    model, other = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    model(torch.randn(8, 3))
    save_weights(tmp_path / "deep" / "w.safetensors", model, {"seed": 3})
    assert load_weights(tmp_path / "deep" / "w.safetensors", other) == {"seed": 3}
    assert all(torch.equal(model.state_dict()[name], other.state_dict()[name]) for name in model.state_dict())


def test_shared_weights_are_stored(tmp_path):
    model = nn.ModuleDict({"a": nn.Linear(3, 3), "b": nn.Linear(3, 3)})
    model["b"].weight = model["a"].weight
    save_weights(tmp_path / "w", model)
    load_weights(tmp_path / "w", model)


def test_plain_safetensors_files_are_read(tmp_path):
    model = nn.Linear(2, 2)
    save_file(model.state_dict(), tmp_path / "w")
    assert load_weights(tmp_path / "w", model) == {}


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "w"
    save_weights(path, nn.Linear(2, 2), {"version": 1})

    def fail(descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        save_weights(path, nn.Linear(2, 2), {"version": 2})
    assert checkpoint.read(path)[1] == {"version": 1}


class Hostile:
    def __reduce__(self):
        return (os.mkdir, ("owned",))


def test_a_pickle_is_refused_and_never_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w").write_bytes(pickle.dumps(Hostile()))
    torch.save({"weight": torch.zeros(2, 2)}, tmp_path / "w.pt")
    for name in ("w", "w.pt"):
        with pytest.raises(FileFormatError, match="never opened"):
            load_weights(tmp_path / name, nn.Linear(2, 2))
    assert not (tmp_path / "owned").exists()


def test_a_truncated_file_is_refused(tmp_path):
    save_weights(tmp_path / "w", nn.Linear(20, 20))
    (tmp_path / "w").write_bytes((tmp_path / "w").read_bytes()[:-10])
    with pytest.raises(FileFormatError, match="truncated or not a safetensors file"):
        load_weights(tmp_path / "w", nn.Linear(20, 20))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileFormatError, match=r"no checkpoint at .*gone"):
        load_weights(tmp_path / "gone", nn.Linear(2, 2))


def test_facts_that_are_not_json_are_refused(tmp_path):
    save_file({"weight": torch.zeros(1)}, tmp_path / "w", metadata={"facts": "{"})
    with pytest.raises(FileFormatError, match="its facts are not JSON"):
        checkpoint.read(tmp_path / "w")


def test_weights_of_another_network_are_refused_with_all_differences(tmp_path):
    save_weights(tmp_path / "w", nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)))
    model = nn.Sequential(nn.Linear(2, 4), nn.Flatten(), nn.Linear(4, 1))
    before = model[0].bias.clone()
    with pytest.raises(
        FileFormatError,
        match=r"missing 2.weight; missing 2.bias; unexpected 1.bias; unexpected 1.weight; "
        r"0.weight is \(3, 2\), not \(4, 2\)",
    ):
        load_weights(tmp_path / "w", model)
    assert torch.equal(model[0].bias, before)


def test_trees_come_back_with_their_types():
    made = {0: {"step": torch.ones(2), "old": [torch.zeros(1), None]}, "betas": (0.9, True), "name": "x", "none": []}
    tensors = {}
    packed = tree.pack(made, tensors, "root")
    back = tree.unpack(packed, tensors)
    assert torch.equal(back[0]["step"], made[0]["step"])
    assert isinstance(back[0]["old"], list)
    assert (back["betas"], back["name"], back["none"]) == ((0.9, True), "x", [])


def test_trees_refuse_what_has_no_safe_form():
    with pytest.raises(InputError, match=r"cannot store root\.f: a function"):
        tree.pack({"f": lambda: None}, {}, "root")


@pytest.mark.parametrize("packed", [{"tensor": "gone"}, {"code": "x"}, {}])
def test_trees_refuse_what_they_did_not_write(packed):
    with pytest.raises(FileFormatError, match="a stored state cannot be read"):
        tree.unpack(packed, {})
