"""Charts of curves show what they are given, side by side as alone."""

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.plots.neurons import Chart, Series, curve, curves

LINE = Series(x=np.arange(3.0), y=np.array([0.0, 2.0, 1.0]), name="rate")
CHART = Chart(series=[LINE], across="I [nA]", up="rate [Hz]", title="leaky", marks=[(1.0, "onset")], logarithmic="y")


def shown(axes):
    return (
        [line.get_xydata().tolist() for line in axes.lines],
        (axes.get_xlabel(), axes.get_ylabel(), axes.get_title(loc="left"), axes.get_yscale()),
        [text.get_text() for text in axes.texts],
    )


def test_charts_stand_side_by_side_each_as_it_stands_alone():
    alone = curve([LINE], "I [nA]", "rate [Hz]", "leaky", [(1.0, "onset")], "y").axes[0]
    first, second = curves([CHART, Chart(series=[LINE], across="t [ms]", up="v [mV]")]).axes
    assert shown(first) == shown(alone)
    assert first.get_position().x1 < second.get_position().x0
    assert second.get_xlabel() == "t [ms]" and second.get_yscale() == "linear"


def test_no_charts_are_refused():
    with pytest.raises(InputError, match="at least one chart"):
        curves([])
