"""Parts of a Nengo network: ensembles driven neuron by neuron, sparse connections, and delays."""

import nengo
import numpy as np
from numpy import ndarray

from neurobridge.backends.nengo.neurons import GraphNeurons
from neurobridge.graph.matrices import Projection


def ensemble(neurons: GraphNeurons, size: int, label: str, bias: ndarray | None = None) -> nengo.Ensemble:
    """Return an ensemble of neurons, each with its own bias and no encoder that matters."""
    return nengo.Ensemble(
        size,
        dimensions=1,
        neuron_type=neurons,
        gain=np.ones(size),
        bias=np.zeros(size) if bias is None else bias,
        encoders=np.ones((size, 1)),
        eval_points=np.zeros((1, 1)),
        seed=0,
        label=label,
    )


def connect(source: nengo.Ensemble, target: nengo.Node | nengo.Ensemble, p: Projection, samples: int) -> None:
    """Connect the neurons of two parts for all samples; without delay a spike acts in its own step.

    Args:
        source: what spikes, or a node with numbers.
        target: what is driven.
        p: the projection of one sample; samples lie one after the other in both parts.
        samples: how many.
    """
    before, behind = (part.neurons if isinstance(part, nengo.Ensemble) else part for part in (source, target))
    copy = np.arange(samples)[:, None]
    rows = (p.targets + copy * (behind.size_in // samples)).ravel()
    columns = (p.sources + copy * (before.size_out // samples)).ravel()
    weights = nengo.Sparse(
        (behind.size_in, before.size_out), indices=np.stack([rows, columns], axis=1), init=np.tile(p.weights, samples)
    )
    for _ in range(p.delay - 1):
        relay = nengo.Node(size_in=before.size_out)
        nengo.Connection(before, relay, synapse=0)
        before = relay
    # Nengo's synapse of no time constant still takes one step; only None acts at once
    nengo.Connection(before, behind, transform=weights, synapse=0 if p.delay else None)


def input_node(values: ndarray, label: str) -> nengo.Node:
    """Return a node that gives one row of `values` (step, number) at each step."""

    def now(t: float) -> ndarray:
        return values[min(round(t / STEP_SECONDS), len(values)) - 1]  # Nengo's first step is at t = dt

    return nengo.Node(now, size_out=values.shape[1], label=label)


STEP_SECONDS = 0.001
"""Nengo's own default; the neurons here know no time but steps."""


def run(network: nengo.Network, steps: int) -> nengo.Simulator:
    """Return the simulator of a network after some steps."""
    with nengo.Simulator(network, dt=STEP_SECONDS, progress_bar=False, optimize=False) as simulator:
        simulator.run_steps(steps)
    return simulator
