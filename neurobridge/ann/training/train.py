"""Train a network on a task; a killed run goes on where it stopped and ends with the same weights."""

import copy
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
import torch
from numpy import ndarray
from torch import Generator, Tensor, nn
from tqdm import tqdm

from neurobridge.ann.training.batches import Batches, epoch_seed
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.ann.training.contender import contender
from neurobridge.ann.training.device import resolve
from neurobridge.ann.training.distributed import averaged, processes, rank, wait
from neurobridge.ann.training.history import Epoch, History
from neurobridge.ann.training.optimizers import MakeOptimizer, make
from neurobridge.ann.training.recipes import recipe
from neurobridge.ann.training.run import RunFolder, describe
from neurobridge.ann.training.schedules import factor
from neurobridge.ann.training.step import Updater
from neurobridge.ann.training.truncation import truncated
from neurobridge.errors import TrainingError
from neurobridge.tasks import SupervisedTask

# losses are looked at in groups, since looking at each would make a GPU wait
LOOK_EVERY = 32


def train(
    model: nn.Module,
    task: SupervisedTask,
    config: TrainingConfig | None = None,
    *,
    directory: Path | str | None = None,
    make_optimizer: MakeOptimizer | None = None,
    before_epoch: Callable[[], object] | None = None,
    watchers: Sequence[Callable[[Epoch], object]] = (),
) -> tuple[nn.Module, History]:
    """Train a network and return it with what happened.

    Everything random in an epoch depends on the seed and the epoch alone, and a checkpoint is written after each
    epoch; so a run that is killed and started again repeats at most one epoch and ends with the same weights, bit for
    bit, on the same machine. Started by `torchrun`, all processes train the one network, see `distributed`.

    Args:
        model: changed in place; it ends on the chosen device with the weights that `config.keep` names.
        task: what to learn.
        config: how; `recipe(task.name)` if None.
        directory: where checkpoints go; a run of the same kind that is there is continued. None for no files.
        make_optimizer: weights -> optimizer, instead of the one that `config` names; its rate is the schedule's top.
        before_epoch: called before each epoch, for what must follow the weights; it may change buffers of the network,
            and does so alike whenever weights are alike.
        watchers: called after each epoch.

    Raises:
        TrainingError: the loss is not a finite number; the last good checkpoint is left in `directory`.
        InputError: the device isn't there, the options don't fit, or `directory` holds another run.
        FileFormatError: the checkpoint in `directory` is damaged.
    """
    config = config or recipe(task.name)
    device = resolve(config.device)
    with processes(device), torch.random.fork_rng(), _deterministic(config.deterministic):
        session = _Session.start(model, task, config, device, make_optimizer)
        folder = None if directory is None else RunFolder(Path(directory), describe(model, task, config))
        if folder:
            folder.resume(model, session.updater.optimizer, session.updater.scaler, session.history)
        best = _epochs(session, folder, before_epoch, watchers)
    if config.keep == "best":
        folder.best(model) if folder else model.load_state_dict(best)
    return model.eval(), session.history


def _epochs(
    session: "_Session",
    folder: RunFolder | None,
    before_epoch: Callable[[], object] | None,
    watchers: Sequence[Callable[[Epoch], object]],
) -> dict[str, Tensor]:
    """Train to the end and return the best weights, unless a folder holds them."""
    model, history, config = session.model, session.history, session.config
    best = {} if folder else copy.deepcopy(model.state_dict())
    hidden = rank() > 0 or not sys.stderr.isatty()
    with tqdm(total=config.epochs, initial=len(history), desc=session.task.name, disable=hidden) as bar:
        while not finished(history, config):
            if before_epoch is not None:
                before_epoch()
            row = session.epoch()
            if folder and rank() == 0:
                folder.save(model, session.updater.optimizer, session.updater.scaler, history)
            elif history.best == len(history) - 1:
                best = copy.deepcopy(model.state_dict())
            for watcher in watchers:
                watcher(row)
            bar.update()
            bar.set_postfix(loss=f"{row.loss:.4f}", validation=f"{row.validation:.4g}")
    wait()
    return best


def finished(history: History, config: TrainingConfig) -> bool:
    """Whether a run has had its epochs, or its patience is spent."""
    waited = len(history) - 1 - history.best
    return len(history) >= config.epochs or (config.patience is not None and waited >= config.patience)


@final
@dataclass
class _Session:
    """What one process holds while it trains."""

    model: nn.Module
    task: SupervisedTask
    config: TrainingConfig
    device: torch.device
    updater: Updater
    batches: Batches
    history: History

    @classmethod
    def start(
        cls,
        model: nn.Module,
        task: SupervisedTask,
        config: TrainingConfig,
        device: torch.device,
        make_optimizer: MakeOptimizer | None,
    ) -> "_Session":
        model.to(device)
        weights = [weight for weight in model.parameters() if weight.requires_grad]
        optimizer = make_optimizer(weights) if make_optimizer else make(config, weights)
        for group in optimizer.param_groups:
            group["top_rate"] = group["lr"]
        forward = averaged(model) if config.truncate is None else truncated(model, config.truncate)
        if config.compile:
            forward = torch.compile(forward)
        return cls(
            model=model,
            task=task,
            config=config,
            device=device,
            updater=Updater(forward, optimizer, task.loss, config, device),
            batches=Batches(task.train, config.batch_size, device),
            history=History(higher_is_better=task.metric.higher_is_better),
        )

    def epoch(self) -> Epoch:
        """Train for one epoch, validate, and add a row to the history."""
        begin, index = time.perf_counter(), len(self.history)
        seed = epoch_seed(self.config.seed, index)
        torch.manual_seed(seed + rank())
        random = Generator(self.device).manual_seed(seed + rank())
        self.model.train()
        losses, norms, rate = [], [], 0.0
        for number, (inputs, targets) in enumerate(self.batches.epoch(seed)):
            rate = self._set_rate(index * len(self.batches) + number)
            loss, norm = self.updater.update(inputs, targets, random)
            losses.append(loss)
            norms.append(norm)
            if (number + 1) % LOOK_EVERY == 0:
                self._look(losses, index)
        self._look(losses, index)
        row = Epoch(
            epoch=index + 1,
            loss=float(torch.stack(losses).mean()),
            validation=self._validate(),
            learning_rate=rate,
            gradient_norm=float(torch.stack(norms).mean()),
            seconds=time.perf_counter() - begin,
        )
        self.history.epochs.append(row)
        return row

    def _set_rate(self, step: int) -> float:
        done = step / (self.config.epochs * len(self.batches))
        share = factor(self.config.schedule, done, self.config.warmup)
        for group in self.updater.optimizer.param_groups:
            group["lr"] = group["top_rate"] * share
        return self.updater.optimizer.param_groups[0]["lr"]

    def _look(self, losses: list[Tensor], epoch: int) -> None:
        recent = torch.stack(losses[-LOOK_EVERY:])
        bad = torch.nonzero(~torch.isfinite(recent))
        if len(bad):
            first = len(losses) - len(recent) + int(bad[0]) + 1
            raise TrainingError(
                f"the loss is {float(recent[bad[0]])} at update {first} of epoch {epoch + 1}; the last good checkpoint "
                "is that of the epoch before. Lower the learning rate, clip gradients, or look at the data."
            )

    def _validate(self) -> float:
        predict = contender(self.model, self.device, self.config.precision)

        def watched(inputs: ndarray) -> ndarray:
            outputs = predict(inputs)
            if not np.isfinite(outputs).all():
                raise TrainingError(
                    f"outputs are no longer finite after epoch {len(self.history) + 1}; the last good checkpoint is "
                    "that of the epoch before. Lower the learning rate or clip gradients."
                )
            return outputs

        return self.task.judge_on(self.task.validation, watched).summary


@contextmanager
def _deterministic(wanted: bool) -> Iterator[None]:
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(wanted or before)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
