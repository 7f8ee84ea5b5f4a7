"""Convert or train? Spiking networks of one architecture, converted, fine-tuned after that, and trained from scratch.

All are judged on altered copies of held-out digits and paired on them; intervals are a bootstrap over the original
digits. Networks of ReLUs learn as rate networks and leaky neurons, all others through windows of radix spikes, as in
`neurobridge compare`. The ANN has the epochs of its recipe. Fine-tuning and direct training get equally few epochs
through spikes; direct training also gets as many as the ANN. Times are CPU seconds of one thread. What is finished is
kept, and a run that was killed goes on; rows of architectures that were measured before stay in the record.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time

import numpy as np
import torch

import neurobridge as nb
from benchmarks import record
from benchmarks.ann_bank import WEIGHTS
from neurobridge.ann.training import contender, fit_cached, recipe, train
from neurobridge.comparison.intervals import difference_interval
from neurobridge.comparison.measures import energies, judged, spiking
from neurobridge.conversion.surrogate import Learning
from neurobridge.plots.convert_or_train import Way, ways_figure

KEPT = Path("reports/benchmarks/convert-or-train")
CALIBRATION, EPOCHS = 1024, 3
SEEDS = {"mlp": (0, 1, 2), "cnn": (0, 1, 2), "lstm": (0, 1, 2), "transformer": (0,), "gru": (0,)}
ANN, CONVERTED, RADIX, TUNED, TRAINED = "ANN", "converted, rate", "converted, radix", "fine-tuned", "trained"
TRAINED_LONGER, FP32 = "trained, the ANN's epochs", "45 nm fp32"
TABLE = (
    ("digits-augmented", "mlp"),
    ("digits-augmented", "cnn"),
    ("digits-augmented-rows", "lstm"),
    ("digits-augmented-rows", "transformer"),
    ("digits-augmented-rows", "gru"),
)
RELUS = ("mlp", "cnn")
# a softmax has no range at T = 2, nor after 15 epochs of training at T = 3: all its exponentials are sent as zero
RADIX_STEPS = {"mlp": (2, 3, 4), "cnn": (2, 3, 4), "lstm": (2, 3, 4, 8), "transformer": (3, 4, 8), "gru": (2, 3, 4, 8)}
RATE_STEPS = {"mlp": (2, 4, 8, 16), "cnn": (2, 4, 8, 16)}
# of the networks that learn
LEARNT_STEPS = {"mlp": (2, 4, 8, 16), "cnn": (2, 4), "lstm": (2, 3, 4), "transformer": (3, 4), "gru": (2, 3, 4)}
LONGER_STEPS = {"mlp": (2, 4, 8), "cnn": (4,), "lstm": (2,), "transformer": (), "gru": ()}
# two epochs of another surrogate, of learnt leaks, without normalisation: why the defaults are what they are
CHOICES = {
    "arctan": Learning(),
    "fast sigmoid": Learning(surrogate="fast sigmoid"),
    "learnt leaks": Learning(leaks=True),
    "without normalisation": Learning(normalised=False),
}
FIGURE, TABLE_FILE = record.RESULTS / "convert-or-train.png", record.RESULTS / "convert_or_train.md"


@dataclass(frozen=True)
class Case:
    """One network that is made and judged."""

    task: str
    model: str
    way: str
    steps: int
    seed: int

    @property
    def name(self) -> str:
        """What its file is called."""
        words = f"{self.task}-{self.model}-{self.way}-{self.steps}-{self.seed}"
        return words.replace(",", "").replace("'", "").replace(" ", "_")


def main() -> None:
    """Run what is missing, and write results/convert_or_train.json and the figure."""
    torch.set_num_threads(1)
    for case in cases():
        if not kept(case).exists() and (case.task, case.model) not in recorded():
            print(case.name, flush=True)
            keep(case)
    write()


def cases() -> Iterator[Case]:
    """Yield what is to be run, what is cheap and said first before what takes long."""
    yield from (Case(*TABLE[0], f"choice: {choice}", 4, seed) for choice in CHOICES for seed in SEEDS["mlp"])
    for task, model in TABLE:
        for seed in SEEDS[model]:
            yield Case(task, model, ANN, 0, seed)
            yield from (Case(task, model, RADIX, steps, seed) for steps in RADIX_STEPS[model])
            yield from (Case(task, model, CONVERTED, steps, seed) for steps in RATE_STEPS.get(model, ()))
        for steps in LEARNT_STEPS[model]:
            yield from (Case(task, model, way, steps, seed) for seed in SEEDS[model] for way in (TUNED, TRAINED))
    for task, model in TABLE:
        for steps in LONGER_STEPS[model]:
            yield from (Case(task, model, TRAINED_LONGER, steps, seed) for seed in SEEDS[model])


def kept(case: Case) -> Path:
    """Return the file that holds what a case gave."""
    return KEPT / f"{case.name}.npz"


def keep(case: Case) -> None:
    """Make a network, judge it, and keep what it chose and took."""
    task = nb.tasks.load(case.task)
    ann, _ = fit_cached(task, case.model, case.seed, WEIGHTS)
    before = process_time()
    network = {
        ANN: lambda: ann_again(task, case),
        CONVERTED: lambda: nb.convert(ann, task.calibration(CALIBRATION), code="rate", steps=case.steps),
        RADIX: lambda: nb.convert(ann, task.calibration(CALIBRATION), code="radix", steps=case.steps),
        TUNED: lambda: fine_tuned(ann, task, case),
        TRAINED: lambda: trained(task, case, EPOCHS),
        TRAINED_LONGER: lambda: trained(task, case, None),
    }.get(case.way, lambda: trained(task, case, 2, CHOICES[case.way.removeprefix("choice: ")]))()
    seconds = process_time() - before
    if case.way == ANN:
        seconds, network, found = seconds * recipe(case.task, case.model).epochs, ann, {"spikes": 0.0}
    else:
        inside = spiking(network, task.test.inputs)
        found = {"spikes": inside.spikes, "latency": network.latency} | dict(energies(inside.operations, None))
    choices = judged(task, contender(network)).outputs.argmax(axis=1).astype(np.uint8)
    KEPT.mkdir(parents=True, exist_ok=True)
    draft = kept(case).with_suffix(".part.npz")
    np.savez_compressed(draft, choices=choices, seconds=seconds, **found)
    draft.replace(kept(case))


def ann_again(task, case: Case) -> torch.nn.Module:
    """Train the ANN for one epoch, to see what its epochs take; its weights come from the bank."""
    config = replace(recipe(case.task, case.model), epochs=1, device="cpu")
    return train(nb.models.build(case.model, task, seed=case.seed), task, config)[0]


def fine_tuned(ann: torch.nn.Module, task, case: Case) -> torch.nn.Module:
    """Return the ANN converted, and trained on through its spikes."""
    converted = nb.convert(ann, task.calibration(CALIBRATION), code=carrier(case.model), steps=case.steps)
    return nb.finetune(converted, task.train.inputs, task.train.targets, epochs=EPOCHS, seed=case.seed)


def trained(task, case: Case, epochs: int | None, learning: Learning | None = None) -> torch.nn.Module:
    """Return a network trained from scratch; all epochs of the recipe if None."""
    usual = recipe(case.task, case.model)
    config = replace(usual, epochs=epochs or usual.epochs, seed=case.seed, device="cpu")
    untrained = nb.models.build(case.model, task, seed=case.seed)
    code = "leaky" if case.model in RELUS else carrier(case.model)
    return nb.train_spiking(untrained, task, code=code, steps=case.steps, learning=learning, config=config)


def carrier(model: str) -> str:
    """Return the code in which a network learns."""
    return "rate" if model in RELUS else "radix"


Found = Mapping[Case, Mapping[str, np.ndarray]]


def recorded() -> dict[tuple[str, str], list[dict]]:
    """Return (task, model) -> the rows of the record, where nothing is kept that they could be made of again."""
    path = TABLE_FILE.with_suffix(".json")
    rows = json.loads(path.read_text())["rows"] if path.exists() else []
    left = {(case.task, case.model) for case in cases() if kept(case).exists()}
    names = dict.fromkeys((row["task"], row["model"]) for row in rows)
    return {name: [row for row in rows if (row["task"], row["model"]) == name] for name in names if name not in left}


def write() -> None:
    """Write what is finished, beside what is in the record."""
    found = {case: dict(np.load(kept(case))) for case in cases() if kept(case).exists()}
    before = recorded()
    rows = [row for name in TABLE for row in before.get(name) or summary(found, *name)]
    epochs = {model: recipe(task, model).epochs for task, model in TABLE}
    about = {"epochs": EPOCHS, "calibration": CALIBRATION, "the ANN's epochs": epochs, "rows": rows}
    record.write("convert_or_train", about, ("torch", "snntorch", "numpy"))
    TABLE_FILE.write_text(table(rows))
    panels = {model: ways([row for row in rows if row["model"] == model]) for _, model in TABLE}
    ways_figure({model: found for model, found in panels.items() if found}, lowest=80.0).savefig(FIGURE, dpi=150)


def summary(found: Found, task_name: str, model: str) -> Iterator[dict]:
    """Yield a row for each way and number of steps, over the seeds that are finished."""
    task = nb.tasks.load(task_name)
    targets, group = task.test.targets, np.unique(task.test.groups, return_inverse=True)[1]
    own = {case: values for case, values in found.items() if (case.task, case.model) == (task_name, model)}
    right = {case: (values["choices"] == targets).astype(float) for case, values in own.items()}
    for way, steps in dict.fromkeys((case.way, case.steps) for case in own):
        members = [case for case in own if (case.way, case.steps) == (way, steps)]
        anns = [replace(case, way=ANN, steps=0) for case in members]
        same = [own[case]["choices"] == own[ann]["choices"] for case, ann in zip(members, anns, strict=True)]
        row = {"task": task_name, "model": model, "way": way, "steps": steps, "seeds": [case.seed for case in members]}
        row |= {"accuracy": 100 * float(np.mean([right[case] for case in members]))}
        row |= {"accuracy of each seed": [100 * float(right[case].mean()) for case in members]}
        row |= {"agreement": 100 * float(np.mean(same)), "test images": len(targets)}
        numbers = [name for name in own[members[0]] if name != "choices"]
        row |= {name: float(np.mean([own[case][name] for case in members])) for name in numbers}
        for other in (ANN, CONVERTED if model in RELUS else RADIX, TUNED):
            rivals = [replace(case, way=other, steps=0 if other == ANN else steps) for case in members]
            if other != way and all(rival in own for rival in rivals):
                row[f"above {other}"] = above([right[c] for c in members], [right[r] for r in rivals], group)
        yield row


def above(own: list, others: list, group: np.ndarray) -> dict[str, float]:
    """Return by how many points one is right more often than another, with 95 % bounds."""
    sums = [np.array([np.bincount(group, right) for right in side]) for side in (own, others)]
    counts = np.tile(np.bincount(group), (len(own), 1))
    interval = difference_interval(*sums, counts, lambda share: 100 * share)
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high}


def table(rows: list[dict]) -> str:
    """Return the rows as the documentation shows them, without the choices of settings."""
    columns = ("network", "T", "steps in all", "accuracy, %", "above the ANN, points", "spikes", "nJ, fp32", "CPU s")
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for row in rows:
        if not row["way"].startswith("choice"):
            gain = row.get(f"above {ANN}")
            latency = f"{row['latency']:.0f}" if "latency" in row else ""
            cells = [f"{row['model']}, {row['way']}", str(row["steps"] or ""), latency, f"{row['accuracy']:.2f}"]
            cells.append("{estimate:.2f} [{low:.2f}, {high:.2f}]".format(**gain) if gain else "")
            cells += [f"{row['spikes']:.0f}", f"{row[FP32] / 1000:.0f}"] if gain else ["", ""]
            lines.append(f"| {' | '.join([*cells, format(row['seconds'], '.2g')])} |")
    return "\n".join(lines) + "\n"


def ways(rows: list[dict]) -> list[Way]:
    """Return what the figure shows of one architecture."""
    shown = (ANN, RADIX, CONVERTED, TUNED, TRAINED, TRAINED_LONGER)
    found = {name: sorted((row for row in rows if row["way"] == name), key=lambda row: row["steps"]) for name in shown}
    return [
        Way(
            name=name,
            steps=np.array([row.get("latency", np.nan) for row in members]),
            spikes=np.array([row["spikes"] for row in members]),
            seconds=np.array([row["seconds"] for row in members]),
            accuracy=np.array([row["accuracy"] for row in members]),
        )
        for name, members in found.items()
        if members
    ]


if __name__ == "__main__":
    main()
