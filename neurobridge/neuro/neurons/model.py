"""What a neuron model is: equations, parameters with units and the paper, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from brian2 import Clock, NeuronGroup, Quantity, amp, ms
from brian2.units.fundamentalunits import get_dimensions

from neurobridge.errors import InputError, lookup
from neurobridge.neuro import ranges
from neurobridge.neuro.quantities import same_dimensions
from neurobridge.neuro.stimuli import Stimulus
from neurobridge.neuro.synapses.model import SynapseModel


@dataclass(frozen=True, kw_only=True)
class NeuronModel:
    """A spiking neuron as data; it becomes Brian2 objects only when it is simulated.

    Args:
        name: what it is called in the registry.
        equations: Brian2 equations of the state variables, which may use the input `I`.
        parameters: name -> published value with its unit.
        reference: the paper the equations and values are from.
        threshold: condition for a spike.
        reset: statements at a spike.
        refractory: a parameter's name or a condition; `False` for none.
        initial: state variable -> value or an expression of the parameters.
        input_unit: what `I` is measured in: a current, a current density, or 1.
        drive: an input under which the model fires.
        method: the integrator that suits the equations.
        dt: the step at which its published numbers are reproduced.
        update: statements run at every step instead of equations, for models defined as maps.
        variants: name -> parameters that differ, as published.
        voltage: the state variable that a recording shows, none for a model without a membrane.
        peak: where figures draw the spike of a model that resets: a parameter's name or a value.
        receptors: name -> synapse model whose current adds to `I`.
    """

    name: str
    equations: str
    parameters: Mapping[str, Quantity]
    reference: str
    threshold: str
    drive: Quantity
    reset: str = ""
    refractory: str | bool = False
    initial: Mapping[str, Any] = field(default_factory=dict)
    input_unit: Quantity = field(default_factory=lambda: 1 * amp)
    method: str = "rk4"
    dt: Quantity = field(default_factory=lambda: 0.05 * ms)
    update: str = ""
    variants: Mapping[str, Mapping[str, Quantity]] = field(default_factory=dict)
    voltage: str = "v"
    peak: Any = None
    receptors: Mapping[str, SynapseModel] = field(default_factory=dict)

    def variant(self, name: str) -> "NeuronModel":
        """Return the model with a published parameter set.

        Raises:
            UnknownNameError: there is no such set.
        """
        values = lookup(f"variant of {self.name}", name, self.variants)
        return replace(self.with_parameters(**values), name=f"{self.name}:{name}")

    def with_parameters(self, **values: Quantity) -> "NeuronModel":
        """Return the model with other parameter values; an array gives each neuron its own.

        Raises:
            UnknownNameError: the model has no such parameter.
            InputError: a value has other dimensions than the published one, or makes no sense.
        """
        for name, value in values.items():
            published = lookup(f"parameter of {self.name}", name, self.parameters)
            ranges.check(name, self.name, value, published)
        return replace(self, parameters={**self.parameters, **values})

    def peak_voltage(self) -> Any:
        """Return where figures draw a spike, NaN where the equations make one themselves."""
        found = self.parameters[self.peak] if isinstance(self.peak, str) else self.peak
        return np.nan if found is None else found

    def with_initial(self, **values: Any) -> "NeuronModel":
        """Return the model with other initial values of its state variables."""
        return replace(self, initial={**self.initial, **values})

    def with_receptors(self, **receptors: SynapseModel) -> "NeuronModel":
        """Return the model with synaptic receptors, each under its own name."""
        return replace(self, receptors={**self.receptors, **receptors})

    def swept(self) -> dict[str, Quantity]:
        """Return the parameters that hold one value a neuron."""
        return {name: value for name, value in self.parameters.items() if np.ndim(value) == 1}

    def group(self, size: int, stimulus: Stimulus, clock: Clock, name: str = "neurons") -> NeuronGroup:
        """Return `size` such neurons under a stimulus.

        Args:
            size: number of neurons.
            stimulus: what each is given.
            clock: the clock of the simulation.
            name: name of the Brian2 object.

        Raises:
            InputError: the stimulus has the wrong unit, or an array has not one value a neuron.
        """
        same_dimensions(f"the input of {self.name}", stimulus.unit, self.input_unit)
        values = {**self.parameters, **stimulus.parameters, **self._receptor_values()}
        each = {key: value for key, value in values.items() if np.ndim(value) == 1}
        _check_lengths(each, size)
        shared = {key: value for key, value in values.items() if key not in each}
        lines = [self.equations, *self._input_lines(stimulus)]
        lines += [f"{key} : {_declared(value)} (constant)" for key, value in each.items()]
        group = NeuronGroup(
            size,
            "\n".join(lines),
            threshold=self.threshold,
            reset=self.reset or None,
            refractory=self.refractory,
            method=self._method(stimulus),
            namespace={**shared, **stimulus.functions},
            clock=clock,
            name=name,
        )
        if self.update:
            group.run_regularly(self.update, clock=clock, name=f"{name}_update")
        for key, value in {**each, **self.initial}.items():
            setattr(group, key, value)
        return group

    def _receptor_values(self) -> dict[str, Quantity]:
        return {key: value for name, synapse in self.receptors.items() for key, value in synapse.values(name).items()}

    def _input_lines(self, stimulus: Stimulus) -> list[str]:
        unit = _declared(self.input_unit)
        currents = {name: synapse.current_of(name) for name, synapse in self.receptors.items()}
        lines = [synapse.state(name) for name, synapse in self.receptors.items()]
        lines += [f"I_{name} = {current} : {unit}" for name, current in currents.items() if current]
        total = " + ".join([f"({stimulus.equation})", *(f"I_{name}" for name, current in currents.items() if current)])
        return [*lines, f"I = {total} : {unit}"]

    def _method(self, stimulus: Stimulus) -> str:
        if "xi_noise" in stimulus.equation:
            return "euler"
        # "exact" solves a linear equation only for an input that stays constant
        changing = stimulus.equation != "amplitude" or self.receptors
        return "rk2" if self.method == "exact" and changing else self.method


_BASE_UNITS = ("metre", "kilogram", "second", "amp", "kelvin", "mole", "candela")


def _declared(value: Quantity | float) -> str:
    """Return a unit as equations declare it; the names that Brian2 prints for units cannot all be read back."""
    powers = [(name, power) for name, power in zip(_BASE_UNITS, get_dimensions(value)._dims, strict=True) if power]
    return "*".join(f"{name}**{int(power)}" for name, power in powers) or "1"


def _check_lengths(each: Mapping[str, Quantity], size: int) -> None:
    for name, value in each.items():
        if len(value) != size:
            raise InputError(
                f"{name!r} holds {len(value)} values for {size} neurons; give one value, or one for each neuron."
            )
