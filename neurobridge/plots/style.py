"""How every figure looks: one palette, one type size, no frame, and files in PNG and SVG.

Colours are those of M. Okabe and K. Ito 2008, which people with any kind of colour vision tell apart, some
darkened to stand out from a white page; each has a lighter twin for dark pages. Figures are as wide as a
telephone is, so that their text can be read there.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurobridge.errors import lookup

WIDTH = 4.0  # inches
ON_SCREEN = 160  # dots per inch


@final
@dataclass(frozen=True, kw_only=True)
class Colour:
    """One meaning's colour on a light and on a dark page."""

    light: str
    dark: str


COLOURS: Mapping[str, Colour] = {
    "ink": Colour(light="#1f2328", dark="#e6e6e6"),
    "faint": Colour(light="#6a7077", dark="#9aa0a6"),
    "line": Colour(light="#d5d8dc", dark="#3c4148"),
    "page": Colour(light="#ffffff", dark="#16181c"),
    "ANN": Colour(light="#4d5359", dark="#c3c7cc"),
    "quantised ANN": Colour(light="#b0578d", dark="#e29fc6"),
    "radix": Colour(light="#0072b2", dark="#56b4e9"),
    "shared": Colour(light="#0b2e6f", dark="#a9c6ff"),
    "rate": Colour(light="#d55e00", dark="#ff9248"),
    "signed": Colour(light="#009e73", dark="#3fd0a4"),
    "latency": Colour(light="#a67600", dark="#f0c04a"),
    "fine-tuned": Colour(light="#7a1f2b", dark="#e08a95"),
    "trained": Colour(light="#6a51a3", dark="#b9a7e8"),
}

SETTINGS: Mapping[str, Any] = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": COLOURS["faint"].light,
    "axes.labelcolor": COLOURS["ink"].light,
    "axes.titlecolor": COLOURS["ink"].light,
    "text.color": COLOURS["ink"].light,
    "xtick.color": COLOURS["faint"].light,
    "ytick.color": COLOURS["faint"].light,
    "xtick.labelcolor": COLOURS["ink"].light,
    "ytick.labelcolor": COLOURS["ink"].light,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
    "lines.solid_capstyle": "round",
    "figure.constrained_layout.use": True,
    "figure.facecolor": COLOURS["page"].light,
    "axes.facecolor": "none",
    "savefig.dpi": 300,
    "svg.fonttype": "none",  # text stays text: it can be searched, and takes the page's font
    "svg.hashsalt": "neurobridge",  # the same figure is the same file
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw or save inside this: the settings hold there and nowhere else."""
    with matplotlib.rc_context(cast(Any, SETTINGS)):
        yield


def colour(name: str) -> str:
    """Return the light page's colour of a code or of an ANN; names that have none are drawn in ink."""
    return COLOURS.get(name, COLOURS["ink"]).light


@final
class Picture(Figure):
    """A figure that notebooks show by themselves, whatever their backend."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        with styled():
            self.savefig(buffer, format="png", dpi=ON_SCREEN)
        return buffer.getvalue()


def canvas(height: float, rows: int = 1, width: float = WIDTH, **options: Any) -> tuple[Figure, list[Axes]]:
    """Return an empty figure and its axes from top to bottom.

    Args:
        height: in inches.
        rows: how many axes.
        width: in inches.
        options: passed to `Figure.subplots`.
    """
    figure = Picture(figsize=(width, height))
    axes = figure.subplots(rows, squeeze=False, **options)[:, 0]
    return figure, list(axes)


def svg(figure: Figure) -> str:
    """Return a figure as SVG text without a background, colours still those of the light page."""
    buffer = io.StringIO()
    with styled():
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return buffer.getvalue()


SAVED_AS = ("png", "svg")


def save(figure: Figure, folder: Path, name: str) -> tuple[Path, ...]:
    """Write a figure as PNG and as SVG and return the two paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{name}.{kind}" for kind in SAVED_AS)
    with styled():
        for path in paths:
            figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    return paths


def shade(name: str, dark: bool) -> str:
    """Return one of `COLOURS` as a page needs it.

    Raises:
        UnknownNameError: there is no such colour.
    """
    found = lookup("colour", name, COLOURS)
    return found.dark if dark else found.light
