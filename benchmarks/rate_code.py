"""The rate code at few steps against SpikingJelly and sinabs: same trained networks, same images, same run.

Agreement is with the trained network's own choice, on altered copies of held-out digits; differences are paired, their
intervals a bootstrap over the original digits. Choices are kept as they are made, and a run that was killed goes on.
Ours are shown with each part of the repair switched off, and fine-tuned on answers; other codes stand beside.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import torch

import neurobridge as nb
from benchmarks import record
from benchmarks.ann_bank import WEIGHTS
from benchmarks.peers import rate_code as peers
from neurobridge.ann.training import fit_cached
from neurobridge.comparison.intervals import difference_interval
from neurobridge.conversion.quantise import quantised
from neurobridge.conversion.repair import Repair
from neurobridge.plots.agreement import Agreement, agreement_figure

CHOICES = Path("reports/benchmarks/rate-code")
CALIBRATION, OBSERVED = 1024, 256
# model, steps, seeds, every so many test images, whether parts are switched off and other codes shown
TABLE = (("cnn", (2, 4, 8, 16), (0, 1, 2), 1, True), ("residual-cnn", (4, 8, 16, 32), (0,), 8, False))
OURS, UNFITTED, DOUBLED = "rate", "rate, weights as they were", "rate, 2 neurons a number"
REPAIRS = {
    OURS: Repair(),
    "rate, first membranes half": Repair(membranes="half"),
    UNFITTED: Repair(weights=False),
    "rate, only thresholds": Repair(weights=False, bias=False, membranes="half"),
    "rate, nothing": Repair(weights=False, bias=False, membranes="half", thresholds="largest"),
    "rate, first membranes zero": Repair(weights=False, bias=False, membranes="zero", thresholds="largest"),
}
WEIGHT_BITS = (8, 4)
TUNED = {"rate, tuned to outputs": Repair(epochs=20)}
OTHER_CODES = {"radix": (2, 3, 4, 6, 8), "latency": (8, 16, 32), "signed": (8, 16, 32)}
FIGURE = record.RESULTS / "rate-code.png"
Result = Mapping[int, tuple[np.ndarray, float]]
"""Steps in all -> choices, spikes an inference."""


def main(models: tuple[str, ...] = ()) -> None:
    """Run what is missing, and write results/rate_code.json and the figure."""
    torch.set_num_threads(1)
    rows = []
    for model, steps, seeds, every, in_full in TABLE:
        if not models or model in models:
            rows += _rows(model, steps, seeds, every, in_full)
            record.write("rate_code", _record(rows), ("torch", "snntorch", "spikingjelly", "sinabs", "numpy"))
    agreement_figure(_curves([row for row in rows if row["model"] == TABLE[0][0]])).savefig(FIGURE, dpi=150)


def _record(rows: list[dict]) -> dict:
    return {"calibration": CALIBRATION, "rows": rows}


def _rows(model: str, steps: tuple[int, ...], seeds: tuple[int, ...], every: int, in_full: bool) -> list[dict]:
    task = nb.tasks.load("digits-augmented")
    x, y = torch.from_numpy(task.test.inputs[::every]), task.test.targets[::every]
    _, group = np.unique(task.test.groups[::every], return_inverse=True)
    found: dict[tuple[str, int], list] = {}
    for seed in seeds:
        ann, _ = fit_cached(task, model, seed, WEIGHTS)
        with torch.inference_mode():
            wanted = _choices(ann.eval(), x)
        contenders = dict(_contenders(ann, task, steps))
        shown = [name for name in contenders if in_full or name in (OURS, UNFITTED) or peers.is_peer(name)]
        for name, contender in ((name, contenders[name]) for name in shown):
            kept = _kept(f"{model}-{seed}-{every}-{name}", contender, x)
            for total, (choices, spikes) in kept.items():
                found.setdefault((name, total), []).append((choices == wanted, choices == y, spikes))
    return _summary(model, found, group)


def _contenders(ann, task, steps) -> Iterator[tuple[str, Callable[[torch.Tensor], Result]]]:
    calibration = torch.as_tensor(task.calibration(CALIBRATION))
    for name, repair in REPAIRS.items():
        yield name, lambda x, repair=repair: _converted(ann, calibration, x, "rate", steps, repair=repair)
    yield DOUBLED, lambda x: _converted(ann, calibration, x, "rate", steps, copies=2)
    for name, repair in TUNED.items():
        yield name, lambda x, repair=repair: _converted(ann, calibration, x, "rate", steps[:2], repair=repair)
    yield "rate, fine-tuned on answers", lambda x: _finetuned(ann, task, calibration, x, steps[:2])
    for bits in WEIGHT_BITS:
        name = f"rate, weights of {bits} bits"
        yield name, lambda x, bits=bits: _converted(ann, calibration, x, "rate", steps[1::2], bits)
    for code, counts in OTHER_CODES.items():
        yield code, lambda x, code=code, counts=counts: _converted(ann, calibration, x, code, counts)
    for name, run in peers.contenders(ann, calibration).items():
        yield name, lambda x, run=run: run(x, steps)


def _converted(ann, calibration, x, code, counts, bits=None, **options) -> Result:
    networks = (nb.convert(ann, calibration, code=code, steps=steps, **options) for steps in counts)
    rounded = (network if bits is None else quantised(network, bits) for network in networks)
    return {network.latency: _judged(network, x) for network in rounded}


def _finetuned(ann, task, calibration, x, counts) -> Result:
    networks = (nb.convert(ann, calibration, code="rate", steps=steps) for steps in counts)
    return {net.steps: _judged(nb.finetune(net, task.train.inputs, task.train.targets), x) for net in networks}


@torch.inference_mode()
def _judged(network, x) -> tuple[np.ndarray, float]:
    spikes = network.observe(x[:: max(1, len(x) // OBSERVED)][:OBSERVED]).spikes
    return _choices(network, x), sum(float(counts.sum()) for counts in spikes.values()) / OBSERVED


def _choices(network, x) -> np.ndarray:
    return torch.cat([network(part) for part in x.split(500)]).argmax(dim=1).numpy().astype(np.uint8)


def _kept(name: str, contender: Callable[[torch.Tensor], Result], x: torch.Tensor) -> Result:
    """Return a contender's choices, from the disk if it was run before."""
    path = CHOICES / f"{name.replace(' ', '_').replace('%', '').replace(',', '')}.npz"
    if not path.exists():
        result = contender(x)
        CHOICES.mkdir(parents=True, exist_ok=True)
        arrays = {f"{steps}": choices for steps, (choices, _) in result.items()}
        np.savez_compressed(path, spikes=[spikes for _, spikes in result.values()], **arrays)
    with np.load(path) as file:
        names = [key for key in file.files if key != "spikes"]
        return {int(key): (file[key], float(n)) for key, n in zip(names, file["spikes"], strict=True)}


def _summary(model: str, found: dict[tuple[str, int], list], group: np.ndarray) -> list[dict]:
    """Return a row for each contender and number of steps; peers with their distance from ours."""
    rows = []
    for (name, steps), of_seeds in found.items():
        agree, right, spikes = zip(*of_seeds, strict=True)
        row = {"model": model, "contender": name, "steps in all": steps, "seeds": len(agree), "images": len(group)}
        row |= {"agreement": 100 * float(np.mean(agree)), "accuracy": 100 * float(np.mean(right))}
        row |= {"agreement of each seed": [100 * float(a.mean()) for a in agree], "spikes": float(np.mean(spikes))}
        for ours in (OURS, DOUBLED):
            if peers.is_peer(name) and (ours, steps) in found:
                row[f"{ours}: more often"] = _difference(found[ours, steps], of_seeds, group)
        rows.append(row)
    return rows


def _difference(ours: list, others: list, group: np.ndarray) -> dict[str, float]:
    sums = [np.array([np.bincount(group, agree.astype(float)) for agree, _, _ in each]) for each in (ours, others)]
    counts = np.tile(np.bincount(group), (len(ours), 1))
    interval = difference_interval(*sums, counts, lambda share: 100 * share)
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high}


def _curves(rows: list[dict]) -> list[Agreement]:
    """Return the codes, and of each peer the mode that agrees most at each number of steps."""
    shown = {
        name: [row for row in rows if row["contender"] == name] for name in (OURS, DOUBLED, "signed", *OTHER_CODES)
    }
    for prefix in peers.PREFIXES:
        best: dict[int, dict] = {}
        for row in rows:
            if row["contender"].startswith(prefix):
                best[row["steps in all"]] = max(best.get(row["steps in all"], row), row, key=lambda r: r["agreement"])
        shown[f"{prefix}, best mode"] = [best[steps] for steps in sorted(best)]
    return [
        Agreement(
            name=name,
            steps=np.array([row["steps in all"] for row in found], dtype=float),
            spikes=np.array([row["spikes"] for row in found]),
            percent=np.array([row["agreement"] for row in found]),
            peer=peers.is_peer(name),
        )
        for name, found in shown.items()
        if found
    ]


if __name__ == "__main__":
    main()
