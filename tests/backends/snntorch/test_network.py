"""The two runtimes of the snnTorch backend against the reference, spike for spike, in float64 on dyadic graphs."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.graph.checks import check
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.reference import run
from neurobridge.graph.rewrite import simplify, wired
from tests.cases import ANY_CODE, GRAPHS, WINDOWED, inputs_for

EVERY = pytest.mark.parametrize(("name", "build", "code", "steps"), GRAPHS, ids=[f"{g[0]}-{g[2]}" for g in GRAPHS])


def fired(network: SpikingNetwork, inputs: tuple[np.ndarray, ...]) -> dict[str, np.ndarray]:
    """Return population -> what the fast runtime says it fired: numbers, or spikes over time (streaming)."""
    found = {}
    network.run(tuple(map(torch.as_tensor, inputs)), "fast", lambda node, x: found.__setitem__(node.name, x.numpy()))
    return found


def assert_conforms(graph: Graph, inputs: tuple[np.ndarray, ...]) -> None:
    """Both runtimes fire the spikes of the reference and give its outputs."""
    check(graph)
    expected = run(graph, *inputs)
    network = SpikingNetwork(graph, dtype=torch.float64)
    raster, numbers = network.raster(*inputs), fired(network, inputs)
    code = CODES[graph.code]
    for name, spikes in expected.spikes.items():
        np.testing.assert_array_equal(raster[name], spikes, err_msg=f"stepped {name}")
        exact = spikes if code.streaming else code.decode(spikes)
        if getattr(graph.by_name[name], "size", None) is not None:
            exact = spikes[0].argmax(axis=-1)  # the fast runtime keeps tokens as they are
        np.testing.assert_array_equal(numbers[name], exact, err_msg=f"fast {name}")
    assert raster.keys() == numbers.keys() == expected.spikes.keys()
    spans = network.windows
    assert {name: len(spikes) for name, spikes in raster.items()} == {n: spans[n][1] - spans[n][0] for n in raster}
    for runtime in ("fast", "stepped"):
        got = network.run(tuple(map(torch.as_tensor, inputs)), runtime)
        for mine, wanted in zip(got, expected.outputs, strict=True):
            assert tuple(mine.shape) == wanted.shape
            np.testing.assert_allclose(mine, wanted, rtol=1e-12, atol=1e-12, err_msg=runtime)


@EVERY
@pytest.mark.parametrize("seed", [0, 1])
def test_both_runtimes_fire_the_reference_spikes(name, build, code, steps, seed):
    graph = build(code, steps, seed)
    assert_conforms(graph, inputs_for(graph, seed))


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(ANY_CODE)),
    st.sampled_from(["rate", "radix", "latency"]),
    st.integers(2, 9),
    st.integers(0, 10**6),
)
def test_random_graphs_of_any_code(name, code, steps, seed):
    graph = ANY_CODE[name](code, steps, seed)
    assert_conforms(graph, inputs_for(graph, seed))


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(WINDOWED)), st.sampled_from(["radix", "latency"]), st.integers(2, 9), st.integers(0, 10**6)
)
def test_random_graphs_of_windowed_codes(name, code, steps, seed):
    graph = WINDOWED[name](code, steps, seed)
    assert_conforms(graph, inputs_for(graph, seed))


@EVERY
def test_rewritten_graphs_fire_the_same_spikes(name, build, code, steps):
    graph = build(code, steps, 3)
    inputs = inputs_for(graph, 3)
    expected = run(graph, *inputs)
    for rewritten in (simplify(graph), wired(graph), simplify(wired(simplify(graph)))):
        found = run(rewritten, *inputs)
        for one, two in zip(found.outputs, expected.outputs, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-12)
        for population in expected.spikes.keys() & found.spikes.keys():
            np.testing.assert_array_equal(found.spikes[population], expected.spikes[population])


@EVERY
def test_one_sample_is_enough(name, build, code, steps):
    graph = build(code, steps, 0)
    assert_conforms(graph, inputs_for(graph, 5, samples=1))


@EVERY
def test_a_run_leaves_nothing_behind(name, build, code, steps):
    """The same input gives the same output again, after either runtime: no state survives a run."""
    graph = build(code, steps, 0)
    network = SpikingNetwork(graph, dtype=torch.float64)
    state = {key: value.clone() for key, value in network.state_dict().items()}
    one = tuple(map(torch.as_tensor, inputs_for(graph, 5, samples=1)))
    first = network.run(one, "stepped")
    for runtime in ("fast", "stepped", "fast"):
        for mine, wanted in zip(network.run(one, runtime), first, strict=True):
            torch.testing.assert_close(mine, wanted, rtol=1e-12, atol=1e-12)
    assert all(torch.equal(value, state[key]) for key, value in network.state_dict().items())
