"""One seed reaches everything random that can be simulated by name: equal seeds give equal spikes, others differ."""

import numpy as np
import pytest
from brian2 import ms, second

from neurobridge.errors import InputError
from neurobridge.neuro import catalogue, manner, simulate
from neurobridge.neuro.networks import NETWORKS
from neurobridge.neuro.result import load

NAMES = [catalogue.full_name(kind, name) for kind, table in catalogue.KINDS.items() for name in table.members]
NEURON_PROTOCOLS = [("leaky", name) for name in catalogue.KINDS["neuron"].protocols if name != "phase-plane"]
NEURON_PROTOCOLS += [("fitzhugh-nagumo", "phase-plane")]
SILENT = {"voltage", "inhibitory", "reward"}
"""Plasticity rules that the protocols of pairs don't fit."""


class Begun(Exception):  # noqa: N818 - it ends a run that has gone as far as the test looks
    """A simulation has seeded its random numbers."""


def begun_with(monkeypatch, *words, **options):
    """Return the seed that a simulation by name begins with."""

    def stop(seed):
        raise Begun(seed)

    monkeypatch.setattr(simulate, "_random_numbers", stop)
    with manner.running(manner.Manner(target="numpy")), pytest.raises(Begun) as ended:
        catalogue.run(*words, **options)
    return ended.value.args[0]


@pytest.mark.parametrize(
    ("name", "protocol"), [(name, None) for name in NAMES if name not in SILENT] + NEURON_PROTOCOLS
)
def test_the_seed_reaches_every_simulation(name, protocol, monkeypatch):
    assert begun_with(monkeypatch, name, protocol, seed=7) == 7
    assert begun_with(monkeypatch, name, protocol) == 0


def spikes(name, seed, **options):
    """Return the spikes of a short run by name, or the rates that it has in their place."""
    with manner.running(manner.Manner(target="numpy")):
        found = catalogue.run(name, seed=seed, **options)
    assert found.seed == seed
    return np.asarray(next(getattr(found, kept) for kept in ("spike_time", "spikes", "rate") if hasattr(found, kept)))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("poisson", {}),
        ("spike-response", {"duration": 400 * ms}),
        ("leaky", {"protocol": "noisy-rate", "neurons": 5, "duration": 200 * ms}),
        ("synfire", {"duration": 60 * ms}),
        ("ping", {"duration": 50 * ms, "start": 10 * ms}),
    ],
)
def test_equal_seeds_give_equal_spikes_and_others_differ(name, options):
    first, again, other = (spikes(name, seed, **options) for seed in (3, 3, 4))
    assert len(first)
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other, equal_nan=True)


@pytest.mark.parametrize("name", ["microcircuit", "synfire", "decision"])
def test_what_a_network_draws_itself_follows_the_seed(name):
    network = catalogue.with_settings(NETWORKS[name], {"scale": "0.02"} if name == "microcircuit" else {})
    drawn = []
    for seed in (3, 3, 4):
        with manner.running(manner.Manner(seed=seed)), simulate._preferences("numpy"), simulate._random_numbers(0):
            _, objects, _ = simulate.assemble(network.circuit(), (), 0.1 * ms)
            drawn.append(WIRING[name](objects))
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


WIRING = {
    "microcircuit": lambda objects: np.array(objects["excitation"].i)[:100],
    "synfire": lambda objects: np.sort(np.array(objects["volley"]._spike_time))[:20],
    "decision": lambda objects: objects["pyramidal"].namespace["evidence"].values.ravel(),
}


def test_a_saved_result_says_what_it_started_from(tmp_path):
    found = catalogue.run("poisson", seed=5)
    assert load(found.save(tmp_path / "a")).seed == 5


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True])
def test_other_seeds_are_refused(seed):
    with pytest.raises(InputError, match=r"seed is .*; random numbers start from a whole number from 0 to 4294967295"):
        catalogue.run("poisson", seed=seed)
    with pytest.raises(InputError, match="seed is"):
        manner.Manner(seed=seed)
    with pytest.raises(InputError, match="seed is"):
        simulate.simulate(NETWORKS["ping"].circuit(), 1 * second, seed=seed)
