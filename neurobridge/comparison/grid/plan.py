"""What a study over a grid was asked for, as data, and the cells that follow from it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, final

from neurobridge.ann.training.config import TrainingConfig
from neurobridge.ann.training.recipes import recipe
from neurobridge.comparison.contenders import Steps
from neurobridge.errors import InputError

Options = Mapping[str, Any]


@final
@dataclass(frozen=True, kw_only=True)
class Network:
    """One network to be trained.

    Args:
        task: what it learns.
        model: its architecture.
        optimizer: what trains it.
        seed: of its first weights and of its training.
    """

    task: str
    model: str
    optimizer: str
    seed: int

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.task}.{self.model}.{self.optimizer}.{self.seed}"


@final
@dataclass(frozen=True, kw_only=True)
class Cell:
    """What is measured, and kept, at once: a trained network, or what it is converted to with one code and T.

    Args:
        network: the trained one.
        code: of the spikes; None for the network itself.
        steps: T; None for the network itself.
    """

    network: Network
    code: str | None = None
    steps: int | None = None

    @property
    def name(self) -> str:
        """What its file is called."""
        return f"{self.network.name}.{'ann' if self.code is None else f'{self.code}-{self.steps}'}"


@final
@dataclass(frozen=True, kw_only=True)
class Axes:
    """Everything combined with everything.

    Args:
        tasks: names.
        models: names.
        codes: code -> numbers of steps.
        seeds: one network is trained for each.
        optimizers: names; that of the task's recipe if there are none.
    """

    tasks: tuple[str, ...]
    models: tuple[str, ...]
    codes: Steps
    seeds: tuple[int, ...]
    optimizers: tuple[str, ...] = ()

    def networks(self) -> Iterator[Network]:
        """Yield the networks to be trained."""
        for task in self.tasks:
            for model in self.models:
                for optimizer in self.optimizers or (recipe(task, model).optimizer,):
                    for seed in self.seeds:
                        yield Network(task=task, model=model, optimizer=optimizer, seed=seed)


@final
@dataclass(frozen=True, kw_only=True)
class Grid:
    """A study over one set of axes or several.

    Args:
        name: of the study.
        axes: their cells are united.
        presets: energy presets that tables show.
        training: fields of `TrainingConfig` that differ from the recipes.
        tasks: task -> its options.
        models: model -> its options.
        optimizers: optimizer -> fields of `TrainingConfig` that go with it.
    """

    name: str
    axes: tuple[Axes, ...]
    presets: tuple[str, ...]
    training: Options = field(default_factory=dict)
    tasks: Mapping[str, Options] = field(default_factory=dict)
    models: Mapping[str, Options] = field(default_factory=dict)
    optimizers: Mapping[str, Options] = field(default_factory=dict)

    def networks(self) -> tuple[Network, ...]:
        """Return the networks to be trained, each once."""
        return tuple(dict.fromkeys(network for axes in self.axes for network in axes.networks()))

    def cells(self) -> tuple[Cell, ...]:
        """Return the cells, each once; those of one network follow each other."""
        found: dict[Network, dict[Cell, None]] = {}
        for axes in self.axes:
            for network in axes.networks():
                own = found.setdefault(network, {Cell(network=network): None})
                for code, counts in axes.codes.items():
                    own.update(dict.fromkeys(Cell(network=network, code=code, steps=count) for count in counts))
        return tuple(cell for own in found.values() for cell in own)

    def settings(self, network: Network) -> TrainingConfig:
        """Return how a network is trained: the recipe, what the study changes, what goes with the optimizer.

        Raises:
            InputError: another optimizer than the recipe's without a learning rate of its own, or a setting that can't
                be used.
        """
        usual = recipe(network.task, network.model)
        given = {**self.training, **self.optimizers.get(network.optimizer, {})}
        if network.optimizer != usual.optimizer:
            if "learning_rate" not in self.optimizers.get(network.optimizer, {}):
                raise InputError(
                    f"the learning rate of task {network.task!r} is meant for {usual.optimizer}; give "
                    f"{network.optimizer} its own: [optimizers.{network.optimizer}] learning_rate = ..."
                )
            given = {"options": None, **given}
        return replace(usual, **given, optimizer=network.optimizer, seed=network.seed)

    def described(self) -> Mapping[str, Any]:
        """Return the plan as JSON holds it."""
        return json.loads(json.dumps(asdict(self)))


def revived(described: Mapping[str, Any]) -> Grid:
    """Return the plan that `Grid.described` gave.

    Raises:
        KeyError, TypeError: it isn't one.
    """
    axes = tuple(
        Axes(
            **{name: tuple(one[name]) for name in ("tasks", "models", "seeds", "optimizers")},
            codes={code: tuple(counts) for code, counts in one["codes"].items()},
        )
        for one in described["axes"]
    )
    rest = {name: described[name] for name in ("name", "training", "tasks", "models", "optimizers")}
    return Grid(axes=axes, presets=tuple(described["presets"]), **rest)
