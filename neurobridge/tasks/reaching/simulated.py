"""A simulated recording: a motor cortex fires while a hand reaches."""

import numpy as np
from numpy.random import Generator

from neurobridge.errors import lookup
from neurobridge.spikes.encode.motor_cortex import CORTICES, MotorCortex, checked_size
from neurobridge.spikes.recordings.recording import MovementRecording
from neurobridge.spikes.trains import inhomogeneous_poisson
from neurobridge.tasks.reaching.reaches import STEP, Session, session
from neurobridge.units import Seconds

LEAD: Seconds = 0.1
"""By how much motor cortex comes before the hand (Moran & Schwartz 1999 found 0.1 to 0.15 s)."""
PARTS = {"neurons": 0, "reaches": 1, "spikes": 2}


def cortex(population: str, neurons: int, seed: int) -> MotorCortex:
    """Return the motor cortex that a seed draws.

    Raises:
        UnknownNameError: no population has this name.
        InputError: fewer than two neurons.
    """
    return lookup("population", population, CORTICES)(checked_size(neurons), part(seed, "neurons"))


def part(seed: int, name: str) -> Generator:
    """Return the random numbers of one part of a simulation, so that parts can be made again one by one."""
    return np.random.default_rng([seed, PARTS[name]])


def intended(moved: Session) -> np.ndarray:
    """Return the velocity that motor cortex fires for, `(step, 2)`: what the hand will have `LEAD` later."""
    ahead = round(LEAD / STEP)
    return np.concatenate([moved.velocity[ahead:], np.zeros((ahead, 2))])


def simulate(
    population: str, pattern: str = "mixed", neurons: int = 96, duration: Seconds = 1200.0, seed: int = 0
) -> MovementRecording:
    """Return a recording of Poisson neurons; the same seed gives the same one.

    Args:
        population: one of `CORTICES`.
        pattern: one of `reaches.PATTERNS`.
        neurons: how many; 96 as one electrode array has contacts.
        duration: of the session.
        seed: of neurons, reaches and spikes.

    Raises:
        UnknownNameError: no such population or pattern.
        InputError: fewer than two neurons, or a session below 1 s.
    """
    fired = cortex(population, neurons, seed)
    moved = session(pattern, duration, part(seed, "reaches"))
    rates, _ = fired.respond(intended(moved), STEP)
    random = part(seed, "spikes")
    return MovementRecording(
        trains=tuple(inhomogeneous_poisson(rate, STEP, random) for rate in rates.T),
        time=STEP * np.arange(len(moved.position)),
        position=moved.position,
        target=moved.target,
        source=f"simulated, {population} motor cortex",
    )
