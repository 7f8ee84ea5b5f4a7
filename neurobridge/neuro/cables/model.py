"""What a multicompartment neuron is: membrane equations, a shape and the paper, as frozen data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from brian2 import Clock, Morphology, Quantity, SpatialNeuron, metre, ms, siemens

from neurobridge.errors import InputError, lookup
from neurobridge.neuro import ranges
from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.stimuli import Stimulus


@dataclass(frozen=True, kw_only=True)
class CableModel:
    """A neuron with extent; it becomes a Brian2 `SpatialNeuron` only when it is simulated.

    Args:
        name: what it is called in the registry.
        equations: of the membrane current `Im` and its gates; a point current `I` is added by the stimulus.
        parameters: name -> published value; `Cm`, `Ri` and those of the shape are among them.
        shape: given the parameters, returns the morphology.
        reference: the paper.
        initial: state variable -> value.
        method: integrator of the gates; the cable itself is solved implicitly.
        dt: time step.
        threshold: condition for a spike at the far end, none if empty.
    """

    name: str
    equations: str
    parameters: Mapping[str, Quantity]
    shape: Callable[[Mapping[str, Quantity]], Morphology]
    reference: str
    initial: Mapping[str, Any]
    method: str = "exponential_euler"
    dt: Quantity = field(default_factory=lambda: 0.01 * ms)

    def with_parameters(self, **values: Quantity) -> "CableModel":
        """Return the model with other parameter values.

        Raises:
            UnknownNameError: the model has no such parameter.
            InputError: a value has other dimensions than the published one, or makes no sense.
        """
        for name, value in values.items():
            published = lookup(f"parameter of {self.name}", name, self.parameters)
            ranges.check(name, self.name, value, published)
        return replace(self, parameters={**self.parameters, **values})

    def circuit(self, stimulus: Stimulus, at: int = 0) -> Circuit:
        """Return the neuron, called `cable`, with a current injected into one compartment.

        Args:
            stimulus: the current.
            at: number of the compartment.

        Raises:
            InputError: there is no such compartment.
        """
        morphology = self.shape(self.parameters)
        compartments = morphology.total_compartments
        if not 0 <= at < compartments:
            raise InputError(f"compartment {at} does not exist; {self.name} has {compartments}, counted from 0.")

        def build(clock: Clock) -> dict[str, SpatialNeuron]:
            return {"cable": self._neuron(morphology, stimulus, at, clock)}

        return Circuit(build=build, neurons=compartments, dt=self.dt)

    def _neuron(self, morphology: Morphology, stimulus: Stimulus, at: int, clock: Clock) -> SpatialNeuron:
        values = {**self.parameters, **stimulus.parameters}
        lines = (self.equations, f"I = here*({stimulus.equation}) : amp (point current)", "here : 1 (constant)")
        neuron = SpatialNeuron(
            morphology=morphology,
            model="\n".join(lines),
            Cm=values["Cm"],
            Ri=values["Ri"],
            method=self.method,
            namespace={**values, **stimulus.functions},
            clock=clock,
            name="cable",
        )
        for name, value in self.initial.items():
            setattr(neuron, name, value)
        neuron.here = (np.arange(len(neuron)) == at).astype(float)
        return neuron


def length_constant(parameters: Mapping[str, Quantity]) -> Quantity:
    """Return sqrt(d Rm / (4 Ri)), the distance over which a steady voltage falls to 1/e."""
    product = parameters["diameter"] / (4 * parameters["gL"] * parameters["Ri"])
    return np.sqrt(float(product / metre**2)) * metre


def input_conductance(parameters: Mapping[str, Quantity]) -> Quantity:
    """Return the conductance that a current into the end of a semi-infinite passive cable meets."""
    area = np.pi * float(parameters["diameter"]) * float(length_constant(parameters))
    return area * float(parameters["gL"]) * siemens
