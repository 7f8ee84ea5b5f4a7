"""What agents reach, and what their spiking forms keep of it: five seeds each, trained by their recipes.

Run it as `python -m benchmarks reinforcement`, or name lines: `python -m benchmarks.reinforcement "cartpole dqn"`. One
that is to be measured anew is first removed from the results. Policies are kept under reports/, rows as they finish; a
run that was killed goes on. An ANN's row is the return of its best checkpoint by evaluation on 200 episodes that
training never saw; a spiking row is that of the same policy, converted, on the same episodes, with the choices that
both make in 10,000 states of other episodes. The time is minutes an agent.
"""

import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import ttest_ind

from neurobridge import tasks
from neurobridge.ann.reinforcement.fit import fit_cached
from neurobridge.ann.reinforcement.progress import lengthened
from neurobridge.ann.reinforcement.recipes import recipe
from neurobridge.ann.training.contender import contender
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.comparison.intervals import difference_interval, ratio_interval, share_interval
from neurobridge.comparison.measures import OBSERVED, Asked, asked, compared, in_batches, judged
from neurobridge.comparison.recipes import calibration
from neurobridge.conversion.convert import convert
from neurobridge.errors import lookup
from neurobridge.plots.reinforcement import learning
from neurobridge.plots.style import save

RESULT = Path(__file__).parent / "results" / "reinforcement.json"
TABLE_FILE = RESULT.with_suffix(".md")
POLICIES = Path("reports/reinforcement")
SEEDS = (0, 1, 2, 3, 4)

FORMS: Mapping[str, Mapping[str, Any]] = {
    "radix T=8": {"steps": 8},
    "radix T=8, 8 neurons a number": {"steps": 8, "copies": 8},
    "radix T=10": {"steps": 10},
    "radix T=8, neurons found": {"steps": 8, "copies": "auto", "disagreement": 0.01},
    "radix T=auto": {"steps": "auto", "disagreement": 0.01},
}
"""Spiking form -> options of `nb.convert`."""

USUAL = ONE, SHARED, _ = tuple(FORMS)[:3]


@dataclass(frozen=True)
class Line:
    """One agent in one environment.

    Args:
        task: where it acts.
        agent: its name.
        wanted: the return to reach; None where a rival's is to be passed.
        forms: which of `FORMS` it is converted to.
        without: what it is made without, for the name of the row.
        changes: of the recipe's options.
        rival: the name of a line before, whose returns it is to pass.
    """

    task: str
    agent: str
    wanted: float | None
    forms: tuple[str, ...]
    without: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    rival: str = ""

    @property
    def name(self) -> str:
        """Of the row."""
        return f"{self.task} {self.agent}" + (f" without {self.without}" if self.without else "")


TABLE = (
    Line("cartpole", "dqn", 475, tuple(FORMS)),
    Line("cartpole", "ppo", 475, tuple(FORMS)),
    Line("cartpole", "a2c", 475, USUAL),
    Line("cartpole", "a3c", 475, USUAL),
    Line("cartpole", "reinforce", 475, USUAL),
    # what both others reach needs a memory: this one is to stay below 200
    Line("cartpole-positions", "ppo", 400, (), without="memory", changes={"memory": 0}),
    Line("cartpole-positions", "ppo", 400, ("radix T=8", "radix T=10", "radix T=auto")),
    Line("cartpole-positions", "drqn", 400, USUAL),
    Line("acrobot", "dqn", -100, USUAL),
    Line("pendulum", "sac", -200, USUAL),
    Line("pendulum", "ddpg", -200, USUAL),
    Line("two-step", "vdn", 7, ("radix T=8",)),
    Line("two-step", "qmix", 8, ("radix T=8",)),
    # going to the middle of the places, whatever is said, brings -16
    Line("speaker-listener", "maddpg", -12, USUAL),
    # critics that see one agent each: independent DDPG
    Line("spread", "maddpg", None, (), without="central critics", changes={"central": False}),
    Line("spread", "maddpg", None, USUAL, rival="spread maddpg without central critics"),
)


def main(names: Sequence[str] = ()):
    torch.set_num_threads(1)
    rows = json.loads(RESULT.read_text())["rows"] if RESULT.exists() else {}
    known = {line.name: line for line in TABLE}
    for line in [lookup("line", name, known) for name in names] or TABLE:
        row = rows.setdefault(line.name, {"wanted": line.wanted, "ANN": {}, "curves": {}})
        for form in ("ANN", *line.forms):
            for seed in map(str, SEEDS):
                kept = row.setdefault(form, {})
                if seed not in kept:
                    kept[seed] = measured(line, int(seed), form, row)
                    write(rows)
        lowest = tasks.load(line.task).random_scores().values
        row["summary"] = {code: summary(row, code, lowest) for code in row if code.startswith(("ANN", "radix"))}
        shown = {line.agent: row}
        if line.rival:
            row["summary"]["ANN"] |= better(row, rows[line.rival])
            shown["without " + line.rival.partition(" without ")[2]] = rows[line.rival]
        write(rows)
        curves = {name: lengthened(one["curves"].values()) for name, one in shown.items()}
        figure = learning(curves, wanted=line.wanted, lowest=float(lowest.mean()))
        save(figure, RESULT.parent, f"reinforcement-{line.name.replace(' ', '-')}")


def measured(line: Line, seed: int, form: str, row: dict) -> dict:
    """Return one seed's figures, of the ANN or of a spiking form of it."""
    task = tasks.load(line.task)
    options = {**recipe(task.environment, line.agent).options, **line.changes}
    agent, progress = fit_cached(task, line.agent, seed, POLICIES, options=options)
    row["curves"][str(seed)] = [progress.column(column).tolist() for column in ("step", "score")]
    task = task.remembering(agent.memory, agent.told)
    if form == "ANN":
        return {"returns": task.judge(agent.predict).values.tolist()}
    network = convert(agent.policy, calibration(task, agent.policy), code="radix", **FORMS[form])
    wanted: Asked = asked(task, agent.predict, judged(task, agent.predict, limit=1))
    same, errors = compared(task, in_batches(contender(network), wanted.inputs), wanted)
    found = {"returns": task.judge(contender(network)).values.tolist(), "latency": network.latency, **errors}
    found["spikes"] = _spikes(network, wanted.inputs)
    if same is not None:
        place = np.unique(wanted.groups, return_inverse=True)[1]
        counts = np.bincount(place).astype(float)
        interval = share_interval(np.bincount(place, same[:, 0]), counts)
        found["agreement interval"] = [interval.low, interval.high]
    return found


def _spikes(network: SpikingNetwork, states: np.ndarray) -> float:
    """Return the spikes of one decision: a mean over states."""
    chosen = states[:: max(1, len(states) // OBSERVED)][:OBSERVED]
    return sum(float(counts.sum()) for counts in network.observe(chosen).spikes.values()) / len(chosen)


def summary(row: dict, code: str, lowest: np.ndarray) -> dict:
    """Return means over seeds, and of a spiking form the paired difference as a share of what was learnt."""
    own, ann = (np.array([row[kind][str(seed)]["returns"] for seed in SEEDS]) for kind in (code, "ANN"))
    found: dict = {"returns": own.mean(axis=1).tolist()}
    if row["wanted"] is not None:
        found["reached"] = int((own.mean(axis=1) >= row["wanted"]).sum())
    if code != "ANN":
        gain = ratio_interval(own - ann, ann - lowest)
        found["difference, share of ANN - random"] = [gain.estimate, gain.low, gain.high]
        for kind in ("agreement", "action_error", "spikes"):  # choices have agreement, numbers an error
            figures = [row[code][str(seed)].get(kind) for seed in SEEDS]
            found |= {} if None in figures else {kind: figures}
    return found


def better(row: dict, rival: dict) -> dict:
    """Return by how much an ANN's returns are above a rival's: paired by episode for these seeds, and over seeds."""
    own, theirs = (np.array([one["ANN"][str(seed)]["returns"] for seed in SEEDS]) for one in (row, rival))
    episodes = difference_interval(own, theirs, np.ones_like(own))
    seeds = ttest_ind(own.mean(axis=1), theirs.mean(axis=1), equal_var=False).confidence_interval()
    return {
        "above rival, paired by episode": [episodes.estimate, episodes.low, episodes.high],
        "above rival, over seeds": [episodes.estimate, float(seeds.low), float(seeds.high)],
    }


def table(rows: dict) -> str:
    """Return what agents reach and what their spiking forms keep of it, as a table of the documentation."""
    columns = ["agent", "wanted", "mean return of each seed", "reach it", "difference in spikes, T = 8, %"]
    columns += ["acts alike, T = 8", "with 8 neurons a number"]
    words = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for name, row in rows.items():
        if "summary" not in row:
            continue
        ann, spiking = row["summary"]["ANN"], row["summary"].get(ONE)
        returns = ", ".join(f"{value:.4g}" for value in ann["returns"])
        wanted, reached = (row["wanted"], f"{ann['reached']} of 5") if "reached" in ann else ("", "")
        gain = [100 * bound for bound in spiking["difference, share of ANN - random"]] if spiking else []
        kept = "{:.2f} [{:.2f}, {:.2f}]".format(*(round(bound, 2) + 0.0 for bound in gain)) if gain else ""
        alike = " | ".join(_alike(row["summary"].get(form, {})) for form in (ONE, SHARED))
        words.append(f"| {name} | {wanted} | {returns} | {reached} | {kept} | {alike} |")
    return "\n".join(words) + "\n"


def _alike(found: Mapping[str, Any]) -> str:
    """Return the least and most of five seeds: of the same choices, or of the error of actions that are numbers."""
    kind = next((kind for kind in ("agreement", "action_error") if kind in found), None)
    if kind is None:
        return ""
    least, most = (f"{100 * bound(found[kind]):.1f}" for bound in (min, max))
    shown = f"{least} %" if least == most else f"{least}-{most} %"
    return shown if kind == "agreement" else f"within {shown}"


def write(rows: dict):
    """Write all rows, each seed's numbers on one line, and the table."""
    RESULT.parent.mkdir(exist_ok=True)
    packages = ("torch", "snntorch", "numpy", "gymnasium")
    versions = {"python": platform.python_version(), **{package: version(package) for package in packages}}
    known = [line.name for line in TABLE if line.name in rows]
    ordered = {name: {key: rows[name][key] for key in sorted(rows[name], key=place)} for name in known}
    RESULT.write_text(lines({"versions": versions, "seeds": SEEDS, "rows": ordered}) + "\n")
    TABLE_FILE.write_text(table(ordered))


def place(key: str) -> bool:
    """Return whether a part of a row comes late: what a reader looks for first goes first."""
    return key not in ("wanted", "summary")


def lines(value: Any, depth: int = 0) -> str:
    """Return JSON that opens the outer four levels of dictionaries, numbers to six digits."""
    if not isinstance(value, dict) or depth > 3:
        return json.dumps(json.loads(json.dumps(value), parse_float=short))
    inner = [f"{' ' * (depth + 1)}{json.dumps(key)}: {lines(part, depth + 1)}" for key, part in value.items()]
    return "{\n" + ",\n".join(inner) + "\n" + " " * depth + "}"


def short(number: str) -> float | int:
    """Return a number to six digits, a whole one as such."""
    rounded = float(f"{float(number):.6g}")
    return int(rounded) if rounded.is_integer() else rounded


if __name__ == "__main__":
    main(sys.argv[1:])
