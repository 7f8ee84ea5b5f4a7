"""The whole site is built with figures and measured numbers, warnings as errors, and no link of it is broken."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse

import pytest

from tests.docs.pages import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]


class Links(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.names = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self.names |= {told[name] for name in ("id", "name") if told.get(name)}
        self.targets += [told[name] for name in ("href", "src") if told.get(name)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(out)]
    told = {"NEUROBRIDGE_DOCS": "full", "NO_MKDOCS_2_WARNING": "1"}  # the second is an advertisement of the theme's
    built = subprocess.run(words, cwd=ROOT, env={**os.environ, **told}, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr[-3000:]
    assert "WARNING" not in built.stderr
    return out


@pytest.fixture(scope="module")
def pages(site):
    return {path: Links(path.read_text()) for path in site.rglob("*.html")}


def test_no_link_is_broken(site, pages):
    broken, seen = [], 0
    for page, links in pages.items():
        for target in links.targets:
            place, anchor = urldefrag(target)
            if urlparse(target).scheme or page.name == "404.html":
                continue
            seen += 1
            found = resolved(site, page, place)
            if not found.exists() or (anchor and found.suffix == ".html" and unquote(anchor) not in pages[found].names):
                broken.append(f"{page.relative_to(site)}: {target}")
    assert broken == []
    assert seen > 1000


def resolved(site: Path, page: Path, place: str) -> Path:
    """Return the file that a link leads to."""
    if not place:
        return page
    path = (site / unquote(place).lstrip("/")) if place.startswith("/") else (page.parent / unquote(place)).resolve()
    return path / "index.html" if path.is_dir() else path


def test_every_picture_has_words(pages):
    for path in pages:
        for image in re.findall(r"<img [^>]*>", path.read_text()):
            assert re.search(r'alt="[^"]+"', image) or "logo" in image, (path, image)


def test_pages_hold_measured_numbers_within_the_published_ones(site):
    text = (site / "reference" / "neurons" / "hodgkin-huxley" / "index.html").read_text()
    rows = re.findall(r"<td>([-.\de]+)</td>\s*<td>([-.\de]+) ± ([-.\de]+)</td>", text)
    assert len(rows) >= 3
    for measured, target, tolerance in rows:
        # six figures of each are shown
        assert abs(float(measured) - float(target)) <= float(tolerance) * 1.1 + 1e-5 * abs(float(target))


def test_neurons_synapses_and_optimizers_have_figures(site):
    for name in ("neurons/leaky/leaky", "synapses/nmda/nmda", "plasticity/pair/pair", "optimizers/adam/adam"):
        folder, _, file = name.rpartition("/")
        assert any((site / "reference").rglob(f"{file}.png")), folder
    assert (site / "bridge.png").exists()
