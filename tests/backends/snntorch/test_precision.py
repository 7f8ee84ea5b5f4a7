"""Spikes are exact in 32 and 64 bits, and nothing around a network makes its numbers shorter."""

import pytest
import torch

from neurobridge.backends.snntorch.network import RUNTIMES, SpikingNetwork
from neurobridge.errors import InputError
from tests.cases import GRAPHS, inputs_for

CASES = {f"{kind}-{code}": (build(code, steps, 0),) for kind, build, code, steps in GRAPHS}
CASES = {name: (graph, inputs_for(graph, 0)) for name, (graph,) in CASES.items()}


@pytest.mark.parametrize("case", CASES)
def test_autocast_around_a_network_changes_nothing(case):
    graph, inputs = CASES[case]
    network = SpikingNetwork(graph)
    given = tuple(map(torch.as_tensor, inputs))
    for runtime in RUNTIMES[network.code]:
        wanted = network.run(given, runtime)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = network.run(given, runtime)
        assert all(map(torch.equal, found, wanted))


@pytest.mark.parametrize("precision", ["half", "bfloat16"])
def test_numbers_that_hold_no_spike_counts_are_refused_before_anything_changes(precision):
    network = SpikingNetwork(CASES["convolutional-radix"][0])
    with pytest.raises(InputError, match=r"torch\.(b)?float16 is not torch\.float32 or torch\.float64"):
        getattr(network, precision)()
    assert {x.dtype for x in network.buffers() if x.is_floating_point()} == {torch.float32}


@pytest.mark.parametrize("then", [torch.float32, torch.float64])
@pytest.mark.parametrize("made", [torch.float32, torch.float64])
@pytest.mark.parametrize("case", CASES)
def test_a_network_fires_the_same_after_its_precision_has_changed(case, made, then):
    """On dyadic numbers many membranes just reach their threshold: the graph fires at it, snnTorch above it."""
    graph, inputs = CASES[case]
    changed = SpikingNetwork(graph, made).to(then)
    for runtime in RUNTIMES[changed.code]:
        wanted = SpikingNetwork(graph, torch.float64).run(tuple(map(torch.as_tensor, inputs)), runtime)
        for _ in range(2):
            found = changed.run(tuple(map(torch.as_tensor, inputs)), runtime)
            for mine, other in zip(found, wanted, strict=True):
                torch.testing.assert_close(mine.double(), other, rtol=1e-6, atol=1e-6)
            changed = changed.to(made).to(then)
