"""Deep Q-networks: learn what every action is worth, from a replay memory, against a target that moves slowly."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import torch
import torch.nn.functional as F
from numpy import ndarray
from torch import Tensor

from neurobridge.ann.reinforcement import limits
from neurobridge.ann.reinforcement.agent import Agent, Losses, Stateful
from neurobridge.ann.reinforcement.cadence import due, falling
from neurobridge.ann.reinforcement.flat import FlatWeights
from neurobridge.ann.reinforcement.replay import Batch, Replay
from neurobridge.ann.reinforcement.several_steps import SeveralSteps
from neurobridge.ann.reinforcement.value_network import ValueNetwork
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces, Transition


@final
@dataclass(frozen=True, kw_only=True)
class DQNConfig:
    """Options of `DQN`; the defaults are stable on CartPole-v1 and are those of no one paper, see each."""

    widths: tuple[int, ...] = (128, 128)
    """Units of each hidden layer."""
    double: bool = False
    """Let the network choose the successor's action that the target network values (van Hasselt et al. 2016)."""
    duelling: bool = False
    """State values and advantages in two streams (Wang et al. 2016)."""
    reward_scale: float = 1.0
    """What every reward is multiplied by; 1 - discount keeps values of rewards up to 1 within 1."""
    first_value: float = 0.0
    """What every action is worth before anything is learnt, in scaled rewards (optimistic initial values, Sutton &
    Barto 2018, section 2.6). From the value of never failing, only the cost of failing has to be learnt, without the
    large numbers whose coding would blur small differences."""
    gap: float = 0.0
    """How much less an action is worth for each unit that it is worse than the best one (Bellemare et al. 2016, 0.9):
    actions lie 1 / (1 - gap) times further apart, so that errors of a coded network change fewer choices."""
    steps: int = 1
    """Rewards in a row before the successor's value; 3 in Rainbow (Hessel et al. 2018)."""
    priority: float = 0.0
    """How much surprise decides what is drawn: 0 evenly, 0.6 as Schaul et al. 2016."""
    correction: float = 0.4
    """How much of the uneven draw the loss undoes at first; it rises to 1 (Schaul et al. 2016)."""
    correction_steps: int = 50_000
    """Environment steps until it is 1."""
    learning_rate: float = 3e-4
    """Of Adam; Kingma & Ba 2015 with everything else as published."""
    discount: float = 0.99
    """What a reward is worth one step later (Mnih et al. 2015)."""
    batch_size: int = 128
    """Rows in an update."""
    capacity: int = 50_000
    """Rows of the replay memory."""
    warm_up: int = 1_000
    """Environment steps before the first update."""
    update_every: int = 1
    """Environment steps between updates; 4 in Mnih et al. 2015."""
    updates: int = 1
    """Updates in a row."""
    target_share: float = 0.005
    """How far the target moves towards the network (Lillicrap et al. 2016); 1 copies it."""
    target_every: int = 1
    """Updates between two such moves."""
    exploration: float = 1.0
    """Share of random actions at first (Mnih et al. 2015)."""
    least_exploration: float = 0.05
    """The same at the end of `exploration_steps` and after."""
    exploration_steps: int = 5_000
    """Environment steps in which it falls linearly."""
    clip: float = 10.0
    """Largest norm of the gradient (Wang et al. 2016)."""

    def __post_init__(self) -> None:
        counts = ("steps", "batch_size", "capacity", "warm_up", "update_every", "updates", "target_every")
        shares = ("gap", "discount", "exploration", "least_exploration", "target_share", "correction")
        limits.check("DQN", self, counts=counts, shares=shares)
        if not (self.learning_rate > 0 and self.clip > 0):
            raise InputError(f"DQN: learning_rate {self.learning_rate} and clip {self.clip} must be above 0.")


@final
class DQN(Agent):
    """Deep Q-network with replay memory and target network; double, duelling, n-step and prioritised as options.

    Minimises Huber(y - Q(s, a)) with y = R + d max_b Q'(s', b), where Q' follows Q slowly; double, y = R + d Q'(s', b)
    with b = argmax Q(s', b). Advantage learning takes gap * (max_b Q'(s, b) - Q'(s, a)) from y, which leaves the best
    action's value as it is and moves the others away from it. Q's greedy action is played, and a random one with a
    share that falls.

    Source: Mnih et al. 2015; the options name theirs.

    Args:
        spaces: with a choice of actions.
        config: how it learns.
        seed: of exploration and replay.
    """

    Config = DQNConfig
    serves: ClassVar[frozenset[str]] = frozenset({"choice"})
    config: DQNConfig

    def __init__(self, spaces: Spaces, config: DQNConfig, seed: int) -> None:
        super().__init__(spaces, config, seed)
        self.policy = ValueNetwork(spaces.observation_shape, spaces.actions, config.widths, config.duelling)
        self.policy.start_from(config.first_value)
        self.target = copy.deepcopy(self.policy).requires_grad_(False)
        self.weights, self.slow_weights = FlatWeights(self.policy), FlatWeights(self.target)
        self.optimizer = torch.optim.Adam([self.weights.values], lr=config.learning_rate, fused=True)
        self.replay = Replay(spaces, config.capacity, config.priority)
        self.several = SeveralSteps(config.steps, config.discount)

    def act(self, observations: ndarray) -> ndarray:
        """Return the most valuable actions, or random ones with the present share of exploration."""
        actions = self.random.integers(self.spaces.actions, size=len(observations))
        greedy = self.random.random(len(observations)) >= self.exploration
        if greedy.any():
            with torch.no_grad():
                values = self.policy(torch.from_numpy(observations[greedy]))
            actions[greedy] = values.argmax(-1).numpy()
        return actions

    @property
    def exploration(self) -> float:
        """The present share of random actions."""
        config = self.config
        return falling(config.exploration, config.least_exploration, config.exploration_steps, self.steps)

    def observe(self, transition: Transition) -> Losses | None:
        """Keep the step; update when it is time."""
        rows = self.several.push(transition)
        if rows is not None:
            self.replay.add(rows)
        copies = len(transition.rewards)
        if not due(self.steps, copies, self.config.update_every, self.config.warm_up):
            return None
        losses = [self.update() for _ in range(self.config.updates)]
        return {"value": sum(losses) / len(losses)}

    def update(self) -> float:
        """Draw a batch, change the weights once, and return the loss."""
        batch = self.replay.sample(self.config.batch_size, self.random, self._correction())
        values = self.policy(batch.observations).gather(1, batch.actions[:, None])[:, 0]
        targets = self.targets(batch)
        losses = F.smooth_l1_loss(values, targets, reduction="none")
        loss = (batch.weights * losses).mean() if self.config.priority else losses.mean()
        self.weights.clear()
        loss.backward()
        self.weights.clip(self.config.clip)
        self.optimizer.step()
        self.updates += 1
        if self.config.priority:
            self.replay.surprise(batch.places, (targets - values.detach()).abs().numpy())
        if self.updates % self.config.target_every == 0:
            self.slow_weights.follow(self.weights, self.config.target_share)
        return float(loss.detach())

    @torch.no_grad()
    def targets(self, batch: Batch) -> Tensor:
        """Return what the values of a batch should be, `(row,)`."""
        values = self.target(batch.successors)
        if self.config.double:
            best = values.gather(1, self.policy(batch.successors).argmax(-1, keepdim=True))[:, 0]
        else:
            best = values.amax(-1)
        wanted = self.config.reward_scale * batch.rewards + batch.discounts * best
        if self.config.gap:
            here = self.target(batch.observations)
            wanted -= self.config.gap * (here.amax(-1) - here.gather(1, batch.actions[:, None])[:, 0])
        return wanted

    def parts(self) -> Mapping[str, Stateful]:
        """Return the networks, the optimizer and the memories."""
        return {
            "policy": self.policy,
            "target": self.target,
            "optimizer": self.optimizer,
            "replay": self.replay,
            "several": self.several,
        }

    def _correction(self) -> float:
        share = min(1.0, self.steps / self.config.correction_steps)
        return self.config.correction + share * (1 - self.config.correction)
