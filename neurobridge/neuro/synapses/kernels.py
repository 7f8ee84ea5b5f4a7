"""Kernels of the postsynaptic conductance: delta, exponential, alpha, double exponential; each peaks at `w`."""

from brian2 import ms, mV, nA, nS

from neurobridge.neuro.synapses.model import SynapseModel

_BOOK = "Gerstner et al. 2014, Neuronal Dynamics, ch. 3.1"
_CONDUCTANCE = "gmax_{r}*g_{r}*(E_{r} - v)"
_EXPONENTIAL = "dg_{r}/dt = -g_{r}/tau_{r} : 1"
_ALPHA = """
dg_{r}/dt = (x_{r} - g_{r})/tau_{r} : 1
dx_{r}/dt = -x_{r}/tau_{r} : 1
"""
# peaks at 1 for a jump of x by 1
_DOUBLE = """
dg_{r}/dt = (peak_{r}*x_{r} - g_{r})/rise_{r} : 1
dx_{r}/dt = -x_{r}/decay_{r} : 1
peak_{r} = (decay_{r}/rise_{r})**(rise_{r}/(decay_{r} - rise_{r})) : 1
"""

DELTA = SynapseModel(
    name="delta",
    equations="",
    on_pre="v_post += w*jump_{r}",
    current="",
    parameters={"jump": 1 * mV},
    reference=_BOOK,
)
EXPONENTIAL_CURRENT = SynapseModel(
    name="exponential-current",
    equations=_EXPONENTIAL,
    on_pre="g_{r}_post += w",
    current="imax_{r}*g_{r}",
    parameters={"tau": 5 * ms, "imax": 0.1 * nA},
    reference=_BOOK,
)
EXPONENTIAL = SynapseModel(
    name="exponential",
    equations=_EXPONENTIAL,
    on_pre="g_{r}_post += w",
    current=_CONDUCTANCE,
    parameters={"tau": 5 * ms, "gmax": 1 * nS, "E": 0 * mV},
    reference=_BOOK,
)
ALPHA_CURRENT = SynapseModel(
    name="alpha-current",
    equations=_ALPHA,
    on_pre="x_{r}_post += e*w",
    current="imax_{r}*g_{r}",
    parameters={"tau": 5 * ms, "imax": 0.1 * nA},
    reference="Rall 1967, J Neurophysiol 30:1138",
)
ALPHA = SynapseModel(
    name="alpha",
    equations=_ALPHA,
    on_pre="x_{r}_post += e*w",
    current=_CONDUCTANCE,
    parameters={"tau": 5 * ms, "gmax": 1 * nS, "E": 0 * mV},
    reference="Rall 1967, J Neurophysiol 30:1138",
)
DOUBLE_EXPONENTIAL = SynapseModel(
    name="double-exponential",
    equations=_DOUBLE,
    on_pre="x_{r}_post += w",
    current=_CONDUCTANCE,
    parameters={"rise": 2 * ms, "decay": 100 * ms, "gmax": 1 * nS, "E": 0 * mV},
    reference=_BOOK,
)
