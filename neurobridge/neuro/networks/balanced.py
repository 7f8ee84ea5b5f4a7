"""Vogels and Abbott 2005: 4000 neurons that keep themselves firing, with conductances (COBA) or currents (CUBA)."""

from dataclasses import dataclass
from typing import final

from brian2 import BrianObject, Clock, NeuronGroup, Quantity, Synapses, ms, mV, second

from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.networks.activity import Activity, activity
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.simulate import simulate

# the two versions of Brette et al. 2007, benchmarks 1 and 2: equations, and what spikes add to ge and gi
_CONDUCTANCES = """
dv/dt = (ge*(Ee - v) + gi*(Ei - v) - (v - El))/taum : volt (unless refractory)
dge/dt = -ge/taue : 1
dgi/dt = -gi/taui : 1
"""
_CURRENTS = """
dv/dt = (ge + gi - (v - El))/taum : volt (unless refractory)
dge/dt = -ge/taue : volt
dgi/dt = -gi/taui : volt
"""


@final
@dataclass(frozen=True, kw_only=True)
class Balanced:
    """A self-sustained network of Vogels, Abbott 2005, J Neurosci 25:10786, as in Brette et al. 2007.

    Args:
        conductances: COBA if true, CUBA otherwise.
        size: number of neurons, four fifths excitatory; 80 in 4000 connect to each.
    """

    conductances: bool = True
    size: int = 4000

    @property
    def name(self) -> str:
        """COBA or CUBA."""
        return "COBA" if self.conductances else "CUBA"

    def circuit(self) -> Circuit:
        """Return the network, called `neurons`."""
        return Circuit(build=self._build, neurons=self.size, dt=0.1 * ms, synapses=80 * self.size)

    def _build(self, clock: Clock) -> dict[str, BrianObject]:
        rest = -60 * mV if self.conductances else -49 * mV
        neurons = NeuronGroup(
            self.size,
            _CONDUCTANCES if self.conductances else _CURRENTS,
            threshold="v > -50*mV",
            reset="v = -60*mV",
            refractory=5 * ms,
            method="exponential_euler" if self.conductances else "exact",
            namespace={"taum": 20 * ms, "taue": 5 * ms, "taui": 10 * ms, "El": rest, "Ee": 0 * mV, "Ei": -80 * mV},
            clock=clock,
            name="neurons",
        )
        if self.conductances:
            neurons.v = "-60*mV + 5*mV*(randn() - 1)"
            neurons.ge, neurons.gi = "0.6*(randn()*1.5 + 4)", "6.7*(randn()*12 + 20)"
            weights = ("0.6", "6.7")
        else:
            neurons.v = "-60*mV + rand()*10*mV"
            weights = ("1.62*mV", "-9*mV")
        excitatory = self.size * 4 // 5
        objects: dict[str, BrianObject] = {"neurons": neurons}
        for name, source, effect in (
            ("excitation", neurons[:excitatory], f"ge += {weights[0]}"),
            ("inhibition", neurons[excitatory:], f"gi += {weights[1]}"),
        ):
            objects[name] = Synapses(source, neurons, on_pre=effect, clock=clock, name=name)
            objects[name].connect(p=80 / self.size)
        return objects

    def run(self, duration: Quantity = 3 * second, start: Quantity = 0.5 * second, **options: object) -> Activity:
        """Simulate and return the activity after `start`; options go to `simulate`."""
        found = simulate(self.circuit(), duration, [Spikes("neurons")], **options)  # type: ignore[arg-type]
        excitatory = self.size * 4 // 5
        groups = {"excitatory": ("neurons", 0, excitatory), "inhibitory": ("neurons", excitatory, self.size)}
        return activity(self.name, found, start, groups)
