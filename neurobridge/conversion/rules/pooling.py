"""Pooling: averages are synapses; maxima are races of spikes, or in a streaming code b + relu(a - b)."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.linear import per_axis
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps
from neurobridge.graph.apply import pooled_shape


def average_pool(rank: int):
    """Return the rule of average pooling over `rank` axes."""

    def rule(
        build: Builder,
        x: Signal,
        kernel: Sequence[int],
        stride: Sequence[int] = (),
        padding: int | Sequence[int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor: int | None = None,
    ) -> Signal:
        """Means of windows."""
        size = per_axis(kernel, rank)
        pool = maps.AveragePool(
            kernel=size,
            stride=per_axis(stride, rank) if stride else size,
            padding=per_axis(padding, rank),
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
            divisor=divisor,
        )
        return build.synapses([x], [pool], channel=-rank - 1)

    return rule


def adaptive_average_pool(rank: int):
    """Return the rule of adaptive average pooling over `rank` axes."""

    def rule(build: Builder, x: Signal, size: Sequence[int | None]) -> Signal:
        """Means of windows that divide each axis into equal parts, PyTorch's rule for their ends."""
        wanted = [n if want is None else want for n, want in zip(x.shape[-rank:], per_axis(size, rank), strict=True)]
        for axis, target in zip(range(-rank, 0), wanted, strict=True):
            x = build.synapses([x], [maps.Along(weight=_means(x.shape[axis], target), axis=axis)], channel=-rank - 1)
        return x

    def exact(build: Builder, x: Signal, size: Sequence[int | None]) -> Signal:
        """Use plain windows where the parts are equal."""
        spatial = x.shape[-rank:]
        wanted = [n if want is None else want for n, want in zip(spatial, per_axis(size, rank), strict=True)]
        if any(n % want for n, want in zip(spatial, wanted, strict=True)):
            return rule(build, x, size)
        return average_pool(rank)(build, x, [n // want for n, want in zip(spatial, wanted, strict=True)])

    return exact


def _means(source: int, target: int) -> np.ndarray:
    weight = np.zeros((target, source))
    for i in range(target):
        first, last = i * source // target, -(-(i + 1) * source // target)
        weight[i, first:last] = 1 / (last - first)
    return weight


def max_pool(rank: int):
    """Return the rule of max pooling over `rank` axes."""

    def rule(
        build: Builder,
        x: Signal,
        kernel: Sequence[int],
        stride: Sequence[int] = (),
        padding: int | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool = False,
    ) -> Signal:
        """Largest of each window."""
        size = per_axis(kernel, rank)
        steps, pad, gaps = per_axis(stride, rank) if stride else size, per_axis(padding, rank), per_axis(dilation, rank)
        if build.streaming:
            return _pairwise(build, x, size, steps, pad, gaps)
        shape = (*x.shape[:-rank], *pooled_shape(x.shape[-rank:], size, steps, pad, gaps, ceil_mode))
        return build.winner(x, shape, kernel=size, stride=steps, padding=pad, dilation=gaps, ceil_mode=ceil_mode)

    return rule


def adaptive_max_pool(rank: int):
    """Return the rule of adaptive max pooling over `rank` axes; parts must be equal."""

    def rule(build: Builder, x: Signal, size: Sequence[int]) -> tuple[Signal, None]:
        """Largest of each part; PyTorch gives its place too."""
        spatial, wanted = x.shape[-rank:], per_axis(size, rank)
        if any(n % want for n, want in zip(spatial, wanted, strict=True)):
            raise UnsupportedOperationError(f"it pools {spatial} into {wanted} unequal parts; choose sizes that divide")
        only_values(build)
        return max_pool(rank)(build, x, [n // want for n, want in zip(spatial, wanted, strict=True)]), None

    return rule


def max_pool_with_places(rank: int):
    """Return the rule of max pooling in the form that gives the places too."""

    def rule(build: Builder, x: Signal, *arguments: object) -> tuple[Signal, None]:
        """Largest of each window."""
        only_values(build)
        return max_pool(rank)(build, x, *arguments), None

    return rule


def only_values(build: Builder) -> None:
    """Refuse an operation whose second result, the places of the maxima, is used.

    Raises:
        UnsupportedOperationError: it is.
    """
    if 1 in build.used:
        raise UnsupportedOperationError("its indices are used; only the values can be carried by spikes")


def _pairwise(
    build: Builder,
    x: Signal,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...],
) -> Signal:
    """Return maxima of windows by a tree of b + relu(a - b), on currents: the maximum of raw spikes would be wrong."""
    rank = len(kernel)
    places = [
        _window_places(n, k, s, p, d)
        for n, k, s, p, d in zip(x.shape[-rank:], kernel, stride, padding, dilation, strict=True)
    ]
    rivals = []
    for tap in product(*map(range, kernel)):
        part = x
        for axis, at, table in zip(range(-rank, 0), tap, places, strict=True):
            part = build.routed(part, maps.Take(indices=tuple(table[at].tolist()), axis=axis), channel=x.channel)
        rivals.append(part)
    return largest_of(build, rivals)


def largest_of(build: Builder, rivals: list[Signal]) -> Signal:
    """Return the maximum of signals of one shape, by a tree of pairs."""
    while len(rivals) > 1:
        pairs = zip(rivals[::2], rivals[1::2], strict=False)
        odd = rivals[-1:] if len(rivals) % 2 else []
        rivals = [larger(build, a, b) for a, b in pairs] + odd
    return rivals[0]


def _window_places(n: int, kernel: int, stride: int, padding: int, dilation: int) -> np.ndarray:
    """Return the source index of (tap, window); padding is replaced by another tap of the same window."""
    windows = (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    places = np.arange(windows) * stride - padding + dilation * np.arange(kernel)[:, None]
    inside = (places >= 0) & (places < n)
    first = places[inside.argmax(axis=0), np.arange(windows)]
    return np.where(inside, places, first)


def larger(build: Builder, a: Signal, b: Signal) -> Signal:
    """Return max(a, b) = b + relu(a - b)."""
    one, minus = maps.Identity(), maps.Scale(factor=np.array(-1.0))
    difference = build.synapses([a, b], [one, minus], channel=a.channel, suffix="difference")
    above = build.neurons(difference, "relu")
    return build.synapses([b, above], [one, one], channel=a.channel, suffix="larger")


RULES: Rules = {
    **{f"avg_pool{rank}d": average_pool(rank) for rank in (1, 2, 3)},
    **{f"adaptive_avg_pool{rank}d": adaptive_average_pool(rank) for rank in (1, 2, 3)},
    **{f"max_pool{rank}d": max_pool(rank) for rank in (1, 2, 3)},
    **{f"max_pool{rank}d_with_indices": max_pool_with_places(rank) for rank in (1, 2, 3)},
    **{f"adaptive_max_pool{rank}d": adaptive_max_pool(rank) for rank in (1, 2, 3)},
}
