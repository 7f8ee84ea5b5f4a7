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
# # A spiking agent
#
# A network that names digits may be wrong once in a while and nobody falls. An agent's mistakes add up: each action decides what
# it sees next. So a harder question for a conversion is not "does it answer the same?" but "does it still *play*?"
#
# The game is the oldest of them: keep a pole upright on a cart by pushing left or right (Barto, Sutton, Anderson 1983). Every step
# upright brings 1, at most 500.
#
# **Before you run it:** the spiking agent will choose another action than the original in some states. In which ones?

# %%
import tempfile
from dataclasses import replace

import numpy as np
import torch
from IPython.display import display

import neurobridge as nb
from neurobridge.ann.reinforcement.fit import fit_cached
from neurobridge.ann.reinforcement.recipes import recipe
from neurobridge.ann.training import contender
from neurobridge.plots.neurons import Series, curve
from neurobridge.plots.reinforcement import episode, learning
from neurobridge.tasks.environments.film import watched

torch.set_num_threads(1)

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## Practice
#
# Deep Q-learning (Mnih et al. 2015; double, duelling): a small network guesses what each action is worth, and learns from its own
# surprises. In the short setting it practises for 6,000 steps only, and lets the pole fall more often.

# %%
task = nb.tasks.load("cartpole", episodes=20 if SHORT else 200)
run = recipe(task.environment, "dqn").run
run = replace(run, steps=6_000, evaluate_every=2_000, episodes=5) if SHORT else run
agent, progress = fit_cached(task, "dqn", 0, tempfile.mkdtemp(), run=run)
lowest = task.random_scores().summary
course = (progress.column("step"), progress.column("score")[None])
display(learning({"deep Q-network": course}, wanted=475, lowest=lowest))

# %% [markdown]
# ## The same episodes, in spikes
#
# Converted without further training, and judged on the *same* beginnings: differences are paired, episode by episode. Where do
# the ranges of the neurons come from? From states that the agent visits itself, many of them: a fall begins in a rare state,
# and a neuron whose range was set without it is deaf just then.

# %%
states = task.visited(agent.predict, 2048 if SHORT else 8192, seed=0).inputs
original = task.judge(agent.predict)
elsewhere = task.visited(agent.predict, 1000, seed=1, explore=0.0).inputs
worth = agent.predict(elsewhere)
chosen, gap = worth.argmax(-1), np.abs(worth[:, 0] - worth[:, 1])
print(f"random actions {lowest:.1f}, original {original.summary:.1f}, of 500")
differing = {}
for steps in (2, 4, 6, 8):
    spiking = nb.convert(agent.policy, states, code="radix", steps=steps)
    played = task.judge(contender(spiking))
    changed = played.values - original.values
    other = contender(spiking)(elsewhere).argmax(-1) != chosen
    differing[steps] = other
    print(
        f"T = {steps} ({spiking.latency:2d} steps a decision): {played.summary:5.1f}, paired difference {changed.mean():+6.1f}, "
        f"another action in {other.mean():5.1%} of states"
    )

# %% [markdown]
# Now the riddle. At T = 8 the agent still chooses another action in some percent of the states, and plays as long as before.
# In which states? In those where it does not matter: the two actions are worth nearly the same.

# %%
edges = np.quantile(gap, np.linspace(0, 1, 11))
decile = np.clip(np.searchsorted(edges, gap, side="right") - 1, 0, 9)
lines = [
    Series(
        x=np.arange(1, 11) * 1.0,
        y=np.array([100 * other[decile == k].mean() for k in range(10)]),
        name=f"T = {steps}",
    )
    for steps, other in differing.items()
]
display(curve(lines, "how much the choice matters (tenths of the states)", "another action [%]"))

# %% [markdown]
# ## An episode
#
# Pictures of the beginning above; below, how often each neuron fires in each decision; at the bottom, what the spiking network
# thinks the two actions are worth. It pushes to the side whose line is on top.

# %%
game = watched(contender(spiking), task.environment, seed=3)
first = slice(0, 60)
fired = {name: np.abs(spikes).sum(0)[first] for name, spikes in spiking.raster(game.seen).items() if name in ("observations", "relu")}
moments = np.linspace(0, min(60, len(game.steps)) - 1, 6).astype(int)
worth = {"push left": game.answers[first, 0], "push right": game.answers[first, 1]}
cart = game.pictures[moments][:, 140:320, 100:500]
print(f"this episode brought {game.brought:.0f}")
display(episode(cart, moments, {"4 inputs": fired["observations"], "64 neurons": fired["relu"]}, worth))

# %% [markdown]
# ## What we saw
#
# - Agreement of actions is the wrong measure of an agent, and return alone is a coarse one. Look at both, paired.
# - The lines of the two values cross all the time: balance *is* indifference most of the time. Small errors flip the choice
#   where it is free, and the pole forgives it at the next step.
# - Too few digits do hurt: at T = 2 the choices differ where they matter, too, and the pole falls.
#
# **Try:** `steps="auto", disagreement=0.01` in `nb.convert`: how many steps does 99 % of the same actions cost? Convert with 100
# calibration states instead of thousands and watch the return. `neurobridge compare cartpole` judges all codes over seeds;
# `film(...)` in `neurobridge.tasks.environments.film` writes the episode as a GIF.
#
# More: `python ann/play_games.py`, `docs/how-to/agent.md` for an agent from Stable-Baselines3.
#
# Sources: Barto, Sutton, Anderson 1983, IEEE Trans SMC 13:834; Mnih et al. 2015, Nature 518:529; van Hasselt, Guez, Silver
# 2016, AAAI; Wang et al. 2016, ICML.
