"""`neurobridge train TASK MODEL`: train a network or an agent and keep its weights."""

import ast
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, final

from tyro.conf import Positional, arg

from neurobridge import tasks
from neurobridge.ann import models
from neurobridge.ann.training import (
    CurveFile,
    TensorBoard,
    TrainingConfig,
    architecture,
    contender,
    recipe,
    save_weights,
    train,
)
from neurobridge.ann.training.distributed import rank
from neurobridge.cli.output import show
from neurobridge.cli.practise import CURVES, WEIGHTS, practise, refuse
from neurobridge.errors import InputError
from neurobridge.tasks import SupervisedTask, baselines
from neurobridge.tasks.control import ControlTask

AGENTS_ONLY = ("steps", "environments", "evaluate_every", "episodes")


@final
@dataclass(frozen=True)
class Config:
    """Train a network on a task, judge it on the test side beside the task's plain rivals, and keep its weights.

    In tasks of control, MODEL is an agent; --steps, --environments, --evaluate-every and --episodes are for agents.
    What is not given follows the task's recipe. A run that was killed goes on where it stopped when the same command is
    given again, and ends with the same weights. Start it with torchrun to train on several devices.

    Example: neurobridge train digits-augmented-rows lstm --options hidden=96 layers=2 --epochs 20 --out reports/mine
    """

    task: Annotated[Positional[str], arg(metavar="TASK")]
    """What to learn; `neurobridge tasks` lists them."""
    model: Annotated[Positional[str], arg(metavar="MODEL")]
    """Which network; one that does not fit is refused with those that do."""
    options: tuple[str, ...] = ()
    """Options of the network, as in widths=8,16 pooling=max."""
    task_options: tuple[str, ...] = ()
    """Options of the task, as in length=50."""
    seed: int = 0
    """Of the first weights and of everything random in training."""
    out: Path | None = None
    """Folder of the run; reports/training/TASK-MODEL-SEED if left out."""
    data: Path | None = None
    """Where the data are, for tasks that read files."""
    epochs: int | None = None
    """Passes over the training side."""
    batch_size: int | None = None
    """Samples in one update."""
    accumulate: int | None = None
    """Parts that a batch is computed in, to save memory."""
    optimizer: str | None = None
    """Name of the optimizer."""
    learning_rate: float | None = None
    """Largest rate of the schedule."""
    weight_decay: float | None = None
    """The optimizer's own."""
    schedule: str | None = None
    """How the rate goes on: constant, cosine, exponential, linear, steps."""
    clip: float | None = None
    """Largest norm of the gradient."""
    truncate: int | None = None
    """Steps that the gradient of a recurrent network reaches back over."""
    augmentation: str | None = None
    """Random changes of training images: none, affine, cutout, flip, flip-and-shift, noise, shift."""
    patience: int | None = None
    """Stop after so many epochs without a better validation score."""
    precision: str | None = None
    """fp32; bf16 or fp16 for mixed precision."""
    compile: bool = False
    """Run the network through torch.compile."""
    deterministic: bool = False
    """Refuse operations whose result varies between runs."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps."""
    steps: int | None = None
    """Environment steps of an agent."""
    environments: int | None = None
    """Copies of the environment that an agent acts in at once."""
    evaluate_every: int | None = None
    """Environment steps between an agent's evaluations."""
    episodes: int | None = None
    """Episodes of each evaluation of an agent."""
    tensorboard: bool = False
    """Write curves for TensorBoard into the run's folder."""
    json: bool = False
    """Print one JSON object instead of words."""


def main(config: Config) -> None:
    """Train, judge, and say where the weights are."""
    task = tasks.load(config.task, config.data, **parsed(config.task_options, "--task-options"))
    if isinstance(task, ControlTask):
        practise(config, task, parsed(config.options, "--options"))
        return
    if not isinstance(task, SupervisedTask):
        raise InputError(f"task {task.name!r} is learnt neither from answers nor by acting.")
    refuse("task", task.name, {name for name in AGENTS_ONLY if getattr(config, name) is not None})
    options = architecture(task.name, config.model) | parsed(config.options, "--options")
    model = models.build(config.model, task, seed=config.seed, **options)
    out = config.out or Path("reports/training") / f"{task.name}-{config.model}-{config.seed}"
    watchers: list[Any] = [CurveFile(out / CURVES)]
    if config.tensorboard:
        watchers.append(TensorBoard(out / "tensorboard"))
    model, history = train(model, task, settings(config), directory=out, watchers=watchers)
    if rank():
        return  # one of several processes speaks
    score = task.judge(contender(model)).summary
    rivals = {name: task.judge(baselines.fit(name, task)).summary for name in task.baselines}
    found = {
        "task": task.name,
        "model": config.model,
        "weights": out / WEIGHTS,
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "metric": task.metric,
        "score": score,
        "rivals": rivals,
        "epochs": len(history),
        "seconds": float(history.column("seconds").sum()),
    }
    about = {"task": task.name, "model": config.model, "options": asdict(model.config), "score": score}  # type: ignore[call-overload]
    save_weights(out / WEIGHTS, model, about)
    show(found, words(found), as_json=config.json)


def settings(config: Config) -> TrainingConfig:
    """Return the recipe of the task and the model with what the command line gave instead."""
    shared = {field.name for field in fields(TrainingConfig)} & {field.name for field in fields(Config)} - {"options"}
    given = {name: getattr(config, name) for name in shared if getattr(config, name) is not None}
    return replace(recipe(config.task, config.model), **given)


def parsed(words: Sequence[str], flag: str) -> dict[str, Any]:
    """Return NAME=VALUE words as options: numbers, truth values, tuples of numbers with commas, else text.

    Raises:
        InputError: a word without an equals sign.
    """
    options: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise InputError(f"{flag} {word!r} can't be read; give NAME=VALUE, as in widths=8,16.")
        try:
            options[name.replace("-", "_")] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            options[name.replace("-", "_")] = value
    return options


def words(found: dict[str, Any]) -> str:
    """Return the result as text."""
    metric = found["metric"]

    def line(name: str, score: float) -> str:
        return f"  {name:<32}  {score:10.4g} {metric.unit}".rstrip()

    better = "higher" if metric.higher_is_better else "lower"
    rows = [line(found["model"], found["score"]), *(line(name, score) for name, score in found["rivals"].items())]
    where = textwrap.fill(
        f"{found['parameters']:,} parameters, {found['epochs']} epochs in {found['seconds']:.0f} s; "
        f"weights: {found['weights']}", 80, break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip
    return "\n".join([f"{found['task']}: {metric.name} on the test side ({better} is better)", *rows, where])
