"""Short-term depression and facilitation: a release probability u and a store of transmitter x at each synapse."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from brian2 import Clock, Hz, Quantity, Synapses, ms, second
from brian2.groups.group import Group

_EQUATIONS = """
w : 1
du/dt = -u/tau_f : 1 (event-driven)
dx/dt = (1 - x)/tau_d : 1 (event-driven)
"""


@dataclass(frozen=True, kw_only=True)
class ShortTermPlasticity:
    """The model of Tsodyks and Markram; a spike releases `u x` of the weight.

    The convention is theirs of 1998: u jumps by `U (1 - u)` first, and the jumped value releases.

    Args:
        name: what it is called in the registry.
        parameters: `U`, `tau_f` and `tau_d`.
        reference: the paper.
    """

    name: str
    parameters: Mapping[str, Quantity]
    reference: str

    def connect(self, source: Group, target: Group, effect: str, clock: Clock, name: str = "synapses") -> Synapses:
        """Return unconnected synapses whose spikes run `effect`, which may use `released` = w u x.

        Args:
            source: presynaptic group.
            target: postsynaptic group.
            effect: a statement such as `g_post += released`.
            clock: of the simulation.
            name: of the Brian2 object.
        """
        code = f"u += U*(1 - u)\nreleased = w*u*x\n{effect}\nx -= u*x"
        return Synapses(
            source, target, _EQUATIONS, on_pre=code, namespace=dict(self.parameters), clock=clock, name=name
        )

    def steady_state(self, rate: Quantity) -> tuple[np.ndarray, np.ndarray]:
        """Return u after its jump and x before the release, in a long regular train of a rate."""
        interval = 1 / np.asarray(rate / Hz)
        chance = float(self.parameters["U"])
        facilitation, depression = (float(self.parameters[key] / second) for key in ("tau_f", "tau_d"))
        u = chance / (1 - (1 - chance) * np.exp(-interval / facilitation))
        kept = np.exp(-interval / depression)
        return u, (1 - kept) / (1 - (1 - u) * kept)


_PAPER = "Tsodyks, Pawelzik, Markram 1998, Neural Comput 10:821"
# tau_f of a depressing synapse is zero in the paper; a nanosecond is the same here and divides
DEPRESSING = ShortTermPlasticity(
    name="depressing", parameters={"U": 0.5, "tau_f": 1e-6 * ms, "tau_d": 800 * ms}, reference=_PAPER
)
FACILITATING = ShortTermPlasticity(
    name="facilitating", parameters={"U": 0.05, "tau_f": 1000 * ms, "tau_d": 100 * ms}, reference=_PAPER
)
