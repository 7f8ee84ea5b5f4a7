"""Which numbers of a graph's synapses a network learns, and the synapses with what it learnt."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from neurobridge.backends.snntorch.maps import Convolve, Dense, Scale
from neurobridge.backends.snntorch.synapses import Weights
from neurobridge.conversion.rules import attention, comparisons, sampling
from neurobridge.graph.nodes import Synapses

LEARNT: Mapping[type[nn.Module], str] = {Dense: "weight", Convolve: "weight", Scale: "factor"}
"""Kind of map -> its weights. Means and sums have none."""

GIVEN = frozenset({*sampling.RULES, *comparisons.RULES, *attention.RULES}) - {"embedding"}
"""Operations whose synapses hold places, masks and tables, which no network learns."""


def learnable(node: Synapses, module: Weights) -> Iterator[nn.Parameter]:
    """Yield the weights and biases of synapses that were a network's own.

    Not so a single number (an attention's scale, the 1 of 1 - z), a factor that holds zeros (a mask), a constant that
    is all zeros (a first state), and what sampling grids, comparisons and masks are made of.

    Args:
        node: synapses.
        module: that computes them.
    """
    if {part.split(" at ")[0] for part in node.origin.split("; ")} <= GIVEN:
        return
    for part in module.maps:
        weights = getattr(part, LEARNT.get(type(part), ""), None)
        if weights is not None and weights.ndim and not (isinstance(part, Scale) and bool((weights == 0).any())):
            yield weights
    bias = module.bias
    if bias is not None and bias.ndim and (node.maps or bool(bias.any())):
        yield bias


def with_learnt(node: Synapses, module: Weights) -> Synapses:
    """Return synapses with the numbers of a module, where it learns them."""
    bias = node.bias if module.bias is None or not module.bias.requires_grad else as_array(module.bias)
    return replace(node, maps=tuple(map(_learnt_map, node.maps, module.maps)), bias=bias)


def _learnt_map(linear: Any, module: nn.Module) -> Any:
    name = LEARNT.get(type(module), "")
    weights = getattr(module, name, None)
    return replace(linear, **{name: as_array(weights)}) if weights is not None and weights.requires_grad else linear


def as_array(x: Tensor) -> Any:
    """Return a tensor as an array in float64 that is nobody else's."""
    return x.detach().cpu().double().numpy().copy()
