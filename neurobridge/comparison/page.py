"""One self-contained HTML page: its frame, its style sheet, and figures that follow the page from light to dark."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from neurobridge.comparison.tables import Table
from neurobridge.plots.style import COLOURS

STYLE = """
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1.2rem 1rem 4rem; max-width: 68rem; color: var(--ink); background: var(--page);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.4rem 0 0.2rem; }
h2 { font-size: 1.15rem; margin: 2.6rem 0 0.6rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 0.4rem; }
p, li { max-width: 44rem; }
.lead { color: var(--faint); margin-top: 0; }
.findings { padding-left: 1.1rem; }
.findings li { margin: 0.5rem 0; }
.figures { display: grid; gap: 2rem 3rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
figure { margin: 0; }
figure svg { display: block; width: 100%; max-width: 30rem; height: auto; }
figure svg text { font-family: inherit !important; }
figcaption { font-size: 0.85rem; line-height: 1.45; color: var(--faint); max-width: 30rem; margin-top: 0.4rem; }
.scroll { overflow-x: auto; margin: 0.6rem 0; }
table { border-collapse: collapse; font-size: 0.86rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { text-align: right; padding: 0.28rem 0.8rem 0.28rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; position: sticky; left: 0; background: var(--page); }
table.words th, table.words td { text-align: left; vertical-align: top; }
table.words td:last-child { white-space: normal; min-width: 14rem; }
.note { font-size: 0.85rem; color: var(--faint); margin: 0.2rem 0; }
pre { overflow-x: auto; padding: 0.7rem 0.9rem; border: 1px solid var(--line); border-radius: 6px; font-size: 0.85rem; }
details { margin: 0.8rem 0; }
summary { cursor: pointer; font-weight: 600; }
"""


def variable(name: str) -> str:
    """Return the style sheet's name of a colour."""
    return "--" + re.sub(r"[^a-z]+", "-", name.lower())


def palette() -> str:
    """Return the colours of the figures as variables of the page, light and dark."""

    def block(shades: Iterable[tuple[str, str]]) -> str:
        return " ".join(f"{variable(name)}: {shade};" for name, shade in shades)

    light = block((name, colour.light) for name, colour in COLOURS.items())
    dark = block((name, colour.dark) for name, colour in COLOURS.items())
    return (
        f":root {{ color-scheme: light dark; {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )


def document(title: str, body: Sequence[str]) -> str:
    """Return a whole page.

    Args:
        title: plain text.
        body: its parts, as HTML.
    """
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>\n{palette()}{STYLE}</style>",
            "</head>",
            "<body>",
            *body,
            "</body>",
            "</html>",
            "",
        ]
    )


def figure(name: str, svg: str, caption: str) -> str:
    """Return a figure with its caption.

    Args:
        name: unique on the page.
        svg: a whole SVG file, colours those of the light page.
        caption: plain text.
    """
    label = f'<svg role="img" aria-label="{escape(caption, quote=True)}"'
    drawn = following_the_page(svg, name).replace("<svg", label, 1)
    return f'<figure id="{escape(name)}">\n{drawn}\n<figcaption>{escape(caption)}</figcaption>\n</figure>'


def following_the_page(svg: str, name: str) -> str:
    """Return an SVG as a part of a page: its own names, and the page's colours in place of fixed ones."""
    drawn = svg[svg.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'\bid="', f'id="{name}-', drawn)
    drawn = re.sub(r"(url\(#|href=\"#)", rf"\g<1>{name}-", drawn)
    for meaning, colour in COLOURS.items():
        drawn = drawn.replace(colour.light, f"var({variable(meaning)})")
    return drawn.strip()


def table(content: Table, kind: str = "numbers") -> str:
    """Return a table that scrolls sideways where the page is narrow.

    Args:
        content: the cells.
        kind: "numbers" align to the right, "words" to the left.
    """
    head = "".join(f"<th>{escape(cell)}</th>" for cell in content.header)
    rows = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in content.rows)
    notes = "\n".join(f'<p class="note">{escape(note)}</p>' for note in content.notes)
    return (
        f'<div class="scroll"><table class="{kind}"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>\n{notes}"
    )


def paragraphs(sentences: Iterable[str]) -> str:
    """Return plain sentences as a list."""
    items = "\n".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f'<ul class="findings">\n{items}\n</ul>'


def folded(title: str, content: str) -> str:
    """Return content that opens when its title is clicked."""
    return f"<details><summary>{escape(title)}</summary>\n{content}\n</details>"
