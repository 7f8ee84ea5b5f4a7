"""Izhikevich's two-variable map, v' = 0.04 v^2 + 5 v + 140 - u + I, in the order of updates of his own program."""

from brian2 import ms

from neurobridge.neuro.neurons.izhikevich_patterns import PATTERNS
from neurobridge.neuro.neurons.model import NeuronModel

# Forward Euler in v, then u from the new v, then the test: the published spike times hold only in this order.
IZHIKEVICH = NeuronModel(
    name="izhikevich",
    equations="""
    v : 1
    u : 1
    """,
    update="""
    v += (0.04*v**2 + linear*v + offset - u + I)*dt/ms
    u += a*(b*(v + shift) - decay*u)*dt/ms
    """,
    threshold="v > 30",
    reset="v = c; u += d",
    parameters={
        "a": 0.02,
        "b": 0.2,
        "c": -65.0,
        "d": 6.0,
        "linear": 5.0,
        "offset": 140.0,
        "shift": 0.0,
        "decay": 1.0,
        "v_start": -70.0,
        "u_start": -14.0,
    },
    initial={"v": "v_start", "u": "u_start"},
    input_unit=1.0,
    drive=14.0,
    peak=30.0,
    method="euler",
    dt=0.25 * ms,
    reference="Izhikevich 2004, IEEE Trans Neural Netw 15:1063, figure 1; model of Izhikevich 2003, 14:1569",
    variants={name: pattern.parameters() for name, pattern in PATTERNS.items()},
)
