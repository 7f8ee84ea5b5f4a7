"""The reference is made from the records: every member of every table has its page, and the page says what it must."""

import pytest
import yaml

from docs.reference import conversion, learning, neuroscience
from docs.reference.markdown import documented, prose, table
from neurobridge.ann import models, optimizers, reinforcement
from neurobridge.conversion.rules import RULES
from neurobridge.graph.codes import CODES
from neurobridge.neuro.checks import CHECKS
from neurobridge.neuro.networks import NETWORKS
from neurobridge.neuro.neurons import NEURONS
from neurobridge.neuro.synapses import SYNAPSES
from tests.docs.pages import ROOT


@pytest.fixture(scope="module")
def pages():
    made = [page for family in (conversion, learning, neuroscience) for page in family.pages(False)]
    assert len({page.path for page in made}) == len(made)
    return {page.path: page for page in made}


def test_every_member_has_a_page(pages):
    tables = {
        "models": models.MODELS,
        "agents": reinforcement.AGENTS,
        "optimizers": optimizers.OPTIMIZERS,
        "codes": CODES,
    }
    tables |= dict(neuroscience.BANK.values())
    for folder, members in tables.items():
        assert members
        for name in members:
            page = pages[f"reference/{folder}/{name}.md"]
            assert f"[{name}]({name}.md)" in pages[f"reference/{folder}/index.md"].body
            assert len(page.body) > 120, page.path


def test_every_lowering_rule_is_on_a_page_and_says_what_it_becomes(pages):
    rules = [page for path, page in pages.items() if path.startswith("reference/rules/") and "index" not in path]
    for name in RULES:
        lines = [line for page in rules for line in page.body.splitlines() if f"`{name}`" in line.partition(" | ")[0]]
        assert len(lines) == 1, name
        assert len(lines[0].split(" | ")[1].rstrip(" |")) > 2, name


@pytest.mark.parametrize("folder", ["neurons", "synapses", "plasticity", "cables"])
def test_models_have_equations_parameters_with_units_and_a_source(pages, folder):
    for name, record in dict(neuroscience.BANK.values())[folder].items():
        body = pages[f"reference/{folder}/{name}.md"].body
        assert neuroscience.prose(getattr(record, "reference", "")) in body
        for parameter in getattr(record, "parameters", {}):
            assert f"`{parameter}`" in body, (name, parameter)


def test_the_leaky_neuron_by_hand(pages):
    body = pages["reference/neurons/leaky.md"].body
    for line in ("dv/dt = (E_L - v + R*I)/tau", "threshold: v > V_th", "| `tau` | 8 | ms |", "| `R` | 10 | Mohm |"):
        assert line in body
    assert "leaky: rheobase \\[nA\\]" in body
    assert "neurobridge simulate leaky" in body


def test_names_of_published_numbers_are_found():
    known = {name for _, members in neuroscience.BANK.values() for name in members}
    assert set(neuroscience.CHECKED_AS) <= known
    for name in neuroscience.CHECKED_AS:
        assert neuroscience.checks_of(name), name
    for name in known:  # the command that a page gives finds the first of them
        if found := neuroscience.checks_of(name):
            assert any(neuroscience.beginnings(name)[0] in check.name for check in found)
    shown = {check.name for name in known for check in neuroscience.checks_of(name)}
    assert len(shown) > 0.7 * len(CHECKS)


def test_a_code_page_reads_back_every_number_it_writes(pages):
    for name in CODES:
        assert "while this page was made: 0 differ" in pages[f"reference/codes/{name}.md"].body
        assert pages[f"reference/codes/{name}.md"].files[f"{name}.png"].startswith(b"\x89PNG")


def test_a_docstring_becomes_paragraphs_equations_and_tables():
    def thing():
        """Do it: x * y.

            v <- v + x

        More.

        Args:
            first: what
                it is.
            second: a | b.

        Source: somebody 1900.
        """

    assert documented(thing).splitlines() == [
        "Do it: x \\* y.", "", "```text", "v <- v + x", "```", "", "More.", "",
        "| parameter | meaning |", "| --- | --- |", "| `first` | what it is. |", "| `second` | a \\| b. |", "",
        "**Source.** somebody 1900.",
    ]  # fmt: skip


def test_prose_leaves_code_alone():
    assert prose("a_b `c_d` <e>") == "a\\_b `c_d` \\<e>"
    assert table(("a",), [("x|y",)]).splitlines()[2] == "| x\\|y |"


def test_the_navigation_holds_every_written_page():
    text = (ROOT / "mkdocs.yml").read_text()
    written = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    listed = str(yaml.safe_load(text)["nav"])
    assert [page for page in written if page not in listed] == []


def test_figures_are_those_of_the_record_though_two_share_a_name():
    neuron, synapse = NEURONS["exponential"], SYNAPSES["exponential"]
    assert "neurobridge simulate neuron:exponential" in "".join(neuroscience.how("exponential", neuron))
    assert "neurobridge simulate synapse:exponential" in "".join(neuroscience.how("exponential", synapse))
    assert neuroscience.drawn("exponential", synapse) == neuroscience.drawn("exponential", synapse)
    assert neuroscience.drawn("exponential", synapse) != neuroscience.drawn("exponential", neuron)


def test_networks_that_take_seconds_are_drawn_and_the_others_are_not():
    assert neuroscience.drawn("synfire", NETWORKS["synfire"]).startswith(b"\x89PNG")
    assert neuroscience.caption("synfire") == "a run of 120 ms"
    assert neuroscience.drawn("brunel", NETWORKS["brunel"]) is None
    assert set(neuroscience.SHORT_RUNS) <= set(NETWORKS)
