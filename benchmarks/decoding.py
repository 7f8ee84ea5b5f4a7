"""Decoding movement: classical filters, recurrent networks and the networks in spikes, in open and in closed loop.

Three seeds, each with a motor cortex, a session and a training of its own. R² and correlation by axis on the last
fifth of a session; differences are paired, with the bootstrap over sequences. In closed loop every decoder moves a
cursor to eight targets, and the same neurons fire for where it should go.
"""

from pathlib import Path
from time import process_time

import numpy as np
import torch

import neurobridge as nb
from benchmarks import record
from neurobridge.ann.operations import multiply_accumulates
from neurobridge.ann.training import contender, fit_cached
from neurobridge.comparison.intervals import difference_interval
from neurobridge.comparison.measures import spiking
from neurobridge.plots.movement import acquired, paths, velocities
from neurobridge.spikes.decode.movement_kalman import choose_movement_kalman
from neurobridge.spikes.decode.naive_bayes import fit_naive_bayes
from neurobridge.spikes.decode.wiener import fit_wiener
from neurobridge.spikes.decode.wiener_cascade import fit_wiener_cascade
from neurobridge.tasks.reaching.closed_loop import Rules, run
from neurobridge.tasks.reaching.reaches import STEP, session
from neurobridge.tasks.reaching.simulated import part, simulate

WEIGHTS = Path("reports/decoding")
TASKS, SEEDS, CALIBRATION = ("reaching", "reaching-cosine"), (0, 1, 2), 256
STEPS = {"lstm": (4, 6, 8), "gru": (8,)}
PAIRS = (("LSTM", "Kalman filter"), ("LSTM", "LSTM, radix T=8"), ("GRU", "GRU, radix T=8"), ("LSTM", "GRU"))
SHOWN = ("Kalman filter", "LSTM", "LSTM, radix T=8")
REPEATS, TIMED = 8, 20
FIGURES, DOTS = record.RESULTS, 150


def main() -> None:
    """Measure, and write results/decoding.json and the figures."""
    torch.set_num_threads(1)
    rows, closed, differences, directions = [], [], [], []
    for name in TASKS:
        errors: dict[str, list] = {}
        seconds: dict[str, list] = {}
        for seed in SEEDS:
            task = nb.tasks.load(name, seed=seed)
            for decoder, (predict, about) in _decoders(task, seed).items():
                outputs = predict(task.test.inputs)
                errors.setdefault(decoder, []).append(((outputs - task.test.targets) ** 2).mean(axis=(1, 2)))
                row = {"task": name, "seed": seed, "decoder": decoder}
                rows.append(row | _scores(outputs, task.test.targets) | _milliseconds(predict, task) | about)
                trials = run(predict, task, seed, repeats=REPEATS)
                seconds.setdefault(decoder, []).append(trials.seconds)
                closed.append(row | _closed(trials))
                print(rows[-1], closed[-1], flush=True)
            directions.append({"task": name, "seed": seed} | _directions(task, seed))
        for pair in PAIRS:
            better = {"R²": _difference(errors, *pair), "seconds saved": _difference(seconds, *pair)}
            differences.append({"task": name, "first": pair[0], "second": pair[1]} | better)
    record.write(
        "decoding",
        {"open loop": rows, "differences": differences, "closed loop": closed, "directions": directions},
        ("torch", "snntorch", "numpy", "scipy"),
    )
    _figures()


def _decoders(task, seed) -> dict:
    """Return name -> (contender, what it costs a bin)."""
    train, unseen, steps = task.train, task.validation, task.input_shape[0]
    wiener = fit_wiener(train.inputs, train.targets)
    cascade = fit_wiener_cascade(train.inputs, train.targets)
    kalman = choose_movement_kalman(train.inputs, train.targets, unseen.inputs, unseen.targets)
    state, neurons = kalman.filter.observation.T.shape
    found = {
        "Wiener filter": (wiener.decode, {"MACs": wiener.weights.size}),
        "Wiener cascade": (cascade.decode, {"MACs": wiener.weights.size + cascade.coefficients.size}),
        "Kalman filter": (kalman.decode, {"MACs": state**2 + 2 * state * neurons, "state": state, "lead": kalman.lead}),
    }
    for model, counts in STEPS.items():
        ann, _ = fit_cached(task, model, seed, WEIGHTS)
        macs = multiply_accumulates(ann, task.test.inputs[:1]) / steps
        found[model.upper()] = (contender(ann), {"MACs": macs})
        for count in counts:
            network = nb.convert(ann, torch.as_tensor(task.calibration(CALIBRATION)), code="radix", steps=count)
            active = spiking(network, task.test.inputs)
            cost = {
                "accumulates": active.operations.accumulates / steps,
                "updates": active.operations.updates / steps,
                "spikes": active.spikes / steps,
                "steps": network.latency / steps,
            }
            found[f"{model.upper()}, radix T={count}"] = (contender(network), cost)
    return found


def _scores(outputs, targets) -> dict:
    truth, found = (values.reshape(-1, values.shape[-1]).astype(np.float64) for values in (targets, outputs))
    r2 = 1 - ((found - truth) ** 2).sum(axis=0) / ((truth - truth.mean(axis=0)) ** 2).sum(axis=0)
    correlation = [float(np.corrcoef(*pair)[0, 1]) for pair in zip(found.T, truth.T, strict=True)]
    return {"R²": float(r2.mean()), "R² by axis": r2.tolist(), "correlation by axis": correlation}


def _milliseconds(predict, task) -> dict:
    """Return the CPU time from the last bin of a window to its velocity, the whole window decoded again."""
    window, times = task.test.inputs[:1], []
    predict(window)
    for _ in range(TIMED):
        start = process_time()
        predict(window)
        times.append(process_time() - start)
    return {"ms a window": 1000 * float(np.median(times))}


def _closed(trials) -> dict:
    done = trials.seconds[trials.acquired]
    return {
        "trials": len(trials.seconds),
        "success": trials.success,
        "mean seconds, failures at the limit": float(trials.seconds.mean()),
        "median seconds, acquired": float(np.median(done)) if len(done) else None,
    }


def _difference(costs, first, second) -> dict:
    """Return by how much the first costs less than the second, with bounds: over sequences, or over trials."""
    sums = [np.stack(costs[name]) for name in (second, first)]
    found = difference_interval(*sums, np.ones_like(sums[0]))
    return {"difference": found.estimate, "low": found.low, "high": found.high}


def _directions(task, seed) -> dict:
    """Return how often naive Bayes finds which of eight directions a reach from the centre takes, early."""
    population, neurons, _ = task.facts["cortex"]
    recording = simulate(population, "centre-out", neurons, 600.0, seed)
    moved = session("centre-out", 600.0, part(seed, "reaches"))
    starts = moved.starts[np.linalg.norm(moved.target[moved.starts], axis=1) > 1]
    angles = np.arctan2(moved.target[starts, 1], moved.target[starts, 0])
    classes = np.round(angles / (np.pi / 4)).astype(int) % 8
    edges = STEP * np.stack([starts - 10, starts + 20], axis=1)
    counts = np.stack([np.diff(np.searchsorted(train, edges))[:, 0] for train in recording.trains], axis=1)
    learnt = int(0.7 * len(counts))
    right = fit_naive_bayes(counts[:learnt], classes[:learnt]).decode(counts[learnt:]) == classes[learnt:]
    return {"trials": len(right), "right": 100 * float(right.mean())}


def _figures() -> None:
    task = nb.tasks.load(TASKS[0], seed=SEEDS[0])
    predicts = {name: predict for name, (predict, _) in _decoders(task, SEEDS[0]).items() if name in SHOWN}
    unit, shown = np.array(task.facts["cm/s"]), slice(2, 5)
    truth = task.test.targets[shown].reshape(-1, 2) * unit
    decoded = {name: predict(task.test.inputs[shown]).reshape(-1, 2) * unit for name, predict in predicts.items()}
    velocities(task.facts["bin"] * np.arange(len(truth)), truth, decoded).savefig(
        FIGURES / "decoding-velocity.png", dpi=DOTS
    )
    rules = Rules()
    trials = {name: run(predict, task, SEEDS[0], rules, REPEATS) for name, predict in predicts.items()}
    drawn = 3 * 8  # three trials of each direction
    walks = {f"{name}, {100 * one.success:.0f} %": one.path[:drawn] for name, one in trials.items()}
    targets = next(iter(trials.values())).target[:drawn]
    paths(walks, targets, rules.radius).savefig(FIGURES / "decoding-cursor.png", dpi=DOTS)
    seconds = {name: np.where(one.acquired, one.seconds, np.inf) for name, one in trials.items()}
    acquired(seconds, rules.limit).savefig(FIGURES / "decoding-acquired.png", dpi=DOTS)


if __name__ == "__main__":
    main()
