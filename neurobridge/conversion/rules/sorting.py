"""Sorted numbers by a network of comparators: x <- x - D^T relu(D x), where each row of D compares two of them."""

from collections.abc import Sequence

import numpy as np

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.arithmetic import as_result
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps

LONGEST = 32
"""Numbers that are sorted: 15 populations in a row, each of which adds an error of its own."""

Pairs = list[tuple[int, int]]


def ordered(build: Builder, x: Signal, inner: int, descending: bool, wanted: Sequence[int]) -> Signal:
    """Return the numbers of an axis at some places of their order.

    Equal numbers stay as many as they are: a comparator of two gives both, the smaller and the larger.

    Args:
        build: takes the nodes.
        x: any signal.
        inner: the axis of one sample.
        descending: the largest first.
        wanted: places in the order; what they don't depend on is left out.
    """
    size = x.shape[inner]
    if size > LONGEST:
        raise UnsupportedOperationError(
            f"it sorts {size} numbers; at most {LONGEST} are sorted exactly enough. Take max or amax, or sort outside"
        )
    if build.used - {0}:
        raise UnsupportedOperationError(
            "it tells where the sorted numbers were, which no spikes carry on; its values alone convert"
        )
    for pairs in leading_to(wanted, layers(size)):
        compared = np.zeros((len(pairs), size))
        for row, (first, second) in enumerate(pairs):
            compared[row, [first, second]] = (-1, 1) if descending else (1, -1)
        drive = build.synapses([x], [maps.Along(weight=compared, axis=inner)], suffix="compared")
        above = build.neurons(drive.moved(channel=None), "relu")
        exchanged = [maps.Identity(), maps.Along(weight=-compared.T, axis=inner)]
        x = build.synapses([x, above], exchanged, suffix="exchanged")
    return build.routed(x, maps.Take(indices=tuple(wanted), axis=inner))


def layers(size: int) -> list[Pairs]:
    """Return who is compared with whom, step by step, to sort so many: Batcher 1968, in Knuth's form (5.2.2, M)."""
    found = []
    most = 1 << max(size - 1, 0).bit_length() >> 1
    p = most
    while p:
        q, r, d = most, 0, p
        while True:
            found.append([(i, i + d) for i in range(size - d) if i & p == r])
            if q == p:
                break
            d, q, r = q - p, q >> 1, p
        p >>= 1
    return [pairs for pairs in found if pairs]


def leading_to(wanted: Sequence[int], found: list[Pairs]) -> list[Pairs]:
    """Return the comparators that some places depend on."""
    needed, kept = set(wanted), []
    for pairs in reversed(found):
        chosen = [pair for pair in pairs if needed & set(pair)]
        needed |= {place for pair in chosen for place in pair}
        kept.append(chosen)
    return [pairs for pairs in reversed(kept) if pairs]


def sort(build: Builder, x: Signal, dim: int = -1, descending: bool = False, *, stable: bool | None = None):
    """All numbers of an axis in their order."""
    inner = x.axis(dim)
    return as_result(build, ordered(build, x, inner, descending, range(x.shape[inner]))), None


def top(build: Builder, x: Signal, count: int, dim: int = -1, largest: bool = True, in_order: bool = True):
    """The largest or smallest numbers of an axis, in their order."""
    if not in_order:
        raise UnsupportedOperationError("it gives its numbers in any order; write topk(..., sorted=True)")
    return as_result(build, ordered(build, x, x.axis(dim), largest, range(count))), None


def place(build: Builder, x: Signal, count: int, dim: int = -1, keep: bool = False):
    """The smallest number but so many of an axis, counted from 1."""
    return as_result(build, ordered(build, x, x.axis(dim), False, [count - 1])), None


def median(build: Builder, x: Signal, dim: int | None = None, keep: bool = False):
    """The middle number of an axis; the lower of two."""
    if dim is None:
        raise UnsupportedOperationError("it takes the median over the samples too; name the axis, as in median(dim=1)")
    return place(build, x, (x.shape[x.axis(dim)] + 1) // 2, dim, keep)


RULES: Rules = {"sort": sort, "topk": top, "kthvalue": place, "median": median}
