"""Experiments that take any model: each returns a result with units that can be drawn, tabulated and saved."""

from collections.abc import Callable

from neurobridge.neuro.protocols.fi_curve import fi_curve
from neurobridge.neuro.protocols.impedance import chirp_response, impedance
from neurobridge.neuro.protocols.noisy_rate import noisy_rate
from neurobridge.neuro.protocols.phase_plane import phase_plane
from neurobridge.neuro.protocols.phase_response import phase_response
from neurobridge.neuro.protocols.refractory import refractory_period
from neurobridge.neuro.protocols.rheobase import strength_duration
from neurobridge.neuro.protocols.step import ramp_response, step_response
from neurobridge.neuro.result import Result

PROTOCOLS: dict[str, Callable[..., Result]] = {
    "step": step_response,
    "ramp": ramp_response,
    "chirp": chirp_response,
    "fi-curve": fi_curve,
    "strength-duration": strength_duration,
    "refractory-period": refractory_period,
    "phase-plane": phase_plane,
    "phase-response": phase_response,
    "impedance": impedance,
    "noisy-rate": noisy_rate,
}
