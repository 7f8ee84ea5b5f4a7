"""Spike trains survive the way to other tools and back."""

from datetime import UTC, datetime

import numpy as np
import pytest

from neurobridge.spikes.exchange import from_neo, from_nwb, to_neo, to_nwb

TRAINS = [np.array([0.1, 0.25]), np.empty(0), np.array([0.9])]


def test_neo_and_back():
    pytest.importorskip("neo")
    for ours, back in zip(TRAINS, from_neo(to_neo(TRAINS, 1.0)), strict=True):
        assert np.allclose(ours, back)


def test_nwb_and_back(tmp_path):
    pytest.importorskip("pynwb")
    path = to_nwb(TRAINS, tmp_path / "trains.nwb", "three neurons", datetime(2024, 1, 1, tzinfo=UTC))
    for ours, back in zip(TRAINS, from_nwb(path), strict=True):
        assert np.allclose(ours, back)
