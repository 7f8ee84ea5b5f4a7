"""Direct training: it learns through spikes, and leaves a graph with dynamics that every simulator runs alike."""

import re

import numpy as np
import pytest
import torch
from torch import nn

import neurobridge as nb
from neurobridge.ann.training import TrainingConfig, contender
from neurobridge.backends import simulator
from neurobridge.backends.nir.files import read, write
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.conversion.direct import leaky, train_spiking
from neurobridge.conversion.surrogate import SURROGATES, Learning, SurrogateNetwork
from neurobridge.errors import InputError, TrainingError, UnknownNameError, UnsupportedOperationError
from neurobridge.graph.graph import Graph
from neurobridge.graph.maps import Identity
from neurobridge.graph.nodes import Dynamics, Edge, Encode, Readout, Synapses
from neurobridge.tasks.task import ACCURACY, Split, SupervisedTask

ARCHITECTURES = {
    "cnn": {"widths": (4,)},
    "cnn, maxima": {"widths": (4,), "pooling": "max"},
    "mlp": {"widths": (8,)},
    "residual-cnn": {"widths": (2, 4), "depth": 6},
}
BRIEFLY = TrainingConfig(epochs=2, batch_size=16, learning_rate=1e-2, keep="last", device="cpu")


def stripes(count: int, seed: int) -> Split:
    """Return images of horizontal (0) and vertical (1) stripes with noise."""
    random = np.random.default_rng(seed)
    targets = random.integers(2, size=count)
    wave = np.sin(np.arange(8) + random.uniform(0, 6, (count, 1)))
    images = np.where(targets[:, None, None] == 0, wave[:, :, None], wave[:, None, :]) * np.ones((count, 8, 8))
    images = images + random.normal(0, 0.3, images.shape)
    return Split(inputs=images.astype(np.float32)[:, None], targets=targets, groups=np.arange(count) + 10_000 * seed)


TASK = SupervisedTask(
    name="stripes",
    title="Stripes",
    source="drawn here",
    metric=ACCURACY,
    input_shape=(1, 8, 8),
    output_size=2,
    train=stripes(400, 0),
    validation=stripes(50, 1),
    test=stripes(200, 2),
)


def built(name: str = "cnn") -> nn.Module:
    return nb.models.build(name.split(",")[0], TASK, seed=0, **ARCHITECTURES[name])


def accuracy(network: nn.Module) -> float:
    return TASK.judge(contender(network)).summary


@pytest.fixture(scope="module", params=sorted(ARCHITECTURES))
def trained(request) -> SpikingNetwork:
    return train_spiking(built(request.param), TASK, steps=4, config=BRIEFLY)


def test_it_learns_and_every_simulator_fires_its_spikes(trained, tmp_path):
    """200 fair coins come to 65 % or more with a probability below 2e-5."""
    assert accuracy(trained) > 65
    assert trained.certificate is None
    assert all(np.all(node.beta == 0.9) and np.all(node.reset == 1) for node in trained.graph.of(Dynamics))
    nb.save(trained, tmp_path / "trained.nb")
    loaded = nb.load(tmp_path / "trained.nb")
    assert torch.equal(loaded(TASK.test.inputs), trained(TASK.test.inputs))
    found = nb.verify(loaded, TASK.test.inputs[:2])
    assert {row.simulator for row in found.rows} == {"snntorch", "brian2", "nengo"}
    assert found.differing == 0 < found.spikes


def test_it_comes_back_from_nir_with_the_same_outputs(trained, tmp_path):
    write(trained, tmp_path / "trained.nir", layout="matrices")
    x = (TASK.test.inputs[:8].astype(float),)
    own, back = (simulator("reference")(graph, x) for graph in (trained.graph, read(tmp_path / "trained.nir")))
    np.testing.assert_allclose(own.outputs[0], back.outputs[0], atol=1e-9)


def test_the_runtimes_agree_and_what_is_counted_is_what_was_fired(trained):
    x = torch.as_tensor(TASK.test.inputs[:32])
    assert torch.equal(trained(x, runtime="fast"), trained(x, runtime="stepped"))
    activity = trained.observe(x)
    for name, spikes in trained.raster(x).items():
        np.testing.assert_array_equal(activity.spikes[name], spikes.reshape(4, 32, -1).sum(axis=(0, 2)))


def test_weights_have_the_shapes_of_the_model():
    model = built("mlp")
    graph = train_spiking(model, TASK, steps=2, config=BRIEFLY).graph
    wanted = [tuple(weight.shape) for weight in model.parameters() if weight.ndim == 2]
    assert [m.weight.shape for node in graph.of(Synapses) for m in node.maps if hasattr(m, "weight")] == wanted


def test_the_model_stays_and_the_same_seed_gives_the_same_network():
    model = built()
    before = {name: x.clone() for name, x in model.state_dict().items()}
    first, second = (train_spiking(model, TASK, steps=2, config=BRIEFLY) for _ in range(2))
    assert all(torch.equal(x, before[name]) for name, x in model.state_dict().items())
    x = torch.as_tensor(TASK.test.inputs)
    assert torch.equal(first(x), second(x))


def test_a_run_that_was_cut_short_ends_with_the_same_network(tmp_path):
    def stop(epoch):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_spiking(built(), TASK, steps=2, config=BRIEFLY, directory=tmp_path / "run", watchers=[stop])
    whole = train_spiking(built(), TASK, steps=2, config=BRIEFLY)
    epochs = []
    rest = train_spiking(built(), TASK, steps=2, config=BRIEFLY, directory=tmp_path / "run", watchers=[epochs.append])
    assert [epoch.epoch for epoch in epochs] == [2]
    x = torch.as_tensor(TASK.test.inputs)
    assert torch.equal(whole(x), rest(x))
    with pytest.raises(InputError, match=r"holds another training run \(options.steps 2, not 3\)"):
        train_spiking(built(), TASK, steps=3, config=BRIEFLY, directory=tmp_path / "run")


def one_neuron(beta: float, steps: int) -> Graph:
    """Return a neuron that gets its input times a weight of one at every step."""
    ends = {"low": np.zeros(()), "high": np.ones(()), "steps": steps}
    nodes = (
        Encode(name="input", inputs=(), shape=(1,), current=True, **ends),
        Synapses(name="weight", inputs=(Edge(source="input"),), shape=(1,), maps=(Identity(),), bias=np.zeros(1)),
        Dynamics(
            name="neuron",
            inputs=(Edge(source="weight"),),
            shape=(1,),
            beta=np.asarray(beta),
            threshold=np.ones(()),
            reset=np.ones(()),
            **ends,
        ),
        Readout(name="output", inputs=(Edge(source="neuron"),), shape=(1,)),
    )
    return Graph(code="rate", steps=steps, nodes=nodes)


@pytest.mark.parametrize(
    ("surrogate", "slope"),
    [
        ("arctan", lambda u: 1 / (1 + (np.pi * u) ** 2)),
        ("fast sigmoid", lambda u: 1 / (1 + 25 * abs(u)) ** 2),
    ],
)
def test_the_gradient_is_the_surrogates(surrogate, slope):
    """Mean over two steps of s(v - 1): v1 = x, v2 = (1 + beta) x - s1, and no gradient through the reset."""
    network = SurrogateNetwork(one_neuron(0.5, 2), Learning(surrogate=surrogate, normalised=False))
    x = torch.tensor([[0.8]], requires_grad=True)
    output = network(x)
    output.sum().backward()
    assert float(output.detach()) == 0.5  # silent at 0.8, fires at 1.2
    assert float(x.grad) == pytest.approx((slope(-0.2) + 1.5 * slope(0.2)) / 2, rel=1e-5)


def test_a_learnt_leak_stays_between_nothing_and_all():
    learnt = train_spiking(built("mlp"), TASK, steps=4, learning=Learning(leaks=True), config=BRIEFLY)
    betas = [float(node.beta) for node in learnt.graph.of(Dynamics)]
    assert all(0 < beta < 1 and beta != pytest.approx(0.9, abs=1e-4) for beta in betas)


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_the_graph_does_what_the_trained_network_does_with_its_normalisation(name):
    start = leaky(nb.convert(built(name), TASK.train.inputs[:8], code="rate", steps=4).graph, 0.8)
    network = SurrogateNetwork(start, Learning())
    x = torch.as_tensor(TASK.test.inputs)
    network.train()
    for _ in range(20):
        network(x)  # running statistics
    network.eval()
    with torch.no_grad():
        own, graphs = network(x), SpikingNetwork(network.learnt(), dtype=torch.float64)(x)
    # sums in another order may move a membrane across its threshold, rarely
    assert float((own - graphs).abs().gt(1e-4).any(dim=1).float().mean()) < 0.02


class Gated(nn.Module):
    def forward(self, x):
        return torch.sigmoid(x.flatten(1)[:, :2]) * 2


def test_what_cannot_be_trained_is_refused_before_any_work():
    with pytest.raises(UnsupportedOperationError, match=r"(?s)sigmoid at .*nb.convert\(model, inputs, code='radix'\)"):
        train_spiking(Gated(), TASK, steps=2)
    rows = nb.tasks.load("digits-rows")
    with pytest.raises(UnsupportedOperationError, match=r"(?s)lstm at .*not sigmoid.*and convert it"):
        train_spiking(nb.models.build("lstm", rows), rows, steps=2)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    with pytest.raises(InputError, match=r"the model has no ReLU and no other nonlinearity: nothing in it would"):
        train_spiking(linear, TASK)
    with pytest.raises(InputError, match=r"outputs are \('sample', 3\); task 'stripes' has 2 in the last axis"):
        train_spiking(nn.Sequential(nn.Flatten(), nn.Linear(64, 3), nn.ReLU()), TASK)
    gru = nb.models.build("gru", rows)
    with pytest.raises(UnsupportedOperationError) as refused:
        train_spiking(gru, rows, code="leaky", steps=2)
    assert re.search(r"(?s)operation\(s\) leaky neurons can't carry:.*leaky neurons carry .*not ", str(refused.value))
    assert "rate code" not in str(refused.value)
    with pytest.raises(InputError, match=r"steps is 0; leaky neurons take a whole number from 1"):
        train_spiking(built(), TASK, steps=0)
    with pytest.raises(InputError, match=r"code is 'rate'; what learns in its place are leaky neurons: code='leaky'"):
        train_spiking(built(), TASK, code="rate")
    with pytest.raises(InputError, match=r"steps is 1; the latency code takes a whole number from 2"):
        train_spiking(built(), TASK, code="latency", steps=1)
    with pytest.raises(
        InputError, match=r"beta and learning are of leaky neurons; leave them out, or take code='leaky'"
    ):
        train_spiking(built(), TASK, code="radix", learning=Learning())
    with pytest.raises(InputError, match=r"beta is 1.5; it is above 0 and at most 1"):
        train_spiking(built(), TASK, beta=1.5)
    with pytest.raises(InputError, match=r"beta is 1.0; it is above 0 and below 1 where leaks are learnt"):
        train_spiking(built(), TASK, beta=1.0, learning=Learning(leaks=True))
    with pytest.raises(InputError, match=r"task is 'cartpole'; train_spiking learns from answers"):
        train_spiking(built(), nb.tasks.load("cartpole"))
    with pytest.raises(InputError, match=r"the model is a str"):
        train_spiking("cnn", TASK)
    with pytest.raises(UnknownNameError, match=r"unknown surrogate 'arctangent'; did you mean 'arctan'"):
        Learning(surrogate="arctangent")
    assert set(SURROGATES) == {"arctan", "fast sigmoid"}


def test_a_loss_that_is_no_number_ends_the_training():
    with pytest.raises(TrainingError, match=r"outputs are no longer finite|the loss is (nan|inf)"):
        train_spiking(built("mlp"), TASK, steps=2, config=TrainingConfig(epochs=2, learning_rate=1e38, device="cpu"))


def test_spikes_that_get_lost_are_missed(trained):
    x = torch.as_tensor(TASK.test.inputs[:8])
    (silent,) = trained.run((x,), "fast", lambda node, fired: 0 * fired)
    assert torch.equal(silent, silent[:1].expand_as(silent))  # what biases alone bring
    assert not torch.equal(trained(x), silent)
