"""Whole episodes of a fixed policy, one for each seed, the same for every policy that is judged."""

from collections.abc import Callable, Sequence

import gymnasium
import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.tasks.environments.acting import act, begin, named
from neurobridge.tasks.environments.spaces import Spaces

LONGEST = 100_000  # steps of an episode in an environment that says no limit of its own

Policy = Callable[[ndarray], ndarray]
"""Observations, with the last action and memory behind them if asked for, to outputs, with the next memory behind."""


def at_random(spaces: Spaces, random: np.random.Generator) -> Policy:
    """Return a policy whose actions are drawn evenly."""
    shape = (spaces.agents, spaces.output_size) if spaces.agents else (spaces.output_size,)
    low, high = (0.0, 1.0) if spaces.actions else (np.array(spaces.low), np.array(spaces.high))
    return lambda seen: random.uniform(low, high, (len(seen), *shape)).astype(np.float32)


def returns(
    policy: Policy,
    copies: Sequence[gymnasium.Env],
    spaces: Spaces,
    seeds: Sequence[int],
    *,
    memory: int = 0,
    told: bool = False,
    watch: Callable[[ndarray], object] = lambda episodes: None,
) -> ndarray:
    """Return what each episode brought, `(episode,)`: the undiscounted sum of rewards, the mean over agents.

    All episodes are played at once, and those that are over leave the batch. A policy with memory is a function of
    one step: it is called with `(episode, observation + memory)` and answers `(episode, output + memory)`; the last
    `memory` numbers of an answer are given back with the next observation, and are 0 at the start. One that is told
    what it did finds it between the two, `(episode, observation + output + memory)`. The policy of several agents has
    an axis of agents behind that of episodes, each agent with its own memory.

    Args:
        policy: called with a batch of observations; its best action is taken.
        copies: one environment for each seed, not in use elsewhere.
        spaces: what they show and take.
        seeds: of the episodes.
        memory: how many numbers a policy carries from step to step.
        told: whether the last action stands behind an observation: 1 at the place of a choice, or the numbers that
            were taken; zeros at the start.
        watch: called before each call of the policy with the places of the episodes in its batch.

    Raises:
        InputError: an environment fails, gives what is not finite or of another shape, or isn't over after `LONGEST`
            steps and has no time limit.
    """
    seen = np.stack([begin(copy, spaces, int(seed)) for copy, seed in zip(copies, seeds, strict=True)])
    players = (len(seeds), spaces.agents) if spaces.agents else (len(seeds),)
    seen, carried = seen.astype(np.float32), np.zeros((*players, memory), np.float32)
    did = np.zeros((*players, spaces.output_size if told else 0), np.float32)
    total, alive, steps = np.zeros(len(seeds)), np.arange(len(seeds)), 0
    while len(alive):
        if steps == LONGEST:
            _refuse_endless(copies[int(alive[0])])
        steps += 1
        watch(alive)
        outputs = policy(
            np.concatenate([seen[alive], did[alive], carried[alive]], -1) if memory or told else seen[alive]
        )
        if memory:
            outputs, carried[alive] = outputs[..., :-memory], outputs[..., -memory:]
        going = np.ones(len(alive), bool)
        actions = spaces.greedy(outputs)
        if told:
            did[alive] = spaces.shown(actions)
        for place, (episode, action) in enumerate(zip(alive, actions, strict=True)):
            seen[episode], reward, terminated, truncated = act(copies[int(episode)], spaces, action, steps)
            total[episode] += np.mean(reward) if spaces.agents else float(reward)
            going[place] = not (terminated or truncated)
        alive = alive[going]
    return total


def _refuse_endless(environment: gymnasium.Env) -> None:
    if environment.spec is None or environment.spec.max_episode_steps is None:
        raise InputError(
            f"an episode of environment {named(environment)!r} isn't over after {LONGEST:,} steps, and it has no time "
            "limit. Register it with max_episode_steps=..., or wrap it in gymnasium.wrappers.TimeLimit."
        )
