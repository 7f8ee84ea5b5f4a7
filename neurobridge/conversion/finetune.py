"""Fine-tuning of a spiking network by a user who has answers."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.conversion.calibration import Data, calibration_inputs
from neurobridge.conversion.tune import tuned
from neurobridge.errors import InputError
from neurobridge.graph.codes import CODES

Loss = Callable[[Tensor, Tensor], Tensor]

LEARNING_CODES = tuple(name for name, code in CODES.items() if not code.takes_back)
"""Codes whose spikes pass gradients on."""

LARGEST_RATE = 10
"""In the root mean square of each tensor: ten times as much as a weight holds."""


def finetune(
    network: SpikingNetwork,
    inputs: Data,
    targets: Data,
    *,
    epochs: int = 3,
    learning_rate: float = 0.03,
    batch_size: int = 128,
    loss: Loss | None = None,
    seed: int = 0,
) -> SpikingNetwork:
    """Return a spiking network trained further on answers through its own spikes.

    Weights and biases are trained from where conversion left them. A rate network has the surrogate gradients of
    snnTorch's neurons, and so have leaky neurons, from `train_spiking` or of a network read by `from_snntorch`. A radix
    or latency network of any architecture, loops and gates included, passes gradients straight through its windows
    (see `straight_through`); its ranges stay, but for a factor of 1 + 2^-12 that breaks ties. The result is a network
    like any other: it can be saved, verified in the other simulators and tuned again. It has no certificate, since it
    is no longer meant to do what the original did. It pays at few steps: see
    `benchmarks/results/convert_or_train.json`.

    Args:
        network: of `convert` with any code but the signed one, or of leaky neurons; it stays as it is.
        inputs: (sample, ...) from the training side.
        targets: (sample,) whole numbers, the classes from 0; or real numbers in the shape of the outputs. A `loss` may
            take others, one for each input.
        epochs: passes over the data.
        learning_rate: of Adam, in the root mean square of each tensor of weights; at most 10.
        batch_size: samples between two changes.
        loss: of outputs and targets; cross-entropy for classes, the mean squared error for real numbers if None.
        seed: of the order of the samples.

    Raises:
        InputError: the signed code, several inputs, connections that come back, targets of another number or shape than
            the outputs, classes that the network has no output for, or numbers that cannot be.
        CalibrationError: inputs that are empty or not finite.
        TrainingError: the loss or a weight is no longer a finite number.
    """
    _check(network, epochs, batch_size, learning_rate)
    (x,) = calibration_inputs([inputs])
    outputs, *_ = network.run((x[:2],))  # refuses another shape before any work
    wanted = _targets(targets, len(x))
    whole = not wanted.is_floating_point()
    if loss is None:
        _check_shape(wanted, outputs.shape[1:])
    measure = loss or (functional.cross_entropy if whole else functional.mse_loss)

    def of_chosen(outputs: list[Tensor], chosen: Tensor) -> Tensor:
        return measure(outputs[0], wanted[chosen])

    graph = tuned(network.graph, (x,), of_chosen, epochs, learning_rate, batch_size, seed)
    return SpikingNetwork(graph, dtype=network.dtype, runtime=network.runtime)


def _check(network: SpikingNetwork, epochs: int, batch_size: int, learning_rate: float) -> None:
    if not isinstance(network, SpikingNetwork) or network.code not in LEARNING_CODES:
        code = getattr(network, "code", type(network).__name__)
        raise InputError(
            f"finetune takes a converted network of the rate, radix or latency code, not {code}; convert with "
            "code='radix', or with code='rate' for networks of ReLUs"
        )
    late = [node.name for node in network.graph.nodes if any(edge.delay for edge in node.inputs)]
    if late or len(network.graph.arguments) != 1:
        raise InputError(f"finetune takes networks of one input without connections that come back ({late})")
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InputError(f"{name} is {value!r}; it is a whole number from 1")
    if isinstance(learning_rate, bool) or not isinstance(learning_rate, int | float | np.number):
        raise InputError(f"learning_rate is {learning_rate!r}; it is a positive number up to {LARGEST_RATE}")
    if not 0 < learning_rate <= LARGEST_RATE:
        raise InputError(
            f"learning_rate is {learning_rate}; it is a positive number up to {LARGEST_RATE}, usually 0.03: in the "
            "root mean square of each tensor, so that more would overwrite in one step whatever the weights hold"
        )


def _targets(targets: Data, count: int) -> Tensor:
    """Return targets as whole numbers or real ones, one for each input."""
    try:
        answers = torch.as_tensor(targets).detach().cpu()
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"targets can't be read as numbers ({error}); give an array (sample, ...)") from error
    if answers.ndim == 0 or len(answers) != count:
        number = len(answers) if answers.ndim else 1
        raise InputError(f"there are {count} inputs and {number} targets; give one target for each input")
    if answers.is_complex():
        raise InputError("targets are complex numbers; give classes or real numbers")
    return answers.float() if answers.is_floating_point() else answers.long()


def _check_shape(wanted: Tensor, shape: torch.Size) -> None:
    """Refuse targets that the usual losses can't compare with outputs (sample, *shape)."""
    count, own = len(wanted), tuple(wanted.shape)
    if wanted.is_floating_point():
        if own[1:] != tuple(shape):
            raise InputError(
                f"targets are real numbers of shape {own} and the outputs have shape {(count, *shape)}; give targets "
                "of that shape, or whole numbers if they are classes, or a loss of your own"
            )
        return
    if not shape or own[1:] != tuple(shape[1:]):
        allowed = f"classes have shape {(count, *shape[1:])}, and " if shape else ""
        raise InputError(
            f"targets are whole numbers, thus classes, of shape {own}, and the outputs have shape {(count, *shape)}; "
            f"{allowed}real numbers (float) have that of the outputs"
        )
    low, high = int(wanted.min()), int(wanted.max())
    if low < 0 or high >= shape[0]:
        raise InputError(
            f"targets are classes from {low} to {high}, and the network has {shape[0]} outputs; give classes from 0 to "
            f"{shape[0] - 1}, or real numbers (float) in the shape of the outputs, {(count, *shape)}"
        )
