"""Pages of what learns: one a network, optimizer, agent and task, from their docstrings and configs."""

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import pairwise
from typing import Any

from docs.reference.figures import path_on_a_valley
from docs.reference.markdown import Page, arguments, code, documented, prose, summary, table
from neurobridge import tasks
from neurobridge.ann import models, optimizers, reinforcement


def pages(full: bool) -> Iterator[Page]:
    """Yield all pages; `full` draws what takes seconds."""
    yield from family("models", "Networks that are trained", resolved(models.MODELS))
    yield from family("agents", "Agents", resolved(reinforcement.AGENTS))
    yield Page(path="reference/optimizers/index.md", title="Optimizers", body=listing(optimizers.OPTIMIZERS))
    for name, member in optimizers.OPTIMIZERS.items():
        figure, reached = path_on_a_valley(name) if full else (b"", "")
        body = "\n".join(optimizer_parts(name, member, reached))
        files = {f"{name}.png": figure} if figure else {}
        yield Page(path=f"reference/optimizers/{name}.md", title=name, body=body, files=files)
    yield Page(path="reference/tasks.md", title="Tasks", body=task_table())


def resolved(places: Mapping[str, str]) -> Mapping[str, Any]:
    """Return name -> class of a table of "module:class"."""
    return {name: place(where) for name, where in places.items()}


def place(where: str) -> Any:
    """Return what "module:attribute" names."""
    module, _, attribute = where.partition(":")
    return getattr(import_module(module), attribute)


def family(folder: str, title: str, members: Mapping[str, Any]) -> Iterator[Page]:
    """Yield the pages of classes with a `Config`."""
    yield Page(path=f"reference/{folder}/index.md", title=title, body=listing(members))
    for name, member in members.items():
        parts = [documented(inspect.getmodule(member)), documented(member), *options(member.Config)]
        yield Page(path=f"reference/{folder}/{name}.md", title=name, body="\n".join(parts))


def listing(members: Mapping[str, Any]) -> str:
    """Return a table of all members."""
    return table(
        ("name", "what it is"), ((f"[{name}]({name}.md)", summary(member)) for name, member in members.items())
    )


def options(config: type) -> Iterator[str]:
    """Yield the options of a config dataclass, from its docstring or from the strings under its fields."""
    told = dict(arguments(config)) | under_fields(config)
    for parent in config.__mro__[1:]:
        if dataclasses.is_dataclass(parent):
            told = dict(arguments(parent)) | told
    rows = [
        (f"`{item.name}`", f"`{default(item)}`", told.get(f"`{item.name}`", "")) for item in dataclasses.fields(config)
    ]
    if rows:
        yield "## Options\n"
        yield table(("option", "unless given", "meaning"), rows)


def default(item: dataclasses.Field) -> str:
    """Return a field's default as Python writes it."""
    if item.default is not dataclasses.MISSING:
        return repr(item.default)
    return repr(item.default_factory()) if item.default_factory is not dataclasses.MISSING else "needed"


def under_fields(config: type) -> dict[str, str]:
    """Return `field` -> the string literal under it."""
    found: dict[str, str] = {}
    for one in reversed(config.__mro__):
        if not dataclasses.is_dataclass(one):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(one))).body[0].body  # type: ignore[attr-defined]
        for first, second in pairwise(body):
            if (
                isinstance(first, ast.AnnAssign)
                and isinstance(second, ast.Expr)
                and isinstance(second.value, ast.Constant)
            ):
                found[f"`{first.target.id}`"] = prose(" ".join(str(second.value.value).split()))  # type: ignore[union-attr]
    return found


def optimizer_parts(name: str, member: Any, reached: str) -> Iterator[str]:
    """Yield the parts of an optimizer's page."""
    if member.__module__.startswith("torch"):
        yield f"PyTorch's own `{member.__module__}.{member.__qualname__}`; its documentation is PyTorch's.\n"
    else:
        yield documented(member)
    yield code(f"{member.__name__}{inspect.signature(member)}")
    aliases = [other for other, one in optimizers.OPTIMIZERS.items() if one is member and other != name]
    if aliases:
        yield f"The same rule is also called {', '.join(f'`{alias}`' for alias in aliases)}.\n"
    if reached:
        yield "## What it does\n"
        yield f"![Its path on a narrow valley]({name}.png)\n"
        yield f"{reached}\n"
    yield "## Use it\n"
    yield code(f"neurobridge train digits mlp --optimizer {name} --learning-rate 0.01 --epochs 2", "sh")


def task_table() -> str:
    """Return a table of all tasks."""
    rows = (
        (f"`{name}`", summary(place(where)), "yes" if name in tasks.NEEDS_DATA else "")
        for name, where in tasks.TASKS.items()
    )
    return table(("task", "what it asks", "needs `--data`"), rows)
