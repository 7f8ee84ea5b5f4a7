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
# # One neuron: from rest to rhythm
#
# Push a neuron harder and harder. At some current it starts to fire. *How* it starts, slowly or at once with a fast
# rhythm, is the oldest question asked of a single neuron (Hodgkin 1948), and four famous models answer it differently.
#
# | model | what it keeps | source |
# |---|---|---|
# | leaky integrate-and-fire | a leaking capacitor and a threshold | Lapicque 1907; Gerstner et al. 2014 |
# | Hodgkin-Huxley | the sodium and potassium channels of the squid's axon | Hodgkin, Huxley 1952 |
# | Izhikevich | a parabola and a slow recovery | Izhikevich 2003 |
# | adaptive exponential | the sharp rise of a spike, and fatigue | Brette, Gerstner 2005; Naud et al. 2008 |
#
# **Before you run it:** which of the four can fire once a second, and which can't fire slowly at all?

# %%
import numpy as np
from brian2 import Hz, cm, mV, ms, nA, pA, uA
from IPython.display import display

from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols.bifurcation import bifurcations
from neurobridge.neuro.protocols.fi_curve import fi_curve
from neurobridge.neuro.protocols.phase_plane import phase_plane
from neurobridge.neuro.quantities import text
from neurobridge.neuro.recorders import Spikes, Traces
from neurobridge.neuro.simulate import simulate
from neurobridge.neuro.stimuli import step
from neurobridge.plots.neurons import Series, curve, gallery

density = uA / cm**2

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## The same push, four answers
#
# Each model in the units of its paper: below its onset, just above it, and far above. The grey line is what we inject.

# %%
pushes = {
    "leaky": [1.9, 2.05, 4] * nA,
    "hodgkin-huxley": [2, 6.5, 20] * density,
    "izhikevich": np.array([3.5, 4.5, 14]),
    "adaptive-exponential:adaptation": [240, 330, 700] * pA,
}
duration, panels = 300, []
for name, levels in pushes.items():
    model = neuron(name)
    circuit = single(model, step(levels, 20 * ms, (duration - 40) * ms), 3)
    found = simulate(circuit, duration * ms, [Traces("neurons", (model.voltage, "I"), which=(0, 1, 2)), Spikes("neurons")])
    samples, spikes = found.traces["neurons"], found.spikes["neurons"].counts()
    for row, level in enumerate(levels):
        title = f"{name.partition(':')[0].removesuffix('-exponential')}, {text(level)}" + f": {spikes[row]} spike{'' if spikes[row] == 1 else 's'}"
        panels.append((samples.time / ms, np.asarray(samples[model.voltage][row]), np.asarray(samples["I"][row]), title))
display(gallery(*zip(*panels, strict=True), columns=3))

# %% [markdown]
# Look at the first column. The leaky neuron climbs and waits. The squid's axon overshoots and *rings*: its potassium
# channels answer late. Izhikevich's neuron and the adaptive one fire once, to greet the step, and then never again. In the
# last column only the leaky neuron and the axon keep their rhythm; the two others slow down, because each spike makes the
# next one harder.
# (The leaky neuron has no spike of its own: it touches a threshold and is put back.)
#
# ## How fast, for how much: the f-I curve
#
# Fifty currents in one simulation. Currents are divided by the lowest at which the model fires on and on, so that
# nanoamperes, current densities and Izhikevich's bare numbers share an axis.

# %%
points = 12 if SHORT else 50
ranges = {
    "leaky": (1.9, 4, nA),
    "hodgkin-huxley": (5.5, 13, density),
    "izhikevich": (3.5, 8, 1),
    "adaptive-exponential:adaptation": (200, 600, pA),
}
lines = []
for name, (low, high, unit) in ranges.items():
    found = fi_curve(
        neuron(name), np.linspace(low, high, points) * unit, duration=(500 if SHORT else 1500) * ms, settle=200 * ms
    )
    fires = np.asarray(found.rate) > 0
    onset, lowest = found.current[fires][0], found.rate[fires].min()
    print(f"{name:32s} fires from {text(onset)} on, at {float(lowest):.1f} Hz or more")
    lines.append(Series(x=np.asarray(found.current / onset), y=np.asarray(found.rate / Hz), name=name.partition(":")[0]))
display(curve(lines, "current over the lowest that makes it fire", "rate [Hz]"))

# %% [markdown]
# The axon has no slow rhythm to offer: nothing, and then more than 50 spikes a second. Izhikevich's neuron and the adaptive
# one begin at a few. The leaky neuron only seems to jump: its formula says that any rate is possible, but the slow ones
# hide in the last hundredth of a nanoampere above 2 nA:

# %%
leaky = neuron("leaky")
for excess in (1e-1, 1e-2, 1e-4, 1e-6):
    drive = leaky.parameters["R"] * (2 + excess) * nA
    rest, reset, threshold = (leaky.parameters[name] for name in ("E_L", "V_reset", "V_th"))
    climb = leaky.parameters["tau"] * np.log((rest + drive - reset) / (rest + drive - threshold))
    print(f"2 nA + {excess:g} nA: {float(1 / (leaky.parameters['t_ref'] + climb)):5.1f} Hz")

# %% [markdown]
# ## Two ways to begin
#
# Hodgkin called neurons that begin slowly *class 1*, and those that begin with a fast rhythm *class 2*. Rinzel and
# Ermentrout showed that four numbers decide between them, in one and the same model: Morris and Lecar's two-variable neuron.

# %%
sets, lines = {"saddle-node": (39.5, 44), "hopf": (88, 100)}, []
for variant, (low, high) in sets.items():
    found = fi_curve(
        neuron(f"morris-lecar:{variant}"), np.linspace(low, high, points) * density,
        duration=(1000 if SHORT else 3000) * ms, settle=300 * ms,
    )  # fmt: skip
    onset = found.current[np.asarray(found.rate) > 0][0]
    lines.append(Series(x=np.asarray((found.current - onset) / density), y=np.asarray(found.rate / Hz), name=variant))
display(curve(lines, "current above the onset [uA/cm2]", "rate [Hz]", "Morris-Lecar, two sets of parameters"))

# %% [markdown]
# Why? Look where the nullclines cross. With the first set, rest (filled) and a saddle (open) approach each other as the
# current grows. Where they met, the flow still hesitates, and the hesitation can last as long as you like: class 1. With the
# second set there is only one crossing. It loses its stability while the cycle around it is already large and quick: class 2.

# %%
for variant, level in (("saddle-node", 35), ("hopf", 100)):
    found = phase_plane(neuron(f"morris-lecar:{variant}"), level * density, low=-75 * mV, high=50 * mV)
    print(f"{variant}, {level} uA/cm2: {found.point_kinds}")
    display(found.plot())

# %% [markdown]
# The same told over all currents: follow the resting point until it meets another one (a fold) or begins to swing (Hopf).
# The published fold of this set is at 39.96 uA/cm2.

# %%
display(bifurcations(neuron("morris-lecar:saddle-node"), -60 * mV, 15 * mV, 150 if SHORT else 600).plot())
display(bifurcations(neuron("hodgkin-huxley"), -70 * mV, -40 * mV, 150 if SHORT else 600).plot())

# %% [markdown]
# A riddle for the squid's axon: its rest is stable up to 9.8 uA/cm2, but above we saw it fire from 6.3 on. Both are right.
# In between, rest *and* rhythm are stable, and history decides (Rinzel, Miller 1980).
#
# ## Fatigue, in a picture
#
# The adaptive exponential neuron has two variables as well: the voltage, and a current w that every spike makes larger by
# 60 pA. Each spike leaves to the right and comes back one rung higher, until the v-nullcline is in the way and the next
# spike has to wait for w to decay.

# %%
display(phase_plane(neuron("adaptive-exponential:adaptation"), 500 * pA, low=-80 * mV, high=-35 * mV).plot())

# %% [markdown]
# ## What we saw
#
# - A leaky neuron and a squid's axon under the same kind of push differ in *how they begin*, and that decides what they can
#   tell: a class 1 neuron codes a weak input by its rate; a class 2 neuron answers yes or no, at its own frequency.
# - The difference is geometry: a fold that leaves a slow passage, or a rest that starts to swing.
# - A second slow variable adds fatigue, and with it most of what cortical neurons do.
#
# **Try:** `neuron("connor-stevens")` has the axon's channels and one more, and is class 1: which one, and why? Cool the axon
# (`neuron("hodgkin-huxley").with_parameters(celsius=0.0)`) and warm it: how does its first rhythm change? Start the axon
# in the bistable range and silence it with one short pulse.
#
# More: `simulations/rinzel_ermentrout_1998_excitability.py`, `simulations/izhikevich_2004_twenty_patterns.py`,
# `simulations/naud_2008_firing_patterns.py`, `neurobridge simulate hodgkin-huxley --protocol fi-curve`.
#
# Sources: Hodgkin 1948, J Physiol 107:165; Rinzel, Ermentrout 1998, Methods in Neuronal Modeling, ch. 7;
# Rinzel, Miller 1980, Math Biosci 49:27; Izhikevich 2007, Dynamical Systems in Neuroscience, ch. 4 and 6.
