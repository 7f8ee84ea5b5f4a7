"""Sampling places stand where they are over their images."""

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.plots.images import sampling_grids


def test_each_image_carries_its_own_places():
    points = np.array([[[0.0, 1.0], [2.0, 3.0]], [[1.0, 1.0], [0.5, 0.0]]])
    first, second = sampling_grids(np.zeros((2, 4, 4)), {"original": points, "spikes": points + 0.1}, ["2", "3"]).axes
    ring, dot = second.lines
    np.testing.assert_array_equal(ring.get_xydata(), points[1])
    np.testing.assert_allclose(dot.get_xydata(), points[1] + 0.1)
    assert (first.get_title(), second.get_title()) == ("2", "3")
    assert np.array_equal(first.lines[0].get_xydata(), points[0])


def test_places_of_other_images_are_refused():
    with pytest.raises(InputError, match=r"each of 2 images; got \[1\]"):
        sampling_grids(np.zeros((2, 4, 4)), {"original": np.zeros((1, 5, 2))})
