"""Operations that make a tensor and write into a part of it, as `out[:, t] = h` does."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.arithmetic import as_entry
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.rules.shaping import is_whole, one_index
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps

Value = Signal | Tensor


def filled(value: float | None):
    """Return the rule of a constant tensor in the shape of a signal; its number is the last argument if None."""

    def rule(build: Builder, x: Signal, *arguments: object, **options: object) -> Tensor:
        """The same number everywhere."""
        number = arguments[-1] if value is None else value
        # of the weights' type: what is computed from constants alone is computed by torch itself
        return torch.full([length for length, _ in build.dims], float(number), dtype=torch.float32)  # type: ignore[arg-type]

    return rule


def copy(build: Builder, x: Value, source: Value, non_blocking: bool = False) -> Value:
    """The source in the shape of what it is written into."""
    if isinstance(source, Signal):
        return build.broadcast(source)
    return torch.broadcast_to(source, [length for length, _ in build.dims])


def slice_scatter(
    build: Builder,
    x: Value,
    source: Value,
    axis: int = 0,
    start: int | None = None,
    stop: int | None = None,
    step: int = 1,
) -> Value:
    """X with a range of an axis replaced."""
    if is_whole(start, stop, step):
        return source
    length = build.shape[_like(x, source).axis(axis)]
    return _written(build, x, source, axis, range(length)[slice(start, stop, step)])


def select_scatter(build: Builder, x: Value, source: Value, axis: int, index: int) -> Value:
    """X with one entry of an axis replaced."""
    return _written(build, x, as_entry(build, source, axis), axis, (index,))


def index_put(
    build: Builder, x: Value, indices: Sequence[Tensor | None], source: Value, accumulate: bool = False
) -> Value:
    """X with entries of one axis replaced, x[:, indices] = source."""
    if accumulate:
        raise UnsupportedOperationError("it adds to what is there; write the sum")
    return _written(build, x, source, *one_index(indices, "writes by several indices"))


def _like(x: Value, source: Value) -> Signal:
    return x if isinstance(x, Signal) else source  # type: ignore[return-value]


def _written(build: Builder, x: Value, source: Value, axis: int, places: Sequence[int]) -> Signal:
    """Return `x` where nothing is written, and the entries of the source in their places."""
    inner = _like(x, source).axis(axis)
    length = build.shape[inner]
    slots = np.zeros((length, len(places)))
    slots[list(places), range(len(places))] = 1
    free = (1 - slots.sum(axis=1)).reshape(-1, *[1] * (-inner - 1))
    sources, linears, bias = [], [], np.zeros(build.shape)
    if isinstance(x, Signal):
        sources.append(x)
        linears.append(maps.Scale(factor=free))
    else:
        bias = bias + np.where(free > 0, build.sample_array(x), 0.0)
    if isinstance(source, Signal):
        sources.append(source)
        linears.append(maps.Along(weight=slots, axis=inner))
    else:
        part = np.broadcast_to(build.sample_array(source), (*bias.shape[:inner], len(places), *bias.shape[inner:][1:]))
        bias = bias + np.moveaxis(np.moveaxis(part, inner, -1) @ slots.T, -1, inner)
    return build.synapses(sources, linears, bias if np.any(bias) else None)


RULES: Rules = {
    **dict.fromkeys(["full_like", "new_full"], filled(None)),
    **dict.fromkeys(["zeros_like", "new_zeros", "empty_like", "new_empty"], filled(0.0)),
    **dict.fromkeys(["ones_like", "new_ones"], filled(1.0)),
    "copy": copy,
    "slice_scatter": slice_scatter,
    "select_scatter": select_scatter,
    "index_put": index_put,
}
