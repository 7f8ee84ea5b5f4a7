"""An episode as a moving picture."""

from pathlib import Path

from neurobridge.errors import InputError
from neurobridge.optional import require
from neurobridge.tasks.environments import copies
from neurobridge.tasks.environments.episodes import Policy, returns

LONGEST = 250  # frames of a film


def film(policy: Policy, environment: str, path: Path, *, seed: int = 0, memory: int = 0) -> float:
    """Write one episode as an animated GIF and return what it brought.

    Long episodes are shown in fewer frames, at the pace of the environment.

    Args:
        policy: whose best actions are taken.
        environment: a name of ours or of Gymnasium's.
        path: the file, ending in .gif; its folder is made.
        seed: of the episode.
        memory: how many numbers the policy carries from step to step.

    Raises:
        MissingExtraError: imageio, or what draws the environment, isn't installed.
        InputError: the environment has no picture, or the file another ending.
    """
    if path.suffix != ".gif":
        raise InputError(f"{path} isn't the name of a GIF; films are written as .gif.")
    imageio = require("imageio")
    require("pygame")
    (game,), spaces = copies(environment, 1, render_mode="rgb_array")
    frames: list = []
    brought = returns(policy, [game], spaces, [seed], memory=memory, watch=lambda _: frames.append(game.render()))
    pace = game.metadata.get("render_fps") or 30
    game.close()
    if frames[0] is None:
        raise InputError(f"environment {environment!r} draws no picture.")
    skip = -(-len(frames) // LONGEST)
    path.parent.mkdir(parents=True, exist_ok=True)
    imageio.mimsave(path, frames[::skip], duration=1000 * skip / pace, loop=0)
    return float(brought[0])
