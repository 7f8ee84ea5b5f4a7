"""`neurobridge report DIR`: draw the figures and write the report of a study again, from its rows alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, final

from tyro.conf import Positional, arg

from neurobridge.cli.output import show
from neurobridge.comparison.grid.folder import MANIFEST
from neurobridge.comparison.grid.folder import read as read_grid
from neurobridge.comparison.grid.report import report as report_of_grid
from neurobridge.comparison.grid.standings import findings
from neurobridge.comparison.grid.tables import everything as tables_of_grid
from neurobridge.comparison.report import report
from neurobridge.comparison.study import read
from neurobridge.comparison.summary import summary
from neurobridge.comparison.tables import everything


@final
@dataclass(frozen=True)
class Config:
    """Draw the figures and write the report of a comparison, or of a study over a grid, again.

    Nothing is trained, converted or judged: the rows in the folder are enough, also those of a run that didn't finish.

    Example: neurobridge report reports/digits
    """

    folder: Annotated[Positional[Path], arg(metavar="FOLDER")]
    """The folder that `neurobridge compare` or `neurobridge study` wrote."""
    json: bool = False
    """Print one JSON object instead of words."""


def main(config: Config) -> None:
    """Write the report and say where it is."""
    words, told = (of_a_grid if (config.folder / MANIFEST).exists() else of_a_comparison)(config.folder)
    show(told, f"{words}\n\nreport: {told['report']}", as_json=config.json)


def of_a_comparison(folder: Path) -> tuple[str, dict[str, Any]]:
    """Write what `neurobridge compare` left, and return it in words and as data."""
    page = report(folder)
    study = read(folder)
    words = everything(summary(study.open_rows().rows))
    return words, {"plan": study.plan, "folder": study.folder, "report": page}


def of_a_grid(folder: Path) -> tuple[str, dict[str, Any]]:
    """Write what `neurobridge study` left, and return it in words and as data."""
    page = report_of_grid(folder)
    study = read_grid(folder)
    words = tables_of_grid(findings(study.rows()))
    return words, {"plan": study.grid, "folder": folder, "report": page}
