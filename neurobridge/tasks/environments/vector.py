"""Several copies of an environment, stepped together: plain arrays, and no confusion about where an episode ends.

Gymnasium's vector environments restart by three conventions, and in each the observation after the last step of an
episode has to be looked for in another place. Here a step returns the true successor of every state, and
`observations` holds what is acted on next.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, final

import gymnasium
import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.tasks.environments.acting import act, begin
from neurobridge.tasks.environments.spaces import Spaces


class Transition(NamedTuple):
    """One step of every copy; the first axis is the copy.

    Args:
        observations: `(copy, *observation)` what was acted on.
        actions: `(copy, ...)` what was done.
        rewards: `(copy,)`, or `(copy, agent)`.
        successors: `(copy, *observation)` what came of it; at the end of an episode its last state, not the next
            episode's first.
        terminated: `(copy,)` the episode ended in its own way: nothing can be gained after it.
        truncated: `(copy,)` the episode was cut by a time limit: the successor has its value.
    """

    observations: ndarray
    actions: ndarray
    rewards: ndarray
    successors: ndarray
    terminated: ndarray
    truncated: ndarray

    @property
    def ended(self) -> ndarray:
        """`(copy,)` whether the episode is over, for either reason."""
        return self.terminated | self.truncated


@final
class Environments:
    """Copies of one environment, each started again when its episode ends.

    Every episode is started with a seed of its own, made from (seed, copy, episode). An episode can so be played again
    from its seed and its actions, which is how `state_dict` is exact for any environment that is random by its own
    generator only.

    Args:
        copies: environments of one kind.
        spaces: what they show and take.
        seed: of everything random in them.
    """

    def __init__(self, copies: Sequence[gymnasium.Env], spaces: Spaces, seed: int) -> None:
        self.copies, self.spaces, self.seed = list(copies), spaces, seed
        self.episodes = [-1] * len(copies)
        self.played: list[list[ndarray]] = [[] for _ in copies]
        self.observations = np.empty((len(copies), *spaces.batch_shape), np.float32)
        self.returns = np.zeros(len(copies))
        self.finished: list[float] = []  # the returns of episodes that are over; whoever reads them may empty it
        for copy in range(len(copies)):
            self._start(copy)

    def __len__(self) -> int:
        return len(self.copies)

    def step(self, actions: ndarray) -> Transition:
        """Act in every copy, and start those again whose episode is over.

        Args:
            actions: `(copy, ...)`, in the environment's own numbers.

        Raises:
            InputError: an environment fails, or gives what is not finite or of another shape.
        """
        before, count = self.observations.copy(), len(self.copies)
        rewards = np.empty((count, self.spaces.agents) if self.spaces.agents else count, np.float32)
        terminated, truncated = np.zeros(count, bool), np.zeros(count, bool)
        for copy in range(count):
            seen, rewards[copy], terminated[copy], truncated[copy] = self._act(copy, actions[copy])
            self.observations[copy] = seen
        after = self.observations.copy()
        for copy in np.flatnonzero(terminated | truncated):
            self.finished.append(float(self.returns[copy]))
            self._start(int(copy))
        return Transition(before, actions, rewards, after, terminated, truncated)

    def state_dict(self) -> dict[str, Any]:
        """Return where every copy stands: its episode, and what was done in it."""
        return {
            "episodes": list(self.episodes),
            "played": [[np.asarray(action).tolist() for action in actions] for actions in self.played],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Bring every copy to where another stood, by playing its episode again.

        Raises:
            InputError: another number of copies.
        """
        if len(state["episodes"]) != len(self.copies):
            raise InputError(f"a run of {len(state['episodes'])} environments can't go on in {len(self.copies)}.")
        dtype = np.int64 if self.spaces.actions else np.float32
        for copy, (episode, actions) in enumerate(zip(state["episodes"], state["played"], strict=True)):
            self.episodes[copy] = episode - 1
            self._start(copy)
            for action in actions:
                self.observations[copy] = self._act(copy, np.array(action, dtype))[0]

    def close(self) -> None:
        """Free what the copies hold, such as windows."""
        for environment in self.copies:
            environment.close()

    def _start(self, copy: int) -> None:
        self.episodes[copy] += 1
        self.played[copy] = []
        self.returns[copy] = 0.0
        seed = np.random.SeedSequence([self.seed, copy, self.episodes[copy]]).generate_state(1)[0]
        self.observations[copy] = begin(self.copies[copy], self.spaces, int(seed))

    def _act(self, copy: int, action: ndarray) -> tuple[Any, Any, bool, bool]:
        self.played[copy].append(action)
        seen, reward, terminated, truncated = act(self.copies[copy], self.spaces, action, len(self.played[copy]))
        self.returns[copy] += np.mean(reward) if self.spaces.agents else float(reward)
        return seen, reward, terminated, truncated
