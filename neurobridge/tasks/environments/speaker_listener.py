"""Speaker and listener: one agent knows the goal and can't move, the other one moves and knows only what it is told."""

from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.tasks.environments.particles import PUSHES, Particles

COLOURS = 0.15 + 0.5 * np.eye(3)
WORDS = np.eye(3)


@final
class SpeakerListener(Particles):
    """Both get minus the squared distance from the listener to the goal, one of three places.

    The speaker sees the goal's colour (3 numbers, filled with zeros) and says one of three words; its further choices
    are the last word too. The listener sees its speed, where the places are from it, and the last word.

    Source: Lowe et al. 2017, "cooperative communication"; mpe2's simple_speaker_listener.
    """

    agents, seen = 2, 11

    def begin(self) -> None:
        """Choose the goal; nothing was said."""
        self.goal = int(self.np_random.integers(self.places))
        self.word = np.zeros(3)

    def forces(self, action: ndarray) -> ndarray:
        """Push the listener, and hear the speaker."""
        self.word = WORDS[min(int(action[0]), 2)]
        return np.stack([PUSHES[0], PUSHES[action[1]]])

    def rewards(self) -> ndarray:
        """Return the same for both."""
        return np.full(2, -np.square(self.at[1] - self.goals[self.goal]).sum())

    def shown(self) -> ndarray:
        """Return a colour, and what the listener sees."""
        seen = np.zeros((2, 11), np.float32)
        seen[0, :3] = COLOURS[self.goal]
        seen[1, :2] = self.speed[1]
        seen[1, 2:8] = (self.goals - self.at[1]).ravel()
        seen[1, 8:] = self.word
        return seen
