"""FitzHugh and Nagumo's reduction to a cubic and a line: v' = v - v^3/3 - w + I, w' = eps (v + a - b w)."""

from brian2 import ms

from neurobridge.neuro.neurons.model import NeuronModel

FITZHUGH_NAGUMO = NeuronModel(
    name="fitzhugh-nagumo",
    equations="""
    dv/dt = (v - v**3/3 - w + I)/ms : 1
    dw/dt = eps*(v + a - b*w)/ms : 1
    """,
    threshold="v > 1",
    refractory="v > 1",
    parameters={"a": 0.7, "b": 0.8, "eps": 0.08},
    initial={"v": -1.199408, "w": -0.624260},
    input_unit=1.0,
    drive=0.5,
    dt=0.1 * ms,
    reference="FitzHugh 1961, Biophys J 1:445; one unit of its time is written as 1 ms",
)
