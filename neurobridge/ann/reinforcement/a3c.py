"""Asynchronous advantage actor-critic: workers that play and learn on their own, all on the same weights."""

import json
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, final

import gymnasium
import numpy as np
import torch
from torch import Tensor

from neurobridge.ann.reinforcement.actor_critic import ActorCritic, mean_losses
from neurobridge.ann.reinforcement.agent import Losses
from neurobridge.ann.reinforcement.limits import check
from neurobridge.ann.reinforcement.workers import run_workers
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Environments, Spaces


@final
@dataclass(frozen=True, kw_only=True)
class A3CConfig:
    """Options of `A3C`; the defaults are those of Mnih et al. 2016 unless they name theirs."""

    widths: tuple[int, ...] = (64, 64)
    """Units of each hidden layer, of the policy and of the critic alike (Stable-Baselines3's A2C)."""
    activation: str = "tanh"
    """Between layers (Stable-Baselines3's A2C)."""
    workers: int = 2
    """Processes; each has its share of the environments. One plays in this process, and its runs repeat exactly."""
    length: int = 5
    """Steps of each environment that are learnt from at once."""
    learning_rate: float = 7e-4
    """Of RMSprop with shared averages over 0.99 (Stable-Baselines3's A2C, within the range that was searched)."""
    discount: float = 0.99
    """What a reward is worth one step later."""
    trace: float = 1.0
    """How far advantages look beyond the next value; 1 to the end of the steps."""
    value_weight: float = 0.5
    """What the critic's squared error counts."""
    entropy_weight: float = 0.01
    """What the policy's entropy counts."""
    clip: float = 0.5
    """Largest norm of the gradient (Stable-Baselines3's A2C)."""

    def __post_init__(self) -> None:
        check(
            "A3C", self, counts=("workers", "length"), shares=("discount", "trace"), positive=("learning_rate", "clip")
        )


@final
class SharedRMSprop(torch.optim.Optimizer):
    """RMSprop on weights and averages that others change too, without a lock: g by own weights, a step on the shared.

    s <- 0.99 s + 0.01 g^2, w <- w - r g / (sqrt s + 1e-5); then the own weights become the shared ones.

    Source: Mnih et al. 2016, section 4; Recht et al. 2011 for steps without a lock.

    Args:
        weights: the own ones, with their gradient.
        learning_rate: r.
    """

    def __init__(self, weights: Tensor, learning_rate: float) -> None:
        super().__init__([weights], {"lr": learning_rate})
        self.own, self.shared = weights, weights.data
        self.state[weights]["squares"] = torch.zeros_like(weights.data)

    @property
    def squares(self) -> Tensor:
        """The averages s."""
        return self.state[self.own]["squares"]

    def join(self, shared: Tensor, squares: Tensor) -> None:
        """Go on with weights and averages that others have too."""
        self.shared, self.state[self.own]["squares"] = shared, squares
        self.own.data.copy_(shared)

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Change the shared weights by the own gradient, and take them over with what others did."""
        gradient = self.own.grad
        assert gradient is not None
        self.squares.mul_(0.99).addcmul_(gradient, gradient, value=0.01)
        self.shared.addcdiv_(gradient, self.squares.sqrt().add_(1e-5), value=-self.param_groups[0]["lr"])
        self.own.data.copy_(self.shared)


@final
class A3C(ActorCritic):
    """A2C in several processes: none waits for another, and each changes the weights of all.

    When a run is looked at the processes end, and new ones begin with new episodes; with several workers no run
    repeats exactly. A program that uses several must start under `if __name__ == "__main__":`, as processes import it.

    Source: Mnih et al. 2016, "Asynchronous methods for deep reinforcement learning".

    Args:
        spaces: of one agent, choices or numbers.
        config: how it learns.
        seed: of what is drawn.
    """

    Config: ClassVar[type] = A3CConfig
    config: A3CConfig

    def make_optimizer(self, weights: Tensor) -> torch.optim.Optimizer:
        """Return RMSprop that can be shared."""
        return SharedRMSprop(weights, self.config.learning_rate)

    def practise(self, environments: Environments, steps: int, watch: Callable[[Losses], object]) -> None:
        """Let every worker play its share of the steps.

        Raises:
            InputError: fewer environments than workers, or they can't be sent to a process.
            TrainingError: a worker failed; the others are stopped.
        """
        workers, copies = self.config.workers, len(environments)
        if workers == 1:
            super().practise(environments, steps, watch)
            return
        if copies < workers:
            raise InputError(
                f"A3C: {workers} workers need as many environments or more; the run has {copies}; give --environments "
                f"{workers}, or --options workers={copies}."
            )
        assert isinstance(self.optimizer, SharedRMSprop)
        shared = [tensor.clone().share_memory_() for tensor in (self.weights.values.data, self.optimizer.squares)]
        share = Share(
            spaces=self.spaces,
            config=replace(self.config, workers=1),
            environments=[environments.copies[worker::workers] for worker in range(workers)],
            seeds=np.random.SeedSequence([environments.seed, self.steps]).generate_state(workers).tolist(),
            steps=steps // copies,
        )
        refuse_what_stays(share)
        with TemporaryDirectory() as folder:
            run_workers(play, workers, share, shared, folder)
            found = [json.loads(path.read_text()) for path in sorted(Path(folder).iterdir())]
        self.weights.values.data.copy_(shared[0])
        self.optimizer.squares.copy_(shared[1])
        self.steps += steps
        for one in found:
            self.updates += one["updates"]
            environments.finished.extend(one["finished"])
            if one["losses"]:
                watch(one["losses"])


@final
@dataclass(frozen=True, kw_only=True)
class Share:
    """What workers are told.

    Args:
        spaces: of the environments.
        config: how each learns.
        environments: the copies of each worker.
        seeds: one a worker.
        steps: of each copy.
    """

    spaces: Spaces
    config: A3CConfig
    environments: Sequence[Sequence[gymnasium.Env]]
    seeds: Sequence[int]
    steps: int


def refuse_what_stays(share: Share) -> None:
    """Raise if environments can't be sent to another process; found out before a process is begun."""
    try:
        pickle.dumps(share)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise InputError(
            f"A3C: these environments can't be sent to another process ({error}). Use workers=1, or environments "
            "without open windows, files and local functions."
        ) from None


def play(worker: int, share: Share, shared: Sequence[Tensor], folder: str) -> None:
    """Play and learn on shared weights in a process of its own; write what happened to a file of `folder`."""
    torch.set_num_threads(1)
    agent = A3C(share.spaces, share.config, share.seeds[worker])
    assert isinstance(agent.optimizer, SharedRMSprop)
    agent.optimizer.join(*shared)
    environments = Environments(share.environments[worker], share.spaces, share.seeds[worker])
    losses: list[Losses] = []
    agent.practise(environments, share.steps * len(environments), losses.append)
    found = {
        "losses": mean_losses(losses) if losses else {},
        "finished": environments.finished,
        "updates": agent.updates,
    }
    (Path(folder) / f"{worker}.json").write_text(json.dumps(found))
