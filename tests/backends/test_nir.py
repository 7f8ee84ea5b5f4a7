"""Exchange as NIR: what is written means what the graph means, what others write is read as they mean it."""

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import h5py
import nir
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neurobridge.backends import simulator
from neurobridge.backends.nir import files
from neurobridge.backends.nir.files import read, write
from neurobridge.backends.nir.reading import from_nir
from neurobridge.backends.nir.writing import DIALECTS, to_nir
from neurobridge.errors import FileFormatError, InputError, UnknownNameError, UnsupportedOperationError
from neurobridge.graph import maps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Dynamics
from tests.backends.dynamical import DYNAMICAL, layers, loop_of_two, network, neurons, recurrent, spikes_for
from tests.backends.dynamical import encode as spike_input
from tests.cases import ANY_CODE, Sketch, clipped, convolutional, dyadic, inputs_for, residual

REFERENCE = simulator("reference")
STREAMING: dict[str, Callable[[int], Graph]] = {
    **{name: (lambda seed, build=build: build("rate", 6, seed)) for name, build in ANY_CODE.items()},
    **DYNAMICAL,
    "loop of two": loop_of_two,
}
NO_LAYERS = {
    "residual": "the map Pad",
    "clipped": "a bias that changes from place to place",
    "scalar": "a sample without axes",
}
"""Graphs that NIR has no layers for, and why."""


def inputs_of(name: str, graph: Graph, seed: int) -> tuple[np.ndarray, ...]:
    return spikes_for(graph, seed) if name in DYNAMICAL or graph.inputs[0].timed else inputs_for(graph, seed)


def assert_same_spikes(graph: Graph, other: Graph, inputs: tuple[np.ndarray, ...], backend: str = "reference") -> None:
    expected = REFERENCE(graph, inputs)
    fitting = tuple(
        x.reshape(len(x), *([graph.steps] if node.timed else []), *node.shape)
        for x, node in zip(inputs, other.inputs, strict=True)
    )
    found = simulator(backend)(other, fitting)
    assert found.spikes.keys() == expected.spikes.keys()
    assert sum(spikes.sum() for spikes in expected.spikes.values()) > 0
    for name, spikes in expected.spikes.items():
        np.testing.assert_array_equal(found.spikes[name].reshape(spikes.shape), spikes, err_msg=name)
    for mine, wanted in zip(found.outputs, expected.outputs, strict=True):
        np.testing.assert_allclose(mine.reshape(wanted.shape), wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("layout", ["layers", "matrices"])
@pytest.mark.parametrize("name", STREAMING)
def test_exact_files_come_back_with_the_same_spikes(name, layout, tmp_path):
    for seed in (0, 1):
        graph = STREAMING[name](seed)
        if layout == "layers" and name in NO_LAYERS:
            with pytest.raises(UnsupportedOperationError, match=NO_LAYERS[name]):
                write(graph, tmp_path / "net.nir", layout=layout)
            continue
        if layout == "matrices" and name == "constant":
            with pytest.raises(UnsupportedOperationError, match="'second' has a bias that arrives late"):
                write(graph, tmp_path / "net.nir", layout=layout)
            continue
        write(graph, tmp_path / "net.nir", layout=layout)
        assert_same_spikes(graph, read(tmp_path / "net.nir"), inputs_of(name, graph, seed))


@pytest.mark.parametrize("dt", [1.0, 1e-3, 1e-4])
def test_the_time_step_changes_no_spike(dt, tmp_path):
    graph = DYNAMICAL["synaptic"](4)
    write(graph, tmp_path / "net.nir", dt=dt)
    assert_same_spikes(graph, read(tmp_path / "net.nir"), spikes_for(graph, 4))


@pytest.mark.parametrize("backend", ["snntorch", "brian2", "nengo"])
def test_what_is_read_runs_in_every_simulator(backend, tmp_path):
    graph = recurrent(5)
    write(graph, tmp_path / "net.nir")
    assert_same_spikes(graph, read(tmp_path / "net.nir"), spikes_for(graph, 5), backend)


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


def feed_forward(node: nir.NIRNode, seed: int = 0) -> nir.NIRGraph:
    weight = dyadic(np.random.default_rng(seed), 3, 4, bits=3) + 0.25
    return nir.NIRGraph.from_list(nir.Input({"input": np.array([4])}), nir.Linear(weight=weight), node)


def hand_built(kind: str) -> nir.NIRNode:
    ones = np.ones(3)
    level = np.array([0.5, 1.0, 0.75])
    if kind == "IF":
        return nir.IF(r=2e4 * ones, v_threshold=2 * level + 0.01, v_reset=-0.5 * ones)
    if kind == "LIF":
        return nir.LIF(tau=8e-4 * ones, r=8 * ones, v_leak=0.25 * ones, v_threshold=level, v_reset=0.125 * ones)
    return nir.CubaLIF(
        tau_syn=4e-4 * ones, tau_mem=8e-4 * ones, r=8 * ones, v_leak=-0.25 * ones, v_threshold=level,
        v_reset=0.25 * ones, w_in=4 * ones,
    )  # fmt: skip


@pytest.mark.parametrize("discretisation", ["euler", "exponential"])
@pytest.mark.parametrize("kind", ["IF", "LIF", "CubaLIF"])
def test_neurons_of_other_tools_follow_their_equations(kind, discretisation):
    """The membranes of NIR's documentation, stepped here by hand, with a reset to v_reset at once."""
    node, dt, steps = hand_built(kind), 1e-4, 40
    written = feed_forward(node)
    graph = from_nir(written, steps, dt=dt, discretisation=discretisation)
    rng = np.random.default_rng(1)
    x = rng.integers(0, 2, (2, steps, 4)).astype(float)
    drive = x @ written.nodes["linear"].weight.T

    def share(tau: np.ndarray) -> np.ndarray:
        return dt / tau if discretisation == "euler" else 1 - np.exp(-dt / tau)

    v, current, expected = np.zeros((2, 3)), np.zeros((2, 3)), []
    for step in range(steps):
        if kind == "IF":
            v = v + dt * node.r * drive[:, step]
        elif kind == "LIF":
            v = v + share(node.tau) * (node.v_leak - v + node.r * drive[:, step])
        else:
            current = current + share(node.tau_syn) * (-current + node.w_in * drive[:, step])
            v = v + share(node.tau_mem) * (node.v_leak - v + node.r * current)
        fired = v > node.v_threshold
        expected.append(fired)
        v = np.where(fired, node.v_reset, v)
    run = REFERENCE(graph, (x,))
    name = next(n.name for n in graph.nodes if isinstance(n, Dynamics))
    assert 10 < np.sum(expected) < 0.9 * np.size(expected)
    assert run.margins[name] > 1e-9
    np.testing.assert_array_equal(run.spikes[name], np.array(expected).astype(int))
    np.testing.assert_array_equal(simulator("snntorch")(graph, (x,)).spikes[name], run.spikes[name])


def test_readers_that_subtract():
    node, steps = nir.LIF(tau=np.full(3, 8e-4), r=np.full(3, 8.0), v_leak=np.zeros(3), v_threshold=np.ones(3)), 30
    written = feed_forward(node)
    graph = from_nir(written, steps, reset="subtract")
    x = np.random.default_rng(3).integers(0, 2, (1, steps, 4)).astype(float)
    v, expected = np.zeros(3), []
    for step in range(steps):
        v = v + 1e-4 / node.tau * (-v + node.r * (written.nodes["linear"].weight @ x[0, step]))
        expected.append(v > 1)
        v = v - expected[-1]
    name = next(n.name for n in graph.nodes if isinstance(n, Dynamics))
    np.testing.assert_array_equal(REFERENCE(graph, (x,)).spikes[name][:, 0], np.array(expected).astype(int))


def test_recurrent_edges_delays_and_graphs_in_graphs():
    """A layer that hears itself one step later, written as other tools do: a graph inside the graph, and no Delay."""
    rng = np.random.default_rng(0)
    back, enter = dyadic(rng, 3, 3, bits=3), dyadic(rng, 3, 4, bits=3) + 0.25
    node = nir.IF(r=np.full(3, 1e4), v_threshold=np.ones(3))
    inner = nir.NIRGraph(
        nodes={
            "input": nir.Input({"input": np.array([3])}),
            "lif": node,
            "back": nir.Linear(weight=back),
            "output": nir.Output({"output": np.array([3])}),
        },
        edges=[("input", "lif"), ("lif", "back"), ("back", "lif"), ("lif", "output")],
        type_check=False,
    )
    outer = nir.NIRGraph(
        nodes={
            "input": nir.Input({"input": np.array([4])}),
            "enter": nir.Linear(weight=enter),
            "late": nir.Delay(delay=np.full(3, 2e-4)),
            "layer": inner,
            "output": nir.Output({"output": np.array([3])}),
        },
        edges=[("input", "enter"), ("enter", "late"), ("late", "layer"), ("layer", "output")],
        type_check=False,
    )
    graph = from_nir(outer, 12)
    x = rng.integers(0, 2, (1, 12, 4)).astype(float)
    v, before, expected = np.zeros(3), np.zeros(3), []
    for step in range(12):
        v = v + (enter @ x[0, step - 2] if step >= 2 else 0) + back @ before
        before = (v > 1).astype(float)
        v = v * (1 - before)
        expected.append(before)
    assert np.sum(expected) > 3
    np.testing.assert_array_equal(REFERENCE(graph, (x,)).spikes["layer|lif"][:, 0], np.array(expected))


def test_padding_by_name_and_numbers_instead_of_pairs():
    rng = np.random.default_rng(0)
    same = nir.Conv2d(
        input_shape=(5, 5),
        weight=dyadic(rng, 2, 1, 3, 3),
        stride=1,
        padding="same",
        dilation=1,
        groups=1,
        bias=np.zeros(2),
    )
    valid = nir.Conv1d(
        input_shape=6, weight=dyadic(rng, 2, 1, 3), stride=1, padding="valid", dilation=1, groups=1, bias=np.zeros(2)
    )
    for node, shape, wide in ((same, (1, 5, 5), (2, 5, 5)), (valid, (1, 6), (2, 4))):
        neuron = nir.IF(r=np.full(wide, 1e4), v_threshold=np.ones(wide))
        graph = from_nir(nir.NIRGraph.from_list(nir.Input({"input": np.array(shape)}), node, neuron), 3)
        assert graph.outputs[0].shape == wide
    same.padding, same.stride = "same", 2
    with pytest.raises(FileFormatError, match="has the padding 'same'; write numbers"):
        from_nir(nir.NIRGraph.from_list(nir.Input({"input": np.array((1, 5, 5))}), same, type_check=False), 3)


def graph_of(*nodes: nir.NIRNode, edges: list[tuple[str, str]] | None = None) -> nir.NIRGraph:
    labels = [f"n{i}" for i in range(len(nodes))]
    return nir.NIRGraph(
        nodes=dict(zip(labels, nodes, strict=True)),
        edges=list(pairwise(labels)) if edges is None else edges,
        type_check=False,
    )


ENTER, LEAVE = nir.Input({"input": np.array([3])}), nir.Output({"output": np.array([3])})
ONES = np.ones(3)
BROKEN = {
    "no Input or no Output": graph_of(nir.Linear(weight=np.eye(3)), LEAVE),
    "names 'elsewhere', which is not in it": graph_of(ENTER, LEAVE, edges=[("n0", "elsewhere")]),
    "integrates and never fires": graph_of(ENTER, nir.LI(tau=ONES, r=ONES, v_leak=ONES), LEAVE),
    "'n1' has no input": graph_of(ENTER, nir.Scale(scale=ONES), LEAVE, edges=[("n1", "n2")]),
    "shorter than the step": graph_of(ENTER, nir.LIF(tau=1e-9 * ONES, r=ONES, v_leak=ONES, v_threshold=ONES), LEAVE),
    "parameters that are not finite": graph_of(ENTER, nir.IF(r=np.nan * ONES, v_threshold=ONES), LEAVE),
    "other than one whole number of steps": graph_of(ENTER, nir.Delay(delay=0.00015 * ONES), LEAVE),
    "does not describe a spiking network": graph_of(ENTER, nir.Linear(weight=np.ones((3, 5))), LEAVE),
    r"weights of shape \(2, 3, 3\)": graph_of(ENTER, nir.Linear(weight=np.ones((2, 3, 3))), LEAVE),
    "reached by nothing but itself": graph_of(ENTER, nir.Scale(scale=ONES), LEAVE, edges=[("n1", "n1"), ("n1", "n2")]),
    r"has the shape \[-3\]": graph_of(nir.Input({"input": np.array([-3])}), LEAVE),
}


@pytest.mark.parametrize("message", BROKEN)
def test_what_cannot_be_read_is_named(message):
    with pytest.raises(FileFormatError, match=message):
        from_nir(BROKEN[message], 4)


def test_options_that_do_not_exist(tmp_path):
    graph, written = layers(0), feed_forward(hand_built("IF"))
    with pytest.raises(UnknownNameError, match="unknown NIR dialect 'exakt'; did you mean 'exact'"):
        to_nir(graph, "exakt")
    with pytest.raises(InputError, match="unknown layout 'rows'"):
        to_nir(graph, layout="rows")
    with pytest.raises(InputError, match=r"dt is 0.0; it must be a positive number"):
        to_nir(graph, dt=0.0)
    with pytest.raises(UnsupportedOperationError, match=r'convert with code="rate" for NIR'):
        to_nir(convolutional("radix", 3, 0))
    with pytest.raises(InputError, match="does not say for how many steps"):
        from_nir(written)
    with pytest.raises(InputError, match="unknown reset 'soft'; choose one of value, subtract"):
        from_nir(written, 3, reset="soft")
    with pytest.raises(UnknownNameError, match="unknown discretisation 'eulr'"):
        from_nir(written, 3, discretisation="eulr")
    with pytest.raises(InputError, match="dt is -1"):
        from_nir(written, 3, dt=-1)
    assert set(DIALECTS) == {"exact", "portable"}


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


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("nir") / "net.nir"
    write(convolutional("rate", 3, 0), path)
    return path.read_bytes()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_broken_files_are_refused_in_words(data, whole, tmp_path):
    """Cut short, or some bytes changed: either the network still reads, or a FileFormatError says that it does not."""
    if data.draw(st.booleans()):
        content = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        changed = bytearray(whole)
        for _ in range(data.draw(st.integers(1, 30))):
            changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
        content = bytes(changed)
    path = tmp_path / "broken.nir"
    path.write_bytes(content)
    try:
        assert isinstance(read(path), Graph)
    except FileFormatError as error:
        assert str(path) in str(error)


@given(st.binary(max_size=200))
def test_noise_is_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("noise") / "noise.nir"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="is not a complete NIR file"):
        read(path)


def test_files_that_reach_out_or_claim_too_much(tmp_path):
    with pytest.raises(FileFormatError, match="does not exist"):
        read(tmp_path / "none.nir")

    def hostile(change: Callable[[h5py.File], object]) -> Path:
        path = tmp_path / "hostile.nir"
        write(layers(0), path)
        with h5py.File(path, "a") as file:
            change(file)
        return path

    with pytest.raises(FileFormatError, match="is a link to another place"):
        read(hostile(lambda file: file.__setitem__("out", h5py.ExternalLink("/etc/passwd", "/"))))
    with pytest.raises(FileFormatError, match="claims more than"):
        read(hostile(lambda file: file.create_dataset("bomb", shape=(2**40,), dtype="f8", chunks=(2**16,))))
    with pytest.raises(FileFormatError, match="stored in another file"):
        read(hostile(lambda file: file.create_dataset("x", shape=(4,), dtype="u1", external=[("/etc/passwd", 0, 4)])))
    deep = "/".join(["g"] * 60)
    with pytest.raises(FileFormatError, match="nested more than 40 levels"):
        read(hostile(lambda file: file.create_group(deep)))


def test_files_that_hdf5_never_finishes_or_that_crash_it(tmp_path, monkeypatch):
    path = tmp_path / "net.nir"
    write(layers(0), path)
    monkeypatch.setattr(files, "LOAD", "import time; time.sleep(60)")
    monkeypatch.setattr(files, "PATIENCE", 0.2)
    with pytest.raises(FileFormatError, match=r"loading it takes more than 0.2 s"):
        read(path)
    monkeypatch.setattr(files, "LOAD", "import os; os.abort()")
    monkeypatch.setattr(files, "PATIENCE", 30.0)
    with pytest.raises(FileFormatError, match="it crashes the HDF5 library"):
        read(path)


@pytest.mark.parametrize("change", [{"steps": 10**9}, {"steps": "many"}, {"dt": -1.0}, {"dt": np.nan}, {"steps": None}])
def test_broken_words_of_a_file_about_itself(change):
    written = to_nir(layers(0))
    written.metadata |= change
    with pytest.raises(FileFormatError, match="what the NIR graph says about itself is broken"):
        from_nir(written)


def test_a_single_node_is_no_network(tmp_path):
    nir.write(tmp_path / "node.nir", nir.IF(r=ONES, v_threshold=ONES))
    with pytest.raises(FileFormatError, match=r"IF, not a NIR graph|not a complete NIR file"):
        read(tmp_path / "node.nir", 3)


def test_files_are_written_whole_or_not_at_all(tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        write(layers(0), tmp_path / "net.nir")
    assert not (tmp_path / "net.nir").exists()


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
