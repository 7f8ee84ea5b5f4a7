"""Reaches as hands make them: straight, with the smoothest course of speed, between targets."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from neurobridge.errors import InputError, lookup
from neurobridge.units import Seconds

STEP: Seconds = 0.01
DISTANCE = 8.0
"""From the centre to the eight targets, in cm, and half the width of the field of random targets."""
DIRECTIONS = 8


@final
@dataclass(frozen=True, kw_only=True)
class Session:
    """A hand that reaches from target to target.

    Args:
        position: `(step, 2)` in cm.
        velocity: `(step, 2)` in cm/s.
        target: `(step, 2)` in cm.
        starts: `(reach,)` step at which each reach begins to move.
    """

    position: ndarray
    velocity: ndarray
    target: ndarray
    starts: ndarray


def minimum_jerk(share: ndarray) -> tuple[ndarray, ndarray]:
    """Return the way covered, as a share, and its derivative, at shares of the time from 0 to 1.

    x = 10 s^3 - 15 s^4 + 6 s^5, the course with the least squared jerk between two rests; its highest speed is 1.875
    times the mean. Source: Flash & Hogan 1985, Journal of Neuroscience 5:1688.
    """
    s = np.clip(share, 0.0, 1.0)
    return s**3 * (10 - 15 * s + 6 * s**2), 30 * s**2 * (1 - s) ** 2


def centre_out(random: Generator) -> Iterator[ndarray]:
    """Yield targets: one of eight on a circle, then the centre; the eight in random order, again and again."""
    while True:
        for direction in random.permutation(DIRECTIONS):
            angle = 2 * np.pi * direction / DIRECTIONS
            yield DISTANCE * np.array([np.cos(angle), np.sin(angle)])
            yield np.zeros(2)


def random_targets(random: Generator) -> Iterator[ndarray]:
    """Yield targets drawn evenly from a square field."""
    while True:
        yield random.uniform(-DISTANCE, DISTANCE, 2)


def mixed(random: Generator) -> Iterator[ndarray]:
    """Yield sixteen targets out and back, then sixteen random ones, and so on."""
    out, anywhere = centre_out(random), random_targets(random)
    while True:
        yield from (next(out) for _ in range(2 * DIRECTIONS))
        yield from (next(anywhere) for _ in range(2 * DIRECTIONS - 1))
        yield np.zeros(2)


PATTERNS: Mapping[str, Callable[[Generator], Iterator[ndarray]]] = {
    "centre-out": centre_out,
    "random-target": random_targets,
    "mixed": mixed,
}


def session(pattern: str, duration: Seconds, random: Generator) -> Session:
    """Return a session of reaches, in steps of `STEP`.

    A hand waits 0.2 to 0.6 s, then takes 0.3 s and 0.03 s a cm, a tenth more or less, for each reach.

    Args:
        pattern: one of `PATTERNS`.
        duration: of the session.
        random: draws targets and times.

    Raises:
        UnknownNameError: no pattern has this name.
        InputError: `duration` is below 1 s.
    """
    if duration < 1:
        raise InputError(f"a session of reaches lasts a second or more; asked for {duration:g} s.")
    steps = round(duration / STEP)
    place, made = np.zeros(2), 0
    parts: list[ndarray] = []
    starts: list[int] = []
    targets = lookup("pattern of reaches", pattern, PATTERNS)(random)
    while made < steps:
        goal = next(targets)
        waiting, moving = _times(float(np.linalg.norm(goal - place)), random)
        share = np.concatenate([np.zeros(waiting), np.arange(1, moving + 1) / moving])
        way, speed = minimum_jerk(share)
        seconds = moving * STEP
        columns = (
            place + np.outer(way, goal - place),
            np.outer(speed, goal - place) / seconds,
            np.tile(goal, (len(way), 1)),
        )
        parts.append(np.concatenate(columns, axis=1))
        starts.append(made + waiting)
        place, made = goal, made + len(way)
    whole = np.concatenate(parts)[:steps]
    return Session(
        position=whole[:, :2],
        velocity=whole[:, 2:4],
        target=whole[:, 4:],
        starts=np.array([start for start in starts if start < steps]),
    )


def _times(distance: float, random: Generator) -> tuple[int, int]:
    waiting = random.uniform(0.2, 0.6)
    moving = (0.3 + 0.03 * distance) * random.uniform(0.9, 1.1)
    return round(waiting / STEP), round(moving / STEP)
