"""snnTorch's own networks, run by snnTorch and as graphs: the same spikes at every step."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import snntorch as snn
import torch
from torch import nn

from neurobridge.backends import simulator
from neurobridge.backends.snntorch.importing import LAYERS, from_snntorch
from neurobridge.errors import InputError, UnsupportedOperationError
from neurobridge.graph.nodes import Dynamics

STEPS = 25


def convolutional() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, padding="same", bias=True),
        nn.BatchNorm2d(3),
        snn.Leaky(beta=0.9, init_hidden=True, threshold=0.4),
        nn.AvgPool2d(2),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(27, 5),
        snn.Leaky(beta=0.5, init_hidden=True, threshold=0.3, reset_mechanism="zero"),
    )


def sequential(*neurons: nn.Module) -> Callable[[], nn.Sequential]:
    def build() -> nn.Sequential:
        sizes = (8, 10, 4)
        parts = [(nn.Linear(a, b), n) for a, b, n in zip(sizes, sizes[1:], neurons, strict=False)]
        return nn.Sequential(*[module for pair in parts for module in pair])

    return build


def leaky(**options) -> snn.Leaky:
    return snn.Leaky(**{"beta": 0.9, "threshold": 0.5, "init_hidden": True} | options)


MODELS: dict[str, Callable[[], nn.Sequential]] = {
    "convolutional": convolutional,
    "leaky": lambda: sequential(leaky(), leaky(beta=0.7))(),
    "nested": lambda: nn.Sequential(nn.Sequential(nn.Linear(8, 6), leaky()), nn.Sequential(nn.Identity())),
    "no leak": lambda: sequential(leaky(beta=1.0), leaky(beta=1.0))(),
    "a beta each": lambda: sequential(leaky(beta=torch.linspace(0.1, 1.4, 10)), leaky())(),
    "learnt": lambda: sequential(leaky(learn_beta=True, learn_threshold=True), leaky())(),
    "zero": lambda: sequential(leaky(reset_mechanism="zero"), leaky(reset_mechanism="none"))(),
    "synaptic": lambda: sequential(
        snn.Synaptic(alpha=0.8, beta=0.7, threshold=0.5, init_hidden=True),
        snn.Synaptic(alpha=0.3, beta=0.9, threshold=0.5, init_hidden=True, reset_mechanism="none"),
    )(),
    "recurrent": lambda: sequential(
        snn.RLeaky(beta=0.8, linear_features=10, threshold=0.5, init_hidden=True),
        snn.RLeaky(beta=0.8, all_to_all=False, V=-0.75, threshold=0.5, init_hidden=True),
    )(),
}


def run_in_snntorch(model: nn.Sequential, x: torch.Tensor) -> dict[str, np.ndarray]:
    """Return neurons -> spikes (step, sample, ...), in float64."""
    fired: dict[str, list[np.ndarray]] = {}

    def note(module: nn.Module, _: object, out: torch.Tensor, label: str) -> torch.Tensor:
        fired.setdefault(label, []).append(out.detach().numpy())
        if isinstance(module, snn.RLeaky):
            module.spk = module.spk.double()
        return out.double()  # surrogates answer in single precision whatever they are asked in

    for name, module in model.named_modules():
        if isinstance(module, snn.SpikingNeuron):
            label = f"{type(module).__name__}{name}".replace(".", "_")
            module.register_forward_hook(partial(note, label=label))
    for module in model.modules():
        if isinstance(module, snn.SpikingNeuron):
            module.reset_mem()
    with torch.no_grad():
        for step in range(x.shape[1]):
            model(x[:, step])
    return {label: np.array(trains).astype(int) for label, trains in fired.items()}


@pytest.mark.parametrize("name", MODELS)
def test_the_graph_fires_snntorchs_spikes(name):
    torch.manual_seed(0)
    model = MODELS[name]().eval().double()
    shape = (1, 6, 6) if name == "convolutional" else (8,)
    x = torch.as_tensor(np.random.default_rng(0).integers(0, 2, (3, STEPS, *shape))).double()
    graph = from_snntorch(model, x[:, 0], STEPS)
    expected = run_in_snntorch(model, x)
    assert sum(spikes.sum() for spikes in expected.values()) > 20
    for backend in ("reference", "snntorch", "nengo"):
        found = simulator(backend)(graph, (x.numpy(),))
        assert found.spikes.keys() == expected.keys()
        assert min(found.margins.values()) > 1e-9  # no spike hangs on rounding
        for label, spikes in expected.items():
            np.testing.assert_array_equal(found.spikes[label], spikes, err_msg=f"{backend} {label}")


def test_a_layer_may_come_last():
    model = nn.Sequential(nn.Linear(4, 3), leaky(), nn.Linear(3, 2)).double()
    x = torch.ones(2, 6, 4).double()
    graph = from_snntorch(model, x[:, 0], 6)
    spikes = run_in_snntorch(model, x)["Leaky1"]
    run = simulator("reference")(graph, (x.numpy(),))
    expected = model[2](torch.as_tensor(spikes.mean(axis=0)))
    np.testing.assert_allclose(run.outputs[0], expected.detach().numpy(), atol=1e-12)


def test_the_example_gives_the_shape_and_single_precision_is_read_as_it_is():
    model = nn.Sequential(nn.Linear(4, 3), leaky())
    graph = from_snntorch(model, np.zeros((1, 4)), 3)
    node = next(node for node in graph.nodes if isinstance(node, Dynamics))
    assert float(node.beta) == float(np.float32(0.9))
    assert graph.inputs[0].timed
    with pytest.raises(InputError, match="Linear0 does not fit the example"):
        from_snntorch(model, np.zeros((1, 5)), 3)


REFUSED = {
    r"'1' \(Lapicque\): none of Leaky, RLeaky, Synaptic": lambda: snn.Lapicque(beta=0.9, init_hidden=True),
    "reset_delay=False loses spikes": lambda: leaky(reset_delay=False),
    "inhibition and quantised states": lambda: leaky(inhibition=True),
    "graded spikes": lambda: leaky(graded_spikes_factor=2.0),
    "wipes out the input of that step": lambda: snn.Synaptic(
        alpha=0.5, beta=0.5, reset_mechanism="zero", init_hidden=True
    ),
    r"'1' \(MaxPool1d\): none of Linear, Conv1d": lambda: nn.MaxPool1d(2),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_a_graph_cannot_hold_is_named(message):
    with pytest.raises(UnsupportedOperationError, match=message):
        from_snntorch(nn.Sequential(nn.Linear(4, 4), REFUSED[message]()), np.zeros((1, 4)), 3)


def test_all_refusals_come_at_once():
    model = nn.Sequential(nn.Tanh(), nn.Linear(4, 4), leaky(inhibition=True))
    with pytest.raises(UnsupportedOperationError, match=r"'0' \(Tanh\).*'2' \(Leaky\)"):
        from_snntorch(model, np.zeros((1, 4)), 3)


def test_layers_that_depend_on_the_batch_or_pad_one_side_are_refused():
    with pytest.raises(UnsupportedOperationError, match="without running statistics depends on the batch"):
        from_snntorch(nn.Sequential(nn.BatchNorm1d(4, track_running_stats=False), leaky()), np.zeros((1, 4)), 3)
    with pytest.raises(UnsupportedOperationError, match="padding='same' of an even kernel"):
        from_snntorch(nn.Sequential(nn.Conv1d(1, 1, 2, padding="same"), leaky()), np.zeros((1, 1, 4)), 3)
    with pytest.raises(UnsupportedOperationError, match="Flatten from axis 0 mixes samples"):
        from_snntorch(nn.Sequential(nn.Flatten(0), leaky()), np.zeros((1, 4)), 3)


def test_only_sequences_of_modules_are_read():
    with pytest.raises(InputError, match=r"takes an nn.Sequential, as snnTorch's tutorials write one, not a Linear"):
        from_snntorch(nn.Linear(2, 2), np.zeros((1, 2)), 3)
    assert nn.Linear in LAYERS
