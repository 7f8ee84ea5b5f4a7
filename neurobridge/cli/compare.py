"""`neurobridge compare TASK`: train, convert, judge, and write a report."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, final

from tqdm import tqdm
from tyro.conf import Positional, arg

from neurobridge.cli.output import show
from neurobridge.comparison.compare import Comparison, compare
from neurobridge.comparison.contenders import Contender, Steps
from neurobridge.comparison.measures import Row
from neurobridge.errors import InputError


@final
@dataclass(frozen=True)
class Config:
    """Train a network on a task, convert it without retraining, and judge all of them alike.

    The ANN, the ANN with quantised activations (the fair rival) and the spiking network of every code and number of
    steps T are judged on the same test samples. One folder receives rows as they finish, figures, and a report that is
    one HTML file. A run that was killed goes on where it stopped when the same command is given again.

    Example: neurobridge compare digits --codes radix rate --steps radix=4,8 rate=16,32 --out reports/mine
    """

    task: Annotated[Positional[str], arg(metavar="TASK")]
    """What to learn; `neurobridge tasks` lists them."""
    model: str | None = None
    """Which network; the usual one of the task if left out."""
    codes: tuple[str, ...] = ()
    """How spikes carry numbers: radix (accurate in few steps, layer by layer), shared (radix, eight neurons for each
    number: as fine as three more steps), rate (works on any hardware), latency, signed; and networks that learn through
    their spikes: fine-tuned (after conversion), trained (from scratch), of the rate code and leaky neurons, or of radix
    where these can't carry the network. Radix, and rate where it can carry the network, if left out."""
    steps: tuple[str, ...] = ()
    """T for all codes (4 8 16), or for each (radix=4,8 rate=16,32); the usual ones if left out."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """One network is trained for each."""
    out: Path | None = None
    """The folder of the study; reports/TASK if left out."""
    data: Path | None = None
    """Where the data are, for tasks that read files."""
    quick: bool = False
    """Train for a few epochs and try two T a code: a look, not a result."""
    json: bool = False
    """Print one JSON object instead of words."""


def main(config: Config) -> None:
    """Run the comparison; rows appear as they finish, the last line says where the report is."""
    found = compare(
        config.task,
        config.model,
        codes=config.codes or None,
        steps=parsed(config.steps),
        seeds=config.seeds,
        out=config.out,
        data=config.data,
        quick=config.quick,
        watch=lambda row: None if config.json else tqdm.write(line(row)),
    )
    show(described(found), f"\n{found.table()}\n\nreport: {found.report}", as_json=config.json)


def parsed(words: Iterable[str]) -> Steps | tuple[int, ...] | None:
    """Return the numbers of steps that `--steps` names, for all codes or for each.

    Raises:
        InputError: a word that is neither a number nor CODE=NUMBER,NUMBER.
    """
    words = tuple(words)
    named = {code: numbers for code, equals, numbers in (word.partition("=") for word in words) if equals}
    try:
        if len(named) == len(words) and words:
            return {code: tuple(int(number) for number in numbers.split(",")) for code, numbers in named.items()}
        return tuple(int(number) for number in words) or None
    except ValueError:
        raise InputError(
            f"--steps {' '.join(words)} can't be read; give numbers, as in --steps 4 8 16, or numbers for each code "
            "once, as in --steps radix=4,8 rate=16,32."
        ) from None


def line(row: Row) -> str:
    """Return what is shown of a row when it finishes."""
    contender = Contender(kind=row.kind, code=row.code, steps=row.steps)
    score = f"{row.metric['name']} {row.score:.4g} {row.metric['unit']}".rstrip()
    spikes = "" if row.spikes is None else f"  {row.spikes:,.0f} spikes in {row.latency} steps"
    return f"seed {row.seed}  {contender.name:<10}  {score}{spikes}"


def described(found: Comparison) -> dict[str, object]:
    """Return the result as data: what was asked for, where it lies, and every contender's standing."""
    return {
        "plan": found.study.plan,
        "versions": found.study.versions,
        "folder": found.study.folder,
        "report": found.report,
        "metric": found.summary.metric,
        "samples": found.summary.samples,
        "standings": [{"name": standing.contender.name, **vars(standing)} for standing in found.summary.standings],
    }
