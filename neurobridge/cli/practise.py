"""The part of `neurobridge train` for tasks in which an agent acts: practise, judge, keep the policy's weights."""

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.config import RunConfig
from neurobridge.ann.reinforcement.progress import Progress, bounds
from neurobridge.ann.reinforcement.recipes import recipe
from neurobridge.ann.training import CurveFile, TensorBoard, save_weights
from neurobridge.cli.output import show
from neurobridge.errors import InputError
from neurobridge.tasks.control import ControlTask
from neurobridge.tasks.task import Scores

CURVES, WEIGHTS = "curves.csv", "weights.safetensors"
RUN = {field.name for field in fields(RunConfig)}
# fields of the command that mean something here
SHARED = {"task", "model", "options", "task_options", "seed", "out", "data", "tensorboard", "json"}


def practise(config: Any, task: ControlTask, options: dict[str, Any]) -> None:
    """Let an agent practise as the command line says, and say how it plays.

    Args:
        config: of `neurobridge train`.
        task: where to act.
        options: of the agent, besides its recipe's.

    Raises:
        InputError: the agent can't act there, or an option is one of training on answers.
    """
    given = {field.name for field in fields(config) if getattr(config, field.name) != field.default}
    refuse("task", task.name, given - SHARED - RUN)
    found = recipe(task.environment, config.model)
    agent = reinforcement.build(config.model, task.spaces, seed=config.seed, **{**found.options, **options})
    run = replace(found.run, seed=config.seed, **{name: getattr(config, name) for name in (given & RUN) - {"seed"}})
    out = config.out or Path("reports/training") / f"{task.name}-{config.model}-{config.seed}"
    watchers: list[Any] = [CurveFile(out / CURVES)]
    if config.tensorboard:
        watchers.append(TensorBoard(out / "tensorboard"))
    agent, progress = reinforcement.train(agent, task.environment, run, directory=out, watchers=watchers)
    played, random = task.remembering(agent.memory, agent.told).judge(agent.predict), task.random_scores()
    score = played.summary
    shown = {
        "task": task.name,
        "model": config.model,
        "weights": out / WEIGHTS,
        "parameters": sum(weight.numel() for weight in agent.policy.parameters()),
        "metric": task.metric,
        "score": score,
        "interval": interval(played),
        "rivals": {"random actions": random.summary},
        "rival_intervals": {"random actions": interval(random)},
        "steps": agent.steps,
        "seconds": float(progress.column("seconds").sum()),
    }
    about = {"task": task.name, "model": config.model, "options": asdict(agent.config), "score": score}
    save_weights(out / WEIGHTS, agent.policy, about)
    show(shown, words(shown, task, progress, run.keep), as_json=config.json)


def refuse(kind: str, name: str, strangers: set[str]) -> None:
    """Raise if options were given that mean nothing for this kind of training."""
    if strangers:
        flags = ", ".join("--" + name.replace("_", "-") for name in sorted(strangers))
        raise InputError(
            f"{flags} can't be used with {kind} {name!r}; `neurobridge train --help` says what is for whom."
        )


def words(found: dict[str, Any], task: ControlTask, progress: Progress, keep: str) -> str:
    """Return the result as text.

    Args:
        found: what is shown.
        task: where the agent acted.
        progress: of its run.
        keep: which evaluation's policy it is, "best" or "last".
    """
    kept = progress.evaluations[progress.best if keep == "best" else -1]
    rows = [_row(found["model"], found["score"], found["interval"])]
    rows += [_row(name, score, found["rival_intervals"][name]) for name, score in found["rivals"].items()]
    where = textwrap.fill(
        f"policy of step {kept.step:,} of {found['steps']:,}, the {keep} of {len(progress)} evaluations; "
        f"{found['parameters']:,} parameters, {found['seconds']:.0f} s; weights: {found['weights']}",
        80, break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip
    head = f"{found['task']}: mean return of {task.episodes} episodes that training never saw (higher is better)"
    return "\n".join([head, *rows, where])


def interval(played: Scores) -> list[float] | None:
    """Return the bounds of the 95 % interval of a mean return, Student's t over episodes; None for one episode."""
    return list(bounds(played.values)[1:]) if len(played.values) > 1 else None


def _row(name: str, score: float, ends: Sequence[float] | None) -> str:
    between = f"  (95 % interval {ends[0]:.4g} to {ends[1]:.4g})" if ends else ""
    return f"  {name:<32}  {score:10.4g}{between}"
