"""Closed loop: what a contender decodes moves a cursor, and motor cortex fires for where the cursor should go.

The task is the one of Gilja et al. 2012, Nature Neuroscience 15:1752: bring the cursor to a target and hold it there
until it counts as acquired, before time runs out. Whoever is simulated sees the cursor with a delay, and intends what
a hand would do.
"""

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from neurobridge.errors import InputError
from neurobridge.spikes.encode.motor_cortex import MotorCortex
from neurobridge.tasks.reaching.reaches import DIRECTIONS, DISTANCE, STEP
from neurobridge.tasks.reaching.simulated import cortex
from neurobridge.tasks.task import Predict, SupervisedTask
from neurobridge.units import Seconds


@final
@dataclass(frozen=True, kw_only=True)
class Rules:
    """What counts as acquiring a target, and how someone goes for it.

    Args:
        distance: from the start to the target in cm.
        radius: of a target in cm.
        hold: seconds that the cursor must stay in a target without a break.
        limit: seconds after which a trial has failed.
        delay: seconds until the eye has told where the cursor is.
        fastest: intended speed far from the target in cm/s.
        slowing: intended speed in cm/s for each cm of distance, near the target.
    """

    distance: float = DISTANCE
    radius: float = 1.0
    hold: Seconds = 0.5
    limit: Seconds = 5.0
    delay: Seconds = 0.1
    fastest: float = 20.0
    slowing: float = 4.0

    def __post_init__(self) -> None:
        if not 0 < self.radius < self.distance or not 0 < self.hold < self.limit or self.delay < 0:
            raise InputError(
                "a closed loop needs 0 < radius < distance, 0 < hold < limit and delay >= 0; they are "
                f"{self.radius:g}, {self.distance:g}, {self.hold:g}, {self.limit:g} and {self.delay:g}."
            )


@final
@dataclass(frozen=True, kw_only=True)
class Trials:
    """What became of each trial.

    Args:
        acquired: `(trial,)` whether the target was acquired in time.
        seconds: `(trial,)` until it was, the hold included; the limit for those that failed.
        path: `(trial, bin, 2)` of the cursor in cm; it stays where it is once a trial is over.
        target: `(trial, 2)` in cm.
    """

    acquired: ndarray
    seconds: ndarray
    path: ndarray
    target: ndarray

    @property
    def success(self) -> float:
        """Share of trials in which the target was acquired."""
        return float(self.acquired.mean())


@final
class Loop:
    """Some trials side by side: motor cortex, and a cursor that someone else moves.

    Args:
        fired: the neurons.
        rules: of the task.
        width: of a bin in seconds.
        window: bins that a decoder sees.
        targets: `(trial, 2)` in cm; all trials start in the centre.
        random: draws the spikes.
    """

    def __init__(
        self, fired: MotorCortex, rules: Rules, width: Seconds, window: int, targets: ndarray, random: Generator
    ) -> None:
        self.fired, self.rules, self.width, self.targets, self.random = fired, rules, width, targets, random
        self.cursor = np.zeros_like(targets)
        late = round(rules.delay / width)
        self._seen = [self.cursor] * (late + 1)
        self._state: Any = None
        rest = np.zeros((len(targets), window, round(width / STEP), 2))
        self.counts = np.stack([self._fire(rest[:, place]) for place in range(window)], axis=1)

    def intention(self) -> ndarray:
        """Return the intended velocity `(trial, 2)`: straight to the target, slower near it, zero where it is held."""
        away = self.targets - self._seen[0]
        distance = np.linalg.norm(away, axis=1, keepdims=True)
        speed = np.minimum(self.rules.fastest, self.rules.slowing * distance)
        return away / np.maximum(distance, 1e-9) * speed

    def spike(self) -> ndarray:
        """Let motor cortex fire for one bin, and return the counts of the last bins, `(trial, window, neuron)`."""
        held = np.repeat(self.intention()[:, None], round(self.width / STEP), axis=1)
        self.counts = np.concatenate([self.counts[:, 1:], self._fire(held)[:, None]], axis=1)
        return self.counts

    def move(self, velocity: ndarray, moving: ndarray) -> ndarray:
        """Move the cursors for one bin and return `(trial,)` whether they are in their targets.

        Args:
            velocity: `(trial, 2)` in cm/s.
            moving: `(trial,)` whether a trial goes on.
        """
        self.cursor = self.cursor + self.width * np.where(moving[:, None], velocity, 0.0)
        self._seen = [*self._seen[1:], self.cursor]
        return np.linalg.norm(self.targets - self.cursor, axis=1) <= self.rules.radius

    def _fire(self, intended: ndarray) -> ndarray:
        rates, self._state = self.fired.respond(intended, STEP, self._state)
        return self.random.poisson(rates.sum(axis=1) * STEP).astype(np.float32)


def run(predict: Predict, task: SupervisedTask, seed: int, rules: Rules | None = None, repeats: int = 8) -> Trials:
    """Return what becomes of trials in which a contender of a simulated task moves the cursor.

    The contender sees the last bins, as many as a sequence of the task has, and its last answer is what the cursor
    does. Trials begin after a rest that fills them. Equal seeds give the same targets and neurons to every contender.

    Args:
        predict: the contender.
        task: what it was trained on; its neurons are made again from the task's facts.
        seed: of the spikes.
        rules: of the trials; the usual ones if None.
        repeats: trials of each of eight directions.

    Raises:
        InputError: the task is of a recording, whose neurons can't be asked, or a contender's outputs can't be used.
    """
    rules, facts = rules or Rules(), task.facts or {}
    if "cortex" not in facts:
        raise InputError(f"task {task.name!r} is of a recording: only a simulated motor cortex answers to a cursor.")
    width, unit = float(facts["bin"]), np.array(facts["cm/s"])  # type: ignore[arg-type]
    angles = 2 * np.pi * np.tile(np.arange(DIRECTIONS), repeats) / DIRECTIONS
    targets = rules.distance * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    fired = cortex(*facts["cortex"])  # type: ignore[misc]
    loop = Loop(fired, rules, width, task.input_shape[0], targets, np.random.default_rng([seed, 3]))
    return _watched(predict, task, loop, unit)


def _watched(predict: Predict, task: SupervisedTask, loop: Loop, unit: ndarray) -> Trials:
    rules, width = loop.rules, loop.width
    bins, needed = round(rules.limit / width), round(rules.hold / width)
    count = len(loop.targets)
    inside, finished, path = np.zeros(count, int), np.full(count, bins), []
    for place in range(bins):
        moving = finished == bins
        if not moving.any():
            break
        seen = loop.spike()
        velocity = task.checked(seen, predict(seen))[:, -1] * unit
        inside = np.where(loop.move(velocity, moving), inside + 1, 0)
        finished[moving & (inside >= needed)] = place + 1
        path.append(loop.cursor)
    acquired = inside >= needed
    return Trials(
        acquired=acquired,
        seconds=np.where(acquired, finished * width, rules.limit),
        path=np.stack(path, axis=1),
        target=loop.targets,
    )
