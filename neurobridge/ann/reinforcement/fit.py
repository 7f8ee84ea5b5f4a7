"""Let a named agent practise once; the next caller with the same settings gets the stored policy."""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.agent import Agent
from neurobridge.ann.reinforcement.config import RunConfig
from neurobridge.ann.reinforcement.progress import Evaluation, Progress
from neurobridge.ann.reinforcement.recipes import recipe
from neurobridge.ann.reinforcement.run import describe
from neurobridge.ann.reinforcement.training import train
from neurobridge.tasks.control import ControlTask


def fit_cached(
    task: ControlTask,
    agent_name: str,
    seed: int,
    directory: Path | str,
    *,
    run: RunConfig | None = None,
    options: Mapping[str, Any] | None = None,
    watchers: Sequence[Callable[[Evaluation], object]] = (),
) -> tuple[Agent, Progress]:
    """Return an agent that has practised, and how it went, from `directory` if that was done there before.

    Args:
        task: where to act; its judged episodes are never seen here.
        agent_name: one of `reinforcement.names()`.
        seed: of everything random.
        directory: holds one folder an agent; other settings get another folder.
        run: how long; the recipe's if None. Its seed is replaced by `seed`.
        options: fields of the agent's config, instead of the recipe's.
        watchers: called after each evaluation that is made.

    Raises:
        UnknownNameError: no agent or option has this name.
        InputError: the agent can't act there.
        TrainingError: a loss is not a finite number.
        FileFormatError: the stored state is damaged.
    """
    found = recipe(task.environment, agent_name)
    agent = reinforcement.build(
        agent_name, task.spaces, seed=seed, **(found.options if options is None else options)
    )  # fmt: skip
    run = replace(run or found.run, seed=seed)
    about = json.dumps(
        {**describe(agent, task.environment, run), "steps": run.steps, "enough": run.enough}, sort_keys=True
    )
    folder = Path(directory) / f"{task.name}-{agent_name}-{seed}-{zlib.crc32(about.encode()):08x}"
    return train(agent, task.environment, run, directory=folder, watchers=watchers)
