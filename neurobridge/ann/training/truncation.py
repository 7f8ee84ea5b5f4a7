"""Truncated backpropagation through time: the state goes on, the gradient stops.

Source: Williams & Peng 1990; Mikolov et al. 2010 for language models.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from neurobridge.ann.models.language_model import detached
from neurobridge.ann.training.distributed import world
from neurobridge.errors import InputError


def truncated(model: nn.Module, steps: int) -> Callable[[Tensor], Tensor]:
    """Return a forward pass with equal outputs whose gradients reach back over at most `steps` steps.

    Args:
        model: a network with `carry(inputs, memory)`, that answers at every step.
        steps: length of the pieces between which no gradient flows.

    Raises:
        InputError: the network carries no state, answers only once, or is trained in several processes.
    """
    if world() > 1:
        raise InputError("truncation works in one process only; leave `truncate` out, or train without torchrun.")
    if not hasattr(model, "carry") or not model.shapes.output_steps:  # type: ignore[union-attr]
        raise InputError(
            f"truncation needs a recurrent network that answers at every step; {type(model).__name__} on this task "
            "does not. Leave `truncate` out."
        )

    def forward(inputs: Tensor) -> Tensor:
        memory, outputs = None, []
        for piece in inputs.split(steps, dim=1):
            made, memory = model.carry(piece, memory)  # type: ignore[operator]
            memory = detached(memory)
            outputs.append(made)
        return torch.cat(outputs, dim=1)[:, -model.shapes.output_steps :]  # type: ignore[union-attr, operator]

    return forward
