"""One time step of the neurons of streaming codes, in numpy: integrate, leak, fire, reset or take back."""

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from neurobridge.graph.codes import CODES, quantum
from neurobridge.graph.neurons import first_membrane, integrate_and_fire
from neurobridge.graph.nodes import Dynamics, Neurons, Node


@dataclass(frozen=True, kw_only=True, eq=False)
class State:
    """Where neurons stand after a step.

    Attributes:
        membrane: the potential.
        current: the synaptic current.
        spikes: of this step.
        excess: how far the potential stood above the threshold when that was decided: in thresholds, for
            `Dynamics` in the unit of the membrane.
        sent: the sum of the spikes so far, for neurons that take spikes back.
    """

    membrane: Float[ndarray, "sample ..."]
    current: Float[ndarray, "sample ..."]
    spikes: Int[ndarray, "sample ..."]
    excess: Float[ndarray, "sample ..."]
    sent: Int[ndarray, "sample ..."] | None = None


def initial(node: Neurons) -> ndarray:
    """Return the membrane before the first step: half a threshold unless the node says otherwise."""
    return np.asarray(first_membrane(node) * (node.high - node.low))


def resting(node: Neurons | Dynamics, samples: int) -> State:
    """Return the state before the first step."""
    zeros = np.zeros((samples, *node.shape))
    if isinstance(node, Neurons):
        start = initial(node)
    else:
        start = np.zeros(()) if node.initial is None else node.initial
    return State(membrane=zeros + start, current=zeros, spikes=zeros.astype(np.int64), excess=zeros)


def unsettled(node: Neurons, samples: int) -> State:
    """Return the state of neurons that take spikes back before they got anything, the membrane in quanta."""
    zeros = np.zeros((samples, *node.shape))
    start = zeros + 0.5 - node.low / quantum(node.low, node.high, "signed", node.steps, node.paired)
    none = zeros.astype(np.int64)
    return State(membrane=start, current=zeros, spikes=none, excess=zeros, sent=none)


def settle(node: Neurons, before: State, drive: ndarray) -> State:
    """Return the state of neurons that take spikes back, one step later.

    q <- q + I / quantum;  s = [q >= 1 and m < L] - [q < 0 and m > 0];  q <- q - s;  m <- m + s. When nothing moves any
    more, m is the whole number between 0 and L next to the drive.
    """
    assert before.sent is not None
    membrane = before.membrane + drive / quantum(node.low, node.high, "signed", node.steps, node.paired)
    room, debt = before.sent < CODES["signed"].levels(node.steps), before.sent > 0
    spikes = (room & (membrane >= 1)).astype(np.int64) - (debt & (membrane < 0))
    over, under = np.where(room, membrane - 1, np.nan), np.where(debt, -membrane, np.nan)
    nearer = ~(np.abs(under) >= np.abs(over))
    return State(
        membrane=membrane - spikes,
        current=drive,
        spikes=spikes,
        excess=np.where(nearer & ~np.isnan(under), under, over),
        sent=before.sent + spikes,
    )


@singledispatch
def advance(node: Node, before: State, drive: ndarray) -> State:
    """Return the state of neurons one step later.

    Raises:
        TypeError: the node has no dynamics.
    """
    raise TypeError(f"no dynamics for {type(node).__name__}")


@advance.register
def _(node: Neurons, before: State, drive: ndarray) -> State:
    spikes, membrane = integrate_and_fire(node, before.membrane, drive)
    theta = node.high - node.low
    return State(
        membrane=membrane, current=drive, spikes=spikes, excess=(before.membrane + drive - node.low - theta) / theta
    )


@advance.register
def _(node: Dynamics, before: State, drive: ndarray) -> State:
    current = drive if node.alpha is None else node.alpha * before.current + drive
    bias = 0.0 if node.bias is None else node.bias
    if node.reset is None:
        membrane = node.beta * np.where(before.spikes > 0, 0.0, before.membrane) + current + bias
    else:
        membrane = node.beta * before.membrane + current + bias - node.reset * before.spikes
    excess = membrane - node.threshold
    return State(membrane=membrane, current=current, spikes=(excess > 0).astype(np.int64), excess=excess)


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """The neurons of a streaming population as one list, whatever node they come from, for simulators of neurons.

    Attributes:
        beta: what is left of the membrane after a step.
        alpha: what is left of the synaptic current; None: there is none.
        threshold: of the membrane.
        reset: what a spike takes from the membrane at the next step; None: everything.
        bias: of the membrane.
        initial: membrane before the first step.
        at: whether they fire at the threshold, not only above it.
    """

    beta: Float[ndarray, " neuron"]
    alpha: Float[ndarray, " neuron"] | None
    threshold: Float[ndarray, " neuron"]
    reset: Float[ndarray, " neuron"] | None
    bias: Float[ndarray, " neuron"]
    initial: Float[ndarray, " neuron"]
    at: bool


def cells(node: Neurons | Dynamics) -> Cells:
    """Return the neurons of a node; a late reset is the same as one at once where nothing leaks."""
    if isinstance(node, Neurons):
        theta = np.asarray(node.high - node.low)
        parts = {"beta": 1.0, "alpha": None, "threshold": theta, "reset": theta, "bias": -node.low}
        values: dict[str, ndarray | float | None] = {**parts, "initial": initial(node)}
    else:
        values = {name: getattr(node, name) for name in ("beta", "alpha", "threshold", "reset")}
        values |= {name: 0.0 if getattr(node, name) is None else getattr(node, name) for name in ("bias", "initial")}
    flat: dict[str, Any] = {
        name: None if x is None else np.broadcast_to(x, node.shape).reshape(-1).astype(float)
        for name, x in values.items()
    }
    return Cells(at=isinstance(node, Neurons), **flat)
