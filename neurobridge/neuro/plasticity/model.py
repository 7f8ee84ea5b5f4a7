"""What a rule of spike-timing-dependent plasticity is: traces, what each spike does, and the paper."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from brian2 import Clock, Quantity, Synapses
from brian2.groups.group import Group

from neurobridge.errors import lookup
from neurobridge.neuro import ranges


@dataclass(frozen=True, kw_only=True)
class PlasticityRule:
    """A rule as data; the weight is `w`, and the values hold for weights between 0 and `w_max`.

    Args:
        name: what it is called in the registry.
        equations: traces of the synapse.
        on_pre: what a presynaptic spike does, after it has acted on the neuron.
        on_post: what a postsynaptic spike does.
        parameters: name -> published value.
        reference: the paper.
        method: integrator of equations that are not event-driven.
    """

    name: str
    equations: str
    on_pre: str
    on_post: str
    parameters: Mapping[str, Quantity]
    reference: str
    method: str = "exact"

    def with_parameters(self, **values: Quantity) -> "PlasticityRule":
        """Return the rule with other parameter values.

        Raises:
            UnknownNameError: the rule has no such parameter.
            InputError: a value has other dimensions than the published one, or makes no sense.
        """
        for name, value in values.items():
            published = lookup(f"parameter of {self.name}", name, self.parameters)
            ranges.check(name, self.name, value, published)
        return replace(self, parameters={**self.parameters, **values})

    def connect(
        self,
        source: Group,
        target: Group,
        clock: Clock,
        effect: str = "",
        name: str = "plastic_synapses",
        delay: Quantity | None = None,
    ) -> Synapses:
        """Return unconnected plastic synapses.

        Args:
            source: presynaptic group.
            target: postsynaptic group.
            clock: of the simulation.
            effect: what a presynaptic spike does to the neuron, such as `g_post += w`.
            name: of the Brian2 object.
            delay: of the presynaptic spike.
        """
        return Synapses(
            source,
            target,
            self.equations if "dw/dt" in self.equations else "w : 1\n" + self.equations,
            on_pre=f"{effect}\n{self.on_pre}",
            on_post=self.on_post or None,
            namespace=dict(self.parameters),
            method=self.method,
            delay={"pre": delay} if delay is not None else None,
            clock=clock,
            name=name,
        )
