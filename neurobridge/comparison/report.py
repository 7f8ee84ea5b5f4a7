"""The report of a study: figures as files, and one HTML page that needs nothing else."""

import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from neurobridge.comparison import page
from neurobridge.comparison.contenders import contenders
from neurobridge.comparison.energy import PRESETS
from neurobridge.comparison.figures import Drawing, drawings, headline_rows
from neurobridge.comparison.practice import practice
from neurobridge.comparison.prose import findings, quick_look
from neurobridge.comparison.study import Plan, Study, read
from neurobridge.comparison.summary import Rows, Summary, summary
from neurobridge.comparison.tables import Table, activity, count, decimal, disturbed, heading, played, results
from neurobridge.plots.style import save, svg


def report(folder: Path | str) -> Path:
    """Draw a study's figures and write its report again, from its rows alone.

    Args:
        folder: of the study.

    Returns:
        The HTML file.

    Raises:
        InputError: the folder holds no study, or no finished network yet.
        FileFormatError: its manifest or its rows are damaged.
    """
    return write(read(Path(folder)))


def write(study: Study) -> Path:
    """Write the figures and the report of a study and return the HTML file."""
    rows = study.open_rows().rows
    found = summary(rows)
    drawn = (*drawings(found, rows), *practice(study))
    for drawing in drawn:
        save(drawing.figure, study.figures, drawing.name)
    unfinished = study.report.with_suffix(".part")
    unfinished.write_text(html(study, found, rows, drawn), encoding="utf-8")
    os.replace(unfinished, study.report)
    return study.report


def html(study: Study, found: Summary, rows: Rows, drawn: Sequence[Drawing]) -> str:
    """Return the whole page."""
    title = f"{found.task}: {found.model} and its spiking equivalents"
    figures = "\n".join(page.figure(drawing.name, svg(drawing.figure), drawing.caption) for drawing in drawn)
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="lead">{escape(heading(found))}</p>',
        *look(study.plan),
        *missing(study, rows),
        "<h2>What the numbers say</h2>",
        page.paragraphs(findings(found, study.plan)),
        "<h2>Results</h2>",
        page.table(results(found)),
        *(page.table(table) for table in [played(found)] if table is not None),
        "<h2>Figures</h2>",
        f'<div class="figures">\n{figures}\n</div>',
        *("<h2>Under disturbance</h2>\n" + page.table(table) for table in [disturbed(found)] if table),
        "<h2>What one inference takes</h2>",
        page.table(activity(found)),
        "<h2>Layer by layer</h2>",
        *(layer_section(row) for row in headline_rows(found, rows) if row["layers"]),
        "<h2>How this was made</h2>",
        provenance(study),
    ]
    return page.document(title, body)


def look(plan: Plan) -> list[str]:
    """Return a warning if the study was cut short."""
    said = quick_look(plan)
    return [f"<p><strong>{escape(said)}</strong></p>"] if said else []


def missing(study: Study, rows: Rows) -> list[str]:
    """Return a warning if the study isn't finished."""
    wanted = len(contenders(study.plan.steps)) * len(study.plan.seeds)
    if len(rows) >= wanted:
        return []
    return [
        f"<p><strong>Unfinished: {len(rows)} of {wanted} rows.</strong> "
        "The same command continues it; networks that so few steps can't carry stay missing.</p>"
    ]


def layer_section(row: Mapping[str, Any]) -> str:
    """Return a network's certificate and what became of its operations."""
    title = f"{row['code']}, T = {row['steps']}, seed {row['seed']}"
    return "\n".join(
        [
            f"<h3>{escape(title)}</h3>",
            page.table(certificate(row["layers"])),
            page.folded(
                f"What became of the network's {len(row['spiking'])} operations",
                page.table(operations(row["spiking"]), "words"),
            ),
        ]
    )


def certificate(layers: Sequence[Mapping[str, Any]]) -> Table:
    """Return range, clipping, error and spikes of each population."""
    return Table(
        header=("population", "neurons", "function", "range", "seen", "clipped", "error", "spikes/neuron"),
        rows=tuple(
            (
                str(layer["population"]),
                count(layer["neurons"]),
                str(layer["function"]),
                span(layer["low"], layer["theta_max"]),
                span(layer["observed_min"], layer["observed_max"]),
                share(layer["clipped"]),
                share(layer["error"]),
                decimal(layer["spikes_per_neuron"]),
            )
            for layer in layers
        ),
        notes=(
            "range: what the neurons can say, of the widest channel; seen: what they were asked to say on calibration "
            "data; clipped: share of activations beyond the range; error: of the spikes against the activations, root "
            "mean square, relative.",
        ),
    )


def span(low: float | None, high: float | None) -> str:
    """Return a range."""
    return "" if low is None or high is None else f"{low:.3g} to {high:.3g}"


def share(value: float | None) -> str:
    """Return a share in percent with two figures."""
    return "" if value is None else f"{100 * value:.2g} %"


def operations(spiking: Sequence[Mapping[str, str]]) -> Table:
    """Return what became of each operation of the network."""
    return Table(
        header=("node", "kind", "made from"),
        rows=tuple(
            tuple(str(operation.get(name, "") or "") for name in ("node", "kind", "operation")) for operation in spiking
        ),
    )


def provenance(study: Study) -> str:
    """Return the command, the versions and the sources of the energy figures."""
    versions = Table(header=("", "version"), rows=tuple(study.versions.items()))
    prices = Table(
        header=("preset", "MAC, pJ", "accumulate, pJ", "source"),
        rows=tuple((name, f"{price.mac:g}", f"{price.accumulate:g}", price.source) for name, price in PRESETS.items()),
        notes=(
            "Break-even: M. Dampfhoffer, T. Mesquida, A. Valentian and L. Anghel 2023, IEEE TETCI 7(3). The quantised "
            "ANN computes the radix network's numbers; its multiply-accumulates are charged at 8 bits, also where it "
            "needs fewer. 8-bit prices assume that weights of 8 bits do; accuracies are with 32-bit weights.",
        ),
    )
    return "\n".join(
        [f"<pre>{escape(study.command)}</pre>", page.table(versions, "words"), page.table(prices, "words")]
    )
