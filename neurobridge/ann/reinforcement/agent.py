"""What every agent offers: a network that decides, a way to try things out, and a way to learn from what came of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol, final

import numpy as np
import torch
from numpy import ndarray
from torch import nn

from neurobridge.ann.training.contender import contender
from neurobridge.tasks.environments import Environments, Spaces, Transition

Losses = Mapping[str, float]
"""Name of a loss -> its value in the updates of one step."""


class Stateful(Protocol):
    """Anything that can be stored and brought back: a network, an optimizer, a replay memory."""

    def state_dict(self) -> Any:
        """Return tensors, numbers, strings, and lists and dicts of them."""

    def load_state_dict(self, state: Any) -> Any:
        """Become what `state_dict` was taken from."""


class Agent(ABC):
    """Something that learns to act.

    The policy is a plain network without state, so that it can be converted. For `Spaces` of one agent it maps

        observations `(batch, *observation_shape)` -> outputs `(batch, output_size)`

    and for several agents `(batch, agent, ...)` -> `(batch, agent, output_size)`. `Spaces.greedy` makes actions of the
    outputs: the place of the largest (action values and logits alike), or the outputs themselves within the bounds. A
    policy with memory is a function of one step: `memory` numbers stand behind each observation and behind each output,

        `(batch, observation + memory)` -> `(batch, output_size + memory)`,

    and are 0 at the start of an episode; whoever plays carries them from step to step. A policy that is `told` its last
    action finds it between observation and memory, as `Spaces.shown` writes it.

    Args:
        spaces: what the environment shows and takes.
        config: one of the agent's own `Config`.
        seed: of everything random in the agent but its first weights, which torch's global state decides.
    """

    Config: ClassVar[type]
    serves: ClassVar[frozenset[str]]
    """The `Spaces.kind`s it can act in."""

    policy: nn.Module
    memory: int = 0
    told: bool = False

    def __init__(self, spaces: Spaces, config: Any, seed: int) -> None:
        self.spaces, self.config = spaces, config
        self.random = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)
        self.steps, self.updates = 0, 0  # environment steps seen, optimizer steps made

    @abstractmethod
    def act(self, observations: ndarray) -> ndarray:
        """Return what to try, `(copy, *action_shape)`, with the noise that learning needs.

        Args:
            observations: `(copy, *observation)`, one of each environment, which this agent sees step by step.
        """

    @abstractmethod
    def observe(self, transition: Transition) -> Losses | None:
        """Learn from one step of every environment, or keep it for later.

        Returns:
            The losses of the updates that were made; None if none was.
        """

    @abstractmethod
    def parts(self) -> Mapping[str, Stateful]:
        """Return everything that must be kept to go on exactly: networks, optimizers, memories."""

    def practise(self, environments: Environments, steps: int, watch: Callable[[Losses], object]) -> None:
        """Act and learn for `steps` environment steps, counted over all copies.

        Agents whose workers play on their own, without a common clock, replace this.

        Args:
            environments: where to act.
            steps: a multiple of the number of copies.
            watch: called with the losses of every update; it raises if they aren't finite.
        """
        for _ in range(steps // len(environments)):
            transition = environments.step(self.act(environments.observations))
            self.steps += len(environments)
            losses = self.observe(transition)
            if losses is not None:
                watch(losses)

    @final
    def predict(self, inputs: ndarray) -> ndarray:
        """Return the policy's outputs, numpy in and out: what `Task.judge` takes."""
        return contender(self.policy)(inputs)

    @final
    def state_dict(self) -> dict[str, Any]:
        """Return everything the agent holds, as `tree.pack` stores it."""
        return {
            "parts": {name: part.state_dict() for name, part in self.parts().items()},
            "random": self.random.bit_generator.state,
            "generator": self.generator.get_state(),
            "steps": self.steps,
            "updates": self.updates,
        }

    @final
    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Become the agent that `state_dict` was taken from; it goes on with the same numbers, bit for bit."""
        for name, part in self.parts().items():
            part.load_state_dict(state["parts"][name])
        self.random.bit_generator.state = state["random"]
        self.generator.set_state(state["generator"])
        self.steps, self.updates = state["steps"], state["updates"]
