"""Images seen through plane projective maps, sampled bilinearly; black outside."""

import numpy as np
from numpy import ndarray


def centred(matrices: ndarray, shifts: ndarray) -> ndarray:
    """Return homographies `(sample, 3, 3)` of x -> A x + b, in pixels from the image's centre.

    Args:
        matrices: A, `(sample, 2, 2)`.
        shifts: b, `(sample, 2)`, as (column, row).
    """
    maps = np.zeros((len(matrices), 3, 3))
    maps[:, :2, :2], maps[:, :2, 2], maps[:, 2, 2] = matrices, shifts, 1.0
    return maps


def rotations(angles: ndarray, scales: ndarray) -> ndarray:
    """Return `(sample, 2, 2)` matrices that turn by `angles` (radians) and enlarge by `scales`."""
    cosine, sine = np.cos(angles) * scales, np.sin(angles) * scales
    return np.stack([np.stack([cosine, -sine], axis=-1), np.stack([sine, cosine], axis=-1)], axis=-2)


def warp(images: ndarray, maps: ndarray, size: int) -> ndarray:
    """Return images `(sample, channel, size, size)`: each input under its map.

    Output pixel p shows the input at map^-1 (p), both measured in pixels from the centre of their image.

    Args:
        images: `(sample, channel, row, column)`.
        maps: `(sample, 3, 3)` invertible homographies, see `centred`.
        size: rows and columns of the result.
    """
    axis = np.arange(size) - (size - 1) / 2
    rows, columns = np.meshgrid(axis, axis, indexing="ij")
    points = np.stack([columns.ravel(), rows.ravel(), np.ones(size * size)])
    x, y, w = np.moveaxis(np.linalg.inv(maps) @ points, 1, 0)
    # two black pixels around the input: every point outside reads black from there
    padded = np.pad(images, ((0, 0), (0, 0), (2, 2), (2, 2)))
    height, width = padded.shape[2:]
    column = np.clip(x / w + (width - 1) / 2, 0, width - 1.001)
    row = np.clip(y / w + (height - 1) / 2, 0, height - 1.001)
    return _bilinear(padded, row, column).reshape(len(images), images.shape[1], size, size)


def _bilinear(images: ndarray, row: ndarray, column: ndarray) -> ndarray:
    top, left = np.floor(row).astype(np.int64), np.floor(column).astype(np.int64)
    down, right = (row - top).astype(np.float32), (column - left).astype(np.float32)
    count, channels, height, width = images.shape
    flat = np.moveaxis(images, 1, 3).reshape(count * height * width, channels)
    corner = (np.arange(count)[:, None] * height + top) * width + left
    result = np.zeros((*row.shape, channels), dtype=np.float32)
    for step, weight in (
        (0, (1 - down) * (1 - right)),
        (1, (1 - down) * right),
        (width, down * (1 - right)),
        (width + 1, down * right),
    ):
        result += flat[corner + step] * weight[..., None]
    return np.moveaxis(result, 2, 1)
