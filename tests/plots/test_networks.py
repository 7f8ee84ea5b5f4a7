"""Figures of networks show each population's spikes and rates, alone and side by side."""

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.plots.networks import Population, population_raster, population_rasters

BINS = np.array([0.5, 1.5, 2.5])
PAIR = [
    Population(
        name="excitatory", time=np.array([0.2, 2.1]), index=np.array([0, 3]), size=4, rate=np.array([1.0, 0, 1])
    ),
    Population(name="inhibitory", time=np.array([1.1]), index=np.array([1]), size=2, rate=np.array([0.0, 5, 0])),
]


def lines(axes):
    return [line.get_xydata().tolist() for line in axes.lines]


def test_networks_in_a_grid_are_drawn_as_each_alone():
    alone = population_raster(PAIR, BINS, "COBA").axes
    grid = population_rasters({"COBA": PAIR, "one group": PAIR[:1], "CUBA": PAIR}, BINS).axes
    assert [lines(axes) for axes in grid[0::2][:2]] == [lines(axes) for axes in alone]
    assert [text.get_text() for text in grid[0].get_yticklabels()] == ["excitatory", "inhibitory"]
    assert [text.get_text() for text in grid[1].get_yticklabels()] == []
    assert [axes.get_visible() for axes in grid] == [True] * 5 + [False, True, False]


def test_only_the_asked_bins_are_drawn():
    raster, rates = population_rasters({"COBA": PAIR}, BINS[:2], columns=1).axes
    assert len(lines(rates)[0]) == 2 and rates.get_xlim() == (0.5, 1.5)
    assert raster.get_ylim() == (0, 6)


def test_no_network_is_refused():
    with pytest.raises(InputError, match="at least one"):
        population_rasters({}, BINS)
