"""What is injected into a neuron: the equation of its input `I`, with parameters that may differ between neurons."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from brian2 import Quantity, TimedArray, ms

from neurobridge.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Stimulus:
    """A stimulus as data.

    Args:
        equation: the right hand side of `I = ...`; may use `t` and the parameters.
        parameters: name -> quantity; an array gives each neuron its own value.
        unit: a quantity with the dimensions of the stimulus.
        functions: name -> time course that the equation calls, such as a `TimedArray`.
    """

    equation: str
    parameters: Mapping[str, Quantity]
    unit: Quantity
    functions: Mapping[str, TimedArray] = field(default_factory=dict)


def constant(amplitude: Quantity) -> Stimulus:
    """Return a stimulus that never changes, `I = amplitude`."""
    return Stimulus(equation="amplitude", parameters={"amplitude": amplitude}, unit=_unit(amplitude))


def step(amplitude: Quantity, start: Quantity, duration: Quantity, holding: Quantity | None = None) -> Stimulus:
    """Return a rectangular pulse of `duration` from `start` on, above a `holding` level of zero by default."""
    return Stimulus(
        equation="holding + amplitude*int(t >= pulse_start)*int(t < pulse_start + pulse_duration)",
        parameters={
            "amplitude": amplitude,
            "pulse_start": start,
            "pulse_duration": duration,
            "holding": 0 * _unit(amplitude) if holding is None else holding,
        },
        unit=_unit(amplitude),
    )


def pulse_pair(amplitude: Quantity, start: Quantity, duration: Quantity, interval: Quantity) -> Stimulus:
    """Return two equal pulses of `duration`, the second `interval` after the first, onset to onset."""
    first = "int(t >= pulse_start)*int(t < pulse_start + pulse_duration)"
    second = "int(t >= pulse_start + interval)*int(t < pulse_start + interval + pulse_duration)"
    return Stimulus(
        equation=f"amplitude*clip({first} + {second}, 0, 1)",
        parameters={"amplitude": amplitude, "pulse_start": start, "pulse_duration": duration, "interval": interval},
        unit=_unit(amplitude),
    )


def ramp(first: Quantity, last: Quantity, duration: Quantity) -> Stimulus:
    """Return a straight line from `first` to `last` over `duration`."""
    return Stimulus(
        equation="first_level + (last_level - first_level)*clip(t/ramp_duration, 0, 1)",
        parameters={"first_level": first, "last_level": last, "ramp_duration": duration},
        unit=_unit(first),
    )


def sine(amplitude: Quantity, frequency: Quantity, mean: Quantity) -> Stimulus:
    """Return `mean + amplitude sin(2 pi frequency t)`."""
    return Stimulus(
        equation="mean_level + amplitude*sin(2*pi*frequency*t)",
        parameters={"amplitude": amplitude, "frequency": frequency, "mean_level": mean},
        unit=_unit(amplitude),
    )


def chirp(amplitude: Quantity, lowest: Quantity, highest: Quantity, duration: Quantity, mean: Quantity) -> Stimulus:
    """Return a sine whose frequency rises linearly from `lowest` to `highest` over `duration`."""
    return Stimulus(
        equation="mean_level + amplitude*sin(2*pi*(lowest + (highest - lowest)*t/(2*chirp_duration))*t)",
        parameters={
            "amplitude": amplitude,
            "lowest": lowest,
            "highest": highest,
            "chirp_duration": duration,
            "mean_level": mean,
        },
        unit=_unit(amplitude),
    )


def noise(mean: Quantity, deviation: Quantity, correlation: Quantity = 1 * ms) -> Stimulus:
    """Return white noise around `mean`, with `deviation` its standard deviation after a filter of `correlation`.

    The spectral density is `2 deviation^2 correlation`: a leaky membrane of time constant tau and resistance R
    sees a free potential with standard deviation `R deviation sqrt(correlation / tau)`.
    """
    return Stimulus(
        equation="mean_level + deviation*sqrt(2*correlation)*xi_noise",
        parameters={"mean_level": mean, "deviation": deviation, "correlation": correlation},
        unit=_unit(mean),
    )


def samples(values: Quantity, interval: Quantity) -> Stimulus:
    """Return a time course given by `values`, `(step,)` or `(step, neuron)`, one every `interval`, held in between."""
    per_neuron = np.ndim(values) == 2
    return Stimulus(
        equation="course(t, i)" if per_neuron else "course(t)",
        parameters={},
        unit=_unit(values),
        functions={"course": TimedArray(values, dt=interval, name="course")},
    )


def _unit(value: Quantity) -> Quantity:
    if not isinstance(value, Quantity):
        return 1.0
    if not np.isfinite(np.asarray(value)).all():
        raise InputError("a stimulus holds a value that is not finite; every amplitude and time must be a number.")
    return Quantity(1.0, dim=value.dim)
