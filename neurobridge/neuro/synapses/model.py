"""What a synapse model is: the state it adds to the neuron behind it, the current it makes, and the paper."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from brian2 import Clock, Quantity, Synapses
from brian2.groups.group import Group

from neurobridge.errors import lookup
from neurobridge.neuro import ranges


@dataclass(frozen=True, kw_only=True)
class SynapseModel:
    """A synapse as data. `{r}` stands for the name of the receptor, so that one neuron can have several.

    Args:
        name: what it is called in the registry.
        equations: state that the postsynaptic neuron gets; linear kernels are summed there, once a neuron.
        on_pre: what a presynaptic spike of weight `w` does.
        current: the current into the neuron, an expression of that state and of `v`.
        parameters: name without receptor -> value.
        reference: the paper.
    """

    name: str
    equations: str
    on_pre: str
    current: str
    parameters: Mapping[str, Quantity]
    reference: str

    def with_parameters(self, **values: Quantity) -> "SynapseModel":
        """Return the model with other parameter values.

        Raises:
            UnknownNameError: the model has no such parameter.
            InputError: a value has other dimensions than the published one, or makes no sense.
        """
        for name, value in values.items():
            published = lookup(f"parameter of {self.name}", name, self.parameters)
            ranges.check(name, self.name, value, published)
        return replace(self, parameters={**self.parameters, **values})

    def state(self, receptor: str) -> str:
        """Return the equations under a receptor's name."""
        return self.equations.format(r=receptor)

    def current_of(self, receptor: str) -> str:
        """Return the current under a receptor's name, or an empty text where spikes move the voltage at once."""
        return self.current.format(r=receptor)

    def values(self, receptor: str) -> dict[str, Quantity]:
        """Return the parameters under a receptor's name."""
        return {f"{name}_{receptor}": value for name, value in self.parameters.items()}

    def connect(
        self,
        source: Group,
        target: Group,
        receptor: str,
        clock: Clock,
        name: str = "synapses",
        delay: Quantity | None = None,
    ) -> Synapses:
        """Return unconnected Brian2 synapses with a weight `w` each; call `connect` on them and set `w`."""
        return Synapses(
            source,
            target,
            "w : 1",
            on_pre=self.on_pre.format(r=receptor),
            delay=delay,
            clock=clock,
            name=name,
            namespace=self.values(receptor),
        )
