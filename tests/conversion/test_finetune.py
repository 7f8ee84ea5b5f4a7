"""Fine-tuning through spikes: it learns what conversion could not know, and leaves a network like any other."""

import numpy as np
import pytest
import snntorch
import torch
from torch import nn

import neurobridge as nb
from neurobridge.backends import simulator
from neurobridge.backends.snntorch.importing import from_snntorch
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.conversion.finetune import finetune
from neurobridge.errors import InputError, TrainingError
from neurobridge.graph.nodes import Dynamics
from tests.conversion.networks import MLP
from tests.conversion.test_straight_through import Recurrent

X = torch.rand(512, 1, 6, 6, generator=torch.Generator().manual_seed(0))
CLASSES = X.flatten(1).unflatten(1, (4, 9)).mean(dim=2).argmax(dim=1)


@pytest.fixture(scope="module")
def network():
    return nb.convert(MLP(0), X, code="rate", steps=2)


def correct(network, x=X, y=CLASSES) -> float:
    return float((network(x).argmax(dim=1) == y).float().mean())


def test_it_learns_a_task_through_two_steps_of_spikes(network, tmp_path):
    """A random network guesses one of four classes; tuned, it finds the brightest quarter, and survives its file."""
    before = [p.clone() for p in network.parameters()]
    learnt = finetune(network, X, CLASSES, epochs=12, learning_rate=0.1, batch_size=64)
    assert correct(network) < 0.5 < 0.7 < correct(learnt)
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))
    nb.save(learnt, tmp_path / "learnt.nb")
    given = (X[:6].double().numpy(),)
    graph = nb.load(tmp_path / "learnt.nb").graph
    expected, found = simulator("reference")(graph, given), simulator("snntorch")(graph, given)
    for name, spikes in expected.spikes.items():
        np.testing.assert_array_equal(found.spikes[name], spikes)


def test_real_numbers_are_targets_too(network):
    wanted = X.flatten(1)[:, :4] * 2
    learnt = finetune(network, X, wanted, epochs=5, learning_rate=0.05)
    errors = [float((n(X) - wanted).square().mean()) for n in (network, learnt)]
    assert errors[1] < errors[0] / 2


def leaky_layers(*last: nn.Module) -> SpikingNetwork:
    """Return a network written with snnTorch's modules; it takes (sample, step, 36)."""
    torch.manual_seed(0)
    neurons = snntorch.Leaky(beta=0.8, threshold=0.3, init_hidden=True)
    model = nn.Sequential(nn.Linear(36, 32), neurons, *(last or (nn.Linear(32, 4),)))
    return SpikingNetwork(from_snntorch(model, torch.zeros(2, 36), 3))


def test_networks_written_in_snntorch_learn_too():
    own, x = leaky_layers(), X.flatten(1)[:, None].expand(-1, 3, -1)
    learnt = finetune(own, x, CLASSES, epochs=8, learning_rate=0.1, batch_size=64)
    assert correct(own, x) < 0.5 < 0.7 < correct(learnt, x)
    before, after = (network.graph.of(Dynamics)[0] for network in (own, learnt))
    assert (after.beta, after.threshold, after.reset) == (before.beta, before.threshold, before.reset)
    assert nb.verify(learnt, x[:2].numpy(), simulators=("snntorch",)).differing == 0


@torch.no_grad()
def loss(network) -> float:
    return float(nn.functional.cross_entropy(network(X), CLASSES))


def test_an_lstm_learns_through_windows_of_few_steps(tmp_path):
    """Three levels lose a trained LSTM most of what it knew; some of it is won back through them.

    Two steps of radix and four of latency spikes spell the same four numbers, so that both learn the same.
    """
    torch.manual_seed(0)
    model = Recurrent()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
    for _ in range(150):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(X), CLASSES).backward()
        optimizer.step()
    converted = nb.convert(model, X, code="radix", steps=2)
    learnt = finetune(converted, X, CLASSES, epochs=10)
    assert loss(model) < loss(learnt) < loss(converted) - 0.2
    assert correct(learnt) > correct(converted)
    other = finetune(nb.convert(model, X, code="latency", steps=4), X, CLASSES, epochs=10)
    torch.testing.assert_close(other(X), learnt(X))
    nb.save(learnt, tmp_path / "learnt.nb")
    assert torch.equal(nb.load(tmp_path / "learnt.nb")(X), learnt(X))
    assert nb.verify(learnt, X[:2].numpy(), simulators=("snntorch", "brian2")).differing == 0


def test_a_loss_that_is_no_number_ends_it(network):
    with pytest.raises(
        TrainingError, match=r"the loss is nan in epoch 1; lower the learning rate \(0.03\), or look at"
    ):
        finetune(network, X, CLASSES, loss=lambda outputs, targets: outputs.sum() * float("nan"))


def test_weights_that_are_no_numbers_in_the_end_are_told(network):
    """The last loss is finite, and its gradient is not."""

    def steep(outputs, targets):
        return (outputs * 0).abs().sqrt().sum()

    with pytest.raises(TrainingError, match=r"weights are no longer finite after the last step; lower the learning"):
        finetune(
            network, X, CLASSES, epochs=1, batch_size=512, loss=lambda outputs, _: (outputs * 0).abs().sqrt().sum()
        )


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (CLASSES + 1, r"classes from 1 to 4, and the network has 4 outputs; give classes from 0 to 3, or real numbers"),
        (CLASSES - 1, r"classes from -1 to 2, and the network has 4 outputs; give classes from 0 to 3"),
        (CLASSES[:, None], r"of shape \(512, 1\), and the outputs have shape \(512, 4\); classes"),
        (
            CLASSES.float(),
            r"real numbers of shape \(512,\) and the outputs have shape \(512, 4\); give targets of that",
        ),
        (CLASSES[:, None].double(), r"real numbers of shape \(512, 1\) and the outputs have shape \(512, 4\)"),
        (torch.tensor(1), r"there are 512 inputs and 1 targets; give one target for each input"),
        (np.array(["a"] * 512), r"targets can't be read as numbers \(can't convert .*\); give an array"),
        (CLASSES * 1j, r"targets are complex numbers; give classes or real numbers"),
    ],
)
def test_targets_that_the_outputs_cannot_meet_are_refused(network, targets, message, recwarn):
    with pytest.raises(InputError, match=message):
        finetune(network, X, targets)
    assert not recwarn.list


@pytest.mark.parametrize("rate", [1e30, 1e39, 10.1, float("nan"), float("inf"), -1])
def test_a_learning_rate_that_would_overwrite_all_weights_is_refused(network, rate):
    with pytest.raises(InputError, match=r"positive number up to 10, usually 0.03: in the root mean square of each"):
        finetune(network, X, CLASSES, learning_rate=rate)


@pytest.mark.parametrize("rate", ["0.1", True, None])
def test_a_learning_rate_is_a_number(network, rate):
    with pytest.raises(InputError, match=r"learning_rate is .*; it is a positive number up to 10"):
        finetune(network, X, CLASSES, learning_rate=rate)


def test_it_is_reproducible(network):
    first, second = (finetune(network, X[:64], CLASSES[:64], epochs=1) for _ in range(2))
    assert torch.equal(first(X), second(X))


class Sum(nn.Module):
    def forward(self, x, y):
        return torch.relu(x + y).flatten(1)


def test_what_it_does_not_take(network):
    signed = nb.convert(MLP(0), X[:32], code="signed", steps=4)
    with pytest.raises(InputError, match=r"network of the rate, radix or latency code, not signed; convert with code="):
        finetune(signed, X, CLASSES)
    with pytest.raises(InputError, match=r"there are 512 inputs and 3 targets; give one target for each input"):
        finetune(network, X, CLASSES[:3])
    two = nb.convert(Sum(), (X[:8], X[8:16]), steps=4)
    with pytest.raises(InputError, match=r"finetune takes networks of one input without connections that come back"):
        finetune(two, X, CLASSES)
    back = leaky_layers(nn.Linear(32, 4), snntorch.RLeaky(beta=0.8, linear_features=4, init_hidden=True))
    with pytest.raises(InputError, match=r"without connections that come back \(\['RLeaky3-drive'\]\)"):
        finetune(back, X.flatten(1)[:, None].expand(-1, 3, -1), CLASSES)
    with pytest.raises(InputError, match=r"epochs is 0; it is a whole number from 1"):
        finetune(network, X, CLASSES, epochs=0)
    with pytest.raises(InputError, match=r"learning_rate is 0; it is a positive number"):
        finetune(network, X, CLASSES, learning_rate=0)
    with pytest.raises(InputError, match=r"has shape \(2, 5\); the network takes \(sample, 1, 6, 6\)"):
        finetune(network, X.new_zeros(8, 5), CLASSES[:8])
