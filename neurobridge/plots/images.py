"""Grids of images, in pairs: before and after."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.plots.style import COLOURS, WIDTH, Picture, styled


def before_and_after(
    before: ndarray, after: ndarray, labels: Sequence[str] = (), titles: tuple[str, str] = ("input", "seen")
) -> Figure:
    """Draw images in columns, each above what became of it.

    Args:
        before: `(image, row, column)`; twelve or fewer can be told apart.
        after: the same shape.
        labels: written above each column.
        titles: written at the left of the two rows.

    Raises:
        InputError: the two differ in number, or there are none.
    """
    count = len(before)
    if count != len(after) or count == 0:
        raise InputError(f"images before and after come in pairs; got {count} and {len(after)}.")
    with styled():
        height = 2.0 * WIDTH / count + 0.35
        figure = Picture(figsize=(WIDTH, height))
        grid = figure.subplots(2, count, squeeze=False)
        for row, images in enumerate((before, after)):
            for column, axes in enumerate(grid[row]):
                axes.imshow(images[column], cmap="gray", vmin=0, vmax=1, interpolation="nearest")
                axes.set(xticks=[], yticks=[])
                axes.spines[:].set_visible(False)
                if row == 0 and labels:
                    axes.set_title(labels[column], fontsize=8, loc="center", pad=2)
            grid[row][0].set_ylabel(titles[row], color=COLOURS["ink"].light, fontsize=8)
        return figure
