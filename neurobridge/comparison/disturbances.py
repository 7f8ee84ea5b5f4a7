"""What noise, lost spikes and inexact weights cost: the ANN and its spiking forms under the same disturbance.

input noise      normal noise is added to the inputs; levels are its standard deviation in that of the inputs
lost spikes      each spike, or each activation of an ANN, gets lost on its way with this chance
weight mismatch  each weight is off by a normal relative error of this size, as on analog and mixed-signal hardware
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import final

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.comparison.contenders import ANN, SPIKING, Contender
from neurobridge.graph import maps
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Node, Synapses
from neurobridge.graph.scales import carrier
from neurobridge.tasks import Predict, Task
from neurobridge.tasks.control import ControlTask

UNITS, EPISODES = 500, 20  # test samples, or episodes, that each level is judged by
SEED = 7

LEVELS: Mapping[str, tuple[float, ...]] = {
    "input noise": (0.1, 0.2, 0.4),
    "lost spikes": (0.01, 0.05, 0.1),
    "weight mismatch": (0.05, 0.1, 0.2),
}
"""Disturbance -> the levels that are tried; the mismatch of memristive and subthreshold synapses is around 0.1."""

Curve = list[list[float]]


@final
@dataclass(frozen=True, kw_only=True)
class Disturbed:
    """A contender that can be disturbed.

    Args:
        contender: who it is.
        predict: it, undisturbed.
        network: its spiking form; for the ANN and a quantised ANN, a network that was converted from them.
        spread: standard deviation of the inputs it is judged by.
    """

    contender: Contender
    predict: Predict
    network: SpikingNetwork
    spread: float

    @property
    def graph(self) -> Graph:
        """What it computes, as data."""
        return self.network.graph


def robustness(task: Task, disturbed: Disturbed) -> Mapping[str, Curve]:
    """Return disturbance -> [level, score] for rising levels, the first without disturbance.

    Scores are on the same few test units for everyone; the noise of the inputs and the errors of the weights are the
    same for everyone too. Tokens have no noise.
    """
    limit = EPISODES if isinstance(task, ControlTask) else UNITS
    untouched = task.judge(disturbed.predict, limit=limit).summary
    found = {}
    for name, levels in LEVELS.items():
        if name == "input noise" and task.vocabulary:
            continue
        curve = [[0.0, untouched]]
        for level in levels:
            curve.append([level, task.judge(DISTURBANCES[name](task, disturbed, level), limit=limit).summary])
        found[name] = curve
    return found


def noisy(task: Task, disturbed: Disturbed, level: float) -> Predict:
    """Return a contender whose inputs are noisy."""
    generator = np.random.default_rng(SEED)
    own = task.carried if isinstance(task, ControlTask) else 0

    def predict(inputs: ndarray) -> ndarray:
        noise = generator.normal(0.0, level * disturbed.spread, inputs.shape)
        noise[..., inputs.shape[-1] - own :] = 0.0  # what an agent did and remembers is no input
        return disturbed.predict((inputs + noise).astype(inputs.dtype))

    return predict


def forgetful(task: Task, disturbed: Disturbed, level: float) -> Predict:
    """Return a contender that loses spikes; an ANN loses activations whole, whatever number of bits they have."""
    generator = torch.Generator().manual_seed(SEED)
    graph = disturbed.graph

    def kept(shape: torch.Size) -> Tensor:
        return torch.rand(shape, generator=generator) >= level

    def lose(node: Node, fired: Tensor) -> Tensor | None:
        if isinstance(node, Encode) and (node.current or node.size is not None):
            return None
        if disturbed.contender.kind == SPIKING and graph.code == "radix":
            return fired * _digits_kept(fired, carrier(graph, node).steps, kept)
        return fired * kept(fired.shape)

    if disturbed.contender.kind == ANN:
        analog = AnalogNetwork(graph)
        return _answering(lambda x: analog.run((x,), passed_on=lambda node, x: _whole(lose(node, x), x))[0])
    return _answering(lambda x: disturbed.network.run((x,), "fast", lose)[0])


def _whole(left: Tensor | None, before: Tensor) -> Tensor:
    return before if left is None else left


def _digits_kept(numbers: Tensor, steps: int, kept: Callable[[torch.Size], Tensor]) -> Tensor:
    """Return the share of each number that is left when each of its binary digits may get lost."""
    left = torch.zeros_like(numbers)
    magnitude = numbers.abs().int()
    for weight in CODES["radix"].weights(steps).astype(int):
        left += weight * ((magnitude & int(weight)) > 0) * kept(numbers.shape)
    return torch.where(magnitude > 0, left / numbers.abs(), torch.zeros_like(left))


def mismatched(task: Task, disturbed: Disturbed, level: float) -> Predict:
    """Return a contender whose weights are inexact."""
    graph = with_mismatch(disturbed.graph, level, SEED)
    if disturbed.contender.kind == ANN:
        analog = AnalogNetwork(graph)
        return _answering(lambda x: analog.run((x,))[0])
    network = SpikingNetwork(graph)
    return _answering(lambda x: network(x))  # type: ignore[arg-type, return-value]


def with_mismatch(graph: Graph, level: float, seed: int) -> Graph:
    """Return a graph each of whose weights w is w (1 + level e), e normal; biases and thresholds stay exact."""
    generator = np.random.default_rng(seed)

    def inexact(linear: maps.LinearMap) -> maps.LinearMap:
        if not isinstance(linear, maps.Dense | maps.Along | maps.Convolve):
            return linear
        return replace(linear, weight=linear.weight * (1 + level * generator.standard_normal(linear.weight.shape)))

    return graph.mapped(lambda n: replace(n, maps=tuple(map(inexact, n.maps))) if isinstance(n, Synapses) else n)


def _answering(network: Callable[[Tensor], Tensor]) -> Predict:
    def predict(inputs: ndarray) -> ndarray:
        with torch.no_grad():
            return network(torch.from_numpy(np.ascontiguousarray(inputs))).float().numpy()

    return predict


DISTURBANCES: Mapping[str, Callable[[Task, Disturbed, float], Predict]] = {
    "input noise": noisy,
    "lost spikes": forgetful,
    "weight mismatch": mismatched,
}
