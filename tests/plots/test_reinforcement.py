"""Learning curves show medians and quartiles over seeds."""

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.plots.reinforcement import episode, learning


def test_a_curve_is_the_median_between_quartiles():
    steps, returns = np.array([1000, 2000]), np.array([[0.0, 10], [1, 20], [2, 30], [3, 40], [100, 50]])
    (axes,) = learning({"dqn": (steps, returns)}, wanted=45, lowest=5).axes
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), [[1, 2], [2, 30]])
    outline = axes.collections[0].get_paths()[0].vertices
    assert {(1, 1), (1, 3), (2, 20), (2, 40)} <= set(map(tuple, outline))
    assert [text.get_text() for text in axes.texts] == ["wanted", "random actions"]
    assert axes.get_legend().get_texts()[0].get_text() == "dqn, 5 seeds"


def test_an_episode_shows_moments_spikes_and_values_over_one_clock():
    pictures, steps = np.zeros((2, 8, 12, 3), dtype=np.uint8), np.array([0, 4])
    spikes = {"first": np.eye(5, 3), "second": 4 * np.eye(5, 2)}
    left = np.array([0.0, 1, 2, 3, 4])
    figure = episode(pictures, steps, spikes, {"left": left, "right": -left})
    before, after, first, second, values, colours = figure.axes
    assert (before.get_title(loc="center"), after.get_title(loc="center")) == ("step 0", "step 4")
    np.testing.assert_array_equal(first.images[0].get_array(), spikes["first"].T)
    assert first.images[0].get_clim() == second.images[0].get_clim() == (0, 4)
    np.testing.assert_array_equal(values.lines[0].get_ydata(), left)
    assert values.get_xlim() == first.get_xlim() and colours.get_ylabel() == "spikes a decision"


def test_pictures_without_steps_are_refused():
    with pytest.raises(InputError, match="got 1 pictures and 2 steps"):
        episode(np.zeros((1, 2, 2, 3)), np.arange(2), {}, {})
