"""`neurobridge report DIR`: draw the figures and write the report of a comparison again, from its rows alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, final

from tyro.conf import Positional, arg

from neurobridge.cli.output import show
from neurobridge.comparison.report import report
from neurobridge.comparison.study import read
from neurobridge.comparison.summary import summary
from neurobridge.comparison.tables import everything


@final
@dataclass(frozen=True)
class Config:
    """Draw the figures and write the report of a comparison again.

    Nothing is trained, converted or judged: the rows in the folder are enough, also those of a run that didn't finish.

    Example: neurobridge report reports/digits
    """

    folder: Annotated[Positional[Path], arg(metavar="FOLDER")]
    """The folder that `neurobridge compare` wrote."""
    json: bool = False
    """Print one JSON object instead of words."""


def main(config: Config) -> None:
    """Write the report and say where it is."""
    page = report(config.folder)
    study = read(config.folder)
    found = summary(study.open_rows().rows)
    show(
        {"plan": study.plan, "folder": study.folder, "report": page},
        f"{everything(found)}\n\nreport: {page}",
        as_json=config.json,
    )
