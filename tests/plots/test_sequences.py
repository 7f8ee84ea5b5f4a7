import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.plots import images, sequences, training


def lines(figure):
    return [line for axes in figure.axes for line in axes.lines]


def test_gradients_are_relative_to_the_last_step():
    figure = sequences.gradients({"RNN": np.array([0.5, 1.0, 2.0])})
    assert lines(figure)[0].get_xydata().tolist() == [[2, 0.25], [1, 0.5], [0, 1.0]]


def test_each_gate_has_its_picture_and_its_range():
    figure = sequences.gates({"input": np.full((5, 3), 0.5), "candidate": np.full((5, 3), -0.5)})
    pictures = [axes.images[0] for axes in figure.axes if axes.images]
    assert [picture.get_clim() for picture in pictures] == [(0, 1), (-1, 1)]
    assert pictures[0].get_array().shape == (3, 5)


def test_attention_names_its_rows_and_columns():
    axes = sequences.attention(np.eye(2, 3), ["a", "b"], ["x", "y", "z"]).axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["x", "y", "z"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "b"]


def test_forecasts_start_where_the_known_series_ends():
    drawn = lines(sequences.forecast(np.zeros(4), np.ones(3), {"LSTM": np.full(3, 2.0)}))
    assert [line.get_xdata().tolist() for line in drawn] == [[-4, -3, -2, -1], [0, 1, 2], [0, 1, 2]]


def test_an_unrolled_network_has_a_column_a_step():
    axes = sequences.unrolled(["LSTM", "LSTM"], 4).axes[0]
    assert sum(text.get_text() == "LSTM" for text in axes.texts) == 8
    # 3 arrows up a column, 1 across between columns in each of the two layers
    assert len(axes.patches) - len(axes.texts) == 4 * 3 + 2 * 3


def test_images_come_in_pairs():
    figure = images.before_and_after(np.zeros((3, 4, 4)), np.ones((3, 4, 4)), ["1", "2", "3"])
    assert [float(axes.images[0].get_array().max()) for axes in figure.axes] == [0, 0, 0, 1, 1, 1]
    with pytest.raises(InputError, match="got 3 and 2"):
        images.before_and_after(np.zeros((3, 4, 4)), np.ones((2, 4, 4)))


def test_curves_of_several_runs_are_named():
    run = {"loss": np.array([2.0, 1.0]), "validation": np.array([50.0, 90.0])}
    figure = training.curves({"a": run, "b": run}, "accuracy (%)")
    assert [text.get_text() for text in figure.axes[1].get_legend().texts] == ["a", "b"]
    assert figure.axes[1].lines[0].get_xydata().tolist() == [[1, 50], [2, 90]]
