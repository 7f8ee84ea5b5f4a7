"""How a population turns its drive into spikes, step by step, in numpy: the definition of every code."""

import numpy as np
from numpy import ndarray

from neurobridge.graph.codes import CODES, quantum
from neurobridge.graph.functions import function
from neurobridge.graph.nodes import Neurons, Population


def first_membrane(node: Population) -> ndarray:
    """Return the membrane before the first step, a share of the threshold or quantum: a half unless it is set."""
    initial = getattr(node, "initial", None)
    return np.asarray(0.5 if initial is None else initial)


def fire_window(node: Population, drive: ndarray, code: str) -> ndarray:
    """Return the spikes (step, ...) of a windowed code for a drive that was integrated before.

    Each step proposes to add its weight to the number sent so far, and the neuron fires if its drive passes the
    threshold of the proposed number; a latency neuron stays silent once it has fired. The OFF neuron of a pair
    fires -1.
    """
    rails = (1, -1) if node.paired else (1,)
    return np.asarray(sum(sign * _fire_rail(node, drive, code, sign) for sign in rails))


def _fire_rail(node: Population, drive: ndarray, code: str, sign: int) -> ndarray:
    sent = np.zeros(np.broadcast_shapes(drive.shape, node.shape), dtype=np.int64)
    planes = []
    for weight in CODES[code].weights(node.steps).astype(np.int64):
        proposed = np.minimum(sent + weight, CODES[code].levels(node.steps))
        spike = _passes(node, drive, code, sign, proposed) & (weight > 0)
        if code == "latency":
            spike &= sent == 0
        sent = np.where(spike, proposed, sent)
        planes.append(spike)
    return np.array(planes).astype(np.int64)


def _passes(node: Population, drive: ndarray, code: str, sign: int, proposed: ndarray) -> ndarray:
    """Return whether the drive reaches the threshold of the numbers `proposed` (1 ... L) on one rail."""
    if isinstance(node, Neurons) and node.table is not None:
        drive = drive if function(node.function).increasing else -drive
        levels = CODES[code].levels(node.steps)
        if sign > 0:
            return drive >= node.table[proposed - 1 + (levels if node.paired else 0)]
        return drive < node.table[levels - proposed]
    unit = quantum(node.low, node.high, code, node.steps, node.paired)
    offset = 0.0 if node.paired else node.low
    return sign * (drive - offset) / unit + first_membrane(node) >= proposed


def window_excess(node: Population, drive: ndarray, planes: ndarray, code: str) -> ndarray:
    """Return how far the drive stood above the threshold at each decision of a window of spikes (step, ...).

    In quanta, or as the drive where a table holds the thresholds; of the nearer neuron of a pair; not a number where
    no spike could be fired.
    """
    sent = {sign: np.zeros(planes.shape[1:], dtype=np.int64) for sign in ((1, -1) if node.paired else (1,))}
    found = []
    for weight, plane in zip(CODES[code].weights(node.steps).astype(np.int64), planes, strict=True):
        rails = []
        for sign, before in sent.items():
            idle = weight == 0 or ((before > 0) if code == "latency" else False)
            proposed = np.clip(before + weight, 1, CODES[code].levels(node.steps))
            rails.append(np.where(idle, np.nan, _above(node, drive, code, sign, proposed)))
            sent[sign] = before + weight * (plane == sign)
        found.append(rails[0] if len(rails) == 1 else np.where(np.abs(rails[1]) < np.abs(rails[0]), rails[1], rails[0]))
    return np.array(found)


def _above(node: Population, drive: ndarray, code: str, sign: int, proposed: ndarray) -> ndarray:
    """Return how far the drive is above the threshold of the numbers `proposed` on one rail."""
    if isinstance(node, Neurons) and node.table is not None:
        drive = drive if function(node.function).increasing else -drive
        levels = CODES[code].levels(node.steps)
        if sign > 0:
            return drive - node.table[proposed - 1 + (levels if node.paired else 0)]
        return node.table[levels - proposed] - drive
    unit = quantum(node.low, node.high, code, node.steps, node.paired)
    offset = 0.0 if node.paired else node.low
    return sign * (drive - offset) / unit + first_membrane(node) - proposed


def integrate_and_fire(node: Population, membrane: ndarray, drive: ndarray) -> tuple[ndarray, ndarray]:
    """Return spike and membrane of one step of the rate code: v <- v + I - low, s = [v >= theta], v <- v - theta s."""
    theta = np.asarray(node.high - node.low)
    membrane = membrane + drive - node.low
    spike = membrane >= theta
    return spike.astype(np.int64), membrane - theta * spike
