"""Figures show the numbers they are given."""

import numpy as np
import pytest

from neurobridge.plots.comparison import (
    Bar,
    Curve,
    energy_bars,
    layer_errors,
    loss_against_steps,
    plain,
    rounded,
    score_against_steps,
)
from neurobridge.plots.style import colour


def curve(name="radix", y=(90.0, 98.0, 99.0)):
    x, y = np.array([6.0, 12.0, 24.0]), np.array(y)
    return Curve(name=name, x=x, y=y, low=y - 0.5, high=y + 0.5, marks=("T=2", "T=4", "T=8"))


def words(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_curves_carry_their_points_their_colour_and_their_name():
    (axes,) = score_against_steps([curve(), curve("rate")], 99.0, "accuracy, %", 100.0).axes
    drawn = {line.get_color(): line for line in axes.lines if len(line.get_xdata()) == 3}
    assert set(drawn) == {colour("radix"), colour("rate")}
    np.testing.assert_array_equal(drawn[colour("radix")].get_ydata(), [90.0, 98.0, 99.0])
    texts = [text.get_text() for text in axes.texts]
    assert "radix T=8" in texts
    assert "rate T=8" in texts
    assert "ANN" in texts


def test_a_far_point_does_not_flatten_the_others():
    (axes,) = score_against_steps([curve(y=(10.0, 98.0, 99.0))], 99.0, "accuracy, %", 100.0).axes
    low, high = axes.get_ylim()
    assert low > 50
    assert low < 98 - 0.5
    assert high > 99.5
    assert max(axes.get_yticks()) <= 100


@pytest.mark.parametrize("y", [(99.0, 99.0, 99.0), (98.999, 99.0, 99.001)])
def test_equal_scores_are_drawn_too(y):
    (axes,) = score_against_steps([curve(y=y)], 99.0, "accuracy, %", 100.0).axes
    low, high = axes.get_ylim()
    assert low < 99.0 < high


def test_losses_of_either_sign_and_the_guides_are_inside():
    (axes,) = loss_against_steps([curve(y=(9.0, 0.4, -0.3))], "points").axes
    low, high = axes.get_ylim()
    assert low < -0.8
    assert high > 9.5
    assert {"0.1", "0.5"} <= {text.get_text() for text in axes.texts}
    heights = {float(line.get_ydata()[0]) for line in axes.lines if len(line.get_xdata()) == 2}
    assert heights == {0.0, 0.1, 0.5}


def test_bars_stack_their_parts_and_say_their_sum():
    bars = [
        Bar(name="ANN", colour="ANN", parts={"macs": 387.0}),
        Bar(name="rate T=4", colour="rate", parts={"accumulates": 100.0, "analog": 50.0, "updates": 1.5}),
    ]
    figure = energy_bars({"45 nm fp32": bars, "45 nm int8": bars[1:]})
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["45 nm fp32", "45 nm int8"]
    shades = [text.get_text() for text in figure.legends[0].get_texts()]
    assert shades == ["synapses", "constant input", "membranes"]
    assert "387" in words(figure)
    assert "152" in words(figure)
    rectangles = figure.axes[0].patches
    assert [patch.get_width() for patch in rectangles] == [387.0, 100.0, 50.0, 1.5]
    assert [patch.get_x() for patch in rectangles] == [0.0, 0.0, 100.0, 150.0]


def test_layers_that_a_network_lacks_are_left_out():
    errors = {"rate T=8": ("rate", np.array([np.nan, 0.02, 0.03]))}
    (axes,) = layer_errors(("x", "relu", "relu_1"), errors).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["x", "relu", "relu_1"]
    assert axes.texts[0].xy == (0.02, 1)


@pytest.mark.parametrize(("value", "shown"), [(0.5, "0.5"), (200, "200"), (20_000, "20k"), (2e6, "2M"), (5e9, "5G")])
def test_ticks_are_plain_numbers(value, shown):
    assert plain(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(0.7423, "0.742"), (999.4, "999"), (3494.7, "3,495")])
def test_bars_have_three_figures(value, shown):
    assert rounded(value) == shown
