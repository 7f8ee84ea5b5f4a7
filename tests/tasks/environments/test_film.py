"""A watched episode holds what a policy saw, what it answered, and pictures."""

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.tasks.environments import copies
from neurobridge.tasks.environments.film import watched


def test_a_watched_episode_holds_what_was_seen_and_answered():
    pytest.importorskip("pygame")
    answer = np.array([0.0, 1.0, 0.0])
    every, third = (watched(lambda boards: np.tile(answer, (len(boards), 1)), "catch", seed=3, every=n) for n in (1, 3))
    assert every.seen.shape[1:] == copies("catch", 1)[1].observation_shape
    assert len(every.seen) == len(every.answers) == len(every.pictures)
    np.testing.assert_array_equal(every.answers, np.tile(answer, (len(every.seen), 1)))
    # the ball falls by a row a step: no two boards are the same
    assert len(np.unique(every.seen.reshape(len(every.seen), -1), axis=0)) == len(every.seen)
    np.testing.assert_array_equal(third.pictures, every.pictures[::3])
    assert third.steps.tolist() == list(range(0, len(every.seen), 3)) and third.brought == every.brought
    with pytest.raises(InputError, match="every is 0"):
        watched(lambda boards: boards, "catch", every=0)
