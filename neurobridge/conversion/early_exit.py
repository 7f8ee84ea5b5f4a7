"""Stopping a rate network when its choice is decided."""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.backends.snntorch.streaming import arriving, scan
from neurobridge.errors import InputError
from neurobridge.graph.nodes import Dynamics


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Decided:
    """What was chosen, and when.

    Attributes:
        choices: place of the largest membrane when the network stopped.
        steps: at which it stopped, from 1.
    """

    choices: Int[ndarray, " sample"]
    steps: Int[ndarray, " sample"]


def decide(network: SpikingNetwork, *inputs: Tensor | ndarray, margin: float) -> Decided:
    """Return choices made at the first step at which the largest membrane leads the next by more than a margin.

    The readouts' membranes are sums over the steps, whose error by late and early spikes does not grow with time,
    while the lead of the right choice does: so one margin holds for all steps.

    Args:
        network: of the rate code, with one output of two or more numbers.
        inputs: as the network takes them.
        margin: in the unit of the outputs times steps; see `fitted_margin`.

    Raises:
        InputError: another code or another kind of output.
    """
    choices, leads = _course(network, inputs)
    open_until_now = np.maximum.accumulate(leads, axis=0) <= margin
    last = np.minimum(open_until_now.sum(axis=0), len(leads) - 1)
    return Decided(choices=np.take_along_axis(choices, last[None], axis=0)[0], steps=last + 1)


def fitted_margin(network: SpikingNetwork, *inputs: Tensor | ndarray, disagreement: float = 0.001) -> float:
    """Return a margin with which so few of some samples are chosen otherwise than after all steps.

    A sample is safe with any margin at least as large as every lead that another choice than its last one had.

    Args:
        network: of the rate code.
        inputs: calibration data.
        disagreement: largest share of samples that may change.

    Raises:
        InputError: a share that is not between 0 and 1, or a network of another kind.
    """
    if not 0 <= disagreement < 1:
        raise InputError(f"disagreement is {disagreement}; it is a share from 0 to below 1")
    choices, leads = _course(network, inputs)
    needed = np.sort(np.where(choices != choices[-1], leads, 0.0).max(axis=0))
    return float(needed[len(needed) - 1 - int(disagreement * len(needed))])


@torch.no_grad()
def _course(
    network: SpikingNetwork, inputs: tuple[Tensor | ndarray, ...]
) -> tuple[Int[ndarray, "step sample"], Float[ndarray, "step sample"]]:
    """Return the choice after each step, and by how much its membrane leads the next."""
    shapes = [node.shape for node in network.graph.outputs]
    if (
        network.code != "rate"
        or network.graph.of(Dynamics)
        or len(shapes) != 1
        or len(shapes[0]) != 1
        or shapes[0] == (1,)
    ):
        raise InputError("early exit takes networks of the rate code with one output, of two classes or more")
    network(*(x[:1] for x in inputs))  # refuses what the network does not take
    given = tuple(torch.as_tensor(x).to(network.device, network.dtype) for x in inputs)
    membranes = _currents(network, given).cumsum(dim=0)
    best = membranes.topk(2, dim=-1)
    leads = (best.values[..., 0] - best.values[..., 1]).double()
    return best.indices[..., 0].cpu().numpy(), leads.cpu().numpy()


def _currents(network: SpikingNetwork, inputs: tuple[Tensor, ...]) -> Float[Tensor, "step sample target"]:
    """Return what arrives at the readout at each step."""
    given = network.wired.given(inputs)
    (found,) = arriving(
        network.wired, network.parts, given, lambda node, x: scan(network.parts[node.name], x, network.steps)
    )
    return found.expand(network.steps, *found.shape[1:])
