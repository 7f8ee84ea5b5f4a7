"""What is lost when a converted network runs on real neurons: leaky ones, and ones that adapt?

The rate code asks for neurons that fire in proportion to their drive. A measured f-I curve says which current makes a
neuron fire at a rate; with it each hidden neuron of a converted network becomes a neuron in Brian2. Spikes are
smoothed by a synapse of 10 ms; the answer is read from all spikes of the last layer so far.

Expected: on 100 digits of which the ANN names 92 % right, exact neurons keep 91 % from 80 ms on. Leaky neurons need
time to charge (6 % after 20 ms, 79 % after 40) and stay at 86 %, with slower synapses too. Tonic adaptive ones are as
slow and lose nothing from 80 ms on. Adapting ones are the first (87 % after 20 ms), then the worst, as they fire faster
than their measured curve says until they have adapted, and reach 89 % after 320. The standard error is 3 %.

Source: Hunsberger & Eliasmith 2016, arXiv:1611.05141; f-I curves measured by `neurobridge simulate`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from brian2 import Hz, Quantity, ms, second

import neurobridge as nb
from neurobridge import program, tasks
from neurobridge.ann.training import contender, recipe, train
from neurobridge.graph.apply import apply
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Neurons, Synapses
from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons import NeuronModel, neuron
from neurobridge.neuro.protocols.fi_curve import FICurve, fi_curve
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.recording import SpikeTimes
from neurobridge.neuro.simulate import simulate
from neurobridge.neuro.stimuli import samples
from neurobridge.plots.neurons import Series, curve
from neurobridge.plots.style import save

BIN = 1.0  # ms: between changes of the currents


@dataclass
class Config:
    """What is converted and run."""

    neurons: tuple[str, ...] = ("leaky", "adaptive-exponential:tonic", "adaptive-exponential:adaptation")
    """Neuron models, with a published variant after a colon."""
    widths: tuple[int, ...] = (32, 32)
    """Units of each hidden layer."""
    samples: int = 100
    """Test digits."""
    window: int = 320
    """Milliseconds a digit is shown."""
    fastest: float = 100.0
    """Rate in Hz that stands for the largest number."""
    synapse: float = 10.0
    """Milliseconds in which a synapse's current decays."""
    out: Path = Path("reports/measured-neurons")
    """Folder of the figure."""
    quick: bool = False
    """One epoch, one neuron model and few digits: a look, not a result."""


def main(config: Config) -> None:
    """Train, convert, run on each neuron, print and draw the accuracy over time."""
    torch.set_num_threads(1)
    if config.quick:
        config = replace(config, neurons=config.neurons[:1], samples=10, window=80)
    task = tasks.load("digits")
    settings = replace(recipe(task.name, "mlp"), device="cpu")
    settings = replace(settings, epochs=1) if config.quick else settings
    ann, _ = train(nb.models.build("mlp", task, seed=0, widths=config.widths), task, settings)
    images, digits = task.test.inputs[: config.samples], task.test.targets[: config.samples]
    times = [time for time in (20, 40, 80, 160, 320) if time <= config.window]
    lines = {}
    for name in config.neurons:
        model = neuron(name)
        converted = nb.convert(ann, task.calibration(256), code="rate", steps=16)
        answers = read(converted.graph, images, model, measured(model, config.fastest), config, times)
        lines[name] = [100 * float((answer == digits).mean()) for answer in answers]
    steps = [max(1, round(time * config.fastest / 1000)) for time in times]
    networks = [nb.convert(ann, task.calibration(256), code="rate", steps=step) for step in steps]
    lines["exact"] = [task.judge(contender(network), limit=config.samples).summary for network in networks]
    whole = task.judge(contender(ann), limit=config.samples).summary
    print(f"{'ANN':<34} {whole:.1f} %")
    for name, values in lines.items():
        print(f"{name:<34} " + ", ".join(f"{v:.1f} % at {t} ms" for v, t in zip(values, times, strict=True)))
    series = [Series(x=np.array(times), y=np.array(values), name=name) for name, values in lines.items()]
    series.append(Series(x=np.array(times)[[0, -1]], y=np.full(2, whole), name="ANN", theory=True))
    save(
        curve(series, "time [ms]", "accuracy [%]", "digits on measured neurons", logarithmic="x"),
        config.out,
        "lost",
    )


def measured(model: NeuronModel, fastest: float) -> FICurve:
    """Return the f-I curve after adaptation, up to a rate in Hz above the fastest that is used."""
    top = model.drive
    while (
        float(fi_curve(model, np.array([1.0]) * top, duration=600 * ms, settle=300 * ms, dt=0.05 * ms).rate[0])
        < fastest
    ):
        top = 1.5 * top
    return fi_curve(model, np.linspace(0, 1, 80) * top, duration=600 * ms, settle=300 * ms, dt=0.05 * ms)


def currents(found: FICurve, rate: np.ndarray) -> Quantity:
    """Return the current at which a neuron fires at each rate in Hz, and none for silence."""
    rising, first = np.unique(np.maximum.accumulate(np.asarray(found.rate / Hz)), return_index=True)
    unit = found.current[-1]
    asked = np.interp(rate, rising, np.asarray(found.current / unit)[first])
    return np.where(rate > 0, asked, 0.0) * unit


def read(
    graph: Graph, images: np.ndarray, model: NeuronModel, found: FICurve, config: Config, times: list[int]
) -> Iterator[np.ndarray]:
    """Yield the answers after each time, `(sample,)`, of a network of hidden layers one after the other."""
    activity: np.ndarray = images[None].astype(float)  # (time bin, sample, ...)
    spikes = np.empty(0)
    high = np.ones(1)
    for node in graph.nodes:
        if isinstance(node, Synapses):
            drive = apply(node.maps[0], activity, activity.ndim - 2)
            last, bias = node, 0.0 if node.bias is None else node.bias
            activity = drive + bias
        elif isinstance(node, Neurons):
            high = node.high
            rate = config.fastest * np.clip(activity / high, 0, 1)
            spikes = fired(model, currents(found, rate), config)
            activity = smoothed(spikes, config.synapse) / config.fastest * high
    bias = 0.0 if last.bias is None else last.bias
    for time in times:
        mean = spikes[:time].sum(axis=0) / (time / 1000) / config.fastest * high
        yield (apply(last.maps[0], mean, 1) + bias).argmax(axis=-1)


def fired(model: NeuronModel, current: Quantity, config: Config) -> np.ndarray:
    """Return the spikes in each bin, `(bin, sample, unit)`, of neurons under currents `(bin or 1, sample, unit)`."""
    bins, shape = config.window, current.shape[1:]
    flat = current.reshape(len(current), -1)
    held = flat if len(flat) > 1 else flat.repeat(bins, axis=0)
    circuit = single(model, samples(held, BIN * ms), flat.shape[1], 0.05 * ms)
    found: SpikeTimes = simulate(circuit, bins * BIN * ms, [Spikes("neurons")]).spikes["neurons"]
    counts = np.zeros((bins, flat.shape[1]))
    np.add.at(
        counts,
        (np.minimum(np.asarray(found.time / second) * 1000 // BIN, bins - 1).astype(int), found.index),
        1,
    )
    return counts.reshape(bins, *shape)


def smoothed(spikes: np.ndarray, synapse: float) -> np.ndarray:
    """Return the rates in Hz that exponential synapses of some milliseconds see, `(bin, sample, unit)`."""
    keep, state, rates = np.exp(-BIN / synapse), np.zeros(spikes.shape[1:]), np.empty_like(spikes)
    for step, now in enumerate(spikes):
        state = keep * state + (1 - keep) * now / BIN * 1000
        rates[step] = state
    return rates


if __name__ == "__main__":
    program.run(Config, main)
