"""Which optimiser for which problem? All get the same problems, budget and grid of learning rates.

Expected: on the quadratic and on Rosenbrock's valley the choice of rule matters most; on small networks
tuned rules end close together, and differ in how many learning rates work. Goldstein's test and full
relaxation hardly depend on their first trial but need whole gradients: on mini-batches they fit each batch.
Armijo forgives a first trial that is too long, not one that is too short. Time and memory of an update are
measured on a million parameters.

Source: the protocol follows Schmidt, Schneider and Hennig 2021, Descending through a crowded valley.
"""

import json
import platform
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from neurobridge import program
from neurobridge.ann.racing.footprint import measure_footprint
from neurobridge.ann.racing.problems import problems
from neurobridge.ann.racing.race import CONTENDERS, OPTIONS, RATES, race
from neurobridge.ann.racing.record import remembered
from neurobridge.ann.racing.verdict import advantages, rows
from neurobridge.plots import optimizers as figures
from neurobridge.plots.style import save


@dataclass
class Config:
    """What races on what."""

    optimizers: tuple[str, ...] = tuple(CONTENDERS)
    """Names of the optimisers that race."""
    problems: tuple[str, ...] = ("quadratic", "rosenbrock", "digits-cnn", "rows-lstm")
    """Names of the problems."""
    seeds: tuple[int, ...] = (0, 1)
    """Seeds of weights and batches, for the networks."""
    share: float = 1.0
    """Share of the full budget; 0.05 for a look."""
    out: Path = Path("reports/optimizers")
    """Folder of the figures, the table and the numbers; a comparison that was killed goes on there."""


def main(config: Config) -> None:
    """Race, measure, write."""
    torch.set_num_threads(1)
    available = {name: problem for name, problem in problems(share=config.share).items() if name in config.problems}
    results = []
    for key, problem in available.items():
        for name in config.optimizers:
            kept = f"{key}-{name}-share-{config.share:g}-seeds-{'-'.join(map(str, config.seeds))}.json"
            run = partial(race, name, key, problem, seeds=config.seeds)
            results.append(remembered(config.out / "races" / kept, run))
            best = results[-1].best()
            print(f"{problem.title:28s} {name:18s} lr {best[0].rate:<8.2g} {best[0].judged:.3g}", flush=True)
    table = rows(results, available)
    footprints = {name: measure_footprint(name, **OPTIONS.get(name, {})) for name in config.optimizers}

    lines = ["| optimiser | advantages | disadvantages |", "|---|---|---|"]
    for name in config.optimizers:
        good, bad = advantages(name, table, available, footprints[name])
        lines.append(f"| {name} | {'; '.join(good)} | {'; '.join(bad)} |")
    print("\n".join(lines))

    config.out.mkdir(parents=True, exist_ok=True)
    (config.out / "advantages.md").write_text("\n".join(lines) + "\n")
    record = {
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "rates": RATES,
        "budgets": {key: problem.budget for key, problem in available.items()},
        "targets": {key: problem.target for key, problem in available.items()},
        "rows": {name: {key: asdict(row) for key, row in entry.items()} for name, entry in table.items()},
        "footprints": {name: asdict(entry) for name, entry in footprints.items()},
        "sensitivity": {f"{entry.optimizer}/{entry.problem}": list(entry.sensitivity().values()) for entry in results},
    }
    (config.out / "race.json").write_text(json.dumps(record, indent=1) + "\n")

    titles = [problem.title for problem in available.values()]
    scores = {
        name: np.array([list(entry.sensitivity().values()) for entry in results if entry.optimizer == name])
        for name in config.optimizers
    }
    targets = [problem.target for problem in available.values()]
    save(figures.sensitivity(titles, np.array(RATES), scores, targets), config.out, "sensitivity")
    curves = [
        {
            entry.optimizer: (np.array(entry.best()[0].costs), np.array(entry.best()[0].scores))
            for entry in results
            if entry.problem == key
        }
        for key in available
    ]
    labels = ["validation log loss" if problem.stochastic else problem.measure for problem in available.values()]
    save(figures.progress(titles, curves, labels), config.out, "progress")
    measured = [footprints[name] for name in config.optimizers]
    columns = (np.array([getattr(entry, field) for entry in measured]) for field in ("seconds", "state", "peak"))
    save(figures.footprint(config.optimizers, *columns), config.out, "footprint")
    print(f"written to {config.out}")


if __name__ == "__main__":
    program.run(Config, main)
