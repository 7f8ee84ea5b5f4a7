"""Diehl and Cook 2015: STDP and competition learn the shapes of handwritten digits without labels."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import BrianObject, Clock, Hz, NeuronGroup, PoissonGroup, Synapses, TimedArray, ms, second
from matplotlib.figure import Figure

from neurobridge.errors import InputError
from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.recorders import Final, Spikes
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import simulate
from neurobridge.plots.networks import fields

SHOWN, PAUSE = 0.25, 0.10  # seconds an image is shown, and the silence after it


@final
@dataclass(frozen=True, kw_only=True)
class Learned(Result):
    """What the network learned.

    Args:
        weights: `(neuron, pixel)` receptive fields.
        labels: `(neuron,)` the digit each neuron answers most, -1 for none.
        accuracy: part of the test digits that the labelled neurons name right.
        baseline: the same of the network before learning, its neurons labelled in the same way.
        images: number of images it learned from, repetitions included.
    """

    weights: np.ndarray
    labels: np.ndarray
    accuracy: float
    baseline: float
    images: int

    def plot(self) -> Figure:
        """Return the receptive fields with the digit each neuron stands for."""
        side = round(np.sqrt(self.weights.shape[1]))
        order = np.argsort(self.labels, kind="stable")
        titles = [str(label) if label >= 0 else "-" for label in self.labels[order]]
        return fields(self.weights[order].reshape(-1, side, side), titles)


@final
@dataclass(frozen=True, kw_only=True)
class Digits:
    """The network of Diehl, Cook 2015, Front Comput Neurosci 9:99, with direct lateral inhibition.

    Each excitatory neuron sees all pixels; a spike inhibits all the others and raises the neuron's own threshold, so
    that every neuron gets its turn. A postsynaptic spike pulls the weights towards a trace of the recent input,
    dw = speed (recent - w), which bounds them without the scaling of the paper.

    Args:
        neurons: how many excitatory neurons.
        brightest: rate in Hz of a pixel of value 1; images are scaled to the same sum of pixels.
        speed: of learning.
        threshold_step: in mV, added to a neuron's threshold by each of its spikes while it learns.
    """

    neurons: int = 100
    brightest: float = 100.0
    speed: float = 0.03
    threshold_step: float = 0.05

    def circuit(self, images: np.ndarray, weights: np.ndarray, thresholds: np.ndarray, learning: bool) -> Circuit:
        """Return the network that sees `images`, `(image, pixel)` from 0 to 1, one after the other.

        Raises:
            InputError: the images have another shape or range.
        """
        if images.ndim != 2 or images.min() < 0 or images.max() > 1:
            raise InputError(f"images must be (image, pixel) from 0 to 1; these have shape {images.shape}.")

        def build(clock: Clock) -> dict[str, BrianObject]:
            return self._build(clock, images, weights, thresholds, learning)

        pixels = images.shape[1]
        return Circuit(build=build, neurons=self.neurons + pixels, dt=0.5 * ms, synapses=self.neurons * pixels)

    def _build(
        self, clock: Clock, images: np.ndarray, weights: np.ndarray, thresholds: np.ndarray, learning: bool
    ) -> dict[str, BrianObject]:
        on, off = round(SHOWN / 0.05), round(PAUSE / 0.05)
        bright = images * (0.25 * images.shape[1] / images.sum(axis=1, keepdims=True)) * self.brightest
        shown = np.concatenate([np.repeat(bright[:, None], on, 1), np.zeros((len(images), off, images.shape[1]))], 1)
        course = TimedArray(shown.reshape(-1, images.shape[1]) * Hz, dt=50 * ms, name="course")
        pixels = PoissonGroup(images.shape[1], "course(t, i)", clock=clock, namespace={"course": course}, name="pixels")
        neurons = self._neurons(clock, thresholds, learning)
        see = Synapses(
            pixels,
            neurons,
            "w : 1\ndrecent/dt = -recent/(20*ms) : 1 (event-driven)",
            on_pre="excitation_post += w\nrecent = 1",
            on_post="w += speed*(recent - w)" if learning else None,
            namespace={"speed": self.speed},
            clock=clock,
            name="see",
        )
        see.connect()
        see.w = weights.T.ravel()
        compete = Synapses(neurons, neurons, on_pre="inhibition_post += 1", clock=clock, name="compete")
        compete.connect(condition="i != j")
        return {"pixels": pixels, "neurons": neurons, "see": see, "compete": compete}

    def _neurons(self, clock: Clock, thresholds: np.ndarray, learning: bool) -> NeuronGroup:
        step = self.threshold_step if learning else 0.0
        neurons = NeuronGroup(
            self.neurons,
            """
            dv/dt = (-65*mV - v + 0.4*excitation*(0*mV - v) + 20*inhibition*(-100*mV - v))/(100*ms) : volt
            dexcitation/dt = -excitation/(5*ms) : 1
            dinhibition/dt = -inhibition/(10*ms) : 1
            raised : volt
            """,
            threshold="v > -52*mV + raised",
            reset=f"v = -65*mV; raised += {step}*mV",
            refractory=5 * ms,
            method="exponential_euler",
            clock=clock,
            name="neurons",
        )
        neurons.v = "-65*mV"
        neurons.raised_ = thresholds
        return neurons

    def learn(self, images: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights, `(neuron, pixel)`, and raised thresholds in volt after seeing all images once."""
        weights, thresholds = self.start(images.shape[1], seed), np.zeros(self.neurons)
        circuit = self.circuit(images, weights, thresholds, learning=True)
        record = [Final("see", ("w",)), Final("neurons", ("raised",))]
        found = simulate(circuit, len(images) * (SHOWN + PAUSE) * second, record, seed=seed)
        learned = np.asarray(found.final["see"]["w"]).reshape(images.shape[1], self.neurons).T
        return learned, np.asarray(found.final["neurons"]["raised"])

    def start(self, pixels: int, seed: int = 0) -> np.ndarray:
        """Return random weights before learning, `(neuron, pixel)`."""
        return 0.1 + 0.2 * np.random.default_rng(seed).random((self.neurons, pixels))

    def responses(self, images: np.ndarray, weights: np.ndarray, thresholds: np.ndarray, seed: int = 0) -> np.ndarray:
        """Return the spike counts of each neuron on each image, without learning, `(image, neuron)`."""
        circuit = self.circuit(images, weights, thresholds, learning=False)
        duration = len(images) * (SHOWN + PAUSE) * second
        spikes = simulate(circuit, duration, [Spikes("neurons")], seed=seed).spikes["neurons"]
        which = np.clip(np.asarray(spikes.time) // (SHOWN + PAUSE), 0, len(images) - 1).astype(int)
        counts = np.zeros((len(images), self.neurons), dtype=int)
        np.add.at(counts, (which, spikes.index), 1)
        return counts


def label(responses: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """Return the digit to which each neuron answers most on average, `(neuron,)`, -1 if it never fires."""
    mean = np.stack([responses[digits == digit].mean(axis=0) for digit in range(10)])
    return np.where(mean.sum(axis=0) > 0, mean.argmax(axis=0), -1)


def named(responses: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the digit whose neurons fire most on average, `(image,)`."""
    mine = [labels == digit for digit in range(10)]
    votes = [responses[:, group].mean(axis=1) if group.any() else np.full(len(responses), -1.0) for group in mine]
    return np.argmax(votes, axis=0)


def experiment(
    network: Digits,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    passes: int,
    seed: int = 0,
) -> Learned:
    """Let a network learn without labels, label its neurons on the training digits, and test it.

    Args:
        network: before learning.
        train: images `(image, pixel)` from 0 to 1 and digits.
        test: images and digits it has never seen.
        passes: how often each training image is shown.
        seed: of weights, order and spikes.
    """
    images, digits = train
    random = np.random.default_rng(seed)
    order = np.concatenate([random.permutation(len(images)) for _ in range(passes)])
    weights, thresholds = network.learn(images[order], seed)
    first = network.start(images.shape[1], seed)
    scores, labels = [], np.empty(0)
    for state in ((first, np.zeros(network.neurons)), (weights, thresholds)):
        labels = label(network.responses(images, state[0], state[1], seed + 1), digits)
        found = named(network.responses(test[0], state[0], state[1], seed + 2), labels)
        scores.append(float((found == test[1]).mean()))
    return Learned(
        model=f"Diehl and Cook, {network.neurons} neurons",
        weights=weights,
        labels=labels,
        accuracy=scores[1],
        baseline=scores[0],
        images=len(order),
    )
