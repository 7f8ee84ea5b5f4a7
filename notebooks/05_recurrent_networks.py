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
# # Recurrent networks become spiking
#
# A spiking neuron has a memory of its own: its membrane. An LSTM has a memory that people designed: a cell, and gates that
# decide what is written, kept and read. What happens when the second is built from the first? Here the *gates are spikes*:
# no gate is computed beside the network.
#
# **Before you run it:** an LSTM multiplies gate and cell at every step, over and over. Does the error of 8-bit spikes build up?

# %%
from dataclasses import replace

import numpy as np
import torch
from IPython.display import display

import neurobridge as nb
from neurobridge.ann.inside.memory import gates_through_time
from neurobridge.ann.training import contender, recipe, train
from neurobridge.comparison.figures import bands
from neurobridge.comparison.measures import raster_of
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph.codes import CODES
from neurobridge.plots.neurons import Series, curve
from neurobridge.plots.rasters import layered_raster
from neurobridge.plots.sequences import gates

torch.set_num_threads(1)

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## Three networks that read
#
# A digit comes in row by row, and after the last one the network names it. It is judged on 9,000 altered copies of held-out
# digits of 12 x 12 pixels (short: on 450 plain ones of 8 x 8, after a brief training).

# %%
task = nb.tasks.load("digits-rows" if SHORT else "digits-augmented-rows")
models, scores = {}, {}
for name in ("rnn", "gru", "lstm"):
    settings = recipe(task.name, name)
    model = nb.models.build(name, task)
    models[name], _ = train(model, task, replace(settings, device="cpu", epochs=25 if SHORT else settings.epochs))
    scores[name] = task.judge(contender(models[name])).summary
    print(f"{name:5s} {scores[name]:.2f} %")

# %% [markdown]
# ## What a gate's spikes look like
#
# The LSTM in radix code, T = 8: each gate is a population of 64 neurons that writes its openness as binary digits, and a spike
# of a gate lets a held value through to the cell. The cell itself is a membrane: it never spikes.

# %%
calibration, digit = task.calibration(512, seed=0), task.test.inputs[:1]
lstm = nb.convert(models["lstm"], calibration, code="radix", steps=8)
parts = {
    "x": "all rows", "lstm-sigmoid": "forget gate", "lstm-sigmoid-2": "input gate", "lstm-tanh": "candidate",
    "lstm-sigmoid-3": "output gate", "lstm-tanh-2": "tanh of cell", "lstm-identity": "output",
}  # fmt: skip
shown = [replace(band, name=parts[band.name]) for band in bands(raster_of(lstm, digit))]
display(layered_raster(shown, "radix"))
rows = digit.shape[1]
print(f"{lstm.latency} steps: 8 for the input, then {rows} rows of three windows of 8")

# %% [markdown]
# Each mark is a binary digit that is 1. The gates of a row are written side by side, then the cell is known and its tanh is
# written, then the output: three windows for each row.
#
# Now read the spikes back: eight digits in a window, the first worth 128/255, the last 1/255. Below, the forget and the input
# gate of the original network, and what the spikes say about them.

# %%
spikes, worth = lstm.raster(digit), CODES["radix"].weights(8)
meant = gates_through_time(models["lstm"], torch.from_numpy(digit))
pictures = {}
for population, gate in {"lstm-sigmoid": "forget", "lstm-sigmoid-2": "input", "lstm-sigmoid-3": "output"}.items():
    windows = [spikes[population][24 * row : 24 * row + 8, 0] for row in range(rows)]
    said = np.stack([worth @ window for window in windows]) / worth.sum()
    error = np.abs(said - meant[gate][0]).max()
    print(f"{gate:7s} gate: the spikes differ from the original by at most {255 * error:.1f} of 255 parts")
    pictures |= {f"{gate}\noriginal": meant[gate][0], f"{gate}\nspikes": said}
display(gates({name: values for name, values in pictures.items() if "output" not in name}))

# %% [markdown]
# Bright is open. While the first rows are nearly empty the gates are undecided; with the ink they take sides. No eye finds a
# difference between the pictures of a pair.

# %% [markdown]
# ## How many digits does a gate need?

# %%
lines, counts = [], (2, 4, 8) if SHORT else (2, 3, 4, 5, 6, 8)
for name, model in models.items():
    spiking = [nb.convert(model, calibration, code="radix", steps=count) for count in counts]
    losses = [scores[name] - task.judge(contender(network)).summary for network in spiking]
    print(f"{name:5s}" + "".join(f"   T={count}: {loss:+6.2f}" for count, loss in zip(counts, losses, strict=True)))
    lines.append(Series(x=np.array(counts), y=np.array(losses), name=f"{name}, {spiking[-1].latency} steps at T = 8"))
display(curve(lines, "T, digits of a number", "loss against the original [points]", marks=[(8, "8 bits")]))

# %% [markdown]
# Errors do not build up: what is wrong with a gate by a small part is forgotten with what the gate forgets. From T = 5 on, a tenth
# of a point or less is lost; two digits are too few for everybody, and worst for the LSTM, whose cell multiplies and adds at
# every row.
#
# The price is time. The rows must come one after another, since each needs the last one's output. The simple network takes one
# window a row, the gated ones take three: this is what "T = 8" hides (see the legend).
#
# ## What does not work, and says so
#
# The rate code counts spikes, and counting knows neither a sigmoid nor a product of two running counts. The library refuses
# by name rather than approximate in silence:

# %%
try:
    nb.convert(models["lstm"], calibration, code="rate", steps=32)
except UnsupportedOperationError as error:
    print(error)

# %% [markdown]
# ## What we saw
#
# - A gate in spikes is a population that writes a number; multiplication is a spike that releases a held value.
# - The memory of the cell is a membrane that is never read as spikes: only its tanh is.
# - Eight digits are enough for these rows. For long sequences, measure again: `python ann/train_memory.py` has the tasks.
#
# **Try:** convert the GRU and find which population is which gate, as above: the wrong guess shows at once.
# `nb.models.build("bilstm", task)` reads from both ends: how many steps does it take, and why not twice as many? Let
# `nb.convert(..., steps="auto", rel_error=0.01)` choose T for each population: which gates get the fewest digits?
#
# Sources: Hochreiter, Schmidhuber 1997, Neural Comput 9:1735; Cho et al. 2014, EMNLP; Elman 1990, Cogn Sci 14:179. Radix code:
# Wang et al. 2021, Efficient spiking neural networks with radix encoding, arXiv:2105.06943.
