# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Ways down
#
# Every optimiser answers two questions: which way, and how far. Here they answer on functions whose minima we know.

# %%
import numpy as np
import torch
from IPython.display import display

from neurobridge.ann.landscape.descent import descend
from neurobridge.ann.landscape.functions import FUNCTIONS, quadratic
from neurobridge.ann.landscape.surface import function_surface
from neurobridge.ann.optimizers import OPTIMIZERS, build
from neurobridge.plots.optimizers import Ground, trajectories

sorted(OPTIMIZERS)

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## How far: the price of a bad condition number
#
# On a quadratic with curvatures between 1 and κ the best fixed step shrinks the error by (κ - 1)/(κ + 1) per step,
# no better. Momentum replaces κ by its square root.

# %%
for condition in (10.0, 100.0) if SHORT else (10.0, 100.0, 1000.0):
    root = condition**0.5
    rules = {
        "gradient_descent": {"lr": 2 / (1 + condition)},
        "heavy_ball": {"lr": 4 / (root + 1) ** 2, "beta": ((root - 1) / (root + 1)) ** 2},
        "full_relaxation": {},
    }
    for name, options in rules.items():
        walk = descend(quadratic(condition), lambda x: build(name, x, **options), 20000, tolerance=1e-6)
        print(f"condition {condition:6g}  {name:18s} {walk.steps:6d} steps to a gradient of 1e-6")

# %% [markdown]
# ## Line searches: let the function decide
#
# Armijo asks for enough decrease. Goldstein also refuses steps that are too short. Full relaxation measures the
# curvature along the gradient and tries the exact minimum of the parabola first. On a quadratic that is always right,
# and from the slowest start, above, still no faster than the best fixed step: the direction is to blame.

# %%
for name, options in {"armijo": {"c": 0.5}, "goldstein": {}, "full_relaxation": {}}.items():
    walk = descend(FUNCTIONS["rosenbrock"], lambda x: build(name, x, **options), 5000, tolerance=1e-3)
    print(f"{name:18s} {walk.steps:5d} steps along Rosenbrock's valley, f = {walk.losses[-1]:.2e}")

# %% [markdown]
# The full-relaxation inequality alone would not protect: on a parabola it accepts steps up to (1 - c)/(1/2 - b²) of the
# exact one, which is a descent only if c ≥ 2b². Anything else is refused:

# %%
try:
    build("full_relaxation", [torch.zeros(1, requires_grad=True)], c=0.1, b2=0.2)
except Exception as error:
    print(error)

# %% [markdown]
# ## Which way: a saddle
#
# Started almost on the ridge of x² - y², plain descent needs 76 steps to notice the way down. Adam divides the
# gradient by its own size, so small is not slow.

# %%
rules = {"gradient_descent": 0.1, "momentum": 0.1, "rmsprop": 0.1, "adam": 0.1}
saddle = FUNCTIONS["saddle"]
paths = {name: descend(saddle, lambda x: build(name, x, lr=rate), 78).points for name, rate in rules.items()}
for name, points in paths.items():
    left = np.abs(points[:, 1]) > 1
    print(f"{name:18s} past y = 1 after {left.argmax() if left.any() else 'more than 78'} steps")

# %%
found = function_surface(saddle)
ground = Ground(title=saddle.formula, x=found.x, y=found.y, loss=found.loss, minima=np.zeros((0, 2)))
display(trajectories(ground, paths, columns=4))

# %% [markdown]
# All rules on all functions: `python ann/race_optimizers.py`. The measured comparison with equal tuning, on networks too:
# `python ann/compare_optimizers.py`.
