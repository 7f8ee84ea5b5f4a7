"""Linear layers, convolutions and the normalisation that folds into them."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps


def array(tensor: Tensor) -> np.ndarray:
    """Return a parameter in float64."""
    return tensor.detach().double().cpu().numpy()


def linear(build: Builder, x: Signal, weight: Tensor, bias: Tensor | None = None) -> Signal:
    """Y = x W^T + b over the last axis."""
    x.axis(-1)
    dense = maps.Dense(weight=array(weight))
    return build.synapses([x], [dense], None if bias is None else array(bias), channel=-1)


def per_axis(value: int | Sequence[int], rank: int) -> tuple[int, ...]:
    """Return one number for each spatial axis, as PyTorch reads its arguments."""
    values = (value,) if isinstance(value, int) else tuple(value)
    return values * rank if len(values) == 1 else values


def convolution(
    build: Builder,
    x: Signal,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | str | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Signal:
    """Cross-correlation in one to three dimensions."""
    rank = weight.ndim - 2
    _check_image(x, rank)
    gaps = per_axis(dilation, rank)
    if isinstance(padding, str):
        x, padding = _same_padding(build, x, weight, gaps) if padding == "same" else x, 0
    convolve = maps.Convolve(
        weight=array(weight),
        stride=per_axis(stride, rank),
        padding=per_axis(padding, rank),
        dilation=gaps,
        groups=groups,
    )
    return build.synapses([x], [convolve], _channel_bias(bias, rank), channel=-rank - 1)


def _same_padding(build: Builder, x: Signal, weight: Tensor, gaps: tuple[int, ...]) -> Signal:
    extra = [gap * (size - 1) for gap, size in zip(gaps, weight.shape[2:], strict=True)]
    return build.routed(x, maps.Pad(widths=tuple((e // 2, e - e // 2) for e in extra)))


def _channel_bias(bias: Tensor | None, rank: int) -> np.ndarray | None:
    return None if bias is None else array(bias).reshape(-1, *[1] * rank)


def _check_image(x: Signal, rank: int) -> None:
    if x.samples.axis != 0 or x.rank != rank + 2:
        raise UnsupportedOperationError(f"it needs an input of shape (sample, channel, {rank} spatial axes)")


def transposed_convolution(
    build: Builder,
    x: Signal,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> Signal:
    """The adjoint of a cross-correlation in one to three dimensions."""
    rank = weight.ndim - 2
    _check_image(x, rank)
    convolve = maps.Convolve(
        weight=array(weight),
        stride=per_axis(stride, rank),
        padding=per_axis(padding, rank),
        dilation=per_axis(dilation, rank),
        groups=groups,
        transposed=True,
        output_padding=per_axis(output_padding, rank),
    )
    return build.synapses([x], [convolve], _channel_bias(bias, rank), channel=-rank - 1)


def batch_norm(
    build: Builder,
    x: Signal,
    weight: Tensor | None,
    bias: Tensor | None,
    mean: Tensor | None,
    variance: Tensor | None,
    training: bool,
    momentum: float,
    epsilon: float,
    cudnn: bool = False,
) -> Signal:
    """Y = (x - mean) / sqrt(variance + epsilon) * weight + bias per channel, with the statistics of training."""
    if training or mean is None or variance is None:
        raise UnsupportedOperationError("it normalises by the batch; set track_running_stats=True and train again")
    factor = 1 / np.sqrt(array(variance) + epsilon) * (1.0 if weight is None else array(weight))
    shift = (0.0 if bias is None else array(bias)) - array(mean) * factor
    channel = x.axis(1)
    ones = [1] * (-channel - 1)
    scale = maps.Scale(factor=factor.reshape(-1, *ones))
    return build.synapses([x], [scale], shift.reshape(-1, *ones), channel=channel)


def batch_norm_in_evaluation(
    build: Builder,
    x: Signal,
    weight: Tensor | None,
    bias: Tensor | None,
    mean: Tensor,
    variance: Tensor,
    momentum: float,
    epsilon: float,
) -> tuple[Signal, None, None]:
    """The form that a decomposed export gives batch normalisation."""
    return batch_norm(build, x, weight, bias, mean, variance, False, momentum, epsilon), None, None


RULES: Rules = {
    "linear": linear,
    "conv1d": convolution,
    "conv2d": convolution,
    "conv3d": convolution,
    "conv_transpose1d": transposed_convolution,
    "conv_transpose2d": transposed_convolution,
    "conv_transpose3d": transposed_convolution,
    "batch_norm": batch_norm,
    "_native_batch_norm_legit_no_training": batch_norm_in_evaluation,
}
