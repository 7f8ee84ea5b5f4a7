"""A spiking network trained directly, by surrogate gradients, in the place of an ANN of the same architecture."""

import copy
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from neurobridge.ann.training.config import TrainingConfig
from neurobridge.ann.training.history import Epoch
from neurobridge.ann.training.recipes import recipe
from neurobridge.ann.training.train import train
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.conversion.lower import lower
from neurobridge.conversion.rules import RULES
from neurobridge.conversion.surrogate import Learning, SurrogateNetwork
from neurobridge.conversion.trace import EXAMPLES, check_model, trace
from neurobridge.conversion.windows import train_windows
from neurobridge.errors import InputError, UnsupportedOperationError, lookup
from neurobridge.graph.checks import check
from neurobridge.graph.codes import CODES, check_steps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Dynamics, Neurons, Node
from neurobridge.graph.rewrite import simplify
from neurobridge.tasks import SupervisedTask

BETA = 0.9
"""What is left of a membrane after a step, unless asked otherwise."""


LEAKY = "leaky"
LOWERED_TO = {LEAKY: "rate", **{name: name for name, code in CODES.items() if not code.streaming}}
"""How a network can be trained -> the code that its architecture is lowered to."""


@torch.inference_mode(False)
def train_spiking(
    model: nn.Module,
    task: SupervisedTask,
    *,
    code: str = LEAKY,
    steps: int = 8,
    beta: float = BETA,
    learning: Learning | None = None,
    config: TrainingConfig | None = None,
    directory: Path | str | None = None,
    watchers: Sequence[Callable[[Epoch], object]] = (),
) -> SpikingNetwork:
    """Return a spiking network with a model's architecture, trained through its spikes.

    "leaky": each ReLU becomes a neuron v <- beta v + I - s_before, s = [v > 1] (snnTorch's Leaky with its reset by
    subtraction); synapses have the model's shapes, its normalisation folded into them. Inputs are a constant current,
    outputs the mean current into membranes that don't fire, and gradients are surrogates (Neftci et al. 2019).

    "radix", "latency": whatever `convert` takes, recurrent layers and attention too, with the same populations and
    gates as there. Gradients go straight through the windows of spikes (see `straight_through`), and the range of each
    population is fitted again to the weights before each epoch. Dropout and normalisation by the batch, which have no
    place in a graph, are left out while it learns.

    Training is that of `ann.training.train`: the same recipes, augmentation, schedules and files. The result is saved,
    verified, exported and counted like any other, and has no certificate: it stands for no ANN.

    Args:
        model: what it starts from; a network that was just built, to train from scratch. It is never changed.
        task: what to learn; see `docs/how-to/data.md` to make one of arrays.
        code: "leaky", or a windowed code.
        steps: T.
        beta: what is left of a leaky membrane after a step.
        learning: of leaky neurons: surrogate, learnt leaks, normalisation; the best that was measured if None, see
            `benchmarks/results/convert_or_train.json`.
        config: how to train; the recipe of the task if None.
        directory: where checkpoints go; a run that is there is continued. None for no files.
        watchers: called after each epoch.

    Raises:
        InputError: numbers that cannot be, a task without answers, a model of another output or without neurons, or
            another run in `directory`.
        CalibrationError: values that a windowed network learnt are not finite, or a reciprocal came too near zero.
        UnsupportedOperationError: operations that the code cannot carry, all of them with their source lines.
        TrainingError: the loss is not a finite number; the last good checkpoint is left in `directory`.
        FileFormatError: the checkpoint in `directory` is damaged.
    """
    _check_code(code, steps)
    if code != LEAKY and (learning is not None or beta != BETA):
        raise InputError(f"beta and learning are of leaky neurons; leave them out, or take code={LEAKY!r}")
    learning = learning or Learning()
    highest = "below 1 where leaks are learnt" if learning.leaks else "at most 1"
    if not 0 < beta <= 1 or (learning.leaks and beta == 1):
        raise InputError(f"beta is {beta}; it is above 0 and {highest}")
    if not isinstance(task, SupervisedTask):
        raise InputError(
            f"task is {getattr(task, 'name', task)!r}; train_spiking learns from answers: a SupervisedTask"
        )
    check_model(model)
    graph = _lowered(model, task, code, steps)
    learn = partial(train, task=task, config=config or recipe(task.name), directory=directory, watchers=watchers)
    if code != LEAKY:
        return train_windows(graph, task, learn)
    network = SurrogateNetwork(leaky(graph, beta), learning)
    learn(network)
    return SpikingNetwork(network.learnt())


def _check_code(code: str, steps: int) -> None:
    if code == LOWERED_TO[LEAKY]:
        raise InputError(
            f"code is {code!r}; what learns in its place are leaky neurons: code={LEAKY!r}. Known: "
            f"{', '.join(sorted(LOWERED_TO))}."
        )
    lowered = lookup("code", code, LOWERED_TO)
    try:
        check_steps(lowered, steps)
    except InputError as error:
        raise InputError(_as_asked(error, code)) from None


def _as_asked(error: Exception, code: str) -> str:
    """Return a refusal in words of the code that was asked for, not of the one that it is lowered to."""
    words = str(error)
    for usual, own in LEAKY_NEURONS.items() if code == LEAKY else ():
        words = words.replace(usual, own)
    return words


def _lowered(model: nn.Module, task: SupervisedTask, code: str, steps: int) -> Graph:
    """Return the model as synapses, neurons and gates, or say what cannot be trained."""
    plain = copy.deepcopy(model).cpu().float()
    traced = trace(plain, (torch.as_tensor(task.train.inputs[:EXAMPLES]),), RULES)
    try:
        graph = simplify(lower(traced, LOWERED_TO[code], steps, dict.fromkeys(traced.inputs, True)))
    except UnsupportedOperationError as error:
        raise UnsupportedOperationError(f"{_as_asked(error, code)}{ADVICE.get(code, '')}") from None
    check(graph, calibrated=False)
    if not any(isinstance(node, Neurons) for node in graph.everywhere.values()):
        raise InputError("the model has no ReLU and no other nonlinearity: nothing in it would spike")
    shape = graph.outputs[0].shape
    if len(graph.outputs) > 1 or not shape or shape[-1] != task.output_size:
        shapes = " and ".join(str(("sample", *node.shape)) for node in graph.outputs)
        raise InputError(
            f"the model's outputs are {shapes}; task {task.name!r} has {task.output_size} in the last axis"
        )
    return graph


LEAKY_NEURONS = {
    "have no spiking form under the rate code": "leaky neurons can't carry",
    "the rate code carries": "leaky neurons carry",
    "the rate code takes": "leaky neurons take",
}
"""Words of refusals by the code that leaky neurons are lowered to -> those of leaky neurons."""

ADVICE = {
    LEAKY: "\ntrain_spiking with leaky neurons takes layers, pooling, normalisation, sums and ReLUs. Train such a "
    "network in a windowed code: code='radix'; or as it is, and convert it: nb.convert(model, inputs, code='radix')"
}
"""What to do about operations that a code cannot carry."""


def leaky(graph: Graph, beta: float) -> Graph:
    """Return a graph whose coding neurons are leaky ones with a threshold of one, and forget what they coded.

    Args:
        graph: of the rate code, lowered.
        beta: of every neuron.
    """
    one = np.ones(())

    def changed(node: Node) -> Node:
        if not isinstance(node, Neurons):
            return node
        kept = {name: getattr(node, name) for name in ("name", "inputs", "shape", "origin", "steps", "channel")}
        return Dynamics(**kept, low=np.zeros(()), high=one, beta=np.asarray(beta), threshold=one, reset=one)

    return graph.mapped(changed)
