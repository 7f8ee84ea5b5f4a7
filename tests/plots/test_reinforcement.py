"""Learning curves show medians and quartiles over seeds."""

import numpy as np

from neurobridge.plots.reinforcement import learning


def test_a_curve_is_the_median_between_quartiles():
    steps, returns = np.array([1000, 2000]), np.array([[0.0, 10], [1, 20], [2, 30], [3, 40], [100, 50]])
    (axes,) = learning({"dqn": (steps, returns)}, wanted=45, lowest=5).axes
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), [[1, 2], [2, 30]])
    outline = axes.collections[0].get_paths()[0].vertices
    assert {(1, 1), (1, 3), (2, 20), (2, 40)} <= set(map(tuple, outline))
    assert [text.get_text() for text in axes.texts] == ["wanted", "random actions"]
    assert axes.get_legend().get_texts()[0].get_text() == "dqn, 5 seeds"
