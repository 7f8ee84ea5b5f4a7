"""The barnacle muscle fibre of Morris and Lecar, with a Hopf or a saddle-node onset of firing."""

from brian2 import cm, mS, ms, mV, uA, uF

from neurobridge.neuro.neurons.model import NeuronModel

MORRIS_LECAR = NeuronModel(
    name="morris-lecar",
    equations="""
    dv/dt = (I - gCa*m_inf*(v - ECa) - gK*w*(v - EK) - gL*(v - EL))/C : volt
    dw/dt = phi*(w_inf - w)*cosh((v - V3)/(2*V4))/ms : 1
    m_inf = 0.5*(1 + tanh((v - V1)/V2)) : 1
    w_inf = 0.5*(1 + tanh((v - V3)/V4)) : 1
    """,
    threshold="v > 0*mV",
    refractory="v > 0*mV",
    parameters={
        "C": 20 * uF / cm**2,
        "gCa": 4.4 * mS / cm**2,
        "gK": 8 * mS / cm**2,
        "gL": 2 * mS / cm**2,
        "ECa": 120 * mV,
        "EK": -84 * mV,
        "EL": -60 * mV,
        "V1": -1.2 * mV,
        "V2": 18 * mV,
        "V3": 2 * mV,
        "V4": 30 * mV,
        "phi": 0.04,
    },
    initial={"v": -60.855 * mV, "w": 0.014915},
    input_unit=uA / cm**2,
    drive=100 * uA / cm**2,
    dt=0.1 * ms,
    reference="Morris, Lecar 1981, Biophys J 35:193; Rinzel, Ermentrout 1998, Methods in Neuronal Modeling, ch. 7",
    variants={
        "hopf": {},
        "saddle-node": {"gCa": 4 * mS / cm**2, "V3": 12 * mV, "V4": 17.4 * mV, "phi": 1 / 15},
    },
)
