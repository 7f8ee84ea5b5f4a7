"""An episode as pictures: watched, and written as a moving one."""

from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.optional import require
from neurobridge.tasks.environments import copies
from neurobridge.tasks.environments.episodes import Policy, returns

LONGEST = 250  # frames of a film


@final
@dataclass(frozen=True, kw_only=True)
class Episode:
    """What happened in one episode.

    Args:
        seen: `(step, ...)` what the policy was shown, its memory behind it.
        answers: `(step, ...)` what it answered.
        pictures: `(picture, row, column, 3)` of some steps.
        steps: `(picture,)` of which.
        brought: the sum of rewards.
        pace: pictures a second that the environment is meant for.
    """

    seen: ndarray
    answers: ndarray
    pictures: ndarray
    steps: ndarray
    brought: float
    pace: float


def watched(
    policy: Policy, environment: str, *, seed: int = 0, memory: int = 0, told: bool = False, every: int = 1
) -> Episode:
    """Play one episode and return what was seen.

    Args:
        policy: whose best actions are taken.
        environment: a name of ours or of Gymnasium's.
        seed: of the episode.
        memory: how many numbers the policy carries from step to step.
        told: whether it is shown its last action.
        every: steps between pictures.

    Raises:
        MissingExtraError: what draws the environment isn't installed.
        InputError: the environment has no picture, or `every` is below 1.
    """
    if every < 1:
        raise InputError(f"every is {every}; a picture is taken every 1 or more steps.")
    require("pygame")
    (game,), spaces = copies(environment, 1, render_mode="rgb_array")
    seen: list[ndarray] = []
    answers: list[ndarray] = []
    pictures: list = []

    def watch(episodes: ndarray) -> None:
        if len(seen) % every == 0:
            pictures.append(game.render())

    def recorded(batch: ndarray) -> ndarray:
        answer = policy(batch)
        seen.append(batch[0].copy())
        answers.append(np.array(answer[0]))
        return answer

    brought = returns(recorded, [game], spaces, [seed], memory=memory, told=told, watch=watch)
    pace = game.metadata.get("render_fps") or 30
    game.close()
    if pictures[0] is None:
        raise InputError(f"environment {environment!r} draws no picture.")
    return Episode(
        seen=np.stack(seen),
        answers=np.stack(answers),
        pictures=np.stack(pictures),
        steps=np.arange(0, len(seen), every),
        brought=float(brought[0]),
        pace=float(pace),
    )


def film(policy: Policy, environment: str, path: Path, *, seed: int = 0, memory: int = 0, told: bool = False) -> float:
    """Write one episode as an animated GIF and return what it brought.

    Long episodes are shown in fewer frames, at the pace of the environment.

    Args:
        policy: whose best actions are taken.
        environment: a name of ours or of Gymnasium's.
        path: the file, ending in .gif; its folder is made.
        seed: of the episode.
        memory: how many numbers the policy carries from step to step.
        told: whether it is shown its last action.

    Raises:
        MissingExtraError: imageio, or what draws the environment, isn't installed.
        InputError: the environment has no picture, or the file another ending.
    """
    if path.suffix != ".gif":
        raise InputError(f"{path} isn't the name of a GIF; films are written as .gif.")
    imageio = require("imageio")
    episode = watched(policy, environment, seed=seed, memory=memory, told=told)
    skip = -(-len(episode.pictures) // LONGEST)
    path.parent.mkdir(parents=True, exist_ok=True)
    imageio.mimsave(path, list(episode.pictures[::skip]), duration=1000 * skip / episode.pace, loop=0)
    return episode.brought
