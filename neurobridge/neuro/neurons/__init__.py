"""Neuron models by name."""

from neurobridge.errors import lookup
from neurobridge.neuro.neurons.adaptive_exponential import ADAPTIVE_EXPONENTIAL
from neurobridge.neuro.neurons.connor_stevens import CONNOR_STEVENS
from neurobridge.neuro.neurons.exponential import EXPONENTIAL
from neurobridge.neuro.neurons.fitzhugh_nagumo import FITZHUGH_NAGUMO
from neurobridge.neuro.neurons.hodgkin_huxley import HODGKIN_HUXLEY
from neurobridge.neuro.neurons.izhikevich import IZHIKEVICH
from neurobridge.neuro.neurons.leaky import LEAKY
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.neurons.morris_lecar import MORRIS_LECAR
from neurobridge.neuro.neurons.poisson import POISSON
from neurobridge.neuro.neurons.quadratic import QUADRATIC
from neurobridge.neuro.neurons.spike_response import SPIKE_RESPONSE
from neurobridge.neuro.neurons.traub_miles import TRAUB_MILES
from neurobridge.neuro.neurons.wang_buzsaki import WANG_BUZSAKI

NEURONS: dict[str, NeuronModel] = {
    "leaky": LEAKY,
    "quadratic": QUADRATIC,
    "exponential": EXPONENTIAL,
    "adaptive-exponential": ADAPTIVE_EXPONENTIAL,
    "izhikevich": IZHIKEVICH,
    "hodgkin-huxley": HODGKIN_HUXLEY,
    "traub-miles": TRAUB_MILES,
    "wang-buzsaki": WANG_BUZSAKI,
    "connor-stevens": CONNOR_STEVENS,
    "morris-lecar": MORRIS_LECAR,
    "fitzhugh-nagumo": FITZHUGH_NAGUMO,
    "spike-response": SPIKE_RESPONSE,
    "poisson": POISSON,
}


def neuron(name: str) -> NeuronModel:
    """Return a model by name; `adaptive-exponential:tonic` names a variant.

    Raises:
        UnknownNameError: no such model, or no such variant of it.
    """
    model, _, variant = name.partition(":")
    found = lookup("neuron", model, NEURONS)
    return found.variant(variant) if variant else found
