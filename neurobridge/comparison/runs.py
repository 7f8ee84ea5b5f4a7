"""The part of a study that belongs to one seed: train, convert, judge, and write a row for every contender."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from numpy import ndarray
from torch import nn

from neurobridge.ann.operations import multiply_accumulates
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.ann.training.contender import contender as predictor
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.comparison.contenders import ANN, QUANTISED, Contender, contenders, together
from neurobridge.comparison.disturbances import Curve, Disturbed, robustness
from neurobridge.comparison.energy import Operations
from neurobridge.comparison.measures import (
    Asked,
    Judged,
    Row,
    Spiking,
    asked,
    compared,
    energies,
    judged,
    on_the_same_inputs,
    raster_of,
    spiking,
    tallies,
)
from neurobridge.comparison.recipes import calibration, settings, trained, untrained
from neurobridge.comparison.rows import RowFile
from neurobridge.comparison.spiking import Origin, made
from neurobridge.comparison.study import Plan, Study
from neurobridge.comparison.timing import milliseconds, pace
from neurobridge.conversion.convert import convert
from neurobridge.errors import CalibrationError
from neurobridge.tasks import Task
from neurobridge.tasks.control import ControlTask


@final
@dataclass(frozen=True, kw_only=True)
class Run:
    """One seed of a study.

    Args:
        task: what networks are judged by.
        study: the folder and the plan.
        seed: of the training.
        rows: where rows go.
        untrained: the network before its training; that of the task's recipe if None.
        config: how it was trained; the task's recipe if None.
        checkpoints: where training through spikes leaves its state; None for no files.
        left_out: called with the name of a spiking network whose ranges mean nothing in so few steps, and why; it then
            has no row. None for an error.
    """

    task: Task
    study: Study
    seed: int
    rows: RowFile
    untrained: nn.Module | None = None
    config: TrainingConfig | None = None
    checkpoints: Path | None = None
    left_out: Callable[[str, CalibrationError], object] | None = None

    @property
    def plan(self) -> Plan:
        """What the study was asked to do."""
        return self.study.plan

    def pending(self, among: Iterable[Contender]) -> tuple[Contender, ...]:
        """Return the contenders that have no row yet."""
        return tuple(contender for contender in among if self.rows.find(**self.key(contender)) is None)

    def key(self, contender: Contender) -> Mapping[str, Any]:
        """Return what names a contender's row."""
        named = {"kind": contender.kind, "code": contender.code, "steps": contender.steps}
        return {"task": self.plan.task, "model": self.plan.model, "seed": self.seed, **named}

    def finish(self) -> Iterator[Row]:
        """Measure what is missing, and yield each row when it is on the disk."""
        if self.pending(contenders(self.plan.steps)):
            model = trained(self.task, self.plan.model, self.seed, self.study.weights, quick=self.plan.quick)
            for row in self.measured(model):
                self.rows.append(row.fields())
                yield row

    def measured(self, model: nn.Module) -> Iterator[Row]:
        """Yield the rows that are missing of a trained network and of what it is converted to."""
        ann = judged(self.task, predictor(model))
        wanted = asked(self.task, predictor(model), ann)
        macs = Operations(macs=multiply_accumulates(model, ann.inputs[:1]))
        for contender in self.pending([Contender(kind=ANN)]):
            robust = self.robust(contender, model, None, ann)
            took = {"milliseconds": milliseconds({"ANN": predictor(model)}, ann.inputs)["ANN"], "slowdown": 1.0}
            yield self.row(contender, ann, None, macs, ann=ann, wanted=wanted, robustness=robust, **took)
        for code, count, group in together(self.plan.steps):
            missing = self.pending(group)
            origin = self.origin(model)
            network = self.made(origin, code, count) if missing else None
            if network is not None:
                yield from self.converted(network, origin, ann, wanted, macs, missing)

    def made(self, origin: Origin, code: str, count: int) -> SpikingNetwork | None:
        """Return a spiking network, or None if it is left out."""
        try:
            return made(origin, code, count)
        except CalibrationError as error:
            if self.left_out is None:
                raise
            self.left_out(f"{code} T={count}", error)
            return None

    def origin(self, model: nn.Module) -> Origin:
        """Return what spiking networks are made from."""
        name, quick = self.plan.model, self.plan.quick
        learns = not isinstance(self.task, ControlTask)
        return Origin(
            task=self.task,
            model=model,
            untrained=self.untrained or untrained(self.task, name, self.seed),
            config=self.config or (settings(self.task, name, self.seed, quick=quick) if learns else None),
            checkpoints=self.checkpoints,
            quick=quick,
        )

    def converted(
        self,
        network: SpikingNetwork,
        origin: Origin,
        ann: Judged,
        wanted: Asked,
        macs: Operations,
        missing: Sequence[Contender],
    ) -> Iterator[Row]:
        """Yield the rows of the contenders that one spiking network serves."""
        own = judged(self.task, predictor(network))
        same, measured = compared(self.task, on_the_same_inputs(own, predictor(network), wanted), wanted)
        sides: dict[str, Any] = {"ann": ann, "wanted": wanted}
        for contender in missing:
            measured["robustness"] = self.robust(contender, None, network, ann)
            if contender.kind == QUANTISED:
                yield self.row(contender, own, same, macs, **sides, **measured)
            else:
                found = spiking(network, ann.inputs)
                inside = self.inside(contender, network, found, macs, ann.inputs)
                took = vars(pace(predictor(network), predictor(origin.model), ann.inputs))
                yield self.row(contender, own, same, found.operations, **sides, **measured, **inside, **took)

    def robust(
        self, contender: Contender, model: nn.Module | None, network: SpikingNetwork | None, ann: Judged
    ) -> Mapping[str, Curve] | None:
        """Return what disturbances do to the ANN, or to the networks of most steps; nothing in a quick look."""
        code = contender.code or "radix"  # a quantised ANN is the rival of a radix network
        if self.plan.quick or (contender.kind != ANN and contender.steps != max(self.plan.steps[code])):
            return None
        if network is None:
            assert model is not None
            network = convert(model, calibration(self.task, model))
            predict = predictor(model)
        else:
            predict = predictor(network)
        shown = Disturbed(contender=contender, predict=predict, network=network, spread=float(ann.inputs.std()))
        return robustness(self.task, shown)

    def row(
        self,
        contender: Contender,
        own: Judged,
        same: ndarray | None,
        operations: Operations,
        *,
        ann: Judged,
        wanted: Asked,
        **measured: Any,
    ) -> Row:
        """Return a row: what every contender has, and what was measured besides."""
        metric = self.task.metric
        worse = ann.scores.summary - own.scores.summary
        lowest = self.task.random_scores() if isinstance(self.task, ControlTask) else None
        return Row(
            **self.key(contender),
            metric={
                "name": metric.name,
                "unit": metric.unit,
                "higher_is_better": metric.higher_is_better,
                "reduction": metric.reduction,
            },
            score=own.scores.summary,
            loss=worse if metric.higher_is_better else -worse,
            operations={
                "macs": operations.macs,
                "accumulates": operations.accumulates,
                "analog": operations.analog,
                "updates": operations.updates,
            },
            energy=energies(operations, contender.bits),
            samples=len(own.inputs),
            tallies=tallies(own.scores, same, wanted.groups, lowest),
            **measured,
        )

    def inside(
        self, contender: Contender, network: SpikingNetwork, found: Spiking, macs: Operations, inputs: ndarray
    ) -> Mapping[str, Any]:
        """Return what a row says of a spiking network itself; a raster for the first seed's network of most steps."""
        shown = self.seed == self.plan.seeds[0] and network.steps == max(self.plan.steps[str(contender.code)])
        return {
            "latency": network.latency,
            "interval": network.interval,
            "neurons": found.neurons,
            "spikes": found.spikes,
            "spikes_per_neuron": found.spikes / found.neurons,
            "spikes_per_synapse": found.operations.accumulates / macs.macs,
            **certified(network),
            "raster": raster_of(network, inputs[:1]) if shown else None,
        }


def certified(network: SpikingNetwork) -> Mapping[str, Any]:
    """Return what a conversion's certificate says; nothing of a network that learnt, and stands for no ANN."""
    if network.certificate is None:
        return {}
    return {"layers": network.certificate.rows(), "spiking": network.certificate.operations}
