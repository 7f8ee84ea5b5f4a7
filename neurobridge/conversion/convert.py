"""A trained PyTorch network in, a spiking network of snnTorch neurons out."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.backends.snntorch.network import SpikingNetwork, answers
from neurobridge.conversion.advice import PACKAGES
from neurobridge.conversion.calibration import Data, calibration_inputs
from neurobridge.conversion.certificate import certify
from neurobridge.conversion.copies import shareable, shared
from neurobridge.conversion.demands import check_copies, check_levels, target_of
from neurobridge.conversion.lower import lower
from neurobridge.conversion.population_size import fit_copies, fit_shared
from neurobridge.conversion.precision import Target, fewest_steps, fit_steps
from neurobridge.conversion.ranges import fit_ranges
from neurobridge.conversion.rate import fit_rate
from neurobridge.conversion.repair import Repair
from neurobridge.conversion.rules import RULES, Rule
from neurobridge.conversion.trace import EXAMPLES, check_model, evaluating, trace
from neurobridge.errors import CalibrationError, InputError, UnsupportedOperationError, lookup, own_line
from neurobridge.graph.checks import check
from neurobridge.graph.codes import CODES, check_steps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Population
from neurobridge.graph.rewrite import simplify

FIRST_STEPS = 8
"""Steps that a graph is lowered with before its own are found."""

TOLERANCE = 1e-3
"""Largest error of the lowered graph with real numbers, relative to the network's largest output."""

TIES = 0.05
"""Largest share of its choices that differ: sums in another order can decide a tie differently."""


@torch.inference_mode(False)
def convert(
    model: nn.Module,
    calibration: Data | Sequence[Data],
    *,
    code: str = "radix",
    steps: int | Literal["auto"] = 8,
    rel_error: float | None = None,
    disagreement: float | None = None,
    latency: int | None = None,
    levels: int | None = None,
    copies: int | Literal["auto"] = 1,
    repair: Repair | None = None,
    rules: Mapping[str, Rule] | None = None,
    batch_axis: int = 0,
    batch_size: int = 256,
    dtype: torch.dtype = torch.float32,
) -> SpikingNetwork:
    """Return a spiking network that computes what a trained network computes.

    The network is never changed. It is exported by torch.export, each operation is lowered to synapses, neurons and
    gates, and the range of every population is fitted to unlabelled calibration data from the training side.

    Args:
        model: a trained network; its evaluation mode is converted.
        calibration: inputs (sample, ...), 500 or more are better; a sequence of them for several arguments.
        code: "radix" (windowed, most exact), "latency" (at most one spike a neuron), "rate" (streaming) or "signed"
            (streaming, spikes that come too early are taken back).
        steps: T of one window, or of the whole run for a streaming code; "auto" finds the fewest steps, population by
            population (one number for a streaming code), that meet a target on the calibration data.
        rel_error: target of "auto" (of the steps or the copies): largest relative RMS error of the outputs.
        disagreement: target of "auto": largest share of samples with another choice than the network's own, 95 %
            upper bound; 0.1 % takes 3,000 calibration samples or more.
        latency: instead of a target of "auto", the steps that an answer of a windowed code may take; populations whose
            errors the output feels get more of them. With as many as a uniform T takes, choices agree more often.
        levels: of the signed code, the largest number of spikes that may stand; three quarters of the steps if None.
            Fewer leave more steps to settle: a network at rest is exactly its quantised form of so many levels.
        copies: neurons that share each number, their first membranes evenly apart: T steps then carry so many times
            the levels, for so many times the neurons and spikes. "auto" finds the fewest, population by population,
            that meet a target in `steps` steps of a windowed code. Numbers whose single spikes matter, in gates and
            in maxima, keep one neuron.
        repair: of the rate code, how it is fitted to few steps; the usual parts if None.
        rules: operation -> lowering rule of yours, beside and before our own.
        batch_axis: the axis of the samples in every argument; the result takes and returns samples first.
        batch_size: samples that are calibrated at a time.
        dtype: of the weights and membranes of the result.

    Raises:
        InputError: an unknown code, a number of steps it cannot have, NaN or infinite weights.
        CalibrationError: data that is empty, not finite, or of a shape the network does not take; a target that is
            not met, or that so few samples could not show.
        UnsupportedOperationError: operations without a spiking form, all of them with their source lines.
    """
    lookup("code", code, CODES)
    target = target_of(code, steps, copies, rel_error, disagreement, latency)
    first = FIRST_STEPS if steps == "auto" else steps
    check_steps(code, first)
    check_levels(levels, code, steps)
    check_copies(copies, code, steps)
    if repair is not None and code != "rate":
        raise InputError(f"repair is given for the {code} code; only code='rate' takes it")
    check_model(model)
    inputs = calibration_inputs(calibration, batch_axis)
    if batch_size < 1:
        raise InputError(f"batch_size is {batch_size}; it is 1 or more")
    if dtype not in (torch.float32, torch.float64):
        raise InputError(f"dtype {dtype} is not torch.float32 or torch.float64, which hold every number exactly")
    model = _on_cpu(model)
    _try(model, inputs, batch_axis)
    batches = [
        tuple(x.narrow(batch_axis, i, min(batch_size, x.shape[batch_axis] - i)) for x in inputs)
        for i in range(0, inputs[0].shape[batch_axis], batch_size)
    ]
    graph = _lowered(model, inputs, code, first, rules, batch_axis)
    batches = [tuple(x.movedim(batch_axis, 0) for x in batch) for batch in batches]
    if CODES[code].averages:
        graph = shared(graph, {node.name: int(copies) for node in shareable(graph)})
    analog = AnalogNetwork(graph)
    _check_meaning(analog, model, batches[0], batch_axis)
    if CODES[code].streaming:
        fitted = _fitted_stream(graph, analog, batches, target, levels, int(copies), repair)
    else:
        fitted = _fitted_windows(graph, analog, batches, target, steps, copies)
        analog = AnalogNetwork(fitted)  # with every neuron that shares a number
    network = SpikingNetwork(fitted, dtype=dtype)
    network.certificate = certify(network, analog, batches)
    return network


def _lowered(
    model: nn.Module,
    inputs: tuple[Tensor, ...],
    code: str,
    steps: int,
    rules: Mapping[str, Rule] | None,
    batch_axis: int,
) -> Graph:
    """Return the network as a checked graph, its ranges still unknown."""
    shown = min(EXAMPLES, inputs[0].shape[batch_axis])
    examples = tuple(x.narrow(batch_axis, 0, shown).contiguous() for x in inputs)
    traced = trace(model, examples, {*RULES, *(rules or {})}, batch_axis)
    signed = {name: bool((x < 0).any()) for name, x in zip(traced.inputs, inputs, strict=True)}
    graph = simplify(lower(traced, code, steps, signed, rules))
    check(graph, calibrated=False)
    return graph


def _fitted_windows(
    graph: Graph,
    analog: AnalogNetwork,
    batches: list[tuple[Tensor, ...]],
    target: Target | None,
    steps: int | str,
    copies: int | str,
) -> Graph:
    """Return the graph of a windowed code with ranges, and the steps and neurons of each number."""
    if target is None:
        return fit_shared(graph, {node.name: int(copies) for node in shareable(graph)}, analog, batches)
    return (fit_steps if steps == "auto" else fit_copies)(graph, analog, batches, target)


def _fitted_stream(
    graph: Graph,
    analog: AnalogNetwork,
    batches: list[tuple[Tensor, ...]],
    target: Target | None,
    levels: int | None,
    copies: int,
    repair: Repair | None,
) -> Graph:
    """Return the graph of a streaming code with ranges and, for the rate code, corrected biases."""

    def at(steps: int) -> Graph:
        if CODES[graph.code].averages:
            return fit_rate(graph, steps, analog, batches, repair or Repair(), copies)
        each = levels or CODES[graph.code].standing(steps)
        timed = replace(graph, steps=steps).mapped(lambda n: replace(n, steps=each) if isinstance(n, Population) else n)
        return fit_ranges(timed, analog, batches)

    return at(graph.steps) if target is None else at(fewest_steps(graph.code, at, analog, batches, target))


def _on_cpu(model: nn.Module) -> nn.Module:
    """Return the model itself if it is on the CPU in single precision, else such a copy."""
    tensors = [*model.parameters(), *model.buffers()]
    plain = all(t.device.type == "cpu" and (not t.is_floating_point() or t.dtype == torch.float32) for t in tensors)
    return model if plain else copy.deepcopy(model).cpu().float()


def _try(model: nn.Module, inputs: tuple[Tensor, ...], batch_axis: int) -> None:
    """Refuse calibration data that the network itself does not take."""
    try:
        with evaluating(model), torch.no_grad():
            model(*(x.narrow(batch_axis, 0, 2) for x in inputs))
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        shapes = ", ".join(str(tuple(x.shape)) for x in inputs)
        text = str(error).strip().split("\n")[0]
        raise CalibrationError(
            f"the network does not take the calibration data of shape {shapes}: {text}\n"
            "Give an array (sample, ...) as the network takes it; several arguments as a tuple."
        ) from error
    except Exception as error:
        raise InputError(
            f"the network's own forward fails at {own_line(error, PACKAGES)}: {type(error).__name__}: {error}"
        ) from error


def _check_meaning(analog: AnalogNetwork, model: nn.Module, batch: tuple[Tensor, ...], batch_axis: int) -> None:
    """Refuse a lowering that does not compute what the network computes, whatever the reason."""
    with evaluating(model), torch.no_grad():
        wanted = model(*(x.movedim(0, batch_axis) for x in batch))
    leaves = [leaf for leaf in torch.utils._pytree.tree_leaves(wanted) if isinstance(leaf, Tensor)]
    for node, got, exact in zip(analog.graph.outputs, answers(analog.graph, analog.run(batch)), leaves, strict=True):
        error, most = (_difference(got, exact), TOLERANCE) if node.choice is None else (_unlike(got, exact), TIES)
        if not error <= most:
            raise UnsupportedOperationError(
                f"the lowered network differs from the original by {error:.2g} of its largest output, which must not "
                "happen; a rule is wrong for this network. Please report it with the network's definition."
            )


def _unlike(got: Tensor, exact: Tensor) -> float:
    """Return the share of choices that differ; inf for another number of them."""
    return float((got.reshape(-1) != exact.reshape(-1)).double().mean()) if got.numel() == exact.numel() else np.inf


def _difference(got: Tensor, exact: Tensor) -> float:
    """Return the largest error relative to the largest number; `exact` may have its samples on any axis."""
    if got.numel() != exact.numel():
        return np.inf
    moved = [exact.movedim(axis, 0) for axis in range(exact.ndim)]
    same = [x for x in moved if x.shape == got.shape] or [exact.reshape(got.shape)]
    scale = float(exact.abs().max()) or 1.0
    return min(float((got - x).abs().max()) for x in same) / scale
