"""Grids of images, in pairs: before and after."""

from collections.abc import Mapping, Sequence

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


MARKS = (("o", 5.0, "none"), (".", 3.5, "full"))  # a ring, and a dot within it


def sampling_grids(images: ndarray, places: Mapping[str, ndarray], labels: Sequence[str] = ()) -> Figure:
    """Draw where a spatial transformer looks: places over the images that they are sampled from.

    Args:
        images: `(image, row, column)`; four or fewer can be seen well.
        places: one or two names -> `(image, place, 2)` as (column, row) in pixels; the first rings, the second dots.
        labels: written above each image.

    Raises:
        InputError: no images, or the places of another number of images.
    """
    count = len(images)
    if count == 0 or any(len(points) != count for points in places.values()):
        raise InputError(f"places come for each of {count} images; got {[len(points) for points in places.values()]}.")
    shades = (COLOURS["rate"].light, COLOURS["radix"].dark)
    with styled():
        figure = Picture(figsize=(2.3 * count, 2.7))
        for column, axes in enumerate(figure.subplots(1, count, squeeze=False)[0]):
            axes.imshow(images[column], cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            for (name, points), shade, (mark, size, fill) in zip(places.items(), shades, MARKS, strict=False):
                style = {"color": shade, "markersize": size, "fillstyle": fill, "markeredgewidth": 0.7}
                axes.plot(*points[column].T, mark, label=name, **style)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
            if labels:
                axes.set_title(labels[column], loc="center")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
        return figure
