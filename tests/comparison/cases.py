"""Rows of a made-up study whose every answer is known: 40 originals of 5 copies each, two seeds, two codes."""

import numpy as np

from neurobridge.comparison.contenders import ANN, QUANTISED, SPIKING, contenders
from neurobridge.comparison.energy import Operations
from neurobridge.comparison.measures import Row, energies

ORIGINALS, COPIES, MACS = 40, 5, 1000.0
STEPS = {"radix": (4, 8), "rate": (8, 16)}
METRIC = {"name": "accuracy", "unit": "%", "higher_is_better": True, "reduction": "percent"}
WRONG = {ANN: 4, QUANTISED: 6, SPIKING: 6}


def rows(*, metric=METRIC, accumulates=500.0, seeds=(0, 1), steps=STEPS):
    """Return the rows as a file holds them; spiking networks get 2 of 200 answers fewer right than the ANN."""
    return [
        dict(row(contender, seed, metric, accumulates).fields()) for seed in seeds for contender in contenders(steps)
    ]


def timeless(row):
    """Return a row without what differs from run to run."""
    return {name: value for name, value in row.items() if name not in ("milliseconds", "slowdown")}


def row(contender, seed, metric, accumulates):
    """Return one row."""
    spiking = contender.kind == SPIKING
    sums = np.full(ORIGINALS, COPIES, dtype=float)
    sums[: WRONG[contender.kind]] -= 1
    score = 100 * sums.sum() / (ORIGINALS * COPIES)
    worse = 0.0 if contender.kind == ANN else 1.0
    operations = Operations(
        macs=0.0 if spiking else MACS,
        accumulates=accumulates if spiking else 0.0,
        analog=100.0 * contender.steps if contender.code == "rate" else 0.0,
        updates=80.0 if spiking else 0.0,
    )
    tallies = {"sums": sums.tolist(), "counts": [COPIES] * ORIGINALS}
    if contender.kind != ANN:
        tallies |= {"agreements": [COPIES - 1] * 2 + [COPIES] * (ORIGINALS - 2), "trials": [COPIES] * ORIGINALS}
    return Row(
        task="digits",
        model="cnn",
        seed=seed,
        kind=contender.kind,
        code=contender.code,
        steps=contender.steps,
        metric=metric,
        score=score,
        loss=worse if metric["higher_is_better"] else -worse,
        agreement=None if contender.kind == ANN else 0.99,
        logit_error=None if contender.kind == ANN else 0.01,
        operations=vars(operations),
        energy=energies(operations, contender.bits),
        milliseconds=None if contender.kind == QUANTISED else 0.2 if spiking else 0.1,
        slowdown=None if contender.kind == QUANTISED else 2.0 if spiking else 1.0,
        samples=ORIGINALS * COPIES,
        tallies=tallies,
        **(inside(contender, seed, accumulates) if spiking else {}),
    )


def inside(contender, seed, accumulates):
    """Return what a row says of a spiking network itself."""
    layers = [
        {
            "population": name,
            "operation": "relu",
            "neurons": 16,
            "function": "relu",
            "low": 0.0,
            "theta_min": 0.5,
            "theta_max": 1.5,
            "observed_min": 0.0,
            "observed_max": 1.4,
            "clipped": 0.001,
            "error": error / contender.steps,
            "spikes_per_neuron": 1.5,
        }
        for name, error in (("input", 0.01), ("relu", 0.02))
    ]
    raster = [
        {
            "name": name,
            "window": [4 * place, 4 * place + 4],
            "neurons": 16,
            "total": 16,
            "steps": [4 * place],
            "indices": [3],
        }
        for place, name in enumerate(("input", "relu"))
    ]
    return {
        "latency": 3 * contender.steps if contender.code == "radix" else contender.steps,
        "interval": contender.steps,
        "neurons": 32,
        "spikes": 48.0,
        "spikes_per_neuron": 1.5,
        "spikes_per_synapse": accumulates / MACS,
        "layers": layers,
        "spiking": [{"node": "relu", "kind": "neurons", "operation": "relu at net.py:3 <script>"}],
        "raster": raster if seed == 0 and contender.steps == max(STEPS.get(contender.code, (0,))) else None,
    }
