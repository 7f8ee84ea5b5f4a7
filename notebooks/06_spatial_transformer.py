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
# # The spatial transformer as place cells
#
# A spatial transformer looks at a picture, decides how to turn it, and looks again (Jaderberg et al. 2015). Between the two
# looks stands a *sampling grid*: for every place of the new picture, a place of the old one, as two real numbers. How can
# spikes say a place between pixels?
#
# The brain says "here" with place cells, each of which responds around a position of its own (O'Keefe, Dostrovsky
# 1971). The same answer comes out of the mathematics: bilinear interpolation *is* a row of place cells.

# %%
from dataclasses import replace

import numpy as np
import torch
from IPython.display import display

import neurobridge as nb
from neurobridge.ann.inside.views import views
from neurobridge.ann.training import contender, recipe, train
from neurobridge.comparison.figures import bands
from neurobridge.comparison.measures import raster_of
from neurobridge.graph.codes import CODES
from neurobridge.plots.images import before_and_after, sampling_grids
from neurobridge.plots.neurons import Chart, Series, curves
from neurobridge.plots.rasters import layered_raster

torch.set_num_threads(1)

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## Does it help?
#
# Handwritten digits, turned by up to 60 degrees either way. The same convolutional network with and without a transformer in
# front of it.

# %%
task = nb.tasks.load("digits-rotated")
settings = replace(recipe(task.name), device="cpu", epochs=6 if SHORT else recipe(task.name).epochs)
models = {}
for name in ("cnn", "stn-cnn"):
    models[name], _ = train(nb.models.build(name, task), task, settings)
    print(f"{name:8s} {task.judge(contender(models[name])).summary:.2f} %")

# %% [markdown]
# Nobody told it which way is up. It learnt to turn digits because upright ones are easier to tell apart:

# %%
model = models["stn-cnn"]
ten = np.concatenate([np.flatnonzero(task.test.targets == digit)[:1] for digit in range(10)])
images = task.test.inputs[ten]
display(before_and_after(images[:, 0], views(model, torch.from_numpy(images))[:, 0], [str(digit) for digit in range(10)]))

# %% [markdown]
# ## Into spikes
#
# Everything becomes spikes: the network that looks and decides, the grid, the second look, the classifier. Eight windows of eight
# steps each, and the two rows of place cells in the middle.

# %%
spiking = nb.convert(model, task.calibration(512, seed=0), code="radix", steps=8)
print(f"spiking {task.judge(contender(spiking)).summary:.2f} %, {spiking.latency} steps")
names = {
    "x": "image", "relu": "look 1", "relu_1": "look 2", "relu_2": "look 3", "grid_sampler-clip": "places across",
    "grid_sampler-clip-2": "places down", "conv2d_2-identity": "turned image", "relu_3": "classify 1", "relu_4": "classify 2",
}  # fmt: skip
display(layered_raster([replace(band, name=names[band.name]) for band in bands(raster_of(spiking, images[3:4]))], "radix"))

# %% [markdown]
# ## What one interpolation neuron responds to
#
# For each of the 256 places of the new picture there is a row of 17 neurons across and one of 17 down. Neuron k hears where
# its place looks, u, and says clip(u - k + 1, 0, 1). We read what they said, for ten digits, from their spikes alone.

# %%
side, spikes = images.shape[-1], spiking.raster(images)
worth = CODES["radix"].weights(8) / CODES["radix"].weights(8).sum()
across, down = (np.tensordot(worth, spikes[name], 1) for name in ("grid_sampler-clip", "grid_sampler-clip-2"))
with torch.no_grad():
    grid = model.transformer.grid(model.transformer.localise(torch.from_numpy(images))).numpy()
meant = (grid.reshape(len(images), -1, 2) + 1) * side / 2 - 0.5  # from -1 ... 1 to pixels
order = np.argsort(meant[..., 0].ravel())
where = meant[..., 0].ravel()[order]
answers = across.reshape(-1, side + 1)[order]
cells = [Series(x=where, y=answers[:, k], name=f"neuron {k}") for k in (6, 7, 8)]
fields = [Series(x=where, y=answers[:, k] - answers[:, k + 1], name=f"pixel {k}") for k in (6, 7, 8)]
charts = [
    Chart(series=cells, across="place it is told, column in pixels", up="what it says", title="each neuron climbs once"),
    Chart(series=fields, across="place it is told, column in pixels", up="difference of neighbours", title="... two make a field"),
]
display(curves(charts))

# %% [markdown]
# Left, single neurons: each climbs from 0 to 1 over its own pixel. Right, the difference of two neighbours: a field, highest at its
# pixel and gone at the next. This triangle is the weight that bilinear interpolation gives to the pixel; nobody put a place cell
# in, the formula did. Each spike of a place cell lets the difference of two neighbouring pixels through, and these
# differences add up to the turned image.
#
# A population of place cells can be asked where it is. Adding up a row gives u + 1, and so we can draw the whole grid as the
# spikes tell it:

# %%
read = np.stack([across.sum(-1) - 1, down.sum(-1) - 1], axis=-1)
inside = (meant > -1).all(-1) & (meant < side).all(-1)
print(f"places read from the spikes differ from the network's own by {np.abs(read - meant)[inside].max():.3f} pixels at most")
display(sampling_grids(images[[2, 3, 7], 0], {"original": meant[[2, 3, 7]], "read from spikes": read[[2, 3, 7]]}, ["2", "3", "7"]))

# %% [markdown]
# The dots sit in the rings: the spikes tell a place to about a tenth of a pixel at worst, mostly much better. (Outside of the
# image there are no cells, and the dots stop at the border, where all pixels are black anyway.) The grid is turned *with*
# the digit, so that what is read out, row by row, is upright.
#
# ## What we saw
#
# - The transformer makes the same classifier better on turned digits, and its spiking form answers as the original does.
# - Sampling between pixels needs no arithmetic unit for coordinates: two rows of neurons and gates do it.
# - The place-cell picture is exact here, a theorem on interpolation. Whether the hippocampus does it for this reason is
#   another question: place fields there are round, and nobody has found the rows.
#
# **Try:** `nb.tasks.load("digits-cluttered")`: does the transformer learn to zoom? `parameterisation="translation"` may only
# move: how much of the gain is left? Convert with `steps=4`: by how much of a pixel are places wrong, and does it matter?
#
# More: `python ann/train_spatial_transformer.py`.
#
# Sources: Jaderberg, Simonyan, Zisserman, Kavukcuoglu 2015, NeurIPS; O'Keefe, Dostrovsky 1971, Brain Res 34:171.
