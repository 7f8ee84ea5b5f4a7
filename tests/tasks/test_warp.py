import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from neurobridge.tasks.warp import centred, rotations, warp

IMAGES = np.random.default_rng(0).random((3, 2, 7, 7)).astype(np.float32)


def maps(angle=0.0, scale=1.0, shift=(0.0, 0.0)):
    return centred(rotations(np.full(3, angle), np.full(3, scale)), np.tile(shift, (3, 1)))


def test_the_identity_changes_nothing():
    assert np.allclose(warp(IMAGES, maps(), 7), IMAGES, atol=1e-6)


def test_whole_shifts_are_exact():
    moved = warp(IMAGES, maps(shift=(2.0, -1.0)), 7)
    assert np.allclose(moved[:, :, :-1, 2:], IMAGES[:, :, 1:, :-2], atol=1e-6)
    assert np.all(moved[:, :, -1] == 0)


def test_a_quarter_turn_is_exact():
    # columns run right and rows run down, so a positive angle turns clockwise
    assert np.allclose(warp(IMAGES, maps(angle=np.pi / 2), 7), np.rot90(IMAGES, -1, axes=(2, 3)), atol=1e-5)


def test_a_larger_canvas_centres_the_image():
    assert np.allclose(warp(IMAGES, maps(), 11)[:, :, 2:-2, 2:-2], IMAGES, atol=1e-6)


@given(
    angle=st.floats(-3, 3),
    scale=st.floats(0.7, 1.5),
    row=st.floats(-2, 2),
    column=st.floats(-2, 2),
)
def test_it_agrees_with_scipy(angle, scale, row, column):
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    inverse = np.linalg.inv(matrix)[::-1, ::-1]  # scipy counts (row, column)
    centre = np.array([3.0, 3.0])
    offset = centre - inverse @ (centre + [row, column])
    ours = warp(IMAGES, maps(angle, scale, (column, row)), 7)[1, 0]
    # a border of zeros makes scipy interpolate towards black as ours does
    padded = np.pad(IMAGES[1, 0], 3)
    expected = ndimage.affine_transform(
        padded, inverse, offset=offset + 3 - inverse @ [3, 3], order=1, output_shape=(13, 13)
    )[3:-3, 3:-3]
    assert np.allclose(ours, expected, atol=1e-4)
