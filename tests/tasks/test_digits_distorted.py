import numpy as np
import pytest

from neurobridge import tasks
from neurobridge.tasks.digits_distorted import MAPS, SIZE


@pytest.mark.parametrize("how", sorted(MAPS))
def test_originals_never_cross_sides(how):
    task = tasks.load(f"digits-{how}")
    assert (len(task.train), len(task.validation), len(task.test)) == (2424, 270, 9000)
    assert not set(task.test.groups) & (set(task.train.groups) | set(task.validation.groups))
    assert task.test.inputs.min() >= 0
    assert task.test.inputs.max() <= 1 + 1e-6


@pytest.mark.parametrize("how", sorted(set(MAPS) - {"cluttered"}))
def test_nearly_all_ink_stays_on_the_canvas(how):
    inputs = tasks.load(f"digits-{how}").test.inputs[:, 0]
    border = np.ones((SIZE, SIZE), dtype=bool)
    border[1:-1, 1:-1] = False
    # a digit that is cut off leaves ink on the border; a uniform smear would have 23 % of it there
    assert inputs[:, border].sum() / inputs.sum() < 0.08


def test_rotated_digits_lean_by_up_to_sixty_degrees():
    maps = MAPS["rotated"](2000, np.random.default_rng(0))
    angles = np.degrees(np.arctan2(maps[:, 1, 0], maps[:, 0, 0]))
    assert 55 < np.abs(angles).max() <= 60
    assert np.allclose(np.linalg.det(maps[:, :2, :2]), 1.5**2)


def test_perspective_maps_keep_the_horizon_outside_the_canvas():
    maps = MAPS["perspective"](2000, np.random.default_rng(0))
    corners = np.array([[x, y, 1.0] for x in (-4, 4) for y in (-4, 4)])
    assert (np.einsum("sij,cj->sci", maps, corners)[..., 2] > 0.4).all()


def test_clutter_adds_ink_of_other_digits():
    plain, cluttered = tasks.load("digits-translated").test.inputs, tasks.load("digits-cluttered").test.inputs
    assert cluttered.sum() > 1.3 * plain.sum()
