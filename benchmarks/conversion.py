"""What conversion loses on recurrent, spatially transformed, attentive and language networks, three seeds.

Networks are trained by their recipes (or read from the ANN bank's folder), converted without retraining, and judged on
the same 9,000 test images, or the same test text, as the originals. Rows are kept as they finish, and a run that was
killed goes on. Loss is in points, paired, its interval a bootstrap over the original digits; of a language model it is
the ratio of perplexities, its interval a bootstrap over documents.
"""

import json

import numpy as np
import torch

import neurobridge as nb
from benchmarks import record
from benchmarks.ann_bank import WEIGHTS
from neurobridge.ann.training import fit_cached
from neurobridge.ann.training.contender import contender
from neurobridge.comparison.intervals import difference_interval

SEEDS, CALIBRATION, LANGUAGE_CALIBRATION = (0, 1, 2), 1024, 64
ROWS, ROTATED = "digits-augmented-rows", "digits-rotated"
# task, model, code, steps, largest loss in points, least agreement in per cent
TABLE = (
    *((ROWS, model, "radix", 8, 0.2, 99.5) for model in ("lstm", "gru", "bilstm", "stacked-lstm")),
    (ROWS, "rnn", "radix", 8, 0.2, 99.0),
    (ROTATED, "stn-cnn", "radix", 8, 0.2, 99.5),
    (ROWS, "transformer", "radix", "auto", 0.2, 99.5),
    ("digits-augmented", "cnn", "latency", 64, 0.5, 98.5),
    *((ROWS, model, "latency", 64, 0.5, 98.5) for model in ("lstm", "gru")),
    (ROWS, "rnn", "latency", 256, 0.5, 98.5),
    (ROTATED, "stn-cnn", "latency", 256, 0.5, 98.5),
    (ROWS, "transformer", "latency", "auto", 0.5, 98.5),
)
# task, model, code, steps, largest ratio of perplexities
LANGUAGE = (("text-words", "language-model", "radix", 8, 1.01),)
RESULT = record.RESULTS / "conversion.json"


def main(only: tuple[str, ...] = ()) -> None:
    """Fill the table, or the rows of the models named, and write results/conversion.json."""
    torch.set_num_threads(1)
    kept = json.loads(RESULT.read_text())["rows"] if RESULT.exists() else []
    for task, model, code, steps, most, least in TABLE:
        known = {(row["task"], row["model"], row["code"], row["asked"]) for row in kept}
        if (task, model, code, steps) in known or (only and model not in only):
            continue
        row = _row(task, model, code, steps)
        row["reached"] = row["loss"]["estimate"] <= most and row["agreement"] >= least
        kept.append({**row, "loss at most": most, "agreement at least": least})
        record.write("conversion", {"calibration": CALIBRATION, "seeds": len(SEEDS), "rows": kept})
    for task, model, code, steps, most in LANGUAGE:
        known = {(row["task"], row["model"], row["code"], row["asked"]) for row in kept}
        if (task, model, code, steps) not in known and (not only or model in only):
            row = _language_row(task, model, code, steps)
            kept.append({**row, "reached": row["ratio"]["estimate"] <= most, "ratio at most": most})
            record.write("conversion", {"calibration": CALIBRATION, "seeds": len(SEEDS), "rows": kept})


def _row(task_name: str, model_name: str, code: str, steps: int | str) -> dict:
    task = nb.tasks.load(task_name)
    x, y, groups = torch.from_numpy(task.test.inputs), task.test.targets, task.test.groups
    _, group = np.unique(groups, return_inverse=True)
    correct: dict[str, list] = {"ann": [], "snn": []}
    agreement, latency, spent = [], [], []
    for seed in SEEDS:
        ann, _ = fit_cached(task, model_name, seed, WEIGHTS)
        ann.eval()
        asked = {"steps": "auto", "rel_error": 0.02} if steps == "auto" else {"steps": steps}
        snn = nb.convert(ann, task.calibration(CALIBRATION), code=code, **asked)
        with torch.inference_mode():
            choices = [torch.cat([net(part) for part in x.split(500)]).argmax(dim=1).numpy() for net in (ann, snn)]
        agreement.append(100 * float((choices[0] == choices[1]).mean()))
        latency.append(snn.latency)
        spent.append(sum(node.steps for node in snn.graph.populations))
        for name, choice in zip(correct, choices, strict=True):
            correct[name].append(np.bincount(group, (choice == y).astype(float)))
    counts = np.tile(np.bincount(group), (len(SEEDS), 1))
    loss = difference_interval(np.array(correct["ann"]), np.array(correct["snn"]), counts, lambda share: 100 * share)
    return {
        "task": task_name,
        "model": model_name,
        "code": code,
        "asked": steps,
        "ann": 100 * float(np.mean([row.sum() / len(y) for row in correct["ann"]])),
        "loss": {"estimate": loss.estimate, "low": loss.low, "high": loss.high},
        "agreement": float(np.mean(agreement)),
        "agreement of each seed": agreement,
        "latency in steps": latency,
        "steps of all populations": spent,
    }


def _language_row(task_name: str, model_name: str, code: str, steps: int) -> dict:
    """Return perplexities: exp of the mean surprise over all test words, seeds resampled with the documents."""
    task = nb.tasks.load(task_name)
    surprise: dict[str, list] = {"ann": [], "snn": []}
    for seed in SEEDS:
        ann, _ = fit_cached(task, model_name, seed, WEIGHTS)
        snn = nb.convert(ann.eval(), task.calibration(LANGUAGE_CALIBRATION), code=code, steps=steps)
        for name, network in (("ann", ann), ("snn", snn)):
            scores = task.judge(contender(network), batch=32)
            place = np.unique(scores.groups, return_inverse=True)[1]
            surprise[name].append(np.bincount(place, scores.values))
    counts = np.tile(np.bincount(place), (len(SEEDS), 1))
    log_ratio = difference_interval(np.array(surprise["snn"]), np.array(surprise["ann"]), counts)
    perplexity = {name: np.exp(np.array(rows).sum(axis=1) / counts.sum(axis=1)) for name, rows in surprise.items()}
    return {
        "task": task_name,
        "model": model_name,
        "code": code,
        "asked": steps,
        "ann": float(np.mean(perplexity["ann"])),
        "snn": float(np.mean(perplexity["snn"])),
        "ratio": {name: float(np.exp(getattr(log_ratio, name))) for name in ("estimate", "low", "high")},
        "ratio of each seed": (perplexity["snn"] / perplexity["ann"]).tolist(),
        "latency in steps": [snn.latency],
        "words": int(counts[0].sum()),
    }


if __name__ == "__main__":
    main()
