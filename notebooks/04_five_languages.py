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
# # The same digit in five languages
#
# An artificial neuron answers with a number. A spiking neuron has only spikes and time, and there are many ways to say
# a number with them. Here one trained network speaks five languages: its own 32-bit numbers, short whole numbers (the
# *quantised* network, the rival that everybody should compare with), and spikes in several codes.
#
# **Before you run it:** which needs the fewest spikes? The fewest steps? Which one loses against plain 8-bit arithmetic?

# %%
import tempfile

import torch
from IPython.display import display

import neurobridge as nb
from neurobridge.comparison.energy import verdict
from neurobridge.comparison.figures import bands, drawings
from neurobridge.comparison.measures import raster_of
from neurobridge.comparison.recipes import trained
from neurobridge.plots.rasters import layered_rasters

torch.set_num_threads(1)

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## One number, four ways
#
# The smallest network there is: one ReLU. Watch how it says 0.69 when 1 is about the largest number it knows.

# %%
print(f"{'float':8s} {'32 bits at once':18s} means 0.690")
print(f"{'integer':8s} {round(0.69 * 255):<18b} means {round(0.69 * 255) / 255:.3f}")
ramp = torch.linspace(0, 1, 501)[:, None]
for code, steps in {"rate": 8, "signed": 8, "radix": 8, "latency": 16}.items():
    neuron = nb.convert(torch.nn.ReLU(), ramp, code=code, steps=steps)
    said = float(neuron(torch.tensor([[0.69]])))
    spikes = list(neuron.raster(torch.tensor([[0.69]])).values())[-1].ravel()
    print(f"{code:8s} {''.join('|' if spike > 0 else '-' if spike < 0 else '.' for spike in spikes):18s} means {said:.3f}")

# %% [markdown]
# *Rate* counts: eight steps tell nine numbers apart. *Signed* says the count at once and may take spikes back later.
# *Radix* writes the binary digits of an integer, the largest first: eight steps tell 256 numbers apart. *Latency* has one
# spike, and its time is the number.
#
# ## One network, trained once
#
# A small convolutional network learns handwritten digits, and is converted without further training to every code and
# number of steps. `compare` judges all of them on the same test images: shifted, turned and noisy copies of digits that the
# network has not seen (in the short setting, the plain digits after a brief training).

# %%
name = "digits" if SHORT else "digits-augmented"
steps = {"radix": (2, 4, 8), "latency": (8, 16, 64), "rate": (4, 8, 16) if SHORT else (4, 16, 64), "signed": (4, 16)}
found = nb.compare(name, "cnn", codes=tuple(steps), steps=steps, seeds=(0,), out=tempfile.mkdtemp(), quick=SHORT)

# %% [markdown]
# One digit, spoken. Shaded is when a layer may fire. In the streaming codes (rate, signed) all layers speak at once. In the
# windowed ones (radix, latency) each layer waits until the one before has finished its sentence: T steps a layer, so
# that "T = 8" takes 24 steps from input to output. Papers that only say T hide this.

# %%
task = nb.tasks.load(name)
model = trained(task, "cnn", 0, found.study.weights, quick=SHORT)
calibration, digit = task.calibration(512, seed=0), task.test.inputs[:1]
spoken = {
    f"{code}, T = {count}": bands(raster_of(nb.convert(model, calibration, code=code, steps=count), digit))
    for code, count in {"rate": 16, "signed": 16, "radix": 8, "latency": 16}.items()
}
display(layered_rasters(spoken))

# %% [markdown]
# ## The judgement
#
# Accuracy, paired losses with their 95 % bounds, spikes, and the energy of the arithmetic in two technologies. Every radix
# network stands under its rival, the same network computing with T-bit whole numbers: the two give the same answers *by
# construction*, so only their costs differ.

# %%
print(found.table())

# %%
figures = {drawing.name: drawing.figure for drawing in drawings(found.summary, found.rows)}
display(figures["loss-against-steps"])
display(figures["energy"])

# %% [markdown]
# With the full training (9,000 test images of 450 digits) we saw:
#
# | | |
# |---|---|
# | fewest steps | rate, T = 4: an answer after 4 steps, at a loss of 0.4 points |
# | fewest spikes | latency: at most one a neuron (radix with T = 2 has fewer still, and loses 3.6 points) |
# | nothing lost | radix, T = 8: 99.97 % of the original's answers, in 24 steps |
# | **where we lose** | the rate code at 16 steps needs twice, at 64 steps eight times the energy of plain 8-bit arithmetic (45 nm int8) |
#
# The rate code's costs are mostly the pale part of its bars: a constant *analog* input is multiplied again at every step.
# Papers that leave it out report another winner.
#
# And this is arithmetic alone. With memory traffic counted, published studies put the break-even of spiking networks at 0.15
# to 1.4 spikes per synapse, where each of ours stands as follows:

# %%
for row in found.rows:
    if row["kind"] == "SNN":
        ratio = row["spikes_per_synapse"]
        print(f"{row['code']:8s} T = {row['steps']:<3d} {ratio:6.2f} spikes a synapse, {verdict(ratio)}")

# %% [markdown]
# After the full training, latency lies inside the range at every T, radix and rate only up to T = 4, and nothing below it. With
# memory counted, none of these networks is a safe win over plain 8-bit arithmetic; the bars above alone would not tell.
#
# ## What to take home
#
# - A code is a bargain between steps, spikes and precision. There is no best one; there is one for a purpose.
# - Always stand a spiking network beside the quantised network, not beside 32-bit numbers that nobody deploys.
# - Total steps, analog inputs and memory decide comparisons. Whoever leaves one out can win any of them.
#
# **Try:** `steps="auto", disagreement=0.01` in `nb.convert`: which layers need the most digits? Draw `figures["disturbances"]`
# after a full training: which language forgives lost spikes? Say 0.69 with `steps=4` in each code, and explain each error.
#
# More: `neurobridge compare digits-augmented`, and the next notebooks for networks with memory, with geometry, and with a goal.
#
# Sources: Horowitz 2014, ISSCC (energies); Dampfhoffer et al. 2023, IEEE TETCI 7(3) (break-even); Rueckauer et al. 2017, Front
# Neurosci 11:682 (rate conversion); Wang et al. 2021, arXiv:2105.06943 (radix).
