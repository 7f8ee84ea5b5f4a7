"""Times are each contender's own, on one thread, however noisy the machine is."""

import threading
import time

import numpy as np
import pytest
import torch

from neurobridge.comparison import timing
from neurobridge.comparison.timing import Pace, milliseconds, pace

INPUTS = np.zeros((100, 2), dtype=np.float32)


def busy(seconds):
    """Return a contender that computes for so long."""

    def predict(inputs):
        until = time.thread_time() + seconds
        while time.thread_time() < until:
            pass
        return inputs

    return predict


def test_every_contender_has_its_own_time_for_each_input():
    found = milliseconds({"quick": busy(0.002), "slow": busy(0.008)}, INPUTS)
    assert found["quick"] * timing.BATCH == pytest.approx(2, rel=0.2)
    assert found["slow"] / found["quick"] == pytest.approx(4, rel=0.2)


def test_waiting_and_the_work_of_other_threads_are_not_counted():
    stop = threading.Event()
    other = threading.Thread(target=lambda: [None for _ in iter(stop.is_set, True)])
    other.start()
    try:
        found = milliseconds({"asleep": lambda inputs: time.sleep(0.02)}, INPUTS)
    finally:
        stop.set()
        other.join()
    assert found["asleep"] * timing.BATCH < 5


def test_they_take_turns_after_a_pass_of_each_and_one_disturbed_pass_changes_nothing():
    order = []

    def contender(name):
        def predict(inputs):
            order.append(name)
            assert len(inputs) == timing.BATCH
            busy(0.1 if len(order) == 5 else 0.002)(inputs)

        return predict

    found = milliseconds({"a": contender("a"), "b": contender("b")}, INPUTS)
    assert order == ["a", "b"] * (1 + timing.MOST)
    assert max(found.values()) * timing.BATCH < 5


def test_a_pace_is_the_median_of_ratios_within_turns_whatever_the_machine_does_between_them(monkeypatch):
    taken = {"ANN": [1.0, 2.0, 8.0], "network": [3.0, 6.0, 24.0]}
    monkeypatch.setattr(timing, "turns", lambda contenders, inputs: taken)
    assert pace(None, None, INPUTS) == Pace(milliseconds=6.0, slowdown=3.0)
    taken["network"][1] = 2.2
    assert pace(None, None, INPUTS) == Pace(milliseconds=3.0, slowdown=3.0)


def test_slow_contenders_pass_few_times_and_threads_come_back():
    threads, passes = torch.get_num_threads(), []

    def slow(inputs):
        assert torch.get_num_threads() == 1
        passes.append(busy(0.5)(inputs))

    torch.set_num_threads(2)
    try:
        milliseconds({"slow": slow}, INPUTS)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    assert len(passes) == 1 + timing.FEWEST
