"""Saved networks: equal spikes, certificates kept, and `FileFormatError` alone for what strangers send."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import neurobridge as nb
from neurobridge.errors import FileFormatError, InputError
from tests.conversion.networks import CNN, MLP, images, seeded
from tests.graph.test_files import parts, rewrite

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("code", "steps"), [("radix", 8), ("latency", 16), ("rate", 16), ("signed", 16)])
@pytest.mark.parametrize("model", [MLP(0), CNN(1)], ids=["mlp", "cnn"])
def test_a_network_comes_back_with_equal_spikes_and_certificate(tmp_path, model, code, steps):
    network = nb.convert(model, images(32), code=code, steps=steps)
    nb.save(network, tmp_path / "net.nb")
    found = nb.load(tmp_path / "net.nb")
    x = images(8, 1)
    assert torch.equal(found(x), network(x))
    one, two = network.raster(x), found.raster(x)
    assert one.keys() == two.keys()
    assert all((one[name] == two[name]).all() for name in one)
    assert found.certificate == network.certificate
    assert found.latency == network.latency
    assert nb.load(tmp_path / "net.nb", dtype=torch.float64)(x).dtype == torch.float64


def test_only_converted_networks_are_saved(tmp_path):
    with pytest.raises(InputError, match=r"save takes a converted network, not a MLP; convert the model first"):
        nb.save(MLP(), tmp_path / "net.nb")


CERTIFICATES = [
    3,
    [],
    {},
    {"populations": 1},
    {"populations": [{"population": 1}]},
    {"populations": [], "operations": 3},
]


@pytest.mark.parametrize("certificate", CERTIFICATES, ids=str)
def test_a_tampered_certificate_is_refused(tmp_path, certificate):
    path = tmp_path / "net.nb"
    nb.save(nb.convert(MLP(), images(16)), path)
    header, arrays = parts(path)
    header["extra"]["certificate"] = certificate
    with pytest.raises(FileFormatError, match=r"holds a certificate that cannot be read"):
        nb.load(rewrite(path, header, arrays))


def test_fields_of_a_certificate_are_checked(tmp_path):
    path = tmp_path / "net.nb"
    nb.save(nb.convert(MLP(), images(16)), path)
    header, arrays = parts(path)
    text = json.dumps(header["extra"])
    for field, junk in (("samples", "many"), ("agreement", None), ("output_error", [1])):
        extra = json.loads(text)
        extra["certificate"][field] = junk
        with pytest.raises(FileFormatError, match=r"certificate that cannot be read"):
            nb.load(rewrite(path, {**header, "extra": extra}, arrays))
    extra = json.loads(text)
    extra["certificate"]["populations"][0]["neurons"] = "all"
    with pytest.raises(FileFormatError, match=r"certificate that cannot be read"):
        nb.load(rewrite(path, {**header, "extra": extra}, arrays))


# numbers without axes, as slopes and shared ranges have them, in a process without the type checks of the tests
SCALARS = """
import sys, torch, neurobridge as nb
from torch import nn
model = nn.Sequential(nn.Linear(4, 3), nn.LeakyReLU(0.1), nn.Linear(3, 2), nn.Flatten(0))
x = torch.rand(32, 4)
for code, steps in (("radix", 8), ("rate", 16)):
    network = nb.convert(model, x, code=code, steps=steps)
    nb.save(network, sys.argv[1])
    assert torch.equal(nb.load(sys.argv[1])(x), network(x))
"""


def test_numbers_without_axes_survive(tmp_path):
    answer = subprocess.run(
        [sys.executable, "-c", SCALARS.replace(", nn.Flatten(0)", ""), str(tmp_path / "net.nb")],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]


TAMPER = """
import json, random, sys
from pathlib import Path
import torch
import neurobridge as nb
from neurobridge.errors import FileFormatError
from tests.conversion.networks import CNN, images
from tests.graph.test_files import parts, rewrite

JUNK = [None, True, -1, 0, 2, 2**70, 0.5, "", "a", [], [0], [2, 2], {}, {"array": "0"}, {"array": "4"}]

def places(value, found):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found.append((value, key))
        places(item, found)
    return found

path, refused, passed = Path(sys.argv[1]), 0, 0
for seed in (1, 2):
    nb.save(nb.convert(CNN(seed), images(16), steps=4, code="radix" if seed == 1 else "rate"), path)
    header, arrays = parts(path)
    text = json.dumps(header)
    random.seed(seed)
    for _ in range(100):
        changed = json.loads(text)
        holder, key = random.choice(places(changed, []))
        holder[key] = random.choice(JUNK)
        rewrite(path, changed, arrays)
        try:
            network = nb.load(path)
        except FileFormatError:
            refused += 1
            continue
        passed += 1
        shapes = [(1, *node.shape) for node in network.graph.inputs]
        network(*(torch.zeros(shape) for shape in shapes))
print(refused, passed)
"""


def test_any_field_may_be_tampered_with(tmp_path):
    """In a process without the type checks of the tests: refused, or a network that runs."""
    answer = subprocess.run(
        [sys.executable, "-c", TAMPER, str(tmp_path / "net.nb")], capture_output=True, text=True, cwd=ROOT
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    refused, passed = map(int, answer.stdout.split())
    assert refused > 100
    assert passed > 0


def test_weights_that_are_not_finite_cannot_be_saved_into_a_network(tmp_path):
    path = tmp_path / "net.nb"
    nb.save(nb.convert(seeded(nn.Sequential(nn.Linear(3, 2))), torch.rand(8, 3)), path)
    header, arrays = parts(path)
    for key in arrays:
        with pytest.raises(FileFormatError, match=r"does not describe a spiking network"):
            nb.load(rewrite(path, header, {**arrays, key: np.full_like(arrays[key], np.nan)}))
