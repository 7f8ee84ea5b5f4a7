"""Projections as Brian2 synapses, one copy for each sample, and the times at which layers work."""

from collections.abc import Mapping, Sequence

import numpy as np
from brian2 import BrianObject, Clock, NeuronGroup, Synapses, ms
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.graph.matrices import Projection
from neurobridge.neuro.recording import Recording

STEP = 1 * ms
"""A time step of the graph; the neurons know no other time."""


def connect(
    name: str,
    source: NeuronGroup,
    target: NeuronGroup,
    pairs: tuple[ndarray, ndarray, ndarray],
    on_pre: str,
    clock: Clock,
    delay: int = 0,
) -> BrianObject:
    """Return synapses between two groups.

    Args:
        name: of the Brian2 object.
        source: the group whose spikes arrive.
        target: the group that they reach.
        pairs: source index, target index and weight `w` of each synapse.
        on_pre: what a spike does.
        clock: of the simulation.
        delay: whole steps beside the one that every spike takes.
    """
    synapses = Synapses(
        source, target, "w : 1 (constant)", on_pre=on_pre, delay=delay * clock.dt, clock=clock, name=name
    )
    synapses.connect(i=pairs[0], j=pairs[1])
    synapses.w = pairs[2]
    return synapses


def copied(projection: Projection, sizes: tuple[int, int], samples: int) -> tuple[ndarray, ndarray, ndarray]:
    """Return source, target and weight of each synapse of all samples, which lie one after the other in their groups.

    Args:
        projection: of one sample.
        sizes: neurons of one sample in the source's and in the target's group.
        samples: how many.
    """
    copy = np.arange(samples)[:, None]
    sources = (projection.sources + copy * sizes[0]).ravel()
    targets = (projection.targets + copy * sizes[1]).ravel()
    return sources, targets, np.tile(projection.weights, samples)


def shifts(projections: Mapping[str, Sequence[Projection]], spiking: Sequence[str]) -> dict[str, int]:
    """Return node -> how many steps later than in the graph it works, since each spike takes one step to act.

    Args:
        projections: node -> what it reads.
        spiking: names of the nodes that spike; others are constants.

    Raises:
        InputError: a loop of neurons has fewer steps of delay than neurons, so that no shift fits.
    """
    found = dict.fromkeys(projections, 0)
    for _ in range(len(found) + 1):
        later = {
            name: max([found[name], *(found[p.source] + 1 - p.delay for p in rows if p.source in spiking)])
            for name, rows in projections.items()
        }
        if later == found:
            return found
        found = later
    raise InputError(
        "a loop of neurons has less delay than populations; in Brian2 each spike takes a step, so that it cannot be "
        "run: give the loop one step of delay for each population in it, or use the reference or snnTorch"
    )


def fired(recording: Recording, label: str, first: int, steps: int, samples: int) -> ndarray:
    """Return the spikes (step, sample, neuron) of a group from one step on."""
    train = recording.spikes[label]
    spikes = np.zeros((steps, train.size), dtype=np.int64)
    at = np.rint(np.asarray(train.time) / float(STEP)).astype(int) - first
    inside = (at >= 0) & (at < steps)
    spikes[at[inside], train.index[inside]] = 1
    return spikes.reshape(steps, samples, -1)
