"""A raster draws every spike once, in its layer and its step."""

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.plots.rasters import GAP, Band, layered_raster, layered_rasters
from neurobridge.plots.style import colour


def test_every_spike_is_one_mark_in_its_band_and_step():
    bands = [
        Band(name="x", window=(0, 4), neurons=2, steps=np.array([0.0, 3.0]), indices=np.array([0.0, 1.0]), total=2),
        Band(name="relu", window=(4, 8), neurons=5, steps=np.array([7.0]), indices=np.array([4.0]), total=50),
    ]
    (axes,) = layered_raster(bands, "radix").axes
    assert axes.get_xlim() == (0, 8)
    first, second = (np.array(line.get_xdata()) for line in axes.lines)
    np.testing.assert_array_equal(first[np.isfinite(first)], [0.5, 0.5, 3.5, 3.5])
    np.testing.assert_array_equal(second[np.isfinite(second)], [7.5, 7.5])
    heights = np.array(axes.lines[1].get_ydata())
    assert heights[0] == 1 + (1 - GAP) * 4 / 5
    np.testing.assert_allclose(heights[1], 2 - GAP)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["x\n2 neurons", "relu\n50 neurons"]


def test_a_silent_layer_is_drawn_without_marks():
    band = Band(name="x", window=(0, 4), neurons=2, steps=np.zeros(0), indices=np.zeros(0), total=2)
    (axes,) = layered_raster([band], "rate").axes
    assert len(axes.lines[0].get_xdata()) == 0


def layer(name, first):
    spikes = {"steps": np.array([float(first)]), "indices": np.array([0.0])}
    return Band(name=name, window=(first, first + 4), neurons=2, total=2, **spikes)


def test_networks_side_by_side_have_equal_layers_in_one_row():
    streaming, windowed = [layer("relu", 0)], [layer("x", 0), layer("relu", 4)]
    first, second = layered_rasters({"rate, T = 4": streaming, "radix, T = 4": windowed}).axes
    (mark,) = first.lines
    assert mark.get_color() == colour("rate") and np.nanmin(mark.get_ydata()) == 1
    assert [np.nanmin(line.get_ydata()) for line in second.lines] == [0, 1]
    assert first.get_xlim() == (0, 4) and second.get_xlim() == (0, 8)
    assert [text.get_text() for text in first.get_yticklabels()] == ["x\n2 neurons", "relu\n2 neurons"]


def test_no_network_is_refused():
    with pytest.raises(InputError, match="at least one network"):
        layered_rasters({})
