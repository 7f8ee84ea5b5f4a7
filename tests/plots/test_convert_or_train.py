"""The figure of the ways to spikes: every way has its curve, the ANN its line, and long ways end inside."""

import numpy as np

from neurobridge.plots.convert_or_train import PANELS, Way, ways_figure
from neurobridge.plots.style import colour

NAMES = ("converted, radix", "converted, rate", "fine-tuned", "trained", "trained, longer")


def way(name: str, accuracy: list[float]) -> Way:
    steps = 2.0 ** np.arange(1, len(accuracy) + 1)
    return Way(name=name, steps=steps, spikes=100 * steps, seconds=3 * steps, accuracy=np.array(accuracy))


def test_each_way_is_drawn_in_its_colour_against_all_that_it_takes():
    ways = [way("ANN", [98.0]), *(way(name, [70.0, 90.0 + i, 95.0 + i]) for i, name in enumerate(NAMES))]
    figure = ways_figure({"cnn": ways, "mlp": ways}, lowest=80.0)
    assert len(figure.axes) == 2 * len(PANELS)
    for ax in figure.axes:
        ann, *curves = ax.lines
        assert set(ann.get_ydata()) == {2.0}
        assert [line.get_label() for line in curves] == list(NAMES)
        wanted = ["radix", "rate", "fine-tuned", "trained", "trained"]
        assert [line.get_color() for line in curves] == [colour(name) for name in wanted]
        np.testing.assert_allclose(curves[2].get_ydata(), [8.0, 3.0])  # missed, those below the foot left out
        low, high = ax.get_ylim()
        assert high < 1.0 < 20.0 == low
    assert [ax.get_xlabel() for ax in figure.axes[len(PANELS) :]] == list(PANELS.values())
