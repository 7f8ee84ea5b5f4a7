"""The Poisson neuron: its input is its rate, its spikes are independent of each other."""

from brian2 import Hz, ms

from neurobridge.neuro.neurons.model import NeuronModel

POISSON = NeuronModel(
    name="poisson",
    equations="",
    threshold="rand() < 1 - exp(-I*dt)",
    refractory="t_ref",
    parameters={"t_ref": 0 * ms},
    input_unit=Hz,
    drive=40 * Hz,
    voltage="",
    method="euler",
    dt=0.1 * ms,
    reference="Dayan, Abbott 2001, Theoretical Neuroscience, ch. 1.4, with dead time",
)
