"""The report is one file that needs nothing else, and comes from the rows alone."""

import re
from html.parser import HTMLParser

import pytest

from neurobridge.comparison import study
from neurobridge.comparison.page import following_the_page, palette, table, variable
from neurobridge.comparison.report import look, report
from neurobridge.comparison.study import Plan
from neurobridge.comparison.tables import Table
from neurobridge.errors import InputError
from neurobridge.plots.style import COLOURS
from tests.comparison.cases import STEPS, rows

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Tree(HTMLParser):
    """Collects identifiers, references and unclosed tags."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.outside, self.faults = [], [], [], []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.ids += [named["id"]] if "id" in named else []
        self.outside += [value for name, value in attributes if name in ("src", "href") and not value.startswith("#")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = study.start(tmp_path_factory.mktemp("study"), Plan(task="digits", model="cnn", steps=STEPS, seeds=(0, 1)))
    file = made.open_rows()
    for row in rows():
        file.append(row)
    report(made.folder)
    return made.folder


@pytest.fixture(scope="module")
def html(folder):
    return (folder / "report.html").read_text()


@pytest.fixture(scope="module")
def tree(html):
    parsed = Tree()
    parsed.feed(html)
    return parsed


def test_tags_are_closed_and_names_are_unique(tree):
    assert tree.faults == []
    assert tree.open == []
    assert len(tree.ids) == len(set(tree.ids))


def test_nothing_is_fetched(html, tree):
    assert tree.outside == []
    assert not re.search(r"@import|<script|<link|<img|<iframe|url\((?!#)", html)
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_references_inside_figures_resolve(html, tree):
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', html))
    assert used
    assert used <= set(tree.ids)


def test_it_is_readable_on_a_phone_and_in_the_dark(html):
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html
    assert "@media (prefers-color-scheme: dark)" in html
    # no figure keeps a colour of the light page
    figures = "".join(re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL))
    assert figures.count("<svg") == 7
    assert not any(colour.light in figures for colour in COLOURS.values())


def test_all_figures_are_files_too(folder):
    names = {path.stem for path in (folder / "figures").iterdir()}
    assert names == {
        "score-against-steps",
        "loss-against-steps",
        "score-against-spikes",
        "energy",
        "raster-radix-8",
        "raster-rate-16",
        "quantisation-errors",
    }
    for name in names:
        assert (folder / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (folder / "figures" / f"{name}.svg").read_text()


def test_the_sections_are_there(html):
    for words in ("What the numbers say", "Layer by layer", "neurobridge compare digits", "What became of the network"):
        assert words in html
    assert "net.py:3 &lt;script&gt;" in html
    assert "Unfinished" not in html


def test_the_same_rows_give_the_same_file(folder, html):
    report(folder)
    assert (folder / "report.html").read_text() == html


def test_an_unfinished_study_says_so(tmp_path):
    made = study.start(tmp_path, Plan(task="digits", model="cnn", steps=STEPS, seeds=(0, 1)))
    file = made.open_rows()
    for row in rows()[:5]:
        file.append(row)
    assert "Unfinished: 5 of 14 rows." in report(tmp_path).read_text()


@pytest.mark.parametrize(
    ("task", "model", "said"),
    [
        ("digits", "cnn", "networks were trained for 6 epochs instead of"),
        ("cartpole", "dqn", "the agents practised for 4,000 steps at most"),
    ],
)
def test_a_quick_look_is_not_called_a_result(html, task, model, said):
    plan = Plan(task=task, model=model, steps=STEPS, seeds=(0,), quick=True)
    assert f"<strong>A quick look, not a result: {said}" in " ".join(look(plan))
    assert "quick look" not in html


def test_the_page_of_a_quick_look_begins_with_it(tmp_path):
    made = study.start(tmp_path, Plan(task="digits", model="cnn", steps=STEPS, seeds=(0,), quick=True))
    file = made.open_rows()
    for row in rows(seeds=(0,)):
        file.append(row)
    assert "not a result" in report(tmp_path).read_text().split("<h2>")[0]


def test_a_study_without_rows_is_refused(tmp_path):
    study.start(tmp_path, Plan(task="digits", model="cnn", steps=STEPS, seeds=(0,)))
    with pytest.raises(InputError, match="holds no finished network yet"):
        report(tmp_path)


def test_every_colour_can_be_told_from_every_other():
    assert len({colour.light for colour in COLOURS.values()}) == len(COLOURS)
    assert len({variable(name) for name in COLOURS}) == len(COLOURS)
    assert all(f"{variable(name)}: {colour.dark};" in palette() for name, colour in COLOURS.items())


def test_figures_on_one_page_do_not_share_names():
    drawn = following_the_page('<?xml?><svg><path id="a"/><use xlink:href="#a" clip-path="url(#a)"/></svg>', "one")
    assert drawn == '<svg><path id="one-a"/><use xlink:href="#one-a" clip-path="url(#one-a)"/></svg>'


def test_cells_are_text_not_markup():
    assert "&lt;b&gt;" in table(Table(header=("<b>",), rows=(("<b>",),)))
