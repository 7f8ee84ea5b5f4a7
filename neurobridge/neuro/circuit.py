"""What is simulated: a function that builds named Brian2 objects on a given clock, and their number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from brian2 import BrianObject, Clock, Quantity

from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.stimuli import Stimulus


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """A simulation before it runs.

    Args:
        build: given a clock, returns name -> Brian2 object, all of them on that clock.
        neurons: how many neurons it has.
        dt: time step it was published with.
        synapses: how many synapses it has, roughly.
        bytes_per_synapse: memory of one synapse, from its number of variables.
        weight: how much longer a step takes than one of leaky neurons; conductance-based ones take about 5 times.
    """

    build: Callable[[Clock], Mapping[str, BrianObject]]
    neurons: int
    dt: Quantity
    synapses: int = 0
    bytes_per_synapse: int = 32
    weight: float = 1.0


def single(model: NeuronModel, stimulus: Stimulus, size: int = 1, dt: Quantity | None = None) -> Circuit:
    """Return unconnected neurons of one model under a stimulus; the group is called `neurons`."""
    return Circuit(
        build=lambda clock: {"neurons": model.group(size, stimulus, clock)},
        neurons=size,
        dt=model.dt if dt is None else dt,
    )
