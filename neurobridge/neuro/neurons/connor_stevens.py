"""Connor and Stevens's neuron with an A current, which makes a Hodgkin-Huxley neuron fire as slowly as one likes."""

from brian2 import cm, mS, ms, mV, uA, uF

from neurobridge.neuro.neurons.model import NeuronModel

CONNOR_STEVENS = NeuronModel(
    name="connor-stevens",
    equations="""
    dv/dt = (I - gNa*m**3*h*(v - ENa) - gK*n**4*(v - EK) - gA*a**3*b*(v - EA) - gL*(v - EL))/C : volt
    dm/dt = alpha_m*(1 - m) - beta_m*m : 1
    dh/dt = alpha_h*(1 - h) - beta_h*h : 1
    dn/dt = alpha_n*(1 - n) - beta_n*n : 1
    da/dt = (a_inf - a)/tau_a : 1
    db/dt = (b_inf - b)/tau_b : 1
    alpha_m = 3.8/exprel(-(v + 29.7*mV)/(10*mV))/ms : Hz
    beta_m = 15.2*exp(-0.0556*(v + 54.7*mV)/mV)/ms : Hz
    alpha_h = 0.266*exp(-0.05*(v + 48*mV)/mV)/ms : Hz
    beta_h = 3.8/(1 + exp(-0.1*(v + 18*mV)/mV))/ms : Hz
    alpha_n = 0.2/exprel(-(v + 45.7*mV)/(10*mV))/ms : Hz
    beta_n = 0.25*exp(-0.0125*(v + 55.7*mV)/mV)/ms : Hz
    a_inf = (0.0761*exp(0.0314*(v + 94.22*mV)/mV)/(1 + exp(0.0346*(v + 1.17*mV)/mV)))**(1.0/3.0) : 1
    tau_a = (0.3632 + 1.158/(1 + exp(0.0497*(v + 55.96*mV)/mV)))*ms : second
    b_inf = (1/(1 + exp(0.0688*(v + 53.3*mV)/mV)))**4 : 1
    tau_b = (1.24 + 2.678/(1 + exp(0.0624*(v + 50*mV)/mV)))*ms : second
    """,
    threshold="v > -20*mV",
    refractory="v > -20*mV",
    parameters={
        "C": 1 * uF / cm**2,
        "gNa": 120 * mS / cm**2,
        "gK": 20 * mS / cm**2,
        "gA": 47.7 * mS / cm**2,
        "gL": 0.3 * mS / cm**2,
        "ENa": 55 * mV,
        "EK": -72 * mV,
        "EA": -75 * mV,
        "EL": -17 * mV,
    },
    initial={"v": -67.978 * mV, "m": 0.0101, "h": 0.9659, "n": 0.1559, "a": 0.5404, "b": 0.2887},
    input_unit=uA / cm**2,
    drive=10 * uA / cm**2,
    method="rk2",
    dt=0.025 * ms,
    reference="Connor, Walter, McKown 1977, Biophys J 18:81; values of Dayan, Abbott 2001, ch. 6",
)
