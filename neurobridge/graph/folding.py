"""How a diagonal scale moves past a linear map: into its weights, or through to its other side."""

from dataclasses import replace
from functools import singledispatch

import numpy as np
from numpy import ndarray

from neurobridge.graph import maps
from neurobridge.graph.apply import apply


def varying(factor: ndarray) -> set[int]:
    """Return the axes, counted from the end, along which a broadcast factor is not constant."""
    return {axis - factor.ndim for axis, size in enumerate(factor.shape) if size > 1}


@singledispatch
def after_scale(linear: maps.LinearMap, factor: ndarray) -> maps.LinearMap | None:
    """Return one map equal to `linear` applied to `factor * x`, or None if there is none of the same kind."""
    return None


@singledispatch
def before_scale(linear: maps.LinearMap, factor: ndarray) -> maps.LinearMap | None:
    """Return one map equal to `factor *` the result of `linear`, or None if there is none of the same kind."""
    return None


@singledispatch
def pass_through(linear: maps.LinearMap, factor: ndarray, shape: tuple[int, ...]) -> ndarray | None:
    """Return g with g * map(x) = map(factor * x) for every x of `shape`, or None if there is none."""
    return None


@after_scale.register
def _(linear: maps.Identity, factor: ndarray) -> maps.LinearMap | None:
    return maps.Scale(factor=factor)


@before_scale.register
def _(linear: maps.Identity, factor: ndarray) -> maps.LinearMap | None:
    return maps.Scale(factor=factor)


@after_scale.register
@before_scale.register
def _(linear: maps.Scale, factor: ndarray) -> maps.LinearMap | None:
    return maps.Scale(factor=np.asarray(linear.factor * factor))


@after_scale.register
def _(linear: maps.Dense, factor: ndarray) -> maps.LinearMap | None:
    if varying(factor) - {-1}:
        return None
    return maps.Dense(weight=linear.weight * factor.reshape(1, -1))


@before_scale.register
def _(linear: maps.Dense, factor: ndarray) -> maps.LinearMap | None:
    if varying(factor) - {-1}:
        return None
    return maps.Dense(weight=linear.weight * factor.reshape(-1, 1))


@after_scale.register
def _(linear: maps.Along, factor: ndarray) -> maps.LinearMap | None:
    if varying(factor) - {linear.axis}:
        return None
    return maps.Along(weight=linear.weight * factor.reshape(1, -1), axis=linear.axis)


@before_scale.register
def _(linear: maps.Along, factor: ndarray) -> maps.LinearMap | None:
    if varying(factor) - {linear.axis}:
        return None
    return maps.Along(weight=linear.weight * factor.reshape(-1, 1), axis=linear.axis)


@after_scale.register
def _(linear: maps.Convolve, factor: ndarray) -> maps.LinearMap | None:
    channel = -len(linear.stride) - 1
    if varying(factor) - {channel}:
        return None
    ones = [1] * len(linear.stride)
    weight = linear.weight
    if linear.transposed:
        scaled = weight * factor.reshape(-1, 1, *ones)
    else:
        targets = weight.shape[0] // linear.groups
        per_group = np.broadcast_to(factor.reshape(-1), (linear.groups * weight.shape[1],)).reshape(linear.groups, -1)
        scaled = weight * np.repeat(per_group, targets, axis=0).reshape(*weight.shape[:2], *ones)
    return replace(linear, weight=scaled)


@before_scale.register
def _(linear: maps.Convolve, factor: ndarray) -> maps.LinearMap | None:
    channel = -len(linear.stride) - 1
    if varying(factor) - {channel}:
        return None
    ones = [1] * len(linear.stride)
    weight = linear.weight
    if not linear.transposed:
        return replace(linear, weight=weight * factor.reshape(-1, 1, *ones))
    sources = weight.shape[0] // linear.groups
    per_group = np.broadcast_to(factor.reshape(-1), (linear.groups * weight.shape[1],)).reshape(linear.groups, -1)
    scaled = weight * np.repeat(per_group, sources, axis=0).reshape(*weight.shape[:2], *ones)
    return replace(linear, weight=scaled)


@pass_through.register(maps.AveragePool)
def _(linear: maps.AveragePool, factor: ndarray, shape: tuple[int, ...]) -> ndarray | None:
    return None if any(axis >= -len(linear.kernel) for axis in varying(factor)) else factor


@pass_through.register(maps.Reshape)
@pass_through.register(maps.Permute)
@pass_through.register(maps.Expand)
@pass_through.register(maps.Take)
def _(linear: maps.LinearMap, factor: ndarray, shape: tuple[int, ...]) -> ndarray | None:
    return factor if factor.size == 1 else apply(linear, np.broadcast_to(factor, shape), len(shape))


@pass_through.register
def _(linear: maps.Pad, factor: ndarray, shape: tuple[int, ...]) -> ndarray | None:
    if factor.size == 1:
        return factor
    whole = np.broadcast_to(factor, shape)
    lead = len(shape) - len(linear.widths)
    return np.pad(whole, [(0, 0)] * lead + list(linear.widths), constant_values=1.0)


@pass_through.register
def _(linear: maps.Along, factor: ndarray, shape: tuple[int, ...]) -> ndarray | None:
    return None if linear.axis in varying(factor) else factor


@pass_through.register
def _(linear: maps.Dense, factor: ndarray, shape: tuple[int, ...]) -> ndarray | None:
    return None if -1 in varying(factor) else factor


@pass_through.register
def _(linear: maps.Convolve, factor: ndarray, shape: tuple[int, ...]) -> ndarray | None:
    return factor if factor.size == 1 else None
