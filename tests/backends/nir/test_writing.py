"""What is written as NIR means what the graph means."""

import nir
import numpy as np
import pytest
import torch
from torch import nn

from neurobridge.backends.nir.files import read, write
from neurobridge.backends.nir.writing import DIALECTS, to_nir
from neurobridge.conversion.convert import convert
from neurobridge.errors import InputError, UnknownNameError, UnsupportedOperationError
from neurobridge.graph import maps
from tests.backends.dynamical import DYNAMICAL, layers, network, neurons
from tests.backends.dynamical import encode as spike_input
from tests.backends.nir.cases import REFERENCE, STREAMING, assert_same_spikes, inputs_of
from tests.cases import Sketch, clipped, convolutional, dyadic, inputs_for, residual


def euler(written: nir.NIRGraph, x: np.ndarray, dt: float) -> dict[str, np.ndarray]:
    """Return Threshold -> spikes (step, ...) by NIR's equations alone: Euler's rule, and a loop takes a step."""
    now = {
        name: np.zeros(np.asarray(next(iter(node.output_type.values())), dtype=int))
        for name, node in written.nodes.items()
    }
    state = {
        name: np.array(node.metadata.get("initial", now[name]), dtype=float) for name, node in written.nodes.items()
    }
    order: list[str] = []
    scales = {a for a, b in written.edges if isinstance(written.nodes[a], nir.Scale) and a.endswith("_reset")}
    while len(order) < len(written.nodes):
        order += [
            n
            for n in written.nodes
            if n not in order and all(a in order or a in scales for a, b in written.edges if b == n)
        ]
    found: dict[str, list[np.ndarray]] = {n: [] for n, node in written.nodes.items() if isinstance(node, nir.Threshold)}
    for _ in range(int(written.metadata["steps"])):
        for name in order:
            node = written.nodes[name]
            total = sum(now[a] for a, b in written.edges if b == name)
            match node:
                case nir.Input():
                    now[name] = x
                case nir.I():
                    state[name] = state[name] + dt * node.r * total
                    now[name] = state[name]
                case nir.LI():
                    state[name] = state[name] + dt / node.tau * (node.v_leak - state[name] + node.r * total)
                    now[name] = state[name]
                case nir.Threshold():
                    now[name] = (total > node.threshold).astype(float)
                    found[name].append(now[name])
                case nir.Scale():
                    now[name] = node.scale * total
                case nir.Affine():
                    now[name] = node.weight @ total + node.bias
                case nir.Linear():
                    now[name] = node.weight @ total
                case nir.Flatten():
                    now[name] = total.ravel()
                case nir.Output():
                    now[name] = total
                case _:
                    raise AssertionError(type(node))
    return {name: np.array(trains) for name, trains in found.items()}


@pytest.mark.parametrize("name", ["convolutional", "residual", "clipped", "direct"])
def test_the_written_equations_fire_the_same_spikes(name):
    """An interpreter that knows nothing but NIR's equations agrees: soft reset is really in the file."""
    graph = STREAMING[name](2)
    (x,) = inputs_of(name, graph, 2)
    expected = REFERENCE(graph, (x,)).spikes
    found = euler(to_nir(graph, layout="matrices"), x[0], 1.0)
    for population, spikes in expected.items():
        np.testing.assert_array_equal(found[population], spikes[:, 0].reshape(len(spikes), -1))


def test_grouped_convolutions_and_sums_of_a_node_with_itself(tmp_path):
    s = Sketch("rate", 6, 3)
    x = s.encode(4, 5, 5)
    weight = dyadic(s.rng, 4, 2, 3, 3, bits=3)
    pairs = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2)}
    u = s.neurons(s.synapses((x, maps.Convolve(weight=weight, groups=2, **pairs)), bias=dyadic(s.rng, 4, 1, 1)))
    pool = maps.AveragePool(kernel=(2, 1), stride=(1, 1), padding=(0, 0), divisor=1)
    graph = s.graph(
        s.flat(s.neurons(s.synapses((u, maps.Identity()), (u, maps.Identity())))), s.flat(s.synapses((u, pool)))
    )
    write(graph, tmp_path / "net.nir")
    assert_same_spikes(graph, read(tmp_path / "net.nir"), inputs_for(graph, 3))


def test_one_dimensional_convolutions(tmp_path):
    s = Sketch("rate", 6, 3)
    weight = dyadic(s.rng, 3, 2, 3, bits=3)
    line = maps.Convolve(weight=weight, stride=(1,), padding=(1,), dilation=(1,))
    graph = s.graph(s.flat(s.neurons(s.synapses((s.encode(2, 7), line), bias=dyadic(s.rng, 3, 1)))))
    write(graph, tmp_path / "net.nir")
    assert isinstance(to_nir(graph).nodes[next(n for n in to_nir(graph).nodes if "_0" in n)], nir.Conv1d)
    assert_same_spikes(graph, read(tmp_path / "net.nir"), inputs_for(graph, 3))


def test_the_portable_dialect_is_one_neuron_a_population_and_says_what_it_loses(tmp_path):
    graph = convolutional("rate", 6, 0)
    written = to_nir(graph, "portable")
    assert {type(node) for node in written.nodes.values()} == {
        nir.Input, nir.Conv2d, nir.IF, nir.SumPool2d, nir.Flatten, nir.Affine, nir.Output,
    }  # fmt: skip
    assert "soft reset becomes what the reader makes of it" in written.metadata["keeps"]
    write(graph, tmp_path / "net.nir", "portable")
    inputs = inputs_for(graph, 0)
    as_written = REFERENCE(read(tmp_path / "net.nir"), inputs).spikes
    expected = REFERENCE(graph, inputs).spikes
    assert any((as_written[name] != spikes).any() for name, spikes in expected.items())  # the loss is real
    # a reader that subtracts, and starts where the metadata says, loses nothing here
    assert_same_spikes(graph, read(tmp_path / "net.nir", reset="subtract"), inputs)


@pytest.mark.parametrize("kind", ["leaky, empty", "leaky, subtract", "synaptic"])
def test_portable_neurons_are_those_of_nir(kind):
    written = to_nir(DYNAMICAL[kind](0), "portable")
    wanted = nir.CubaLIF if kind == "synaptic" else nir.LIF
    assert {type(written.nodes[name]) for name in ("first", "second")} == {wanted}


def test_options_that_do_not_exist():
    graph = layers(0)
    with pytest.raises(UnknownNameError, match="unknown NIR dialect 'exakt'; did you mean 'exact'"):
        to_nir(graph, "exakt")
    with pytest.raises(InputError, match="unknown layout 'rows'"):
        to_nir(graph, layout="rows")
    with pytest.raises(InputError, match=r"dt is 0.0; it must be a positive number"):
        to_nir(graph, dt=0.0)
    with pytest.raises(UnsupportedOperationError, match=r'convert with code="rate" for NIR'):
        to_nir(convolutional("radix", 3, 0))
    with pytest.raises(InputError, match="of a converted network or its graph, not of a dict"):
        to_nir({})
    assert set(DIALECTS) == {"exact", "portable"}


def test_a_converted_network_is_written_as_its_graph():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    snn = convert(model, torch.rand(16, 3), code="rate", steps=4)
    written, of_graph = to_nir(snn), to_nir(snn.graph)
    assert written.nodes.keys() == of_graph.nodes.keys()
    assert written.edges == of_graph.edges


MIXED = {
    "some of its membranes leak": {"beta": np.array([1.0, 0.5, 0.5, 0.5, 0.5, 0.5])},
    "its synaptic current never decays": {"alpha": 1.0},
    "a synaptic current, no leak and a reset to zero": {"alpha": 0.5, "beta": 1.0, "reset": None},
}


@pytest.mark.parametrize("message", MIXED)
def test_neurons_that_nir_lacks_are_refused(message):
    graph = network(spike_input(6), neurons("first", "input", 6, **MIXED[message]))
    with pytest.raises(UnsupportedOperationError, match=message):
        to_nir(graph)


@pytest.mark.slow
def test_sinabs_reads_the_portable_dialect_and_every_difference_is_explained():
    """Sinabs starts at zero and may fire several times in a step; without these two, its spikes are ours."""
    sinabs_nir, sinabs_layers = pytest.importorskip("sinabs.nir"), pytest.importorskip("sinabs.layers")
    torch, activation = pytest.importorskip("torch"), pytest.importorskip("sinabs.activation")
    graph = convolutional("rate", 16, 0)
    (x,) = inputs_for(graph, 0, samples=2)
    expected = REFERENCE(graph, (x,)).spikes
    written = to_nir(graph, "portable")

    def differing(single: bool, start: bool) -> int:
        model = sinabs_nir.from_nir(written, batch_size=2).float()
        fired: dict[str, np.ndarray] = {}
        for name, module in model.named_modules():
            if isinstance(module, sinabs_layers.IAFSqueeze):
                module.spike_fn = activation.SingleSpike if single else module.spike_fn
                if start:
                    first = written.nodes[name].metadata["initial"]
                    module.init_state_with_shape((2, *first.shape))
                    module.v_mem.data[:] = torch.as_tensor(first)
                module.register_forward_hook(
                    lambda _, __, out, name=name: fired.__setitem__(name, out.detach().numpy())
                )
        model(torch.as_tensor(np.repeat(x, 16, axis=0), dtype=torch.float32))
        trains = {name: out.reshape(2, 16, *out.shape[1:]).swapaxes(0, 1) for name, out in fired.items()}
        assert trains.keys() == expected.keys()
        return sum(int((trains[name] != spikes).sum()) for name, spikes in expected.items())

    assert differing(single=False, start=False) > 0
    assert differing(single=True, start=False) > 0
    assert differing(single=True, start=True) == 0


def test_residual_networks_are_written_as_matrices():
    written = to_nir(residual("rate", 3, 0), layout="matrices")
    assert not any(isinstance(node, nir.Conv2d) for node in written.nodes.values())
    assert any(isinstance(node, nir.Affine) for node in written.nodes.values())
    assert to_nir(clipped("rate", 3, 0), layout="matrices").metadata["dialect"] == "exact"
