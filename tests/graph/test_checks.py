"""Every graph that cannot run is refused by name; every graph of the cases is not."""

from dataclasses import replace

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.graph import maps
from neurobridge.graph.checks import check
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Analog, Edge, Gate, Loop, Node, Port, Readout, Synapses, Winner
from tests.cases import GRAPHS, Sketch, convolutional, gated, pooled_maximum, shared_numbers, tables, tokens


def changed(graph: Graph, old: str, /, **changes: object) -> Graph:
    """Return a graph with some attributes of one node changed, in the same order."""
    return replace(graph, nodes=tuple(replace(n, **changes) if n.name == old else n for n in graph.nodes))


def name_of(graph: Graph, kind: type[Node], position: int = 0) -> str:
    return graph.of(kind)[position].name


@pytest.mark.parametrize(("name", "build", "code", "steps"), GRAPHS, ids=[f"{g[0]}-{g[2]}" for g in GRAPHS])
def test_graphs_that_run_pass(name, build, code, steps):
    check(build(code, steps))


RADIX, RATE = convolutional("radix", 4), convolutional("rate", 4)

WRONG = {
    "steps is 0; the radix code takes": replace(RADIX, steps=0),
    "unknown code 'radicks'": replace(RADIX, code="radicks"),
    "two nodes named 'relu2'": replace(RADIX, nodes=(*RADIX.nodes, RADIX.by_name["relu2"])),
    "a node is named ''; a name has": changed(RADIX, "output0", name=""),
    "a node is named 'a.b'; a name has": changed(RADIX, "output0", name="a.b"),
    "no encoder or no readout": replace(RADIX, nodes=RADIX.nodes[:-1]),
    "reads 'nobody', which is not in the graph": changed(RADIX, "output0", inputs=(Edge(source="nobody"),)),
    "stands before 'input0', which it reads": replace(RADIX, nodes=(*RADIX.nodes[1:], RADIX.nodes[0])),
    "a cycle without delay through": changed(RADIX, "synapses1", inputs=(Edge(source="relu2"),)),
    "with the delay -1": changed(RATE, "output0", inputs=(Edge(source="synapses7", delay=-1),)),
    "has a delayed input; delays need a streaming code": changed(
        RADIX, "output0", inputs=(Edge(source="synapses7", delay=1),)
    ),
    r"positions of \['output0'\] are not 0 \.\.\. 0": changed(RADIX, "output0", position=3),
    r"'input0' starts at 1\.0 of its threshold": changed(RADIX, "input0", initial=np.ones(())),
    r"'input0' and 'input0other' read the same argument in unlike shapes": changed(
        shared_numbers("radix", 3), "input0other", shape=(5,)
    ),
    r"'relu2' \(Neurons\) has 0 inputs, not 1": changed(RADIX, "relu2", inputs=()),
    "has shape .*, but its drive gives": changed(RADIX, "relu2", shape=(1, 6, 6)),
    "has shape .*, but its map gives": changed(RADIX, "synapses3", shape=(1, 3, 3)),
    "reading 'relu2': Dense cannot take a sample of shape": changed(
        RADIX, "synapses3", maps=(maps.Dense(weight=np.ones((1, 1))),)
    ),
    "axes are 1 or more": changed(RADIX, "input0", shape=(1, 0, 6)),
    "numbers 268435456 or fewer": changed(RADIX, "input0", shape=(2**15, 2**15)),
    "steps of 'relu2' is 99": changed(RADIX, "relu2", steps=99),
    "'relu2' has no range": changed(RADIX, "relu2", high=np.array(np.nan)),
    "'relu2' has no range .*; calibrate the graph": changed(RADIX, "relu2", high=np.zeros(())),
    "low of node 'relu2' has shape": changed(RADIX, "relu2", low=np.zeros(5)),
    "unknown function 'rleu'; did you mean 'relu'": changed(RADIX, "relu2", function="rleu"),
    "codes sigmoid without a threshold table": changed(RADIX, "relu2", function="sigmoid"),
    "gives sigmoid the arguments": changed(RADIX, "relu2", function="sigmoid", arguments=(1.0, 2.0)),
    "not 15 ascending numbers": changed(RADIX, "relu2", function="sigmoid", table=np.arange(15.0)[::-1].copy()),
    "that is not 15 ascending": changed(RADIX, "relu2", function="sigmoid", table=np.r_[np.inf, np.zeros(14)]),
    "has a threshold table, which the rate code": changed(RATE, "relu2", table=np.zeros(4)),
    "is paired or of other steps": changed(RATE, "relu2", paired=True),
    "of other steps; the rate": changed(RATE, "relu2", steps=5),
    "must inject its numbers as a current": changed(RATE, "input0", current=False),
    "an input at every step; that needs a streaming code": changed(RADIX, "input0", current=True),
    r"starts at 1\.0 of its threshold; it must be in \[0, 1\)": changed(RATE, "relu2", initial=np.ones(())),
    "bias of node 'synapses1' has shape": changed(RADIX, "synapses1", bias=np.zeros((5, 1, 1))),
    "reads the tokens 'input0' without an embedding": changed(
        tokens("radix", 4), "synapses2", maps=(maps.Identity(), maps.Identity()), shape=(3, 5)
    ),
    "has 4 tokens, but the shape": changed(tokens("radix", 4), "input0", size=4),
    "which no backend runs": replace(
        RADIX, nodes=(*RADIX.nodes, Analog(name="a", inputs=(Edge(source="input0"),), shape=(1,), operation="sort"))
    ),
    "has neither inputs nor a bias": replace(
        RADIX, nodes=(*RADIX.nodes, Synapses(name="a", inputs=(), shape=(1,), maps=()))
    ),
}


@pytest.mark.parametrize("message", WRONG)
def test_graphs_that_cannot_run_are_refused(message):
    with pytest.raises(InputError, match=message):
        check(WRONG[message])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite_name_their_node(bad):
    weight = maps.Dense(weight=np.full((4, 2), bad))
    with pytest.raises(InputError, match=r"node 'synapses7' has parameters that are not finite numbers"):
        check(changed(RADIX, "synapses7", maps=(weight,)))
    with pytest.raises(InputError, match="not finite"):
        check(changed(RADIX, "synapses1", bias=np.full((3, 1, 1), bad)))


def test_ranges_may_be_unknown_before_calibration():
    unknown = changed(RADIX, "relu2", high=np.array(np.nan))
    check(unknown, calibrated=False)


GATES = [
    (0, "ij;jk", "write one such as 'ij,jk->ik'"),
    (0, "ij,ki->jk", "but its factors have"),
    (0, "ij,kj->iz", "whose result is not defined"),
    (0, "ij,kj->ii", "whose result is not defined"),
    (1, "ik,kj->ji", r"has shape \(3, 4\), but its equation gives \(4, 3\)"),
    (0, "", "but its factor gives"),
]


@pytest.mark.parametrize(("position", "equation", "message"), GATES)
def test_products_that_do_not_fit_are_refused(position, equation, message):
    graph = gated("radix", 3)
    with pytest.raises(InputError, match=message):
        check(changed(graph, name_of(graph, Gate, position), equation=equation))


RACES = {
    "does not spike": {"inputs": (Edge(source="synapses1"),)},
    "over axes that": {"kernel": (1,) * 4, "stride": (1,) * 4, "padding": (0,) * 4, "dilation": (1,) * 4},
    "PyTorch does not have": {"padding": (2, 2)},
    "but its competitors gives": {"stride": (1, 1)},
    "whose ranges differ": {"axes": (-3,), "shape": (1, 6, 6)},
}


@pytest.mark.parametrize("message", RACES)
def test_races_that_cannot_be_decided_are_refused(message):
    graph = pooled_maximum("radix", 3)
    with pytest.raises(InputError, match=message):
        check(changed(graph, name_of(graph, Winner), **RACES[message]))


def test_a_race_of_pairs_is_refused():
    s = Sketch("radix", 3)
    x = s.neurons(s.dense(s.encode(2, 4), 4), "identity", paired=True)
    with pytest.raises(InputError, match="maximum of ON/OFF pairs"):
        check(s.graph(s.winner(x)))


@pytest.mark.parametrize("kind", ["winner", "gate"])
def test_a_streaming_code_carries_neither_races_nor_products(kind):
    s = Sketch("rate", 4)
    x = s.neurons(s.encode(2, 4))
    with pytest.raises(InputError, match="needs a windowed code, not rate"):
        check(s.graph(s.winner(x) if kind == "winner" else s.gate(x, x)))


def loop(**changes: object) -> Graph:
    """Return a graph with a loop that sums its sequence, some attributes of the loop changed."""
    ports = tuple(Port(name=f"port{i}", inputs=(), shape=(3,), position=i) for i in (0, 1))
    edges = (Edge(source="port0"), Edge(source="port1"))
    total = Synapses(name="total", inputs=edges, shape=(3,), maps=(maps.Identity(),) * 2)
    ends = tuple(Readout(name=f"end{i}", inputs=(Edge(source="total"),), shape=(3,), position=i) for i in (0, 1))
    body = Graph(code="radix", steps=3, nodes=(*ports, total, *ends))
    s = Sketch("radix", 3)
    sequence, first = s.encode(5, 3), s.encode(3)
    inputs = (Edge(source=sequence), Edge(source=first))
    node = replace(Loop(name="loop", inputs=inputs, shape=(5, 3), body=body, sequences=1), **changes)
    s.nodes.append(node)
    return s.graph("loop")


def called(*names: tuple[str, str]) -> Graph:
    """Return a graph whose outputs have these keys and records."""
    s = Sketch("radix", 3)
    graph = s.graph(*(s.encode(2) for _ in names))
    renamed = {
        node.name: replace(node, key=key, record=record)
        for node, (key, record) in zip(graph.outputs, names, strict=True)
    }
    return replace(graph, nodes=tuple(renamed.get(node.name, node) for node in graph.nodes))


def test_outputs_may_have_names():
    check(called(("logits", ""), ("the value", "")))
    check(called(("logits", "Heads"), ("value", "Heads")))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((("a", ""), ("", "")), "the outputs are called .*all have names of their own, or none has"),
        ((("a", ""), ("a", "")), "all have names of their own, or none has"),
        ((("a", "Heads"), ("b", "")), "which no named tuple can be"),
        ((("a", "Heads"), ("the value", "Heads")), "which no named tuple can be"),
        ((("a", "class"), ("b", "class")), "which no named tuple can be"),
        ((("_a", "Heads"), ("b", "Heads")), "which no named tuple can be"),
        ((("", "Heads"), ("", "Heads")), "which no named tuple can be"),
    ],
)
def test_names_that_outputs_cannot_have_are_refused(names, message):
    with pytest.raises(InputError, match=message):
        check(called(*names))


def test_a_loop_that_fits_passes():
    check(loop())


def test_loops_that_do_not_fit_are_refused():
    body = loop().by_name["loop"].body
    wrong = {
        "speaks the latency code in a graph of the radix code": {"body": replace(body, code="latency")},
        "needs one port for each input": {"inputs": (Edge(source="input0"),)},
        "needs a sequence among its inputs": {
            "sequences": 0,
            "body": replace(body, nodes=(*body.nodes, replace(body.nodes[-1], name="end2", position=2))),
        },
        "port 'port0' of loop 'loop' has shape": {"shape": (4, 3)},
        r"node 'loop' has shape \(5, 2\), but its body gives \(5, 3\)": {"shape": (5, 2)},
        "two nodes named 'input0'": {"body": changed(body, "end0", name="input0")},
    }
    for message, changes in wrong.items():
        with pytest.raises(InputError, match=message):
            check(loop(**changes))


def test_tables_of_paired_populations_have_twice_the_levels():
    graph = tables("radix", 3)
    name = next(node.name for node in graph.populations if node.paired and getattr(node, "table", None) is not None)
    with pytest.raises(InputError, match="not 14 ascending numbers"):
        check(changed(graph, name, table=np.zeros(7)))
