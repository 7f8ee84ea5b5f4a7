"""`neurobridge tasks`: what networks can be asked to do, and the networks and agents there are."""

import textwrap
from dataclasses import dataclass
from importlib import import_module
from typing import final

from neurobridge import tasks
from neurobridge.ann import models, reinforcement
from neurobridge.cli.output import show


@final
@dataclass(frozen=True)
class Config:
    """List the tasks, the networks and the agents.

    Example: neurobridge tasks --json
    """

    json: bool = False
    """Print one JSON object instead of words."""


def main(config: Config) -> None:
    """Print the lists."""
    found = {
        "tasks": [
            {"name": name, "about": about(tasks.TASKS[name]), "needs_data": name in tasks.NEEDS_DATA}
            for name in tasks.names()
        ],
        "models": [{"name": name, "about": about(models.MODELS[name])} for name in models.names()],
        "agents": [{"name": name, "about": about(reinforcement.AGENTS[name])} for name in reinforcement.names()],
    }
    show(found, words(found), as_json=config.json)


def about(place: str) -> str:
    """Return the first line that a table's entry says of itself."""
    module, _, attribute = place.partition(":")
    return (getattr(import_module(module), attribute).__doc__ or "").partition("\n")[0]


def words(found: dict) -> str:
    """Return the lists as text."""
    lines = []
    widest = max(len(member["name"]) for members in found.values() for member in members)
    for title, members in found.items():
        lines.append(title)
        for member in members:
            note = " Needs --data DIRECTORY." if member.get("needs_data") else ""
            lines += textwrap.wrap(
                member["about"] + note,
                width=80,
                initial_indent=f"  {member['name']:<{widest}}  ",
                subsequent_indent=(widest + 4) * " ",
                break_on_hyphens=False,
            )
        lines.append("")
    lines.append("Try: neurobridge compare digits --model cnn --quick")
    return "\n".join(lines)
