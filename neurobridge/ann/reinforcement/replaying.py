"""What agents share that update by a batch of single steps drawn evenly from a replay memory."""

from abc import abstractmethod
from typing import Any, final

from neurobridge.ann.reinforcement.agent import Agent, Losses
from neurobridge.ann.reinforcement.cadence import due
from neurobridge.ann.reinforcement.replay import Batch, Replay
from neurobridge.ann.reinforcement.several_steps import SeveralSteps
from neurobridge.tasks.environments import Spaces, Transition


class Replaying(Agent):
    """An agent with a replay memory of single steps.

    Args:
        spaces: of the environment.
        config: has `capacity`, `discount`, `batch_size`, `update_every` and `warm_up`.
        seed: of exploration and replay.
    """

    def __init__(self, spaces: Spaces, config: Any, seed: int) -> None:
        super().__init__(spaces, config, seed)
        self.replay = Replay(spaces, config.capacity)
        self.single = SeveralSteps(1, config.discount)

    @abstractmethod
    def update(self, batch: Batch) -> Losses:
        """Change all weights once by a batch and return the losses."""

    @final
    def observe(self, transition: Transition) -> Losses | None:
        """Keep the step; update when it is time."""
        rows = self.single.push(transition)
        if rows is not None:
            self.replay.add(rows)
        if not due(self.steps, len(transition.rewards), self.config.update_every, self.config.warm_up):
            return None
        return self.update(self.replay.sample(self.config.batch_size, self.random))
