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
# # The same network in four simulators
#
# Two simulators of "the same" spiking network often disagree, and nobody knows which one is right. Does a neuron fire *at* its
# threshold or above it? Is the reset subtracted before or after the next input? Does a spike arrive in this step or the next?
# Each answer is a convention, and each tool has its own.
#
# Here one network runs in snnTorch (PyTorch's world), Brian2 (the neuroscientist's), Nengo (the neuromorphic engineer's) and
# a reference of a few hundred plain lines that decides what is meant. And we look at what a mistake would look like.

# %%
from dataclasses import replace

import numpy as np
import torch
from IPython.display import display

import neurobridge as nb
from neurobridge.ann.training import contender, recipe, train
from neurobridge.graph import reference
from neurobridge.graph.nodes import Neurons, Synapses

torch.set_num_threads(1)

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## One small network, two codes

# %%
task = nb.tasks.load("digits")
settings = replace(recipe("digits"), device="cpu", epochs=8 if SHORT else 60)
model, _ = train(nb.models.build("cnn", task, widths=(4, 8)), task, settings)
print(f"trained: {task.judge(contender(model)).summary:.1f} %")
calibration, digits = task.calibration(512, seed=0), task.test.inputs[: 2 if SHORT else 4]
networks = {
    code: nb.convert(model, calibration, code=code, steps=steps) for code, steps in {"radix": 4, "rate": 12}.items()
}

# %% [markdown]
# `verify` sends the same digits through every simulator that is installed, in double precision, and compares spike by spike,
# step by step, neuron by neuron. In the pictures the simulators are drawn over each other like rings of an onion: where you see
# all colours, all have fired.

# %%
for code, network in networks.items():
    found = nb.verify(network, digits, samples=len(digits))
    print(f"\n{code}: the reference fires {found.spikes:,} spikes; {found.differing} differ anywhere\n")
    print(found.table())
    display(found.figure())

# %% [markdown]
# Read the last column. The *margin* is how close any membrane came to its threshold without crossing, or after: the smallest
# distance that decided a spike. While it is larger than the rounding of the arithmetic (about 1e-15 here), simulators that
# sum in another order *must* fire alike. So "0 differ" is no luck, and the margin says how far from luck it is. (The inputs of
# the radix network are pixels with few grey levels: some lie on the boundary between two numbers, and margin 0 says so. There
# all agree because all of them round one half upwards.)
#
# ## Leaving nothing to rounding
#
# Deep networks with many neurons come close to a threshold somewhere. To tell a rounding difference from a fault, let weights,
# biases, thresholds and inputs be multiples of 2^-10. Then every sum is exact in any order, and *any* difference is a fault.

# %%
exact = nb.verify(networks["rate"], digits, samples=len(digits), exact=True)
print(exact.table())
print(f"\ndifferent spikes: {exact.differing}; largest difference of an output: {max(exact.outputs.values())}")

# %% [markdown]
# ## What a fault looks like
#
# Take three careless ports of the same network. The first forgets the biases (a popular importer did). The second starts
# membranes at zero and not at half a threshold (most tools do, and lose half a spike of every count). The third gets its
# inputs in half precision. Which of them gives itself away, and where?

# %%
ports = {
    "no bias": lambda graph, given: reference.run(
        graph.mapped(lambda node: replace(node, bias=None) if isinstance(node, Synapses) else node), *given
    ),
    "zero start": lambda graph, given: reference.run(
        graph.mapped(lambda node: replace(node, initial=np.zeros(())) if isinstance(node, Neurons) else node), *given
    ),
    "half floats": lambda graph, given: reference.run(graph, *(x.astype(np.float16) for x in given)),
}
for name, port in ports.items():
    wrong = nb.verify(networks["rate"], digits, samples=len(digits), simulators=("reference",), others={name: port})
    print(f"\n{name}: {wrong.differing:,} differences beside {wrong.spikes:,} spikes of the reference\n")
    if wrong.differing:
        print(wrong.table())
        display(wrong.figure())

# %% [markdown]
# The first port is wrong everywhere, from the first step. The second is *late*: its spikes come, but a step or more after the
# reference's, which a comparison of accuracies may well not find, and its first difference names the neuron and both membranes,
# half a threshold apart. The third can't be told from the original: these pixels have 17 grey
# levels, which fit into half precision.
#
# ## What we saw
#
# - Four simulators, written by people who never met, can fire the very same spikes, if all conventions are said aloud.
# - "The accuracies agree" is not verification. Compare spikes, and ask for the margin.
# - A fault has an address: population, neuron, step, and how far the membranes were apart.
#
# **Try:** a simulator of yours: any function of a graph and its inputs that returns a `Run` goes into `others=`. Find out how
# many bits `exact=True, bits=...` needs before your network's answers change. Convert in rate code with more steps: what
# happens to the margin, and why?
#
# More: `neurobridge verify net.nb`, `benchmarks/results/verification.json` for 200 random networks.
#
# Sources: Brette et al. 2007, J Comput Neurosci 23:349 (comparing simulators); Eshraghian et al. 2023, Proc IEEE 111:1016
# (snnTorch); Stimberg, Brette, Goodman 2019, eLife 8:e47314 (Brian2); Bekolay et al. 2014, Front Neuroinform 7:48 (Nengo).
