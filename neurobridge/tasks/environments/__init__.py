"""Environments that agents act in: by a name of ours, or by any id that Gymnasium knows."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import gymnasium

from neurobridge.errors import InputError, NeurobridgeError
from neurobridge.tasks.environments import spaces as described
from neurobridge.tasks.environments.acting import failure
from neurobridge.tasks.environments.spaces import Spaces
from neurobridge.tasks.environments.vector import Environments, Transition

__all__ = ["ENVIRONMENTS", "Environments", "Spaces", "Transition", "copies", "make"]

# name -> Gymnasium's id, or "module:function" of ours, which takes render_mode where it can be drawn
ENVIRONMENTS = {
    "cartpole": "CartPole-v1",
    "acrobot": "Acrobot-v1",
    "mountain-car": "MountainCar-v0",
    "pendulum": "Pendulum-v1",
    "cartpole-positions": "neurobridge.tasks.environments.positions:cartpole_positions",
    "catch": "neurobridge.tasks.environments.catch:Catch",
    "two-step": "neurobridge.tasks.environments.two_step:TwoStepGame",
    "speaker-listener": "neurobridge.tasks.environments.team:speaker_listener",
    "spread": "neurobridge.tasks.environments.team:spread",
}


def make(name: str, count: int = 1, seed: int = 0, **options: Any) -> Environments:
    """Return copies of an environment that are stepped together.

    Args:
        name: one of `ENVIRONMENTS`, or any id that Gymnasium knows, such as "LunarLander-v3".
        count: how many copies.
        seed: of everything random in them.
        options: passed to the environment, such as `render_mode`.

    Raises:
        InputError: no such environment, its extra isn't installed, or it shows or takes what networks can't.
        MissingExtraError: a game of several agents without the package it is in.
    """
    made, spaces = copies(name, count, **options)
    return Environments(made, spaces, seed)


def copies(name: str, count: int, **options: Any) -> tuple[list[gymnasium.Env], Spaces]:
    """Return environments of one kind, not yet started, and what they show and take."""
    if count < 1:
        raise InputError(f"environment {name!r}: {count} copies were asked for; there is at least one.")
    try:
        maker = _maker(ENVIRONMENTS.get(name, str(name)))
        made = [maker(**options) for _ in range(count)]
    except gymnasium.error.Error as error:
        raise InputError(
            f"environment {name!r} can't be made: {error}. Known: {', '.join(sorted(ENVIRONMENTS))}, and every id of "
            "Gymnasium whose package is installed."
        ) from error
    except Exception as error:
        if name in ENVIRONMENTS or isinstance(error, NeurobridgeError):
            raise
        raise InputError(f"environment {name!r} can't be made: {failure(error)}") from error
    return made, described.of(made[0], name)


def _maker(place: str) -> Callable[..., gymnasium.Env]:
    module, _, function = place.partition(":")
    if module.startswith("neurobridge."):
        return getattr(import_module(module), function)
    return lambda **options: gymnasium.make(place, disable_env_checker=True, **options)
