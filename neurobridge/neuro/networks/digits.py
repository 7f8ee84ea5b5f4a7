"""Diehl and Cook 2015: spike-timing-dependent plasticity and competition learn handwritten digits without labels."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import BrianObject, Clock, NeuronGroup, Synapses, TimedArray, linked_var, ms, second

from neurobridge.errors import InputError, SimulationError
from neurobridge.neuro import manner
from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.networks.votes import Learned, label, named
from neurobridge.neuro.recorders import Final, Spikes, Traces
from neurobridge.neuro.recording import Recording
from neurobridge.neuro.simulate import simulate
from neurobridge.tasks.digits import originals

SHOWN, PAUSE = 0.35, 0.15  # seconds an image is shown, and the rest after it
SLOT = SHOWN + PAUSE
ENOUGH = 5  # spikes, or the image is shown again and brighter
PARTS = ("label naive", "test naive", "learn", "label", "test")

_EXCITATORY = """
dv/dt = ((-65*mV - v) - excitation*v + inhibition*(-100*mV - v))/(100*ms) : volt (unless refractory)
dexcitation/dt = -excitation/(1*ms) : 1
dinhibition/dt = -inhibition/(2*ms) : 1
draised/dt = -raised*learning/(1e7*ms) : volt
dafter/dt = -after/(20*ms) : 1
dslow/dt = -slow/(40*ms) : 1
total : 1
learning : 1
image : integer (linked)
"""
_INHIBITORY = """
dv/dt = ((-60*mV - v) - excitation*v)/(10*ms) : volt (unless refractory)
dexcitation/dt = -excitation/(1*ms) : 1
"""
# What a presynaptic spike leaves is set, not summed; `total` follows the weights so that they can be normalised.
_BEFORE = """
excitation_post += gain*w
recent = 1
lost = clip(0.0001*after_post*learning_post, 0, w)
w -= lost
total_post -= lost
"""
_AFTER = """
won = clip(0.01*recent*slow_post*learning_post, 0, 1 - w)
w += won
total_post += won
"""
# An image that fewer than five spikes have answered comes again with more light; otherwise the next one comes.
_NEXT = """
again = int(answers < enough)
bright = again*(bright + 0.5) + (1 - again)
image = clip(image + 1 - again, 0, last)
answers = 0
"""


@final
@dataclass(frozen=True, kw_only=True)
class Digits:
    """The network of Diehl, Cook 2015, Front Comput Neurosci 9:99, for images of any size.

    Each excitatory neuron sees all pixels and drives an interneuron of its own, which inhibits all other excitatory
    neurons. A spike raises the neuron's threshold, so that every neuron gets its turn. Weights sum up to a tenth of the
    number of pixels; a pixel of a small image stands for several of the paper's 784, so its synapses are as much
    stronger. Input spikes arrive without the paper's random delays.

    Args:
        neurons: how many excitatory neurons, and as many interneurons.
        inhibition: conductance by a spike of an interneuron over the leak; 17 in the paper; twice
            that leaves fewer winners, and is worth three percent here.
        threshold_step: in mV, added to a neuron's threshold by each of its spikes; 0.05 in the paper, on 60,000 images.
        brightest: rate in Hz of a pixel of value 1.
    """

    neurons: int = 100
    inhibition: float = 34.0
    threshold_step: float = 0.02
    brightest: float = 63.75

    def start(self, pixels: int, seed: int | None = None) -> np.ndarray:
        """Return random weights before learning, `(neuron, pixel)`."""
        weights = 0.003 + 0.3 * np.random.default_rng(manner.seed(seed)).random((self.neurons, pixels))
        return weights * 0.1 * pixels / weights.sum(axis=1, keepdims=True)

    def circuit(self, images: np.ndarray, lessons: np.ndarray, seed: int | None = None) -> Circuit:
        """Return the network that sees images one after the other, each until at least five spikes answer it.

        Args:
            images: `(image, pixel)` from 0 to 1.
            lessons: `(image,)` whether the network learns from it.
            seed: of the weights at the start.

        Raises:
            InputError: the images have another shape or range, or are not as many as the lessons.
        """
        if images.ndim != 2 or images.min() < 0 or images.max() > 1:
            raise InputError(f"images must be (image, pixel) with values from 0 to 1; these have shape {images.shape}.")
        if len(lessons) != len(images):
            raise InputError(f"there are {len(images)} images, but {len(lessons)} flags that say which to learn from.")

        def build(clock: Clock) -> dict[str, BrianObject]:
            return self._build(clock, images, np.asarray(lessons, dtype=float), self.start(images.shape[1], seed))

        pixels = images.shape[1]
        synapses = self.neurons * (pixels + self.neurons)
        return Circuit(build=build, neurons=2 * self.neurons + pixels, dt=0.5 * ms, synapses=synapses, weight=5.0)

    def _build(
        self, clock: Clock, images: np.ndarray, lessons: np.ndarray, weights: np.ndarray
    ) -> dict[str, BrianObject]:
        eye = _eye(clock, len(images))
        pixels = self._pixels(clock, images, eye)
        excitatory, interneurons = self._excitatory(clock, eye, lessons), self._interneurons(clock)
        see = self._see(clock, pixels, excitatory, weights)
        rouse = Synapses(excitatory, interneurons, on_pre="excitation_post += 10.4", clock=clock, name="rouse")
        rouse.connect(j="i")
        effect = f"inhibition_post += {self.inhibition}"
        compete = Synapses(interneurons, excitatory, on_pre=effect, clock=clock, name="compete")
        compete.connect(condition="i != j")
        count = Synapses(excitatory, eye, on_pre="answers_post += 1", clock=clock, name="count")
        count.connect()
        return {
            "eye": eye, "pixels": pixels, "excitatory": excitatory, "interneurons": interneurons,
            "see": see, "rouse": rouse, "compete": compete, "count": count,
        }  # fmt: skip

    def _pixels(self, clock: Clock, images: np.ndarray, eye: NeuronGroup) -> NeuronGroup:
        shown = TimedArray(images, dt=1 * second, name="shown")
        pixels = NeuronGroup(
            images.shape[1],
            "image : integer (linked)\nbright : 1 (linked)",
            threshold="rand() < shown(image*second, i)*bright*brightest*dt*int(t % slot < seen)",
            namespace={
                "shown": shown, "brightest": self.brightest / second, "slot": SLOT * second, "seen": SHOWN * second,
            },
            clock=clock,
            name="pixels",
        )  # fmt: skip
        everywhere = np.zeros(images.shape[1], dtype=int)
        pixels.image, pixels.bright = (linked_var(eye, name, index=everywhere) for name in ("image", "bright"))
        return pixels

    def _excitatory(self, clock: Clock, eye: NeuronGroup, lessons: np.ndarray) -> NeuronGroup:
        group = NeuronGroup(
            self.neurons,
            _EXCITATORY,
            threshold="v > -52*mV + raised",
            # synapses come before resets: they read the traces that earlier spikes left
            reset=f"v = -65*mV; after = 1; slow = 1; raised += {self.threshold_step}*mV*learning",
            refractory=5 * ms,
            method="exponential_euler",
            clock=clock,
            name="excitatory",
        )
        group.v = "-65*mV"
        group.image = linked_var(eye, "image", index=np.zeros(self.neurons, dtype=int))
        group.namespace["lessons"] = TimedArray(lessons, dt=1 * second, name="lessons")
        group.run_regularly("learning = lessons(image*second)", dt=SLOT * second, when="start", name="lesson")
        return group

    def _interneurons(self, clock: Clock) -> NeuronGroup:
        group = NeuronGroup(
            self.neurons,
            _INHIBITORY,
            threshold="v > -40*mV",
            reset="v = -45*mV",
            refractory=2 * ms,
            method="exponential_euler",
            clock=clock,
            name="interneurons",
        )
        group.v = "-60*mV"
        return group

    def _see(self, clock: Clock, pixels: NeuronGroup, excitatory: NeuronGroup, weights: np.ndarray) -> Synapses:
        size = weights.shape[1]
        see = Synapses(
            pixels,
            excitatory,
            "w : 1\ndrecent/dt = -recent/(20*ms) : 1 (event-driven)",
            on_pre=_BEFORE,
            on_post=_AFTER,
            namespace={"gain": 784 / size, "fixed": 0.1 * size},
            clock=clock,
            name="see",
        )
        see.connect()
        see.w = weights.T.ravel()
        excitatory.total = 0.1 * size
        see.run_regularly("w *= fixed/total_post", dt=SLOT * second, when="start", order=-3, name="normalise")
        excitatory.run_regularly(f"total = {0.1 * size}", dt=SLOT * second, when="start", order=-2, name="normalised")
        return see

    def run(self, passes: int = 6, per_digit: int | None = None, seed: int | None = None, **options: object) -> Learned:
        """Learn scikit-learn's 8 x 8 digits, label the neurons on the digits they learned from, and test on others.

        Args:
            passes: how often each of the 1,347 training digits is shown.
            per_digit: how many training digits of each kind are used, all if None.
            seed: of weights, order and spikes.
            options: go to `simulate`.
        """
        train, test = split(per_digit)
        return self.learn(train, test, passes, seed, **options)

    def learn(
        self,
        train: tuple[np.ndarray, np.ndarray],
        test: tuple[np.ndarray, np.ndarray],
        passes: int,
        seed: int | None = None,
        **options: object,
    ) -> Learned:
        """Test, learn without labels, and test again, all in one run.

        Args:
            train: images `(image, pixel)` from 0 to 1 and their digits, which only label the neurons.
            test: images and digits it has never seen.
            passes: how often each training image is shown.
            seed: of weights, order and spikes.
            options: go to `simulate`.

        Raises:
            SimulationError: so few spikes answer that the images had to be shown too often.
        """
        images, digits = train
        random = np.random.default_rng(manner.seed(seed))
        order = np.concatenate([random.permutation(len(images)) for _ in range(passes)])
        parts = dict(zip(PARTS, (images, test[0], images[order], images, test[0]), strict=True))
        lessons = np.repeat([name == "learn" for name in PARTS], [len(part) for part in parts.values()])
        circuit = self.circuit(np.concatenate(list(parts.values())), lessons, seed)
        record = [
            Spikes("excitatory"), Final("excitatory", ("raised",)), Final("see", ("w",)),
            Traces("eye", ("image",), every=SLOT * second),
        ]  # fmt: skip
        # some images come again with more light
        found = simulate(circuit, (1.05 * len(lessons) + 10) * SLOT * second, record, seed=seed, **options)  # type: ignore[arg-type]
        counts = np.split(_answers(found, len(lessons)), np.cumsum([len(part) for part in parts.values()])[:-1])
        answers = dict(zip(PARTS, counts, strict=True))
        labels = {part: label(answers[part], digits) for part in ("label naive", "label")}
        return Learned(
            model=f"Diehl and Cook, {self.neurons} neurons",
            weights=np.asarray(found.final["see"]["w"]).reshape(images.shape[1], self.neurons).T,
            labels=labels["label"],
            raised=found.final["excitatory"]["raised"],
            accuracy=float((named(answers["test"], labels["label"]) == test[1]).mean()),
            naive=float((named(answers["test naive"], labels["label naive"]) == test[1]).mean()),
            lessons=len(order),
        )


def _eye(clock: Clock, images: int) -> NeuronGroup:
    """Return what decides which image is shown, and how bright."""
    eye = NeuronGroup(1, "image : integer\nbright : 1\nanswers : 1", clock=clock, name="eye")
    eye.namespace.update(enough=ENOUGH, last=images - 1)
    eye.image, eye.answers = -1, ENOUGH
    eye.run_regularly(_NEXT, dt=SLOT * second, when="start", order=-1, name="next_image")
    return eye


def _answers(found: Recording, images: int) -> np.ndarray:
    """Return how often each neuron fired at the last, brightest showing of each image, `(image, neuron)`."""
    place = np.asarray(found.traces["eye"]["image"][0]).astype(int)
    if place[-1] < images - 1:
        raise SimulationError(
            f"only {place[-1] + 1} of {images} images were shown, because too few spikes answered them; "
            "use more neurons or a smaller threshold_step."
        )
    spikes = found.spikes["excitatory"]
    slot = np.minimum(np.asarray(spikes.time) // SLOT, len(place) - 1).astype(int)
    last = np.flatnonzero(np.diff(place, append=place[-1] + 1))[:images]
    counts = np.zeros((len(place), spikes.size), dtype=int)
    np.add.at(counts, (slot, spikes.index), 1)
    return counts[last]


def split(
    per_digit: int | None = None,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return the 1,347 training digits of scikit-learn and the 450 test digits: `(image, pixel)` and what they show.

    Args:
        per_digit: how many training digits of each kind are kept, all if None.
    """
    train, validation, test = originals()
    images = np.concatenate([train.inputs, validation.inputs]).reshape(-1, 64).astype(float)
    digits = np.concatenate([train.targets, validation.targets])
    kept = np.concatenate([np.flatnonzero(digits == digit)[:per_digit] for digit in range(10)])
    return (images[kept], digits[kept]), (test.inputs.reshape(-1, 64).astype(float), test.targets)
