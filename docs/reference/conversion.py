"""Pages of the bridge: one a code, and one a family of lowering rules, from the code itself."""

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import numpy as np

from docs.reference.figures import png
from docs.reference.markdown import Page, code, documented, prose, summary, table
from neurobridge.conversion import rules
from neurobridge.graph.codes import CODES, Code
from neurobridge.plots.style import canvas, colour, styled

STEPS = 8


def pages(full: bool) -> Iterator[Page]:
    """Yield all pages; codes are drawn always, since that takes no time."""
    yield Page(path="reference/codes/index.md", title="Codes", body=code_overview())
    for name, member in CODES.items():
        body = "\n".join(code_parts(name, member))
        yield Page(
            path=f"reference/codes/{name}.md", title=name, body=body, files={f"{name}.png": spikes(name, member)}
        )
    families = sorted({family(rule) for rule in rules.RULES.values()})
    yield Page(path="reference/rules/index.md", title="Lowering rules", body=rule_overview(families))
    for module in families:
        yield Page(path=f"reference/rules/{module}.md", title=title(module), body=rule_parts(module))


def code_overview() -> str:
    """Return a table of all codes."""
    rows = (
        (
            f"[{name}]({name}.md)",
            summary(type(member)),
            f"{member.levels(STEPS)}",
            "all layers at once" if member.streaming else "layer by layer",
            "yes" if member.gates else "no",
        )
        for name, member in CODES.items()
    )
    return table(("code", "a number is", f"levels at T = {STEPS}", "layers work", "carries products"), rows)


def code_parts(name: str, member: Code) -> Iterator[str]:
    """Yield the parts of a code's page."""
    yield documented(type(member))
    weights = ", ".join(f"{weight:g}" for weight in member.weights(STEPS))
    yield "## Parameters\n"
    yield table(
        ("parameter", "meaning", "unit"),
        (
            ("`steps`", "T, the length of a layer's window", "steps"),
            ("levels L", f"the largest number: {member.levels(STEPS)} at T = {STEPS}", "1"),
            ("weights", f"what a spike at each step adds: {weights} at T = {STEPS}", "1"),
        ),
    )
    yield "A value x in [0, theta] is carried as the number n = min(floor(x L / theta + 1/2), L).\n"
    yield "## What it looks like\n"
    yield f"![Spikes of the {name} code]({name}.png)\n"
    yield f"Every row is one number, from 0 below to {member.levels(STEPS)} above; a mark is a spike.\n"
    yield "## Checked number\n"
    numbers = np.arange(member.levels(STEPS) + 1)
    wrong = int((member.decode(member.planes(numbers, STEPS)) != numbers).sum())
    yield f"All {len(numbers)} numbers were written as spikes and read back while this page was made: {wrong} differ.\n"
    yield "## Use it\n"
    yield code(f"neurobridge compare digits --codes {name} --steps {STEPS} --quick", "sh")


def spikes(name: str, member: Code) -> bytes:
    """Return the spikes of evenly spaced numbers as PNG."""
    levels = member.levels(STEPS)
    numbers = np.unique(np.linspace(0, levels, 17).round().astype(int))
    planes = member.planes(numbers, STEPS)
    with styled():
        figure, (axes,) = canvas(2.6)
        steps, rows = np.nonzero(planes)
        axes.scatter(steps + 1, rows, marker="|", s=60, color=colour(name), linewidths=1.8)
        shown = np.linspace(0, len(numbers) - 1, 5).astype(int)
        axes.set_yticks(shown, [str(numbers[row]) for row in shown])
        axes.set(xlabel="step", ylabel="number", xlim=(0.5, STEPS + 0.5))
        return png(figure)


def family(rule: object) -> str:
    """Return the file that a rule's table stands in."""
    return next(name for name in families_by_name() if rule in import_family(name).RULES.values())


def families_by_name() -> tuple[str, ...]:
    """Return the names of the files that have a table of rules."""
    return tuple(
        name for name, member in vars(rules).items() if isinstance(member, ModuleType) and hasattr(member, "RULES")
    )


def import_family(name: str) -> ModuleType:
    """Return a family's module."""
    return import_module(f"neurobridge.conversion.rules.{name}")


def title(module: str) -> str:
    """Return a family's title."""
    return f"Rules: {module}"


def rule_overview(families: list[str]) -> str:
    """Return a table of all families."""
    rows = (
        (
            f"[{name}]({name}.md)",
            prose((import_family(name).__doc__ or "").partition("\n")[0]),
            str(len(import_family(name).RULES)),
        )
        for name in families
    )
    return (
        f"{len(rules.RULES)} operations of PyTorch have a rule; what has none is refused before any work, all at once, "
        "with your source line. [A rule of your own](../../how-to/operation.md) takes five lines.\n\n"
        + table(("family", "what it lowers", "operations"), rows)
    )


def rule_parts(module: str) -> str:
    """Return a family's page: its idea, then every rule with the operations that it serves."""
    found = import_family(module)
    served: dict[object, list[str]] = {}
    for name, rule in found.RULES.items():
        served.setdefault(rule, []).append(name)
    parts = [documented(found)]
    rows = (
        (", ".join(f"`{name}`" for name in names), meaning(found, rule, names[0])) for rule, names in served.items()
    )
    parts.append(table(("operation", "becomes"), rows))
    return "\n".join(parts)


def meaning(module: ModuleType, rule: object, name: str) -> str:
    """Return what a rule says of itself, or what the function that made it says, or what it calls."""
    maker, _, rest = getattr(rule, "__qualname__", "").partition(".")
    if summary(rule):
        return summary(rule)
    if rest and hasattr(module, maker):
        return f"f = {prose(name)}: {summary(getattr(module, maker))}"
    called = [name for name in rule.__code__.co_names if hasattr(module, name)]  # type: ignore[attr-defined]
    return f"as `{called[0]}`: {summary(getattr(module, called[0]))}"
