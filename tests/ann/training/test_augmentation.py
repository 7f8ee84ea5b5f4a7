import pytest
import torch
from torch import Generator

from neurobridge.ann.training.augmentation import AUGMENTATIONS, affine, cutout, flip, shift

IMAGES = torch.rand(64, 2, 6, 6, generator=Generator().manual_seed(0))


def generator(seed=1):
    return Generator().manual_seed(seed)


@pytest.mark.parametrize("name", sorted(AUGMENTATIONS))
def test_shapes_and_inputs_are_kept_and_the_generator_decides(name):
    before = IMAGES.clone()
    first, again = (AUGMENTATIONS[name](IMAGES, generator()) for _ in range(2))
    assert first.shape == IMAGES.shape
    assert torch.equal(first, again)
    assert torch.equal(before, IMAGES)
    if name != "none":
        assert not torch.equal(first, AUGMENTATIONS[name](IMAGES, generator(2)))


def test_a_shift_moves_whole_pixels_and_lets_black_in():
    marked = torch.zeros(900, 1, 5, 5)
    marked[:, 0, 2, 2] = 1
    moved = shift(marked, generator())
    assert torch.all(moved.sum((1, 2, 3)) == 1)
    counts = moved.sum((0, 1))[1:4, 1:4]
    # nine places, 100 expected in each: 3 x 3 cells within 5.3 sigma, so a false alarm is rarer than 1 in 10^6
    assert counts.sum() == 900
    assert (counts - 100).abs().max() < 50


def test_affine_without_amplitude_changes_nothing():
    assert torch.allclose(affine(IMAGES, generator(), degrees=0, scale=0, pixels=0), IMAGES, atol=1e-5)


def test_flips_mirror_about_half():
    flipped = flip(IMAGES, generator())
    mirrored = [torch.equal(image, original.flip(-1)) for image, original in zip(flipped, IMAGES, strict=True)]
    kept = [torch.equal(image, original) for image, original in zip(flipped, IMAGES, strict=True)]
    assert all(a != b for a, b in zip(mirrored, kept, strict=True))
    assert 8 < sum(mirrored) < 56  # 64 fair coins: beyond 6 sigma


def test_cutout_blackens_one_square_and_nothing_else():
    holes = cutout(IMAGES, generator(), share=0.5)
    changed = holes != IMAGES
    assert torch.all(holes[changed] == 0)
    assert changed.any(dim=1).sum((1, 2)).max() <= 16
