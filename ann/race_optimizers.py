"""How does each optimiser move on the classic functions?

Expected: plain descent zigzags on the quadratic and creeps along Rosenbrock's valley; momentum overshoots
and arrives first; adaptive rules leave the plateau and the saddle at once, because their step does not
shrink with the gradient; on Rastrigin's function only long steps leave the basin of the start. Each rule
runs at the learning rate, of 11 from 1e-4 to 10, that ends lowest without leaving the window.

Source: `neurobridge.ann.landscape.functions` names the paper of each function.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from neurobridge import program
from neurobridge.ann.landscape.descent import Path as Walk
from neurobridge.ann.landscape.descent import descend
from neurobridge.ann.landscape.functions import FUNCTIONS, ClassicFunction
from neurobridge.ann.landscape.surface import function_surface
from neurobridge.ann.optimizers import build
from neurobridge.ann.racing.race import CONTENDERS, RATES
from neurobridge.errors import lookup
from neurobridge.plots.optimizers import Ground, animation, trajectories
from neurobridge.plots.style import save

# on a function, three names of gradient descent are one rule
RULES = tuple(name for name in CONTENDERS if name not in ("sgd", "minibatch_sgd"))
SHORTEST = 15
OPTIONS = {"sgld": {"temperature": 0.01, "seed": 0}}


@dataclass
class Config:
    """What to draw."""

    functions: tuple[str, ...] = tuple(FUNCTIONS)
    """Names of the functions."""
    steps: int = 150
    """Updates of each optimiser."""
    animate: bool = False
    """Also write an animated GIF of each function."""
    out: Path = Path("reports/optimizers")
    """Folder of the figures."""


def main(config: Config) -> None:
    """Tune, walk, draw."""
    torch.set_num_threads(1)
    for name in config.functions:
        function = lookup("function", name, FUNCTIONS)
        walks = {rule: best_walk(function, rule, config.steps) for rule in RULES}
        for rule, (rate, walk) in walks.items():
            print(f"{name:14s} {rule:18s} lr {rate:<8.2g} f = {walk.losses[-1]:.3g}")
        paths = {rule: walk.points for rule, (_, walk) in walks.items()}
        save(trajectories(ground(function), paths), config.out, f"paths-{name.replace(' ', '-')}")
        if config.animate:
            animation(ground(function), paths, config.out / f"paths-{name.replace(' ', '-')}.gif")
    print(f"written to {config.out}")


def best_walk(function: ClassicFunction, rule: str, steps: int) -> tuple[float, Walk]:
    """Return the learning rate that ends lowest within the window, and its path."""
    walks = [(rate, descend(function, maker(rule, rate), steps)) for rate in RATES]
    return min(walks, key=lambda entry: height(function, entry[1]))


def maker(rule: str, rate: float) -> Callable:
    """Return parameters -> optimizer."""
    return lambda x: build(rule, x, lr=rate, **OPTIONS.get(rule, {}))


def height(function: ClassicFunction, walk: Walk) -> float:
    """Return the last loss, for walks that stay in the window; without a lower bound, how soon the walk leaves it."""
    left, right, bottom, top = function.window
    outside = ~((walk.points >= [left, bottom]) & (walk.points <= [right, top])).all(1)
    if np.isfinite(function.minimum):
        return np.inf if outside.any() else float(walk.losses[-1])
    first = int(outside.argmax()) if outside.any() else len(walk.points)
    # a step about as long as the window shows nothing
    return first if first >= SHORTEST else np.inf


def ground(function: ClassicFunction) -> Ground:
    """Return a function's surface as the figures take it."""
    found = function_surface(function)
    minima = np.array(function.minima or np.zeros((0, 2)))
    return Ground(title=function.formula, x=found.x, y=found.y, loss=found.loss, minima=minima)


if __name__ == "__main__":
    program.run(Config, main)
