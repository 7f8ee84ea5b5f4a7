"""How each agent practises in each environment unless told otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

from neurobridge.ann.reinforcement.config import RunConfig


@final
@dataclass(frozen=True, kw_only=True)
class Recipe:
    """An agent's options and the length of its run.

    Args:
        options: fields of the agent's config.
        run: how long, and how it is looked at.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    run: RunConfig = field(default_factory=RunConfig)


# of Stable-Baselines3's zoo for CartPole
PROXIMAL = {
    "length": 32,
    "epochs": 20,
    "batches": 1,
    "learning_rate": 1e-3,
    "clip_falls": True,
    "discount": 0.98,
    "trace": 0.8,
    "entropy_weight": 0.0,
    "falling_steps": 100_000,
}

# values of at most 1 that start where nothing fails: learnt sooner, and told apart better when they are coded
NEAR_ONE = {"reward_scale": 0.01, "first_value": 1.0}

# of Rashid et al. 2018, table 2: an even draw all the time, and what is learnt at the end
TWO_STEP = Recipe(
    options={"update_every": 2, "batch_size": 128},
    run=RunConfig(steps=16_000, environments=8, evaluate_every=4_000, episodes=2, keep="last"),
)

TEAM = {"capacity": 100_000, "warm_up": 2_500, "batch_size": 256, "update_every": 10, "learning_rate": 3e-3}
TEAM_RUN = {"environments": 5, "evaluate_every": 5_000, "episodes": 100}

# "environment agent" -> recipe; "agent" for other environments
RECIPES: Mapping[str, Recipe] = {
    "cartpole dqn": Recipe(
        options={**NEAR_ONE, "double": True, "duelling": True, "widths": (64, 64), "batch_size": 64},
        run=RunConfig(steps=50_000, enough=500),
    ),
    "cartpole reinforce": Recipe(run=RunConfig(steps=100_000, evaluate_every=5_000)),
    "two-step qmix": TWO_STEP,
    "two-step vdn": TWO_STEP,
    # smaller batches, more often than published; slower where a word must first come to mean something
    "speaker-listener maddpg": Recipe(
        options={**TEAM, "learning_rate": 1e-3}, run=RunConfig(steps=150_000, **TEAM_RUN)
    ),
    "spread maddpg": Recipe(options=TEAM, run=RunConfig(steps=100_000, **TEAM_RUN)),
    # smaller than published, for a torque that depends on three numbers
    "pendulum ddpg": Recipe(
        options={"widths": (64, 64), "capacity": 20_000, "warm_up": 500, "batch_size": 128},
        run=RunConfig(steps=12_000, evaluate_every=1_000),
    ),
    "pendulum sac": Recipe(
        options={"widths": (64, 64), "learning_rate": 1e-3, "capacity": 20_000, "warm_up": 500, "batch_size": 128},
        run=RunConfig(steps=12_000, evaluate_every=1_000),
    ),
    # one angle is a tenth of one position, and speeds are small differences of both
    "cartpole-positions drqn": Recipe(
        options={
            **NEAR_ONE,
            "scale": (1.0, 10.0),
            "steps": 5,
            "length": 10,
            "capacity": 6_000,
            "batch_size": 64,
            "update_every": 2,
            "exploration_steps": 5_000,
            "falling_steps": 50_000,
        },
        # returns swing within a thousand steps: looked at often, on as many episodes as tell a good policy from a lucky
        # one, until Gymnasium's own threshold is passed; in the last fifth nothing changes any more
        run=RunConfig(steps=40_000, evaluate_every=500, episodes=50, enough=475),
    ),
    # its goal is far from where it begins: several rewards in a row tell of it sooner
    "acrobot dqn": Recipe(
        options={
            "double": True,
            "widths": (64, 64),
            "batch_size": 64,
            "steps": 5,
            "reward_scale": 0.01,
            "learning_rate": 5e-4,
            "exploration_steps": 10_000,
            "least_exploration": 0.1,
        },
        run=RunConfig(steps=50_000),
    ),
    "a3c": Recipe(run=RunConfig(environments=2)),  # one for each worker
    # Stable-Baselines3's zoo
    "cartpole a3c": Recipe(run=RunConfig(steps=500_000, environments=8, evaluate_every=50_000)),
    "cartpole a2c": Recipe(run=RunConfig(steps=500_000, environments=8, evaluate_every=20_000)),
    "cartpole ppo": Recipe(options=PROXIMAL, run=RunConfig(steps=100_000, environments=8, evaluate_every=10_240)),
    "cartpole-positions ppo": Recipe(
        options={**PROXIMAL, "memory": 64}, run=RunConfig(steps=100_000, environments=8, evaluate_every=10_240)
    ),
}


def recipe(environment: str, agent: str) -> Recipe:
    """Return the recipe for an agent in an environment, for the agent anywhere, or the defaults."""
    return RECIPES.get(f"{environment} {agent}") or RECIPES.get(agent) or Recipe()


def practised_in(environment: str) -> tuple[str, ...]:
    """Return the names of the agents that have a recipe for an environment."""
    pairs = (key.split() for key in RECIPES if " " in key)
    return tuple(sorted(agent for place, agent in pairs if place == environment))
