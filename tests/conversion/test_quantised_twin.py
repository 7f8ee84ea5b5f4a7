"""Converted networks against fake-quantised twins that know nothing of the lowering."""

import copy

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import neurobridge as nb
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.graph.codes import CODES, quantum
from neurobridge.graph.nodes import Encode, Neurons, Population
from tests.conversion.networks import CNN, MLP, Residual, images

NETWORKS = {"mlp": MLP, "cnn": CNN, "residual": Residual}


class QuantisedTwin(torch.fx.Interpreter):
    """The exported network in float64, with every argument and every ReLU rounded to its population's levels.

    It takes the populations' ranges from the converted network, in order, and nothing else.
    """

    def __init__(self, model: nn.Module, x: Tensor, network: SpikingNetwork) -> None:
        program = torch.export.export(copy.deepcopy(model).double().eval(), (x.double(),))
        super().__init__(program.module(check_guards=False))
        self.populations: list[Population] = [*network.graph.of(Encode), *network.graph.of(Neurons)]
        self.code = network.code
        self.numbers: list[tuple[str, Tensor]] = []

    def _rounded(self, x: Tensor) -> Tensor:
        node = self.populations[len(self.numbers)]
        levels = CODES[self.code].levels(node.steps)
        unit = torch.as_tensor(quantum(node.low, node.high, self.code, node.steps, node.paired))
        n = torch.floor(x.abs() / unit + 0.5).clamp(max=levels) * x.sign()
        n = n if node.paired else n.clamp(min=0)
        self.numbers.append((node.name, n))
        return n * unit

    def placeholder(self, target, args, kwargs):
        return self._rounded(super().placeholder(target, args, kwargs))

    def call_function(self, target, args, kwargs):
        found = super().call_function(target, args, kwargs)
        return self._rounded(found) if str(target) == "aten.relu.default" else found


@settings(max_examples=15)
@given(
    name=st.sampled_from(sorted(NETWORKS)),
    seed=st.integers(0, 10**4),
    code=st.sampled_from([("radix", 8), ("radix", 3), ("latency", 24)]),
    signed=st.booleans(),
)
def test_the_network_is_its_quantised_twin(name, seed, code, signed):
    """Decoded numbers of every population equal, outputs to rounding; also for inputs beyond the calibrated range."""
    model = NETWORKS[name](seed)
    network = nb.convert(model, images(64, seed, signed), code=code[0], steps=code[1], dtype=torch.float64)
    x = (images(16, seed + 1, signed) * 1.3).double()
    twin = QuantisedTwin(model, x, network)
    expected = twin.run(x)
    torch.testing.assert_close(network(x), expected, rtol=1e-9, atol=1e-9)
    found: dict[str, Tensor] = {}
    network.run((x,), "fast", lambda node, n: found.__setitem__(node.name, n))
    assert len(twin.numbers) == len(twin.populations)
    for population, n in twin.numbers:
        if found[population].shape == n.shape:  # a maximum may stand behind its neurons instead of before them
            assert torch.equal(found[population], n), population
