"""What agents reach, and what their spiking forms keep of it: five seeds each, trained by their recipes.

Run it as `python -m benchmarks reinforcement`. Policies are kept under reports/, rows as they finish; a run that was
killed goes on. An ANN's row is the return of its best checkpoint by evaluation on 200 episodes that training never saw;
a spiking row is that of the same policy, converted, on the same episodes, with the choices that both make in 10,000
states of other episodes. The time is minutes an agent.
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from neurobridge import tasks
from neurobridge.ann.reinforcement.fit import fit_cached
from neurobridge.ann.training.contender import contender
from neurobridge.comparison.intervals import ratio_interval, share_interval
from neurobridge.comparison.measures import Asked, asked, compared, in_batches, judged
from neurobridge.comparison.recipes import calibration
from neurobridge.conversion.convert import convert
from neurobridge.plots.reinforcement import learning
from neurobridge.plots.style import save

RESULT = Path(__file__).parent / "results" / "reinforcement.json"
POLICIES = Path("reports/reinforcement")
SEEDS = (0, 1, 2, 3, 4)
# (task, agent, return to reach, T of the radix code; "auto" finds the steps for a disagreement of 1 % at most)
TABLE = (
    ("cartpole", "dqn", 475, (8, 10, "auto")),
    ("cartpole", "ppo", 475, (8, 10, "auto")),
    ("cartpole", "a2c", 475, (8, 10, "auto")),
    ("cartpole", "a3c", 475, (8, 10, "auto")),
    ("cartpole", "reinforce", 475, (8, 10, "auto")),
    ("cartpole-positions", "ppo", 400, (8, 10, "auto")),
    ("pendulum", "sac", -200, (8, 10)),
    ("pendulum", "ddpg", -200, (8, 10)),
)


def main():
    torch.set_num_threads(1)
    rows = json.loads(RESULT.read_text())["rows"] if RESULT.exists() else {}
    for name, agent, wanted, codes in TABLE:
        row = rows.setdefault(f"{name} {agent}", {"wanted": wanted, "ANN": {}, "curves": {}})
        for steps in (None, *codes):
            for seed in map(str, SEEDS):
                kept = row.setdefault("ANN" if steps is None else f"radix T={steps}", {})
                if seed not in kept:
                    kept[seed] = measured(name, agent, int(seed), steps, row)
                    write(rows)
        lowest = tasks.load(name).random_scores().values
        row["summary"] = {code: summary(row, code, lowest) for code in row if code.startswith(("ANN", "radix"))}
        write(rows)
        figure = learning({agent: held(row["curves"])}, wanted=wanted, lowest=float(lowest.mean()))
        save(figure, RESULT.parent, f"reinforcement-{name}-{agent}")


def held(curves: dict) -> tuple[np.ndarray, np.ndarray]:
    """Return steps and returns `(seed, evaluation)`; a run that stopped when it was good keeps its last return."""
    steps = max((np.array(steps) for steps, _ in curves.values()), key=len)
    return steps, np.stack([np.pad(scores, (0, len(steps) - len(scores)), "edge") for _, scores in curves.values()])


def measured(name: str, agent_name: str, seed: int, steps: int | str | None, row: dict) -> dict:
    """Return one seed's figures, of the ANN or of its spiking form of T steps."""
    task = tasks.load(name)
    agent, progress = fit_cached(task, agent_name, seed, POLICIES)
    row["curves"][str(seed)] = [progress.column(column).tolist() for column in ("step", "score")]
    task = task.remembering(agent.memory, agent.told)
    if steps is None:
        return {"returns": task.judge(agent.predict).values.tolist()}
    target = {"disagreement": 0.01} if steps == "auto" else {}
    network = convert(agent.policy, calibration(task, agent.policy), code="radix", steps=steps, **target)
    wanted: Asked = asked(task, agent.predict, judged(task, agent.predict, limit=1))
    same, errors = compared(task, in_batches(contender(network), wanted.inputs), wanted)
    found = {"returns": task.judge(contender(network)).values.tolist(), "latency": network.latency, **errors}
    if same is not None:
        place = np.unique(wanted.groups, return_inverse=True)[1]
        counts = np.bincount(place).astype(float)
        interval = share_interval(np.bincount(place, same[:, 0]), counts)
        found["agreement interval"] = [interval.low, interval.high]
    return found


def summary(row: dict, code: str, lowest: np.ndarray) -> dict:
    """Return means over seeds, and of a spiking form the paired difference as a share of what was learnt."""
    own, ann = (np.array([row[kind][str(seed)]["returns"] for seed in SEEDS]) for kind in (code, "ANN"))
    found = {"returns": own.mean(axis=1).tolist(), "reached": int((own.mean(axis=1) >= row["wanted"]).sum())}
    if code != "ANN":
        gain = ratio_interval(own - ann, ann - lowest)
        found["difference, share of ANN - random"] = [gain.estimate, gain.low, gain.high]
        found["agreement"] = [row[code][str(seed)]["agreement"] for seed in SEEDS]
    return found


def write(rows):
    RESULT.parent.mkdir(exist_ok=True)
    packages = ("torch", "snntorch", "numpy", "gymnasium")
    versions = {"python": platform.python_version(), **{package: version(package) for package in packages}}
    RESULT.write_text(json.dumps({"versions": versions, "seeds": SEEDS, "rows": rows}) + "\n")


if __name__ == "__main__":
    main()
