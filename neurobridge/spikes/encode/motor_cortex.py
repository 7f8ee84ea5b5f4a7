"""Motor cortex: populations whose rates follow an intended velocity, directly or through rotating dynamics."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy import ndarray
from numpy.random import Generator
from scipy.signal import lfilter

from neurobridge.errors import InputError
from neurobridge.units import Hertz, Seconds

SPEED = 20.0
"""Speed in cm/s that intended velocities are divided by; ordinary reaches have peaks of one to two times this."""


@dataclass(frozen=True, kw_only=True)
class MotorCortex(ABC):
    """Neurons that fire for an intended velocity."""

    @property
    @abstractmethod
    def neurons(self) -> int:
        """How many neurons there are."""

    @abstractmethod
    def respond(self, intended: ndarray, step: Seconds, state: Any = None) -> tuple[ndarray, Any]:
        """Return rates in Hz and the state after them, to be given with what is intended next.

        Args:
            intended: `(..., step, 2)` velocity in cm/s, held for `step` each.
            step: width of the steps.
            state: what an earlier call returned; rest if None.
        """


@final
@dataclass(frozen=True, kw_only=True)
class CosineCortex(MotorCortex):
    """Rates with a preferred direction, deeper the faster the movement.

        rate = max(0, base + depth |u| cos(direction - preferred) + speed |u|),    u = intended / SPEED

    Source: Georgopoulos, Kalaska, Caminiti & Massey 1982; speed: Moran & Schwartz 1999, J Neurophysiol 82:2676.

    Args:
        preferred: `(neuron,)` in radians.
        base: `(neuron,)` rate at rest in Hz.
        depth: `(neuron,)` in Hz.
        speed: `(neuron,)` in Hz.
    """

    preferred: ndarray
    base: ndarray
    depth: ndarray
    speed: ndarray

    @property
    def neurons(self) -> int:
        """How many neurons there are."""
        return len(self.preferred)

    def respond(self, intended: ndarray, step: Seconds, state: Any = None) -> tuple[ndarray, Any]:
        """Return rates `(..., step, neuron)`; this population has no state."""
        scaled = intended / SPEED
        along = scaled @ np.stack([np.cos(self.preferred), np.sin(self.preferred)])
        fast = np.linalg.norm(scaled, axis=-1, keepdims=True)
        return np.maximum(0.0, self.base + self.depth * along + self.speed * fast), None


@final
@dataclass(frozen=True, kw_only=True)
class RotatingCortex(MotorCortex):
    """Rates that read a state which rotates: the same activity means different movements at different moments.

        dz_ka/dt = (-1/decay + 2 pi i f_k) z_ka + g_k u_a,    g_k = |-1/decay + 2 pi i f_k|
        rate = base exp(sum over k, a of Re(conj(c_ka) z_ka)), at most `highest`

    a is one of the two axes of u = intended / SPEED and its length, a signal that knows no direction (Kaufman et al.
    2016). Each neuron mixes all planes, so that its preferred direction turns during a reach.
    Source: the rotations, Churchland et al. 2012, Nature 487:51; rates as exponentials, Truccolo et al. 2005.

    Args:
        frequencies: `(plane,)` in Hz.
        decay: time constant in seconds.
        base: `(neuron,)` rate at rest in Hz.
        weights: `(neuron, plane, axis)` complex, c.
        highest: rate in Hz that is never passed.
    """

    frequencies: ndarray
    decay: Seconds
    base: ndarray
    weights: ndarray
    highest: Hertz

    @property
    def neurons(self) -> int:
        """How many neurons there are."""
        return len(self.base)

    @property
    def poles(self) -> ndarray:
        """The exponents of the planes, `(plane,)` complex in 1/s."""
        return -1 / self.decay + 2j * np.pi * self.frequencies

    def respond(self, intended: ndarray, step: Seconds, state: Any = None) -> tuple[ndarray, Any]:
        """Return rates `(..., step, neuron)` at the end of each step, and the state `(..., plane, axis)`."""
        latent, after = self.rotate(intended, step, state)
        flat = latent.reshape(*latent.shape[:-2], -1)
        weights = self.weights.reshape(self.neurons, -1)
        drive = flat.real @ weights.real.T + flat.imag @ weights.imag.T
        return np.minimum(self.base * np.exp(drive), self.highest), after

    def rotate(self, intended: ndarray, step: Seconds, state: Any = None) -> tuple[ndarray, ndarray]:
        """Return the latent state `(..., step, plane, axis)`, exact for what is held in a step, and its last value."""
        axes = drives(intended)
        kept = np.exp(self.poles * step)
        gains = np.abs(self.poles) * (kept - 1) / self.poles
        start = np.zeros((*axes.shape[:-2], len(kept), axes.shape[-1]), complex) if state is None else state
        planes = [
            lfilter([gain], [1, -keep], axes, axis=-2, zi=(keep * start[..., None, plane, :]))[0]
            for plane, (keep, gain) in enumerate(zip(kept, gains, strict=True))
        ]
        latent = np.stack(planes, axis=-2)
        return latent, latent[..., -1, :, :]


def drives(intended: ndarray) -> ndarray:
    """Return what drives the rotating planes, `(..., 3)`: the two axes of the scaled velocity, and its length."""
    scaled = intended / SPEED
    return np.concatenate([scaled, np.linalg.norm(scaled, axis=-1, keepdims=True)], axis=-1)


def cosine_cortex(neurons: int, random: Generator) -> CosineCortex:
    """Return neurons with preferred directions drawn evenly, rates at rest around 10 Hz, and depths of 4 to 12 Hz."""
    return CosineCortex(
        preferred=random.uniform(-np.pi, np.pi, neurons),
        base=random.lognormal(np.log(10.0), 0.4, neurons),
        depth=random.uniform(4.0, 12.0, neurons),
        speed=random.uniform(0.0, 4.0, neurons),
    )


def rotating_cortex(neurons: int, random: Generator) -> RotatingCortex:
    """Return neurons that mix planes of 1, 2 and 3 Hz, the range of Churchland et al. 2012, fading in 0.3 s."""
    shape = (neurons, 3, 3)
    return RotatingCortex(
        frequencies=np.array([1.0, 2.0, 3.0]),
        decay=0.3,
        base=random.lognormal(np.log(5.0), 0.5, neurons),
        weights=0.3 * (random.standard_normal(shape) + 1j * random.standard_normal(shape)),
        highest=150.0,
    )


CORTICES: Mapping[str, Callable[[int, Generator], MotorCortex]] = {
    "cosine": cosine_cortex,
    "rotating": rotating_cortex,
}


def checked_size(neurons: int) -> int:
    """Return a number of neurons that a population can have.

    Raises:
        InputError: it is below 2.
    """
    if neurons < 2:
        raise InputError(f"a population has two neurons or more; asked for {neurons}.")
    return neurons
