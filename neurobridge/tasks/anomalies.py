"""Anomalies in a multivariate series: which windows of four coupled sensors are not as they should be."""

from pathlib import Path

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from neurobridge.tasks.task import Metric, Split, SupervisedTask

STEPS, SENSORS = 32, 4
SHARE = 0.1
"""Share of anomalous windows; also the area that guessing has."""
PR_AUC = Metric(name="PR-AUC", reduction="average precision")


def anomalies(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Anomalies in four coupled sensors: which windows are not as they should be.

    Inputs are windows `(32, 4)`; the one output is the larger the stranger the window. Sensors are shifted sines of one
    slowly drifting phase, with noise. A tenth of the windows holds one anomaly: a spike, a sensor that sticks, sensors
    that change places, or a shifted level; all are small against the signal.
    """
    sides = [_side(count, np.random.default_rng([seed, index])) for index, count in enumerate((8000, 1000, 4000))]
    return SupervisedTask(
        name="anomalies",
        title="Anomalies in four sensors",
        source="generated; kinds of anomalies as in Lai et al. 2021",
        metric=PR_AUC,
        input_shape=(STEPS, SENSORS),
        output_size=1,
        train=sides[0],
        validation=sides[1],
        test=sides[2],
        loss="binary cross-entropy",
        scoring="anomaly",
        labels=("anomaly",),
        baselines=("largest deviation", "reconstruction"),
    )


def _side(count: int, random: Generator) -> Split:
    phase = random.uniform(0, 2 * np.pi, (count, 1)) + np.cumsum(random.normal(0.4, 0.05, (count, STEPS)), axis=1)
    signal = np.sin(phase[..., None] + np.arange(SENSORS) * np.pi / SENSORS)
    labels = random.random(count) < SHARE
    for index in np.flatnonzero(labels):
        _spoil(signal[index], random)
    signal += random.normal(0, 0.1, signal.shape)
    return Split(inputs=signal.astype(np.float32), targets=labels.astype(np.float32)[:, None], groups=np.arange(count))


def _spoil(window: ndarray, random: Generator) -> None:
    sensor, start = random.integers(SENSORS), random.integers(4, STEPS - 12)
    part = slice(start, start + 8)
    match random.integers(4):
        case 0:
            window[start, sensor] += random.choice([-1, 1])
        case 1:
            window[part, sensor] = window[start, sensor]
        case 2:
            window[part] = window[part][:, np.roll(np.arange(SENSORS), random.integers(1, SENSORS))]
        case 3:
            window[part, sensor] += random.choice([-0.5, 0.5])
