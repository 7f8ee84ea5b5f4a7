"""verify: the same spikes in every simulator; a planted fault is found where it is; exit codes; files; pictures."""

import json
from dataclasses import replace

import numpy as np
import pytest

import neurobridge
from benchmarks.verification import random_network
from neurobridge.backends import SIMULATORS
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.cli.main import main
from neurobridge.comparison import verify as module
from neurobridge.comparison.verify import verify
from neurobridge.conversion.files import save
from neurobridge.errors import InputError, UnknownNameError
from neurobridge.graph import reference
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Synapses
from tests.cases import convolutional, gated, inputs_for, pooled_maximum, tokens

QUICK = ("snntorch", "nengo")
"""Brian2 takes seconds to build; the conformance tests run it on every graph."""


def planted(name: str, population: str, place: tuple[int, ...], monkeypatch):
    """Let a simulator fire one spike more or less than it does."""
    real = module.simulator

    def broken(asked: str):
        def simulate(graph, inputs):
            run = real(asked)(graph, inputs)
            if asked == name:
                spikes = run.spikes[population].copy()
                spikes[place] = 1 - spikes[place]
                run = replace(run, spikes=run.spikes | {population: spikes})
            return run

        return simulate

    monkeypatch.setattr(module, "simulator", broken)


@pytest.mark.parametrize("seed", range(9))
def test_random_networks_fire_alike_on_exact_arithmetic(seed):
    """The claim of the benchmark, on a few of its networks."""
    found = verify(random_network(seed), samples=2, exact=True, simulators=QUICK, seed=seed)
    assert found.differing == 0
    assert found.spikes > 0
    assert set(found.outputs.values()) == {0.0}
    assert not found.refused


def test_all_simulators_on_a_network_as_it_is():
    found = neurobridge.verify(SpikingNetwork(convolutional("rate", 5, 1)), samples=2)
    assert {row.simulator for row in found.rows} == set(SIMULATORS) - {"reference"}
    assert found.differing == 0
    assert found.bits is None
    assert "random numbers inside the calibrated range (seed 0)" in found.inputs
    assert {"brian2", "nengo", "snntorch", "numpy"} == set(found.versions)


def test_a_planted_difference_is_found_where_it_is(monkeypatch):
    planted("nengo", "relu2", (3, 1, 2, 4, 5), monkeypatch)
    graph = convolutional("rate", 5, 1)
    found = verify(graph, inputs_for(graph, 0), simulators=QUICK)
    wrong = [row for row in found.rows if row.differing]
    assert [(row.simulator, row.population, row.differing) for row in wrong] == [("nengo", "relu2", 1)]
    first = wrong[0].first
    assert (first.step, first.sample, first.neuron) == (3, 1, (2, 4, 5))
    assert first.reference == 1 - first.simulator
    assert first.membrane == pytest.approx(first.reference_membrane, abs=1e-9)
    assert (first.reference_membrane >= 0) == bool(first.reference)  # it fires at or above its threshold
    assert "first difference, nengo: relu2, neuron (2, 4, 5), sample 1, step 3" in found.table()


def test_the_first_difference_is_the_first_in_time(monkeypatch):
    graph = convolutional("rate", 5, 1)
    planted("nengo", "relu2", (slice(2, 4), 0, 0, 0, 0), monkeypatch)
    row = next(row for row in verify(graph, samples=2, simulators=QUICK).rows if row.differing)
    assert row.differing == 2
    assert row.first.step == 2


def test_what_a_simulator_cannot_run_is_said_and_not_counted():
    found = verify(gated("radix", 3, 0), samples=2, simulators=QUICK)
    assert "is a product of two populations" in found.refused["nengo"]
    assert {row.simulator for row in found.rows} == {"snntorch"}
    assert "nengo was left out: Nengo cannot run this network" in found.table()


def test_inputs_are_the_first_of_those_given_and_random_ones_fit():
    graph = tokens("radix", 3, 0)
    drawn = verify(graph, samples=3, simulators=["snntorch"])
    assert drawn.samples == 3
    given = verify(graph, inputs_for(graph, 0, samples=5), samples=2, simulators=["snntorch"])
    assert given.inputs == "the first 2 of 5 inputs given"
    assert next(iter(given.runs["snntorch"].spikes.values())).shape[1] == 2


def test_what_cannot_be_verified_is_refused():
    graph = convolutional("rate", 5, 1)
    with pytest.raises(UnknownNameError, match="unknown simulator 'nest'"):
        verify(graph, simulators=["nest"])
    with pytest.raises(InputError, match="samples is 0"):
        verify(graph, samples=0)
    with pytest.raises(InputError, match="hold no sample, or numbers that are not finite"):
        verify(graph, np.full((1, 1, 6, 6), np.nan))
    with pytest.raises(InputError, match="a grid has a whole number of binary places"):
        verify(graph, exact=True, bits=99)


def test_the_picture_marks_each_difference_once(monkeypatch):
    graph = pooled_maximum("radix", 3, 0)
    population = next(iter(verify(graph, samples=1, simulators=["snntorch"]).runs["reference"].spikes))
    planted("nengo", population, (1, 0, 0, 0, 0), monkeypatch)
    axes = verify(graph, samples=1, simulators=QUICK).figure().axes[0]
    rings = [line for line in axes.lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in rings) == 1
    assert rings[0].get_xdata()[0] == 1.5  # in the middle of its step
    assert {"reference", "snntorch", "nengo", "differs"} == {text.get_text() for text in axes.get_legend().get_texts()}


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "net.nb"
    save(SpikingNetwork(convolutional("rate", 4, 1)), path)
    return path


def test_the_verb_prints_and_saves(stored, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(module, "installed", lambda: ("reference", *QUICK))
    np.savez(tmp_path / "x.npz", x=inputs_for(convolutional("rate", 4, 1), 0)[0])
    words = ["verify", str(stored), "--exact", "--bits", "8", "--samples", "2", "--out", str(tmp_path / "out")]
    assert main([*words, "--inputs", str(tmp_path / "x.npz")]) == 0
    shown = capsys.readouterr().out
    assert "on a grid of 2^-8; 2 inputs: the first 2 of 3 inputs given" in shown
    assert " 0 of " in shown.replace("\n", " ")
    assert max(map(len, shown.split("saved:")[0].splitlines())) <= 80
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "verification.json", "verification.png", "verification.svg",
    }  # fmt: skip
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["differing"] == 0
    assert {"population", "simulator", "spikes", "differing", "first", "margin"} <= set(found["rows"][0])


def test_exact_differences_exit_with_1_and_others_do_not(stored, capsys, monkeypatch):
    monkeypatch.setattr(module, "installed", lambda: ("reference", *QUICK))
    planted("nengo", "relu2", (0, 0, 0, 0, 0), monkeypatch)
    assert main(["verify", str(stored)]) == 0
    with pytest.raises(SystemExit) as stopped:
        main(["verify", str(stored), "--exact"])
    assert stopped.value.code == 1
    assert "1 of " in capsys.readouterr().out


def test_a_simulator_of_yours_is_judged_beside_ours():
    """One that forgets biases is found, in every population behind one; one that does not, is not."""
    network = random_network(0)
    graph = network if isinstance(network, Graph) else network.graph

    def forgetful(graph, inputs):
        bare = graph.mapped(lambda node: replace(node, bias=None) if isinstance(node, Synapses) else node)
        return reference.run(bare, *inputs)

    others = {"careful": lambda graph, inputs: reference.run(graph, *inputs), "forgetful": forgetful}
    found = verify(graph, samples=2, simulators=("reference",), others=others)
    wrong = {row.simulator: row.differing for row in found.rows if row.differing}
    assert set(wrong) == {"forgetful"} and {row.simulator for row in found.rows} == set(others)
    assert found.outputs["careful"] == 0 < found.outputs["forgetful"]
    with pytest.raises(InputError, match="nengo: that is a simulator of ours"):
        verify(graph, others={"nengo": forgetful})
