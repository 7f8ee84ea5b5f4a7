"""The tables of a study over a grid: plain text of 80 columns, and the same cells for a page."""

from collections.abc import Callable, Sequence
from functools import partial

from neurobridge.comparison.contenders import ANN
from neurobridge.comparison.differences import Difference
from neurobridge.comparison.grid.standings import Contest, Entry, Findings
from neurobridge.comparison.tables import WIDTH, Table, count, nanojoules, percent, signed, wrapped

LOSSES = (
    "loss: how much worse than the ANN that was converted, in {unit}; mean over seeds, with 95 % bounds for other test "
    "material and other seeds (both resampled), and p of spiking networks corrected for all of the study's (Holm)."
)
CONTESTS = (
    "behind: how much worse than the best network of the task, in {unit}; bounds and p likewise, seeds drawn for each "
    "network on its own. Of n seeds the spread between networks is taken (n - 1)/n too small; of one, as none."
)


def results(entries: Sequence[Entry], presets: Sequence[str]) -> Table:
    """Return where the contenders of one task stand.

    Args:
        entries: of one task.
        presets: energy presets, a column each.
    """
    first = entries[0].summary
    name = str(first.metric["name"])
    columns: dict[str, Callable[[Entry], str]] = {
        "network": lambda entry: entry.network,
        "as": lambda entry: entry.standing.contender.name,
        name if len(name) <= 8 else "score": lambda entry: signed(entry.standing.score.estimate, first.decimals),
        "loss [95 % bounds]": lambda entry: loss(entry),
        "p": lambda entry: chance(entry.p),
        "agree %": lambda entry: percent(entry.standing.agreement),
        "steps": lambda entry: count(entry.standing.latency),
        "spikes": lambda entry: count(entry.standing.spikes),
        **{f"nJ, {preset}": partial(price, preset=preset) for preset in presets},
    }
    return Table(
        header=tuple(columns),
        rows=tuple(tuple(cell(entry) for cell in columns.values()) for entry in entries),
        notes=(LOSSES.format(unit=first.unit),),
    )


def differences(contests: Sequence[Contest]) -> Table:
    """Return the best trained network of one task against its others."""
    first = contests[0].best.summary
    return Table(
        header=("network", "score", "behind [95 % bounds]", "p"),
        rows=(
            (contests[0].best.network, signed(contests[0].best.standing.score.estimate, first.decimals), "best", ""),
            *(
                (
                    contest.other.network,
                    signed(contest.other.standing.score.estimate, first.decimals),
                    bounded(contest.behind, first.decimals),
                    chance(contest.p),
                )
                for contest in contests
            ),
        ),
        notes=(CONTESTS.format(unit=first.unit),),
    )


def price(entry: Entry, preset: str) -> str:
    """Return the energy of one inference."""
    return nanojoules(entry.standing, preset)


def loss(entry: Entry) -> str:
    """Return a loss with its bounds; nothing for the ANN itself."""
    if entry.standing.contender.kind == ANN:
        return ""
    decimals = entry.summary.decimals
    return bounded(entry.loss, decimals) if entry.loss else signed(entry.standing.loss.estimate, decimals)


def bounded(difference: Difference | None, decimals: int) -> str:
    """Return a difference with its bounds."""
    if difference is None:
        return ""
    shown = [signed(value, decimals) for value in (difference.estimate, difference.low, difference.high)]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def chance(p: float | None) -> str:
    """Return a p value with two figures; a bootstrap can't tell those below a thousandth apart."""
    return "" if p is None else "<0.001" if p < 0.001 else f"{p:.2g}"


def everything(found: Findings, width: int = WIDTH) -> str:
    """Return what a terminal shows at the end: every task's losses, then its networks against each other."""
    parts: list[str] = []
    for task in found.tasks:
        entries = found.of(task)
        table = results(entries, ())
        parts += [title(entries), "", table.text(width), "", *wrapped(table.notes, width), ""]
        contests = [contest for contest in found.contests if contest.best.task == task]
        if contests:
            table = differences(contests)
            parts += [table.text(width), "", *wrapped(table.notes, width), ""]
    return "\n".join(parts).rstrip()


def title(entries: Sequence[Entry]) -> str:
    """Return one line on what a task's tables are about."""
    first = entries[0].summary
    origins = f" of {first.groups} originals" if 0 < first.groups < first.samples else ""
    return f"{first.task}: {first.samples} test samples{origins}, seeds {' '.join(map(str, first.seeds))}"
