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
# # Decoding movement
#
# An electrode array in motor cortex hears a hundred neurons. A decoder turns what it hears into the velocity of a
# cursor. Here the cortex is simulated, so that we know what there is to be known: first how it fires, then who reads it
# best, then what is left of the best reader when it is made of spikes, and last whether any of this helps to hit a
# target.

# %%
import numpy as np
import torch
from IPython.display import display

import neurobridge as nb
from neurobridge.ann.training import contender, recipe, train
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.plots.movement import acquired, paths, session, turning, velocities
from neurobridge.spikes.encode.motor_cortex import CORTICES
from neurobridge.spikes.statistics.rotations import rotations
from neurobridge.tasks import baselines
from neurobridge.tasks.reaching.closed_loop import Rules, run
from neurobridge.tasks.reaching.reaches import STEP, minimum_jerk
from neurobridge.tasks.reaching.simulated import simulate

torch.set_num_threads(1)

# %% tags=["parameters"]
SHORT = False  # a look in seconds

# %% [markdown]
# ## What is recorded
#
# A hand reaches from target to target as hands do, on straight lines with the smoothest course of speed. Ninety-six
# neurons fire for what the hand will do a tenth of a second later.

# %%
recording = simulate("rotating", duration=60.0)
counts, velocity = recording.binned(0.05)
first = slice(0, 160)
display(session(0.05 * np.arange(160), recording.trains, velocity[first], title=recording.source))

# %% [markdown]
# ## Two ideas of motor cortex
#
# In one, a neuron has a preferred direction, and its rate is a cosine of the angle to it. In the other, the population
# is a machine: a movement sets off a state that turns, and neurons read it. The same push into eight directions shows
# which is which. Only turning dynamics are explained by a matrix that turns.

# %%
angles = 2 * np.pi * np.arange(8) / 8
speed = 30 * minimum_jerk(np.arange(50) / 50)[1]
pushes = speed[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, None]
for name in ("cosine", "rotating"):
    rates, _ = CORTICES[name](96, np.random.default_rng(0)).respond(pushes, STEP)
    found = rotations(rates, STEP)
    print(f"{name:9s} turning explains {100 * found.explained:3.0f} % of the change of state, at {found.frequency:.2f} Hz")
display(turning(found.plane, angles, "eight reaches, rotating motor cortex"))

# %% [markdown]
# ## Who reads it best
#
# The Wiener filter weighs the last ten bins. The Kalman filter knows that hands have inertia. Both are linear, and the
# same activity means different movements at different moments of a reach. A network with memory can know the moment.
# Scores are R², the share of the velocity's variance that is explained.

# %%
task = nb.tasks.load("reaching", minutes=4 if SHORT else 20)
decoders = {name: baselines.fit(name, task) for name in task.baselines}
model = nb.models.build("lstm", task)
settings = TrainingConfig(epochs=8, learning_rate=1e-2, clip=1.0) if SHORT else recipe(task.name, "lstm")
model, history = train(model, task, settings)
decoders["LSTM"] = contender(model)
for name, predict in decoders.items():
    print(f"{name:14s} R² {task.judge(predict).summary:.1f} %")

# %% [markdown]
# ## In spikes
#
# The trained LSTM becomes a spiking network: every number eight bits, every bit a spike or none, products as gates. What
# comes in as spikes is then read by spikes, with accumulates in place of multiplications.

# %%
network = nb.convert(model, torch.as_tensor(task.calibration(128)), code="radix", steps=8)
decoders["LSTM in spikes"] = contender(network)
own, spiking = (task.judge(decoders[name]).summary for name in ("LSTM", "LSTM in spikes"))
print(f"R² {own:.2f} % before, {spiking:.2f} % after; {network.latency / task.input_shape[0]:.0f} steps a bin")

# %%
unit = np.array(task.facts["cm/s"])
shown = {name: decoders[name](task.test.inputs[2:5]).reshape(-1, 2) * unit for name in ("Kalman filter", "LSTM")}
truth = task.test.targets[2:5].reshape(-1, 2) * unit
display(velocities(0.05 * np.arange(len(truth)), truth, shown))

# %% [markdown]
# ## In the loop
#
# R² is not the point; the point is a cursor. Now the decoder moves it, the same neurons fire for where it should go
# next, and errors can be corrected, as late as the eye sees them. A target counts when the cursor has stayed in it for
# half a second.

# %%
racing = {name: decoders[name] for name in ("Kalman filter", "LSTM", "LSTM in spikes")}
trials = {name: run(predict, task, seed=0, repeats=1 if SHORT else 8) for name, predict in racing.items()}
for name, one in trials.items():
    print(f"{name:14s} {100 * one.success:3.0f} % acquired, {one.seconds.mean():.2f} s on average")
targets = next(iter(trials.values())).target
display(paths({name: one.path[:24] for name, one in trials.items()}, targets[:24], Rules().radius))

# %%
seconds = {name: np.where(one.acquired, one.seconds, np.inf) for name, one in trials.items()}
display(acquired(seconds, Rules().limit))

# %% [markdown]
# Three seeds with intervals, both populations, more decoders and what they cost: `python -m benchmarks decoding`. The same on
# a recording of yours: `neurobridge compare reaching --data session.nwb`.
