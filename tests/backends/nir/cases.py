"""Graphs that NIR can hold, neurons as other tools write them, and what it means that two networks fire alike."""

from collections.abc import Callable

import nir
import numpy as np

from neurobridge.backends import simulator
from neurobridge.graph.graph import Graph
from tests.backends.dynamical import DYNAMICAL, loop_of_two, spikes_for
from tests.cases import ANY_CODE, dyadic, inputs_for

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
