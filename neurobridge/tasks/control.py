"""Control: a contender plays whole episodes, the same ones for every contender, and is judged by what they bring."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.tasks import environments
from neurobridge.tasks.environments.episodes import at_random, returns
from neurobridge.tasks.environments.spaces import Spaces
from neurobridge.tasks.task import Metric, Predict, Scores, Task

RETURN = Metric(name="return")
JUDGED, VISITED = 2**31, 2**31 + 1  # what seeds of episodes are made from besides the task's own seed
TOGETHER = 20  # episodes that are played at once to collect states


@final
@dataclass(frozen=True, kw_only=True)
class Visits:
    """States that a behaviour came through.

    Args:
        inputs: `(state, observation + memory)`, or `(state, agent, observation + memory)` for several agents.
        groups: `(state,)` int64, the episode of each.
    """

    inputs: ndarray
    groups: ndarray


@final
@dataclass(frozen=True, kw_only=True)
class ControlTask(Task):
    """Acting in an environment; one unit is an episode, and its group is its seed.

    A contender maps a batch of observations to outputs, of which `Spaces.greedy` makes actions. One that needs to
    remember is a function of one step, see `episodes.returns`: the `memory` numbers it carries stand behind its
    observations and behind its outputs. One that is `told` its last action finds it behind the observation, before
    the memory. So what is judged, and converted, is always a network without a state.

    Where several agents play, a contender is all their policies as one network, `(batch, agent, observation)` to
    `(batch, agent, output)`, which must not look from one agent to another; an episode brings the mean of what each
    agent gets.

    Args:
        environment: a name of ours or of Gymnasium's.
        spaces: what the environment shows and takes.
        episodes: how many are judged.
        seed: of the episodes.
        memory: numbers that a contender carries from step to step.
        told: whether a contender is shown its last action, see `episodes.returns`.
    """

    environment: str
    spaces: Spaces
    episodes: int = 200
    seed: int = 0
    memory: int = 0
    told: bool = False

    def __post_init__(self) -> None:
        if self.episodes < 1 or self.memory < 0:
            raise InputError(
                f"task {self.name!r} needs episodes >= 1 and memory >= 0; got {self.episodes} and {self.memory}."
            )

    def judge(self, predict: Predict, *, limit: int | None = None) -> Scores:
        """Return the return of each episode, played on seeds that depend on the task alone.

        Raises:
            InputError: outputs of a wrong shape or not finite, or `limit` below 1.
        """
        if limit is not None and limit < 1:
            raise InputError(f"judging needs limit >= 1; got limit={limit}.")
        seeds = self._seeds(JUDGED, self.seed)[: limit or self.episodes]
        copies, _ = environments.copies(self.environment, len(seeds))
        values = returns(
            lambda seen: self.checked(seen, predict(seen)), copies, self.spaces, seeds,
            memory=self.memory, told=self.told,
        )  # fmt: skip
        return Scores(values=values, groups=np.array(seeds, np.int64), metric=self.metric)

    def random_scores(self) -> Scores:
        """Return what actions drawn evenly get on the judged episodes: the zero that differences are measured from."""
        return _random_scores(self.remembering(0))

    def calibration(self, count: int, seed: int = 0) -> ndarray:
        """Return `count` observations that random actions lead to; `visited` gives those of a contender.

        Raises:
            InputError: fewer than one, or the task has a memory, which random actions don't fill.
        """
        if self.memory or self.told:
            raise InputError(
                f"task {self.name!r}: only a contender fills its memory; take `visited(contender, count)`."
            )
        return self.visited(at_random(self.spaces, np.random.default_rng(seed)), count, seed).inputs

    def visited(self, predict: Predict, count: int, seed: int = 0, explore: float = 0.05) -> Visits:
        """Return states that a contender comes through, drawn from whole episodes, memory included.

        Args:
            predict: the contender.
            count: how many states.
            seed: of the episodes, which aren't the judged ones, and of the draw.
            explore: share of random actions, so that states beside the contender's own path occur.

        Raises:
            InputError: `count` is below 1.
        """
        if count < 1:
            raise InputError(f"task {self.name!r} gives one state or more; asked for {count}.")
        random = np.random.default_rng([self.seed, seed])
        found: list[tuple[ndarray, ndarray]] = []
        for seeds in self._rounds(seed):
            found += self._walked(predict, seeds, explore, random)
            if sum(len(groups) for _, groups in found) >= 2 * count:  # so that the draw is from ends of episodes too
                break
        inputs, groups = (np.concatenate(column) for column in zip(*found, strict=True))
        chosen = np.sort(random.choice(len(inputs), size=count, replace=False))
        return Visits(inputs=inputs[chosen], groups=groups[chosen])

    def answers(self, outputs: ndarray) -> ndarray:
        """Return outputs without the memory behind them."""
        return outputs[..., : self.spaces.output_size]

    @property
    def carried(self) -> int:
        """How many numbers stand behind each observation: what was done, and what is remembered."""
        return self.told * self.spaces.output_size + self.memory

    def remembering(self, memory: int, told: bool = False) -> "ControlTask":
        """Return the same task for contenders with another memory, which are told their last action or not."""
        (length, *rest), size = self.spaces.observation_shape, self.spaces.output_size
        own = (length + told * size + memory, *rest)
        shape = (self.spaces.agents, *own) if self.spaces.agents else own
        return replace(self, memory=memory, told=told, input_shape=shape, output_size=size + memory)

    def _seeds(self, purpose: int, seed: int) -> list[int]:
        return np.random.SeedSequence([purpose, seed]).generate_state(self.episodes).tolist()

    def _rounds(self, seed: int) -> Iterator[list[int]]:
        number = 0
        while True:
            yield np.random.SeedSequence([VISITED, self.seed, seed, number]).generate_state(TOGETHER).tolist()
            number += 1

    def _walked(
        self, predict: Predict, seeds: list[int], explore: float, random: np.random.Generator
    ) -> list[tuple[ndarray, ndarray]]:
        """Return (inputs, episodes) of every step of some episodes."""
        copies, _ = environments.copies(self.environment, len(seeds))
        steps: list[ndarray] = []
        episodes: list[ndarray] = []
        wild = at_random(self.spaces, random)

        def policy(seen: ndarray) -> ndarray:
            steps.append(seen)
            outputs = self.checked(seen, predict(seen)).copy()
            astray = random.random(outputs.shape[:-1]) < explore
            self.answers(outputs)[astray] = wild(seen)[astray]
            return outputs

        returns(policy, copies, self.spaces, seeds, memory=self.memory, told=self.told, watch=episodes.append)
        return [(seen, np.array(seeds, np.int64)[alive]) for seen, alive in zip(steps, episodes, strict=True)]


@lru_cache(maxsize=16)
def _random_scores(task: ControlTask) -> Scores:
    return task.judge(at_random(task.spaces, np.random.default_rng([JUDGED, task.seed])))


def of(environment: str, seed: int = 0, episodes: int = 200, name: str | None = None) -> ControlTask:
    """Return the task of acting in an environment of ours or of Gymnasium's.

    Raises:
        InputError: no such environment, or it shows or takes what networks can't.
    """
    _, spaces = environments.copies(environment, 1)
    known = DESCRIBED.get(environment)
    return ControlTask(
        name=name or environment,
        title=known.title if known else environment,
        source=known.source if known else "Gymnasium, Towers et al. 2024",
        metric=RETURN,
        input_shape=spaces.batch_shape,
        output_size=spaces.output_size,
        output_steps=spaces.agents,
        environment=environment,
        spaces=spaces,
        episodes=episodes,
        seed=seed,
    )


@final
@dataclass(frozen=True, kw_only=True)
class Described:
    """What tables and figures say of an environment."""

    title: str
    source: str


DESCRIBED = {
    "cartpole": Described(title="Balance a pole on a cart", source="Barto, Sutton & Anderson 1983; CartPole-v1"),
    "cartpole-positions": Described(
        title="Balance a pole on a cart, velocities unseen", source="Wierstra et al. 2007; CartPole-v1"
    ),
    "acrobot": Described(title="Swing two links above a bar", source="Sutton 1996; Acrobot-v1"),
    "mountain-car": Described(title="Rock a car out of a valley", source="Moore 1990; MountainCar-v0"),
    "pendulum": Described(title="Swing up a pendulum and hold it", source="Pendulum-v1"),
    "catch": Described(title="Catch a falling ball, seen as pixels", source="Mnih et al. 2014; Osband et al. 2020"),
    "two-step": Described(title="Two steps to a payoff that no sum expresses", source="Rashid et al. 2018"),
    "speaker-listener": Described(title="Tell another where to go", source="Lowe et al. 2017; mpe2"),
    "spread": Described(title="Share out three places among three", source="Lowe et al. 2017; mpe2"),
}


def cartpole(data: Path | None = None, seed: int = 0, episodes: int = 200) -> ControlTask:
    """Return CartPole-v1: 1 for every step, at most 500."""
    return of("cartpole", seed, episodes)


def cartpole_positions(data: Path | None = None, seed: int = 0, episodes: int = 200) -> ControlTask:
    """Return CartPole-v1 without velocities."""
    return of("cartpole-positions", seed, episodes)


def acrobot(data: Path | None = None, seed: int = 0, episodes: int = 200) -> ControlTask:
    """Return Acrobot-v1: -1 for every step until the tip is up, at most 500."""
    return of("acrobot", seed, episodes)


def mountain_car(data: Path | None = None, seed: int = 0, episodes: int = 200) -> ControlTask:
    """Return MountainCar-v0: -1 for every step until the top, at most 200."""
    return of("mountain-car", seed, episodes)


def pendulum(data: Path | None = None, seed: int = 0, episodes: int = 200) -> ControlTask:
    """Return Pendulum-v1: 200 steps, each costs angle, speed and torque."""
    return of("pendulum", seed, episodes)


def catch(data: Path | None = None, seed: int = 0, episodes: int = 200) -> ControlTask:
    """Return Catch: 1 for a caught ball, -1 for a missed one."""
    return of("catch", seed, episodes)


def two_step(data: Path | None = None, seed: int = 0, episodes: int = 200) -> ControlTask:
    """Return the two-step game of two agents: 7 for the safe choice, 8 for the best one, which both must make."""
    return of("two-step", seed, episodes)


def speaker_listener(data: Path | None = None, seed: int = 0, episodes: int = 200) -> ControlTask:
    """Return the game of a speaker and a listener: 25 steps, each costs the squared distance from the goal."""
    return of("speaker-listener", seed, episodes)


def spread(data: Path | None = None, seed: int = 0, episodes: int = 200) -> ControlTask:
    """Return the game of three agents: 25 steps, each costs the distances of places from the nearest, and touching."""
    return of("spread", seed, episodes)


def control(
    data: Path | None = None, seed: int = 0, environment: str = "CartPole-v1", episodes: int = 200
) -> ControlTask:
    """Return the task of acting in any environment that Gymnasium knows, such as LunarLander-v3."""
    return of(environment, seed, episodes, name="control")
