"""Gamma from excitation and inhibition (PING): pyramidal cells start each cycle, interneurons end it."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import BrianObject, Clock, NeuronGroup, Quantity, Synapses, cm, mS, ms, mV, uA

from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.networks.activity import Activity, activity
from neurobridge.neuro.neurons.traub_miles import TRAUB_MILES
from neurobridge.neuro.neurons.wang_buzsaki import WANG_BUZSAKI
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.simulate import simulate

_SYNAPSES = """
ds_e/dt = -s_e/(3*ms) : 1
ds_i/dt = -s_i/(9*ms) : 1
drive : amp/meter**2 (constant)
I = drive + gE*s_e*(0*mV - v) + gI*s_i*(-80*mV - v) : amp/meter**2
"""


@final
@dataclass(frozen=True, kw_only=True)
class Ping:
    """Excitatory and inhibitory neurons in a loop (Whittington et al. 1995; Borgers, Kopell 2003).

    The pyramidal cells are those of Traub and Miles as reduced by Ermentrout and Kopell 1998, the interneurons those of
    Wang and Buzsaki 1996; excitation decays in 3 ms, inhibition in 9 ms.

    Args:
        excitatory: number of pyramidal cells; a quarter as many interneurons.
        drive: mean input to the pyramidal cells in uA/cm2; it differs between them by 5 %.
        inhibition: total inhibitory conductance on a pyramidal cell in mS/cm2.
    """

    excitatory: int = 160
    drive: float = 1.4
    inhibition: float = 0.25

    def circuit(self) -> Circuit:
        """Return the network, with the groups `pyramidal` and `interneurons`."""
        size = self.excitatory + self.excitatory // 4
        return Circuit(build=self._build, neurons=size, dt=0.02 * ms, synapses=self.excitatory * size // 2, weight=5.0)

    def _build(self, clock: Clock) -> dict[str, BrianObject]:
        pyramidal = TRAUB_MILES.with_parameters(
            gNa=100 * mS / cm**2, gK=80 * mS / cm**2, gL=0.1 * mS / cm**2, EK=-100 * mV, EL=-67 * mV, VT=-67 * mV
        )
        number = self.excitatory // 4
        groups = {
            "pyramidal": _group(pyramidal, self.excitatory, 0.0, self.inhibition, clock, "pyramidal"),
            "interneurons": _group(WANG_BUZSAKI, number, 0.25, 0.25, clock, "interneurons"),
        }
        spread = 1 + 0.05 * np.linspace(-1.7, 1.7, self.excitatory)
        groups["pyramidal"].drive = self.drive * spread * uA / cm**2
        objects: dict[str, BrianObject] = dict(groups)
        for source, target, state in (
            ("pyramidal", "interneurons", "s_e"),
            ("interneurons", "pyramidal", "s_i"),
            ("interneurons", "interneurons", "s_i"),
        ):
            name = f"{source}_{target}"
            share = 1 / (0.5 * len(groups[source]))
            objects[name] = Synapses(
                groups[source], groups[target], on_pre=f"{state}_post += {share}", clock=clock, name=name
            )
            objects[name].connect(p=0.5)
        return objects

    def run(self, duration: Quantity = 500 * ms, start: Quantity = 100 * ms, **options: object) -> Activity:
        """Simulate and return the activity after `start`; options go to `simulate`."""
        record = [Spikes("pyramidal"), Spikes("interneurons")]
        found = simulate(self.circuit(), duration, record, **options)  # type: ignore[arg-type]
        return activity("PING", found, start, bin_width=1 * ms)


def _group(model: object, size: int, excitation: float, inhibition: float, clock: Clock, name: str) -> NeuronGroup:
    conductances = {"gE": excitation * mS / cm**2, "gI": inhibition * mS / cm**2}
    group = NeuronGroup(
        size,
        model.equations + _SYNAPSES,  # type: ignore[attr-defined]
        threshold=model.threshold,  # type: ignore[attr-defined]
        refractory=model.refractory,  # type: ignore[attr-defined]
        method="exponential_euler",
        namespace={**model.parameters, **conductances},  # type: ignore[attr-defined]
        clock=clock,
        name=name,
    )
    for variable, value in model.initial.items():  # type: ignore[attr-defined]
        setattr(group, variable, value)
    group.v = "-70*mV + 10*mV*rand()"
    return group
