"""A network that gives its outputs names is converted to one that does, saved and read again too."""

from collections import OrderedDict
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

import neurobridge as nb
from neurobridge.backends.snntorch.network import SpikingNetwork


class Heads(NamedTuple):
    value: Tensor
    action: Tensor


class Named(nn.Module):
    """A body and two heads, returned in some way."""

    def __init__(self, returned):
        super().__init__()
        self.body, self.first, self.second = nn.Linear(4, 8), nn.Linear(8, 3), nn.Linear(8, 2)
        self.returned = returned

    def forward(self, x):
        h = torch.relu(self.body(x))
        return self.returned(torch.tanh(self.first(h)), self.second(h))


RETURNED = {
    "dict": lambda a, b: {"z": a, "another head": b},
    "dict of one": lambda a, b: {"logits": b},
    "ordered dict": lambda a, b: OrderedDict(values=a, items=b),
    "named tuple": lambda a, b: Heads(value=a, action=b.argmax(1)),
    "tuple": lambda a, b: (a, b),
    "tensor": lambda a, b: a,
}


def by_name(answer):
    """Return outputs by name, or by number where they have none."""
    if isinstance(answer, Tensor):
        return {0: answer}
    return answer if isinstance(answer, dict) else getattr(answer, "_asdict", lambda: dict(enumerate(answer)))()


@pytest.mark.parametrize("name", RETURNED)
def test_outputs_keep_their_names(name, tmp_path):
    torch.manual_seed(0)
    model, x = Named(RETURNED[name]).requires_grad_(False), torch.randn(64, 4)
    snn = nb.convert(model, x, steps=10)
    nb.save(snn, tmp_path / "net.nb")
    wanted = model(x)
    for network in (snn, nb.load(tmp_path / "net.nb"), SpikingNetwork(snn.graph, torch.float64)):
        for runtime in ("fast", "stepped"):
            found = network(x, runtime=runtime)
            assert isinstance(found, dict) == isinstance(wanted, dict)
            assert list(by_name(found)) == list(by_name(wanted))
            for key, one in by_name(wanted).items():
                assert (by_name(found)[key].double() - one).norm() <= 0.02 * one.double().norm()
    if name == "named tuple":
        value, action = snn(x)
        assert type(snn(x)).__name__ == "Heads"
        assert snn(x).value.shape == value.shape
        assert snn(x).action.shape == action.shape == (64,)
