"""Operations that move numbers without changing them."""

from collections.abc import Sequence

import torch
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Samples, Signal, permuted, reshaped
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps


def unchanged(build: Builder, x: Signal, *arguments: object, **options: object) -> Signal:
    """X: copies, type changes, dropout in evaluation."""
    return x


def dropout(build: Builder, x: Signal, share: float, training: bool) -> Signal:
    """X, in evaluation."""
    if training:
        raise UnsupportedOperationError("it drops at random even in evaluation; pass training=self.training")
    return x


def reshape(build: Builder, x: Signal, *arguments: object, **options: object) -> Signal:
    """The same numbers in the shape that the export recorded: view, flatten, squeeze, unsqueeze, unflatten."""
    shape, samples = reshaped(x, build.dims)
    channel = x.channel if shape == x.shape else _kept_channel(x, shape)
    return build.routed(x, maps.Reshape(shape=shape), samples=samples, channel=channel)


def _kept_channel(x: Signal, shape: tuple[int, ...]) -> int | None:
    """Return the channel axis if everything behind it is as before."""
    if x.channel is None or len(shape) < -x.channel:
        return None
    return x.channel if shape[x.channel :] == x.shape[x.channel :] else None


def permute(build: Builder, x: Signal, order: Sequence[int]) -> Signal:
    """Axes in another order."""
    axes, samples = permuted(x, list(order))
    channel = None if x.channel is None else axes.index(x.channel + len(axes)) - len(axes)
    return build.routed(x, maps.Permute(axes=axes), samples=samples, channel=channel)


def transpose(build: Builder, x: Signal, a: int, b: int) -> Signal:
    """Two axes exchanged."""
    order = list(range(x.rank))
    order[a], order[b] = order[b], order[a]
    return permute(build, x, order)


def matrix_transpose(build: Builder, x: Signal) -> Signal:
    """The last two axes exchanged."""
    return transpose(build, x, -1, -2)


def expand(build: Builder, x: Signal, *arguments: object, **options: object) -> Signal:
    """Axes of length one repeated."""
    return build.broadcast(x)


def _without(x: Signal, axis: int) -> Samples:
    """Return the sample axis after a tensor axis was removed."""
    removed = axis % x.rank
    return Samples(axis=x.samples.axis - (removed < x.samples.axis), before=x.samples.before, alone=x.samples.alone)


def select(build: Builder, x: Signal, axis: int, index: int) -> Signal:
    """One entry of an axis."""
    inner = x.axis(axis)
    channel = None if x.channel == inner else x.channel
    if channel is not None and channel < inner:
        channel += 1
    take = maps.Take(indices=(index,), axis=inner, keep=False)
    return build.routed(x, take, samples=_without(x, axis), channel=channel)


def is_whole(start: int | None, stop: int | None, step: int) -> bool:
    """Return whether a range takes all of an axis, however long."""
    return not start and (stop is None or stop >= 2**31) and step == 1


def take_slice(
    build: Builder, x: Signal, axis: int = 0, start: int | None = None, stop: int | None = None, step: int = 1
) -> Signal:
    """A range of an axis."""
    if is_whole(start, stop, step):
        return x
    inner = x.axis(axis)
    indices = range(x.shape[inner])[slice(start, stop, step)]
    if len(indices) == x.shape[inner]:
        return x
    return build.routed(x, maps.Take(indices=tuple(indices), axis=inner), channel=x.channel)


def split(build: Builder, x: Signal, sizes: int | Sequence[int], axis: int = 0) -> tuple[Signal, ...]:
    """Consecutive ranges of an axis."""
    inner = x.axis(axis)
    n = x.shape[inner]
    lengths = [min(sizes, n - at) for at in range(0, n, sizes)] if isinstance(sizes, int) else list(sizes)
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    return tuple(take_slice(build, x, axis, end - length, end) for end, length in zip(ends, lengths, strict=True))


def chunk(build: Builder, x: Signal, count: int, axis: int = 0) -> tuple[Signal, ...]:
    """An axis in `count` parts of equal length, the last perhaps shorter."""
    return split(build, x, -(-x.shape[x.axis(axis)] // count), axis)


def unbind(build: Builder, x: Signal, axis: int = 0) -> tuple[Signal, ...]:
    """Every entry of an axis."""
    return tuple(select(build, x, axis, index) for index in range(x.shape[x.axis(axis)]))


def pad(build: Builder, x: Signal, widths: Sequence[int], mode: str = "constant", value: float | None = None) -> Signal:
    """Zeros around the last axes."""
    if mode != "constant" or value:
        raise UnsupportedOperationError(f"it pads with mode {mode!r} and value {value}; only zeros are supported")
    pairs = tuple(zip(widths[::2], widths[1::2], strict=True))[::-1]
    for axis in range(-len(pairs), 0):
        x.axis(axis)
    if any(width < 0 for pair in pairs for width in pair):
        raise UnsupportedOperationError("it pads by a negative width; slice instead")
    return build.routed(x, maps.Pad(widths=pairs), channel=x.channel)


def constant_pad(build: Builder, x: Signal, widths: Sequence[int], value: float = 0) -> Signal:
    """Zeros around the last axes."""
    return pad(build, x, widths, "constant", value)


def _taken(build: Builder, x: Signal, axis: int, indices: Sequence[int]) -> Signal:
    return build.routed(x, maps.Take(indices=tuple(int(i) for i in indices), axis=x.axis(axis)), channel=x.channel)


def index_select(build: Builder, x: Signal, axis: int, indices: Sequence[int]) -> Signal:
    """Entries of an axis in a constant order."""
    if isinstance(indices, Signal):
        raise UnsupportedOperationError("its indices depend on the input")
    return _taken(build, x, axis, indices)


def flip(build: Builder, x: Signal, axes: Sequence[int]) -> Signal:
    """Axes in reverse."""
    for axis in axes:
        x = _taken(build, x, axis, range(x.shape[x.axis(axis)] - 1, -1, -1))
    return x


def roll(build: Builder, x: Signal, shifts: Sequence[int], axes: Sequence[int] = ()) -> Signal:
    """Axes rotated."""
    if not axes:
        raise UnsupportedOperationError("it rolls over all axes; name them")
    for shift, axis in zip(shifts, axes, strict=True):
        n = x.shape[x.axis(axis)]
        x = _taken(build, x, axis, [(i - shift) % n for i in range(n)])
    return x


def repeat(build: Builder, x: Signal, counts: Sequence[int]) -> Signal:
    """Whole axes repeated one after another."""
    extra = len(counts) - x.rank
    if extra:
        raise UnsupportedOperationError("it adds axes while repeating; unsqueeze first")
    for axis, count in enumerate(counts):
        if count != 1 and axis == x.samples.axis:
            raise UnsupportedOperationError("it repeats samples")
        if count != 1:
            x = _taken(build, x, axis, list(range(x.shape[x.axis(axis)])) * count)
    return x


def index(build: Builder, x: Signal, indices: Sequence[Tensor | None]) -> Signal:
    """Entries of one axis in a constant order, x[:, indices]."""
    return _taken(build, x, *one_index(indices, "indexes with several tensors"))


def one_index(indices: Sequence[Tensor | None], does: str) -> tuple[int, list[int]]:
    """Return the one axis that is indexed, and which of its entries.

    Raises:
        UnsupportedOperationError: the operation `does` so, or by a signal.
    """
    named = [(axis, i) for axis, i in enumerate(indices) if i is not None]
    if len(named) != 1 or not isinstance(named[0][1], Tensor) or named[0][1].ndim > 1:
        raise UnsupportedOperationError(f"it {does} or a signal; one constant index per operation")
    axis, entries = named[0]
    entries = entries.nonzero()[:, 0] if entries.dtype == torch.bool else entries
    return axis, entries.reshape(-1).tolist()


def resize(mode: str):
    """Return the rule of interpolation: PyTorch's own, probed with unit vectors along each axis."""

    def rule(build: Builder, x: Signal, *arguments: object) -> Signal:
        """Interpolation between pixels, a linear map along each axis."""
        rank = len(build.dims) - 2
        align = bool(arguments[1]) if mode != "nearest" and len(arguments) > 1 else None
        scales = next(
            (a for a in arguments[::-1] if isinstance(a, Sequence) and any(isinstance(v, float) for v in a)), None
        )
        for axis in range(-rank, 0):
            n, target = x.shape[axis], build.shape[axis]
            if n == target:
                continue
            probe = torch.eye(n, dtype=torch.float64)[None]
            size = {"scale_factor": scales[axis], "recompute_scale_factor": False} if scales else {"size": target}
            weight = torch.nn.functional.interpolate(probe, mode=mode, align_corners=align, **size)[0].T
            x = build.synapses([x], [maps.Along(weight=weight.numpy(), axis=axis)], channel=x.channel)
        return x

    return rule


RULES: Rules = {
    **dict.fromkeys(
        ["clone", "contiguous", "to", "_to_copy", "detach", "alias", "lift_fresh_copy", "identity", "positive"],
        unchanged,
    ),
    **dict.fromkeys(["dropout", "feature_dropout", "alpha_dropout"], dropout),
    **dict.fromkeys(
        ["view", "reshape", "_unsafe_view", "flatten", "unflatten", "squeeze", "unsqueeze", "view_as", "reshape_as"],
        reshape,
    ),
    "permute": permute,
    "transpose": transpose,
    "swapaxes": transpose,
    "t": matrix_transpose,
    "mT": matrix_transpose,
    "expand": expand,
    "expand_as": expand,
    "select": select,
    "slice": take_slice,
    "split": split,
    "split_with_sizes": split,
    "chunk": chunk,
    "unbind": unbind,
    "pad": pad,
    "constant_pad_nd": constant_pad,
    "index_select": index_select,
    "flip": flip,
    "roll": roll,
    "repeat": repeat,
    "index": index,
    **{f"upsample_nearest{rank}d": resize("nearest") for rank in (1, 2, 3)},
    **{f"upsample_{name}": resize("linear") for name in ("linear1d", "bilinear2d", "trilinear3d")},
}
