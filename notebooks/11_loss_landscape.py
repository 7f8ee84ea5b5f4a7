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
# # The ground under the feet
#
# A network's loss is a function of thousands of numbers. We can still ask it what it looks like: its curvature, the kind
# of point we stand on, and pictures that may be compared.

# %%
import numpy as np
import torch
from IPython.display import display
from torch.nn.functional import cross_entropy

from neurobridge import tasks
from neurobridge.ann import optimizers
from neurobridge.ann.generalization.study import Setting, draw_model, shrink, tensors
from neurobridge.ann.landscape.connectivity import connect
from neurobridge.ann.landscape.critical_points import classify
from neurobridge.ann.landscape.density import exact_density, spectral_density
from neurobridge.ann.landscape.directions import filter_normalised
from neurobridge.ann.landscape.functions import FUNCTIONS
from neurobridge.ann.landscape.objective import function_objective, network_objective
from neurobridge.ann.landscape.operators import HessianOperator, dense
from neurobridge.ann.landscape.surface import surface
from neurobridge.plots import landscape as figures

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## What kind of point is this?
#
# Where the gradient vanishes, the signs of the curvatures decide. Where they vanish too, they do not, and we say so.

# %%
for name, point in [
    ("himmelblau", (3.0, 2.0)), ("himmelblau", (-0.270844590667, -0.923038522155)), ("saddle", (0.0, 0.0)),
    ("monkey saddle", (0.0, 0.0)), ("plateau", (40.0, 30.0)), ("saddle", (1.0, 0.0)),
]:  # fmt: skip
    found = classify(function_objective(FUNCTIONS[name], point))
    print(f"{name:14s} {point}: {found.kind}\n    {found.evidence}")

# %% [markdown]
# ## A network of 610 weights
#
# Its Hessian is never written down: products with vectors cost about as much as gradients, and random probes turn them
# into the spectral density. Here the network is small enough to check against all eigenvalues.

# %%
samples, updates = (60, 40) if SHORT else (300, 200)
setting = Setting(samples=samples, widths=(8,))
task = shrink(tasks.load("digits"), setting)
model = draw_model(task, setting).double()
inputs, targets = tensors(task.train)
objective = network_objective(model, cross_entropy, [(inputs.double(), targets)])
print("before:", classify(objective).evidence)

optimizer = optimizers.build("adam", model.parameters(), lr=1e-2)
for _ in range(updates):
    optimizer.zero_grad()
    cross_entropy(model(inputs.double()), targets).backward()
    optimizer.step()
print("after: ", classify(objective).evidence)

# %%
hessian = HessianOperator(objective)
density, eigenvalues = spectral_density(hessian), np.linalg.eigvalsh(dense(hessian))
print(f"L1 distance to the exact density: {density.distance(exact_density(eigenvalues, density.grid, density.width)):.4f}")
display(figures.spectrum(density.grid, density.density, eigenvalues, "after training"))

# %% [markdown]
# ## A picture that may be compared
#
# Rescaling two layers against each other changes nothing the network does, but it changes naive pictures. Directions whose
# filters have the norms of the weights do not notice.

# %%
first, second = (filter_normalised(objective, seed=seed) for seed in (0, 1))
places = np.linspace(-1, 1, 9 if SHORT else 25)
found = surface(objective, first, second, places, places)
display(figures.planes([figures.Plane(title=f"{samples} digits", x=found.x, y=found.y, loss=found.loss, path=np.zeros((0, 2)))]))

# %% [markdown]
# ## Two minima, one valley
#
# Two networks trained apart look separated by a ridge. A curve with a single trained bend goes around it.

# %%
ends = []
for seed in (1, 2):
    start = draw_model(task, Setting(samples=samples, widths=(8,), seed=seed)).double()
    objective.assign(torch.nn.utils.parameters_to_vector(start.parameters()))
    optimizer = optimizers.build("adam", model.parameters(), lr=1e-2)
    for _ in range(updates):
        optimizer.zero_grad()
        cross_entropy(model(inputs.double()), targets).backward()
        optimizer.step()
    ends.append(objective.vector())
road = connect(objective, *ends, steps=40 if SHORT else 400)
print(f"barrier: straight {road.straight_barrier:.3f}, curved {road.curved_barrier:.3f}")
display(figures.profiles({"straight": (road.along, road.straight), "curved": (road.along, road.curved)}, "way"))

# %% [markdown]
# More: `ann/descend_landscape.py`, `ann/find_edge_of_stability.py`, `ann/connect_minima.py`, `ann/disprove_convexity.py`.
