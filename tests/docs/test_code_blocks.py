"""Every block of code in the documentation is run, or, where it needs another machine, read by what would run it."""

import contextlib
import dataclasses
import io
import re
import shlex
from importlib import import_module

import pytest
import torch
import yaml

from neurobridge.cli.main import VERBS
from neurobridge.comparison.grid.reading import EXAMPLE, read
from neurobridge.program import parse
from tests.docs.pages import PAGES, ROOT, blocks, heavy, name

RUN = [pytest.param(page, id=name(page), marks=[pytest.mark.slow] * heavy(page)) for page in PAGES]
COMMANDS = [(page, block) for page in PAGES for block in blocks(page, "sh")]
OTHERS = ("pip", "dask", "kubectl", "torchrun", "export")  # programs of others


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """Work in an empty folder, with one thread."""
    monkeypatch.chdir(tmp_path)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("page", RUN)
def test_the_python_of_a_page_runs_in_order(page, alone):
    names: dict = {"__name__": "__main__"}
    torch.manual_seed(0)
    with contextlib.redirect_stdout(io.StringIO()):
        for block in blocks(page, "python"):
            code = "\n" * (block.line - 1) + block.text  # so that an error names the page's own line
            exec(compile(code, str(page), "exec"), names)


def test_there_is_code_to_run():
    assert sum(len(blocks(page, "python")) for page in PAGES) >= 15


@pytest.mark.parametrize(
    ("page", "block"), [pytest.param(*one, id=f"{name(one[0])}:{one[1].line}") for one in COMMANDS]
)
def test_commands_are_ones_that_exist(page, block):
    for command in block.text.splitlines():
        first, *words = shlex.split(command)
        if first == "neurobridge":
            parsed(words)
        elif first == "make":
            assert f"\n{words[0]}:" in (ROOT / "Makefile").read_text()
        elif first == "python":
            assert words[0] == "-m"
            parse(import_module(words[1]).Config, words[2:])
        else:
            assert first in OTHERS
        if "neurobridge.cli.main" in words:
            parsed(words[words.index("neurobridge.cli.main") + 1 :])


def parsed(words):
    """Read a verb's options as the command line does."""
    module = import_module(VERBS[words[0]][0])
    assert dataclasses.is_dataclass(parse(module.Config, words[1:]))


def test_the_study_with_every_key_is_the_programs_own_example(tmp_path):
    (block,) = blocks(ROOT / "docs" / "how-to" / "study.md", "toml")
    assert block.text == EXAMPLE
    (tmp_path / "mine.toml").write_text(block.text)
    assert len(read(tmp_path / "mine.toml").cells()) == 48


def test_yaml_is_yaml_of_what_it_says():
    (block,) = blocks(ROOT / "docs" / "how-to" / "cluster.md", "yaml")
    told = yaml.safe_load(block.text)
    assert told["kind"] == "DaskCluster"
    assert told["spec"]["worker"]["spec"]["containers"][0]["args"][-2:] == ["--nthreads", "1"]


def test_languages_are_those_that_are_looked_at():
    used = {found for page in PAGES for found in re.findall(r"^```(\w+)", page.read_text(), flags=re.MULTILINE)}
    assert used <= {"python", "sh", "toml", "yaml", "text"}
