"""Spread: three agents share out three places among them without a word, and must not bump into each other."""

from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.tasks.environments.particles import PUSHES, Particles

TOUCH = 0.3
"""Distance at which two agents touch: each has a radius of 0.15."""
STIFF, SOFT = 100.0, 1e-3
"""Force of a contact for each unit of depth, and the depth over which it sets in."""
OTHERS = np.array([[1, 2], [0, 2], [0, 1]])
EYE = np.eye(3)


@final
class Spread(Particles):
    """Agent i gets -(sum over places of the nearest agent's distance + how many others it touches) / 2.

    Agents that touch push each other apart. Each sees its speed, its position, and where places and others are from
    it; four more numbers, what others say, are 0, since nobody speaks.

    Source: Lowe et al. 2017, "cooperative navigation"; mpe2's simple_spread with a local ratio of 0.5.
    """

    agents, seen = 3, 18

    def forces(self, action: ndarray) -> ndarray:
        """Push everyone, and those apart who touch."""
        apart = self.at[:, None] - self.at
        distance = np.sqrt(np.square(apart).sum(-1)) + EYE
        depth = SOFT * np.logaddexp(0, (TOUCH - distance) / SOFT)
        return PUSHES[action] + (STIFF * (depth / distance)[..., None] * apart).sum(1)

    def rewards(self) -> ndarray:
        """Return half what all get, and half what each loses by touching."""
        to_goals = np.sqrt(np.square(self.at[:, None] - self.goals).sum(-1))
        touching = np.sqrt(np.square(self.at[:, None] - self.at).sum(-1)) + EYE < TOUCH
        return -0.5 * to_goals.min(0).sum() - 0.5 * touching.sum(1)

    def shown(self) -> ndarray:
        """Return what each agent sees."""
        seen = np.zeros((3, 18), np.float32)
        seen[:, :2], seen[:, 2:4] = self.speed, self.at
        seen[:, 4:10] = (self.goals - self.at[:, None]).reshape(3, 6)
        seen[:, 10:14] = (self.at[OTHERS] - self.at[:, None]).reshape(3, 4)
        return seen
