"""Random changes of training images that keep their class: tensors in, tensors out, on any device."""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from neurobridge.errors import InputError, lookup


def none(images: Tensor, random: Generator) -> Tensor:
    """Leave the inputs as they are."""
    return images


def shift(images: Tensor, random: Generator, pixels: int = 1) -> Tensor:
    """Move each image by up to `pixels` along each axis; what enters is black."""
    count, _, rows, columns = images.shape
    move = torch.randint(0, 2 * pixels + 1, (2, count, 1), generator=random, device=images.device)
    row = move[0] + torch.arange(rows, device=images.device)
    column = move[1] + torch.arange(columns, device=images.device)
    padded = F.pad(images, (pixels,) * 4)
    sample = torch.arange(count, device=images.device)[:, None, None]
    return padded.movedim(1, 3)[sample, row[:, :, None], column[:, None, :]].movedim(3, 1)


def affine(images: Tensor, random: Generator, degrees: float = 10, scale: float = 0.1, pixels: float = 1) -> Tensor:
    """Turn, resize and move each image a little, sampled bilinearly."""
    draws = 2 * torch.rand(4, len(images), generator=random, device=images.device) - 1
    angle, size = draws[0] * torch.pi * degrees / 180, 1 + scale * draws[1]
    cosine, sine = torch.cos(angle) * size, torch.sin(angle) * size
    x, y = 2 * pixels * draws[2] / images.shape[3], 2 * pixels * draws[3] / images.shape[2]
    maps = torch.stack([torch.stack([cosine, -sine, x], -1), torch.stack([sine, cosine, y], -1)], 1)
    grid = F.affine_grid(maps.to(images.dtype), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def noise(images: Tensor, random: Generator, deviation: float = 0.05) -> Tensor:
    """Add Gaussian noise."""
    return images + deviation * torch.randn(images.shape, generator=random, device=images.device, dtype=images.dtype)


def flip(images: Tensor, random: Generator) -> Tensor:
    """Mirror left and right in half of the images; for photographs, not for digits."""
    mirrored = torch.rand(len(images), 1, 1, 1, generator=random, device=images.device) < 0.5
    return torch.where(mirrored, images.flip(-1), images)


def cutout(images: Tensor, random: Generator, share: float = 0.25) -> Tensor:
    """Blacken one square of a `share` of the side's length: DeVries & Taylor 2017."""
    count, _, rows, columns = images.shape
    centre = torch.rand(2, count, 1, 1, 1, generator=random, device=images.device)
    row = torch.arange(rows, device=images.device).view(1, 1, -1, 1) - centre[0] * rows
    column = torch.arange(columns, device=images.device).view(1, 1, 1, -1) - centre[1] * columns
    inside = (row.abs() <= share * rows / 2) & (column.abs() <= share * columns / 2)
    return images.masked_fill(inside, 0.0)


def flip_and_shift(images: Tensor, random: Generator) -> Tensor:
    """Mirror, then move by up to 4 pixels: the usual treatment of CIFAR-10 (He et al. 2016)."""
    return shift(flip(images, random), random, pixels=4)


def augment(name: str, inputs: Tensor, random: Generator) -> Tensor:
    """Return inputs changed by the augmentation `name`; sequences `(sample, row, column)` are images read by rows.

    Raises:
        UnknownNameError: no augmentation has this name.
        InputError: the inputs are not images.
    """
    change = lookup("augmentation", name, AUGMENTATIONS)
    if change is none:
        return inputs
    if inputs.ndim not in (3, 4) or not inputs.is_floating_point():
        raise InputError(f"augmentation {name!r} changes images; inputs are of shape {tuple(inputs.shape[1:])}.")
    return change(inputs, random) if inputs.ndim == 4 else change(inputs.unsqueeze(1), random).squeeze(1)


AUGMENTATIONS: Mapping[str, Callable[[Tensor, Generator], Tensor]] = {
    "none": none,
    "affine": affine,
    "cutout": cutout,
    "flip": flip,
    "flip-and-shift": flip_and_shift,
    "noise": noise,
    "shift": shift,
}
