"""Every linear map against PyTorch's own function, for random geometry and any axes in front of a sample."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from neurobridge.graph import maps
from neurobridge.graph.apply import apply
from neurobridge.graph.shapes import mapped_shape
from tests.cases import dyadic, random_average_pool, random_convolution, random_maps

KINDS = [kind for kind in vars(maps).values() if isinstance(kind, type) and issubclass(kind, maps.LinearMap)]
SEEDS = st.integers(0, 2**32 - 1)
RANKS = pytest.mark.parametrize("rank", [1, 2, 3])


def torch_convolution(linear: maps.Convolve, x: np.ndarray) -> np.ndarray:
    name = f"conv{'_transpose' if linear.transposed else ''}{len(linear.stride)}d"
    options = {"stride": linear.stride, "padding": linear.padding, "dilation": linear.dilation, "groups": linear.groups}
    if linear.transposed:
        options["output_padding"] = linear.output_padding
    return getattr(functional, name)(torch.tensor(x), torch.tensor(linear.weight), **options).numpy()


def torch_pool(linear: maps.AveragePool, x: np.ndarray) -> np.ndarray:
    options = {"divisor_override": linear.divisor} if linear.divisor else {}
    pool = getattr(functional, f"avg_pool{len(linear.kernel)}d")
    return pool(
        torch.tensor(x),
        linear.kernel,
        linear.stride,
        linear.padding,
        ceil_mode=linear.ceil_mode,
        count_include_pad=linear.count_include_pad,
        **options,
    ).numpy()


@RANKS
@pytest.mark.parametrize("transposed", [False, True])
@settings(max_examples=25)
@given(seed=SEEDS)
def test_convolution_is_torchs(rank, transposed, seed):
    rng = np.random.default_rng(seed)
    linear, shape = random_convolution(rng, rank, transposed)
    x = dyadic(rng, 2, *shape)
    np.testing.assert_array_equal(apply(linear, x, rank + 1), torch_convolution(linear, x))


@RANKS
@pytest.mark.parametrize("transposed", [False, True])
@settings(max_examples=10)
@given(seed=SEEDS)
def test_axes_of_a_sample_in_front_of_the_channels_pass_through_a_convolution(rank, transposed, seed):
    rng = np.random.default_rng(seed)
    linear, shape = random_convolution(rng, rank, transposed)
    x = dyadic(rng, 2, 3, *shape)
    y = apply(linear, x, rank + 2)
    assert y.shape == (2, *mapped_shape(linear, (3, *shape)))
    np.testing.assert_array_equal(y.reshape(6, *y.shape[2:]), torch_convolution(linear, x.reshape(6, *shape)))


@RANKS
@settings(max_examples=25)
@given(seed=SEEDS)
def test_average_pooling_is_torchs(rank, seed):
    rng = np.random.default_rng(seed)
    linear, shape = random_average_pool(rng, rank)
    x = dyadic(rng, 2, *shape)
    np.testing.assert_allclose(apply(linear, x, rank + 1), torch_pool(linear, x), rtol=1e-14, atol=1e-15)


@settings(max_examples=25)
@given(seed=SEEDS)
def test_shape_rules_and_leading_axes(seed):
    """The shape rule agrees with the map, and axes in front (none, batch, time and batch) pass through."""
    rng = np.random.default_rng(seed)
    for name, (linear, shape) in random_maps(seed).items():
        one = dyadic(rng, 4, *shape)
        mapped = apply(linear, one, len(shape))
        assert mapped.shape == (4, *mapped_shape(linear, shape)), name
        np.testing.assert_array_equal(mapped[1], apply(linear, np.asarray(one[1]), len(shape)), err_msg=name)
        stacked = apply(linear, one.reshape(2, 2, *shape), len(shape))
        np.testing.assert_array_equal(stacked.reshape(mapped.shape), mapped, err_msg=name)


@settings(max_examples=25)
@given(seed=SEEDS)
def test_every_map_is_linear(seed):
    rng = np.random.default_rng(seed)
    for name, (linear, shape) in random_maps(seed).items():
        x, y = dyadic(rng, 1, *shape), dyadic(rng, 1, *shape)
        combined = apply(linear, x - 4 * y, len(shape))
        parts = apply(linear, x, len(shape)) - 4 * apply(linear, y, len(shape))
        np.testing.assert_allclose(combined, parts, rtol=1e-13, atol=1e-13, err_msg=name)


@RANKS
@settings(max_examples=15)
@given(seed=SEEDS)
def test_transposed_convolution_is_the_adjoint(rank, seed):
    """<y, A x> = <A^T y, x> for the convolution A with the same weights."""
    rng = np.random.default_rng(seed)
    linear, shape = random_convolution(rng, rank, transposed=True)
    forward = maps.Convolve(
        weight=linear.weight,
        stride=linear.stride,
        padding=linear.padding,
        dilation=linear.dilation,
        groups=linear.groups,
    )
    y = dyadic(rng, 1, *shape)
    x = dyadic(rng, 1, *mapped_shape(linear, shape))
    # output padding beyond the stride makes room for windows that the adjoint does not have
    seen = apply(forward, x, rank + 1)[(..., *(slice(n) for n in shape[1:]))]
    assert np.sum(y * seen) == np.sum(apply(linear, y, rank + 1) * x)


def test_structural_maps_by_hand():
    x = np.arange(6.0).reshape(1, 2, 3)
    np.testing.assert_array_equal(apply(maps.Permute(axes=(1, 0)), x, 2), [[[0, 3], [1, 4], [2, 5]]])
    np.testing.assert_array_equal(apply(maps.Take(indices=(-1, 0), axis=-1), x, 2), [[[2, 0], [5, 3]]])
    np.testing.assert_array_equal(apply(maps.Take(indices=(1,), axis=-2, keep=False), x, 2), [[3, 4, 5]])
    np.testing.assert_array_equal(apply(maps.Along(weight=np.array([[1.0, -1.0]]), axis=-2), x, 2), [[[-3, -3, -3]]])
    np.testing.assert_array_equal(apply(maps.Pad(widths=((1, 0),)), x, 2)[0, 0], [0, 0, 1, 2])
    np.testing.assert_array_equal(apply(maps.Expand(shape=(2, 3)), np.ones((4, 3)), 1).shape, (4, 2, 3))


def test_every_kind_of_map_is_tried():
    assert {type(linear) for linear, _ in random_maps(0).values()} == set(KINDS) - {maps.LinearMap}


def test_a_map_without_a_rule_is_refused():
    with pytest.raises(TypeError, match="no numpy rule for the map LinearMap"):
        apply(maps.LinearMap(), np.zeros(1), 1)
    with pytest.raises(ValueError, match="no shape rule for the map LinearMap"):
        mapped_shape(maps.LinearMap(), (1,))
