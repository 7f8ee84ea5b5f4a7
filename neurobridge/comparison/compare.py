"""Train a network on a task, convert it with every code and number of steps, and judge all of them alike.

A study lives in one folder. Rows are written as they finish and trained weights are kept, so that a run that is killed
continues where it stopped when it is started again.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, final

from tqdm import tqdm

from neurobridge import tasks
from neurobridge.ann import models, reinforcement
from neurobridge.ann.reinforcement.recipes import practised_in
from neurobridge.comparison import study as studies
from neurobridge.comparison.contenders import LEARNT, QUICK_STEPS, TRAINED, Steps, contenders, planned
from neurobridge.comparison.measures import Row
from neurobridge.comparison.recipes import Learnable, fitting, learnable, untrained
from neurobridge.comparison.report import write
from neurobridge.comparison.runs import Run
from neurobridge.comparison.spiking import carried
from neurobridge.comparison.study import Plan, Study
from neurobridge.comparison.summary import Summary, summary
from neurobridge.comparison.tables import everything
from neurobridge.errors import InputError, UnsupportedOperationError, lookup
from neurobridge.graph.codes import CODES, check_steps
from neurobridge.tasks import Task
from neurobridge.tasks.control import ControlTask

PREFERRED = ("cnn", "lstm", "language-model", "seq2seq", "dqn", "sac")


@final
@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A finished study.

    Args:
        study: its folder and plan.
        rows: one contender on one seed each.
        report: the HTML file.
    """

    study: Study
    rows: tuple[Mapping[str, Any], ...]
    report: Path

    @cached_property
    def summary(self) -> Summary:
        """Means over seeds, with intervals."""
        return summary(self.rows)

    def table(self, width: int = 80) -> str:
        """Return the results as plain text.

        Args:
            width: of the notes under the table, in characters.
        """
        return everything(self.summary, width)


def compare(
    task: str,
    model: str | None = None,
    codes: Sequence[str] | None = None,
    steps: Steps | Iterable[int] | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    out: Path | str | None = None,
    data: Path | str | None = None,
    quick: bool = False,
    watch: Callable[[Row], object] = lambda row: None,
) -> Comparison:
    """Compare a network with its quantised and its spiking forms on a task.

    Args:
        task: one of `neurobridge.tasks.names()`.
        model: one of `neurobridge.models.names()`, or an agent that can act in it; None for the usual one of the task.
        codes: how spikes carry numbers; "shared" is radix with eight neurons for each number; "fine-tuned" and
            "trained" are networks that learn through their spikes, from the converted network or from scratch: of the
            rate code and of leaky neurons, or of the radix code where these cannot carry the network. None for radix,
            and rate where it can carry the network.
        steps: numbers of steps for all codes, or code -> numbers of steps; None for the usual ones.
        seeds: one network is trained for each.
        out: the folder of the study; `reports/TASK` if None.
        data: where the task's data are, for tasks that need it.
        quick: train briefly and try few numbers of steps: a look, not a result.
        watch: called with each row as it finishes.

    A network that so few steps can't carry, such as a softmax whose exponentials are all sent as zero, has no row.

    Raises:
        UnknownNameError: no such task, model or code.
        InputError: no seeds or steps, or `out` holds another study.
        UnsupportedOperationError: a code can't carry the network.
        FileFormatError: the data or the study's files are damaged.
    """
    loaded = learnable(tasks.load(task, data=data))
    name = chosen(loaded, model)
    found = learnable(loaded, name)
    plan = Plan(
        task=task,
        model=name,
        steps=planned(usual_codes(found, name) if codes is None else codes, steps, quick),
        seeds=distinct(seeds),
        data=None if data is None else str(data),
        quick=quick,
    )
    folder = Path(out) if out else Path("reports") / (f"{task}-quick" if quick else task)
    plan = resumed(folder, plan) if quick and steps is None else plan
    if codes is not None and not (folder / studies.MANIFEST).exists():
        check_codes(found, plan)
    study = studies.start(folder, plan)
    rows = study.open_rows()
    everyone = contenders(plan.steps)
    with tqdm(total=len(everyone) * len(plan.seeds), desc="compare", unit="row", disable=None, file=sys.stderr) as bar:
        for seed in plan.seeds:
            run = Run(
                task=found,
                study=study,
                seed=seed,
                rows=rows,
                checkpoints=study.weights / f"{TRAINED}-{seed}",
                left_out=lambda name, error: tqdm.write(f"{name} is left out: {error}", file=sys.stderr),
            )
            bar.update(len(everyone) - len(run.pending(everyone)))
            for row in run.finish():
                bar.update()
                watch(row)
    return Comparison(study=study, rows=tuple(rows.rows), report=write(study))


def resumed(folder: Path, plan: Plan) -> Plan:
    """Return a quick plan, or a folder's own that was begun when three steps were usual of networks that learn."""
    if not (folder / studies.MANIFEST).exists():
        return plan
    there = studies.read(folder).plan
    former = replace(plan, steps={code: LEARNT.get(code, counts) for code, counts in plan.steps.items()})
    return there if there == former else plan


def chosen(task: Task, model: str | None) -> str:
    """Return the name of a network that fits a task: the one asked for, or the usual one."""
    able = fitting(task)
    if model is None:
        usual = practised_in(task.environment) if isinstance(task, ControlTask) else ()
        return next(name for name in (*PREFERRED, *able) if name in (usual or able))
    lookup("model", model, dict.fromkeys((*models.names(), *reinforcement.names())))
    if model not in able:
        raise InputError(f"model {model!r} doesn't fit task {task.name!r}; these do: {', '.join(able)}.")
    return model


def usual_codes(task: Learnable, model: str) -> tuple[str, ...]:
    """Return the codes of a comparison for which none are named.

    Raises:
        UnsupportedOperationError: operations without a spiking form under any code.
    """
    network = untrained(task, model)
    carried("radix", task, network, QUICK_STEPS["radix"][0])
    try:
        carried("rate", task, network, QUICK_STEPS["rate"][0])
    except UnsupportedOperationError:
        return ("radix",)
    return ("radix", "rate")


def check_codes(task: Learnable, plan: Plan) -> None:
    """Refuse a network that a code can't carry, before it is trained.

    Raises:
        InputError: networks that learn from answers, for a task that has none.
        UnsupportedOperationError: operations without a spiking form under a code, all of them with their source lines.
    """
    learnt = [code for code in plan.steps if code in LEARNT]
    if learnt and isinstance(task, ControlTask):
        raise InputError(
            f"{' and '.join(learnt)} networks learn from answers, which task {task.name!r} has not; "
            f"name codes of conversion: --codes {' '.join(CODES)}"
        )
    network = untrained(task, plan.model)
    for code, counts in plan.steps.items():
        try:
            check_steps(carried(code, task, network, counts[0]), counts[-1], f"steps of code {code!r}")
        except UnsupportedOperationError as error:
            others = " ".join(other for other in plan.steps if other != code) or "another code"
            raise UnsupportedOperationError(f"{error}\nTo go on without the {code} code: --codes {others}") from error


def distinct(seeds: Sequence[int]) -> tuple[int, ...]:
    """Return seeds once each, or say why they can't be used."""
    if not seeds or min(seeds) < 0:
        raise InputError(
            f"a comparison needs one seed or more, none below 0; got {', '.join(map(str, seeds)) or 'none'}."
        )
    return tuple(dict.fromkeys(int(seed) for seed in seeds))
