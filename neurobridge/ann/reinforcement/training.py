"""Let an agent practise; a killed run goes on where it stopped and ends with the same weights."""

import copy
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import final

import numpy as np
from numpy import ndarray
from tqdm import tqdm

from neurobridge.ann.reinforcement.agent import Agent, Losses
from neurobridge.ann.reinforcement.config import RunConfig
from neurobridge.ann.reinforcement.progress import Evaluation, Progress, bounds
from neurobridge.ann.reinforcement.run import AgentFolder, describe
from neurobridge.errors import InputError, TrainingError
from neurobridge.tasks.environments import Environments, copies, make
from neurobridge.tasks.environments.episodes import returns


def train(
    agent: Agent,
    environment: str,
    config: RunConfig | None = None,
    *,
    directory: Path | str | None = None,
    watchers: Sequence[Callable[[Evaluation], object]] = (),
) -> tuple[Agent, Progress]:
    """Let an agent practise in an environment and return it with what happened.

    Args:
        agent: made for the environment's spaces; changed in place. Its policy ends as `config.keep` says.
        environment: one of ours, or an id of Gymnasium.
        config: how long, and how it is looked at.
        directory: where checkpoints go; a run of the same kind that is there is continued. None for no files.
        watchers: called after each evaluation.

    Raises:
        TrainingError: a loss or an output is not a finite number, or a worker failed; the last good checkpoint is left.
        InputError: the agent was made for other spaces, or `directory` holds another run.
        FileFormatError: the checkpoint in `directory` is damaged.
    """
    config = config or RunConfig()
    session = _Session(agent, make(environment, config.environments, config.seed), environment, config)
    folder = None if directory is None else AgentFolder(Path(directory), describe(agent, environment, config))
    session.where = "nothing was written" if folder is None else f"the last good checkpoint is in {folder.path}"
    if folder:
        folder.resume(agent, session.environments, session.progress)
    best = copy.deepcopy(agent.policy.state_dict())
    with tqdm(
        total=config.steps, initial=agent.steps, desc=environment, unit="step", disable=not sys.stderr.isatty()
    ) as bar:
        while agent.steps < config.steps and not session.enough:
            before = agent.steps
            row = session.practise(min(config.evaluate_every, config.steps - before))
            if folder:
                folder.save(agent, session.environments, session.progress)
            elif session.progress.best == len(session.progress) - 1:
                best = copy.deepcopy(agent.policy.state_dict())
            for watcher in watchers:
                watcher(row)
            bar.update(agent.steps - before)
            bar.set_postfix(practice="-" if row.practice is None else f"{row.practice:.4g}", score=f"{row.score:.4g}")
    session.environments.close()
    if config.keep == "best":
        folder.best(agent) if folder else agent.policy.load_state_dict(best)
    return agent, session.progress


def evaluate(agent: Agent, environment: str, seeds: Sequence[int]) -> ndarray:
    """Return what the greedy policy gets in one episode for each seed, `(episode,)`.

    Raises:
        TrainingError: outputs are not finite.
    """
    made, spaces = copies(environment, len(seeds))

    def policy(observations: ndarray) -> ndarray:
        outputs = agent.predict(observations)
        if not np.isfinite(outputs).all():
            raise TrainingError(
                f"outputs of the policy are no longer finite after environment step {agent.steps}. Lower the learning "
                "rate or clip gradients."
            )
        return outputs

    return returns(policy, made, spaces, seeds, memory=agent.memory, told=agent.told)


def evaluation_seeds(seed: int, count: int) -> list[int]:
    """Return the seeds of a run's evaluations: the same at every evaluation, so that scores can be compared."""
    return np.random.SeedSequence([seed, 1]).generate_state(count).tolist()


@final
@dataclass
class _Session:
    """What a run holds while it goes on."""

    agent: Agent
    environments: Environments
    environment: str
    config: RunConfig
    progress: Progress = field(default_factory=Progress)
    losses: list[Losses] = field(default_factory=list)
    where: str = ""

    def __post_init__(self) -> None:
        if self.agent.spaces != self.environments.spaces:
            raise InputError(
                f"the agent was made for {self.agent.spaces}; {self.environment!r} has {self.environments.spaces}."
            )

    @property
    def enough(self) -> bool:
        """Whether the best evaluation is good enough to stop."""
        wanted, best = self.config.enough, self.progress.best
        return wanted is not None and best >= 0 and self.progress.evaluations[best].score >= wanted

    def practise(self, steps: int) -> Evaluation:
        """Practise, evaluate, and add a row to the progress."""
        begin = time.perf_counter()
        self.losses.clear()
        self.environments.finished.clear()
        self.agent.practise(self.environments, steps, self._watch)
        finished = self.environments.finished
        seeds = evaluation_seeds(self.config.seed, self.config.episodes)
        score, low, high = bounds(evaluate(self.agent, self.environment, seeds))
        row = Evaluation(
            step=self.agent.steps,
            episodes=len(finished) + (self.progress.evaluations[-1].episodes if len(self.progress) else 0),
            practice=float(np.mean(finished)) if finished else None,
            score=score,
            low=low,
            high=high,
            losses={name: float(np.mean([one[name] for one in self.losses])) for name in self._names()},
            seconds=time.perf_counter() - begin,
        )
        self.progress.evaluations.append(row)
        return row

    def _names(self) -> Sequence[str]:
        return list(self.losses[0]) if self.losses else []

    def _watch(self, losses: Losses) -> None:
        bad = [name for name, value in losses.items() if not isfinite(value)]
        if bad:
            raise TrainingError(
                f"the {bad[0]} loss is {losses[bad[0]]} at environment step {self.agent.steps}, update "
                f"{self.agent.updates}; {self.where}. Lower the learning rate, clip gradients, or look at the rewards."
            )
        self.losses.append(losses)
