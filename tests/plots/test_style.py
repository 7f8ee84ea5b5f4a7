"""Figures leave matplotlib's own settings alone, and their colours can be read."""

import matplotlib
import pytest

from neurobridge.errors import UnknownNameError
from neurobridge.plots.style import COLOURS, canvas, colour, save, shade, styled, svg


def luminance(value: str) -> float:
    """Return the relative luminance of a colour as WCAG 2 defines it."""
    parts = [int(value[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", sorted(set(COLOURS) - {"page", "line"}))
@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_stands_out_from_the_page(name, dark):
    # WCAG 2.1 asks 3 : 1 of graphics and of large text, 4.5 : 1 of running text
    assert contrast(shade(name, dark), shade("page", dark)) >= (4.5 if name in ("ink", "faint") else 3.0)


def test_settings_end_with_the_figure():
    before = dict(matplotlib.rcParams)
    with styled():
        figure, _ = canvas(2.0)
    svg(figure)
    assert dict(matplotlib.rcParams) == before


def test_a_figure_is_two_files_and_the_same_ones_again(tmp_path):
    with styled():
        figure, (axes,) = canvas(2.0)
        axes.plot([0, 1], [0, 1], color=colour("radix"))
        axes.set_title("words stay words")
    first = [path.read_bytes() for path in save(figure, tmp_path / "figures", "line")]
    second = [path.read_bytes() for path in save(figure, tmp_path / "figures", "line")]
    assert first == second
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == ["line.png", "line.svg"]
    assert b"words stay words" in first[1]


def test_a_name_without_a_colour_is_drawn_in_ink_but_has_no_shade():
    assert colour("burst") == COLOURS["ink"].light
    with pytest.raises(UnknownNameError, match="unknown colour 'radixx'; did you mean 'radix'"):
        shade("radixx", dark=False)


def test_notebooks_show_figures_by_themselves():
    figure, _ = canvas(1.0)
    png = figure._repr_png_()
    assert png.startswith(b"\x89PNG") and int.from_bytes(png[16:20], "big") == 640  # 4 inches at 160 dots
