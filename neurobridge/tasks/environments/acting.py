"""One environment, begun and acted in: what it gives is checked, and what fails in it is told as its own fault."""

import os
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

import gymnasium
import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError, NeurobridgeError, own_line
from neurobridge.tasks.environments.spaces import Spaces

PACKAGES = tuple(
    str(folder) + os.sep
    for folder in (Path(__file__).parents[2], Path(gymnasium.__file__).parent, Path(np.__file__).parent)
)
"""Folders whose frames are not the user's: ours, Gymnasium's and numpy's."""


def named(environment: gymnasium.Env) -> str:
    """Return what messages call an environment: its id, or its class."""
    return environment.spec.id if environment.spec else type(environment.unwrapped).__name__


def begin(environment: gymnasium.Env, spaces: Spaces, seed: int) -> ndarray:
    """Begin an episode and return what is seen first.

    Args:
        environment: which.
        spaces: what it said it shows and takes.
        seed: of the episode.

    Raises:
        InputError: the environment fails, or gives what is not finite or of another shape.
    """
    try:
        made: Any = environment.reset(seed=int(seed))
    except Exception as error:
        _blame(environment, "reset", error)
    if not isinstance(made, tuple) or len(made) != 2:
        _refuse(environment, f"reset returned {_short(made)}; it must return (observation, info).")
    _check(made[0], spaces.batch_shape, environment, "the first observation of an episode")
    return made[0]


def act(environment: gymnasium.Env, spaces: Spaces, action: Any, step: int) -> tuple[ndarray, Any, bool, bool]:
    """Act once and return (observation, reward, terminated, truncated).

    Args:
        environment: in an episode.
        spaces: what it said it shows and takes.
        action: what is done.
        step: which step of the episode this is, from 1.

    Raises:
        InputError: the environment fails, or gives what is not finite or of another shape.
    """
    try:
        made: Any = environment.step(action)
    except Exception as error:
        _blame(environment, f"step {step} of an episode", error)
    if not isinstance(made, tuple) or len(made) != 5:
        _refuse(
            environment,
            f"step returned {_short(made)}; it must return (observation, reward, terminated, truncated, info).",
        )
    seen, reward, terminated, truncated, _ = made
    _check(seen, spaces.batch_shape, environment, f"the observation after step {step} of an episode")
    if isinstance(reward, float) and not spaces.agents and isfinite(reward):  # most are; numpy takes longer to say so
        return seen, reward, terminated, truncated
    _check(reward, (spaces.agents,) if spaces.agents else (), environment, f"the reward of step {step} of an episode")
    return seen, reward, terminated, truncated


def failure(error: Exception) -> str:
    """Return what an environment raised, with the user's own line if it was there."""
    line = own_line(error, PACKAGES)
    return f"{type(error).__name__}: {error}" + (f" (at {line})" if line else "")


def _blame(environment: gymnasium.Env, when: str, error: Exception) -> NoReturn:
    if isinstance(error, NeurobridgeError) or own_line(error, PACKAGES) is None:
        raise error
    raise InputError(f"environment {named(environment)!r} fails in {when}: {failure(error)}") from error


def _check(values: Any, shape: tuple[int, ...], environment: gymnasium.Env, what: str) -> None:
    try:
        finite = np.isfinite(values).all()
    except TypeError:
        finite = False
    if not finite:
        _refuse(environment, f"{what} is {_short(values)}; only finite numbers can be learnt from.")
    if np.shape(values) != shape and not (shape == () and np.size(values) == 1):
        _refuse(environment, f"{what} has the shape {np.shape(values)}, not {shape}.")


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _refuse(environment: gymnasium.Env, fault: str) -> NoReturn:
    raise InputError(f"environment {named(environment)!r}: {fault}")
