"""Advantages against an explicit sum, at the ends of episodes too."""

import numpy as np
import pytest
import torch

from neurobridge.ann.reinforcement.rollout import Rollout, Steps, advantages
from neurobridge.tasks.environments import Transition

STEPS, COPIES = 12, 3


def rollout(seed=0):
    random = torch.Generator().manual_seed(seed)
    terminated = torch.rand(STEPS, COPIES, generator=random) < 0.2
    ended = terminated | (torch.rand(STEPS, COPIES, generator=random) < 0.2)
    shape = (STEPS, COPIES, 1)
    seen, tried, after = (torch.randn(shape, generator=random) for _ in range(3))
    return Rollout(seen, tried, torch.randn(STEPS, COPIES, generator=random), after, terminated, ended)


def explicit(made, values, after, discount, trace):
    found = torch.zeros(STEPS, COPIES)
    for copy in range(COPIES):
        for begin in range(STEPS):
            for step in range(begin, STEPS):
                value_after = 0.0 if made.terminated[step, copy] else after[step, copy]
                surprise = made.rewards[step, copy] + discount * value_after - values[step, copy]
                found[begin, copy] += (discount * trace) ** (step - begin) * surprise
                if made.ended[step, copy]:
                    break
    return found


@pytest.mark.parametrize(("discount", "trace"), [(0.9, 0.8), (0.99, 1.0), (0.9, 0.0), (1.0, 0.5)])
def test_advantages_are_the_explicit_sum(discount, trace):
    made, values, after = rollout(), torch.randn(STEPS, COPIES), torch.randn(STEPS, COPIES)
    found = advantages(made, values, after, discount, trace)
    torch.testing.assert_close(found, explicit(made, values, after, discount, trace))


def test_a_trace_of_one_is_the_discounted_return_less_the_value():
    made, values = rollout(), torch.randn(STEPS, COPIES)
    ended = torch.zeros(STEPS, COPIES, dtype=torch.bool)
    ended[-1] = True
    after = torch.cat([values[1:], torch.zeros(1, COPIES)])
    made = made._replace(terminated=ended, ended=ended)
    powers = 0.9 ** torch.arange(STEPS)
    returns = torch.stack([(powers[: STEPS - t, None] * made.rewards[t:]).sum(0) for t in range(STEPS)])
    torch.testing.assert_close(advantages(made, values, after, 0.9, 1.0), returns - values)


def test_steps_are_kept_in_order_and_brought_back():
    steps, again = Steps(), Steps()
    for place in range(4):
        numbers = np.full((2, 1), place, np.float32)
        no = np.zeros(2, bool)
        step = Transition(numbers, np.zeros(2, np.int64), numbers[:, 0], numbers + 1, no, no)
        (steps if place < 2 else again).add(step, torch.full((2,), place))
        if place == 1:
            again.load_state_dict(steps.state_dict())
    assert len(again) == 4
    taken = again.take()
    assert taken.rewards.tolist() == [[0, 0], [1, 1], [2, 2], [3, 3]]
    assert taken.tried.tolist() == [[0, 0], [1, 1], [2, 2], [3, 3]]
    assert len(again) == 0
