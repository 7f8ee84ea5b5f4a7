"""Receptors of the cortex: AMPA, NMDA with its magnesium block, GABA-A, and GABA-B with its cooperative channels."""

import numpy as np
from brian2 import Hz, ms, mV, nS

from neurobridge.neuro.synapses.kernels import DOUBLE_EXPONENTIAL, EXPONENTIAL
from neurobridge.neuro.synapses.model import SynapseModel
from neurobridge.units import Millivolts

AMPA = SynapseModel(
    name="ampa",
    equations=EXPONENTIAL.equations,
    on_pre=EXPONENTIAL.on_pre,
    current=EXPONENTIAL.current,
    parameters={"tau": 2 * ms, "gmax": 1 * nS, "E": 0 * mV},
    reference="Brunel, Wang 2001, J Comput Neurosci 11:63",
)
NMDA = SynapseModel(
    name="nmda",
    equations=DOUBLE_EXPONENTIAL.equations + "block_{r} = 1/(1 + Mg_{r}/3.57*exp(-0.062*v/mV)) : 1\n",
    on_pre=DOUBLE_EXPONENTIAL.on_pre,
    current="gmax_{r}*g_{r}*block_{r}*(E_{r} - v)",
    # magnesium in mM
    parameters={"rise": 2 * ms, "decay": 100 * ms, "gmax": 0.5 * nS, "E": 0 * mV, "Mg": 1.0},
    reference="Jahr, Stevens 1990, J Neurosci 10:3178; time constants of Brunel, Wang 2001",
)
GABA_A = SynapseModel(
    name="gaba-a",
    equations=EXPONENTIAL.equations,
    on_pre=EXPONENTIAL.on_pre,
    current=EXPONENTIAL.current,
    parameters={"tau": 5 * ms, "gmax": 1 * nS, "E": -70 * mV},
    reference="Brunel, Wang 2001, J Comput Neurosci 11:63",
)
# A spike releases transmitter of 0.5 mM for a time; here its dose, concentration times time, decays with tau.
GABA_B = SynapseModel(
    name="gaba-b",
    equations="""
    dT_{r}/dt = -T_{r}/release_{r} : 1
    dbound_{r}/dt = K1_{r}*T_{r}*(1 - bound_{r}) - K2_{r}*bound_{r} : 1
    dG_{r}/dt = K3_{r}*bound_{r} - K4_{r}*G_{r} : 1
    g_{r} = G_{r}**4/(G_{r}**4 + Kd_{r}) : 1
    """,
    on_pre="T_{r}_post += 0.5*w",
    current="gmax_{r}*g_{r}*(E_{r} - v)",
    parameters={
        "K1": 90 * Hz,
        "K2": 1.2 * Hz,
        "K3": 180 * Hz,
        "K4": 34 * Hz,
        "Kd": 100.0,
        "release": 1 * ms,
        "gmax": 1 * nS,
        "E": -95 * mV,
    },
    reference="Destexhe, Bal, McCormick, Sejnowski 1996, J Neurophysiol 76:2049, rates per mM and second",
)


def magnesium_block(voltage: Millivolts | np.ndarray, magnesium: float = 1.0) -> np.ndarray:
    """Return the part of the NMDA conductance that magnesium (in mM) leaves open at a voltage in mV."""
    return 1 / (1 + magnesium / 3.57 * np.exp(-0.062 * np.asarray(voltage)))
