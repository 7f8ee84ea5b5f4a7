"""Networks that torch.export cannot follow are named by the user's own line."""

import pytest
import torch
from torch import nn

import neurobridge as nb
from neurobridge.errors import InputError, UnsupportedOperationError


class Deciding(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class Counting(nn.Module):
    def forward(self, x):
        return x[:, : int(x[0, 0].item())]


class Elsewhere(nn.Module):
    def forward(self, x):
        return torch.from_numpy(x.numpy())


class Unfinished(nn.Module):
    def forward(self, x):
        return self.layer(x)


def test_a_fault_of_the_network_itself_is_the_users():
    with pytest.raises(InputError, match=r"forward fails at .*test_trace.py:.*self.layer.*: AttributeError"):
        nb.convert(Unfinished(), torch.rand(48, 6))


REFUSED = {
    "decision": (Deciding(), "by the value of a tensor at .*test_trace.py:.*x.sum"),
    "number": (Counting(), "by the value of a tensor at .*test_trace.py:.*item"),
    "numpy": (Elsewhere(), "cannot follow this network at .*test_trace.py:.*from_numpy"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_line_is_named_and_nothing_else_is_printed(name, capfd):
    model, message = REFUSED[name]
    with pytest.raises(UnsupportedOperationError, match=message):
        nb.convert(model, torch.rand(48, 6))
    printed = capfd.readouterr()
    assert printed.out + printed.err == ""
