"""The report of a study over a grid: figures as files and one HTML page, from the rows alone."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from neurobridge.ann.training.checkpoint import write_file
from neurobridge.comparison import page
from neurobridge.comparison.contenders import ANN
from neurobridge.comparison.figures import Drawing
from neurobridge.comparison.grid.folder import GridFolder, read
from neurobridge.comparison.grid.standings import Entry, Findings, findings
from neurobridge.comparison.grid.tables import differences, results, title
from neurobridge.comparison.tables import Table
from neurobridge.errors import InputError
from neurobridge.plots.studies import Point, bounded_points
from neurobridge.plots.style import save, svg


def report(path: Path) -> Path:
    """Draw a study's figures and write its report, and return the HTML file.

    Raises:
        InputError: the folder holds no study over a grid, or no finished network yet.
        FileFormatError: one of its files is damaged.
    """
    return write(read(path))


def write(folder: GridFolder) -> Path:
    """Write the figures and the report of an open study."""
    found = findings(folder.rows())
    if not found.entries:
        raise InputError(f"{folder.path} holds no finished network yet; run the same `neurobridge study` again.")
    drawn = {task: tuple(drawings(found.of(task))) for task in found.tasks}
    for drawings_of_task in drawn.values():
        for drawing in drawings_of_task:
            save(drawing.figure, folder.figures, drawing.name)
    write_file(folder.report, html(folder, found, drawn).encode())
    return folder.report


def drawings(entries: Sequence[Entry]) -> Iterator[Drawing]:
    """Yield the figures of one task."""
    task, metric = entries[0].task, entries[0].summary.metric
    unit = f", {metric['unit']}" if metric["unit"] else ""
    anns = [point(entry) for entry in entries if entry.standing.contender.kind == ANN]
    yield Drawing(
        name=f"{task}-networks",
        figure=bounded_points(anns, f"{metric['name']}{unit}"),
        caption=f"{str(metric['name']).capitalize()} of the trained networks on {task}: mean over seeds, with 95 % "
        "bounds for other test material.",
    )
    losses = [point(entry) for entry in entries if entry.standing.contender.kind != ANN]
    if losses:
        yield Drawing(
            name=f"{task}-losses",
            figure=bounded_points(losses, f"loss against the ANN, {entries[0].summary.unit}", reference=0.0),
            caption=f"What conversion loses on {task}: mean over seeds, with 95 % bounds for other test material and "
            "other seeds. Right of the line the spiking network is worse.",
        )


def point(entry: Entry) -> Point:
    """Return an entry's line in a figure: the score of a trained network, the loss of a converted one."""
    contender, score = entry.standing.contender, entry.standing.score
    if contender.kind == ANN:
        return Point(
            group=entry.model, name=entry.optimizer, colour=ANN, value=score.estimate, low=score.low, high=score.high
        )
    bounds = {"low": entry.loss.low, "high": entry.loss.high} if entry.loss else {}
    return Point(
        group=entry.network,
        name=contender.name,
        colour=contender.code or contender.kind,
        value=entry.standing.loss.estimate,
        **bounds,
    )


def html(folder: GridFolder, found: Findings, drawn: Mapping[str, Sequence[Drawing]]) -> str:
    """Return the whole page."""
    body = [f"<h1>{escape(folder.grid.name)}</h1>", *state(folder, found)]
    for task in found.tasks:
        entries = found.of(task)
        contests = [contest for contest in found.contests if contest.best.task == task]
        figures = "\n".join(page.figure(drawing.name, svg(drawing.figure), drawing.caption) for drawing in drawn[task])
        body += [
            f"<h2>{escape(title(entries))}</h2>",
            *([page.table(differences(contests))] if contests else []),
            page.table(results(entries, folder.grid.presets)),
            f'<div class="figures">\n{figures}\n</div>',
        ]
    versions = Table(header=("", "version"), rows=tuple(folder.versions.items()))
    body += ["<h2>How this was made</h2>", page.table(versions, "words")]
    return page.document(folder.grid.name, body)


def state(folder: GridFolder, found: Findings) -> list[str]:
    """Return how much of a study is done, and what failed."""
    done, everyone = len(folder.finished()), len(folder.grid.cells())
    said = [f'<p class="lead">{done:,} of {everyone:,} cells.</p>']
    failed = Table(header=("cell", "error"), rows=tuple((cell.name, error) for cell, error in folder.failures()))
    if done < everyone or found.unfinished:
        said.append("<p><strong>Unfinished.</strong> The same command continues it.</p>")
    if failed.rows:
        said += [f"<h2>{len(failed.rows)} cells failed</h2>", page.table(failed, "words")]
    return said
