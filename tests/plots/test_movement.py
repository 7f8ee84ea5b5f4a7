import numpy as np
import pytest

from neurobridge.plots import movement

TIME = np.arange(40) * 0.05
VELOCITY = np.stack([np.sin(TIME), np.cos(TIME)], axis=1)


def test_spikes_lie_over_the_velocity_and_none_outside():
    figure = movement.session(TIME, [np.array([0.1, 0.5]), np.array([1.0, 99.0])], VELOCITY)
    upper, lower = figure.axes
    assert [len(rows.get_positions()) for rows in upper.collections] == [2, 1]
    assert [line.get_ydata().tolist() for line in lower.lines] == VELOCITY.T.tolist()


def test_every_decoder_is_drawn_on_every_axis():
    figure = movement.velocities(TIME, VELOCITY, {"Kalman": VELOCITY + 1, "LSTM": VELOCITY - 1})
    assert [len(axes.lines) for axes in figure.axes] == [2, 2]
    assert figure.axes[1].lines[1].get_ydata().tolist() == (VELOCITY[:, 1] - 1).tolist()
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["hand", "Kalman", "LSTM"]


def test_paths_have_a_panel_a_decoder_and_a_circle_a_target():
    goals = np.array([[8.0, 0.0], [0.0, 8.0], [8.0, 0.0]])
    figure = movement.paths({"a": [VELOCITY] * 3, "b": [VELOCITY] * 3}, goals, radius=1.0)
    assert [(len(axes.lines), len(axes.patches)) for axes in figure.axes] == [(3, 2), (3, 2)]
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["a", "b"]
    assert figure.axes[0].get_xlim() == (-10, 10)


def test_opposite_directions_have_different_colours():
    figure = movement.turning(np.random.default_rng(0).normal(size=(2, 9, 2)), np.array([0.0, np.pi]))
    first, _, second, _ = (line.get_color() for line in figure.axes[0].lines)
    assert np.abs(np.asarray(first) - np.asarray(second)).max() > 0.3


def test_acquired_targets_add_up_and_failures_count():
    figure = movement.acquired({"a": np.array([1.0, 3.0, np.inf, 2.0])}, limit=5.0)
    (line,) = figure.axes[0].lines
    assert line.get_xdata().tolist() == [1, 2, 3, 5]
    assert line.get_ydata().tolist() == pytest.approx([25, 50, 75, 75])
