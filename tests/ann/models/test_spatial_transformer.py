import numpy as np
import pytest
import torch
import torch.nn.functional as F

from neurobridge import models
from neurobridge.ann.models.shapes import Shapes
from neurobridge.ann.models.spatial_transformer import (
    PARAMETERISATIONS,
    SpatialTransformer,
    control_points,
    plate,
    projective,
    similarity,
)
from neurobridge.errors import InputError, UnknownNameError
from neurobridge.tasks.warp import centred, rotations, warp

SHAPES = Shapes(input_shape=(1, 16, 16), output_size=10)


@pytest.mark.parametrize("name", sorted(PARAMETERISATIONS))
def test_an_untrained_layer_changes_nothing(name):
    x = torch.rand(3, 2, 12, 12)
    layer = SpatialTransformer(2, 12, 12, parameterisation=name)
    assert torch.allclose(layer(x), x, atol=1e-4)


@pytest.mark.parametrize("name", sorted(PARAMETERISATIONS))
def test_the_localisation_network_learns(name):
    layer = SpatialTransformer(1, 12, 12, parameterisation=name)
    (layer(torch.rand(3, 1, 12, 12)) ** 2).sum().backward()
    assert layer.localise[-1].weight.grad.abs().sum() > 0


def test_a_similarity_turns_the_image():
    x = torch.rand(1, 1, 9, 9)
    angle = np.pi / 6
    grid = similarity(torch.tensor([[np.cos(angle), np.sin(angle), 0, 0]], dtype=torch.float32), 9, 9)
    made = F.grid_sample(x, grid, align_corners=False)
    # the map says where to look, so the picture turns the other way
    expected = warp(x.numpy(), centred(rotations(np.array([-angle]), np.ones(1)), np.zeros((1, 2))), 9)
    assert np.allclose(made.numpy(), expected, atol=1e-5)


def test_a_homography_maps_corners_as_its_formula_says():
    theta = torch.tensor([[1.1, 0.2, -0.1, 0.05, 0.9, 0.2, 0.1, -0.15]])
    grid = projective(theta, 5, 5)[0]
    h = np.append(theta.numpy(), 1).reshape(3, 3)
    for row, column in ((0, 0), (4, 1), (2, 3)):
        place = np.array([(2 * column - 4) / 5, (2 * row - 4) / 5, 1])
        made = h @ place
        assert np.allclose(grid[row, column].numpy(), made[:2] / made[2], atol=1e-5)


def test_the_thin_plate_goes_through_its_control_points_and_keeps_lines():
    like = torch.zeros((), dtype=torch.float64)
    control = control_points(like)
    assert torch.allclose(plate(control), torch.eye(16, dtype=torch.float64), atol=1e-6)
    places = torch.rand(30, 2, dtype=torch.float64) * 2 - 1
    bent = control @ torch.tensor([[0.3, 1.0], [-2.0, 0.5]], dtype=torch.float64) + 0.7
    straight = places @ torch.tensor([[0.3, 1.0], [-2.0, 0.5]], dtype=torch.float64) + 0.7
    assert torch.allclose(plate(places) @ bent, straight, atol=1e-8)


@pytest.mark.parametrize("name", sorted(PARAMETERISATIONS))
def test_exports_with_any_batch(name):
    model = models.build("stn-cnn", SHAPES, parameterisation=name).eval()
    batch = torch.export.Dim("batch", min=1, max=1024)
    exported = torch.export.export(model, (torch.randn(3, 1, 16, 16),), dynamic_shapes=({0: batch},)).module()
    inputs = torch.rand(5, 1, 16, 16)
    assert torch.allclose(exported(inputs), model(inputs), atol=1e-5)


def test_tiny_images_are_refused():
    with pytest.raises(InputError, match="at least 4 x 4 places; got 3 x 8"):
        SpatialTransformer(1, 3, 8)


def test_unknown_parameterisations_are_refused():
    with pytest.raises(UnknownNameError, match="unknown parameterisation 'afine'; did you mean 'affine'"):
        SpatialTransformer(1, 8, 8, parameterisation="afine")
