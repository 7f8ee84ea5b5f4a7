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
# # From PyTorch to neuromorphic hardware
#
# Neuromorphic chips don't read PyTorch. What most of their tools read is NIR, an exchange format of simple parts: weights,
# convolutions, integrate-and-fire neurons (Pedersen et al. 2024). This is the way there, and what gets lost on it.
#
# **Before you run it:** a file says "integrate-and-fire neuron, threshold 1". How many different neurons is that?

# %%
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import nir
import numpy as np
import torch
from IPython.display import display

import neurobridge as nb
from neurobridge.ann.operations import multiply_accumulates
from neurobridge.ann.training import contender, recipe, train
from neurobridge.backends.nir.files import read, write
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.comparison import chips
from neurobridge.comparison.disturbances import with_mismatch
from neurobridge.comparison.energy import Operations, energy, total, verdict
from neurobridge.comparison.measures import spiking
from neurobridge.graph import reference
from neurobridge.plots.comparison import Bar, energy_bars
from neurobridge.plots.neurons import Series, curve

torch.set_num_threads(1)
folder = Path(tempfile.mkdtemp())

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## What fits on a chip
#
# One small network, converted twice. Chips have integrate-and-fire neurons that count; the radix code, more exact in fewer
# spikes, needs a neuron that weighs its spikes by their step. Published limits of four chips say who may live where:

# %%
task = nb.tasks.load("digits" if SHORT else "digits-augmented")
settings = recipe(task.name)
model = nb.models.build("cnn", task, widths=(8, 16))
model, _ = train(model, task, replace(settings, device="cpu", epochs=25 if SHORT else settings.epochs))
calibration = task.calibration(512, seed=0)
networks = {code: nb.convert(model, calibration, code=code, steps=steps) for code, steps in (("rate", 16), ("radix", 8))}
print(f"original: {task.judge(contender(model)).summary:.2f} %")
for code, network in networks.items():
    print(f"\n{code}, T = {network.steps}: {task.judge(contender(network)).summary:.2f} %, {chips.table(network.graph)}")

# %% [markdown]
# The network is tiny, and yet TrueNorth can't take it: one of its neurons listens to more than 256 others. Fan-in, not size,
# decides on most chips. The radix network is at home on programmable logic, and not on these four.
#
# ## Two dialects of one format
#
# NIR has no time step, no soft reset and no first membrane. The `exact` dialect therefore takes the neuron apart and
# writes its reset as a loop: a threshold, a scale, and a way back. The `portable` one uses the node that every tool
# reads, `IF`, and leaves open what the node does not say.

# %%
for dialect in ("exact", "portable"):
    write(networks["rate"], folder / f"{dialect}.nir", dialect=dialect)
    written = nir.read(folder / f"{dialect}.nir")
    kinds = Counter(type(node).__name__ for node in written.nodes.values())
    print(f"{dialect:9s}", ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))

# %% [markdown]
# ## Read back: one file, three networks
#
# We read the exact file, and the portable one twice: as tools do that subtract the threshold at a spike (sinabs, Lava), and as
# the format's text says, which sets the membrane to a value, zero. Every spike is compared with the network we sent.

# %%
back = {
    "exact": read(folder / "exact.nir"),
    "soft reset": read(folder / "portable.nir", steps=16, reset="subtract"),
    "hard reset": read(folder / "portable.nir", steps=16, reset="value"),
}
print(f"{'sent':11s} {task.judge(contender(networks['rate'])).summary:6.2f} %")
for name, graph in back.items():
    found = nb.verify(
        networks["rate"], task.test.inputs[:4], simulators=("reference",),
        others={name: lambda sent, given, graph=graph: reference.run(graph, *given)},
    )  # fmt: skip
    score = task.judge(contender(SpikingNetwork(graph))).summary
    print(f"{name:11s} {score:6.2f} %, {found.differing:5,} spikes differ from {found.spikes:,}")
    if name == "hard reset":
        display(found.figure())

# %% [markdown]
# The exact file fires the same spikes. The portable one is a bet on the reader. With a soft reset it is the network that we sent,
# but only because our reader looks into the file's notes for the first membranes. With a hard reset everything above the
# threshold is thrown away at each spike. This is no fault of anybody's tool: the same words mean two neurons, and only a
# comparison of spikes tells which.
#
# ## Chips are not exact
#
# On analog chips, no weight is what it was set to be. What if each is off by some percent?

# %%
levels, seeds = np.array([0.0, 0.05, 0.1, 0.2, 0.4]), range(2 if SHORT else 5)
lines = []
for code, network in networks.items():
    chosen = [[SpikingNetwork(with_mismatch(network.graph, level, seed)) for seed in seeds] for level in levels]
    scores = np.array([[task.judge(contender(chip), limit=1000).summary for chip in row] for row in chosen])
    print(f"{code:5s}", "  ".join(f"{level:.0%}: {row.mean():.1f}" for level, row in zip(levels, scores, strict=True)))
    lines.append(Series(x=100 * levels, y=scores.mean(1), name=f"{code}, T = {network.steps}"))
display(curve(lines, "error of each weight, standard deviation [%]", "accuracy [%]"))

# %% [markdown]
# Spikes are no protection against wrong weights: both codes lose alike, since both compute the same sums.
#
# ## And the energy?
#
# The arithmetic of one digit in 45 nm, with 8-bit numbers. The bar to beat is the same network with plain 8-bit arithmetic.

# %%
inputs, preset = task.test.inputs[:512], "45 nm int8"
macs = Operations(macs=multiply_accumulates(model, inputs[:1]))
bars = [Bar(name="8-bit ANN", colour="quantised ANN", parts={"macs": total(macs, preset) / 1000})]
for code, network in networks.items():
    seen = spiking(network, inputs)
    parts = {kind: value / 1000 for kind, value in energy(seen.operations, preset).items() if value}
    bars.append(Bar(name=f"{code} T={network.steps}", colour=code, parts=parts))
    ratio = seen.operations.accumulates / macs.macs
    print(f"{code}: {seen.spikes:,.0f} spikes a digit, {ratio:.2f} a synapse: with memory counted, {verdict(ratio)}")
display(energy_bars({preset: bars}))

# %% [markdown]
# Most of the rate network's bar is pale: the multiplications of an analog input that is shown at every step. A chip behind an event
# camera does not pay for them, because its input is spikes already; one behind an ordinary camera does. The radix network takes
# half of its rival's arithmetic, and still lies above the published break-even once memory is counted.
#
# ## What we saw
#
# - The way to a chip is short (`convert`, `write`), and its traps are conventions: reset, first membrane, time step.
# - Check fan-in first. Then compare spikes after every journey, and accuracy last.
# - What a spiking network saves depends on where its input comes from, more than on the chip.
#
# **Try:** make the network fit TrueNorth (which layer has the wide fan-in?). Write it with `layout="matrices"` and compare the
# sizes of the files. Train with the noise of the weights in mind: does a wider network forgive more?
#
# More: `docs/how-to/nir.md`, `neurobridge info net.nb` prints the chips' limits for any saved network.
#
# Sources: Pedersen et al. 2024, Nat Commun 15:8122 (NIR); Merolla et al. 2014, Science 345:668 (TrueNorth); the other chips'
# in `neurobridge.comparison.chips.CHIPS`; Horowitz 2014, ISSCC; Dampfhoffer et al. 2023, IEEE TETCI 7(3).
