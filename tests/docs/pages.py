"""The documentation's pages and the blocks of code in them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs"
PAGES = sorted(path for path in FOLDER.rglob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One block of code: its language, its text, and the line where it begins."""

    language: str
    text: str
    line: int


def blocks(page: Path, language: str) -> list[Block]:
    """Return a page's blocks of one language."""
    text = page.read_text()
    return [
        Block(language=found[1], text=found[2], line=text[: found.start()].count("\n") + 2)
        for found in BLOCK.finditer(text)
        if found[1] == language
    ]


def heavy(page: Path) -> bool:
    """Return whether a page says of itself that its code takes long."""
    return page.read_text().startswith("---\nheavy: true\n")


def name(page: Path) -> str:
    """Return what a page is called."""
    return str(page.relative_to(FOLDER))
