"""Figures of optimisers, landscapes and generalisation show what they are given."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from neurobridge.errors import InputError
from neurobridge.plots import generalization, landscape, optimizers

GROUND = optimizers.Ground(
    title="bowl",
    x=np.linspace(-1, 1, 20),
    y=np.linspace(-2, 2, 30),
    loss=np.add.outer(np.linspace(-2, 2, 30) ** 2, np.linspace(-1, 1, 20) ** 2),
    minima=np.zeros((1, 2)),
)
PATH = np.array([[-0.9, 1.5], [-0.5, 0.5], [0.0, 0.1]])


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text)]


def test_a_panel_an_optimiser_with_its_steps():
    figure = optimizers.trajectories(GROUND, {"adam": PATH, "heavy_ball": PATH[:2]}, columns=2)
    shown = texts(figure)
    assert {"adam, 2 steps", "heavy ball, 1 steps", "bowl"} <= set(shown)
    lines = [line.get_xydata() for line in figure.axes[0].lines]
    assert any(np.array_equal(line, PATH) for line in lines)
    with pytest.raises(InputError, match="at least one path"):
        optimizers.trajectories(GROUND, {})


def test_an_animation_is_a_gif(tmp_path):
    file = optimizers.animation(GROUND, {"adam": PATH}, tmp_path / "walk.gif", frames=3)
    assert file.read_bytes().startswith(b"GIF89a")


def test_solved_rates_are_marked_and_failures_left_blank():
    scores = {"adam": np.array([[1.0, 1e-3, np.inf]]), "sgd": np.array([[1.0, 1.0, 1.0]])}
    figure = optimizers.sensitivity(["bowl"], np.array([0.01, 0.1, 1.0]), scores, [1e-2])
    (dots,) = figure.axes[0].lines
    assert dots.get_xydata().tolist() == [[1.0, 0.0]]
    image = figure.axes[0].images[0].get_array()
    assert np.isnan(np.asarray(image.filled(np.nan) if hasattr(image, "filled") else image)[0, 2])


def test_progress_survives_failed_runs():
    curves = [{"adam": (np.arange(3.0), np.array([1.0, 0.1, 0.01])), "sgd": (np.arange(2.0), np.array([1.0, np.inf]))}]
    figure = optimizers.progress(["bowl"], curves, ["f - f*"])
    assert "adam" in texts(figure) and figure.axes[0].get_yscale() == "log"


def test_footprints_are_bars():
    figure = optimizers.footprint(["adam", "sgd"], np.array([2.0, 1.0]), np.array([2.0, 0.0]), np.array([0.0, 0.0]))
    assert [patch.get_width() for patch in figure.axes[0].patches] == [2.0, 1.0]


def test_counterexamples_draw_the_chord():
    along = np.linspace(0, 1, 5)
    figure = landscape.counterexamples({"hill": (along, np.array([0.0, 1.0, 2.0, 1.0, 1.0]))})
    curve, chord = figure.axes[0].lines
    assert chord.get_ydata().tolist() == along.tolist() and curve.get_ydata()[2] == 2.0


def test_the_edge_of_stability_has_its_limits():
    figure = landscape.edge_of_stability({0.1: (np.arange(3), np.array([5.0, 15.0, 20.0]))})
    assert "lr 0.1: 2/lr = 20" in texts(figure)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: landscape.planes(
            [landscape.Plane(title="a", x=GROUND.x, y=GROUND.y, loss=GROUND.loss + 0.1, path=PATH)]
        ),
        lambda: landscape.relief("a", GROUND.x, GROUND.y, GROUND.loss),
        lambda: landscape.profiles({"a": (np.arange(3.0), np.ones(3))}, "along"),
        lambda: landscape.spectrum(np.linspace(-1, 1, 9), np.ones(9), np.array([0.1]), "a"),
        lambda: landscape.connection(np.linspace(0, 1, 3), np.ones(3), np.ones(3), np.ones((2, 3))),
        lambda: generalization.effects(["a", "b"], *np.ones((4, 2)), label="error"),
        lambda: generalization.noise_and_sharpness(*np.ones((4, 3))),
        lambda: generalization.double_descent(np.array([1, 10]), {"a": np.ones((2, 2))}, np.ones((2, 2)), 5),
        lambda: generalization.stationary(np.linspace(0, 1, 4), {"T = 1": (np.ones(3), np.ones(3), 0.0)}),
        lambda: generalization.certificates(["a"], np.ones(1), np.ones(1), {"maurer": np.ones(1)}),
        lambda: generalization.signals({"he": np.ones(4)}),
    ],
)
def test_every_figure_can_be_drawn(draw, tmp_path):
    figure = draw()
    assert isinstance(figure, Figure)
    figure.savefig(tmp_path / "figure.png", dpi=40)
    assert all(axes.get_xlabel() or axes.get_ylabel() or axes.get_title() for axes in figure.axes)
