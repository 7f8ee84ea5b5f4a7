"""Let mkdocs make the reference from the records of the package while it builds the site."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).parents[2]))  # mkdocs knows this file alone

from docs.reference import conversion, figures, learning, neuroscience
from docs.reference.markdown import Page

FULL = os.environ.get("NEUROBRIDGE_DOCS", "full") == "full"
"""Whether figures are drawn and published numbers measured, which takes minutes; "quick" leaves both out."""

SECTIONS = (
    "codes",
    "rules",
    "models",
    "agents",
    "optimizers",
    "neurons",
    "cables",
    "synapses",
    "plasticity",
    "networks",
)


def pages() -> Iterator[Page]:
    """Yield the whole reference."""
    yield from conversion.pages(FULL)
    yield from learning.pages(FULL)
    yield from neuroscience.pages(FULL)


def on_config(config: MkDocsConfig, **_: Any) -> MkDocsConfig:
    """Make the reference, and put it into the navigation."""
    config.extra["reference"] = made = list(pages())
    navigation = config.nav or []
    navigation.append({"Reference": [section(name, made) for name in SECTIONS] + [{"tasks": "reference/tasks.md"}]})
    return config


def section(name: str, made: list[Page]) -> dict[str, list[Any]]:
    """Return one section's navigation, its overview first."""
    own = [page for page in made if page.path.startswith(f"reference/{name}/")]
    return {name: [page.path if page.path.endswith("index.md") else {page.title: page.path} for page in own]}


def on_files(files: Files, config: MkDocsConfig, **_: Any) -> Files:
    """Add the reference to the site's files."""
    files.append(File.generated(config, "bridge.png", content=figures.bridge()))
    for page in config.extra["reference"]:
        files.append(File.generated(config, page.path, content=page.text))
        folder = page.path.rpartition("/")[0]
        for name, content in page.files.items():
            files.append(File.generated(config, f"{folder}/{name}", content=content))
    return files
