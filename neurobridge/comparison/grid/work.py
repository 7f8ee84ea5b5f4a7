"""The work of one worker: train a network, or measure a cell of a trained one. No files but training checkpoints."""

import json
import platform
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, final

import torch
from safetensors.torch import load as tensors_of
from safetensors.torch import save as bytes_of
from torch import nn

from neurobridge.ann.training.checkpoint import fill
from neurobridge.ann.training.fit import fit_cached
from neurobridge.comparison.contenders import ANN
from neurobridge.comparison.grid.material import network_of, options_of, task_of
from neurobridge.comparison.grid.plan import Cell, Grid, Network
from neurobridge.comparison.rows import RowFile
from neurobridge.comparison.runs import Run
from neurobridge.comparison.study import Plan, Study, versions
from neurobridge.errors import NeurobridgeError

NOWHERE = Path("unwritten")
ALONE = threading.Lock()  # training owns the process's random state, so threads of one worker take turns


@final
@dataclass(frozen=True, kw_only=True)
class Job:
    """What a worker is sent.

    Args:
        grid: the study.
        network: to be trained, or the trained one.
        cell: to be measured; None to train.
        weights: of the trained network.
        checkpoints: where a training that is cut short leaves them, if the worker sees that folder.
    """

    grid: Grid
    network: Network
    cell: Cell | None = None
    weights: bytes = b""
    checkpoints: Path | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.cell.name if self.cell else self.network.name


@final
@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a worker sends back: weights of a training, rows of a cell, or an error.

    Args:
        weights: a safetensors file.
        rows: of the cell's contenders.
        error: what went wrong, in words.
        trace: where, for errors that are faults of neurobridge.
        host: name of the machine.
        seconds: wall time.
        versions: package -> version on the worker.
    """

    weights: bytes = b""
    rows: tuple[Mapping[str, Any], ...] = ()
    error: str = ""
    trace: str = ""
    host: str = ""
    seconds: float = 0.0
    versions: Mapping[str, str] | None = None


def perform(job: Job) -> Outcome:
    """Do a job in one thread; an exception becomes an outcome, so that the others go on."""
    begun = time.perf_counter()
    with ALONE:
        torch.set_num_threads(1)  # sums in another order would make other rows on another machine
        try:
            done = Outcome(rows=measured(job)) if job.cell else Outcome(weights=trained(job))
        except NeurobridgeError as error:
            done = Outcome(error=f"{type(error).__name__}: {error}")
        except Exception as error:  # whatever it is, it must not end a study of days
            done = Outcome(error=f"{type(error).__name__}: {error}", trace=traceback.format_exc())
    return replace(done, host=platform.node(), seconds=time.perf_counter() - begun, versions=versions())


def trained(job: Job) -> bytes:
    """Return the weights of a job's network, trained from where a killed worker left it if that can be seen."""
    seen = job.checkpoints is not None and job.checkpoints.parent.is_dir()
    with nullcontext(job.checkpoints) if seen else TemporaryDirectory() as folder:
        task = task_of(job.grid, job.network.task)
        config = job.grid.settings(job.network)
        options = options_of(job.grid, job.network.model)
        model, _ = fit_cached(task, job.network.model, job.network.seed, str(folder), config=config, **options)
        return bytes_of({name: tensor.cpu().clone() for name, tensor in model.state_dict().items()})


def measured(job: Job) -> tuple[Mapping[str, Any], ...]:
    """Return the rows of a job's cell."""
    assert job.cell is not None
    cell, model = job.cell, revived(job)
    steps = {} if cell.code is None or cell.steps is None else {cell.code: (cell.steps,)}
    plan = Plan(task=job.network.task, model=job.network.model, steps=steps, seeds=(job.network.seed,))
    study = Study(folder=NOWHERE, plan=plan, versions={}, command="")
    run = Run(
        task=task_of(job.grid, plan.task),
        study=study,
        seed=job.network.seed,
        rows=RowFile(study.rows),
        untrained=network_of(job.grid, job.network),
        config=job.grid.settings(job.network),
    )
    rows = [row for row in run.measured(model) if (row.kind == ANN) == (cell.code is None)]
    named = {"optimizer": job.network.optimizer}
    found = tuple({**replace(row, raster=None).fields(), **named} for row in rows)
    json.dumps(found, allow_nan=False)  # a number that isn't finite ends this cell here, not the study when it is kept
    return found


def revived(job: Job) -> nn.Module:
    """Return a job's trained network."""
    model = network_of(job.grid, job.network)
    fill(model, tensors_of(job.weights), f"the weights of {job.network.name}")
    return model.eval()
