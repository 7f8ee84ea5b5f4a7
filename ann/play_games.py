"""How fast do agents learn to act, and does an agent still play once its network is made of spikes?

Expected: on CartPole-v1, deep Q-learning comes to returns of 475 and more out of 500 within 50,000 steps. Its spiking
form at radix T = 8 plays identical episodes with returns that differ by less than 3 % of what was learnt; the
choices differ more often, since most states of a balanced pole forgive either action.

Source: Mnih et al. 2015, van Hasselt et al. 2016 and Wang et al. 2016 for the agent; Barto, Sutton & Anderson 1983.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from neurobridge import program, tasks
from neurobridge.ann.reinforcement.fit import fit_cached
from neurobridge.ann.reinforcement.progress import held
from neurobridge.ann.reinforcement.recipes import recipe
from neurobridge.ann.training import contender
from neurobridge.conversion.convert import convert
from neurobridge.plots.reinforcement import learning
from neurobridge.plots.style import save
from neurobridge.tasks.environments.film import film


@dataclass
class Config:
    """Who plays what."""

    task: str = "cartpole"
    """cartpole, cartpole-positions, acrobot, mountain-car, pendulum, catch, or a team's speaker-listener or spread."""
    agents: tuple[str, ...] = ("dqn",)
    """Names of agents; `neurobridge tasks` lists them."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Each agent practises once for each."""
    steps: int = 8
    """T of the radix code."""
    episodes: int = 200
    """How many are judged."""
    out: Path = Path("reports/games")
    """Folder of the policies, the curves and the film."""
    quick: bool = False
    """640 steps of practice: a look, not a result."""


def main(config: Config) -> None:
    """Let agents practise, judge them and their spiking forms on the same episodes, draw curves, film one episode."""
    torch.set_num_threads(1)
    task = tasks.load(config.task, episodes=config.episodes)
    lowest = task.random_scores().summary
    print(f"{'random actions':<24} {lowest:8.1f}")
    curves = {}
    for name in config.agents:
        run = recipe(task.environment, name).run
        run = replace(run, steps=640, evaluate_every=320, episodes=2) if config.quick else run
        runs = []
        for seed in config.seeds:
            agent, progress = fit_cached(task, name, seed, config.out / "policies", run=run)
            runs.append(progress)
            played = task.remembering(agent.memory, agent.told)
            visits = played.visited(agent.predict, 1024)
            spiking = contender(convert(agent.policy, visits.inputs, steps=config.steps))
            own, theirs = played.judge(agent.predict).summary, played.judge(spiking).summary
            print(f"{name + f', seed {seed}':<24} {own:8.1f}   spiking, T = {config.steps}: {theirs:8.1f}")
        curves[name] = held(runs)
        path = config.out / f"{task.name}-{name}.gif"
        brought = film(spiking, task.environment, path, memory=agent.memory, told=agent.told)
        print(f"filmed {name} in spikes: {brought:.1f}")
    save(learning(curves, lowest=lowest), config.out, f"{task.name}-learning")


if __name__ == "__main__":
    program.run(Config, main)
