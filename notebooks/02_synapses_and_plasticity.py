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
# # Synapses: what a spike says, and how it learns to say it
#
# A spike is the same everywhere. What it *means* is decided by the synapse it arrives at: how long it speaks, whether anyone
# listens, how often it has just spoken, and what it learnt from those who fired before and after it.

# %%
import numpy as np
from brian2 import Hz, ms, mV, nA
from IPython.display import display

from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.plasticity import PLASTICITY, RATE_RULES
from neurobridge.neuro.plasticity.rates import selectivity
from neurobridge.neuro.protocols.pairing import pairing_rate, stdp_window
from neurobridge.neuro.protocols.postsynaptic import postsynaptic_response
from neurobridge.neuro.protocols.short_term_train import short_term_train
from neurobridge.neuro.synapses import SHORT_TERM, SYNAPSES
from neurobridge.neuro.synapses.receptors import magnesium_block
from neurobridge.plots.neurons import Chart, Series, curve, curves

leaky = neuron("leaky")

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## One spike, many durations
#
# One presynaptic spike at 0, the conductance over its own peak. AMPA is over before NMDA has got going, and GABA-B, four of
# whose messengers have to meet at a channel, takes a tenth of a second. Each synapse is a memory, and each has its own length.

# %%
lines, step = [], (0.1 if SHORT else 0.05) * ms
for name in ("ampa", "gaba-a", "alpha", "nmda", "gaba-b"):
    found = postsynaptic_response(leaky, SYNAPSES[name], duration=400 * ms, dt=step)
    peak = found.conductance.argmax()
    print(f"{name:8s} peaks at {float(found.time[peak] / ms):6.1f} ms with {found.conductance[peak]:.2g} of its conductance")
    lines.append(Series(x=np.asarray(found.time / ms), y=found.conductance / found.conductance[peak], name=name))
display(curve(lines, "time after the spike [ms]", "conductance over its peak"))

# %% [markdown]
# Note the last number: GABA-B hardly answers a single spike. A channel opens only with four G-proteins bound to it, and so the
# answer grows much faster than the number of spikes. It listens to bursts (Destexhe et al. 1996).

# %%
lines = []
for count in (1, 2, 4, 8):
    times = np.arange(count) * 5 * ms
    found = postsynaptic_response(leaky, SYNAPSES["gaba-b"], times, duration=600 * ms, dt=step)
    print(f"{count} in a burst: {found.conductance.max():.2g} of the conductance, {found.conductance.max() / count:.2g} a spike")
    lines.append(Series(x=np.asarray(found.time / ms), y=found.conductance, name=f"{count} in a burst"))
display(curve(lines, "time [ms]", "g/gmax", "GABA-B, spikes 5 ms apart"))

# %% [markdown]
# ## The receptor that detects coincidences
#
# Magnesium plugs the NMDA channel until the neuron is depolarised: it passes current only if the sender fires *and* the
# receiver is already awake. Left, the current that this leaves (Jahr, Stevens 1990). Right, one and the same spike on
# a neuron at rest and on one that is held closer to its threshold.

# %%
voltage = np.linspace(-100, 40, 141)
block = [
    Series(x=voltage, y=voltage * magnesium_block(voltage, dose), name=f"{dose:g} mM magnesium") for dose in (0.01, 0.1, 1.0)
]
answers = []
for name in ("ampa", "nmda"):
    for current in (0, 1.5) * nA:
        found = postsynaptic_response(
            leaky, SYNAPSES[name], [100] * ms, weight=10, duration=220 * ms, holding=current, dt=step
        )
        time, trace = np.asarray(found.time / ms), np.asarray(found.voltage / mV)
        before = trace[time < 100][-1]
        print(f"{name} on a neuron at {before:.0f} mV: {trace[time > 100].max() - before:.2f} mV")
        answers.append(Series(x=time[time > 90] - 100, y=trace[time > 90] - before, name=f"{name}, {before:.0f} mV"))
charts = [
    Chart(series=block, across="v [mV]", up="current over conductance [mV]", title="what magnesium leaves of NMDA"),
    Chart(series=answers, across="time after the spike [ms]", up="change of v [mV]", title="the same spike, asleep and awake"),
]
display(curves(charts))

# %% [markdown]
# The AMPA synapse does less when the neuron is nearer to its reversal potential, as any battery would. The NMDA synapse does
# twice as much. This one molecule is where most theories of learning begin.
#
# ## What was just said changes what can be said
#
# A depressing synapse runs out of vesicles. A facilitating one warms up. The same trains, left and middle, through both.
# Right, what arrives in a second once the train is long: the depressing synapse passes nearly the same at 20 and at 100 Hz.
# It no longer tells rates; it tells *changes* (Tsodyks, Markram 1997).

# %%
rates, charts, steady = np.array([5, 20, 50]) * Hz, [], []
every = np.array([1, 2, 5, 10, 15, 20, 30, 40, 60, 80, 100]) * Hz
for name in ("depressing", "facilitating"):
    found = short_term_train(SHORT_TERM[name], rates, spikes=10 if SHORT else 20)
    numbers = np.arange(1, found.released.shape[1] + 1)
    lines = [Series(x=numbers, y=row, name=f"{rate:g} Hz") for rate, row in zip(rates / Hz, found.released, strict=True)]
    charts.append(Chart(series=lines, across="number of the spike", up="released, u x", title=name))
    u, x = SHORT_TERM[name].steady_state(every)
    steady.append(Series(x=np.asarray(every / Hz), y=np.asarray(u * x * every / Hz), name=name))
    passed = dict(zip((every / Hz).astype(int).tolist(), (u * x * every / Hz).round(2).tolist(), strict=True))
    print(f"{name:12s} passes {passed[20]} a second at 20 Hz, {passed[100]} at 100 Hz")
charts.append(Chart(series=steady, across="rate of the train [Hz]", up="released a second", title="after a long train"))
display(curves(charts))

# %% [markdown]
# ## Who was first?
#
# Fire together, wire together, said Hebb, but he meant more: who *takes part in* firing must come first. Left, the change by one
# pair of spikes against their lag, for the additive rule (Song et al. 2000) and the multiplicative one (Rubin et al. 2001)
# from a weak and from a strong synapse. The additive rule does not look at the weight, and drives each to one of its limits.
# The multiplicative one spares the strong from getting stronger.
#
# Right, the experiment that pair rules fail: sixty pairs, late before early by 10 ms or the other way round, slowly and fast
# (Sjostrom et al. 2001). In the slice, *both* orders strengthen the synapse at 50 Hz. A rule of pairs can't do that,
# since in a fast train the next spike's lag, +10 ms, merely evens out the first one's, -10 ms. A rule of triplets can.

# %%
lags = np.setdiff1d(np.arange(-80, 81, 8 if SHORT else 2), 0) * ms
windows = []
for rule, weight, name in (
    ("pair", 0.5, "additive"), ("pair-multiplicative", 0.2, "from w = 0.2"), ("pair-multiplicative", 0.8, "from w = 0.8")
):  # fmt: skip
    found = stdp_window(PLASTICITY[rule], lags, weight=weight)
    windows.append(Series(x=np.asarray(lags / ms), y=found.change, name=name))
repeated = []
for name, weight in (("pair", 0.5), ("triplet", 1.0)):
    found = pairing_rate(PLASTICITY[name], np.array([10, 20, 40, 50] if SHORT else [1, 2, 5, 10, 20, 40, 50]) * Hz, weight=weight)
    for lag, row in zip(found.lag / ms, found.change, strict=True):
        print(f"{name:8s} {lag:+3.0f} ms: {row[found.rate == 10 * Hz][0]:+.2f} at 10 Hz, {row[-1]:+.2f} at 50 Hz")
        repeated.append(Series(x=np.asarray(found.rate / Hz), y=row, name=f"{name}, {lag:+.0f} ms"))
charts = [
    Chart(series=windows, across="t_post - t_pre [ms]", up="change of w by one pair", title="windows"),
    Chart(series=repeated, across="rate of pairing [Hz]", up="change of w by sixty pairs", title="the rate matters"),
]
display(curves(charts))

# %% [markdown]
# ## What learning is for
#
# Rules on rates ask what a neuron *becomes*. Hebb's rule turns the weights to the direction in which the inputs vary most, and
# explodes. Oja's rule takes the same turn (the two curves in the middle lie on each other) and keeps the length at one: the
# neuron has learnt the first principal component. The BCM rule, with a threshold that slides with the neuron's own
# activity, makes a neuron choose: ten overlapping patterns go in, and it comes to answer one of them (theory: with 10, and the
# others with 0).

# %%
rng = np.random.default_rng(1)
clouds = rng.normal(size=(1000, 2)) @ np.diag([1.0, 0.4]) @ np.array([[0.8, 0.6], [-0.6, 0.8]])
principal = np.linalg.eigh(np.cov(clouds.T))[1][:, -1]
lengths, directions = [], []
for name in ("hebb", "oja"):
    weights = [np.array([-0.3, 0.5])]
    for batch in np.split(clouds, 50):
        weights.append(RATE_RULES[name].learn(weights[-1], batch, speed=0.01))
    size = np.linalg.norm(weights, axis=1)
    lengths.append(Series(x=20.0 * np.arange(51), y=size, name=name))
    directions.append(Series(x=20.0 * np.arange(51), y=np.abs(weights @ principal) / size, name=name))
    print(f"{name}: length {size[-1]:.2f}, cosine to the principal component {directions[-1].y[-1]:.4f}")

places = np.arange(10)
patterns = np.exp(3.0 * (np.cos(2 * np.pi * (places - places[:, None]) / 10) - 1))
weights, answered = np.full(10, 0.2), [np.full(10, 0.2) @ patterns.T]
for _ in range(40):
    shown = patterns[rng.integers(0, 10, 1000)]
    threshold = float(np.mean(answered[-1] ** 2))
    weights = RATE_RULES["bcm"].learn(weights, shown, speed=0.004, memory=0.02, threshold=threshold)
    answered.append(patterns @ weights)
print(f"bcm: selectivity {selectivity(answered[0]):.2f} before, {selectivity(answered[-1]):.2f} after")
course = [Series(x=1000.0 * np.arange(41), y=row) for row in np.transpose(answered)]
display(
    curves(
        [
            Chart(series=lengths, across="inputs seen", up="length of the weights", title="Hebb explodes", logarithmic="y"),
            Chart(series=directions, across="inputs seen", up="cosine to the main axis", title="both find the main axis"),
            Chart(series=course, across="inputs seen", up="answer to each pattern", title="BCM chooses one of ten"),
        ]
    )
)

# %% [markdown]
# ## What we saw
#
# - Time constants of synapses span two orders of magnitude: a network has clocks everywhere, not only in its neurons.
# - NMDA multiplies (sender and receiver), depression differentiates, facilitation waits for confirmation.
# - Pair rules get the sign of a lag right and the rate of its repetition wrong. Triplets, fitted to the same slices, get both:
#   -0.33 at 10 Hz and +0.73 at 50 Hz for the *same* lag of -10 ms. One measurement chose between two theories.
#
# **Try:** how many AMPA spikes, how close together, does the leaky neuron need to fire? At which rate does a
# spike through the facilitating synapse release most? `PLASTICITY["pair-nearest"]`
# in the rate protocol: does it help?
#
# More: `simulations/tsodyks_markram_1998_short_term.py`, `simulations/jahr_stevens_1990_magnesium_block.py`,
# `simulations/pfister_gerstner_2006_triplets.py`.
#
# Sources: Jahr, Stevens 1990, J Neurosci 10:3178; Destexhe et al. 1996, J Neurophysiol 76:2049; Tsodyks, Markram 1997,
# PNAS 94:719; Song, Miller, Abbott 2000, Nat Neurosci 3:919; Rubin, Lee, Sompolinsky 2001, Phys Rev Lett 86:364; Sjostrom,
# Turrigiano, Nelson 2001, Neuron 32:1149; Pfister, Gerstner 2006, J Neurosci 26:9673; Oja 1982, J Math Biol 15:267;
# Bienenstock, Cooper, Munro 1982, J Neurosci 2:32.
