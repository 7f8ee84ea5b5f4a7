"""An environment as a user writes one, with a fault by name."""

import gymnasium
import numpy as np
from gymnasium import spaces


class Own(gymnasium.Env):
    """Three numbers are shown, and the mean of an action is paid; from its sixth step on it has its fault."""

    def __init__(self, fault="", actions=None):
        if fault == "making":
            raise OSError("the map is missing")
        self.fault, self.now = fault, 0
        self.observation_space = spaces.Box(-1, 1, (3,), np.float32)
        self.action_space = actions or spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.now = 0
        if self.fault == "reset":
            raise ValueError("the door is shut")
        return self.shown(), {}

    def step(self, action):
        self.now += 1
        if self.fault == "step" and self.now > 5:
            raise ValueError("the wheel came off")
        if self.fault == "four":
            return self.shown(), 0.0, False, {}
        if self.fault == "numpy" and self.now > 5:
            np.zeros(2).reshape(3)
        paid = {"reward": float("nan"), "no reward": None, "text": "much"}.get(self.fault) if self.now > 5 else 0.5
        paid = 0.5 if self.fault not in ("reward", "no reward", "text") else paid
        return self.shown(), paid, False, self.fault != "endless" and self.now >= 20, {}

    def shown(self):
        seen = self.np_random.random(2 if self.fault == "shape" and self.now > 5 else 3).astype(np.float32)
        if self.fault == "observation" and self.now > 5:
            seen[1] = np.inf
        return seen


def register(fault):
    """Make the environment known to Gymnasium and return its id."""
    name = f"Own-{fault.replace(' ', '-') or 'sound'}-v0"
    if name not in gymnasium.registry:
        gymnasium.register(name, Own, kwargs={"fault": fault}, disable_env_checker=True)
    return name
