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
# # Why it works on new data
#
# A network that can memorise random labels needn't say anything about digits it has not seen. It does. What helps?

# %%
import numpy as np
import torch
from IPython.display import display

from neurobridge import tasks
from neurobridge.ann.generalization.double_descent import double_descent
from neurobridge.ann.generalization.langevin import POTENTIALS, boltzmann, langevin, total_variation
from neurobridge.ann.generalization.pac_bayes import BOUNDS
from neurobridge.ann.generalization.study import Setting, investigate, switched
from neurobridge.plots import generalization as figures

torch.set_num_threads(1)
digits = tasks.load("digits")

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## It could memorise
#
# One hundred digits with random labels: learned by heart, and worth nothing.

# %%
for noise in (0.0, 1.0):
    setting = Setting(samples=100, label_noise=noise, widths=(512,), optimizer="adam", lr=1e-3, epochs=5 if SHORT else 120)
    found = investigate(digits, setting)
    print(f"{noise:4.0%} random labels: training error {found.error.train:.2f}, test error {found.error.test:.2f}")

# %% [markdown]
# ## One switch at a time

# %%
plain = Setting(samples=200, epochs=2 if SHORT else 60)
for name in ("plain", "wide", "narrow", "dropout", "weight decay", "early stopping", "too large", "sharpness-aware"):
    found = investigate(digits, switched(name, plain))
    gap = found.error
    print(
        f"{name:16s} error {gap.train:.3f} -> {gap.test:.3f}, gap in [{gap.low:.3f}, {gap.high:.3f}]; "
        f"highest curvature {found.sharpness.top:.2f}"
    )

# %% [markdown]
# Weights that start too large give the widest gap and one of the flattest minima: flatness alone does not explain it.
#
# ## More parameters than samples

# %%
few = digits.train.head(150)
widths = [10, 70, 150, 600] if SHORT else [10, 30, 70, 110, 140, 150, 165, 200, 300, 600, 1500]
curve = double_descent(few, digits.test, widths, label_noise=0.1)
tamed = double_descent(few, digits.test, widths, label_noise=0.1, ridge=0.1)
display(figures.double_descent(np.array(widths), {"least norm": curve.test, "ridge": tamed.test}, curve.train, 150))

# %% [markdown]
# ## Noise as temperature
#
# Gradient descent with noise of the right size samples exp(-U/T).

# %%
edges, panels = np.linspace(-2.2, 2.2, 45), {}
for temperature in (0.3, 0.6):
    well = POTENTIALS["double well"]
    samples = langevin(well, temperature, chains=500, steps=60 if SHORT else 2000, burn_in=20 if SHORT else 500)
    expected = boltzmann(well, temperature, edges)
    distance = total_variation(samples, expected, edges)
    panels[f"T = {temperature}"] = (np.histogram(samples, edges)[0] / samples.size, expected, distance)
display(figures.stationary(edges, panels))

# %% [markdown]
# ## What can be promised
#
# For a random network around the trained one, PAC-Bayes bounds the error on new data by the error on old data, the
# distance from a prior, and the number of samples.

# %%
for divergence in (1, 50, 500, 5000):
    shown = ", ".join(f"{name} {float(bound(0.02, divergence, 1347, 0.05)):.3f}" for name, bound in BOUNDS.items())
    print(f"KL {divergence:5d}: {shown}")

# %% [markdown]
# More: `ann/explain_generalization.py`, `ann/vary_batch_and_rate.py`, `ann/certify_networks.py`, `ann/sample_langevin.py`,
# `ann/descend_twice.py`.
