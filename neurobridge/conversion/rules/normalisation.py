"""Layer, group, instance and root-mean-square normalisation: centre, square, mean, one over the root, gate."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.activations import reciprocal_sqrt, square
from neurobridge.conversion.rules.arithmetic import averaged, centred
from neurobridge.conversion.rules.linear import array, batch_norm
from neurobridge.conversion.rules.rule import Rule, Rules
from neurobridge.conversion.signals import Signal
from neurobridge.graph import maps


def normalised(build: Builder, x: Signal, axes: Sequence[int], epsilon: float, centre: bool = True) -> Signal:
    """Return (x - mean) / sqrt(variance + epsilon) over axes of one sample; the mean is left if not `centre`."""
    if centre:
        x = centred(build, x, axes)
    variance = averaged(build, square(build, x), axes)
    inverse = reciprocal_sqrt(build, variance, epsilon)
    return build.gate(build.routed(inverse, maps.Expand(shape=x.shape)), x)


def _affine(build: Builder, x: Signal, weight: Tensor | None, bias: Tensor | None, shape: Sequence[int]) -> Signal:
    if weight is None and bias is None:
        return x
    factor = np.ones(()) if weight is None else array(weight).reshape(shape)
    shift = None if bias is None else array(bias).reshape(shape)
    return build.synapses([x], [maps.Scale(factor=factor)], shift, suffix="affine")


def layer_norm(
    build: Builder,
    x: Signal,
    shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    epsilon: float = 1e-5,
    cudnn: bool = False,
) -> Signal:
    """Over the last axes; Ba et al. 2016."""
    axes = [x.axis(axis) for axis in range(-len(shape), 0)]
    return _affine(build, normalised(build, x, axes, epsilon), weight, bias, tuple(shape))


def rms_norm(
    build: Builder, x: Signal, shape: Sequence[int], weight: Tensor | None = None, epsilon: float | None = None
) -> Signal:
    """Over the last axes, without centring; Zhang and Sennrich 2019."""
    axes = [x.axis(axis) for axis in range(-len(shape), 0)]
    small = 1.1920928955078125e-07 if epsilon is None else epsilon
    return _affine(build, normalised(build, x, axes, small, centre=False), weight, None, tuple(shape))


def group_norm(
    build: Builder,
    x: Signal,
    groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    epsilon: float = 1e-5,
    cudnn: bool = False,
) -> Signal:
    """Over groups of channels and all positions; Wu and He 2018."""
    channel = x.axis(1)
    parts, (channels, *positions) = x.shape[:channel], x.shape[channel:]
    grouped = build.routed(x, maps.Reshape(shape=(*parts, groups, channels // groups, *positions)))
    done = build.routed(normalised(build, grouped, range(channel, 0), epsilon), maps.Reshape(shape=x.shape))
    return _affine(build, done, weight, bias, (-1, *[1] * len(positions)))


def instance_norm(
    build: Builder,
    x: Signal,
    weight: Tensor | None,
    bias: Tensor | None,
    mean: Tensor | None,
    variance: Tensor | None,
    use_input: bool,
    momentum: float,
    epsilon: float,
    cudnn: bool = False,
) -> Signal:
    """Over the positions of each channel; Ulyanov et al. 2016. With stored statistics it is a batch normalisation."""
    if not use_input:
        return batch_norm(build, x, weight, bias, mean, variance, False, momentum, epsilon)
    positions = range(x.axis(1) + 1, 0)
    return _affine(build, normalised(build, x, positions, epsilon), weight, bias, (-1, *[1] * len(positions)))


def with_statistics(rule: Rule) -> Rule:
    """Return the rule of a form that also gives mean and deviation, which nobody may use."""

    def full(build: Builder, *arguments: object) -> tuple[Signal, None, None]:
        """Return the normalised numbers."""
        return rule(build, *arguments), None, None

    return full


def native_group_norm(
    build: Builder,
    x: Signal,
    weight: Tensor | None,
    bias: Tensor | None,
    samples: int,
    channels: int,
    positions: int,
    groups: int,
    epsilon: float,
) -> Signal:
    """The form that a decomposed export gives group normalisation."""
    return group_norm(build, x, groups, weight, bias, epsilon)


RULES: Rules = {
    "layer_norm": layer_norm,
    "rms_norm": rms_norm,
    "group_norm": group_norm,
    "instance_norm": instance_norm,
    "native_layer_norm": with_statistics(layer_norm),
    "native_group_norm": with_statistics(native_group_norm),
}
