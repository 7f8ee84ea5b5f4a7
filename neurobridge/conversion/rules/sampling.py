"""Spatial transformers: the sampling grid is synapses, and place cells along each axis gate the image."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps

BILINEAR, ZEROS, BORDER = 0, 0, 1
"""PyTorch's numbers for interpolation and padding modes."""


def affine_grid(build: Builder, theta: Signal, size: Sequence[int], align_corners: bool) -> Signal:
    """Coordinates (sample, row, column, 2) of an affine map: linear in its six numbers."""
    rows, columns = int(size[-2]), int(size[-1])
    parts = theta.shape[:-2]
    if len(size) != 4 or theta.samples.axis != 0 or theta.rank != 3:
        raise UnsupportedOperationError("only two-dimensional affine grids are supported")
    basis = torch.eye(6, dtype=torch.float64).reshape(6, 2, 3)
    grids = torch.nn.functional.affine_grid(basis, [6, 1, rows, columns], align_corners=bool(align_corners))
    flat = build.routed(theta, maps.Reshape(shape=(*parts, 6)))
    dense = maps.Dense(weight=grids.reshape(6, -1).T.numpy())
    points = build.synapses([flat], [dense], suffix="grid")
    return build.routed(points, maps.Reshape(shape=(*parts, rows, columns, 2)))


def grid_sampler(
    build: Builder, image: Signal, grid: Signal | Tensor, interpolation: int, padding: int, align_corners: bool
) -> Signal:
    """Bilinear sampling of an image at given coordinates; Jaderberg et al. 2015.

    Neuron k of a place-cell row codes clip(u - k + 1, 0, 1), u the coordinate in pixels; the difference of two
    neighbours is the triangular weight of pixel k. Written with the differences on the image's side, each spike of a
    place cell releases one difference of neighbouring pixels, first along the columns, then along the rows.
    """
    if interpolation != BILINEAR or padding not in (ZEROS, BORDER) or not isinstance(grid, Signal):
        raise UnsupportedOperationError("only bilinear sampling with zeros or border padding, on a computed grid")
    if image.samples.axis != 0 or image.rank != 4:
        raise UnsupportedOperationError("only images (sample, channel, row, column) are supported")
    *parts, c, m, width = image.shape
    rows, columns = grid.shape[-3:-1]
    places, n = rows * columns, "n" * len(parts)
    flat = build.routed(grid, maps.Reshape(shape=(*parts, places, 2)))
    across = _place_cells(build, flat, 0, width, padding == BORDER, align_corners)
    down = _place_cells(build, flat, 1, m, padding == BORDER, align_corners)
    steps = _differences(build, image, border=padding == BORDER)
    line = build.gate(across, steps, f"{n}pk,{n}cmk->{n}cpm", (*parts, c, places, m))
    if padding == BORDER:
        line = _plus_first(build, line, image, (*parts, c, 1, m))
    rises = _differences(build, line, border=padding == BORDER)
    pixels = build.gate(down, rises, f"{n}pk,{n}cpk->{n}cp", (*parts, c, places))
    if padding == BORDER:
        pixels = _plus_first(build, pixels, line, (*parts, c, places))
    result = build.routed(pixels, maps.Reshape(shape=(*parts, c, rows, columns)), samples=image.samples)
    return result.moved(channel=-3)


def _place_cells(build: Builder, grid: Signal, axis: int, size: int, border: bool, align_corners: bool) -> Signal:
    """Return spikes (place, k) of clip(u - k + 1, 0, 1), k = 0 ... size (1 ... size - 1 with border padding)."""
    gain, shift = ((size - 1) / 2, (size - 1) / 2) if align_corners else (size / 2, (size - 1) / 2)
    centres = np.arange(1, size) if border else np.arange(size + 1)
    weight = np.zeros((len(centres), 2))
    weight[:, axis] = gain
    drive = build.synapses([grid], [maps.Dense(weight=weight)], shift - centres + 1.0, suffix="places")
    return build.neurons(drive.moved(channel=None), "clip", (0.0, 1.0), span=(0.0, 1.0), uniform=True)


def _differences(build: Builder, x: Signal, border: bool) -> Signal:
    """Return what each place cell releases along the last axis: x[k] - x[k - 1], with zeros outside the image."""
    size = x.shape[-1]
    up, down = np.eye(size + 1, size), np.eye(size + 1, size, k=-1)
    matrix = (up - down)[1:size] if border else up - down
    return build.synapses([x], [maps.Along(weight=matrix, axis=-1)], suffix="differences")


def _plus_first(build: Builder, sampled: Signal, x: Signal, shape: tuple[int, ...]) -> Signal:
    """Return the sampled numbers plus the first entry of the last axis of `x`, from which the differences start."""
    first = build.routed(x, maps.Take(indices=(0,), axis=-1, keep=False))
    first = build.routed(first, maps.Reshape(shape=shape)) if first.shape != shape else first
    wide = build.routed(first, maps.Expand(shape=sampled.shape)) if shape != sampled.shape else first
    return build.synapses([sampled, wide], [maps.Identity(), maps.Identity()], suffix="from-border")


RULES: Rules = {"affine_grid_generator": affine_grid, "grid_sampler": grid_sampler, "grid_sampler_2d": grid_sampler}
