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
# # Networks: from each for itself to all together
#
# Cortical neurons fire as if by chance, and yet an electrode outside them hears rhythms. Where do irregularity and rhythm come
# from, if all neurons follow the same plain rule? Three famous networks answer, and all of them are about *inhibition*.

# %%
import numpy as np
from brian2 import Hz, mV, ms, second
from IPython.display import display

from neurobridge.neuro.networks.balanced import Balanced
from neurobridge.neuro.networks.brunel import REGIMES, Brunel, run_regimes
from neurobridge.neuro.networks.ping import Ping
from neurobridge.plots.networks import population_rasters
from neurobridge.plots.neurons import Chart, Series, curves

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## One network, two knobs, four regimes
#
# Brunel (2000) joined 10,000 excitatory and 2,500 inhibitory leaky neurons at random, each listening to a tenth of the
# others, and turned two knobs: g, how much stronger inhibition is than excitation, and eta, how much input comes from
# outside.
#
# What his theory expects: below g = 4 excitation rules and drives all neurons in step, to nearly the limit of their refractory
# time of 2 ms. With strong inhibition and steady input they fire at random, at 38 Hz: asynchronous and irregular. With strong
# inhibition and strong input, the *network* beats faster than any of its neurons. With an input that hardly makes them
# fire, it beats slowly.
#
# In the short setting the network is ten times smaller and its synapses five times stronger. This keeps the mean input
# but not the fluctuations: a neuron has 200 excitatory partners and not 1,000. The regimes remain, the numbers don't.

# %%
small = {"excitatory": 1000, "connectivity": 0.2, "jump": 0.5 * mV} if SHORT else {}
networks = [Brunel(g=g, eta=eta, **small) for g, eta in REGIMES.values()]
found = run_regimes(networks, (0.35 if SHORT else 1.2) * second, (0.1 if SHORT else 0.2) * second)
print("regime                      rate   theory     CV   strongest beat")
for name, network, seen in zip(REGIMES, networks, found, strict=True):
    rate, theory, beat = (float(x / Hz) for x in (seen.rate[0], network.mean_field(), seen.rhythm("neurons", high=450 * Hz)))
    print(f"{name:24s} {rate:5.1f} Hz {theory:5.1f} Hz   {seen.variation[0]:.2f}   {beat:3.0f} Hz")

# %% [markdown]
# The column *theory* is no simulation: it is the rate at which a neuron's answer to noisy input agrees with the input that
# such neurons send (formula 3 of the paper). It knows nothing of rhythms, and still comes within a fifth of the full network's
# rates, mostly much closer.
#
# Two hundred neurons of each network, and below them the rate of all:

# %%
bins = np.asarray(found[0].bins / ms)
titles = [f"{name}: g = {network.g:g}, eta = {network.eta:g}" for name, network in zip(REGIMES, networks, strict=True)]
rasters = {title: seen.populations() for title, seen in zip(titles, found, strict=True)}
display(population_rasters(rasters, bins[bins < 200]))

# %%
lines = []
for name, seen in zip(REGIMES, found, strict=True):
    frequency, power = seen.spectrum("neurons", segment=256 if SHORT else 512)
    band = (frequency > 0) & (frequency < 450)
    lines.append(Series(x=frequency[band], y=power[band], name=name.replace("-", " ")))
axes = {"across": "frequency [Hz]", "up": "power of the population rate [Hz]", "logarithmic": "y"}
display(curves([Chart(series=pair, **axes) for pair in (lines[:2], lines[2:])]))

# %% [markdown]
# Look at the fast oscillation (top right). The full network beats about 180 times a second, and each neuron takes part in every
# third beat or so, irregularly. An electrode hears a tone; no single neuron plays it. The frequency is set by the
# delay of inhibition: excess activity returns as a brake one delay (1.5 ms) and one membrane's hesitation later.
#
# And two warnings. In the full network, the neurons of the first regime are two clusters that take turns every 1.6 ms. Bins of
# 0.5 ms can't follow that, and some lines of the spectrum are made by the bins. And names are only names: the full "asynchronous
# irregular" network has a weak beat too, and its neurons a CV of 0.4, where chance has 1.
#
# ## A fire that keeps burning
#
# Vogels and Abbott (2005) take the outside away. 4,000 neurons excite and inhibit each other through conductances (COBA) or
# currents (CUBA), start from a random state, and stay active by themselves. Each neuron gets thousands of pushes a second,
# up and down, that nearly cancel. What crosses the threshold is the *imbalance of the moment*: this is where irregular
# firing comes from, without a single random number after the start.

# %%
pair = {}
for conductances in (False, True):
    seen = Balanced(conductances=conductances).run((0.4 if SHORT else 2.5) * second, 0.1 * second, seed=1)
    print(f"{seen.model}: {float(seen.rate[0] / Hz):4.1f} Hz, CV {seen.variation[0]:.2f}")
    pair[f"{seen.model}, {float(seen.rate[0] / Hz):.1f} Hz"] = seen.populations()
bins = np.asarray(seen.bins / ms)
display(population_rasters(pair, bins[bins < 250]))

# %% [markdown]
# Published: about 20 Hz for COBA and 5.5 Hz for CUBA. Conductances do more than move the voltage: a barrage of them makes the
# membrane quick and leaky. COBA neurons fire in bursts and pauses (CV 1.8 when measured for long); CUBA neurons are
# more regular than chance (0.6).
#
# ## A rhythm from two voices
#
# PING, pyramidal-interneuron gamma: excitatory cells fire, rouse the interneurons, and these silence everybody until their
# inhibition has worn off, and then the cycle starts again. The prediction that gives it away: interneurons fire a few
# milliseconds *after* the pyramidal cells.

# %%
network = Ping(excitatory=40) if SHORT else Ping()
seen = network.run((250 if SHORT else 600) * ms, 50 * ms, seed=1)
pyramidal, interneurons = np.asarray(seen.course)
lags = np.arange(-10, 11)
together = np.array([pyramidal[10:-10] @ interneurons[10 + lag : len(interneurons) - 10 + lag] for lag in lags])
rhythm = float(seen.rhythm("pyramidal", 15 * Hz, 120 * Hz) / Hz)
print(f"rhythm {rhythm:.0f} Hz; interneurons follow the pyramidal cells by {lags[together.argmax()]} ms")
display(seen.plot())

# %%
frequency, power = seen.spectrum("pyramidal", segment=128 if SHORT else 256)
charts = [
    Chart(series=[Series(x=lags * 1.0, y=together / together.max())], across="interneurons later by [ms]", up="coincidences, relative"),
    Chart(series=[Series(x=frequency[1:40], y=power[1:40])], across="frequency [Hz]", up="power [Hz]"),
]
display(curves(charts))

# %% [markdown]
# ## What we saw
#
# - Irregular firing needs no noise inside neurons. Strong, balanced input is enough.
# - Inhibition makes rhythms, by two different clocks: a delay (Brunel's fast oscillation) or its own decay (gamma).
# - The rhythm of a network is not the rate of its neurons. Who wants to know which one an experiment sees has to count both.
#
# **Try:** g = 4 exactly. Brunel's network with `eta=0.5`: can it be silent and alive? Let PING's inhibition grow
# (`Ping(inhibition=0.5)`) and predict first whether the rhythm slows down.
#
# More: `simulations/brunel_2000_regimes.py`, `simulations/vogels_abbott_2005_balanced.py`,
# `simulations/borgers_kopell_2003_gamma.py`, `simulations/potjans_diesmann_2014_microcircuit.py`.
#
# Sources: Brunel 2000, J Comput Neurosci 8:183; Vogels, Abbott 2005, J Neurosci 25:10786; Brette et al. 2007, J Comput Neurosci
# 23:349; Whittington, Traub, Jefferys 1995, Nature 373:612; Borgers, Kopell 2003, Neural Comput 15:509.
