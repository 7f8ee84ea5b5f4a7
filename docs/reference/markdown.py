"""Markdown from plain pieces: prose, tables, code and docstrings."""

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

SECTION = re.compile(r"^(Args|Attributes|Raises|Returns|Yields|Example|Examples|Source|Note):\s*(.*)$")
ENTRY = re.compile(r"^(\*{0,2}[\w.]+(?:, [\w.]+)*)(?: \([^)]*\))?: (.*)$")


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of the reference.

    Args:
        path: under the site's root, ending in .md.
        title: of the page, and in the navigation.
        body: Markdown.
        files: name -> content of files beside it, such as figures.
    """

    path: str
    title: str
    body: str
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The whole file."""
        return f"# {self.title}\n\n{self.body}\n"


def prose(text: str) -> str:
    """Return text whose stars, underscores and brackets are to be seen; what stands in backticks is left alone."""
    parts = re.split(r"(``[^`]+``|`[^`\n]+`)", text)
    return "".join(part if number % 2 else re.sub(r"([*_\[\]<\\])", r"\\\1", part) for number, part in enumerate(parts))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def code(text: str, language: str = "text") -> str:
    """Return a block of code."""
    return f"```{language}\n{inspect.cleandoc(text)}\n```\n"


def documented(thing: object) -> str:
    """Return a docstring as Markdown: paragraphs, equations as code, arguments as a table."""
    parts = (part.strip("\n") for part in pieces(inspect.getdoc(thing) or ""))
    return "\n\n".join(part for part in parts if part) + "\n"


def summary(thing: object) -> str:
    """Return the first paragraph of a docstring in one line."""
    return prose(" ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split()))


def pieces(text: str) -> Iterator[str]:
    """Yield the parts of a docstring."""
    for name, lines in sections(text):
        if name in ("Args", "Attributes", "Raises"):
            heading = {"Args": "parameter", "Attributes": "attribute", "Raises": "error"}[name]
            yield table((heading, "meaning"), entries(lines))
        elif name in ("Example", "Examples"):
            yield code("\n".join(lines), "pycon")
        else:
            yield from paragraphs(lines, f"**{name}.** " if name else "")


def sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (heading, lines); the heading of what comes first is empty."""
    name, lines = "", []
    for line in text.splitlines():
        found = SECTION.match(line)
        if found:
            yield name, lines
            name, lines = found[1], [found[2]] if found[2] else []
        else:
            lines.append(line)
    yield name, lines


def paragraphs(lines: Sequence[str], lead: str = "") -> Iterator[str]:
    """Yield paragraphs; those that are indented are equations."""
    text = inspect.cleandoc("\n".join(lines)) if lead else "\n".join(lines)
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        if not block.strip():
            continue
        for indented, part in runs(block.splitlines()):
            shown = inspect.cleandoc("\n".join(part))
            yield (code("\n".join(part)) if indented else lead + prose(shown.replace("\n", " "))) + "\n"
            lead = "" if not indented else lead


def runs(lines: Sequence[str]) -> Iterator[tuple[bool, list[str]]]:
    """Yield neighbouring lines that are all indented, or all not."""
    held: list[str] = []
    for line in lines:
        if held and line.startswith("    ") != held[0].startswith("    "):
            yield held[0].startswith("    "), held
            held = []
        held.append(line)
    if held:
        yield held[0].startswith("    "), held


def entries(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, meaning) of a section of arguments."""
    name, meaning = "", ""
    for line in inspect.cleandoc("\n".join(lines)).splitlines():
        found = ENTRY.match(line)
        if found and not line.startswith(" "):
            if name:
                yield f"`{name}`", prose(meaning)
            name, meaning = found[1], found[2]
        else:
            meaning = f"{meaning} {line.strip()}".strip()
    if name:
        yield f"`{name}`", prose(meaning)


def arguments(thing: object) -> Iterator[tuple[str, str]]:
    """Yield (name, meaning) of what a docstring's Args describe."""
    for heading, lines in sections(inspect.getdoc(thing) or ""):
        if heading == "Args":
            yield from entries(lines)
