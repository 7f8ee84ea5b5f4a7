"""Decoding movement: binned spikes of motor cortex to the velocity of the hand, sequence by sequence."""

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.spikes.recordings import read
from neurobridge.spikes.recordings.recording import MovementRecording
from neurobridge.tasks.forecasting import SHARES
from neurobridge.tasks.reaching.simulated import simulate
from neurobridge.tasks.task import Metric, Split, SupervisedTask
from neurobridge.units import Seconds

EXPLAINED = Metric(name="R²", unit="%", reduction="percent explained")
"""1 - mean squared error in units of the test side's variance, the mean of the axes' R², in percent."""
BIN: Seconds = 0.05  # as in Glaser et al. 2020, eNeuro 7(4)
STEPS = 40
OVERLAP = 2  # a training sequence begins every STEPS / OVERLAP bins; sequences to be judged do not overlap


def reaching(
    data: Path | None = None,
    seed: int = 0,
    width: Seconds = BIN,
    steps: int = STEPS,
    neurons: int = 96,
    minutes: float = 20.0,
) -> SupervisedTask:
    """Velocity of a reaching hand from spikes of motor cortex with rotating dynamics, or from a recording of yours.

    Inputs `(steps, neuron)`: spikes in bins of `width`; answers `(steps, 2)`: velocity in each bin. Source: Churchland
    et al. 2012 for the dynamics, Flash & Hogan 1985 for the hand. A recording is an .npz file of ours, an .nwb file, or
    a .mat file of O'Doherty et al. 2017.

    Args:
        data: the file of a recording; None for a simulated one.
        seed: of the simulation.
        width: of a bin in seconds.
        steps: bins of a sequence.
        neurons: of the simulation.
        minutes: of the simulation.

    Raises:
        InputError: a simulation or bins that cannot be, or a recording that is too short for them.
        FileFormatError: a recording is missing, damaged or of another layout.
        MissingExtraError: h5py isn't installed and the recording needs it.
    """
    return _task("reaching", "rotating", data, seed, width, steps, neurons, minutes)


def reaching_cosine(
    data: Path | None = None,
    seed: int = 0,
    width: Seconds = BIN,
    steps: int = STEPS,
    neurons: int = 96,
    minutes: float = 20.0,
) -> SupervisedTask:
    """Velocity of a reaching hand from spikes of motor cortex with cosine tuning.

    As `reaching`, with neurons that have one preferred direction. Source: Georgopoulos et al. 1982; Moran & Schwartz
    1999.
    """
    return _task("reaching-cosine", "cosine", data, seed, width, steps, neurons, minutes)


def _task(
    name: str,
    population: str,
    data: Path | None,
    seed: int,
    width: Seconds,
    steps: int,
    neurons: int,
    minutes: float,
) -> SupervisedTask:
    if data is not None:
        return decoding(name, read(data), width, steps)
    recording = simulate(population, neurons=neurons, duration=60 * minutes, seed=seed)
    return decoding(name, recording, width, steps, cortex=(population, neurons, seed))


def decoding(
    name: str,
    recording: MovementRecording,
    width: Seconds = BIN,
    steps: int = STEPS,
    cortex: tuple[str, int, int] | None = None,
) -> SupervisedTask:
    """Return the task of decoding a recording: the first 70 % are learnt, the next 10 % validate, the rest judges.

    Answers are in units of the standard deviation of the test side's velocities, axis by axis: what is left of 1 after
    the mean squared error is then R² itself. `facts` holds the unit, in cm/s.

    Args:
        name: of the task.
        recording: spikes and positions.
        width: of a bin in seconds.
        steps: bins of a sequence.
        cortex: population, neurons and seed of a simulated recording, from which its neurons can be made again.

    Raises:
        InputError: `steps` is below 4, the recording is too short, or an axis on which nothing moves.
    """
    counts, velocity = recording.binned(width)
    bounds = [0, *(int(sum(SHARES[: k + 1]) * len(counts)) for k in range(2)), len(counts)]
    if steps < 4 or min(np.diff(bounds)) < steps:
        raise InputError(
            f"task {name!r}: sequences of {steps} bins need at least 4 bins each and a recording of "
            f"{10 * steps * width:g} s or more; this one has {recording.duration:g} s."
        )
    unit = velocity[bounds[2] :].std(axis=0)
    moves = velocity[: bounds[1]].std(axis=0) > 0
    if not unit.all() or not moves.all():
        raise InputError(f"task {name!r}: axis {int(np.argmin(unit * moves))} never moves on one side of the data.")
    strides = (max(1, steps // OVERLAP), steps, steps)
    train, validation, test = (
        _sequences(counts[start:end], velocity[start:end] / unit, steps, stride)
        for (start, end), stride in zip(pairwise(bounds), strides, strict=True)
    )
    return SupervisedTask(
        name=name,
        title=f"Decoding movement: {recording.source}",
        source="Churchland et al. 2012; Flash & Hogan 1985",
        metric=EXPLAINED,
        input_shape=(steps, counts.shape[1]),
        output_size=velocity.shape[1],
        output_steps=steps,
        train=train,
        validation=validation,
        test=test,
        loss="squared error",
        scoring="squared error",
        baselines=("Wiener filter", "Wiener cascade", "Kalman filter"),
        labels=tuple(f"velocity {axis}" for axis in "xyz"[: velocity.shape[1]]),
        facts={"cm/s": tuple(unit.tolist()), "bin": width} | ({"cortex": cortex} if cortex else {}),
    )


def _sequences(counts: ndarray, velocity: ndarray, steps: int, stride: int) -> Split:
    first = np.arange(0, len(counts) - steps + 1, stride)
    places = first[:, None] + np.arange(steps)
    # sequences that share bins share a group
    return Split(
        inputs=counts[places].astype(np.float32), targets=velocity[places].astype(np.float32), groups=first // steps
    )
