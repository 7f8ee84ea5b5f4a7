"""What a recurrent network remembers, and what its gradient still tells the first steps."""

from typing import Any

import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.ann.losses import LOSSES
from neurobridge.ann.models.recurrent import Recurrent
from neurobridge.ann.models.recurrent_stack import RecurrentStack, explicit_weights
from neurobridge.errors import InputError, lookup


def gradients_through_time(model: Recurrent, inputs: Tensor, targets: Tensor, loss: str) -> ndarray:
    """Return |d loss / d h_t| of the first layer's outputs, `(step,)`, the root mean square over samples.

    Gradients that shrink towards the first steps vanish, those that grow explode: Bengio, Simard & Frasconi 1994.

    Args:
        model: a recurrent network on sequences; its weights and mode stay as they are.
        inputs: `(sample, step, feature)`.
        targets: as the loss takes them.
        loss: one of `losses.LOSSES`.

    Raises:
        InputError: the network reads from both ends, so that time has no direction.
    """
    stack = equations(model.stack)
    if stack.directions > 1:
        raise InputError("gradients through time need a network that reads in one direction.")
    outputs, kept = _watched(stack, model.embedding(inputs))
    outputs = outputs if model.shapes.output_steps else outputs[:, -1]
    lookup("loss", loss, LOSSES)(model.readout(outputs), targets).backward()
    norms = [h.grad.square().sum(-1).mean().sqrt() * len(inputs) for h in kept if h.grad is not None]
    return torch.stack(norms).numpy()


def gates_through_time(model: Recurrent, inputs: Tensor) -> dict[str, ndarray]:
    """Return the gates and the candidate of the first layer, name -> `(sample, step, unit)`.

    Raises:
        InputError: the network has no gates.
    """
    cell: Any = equations(model.stack).cells[0]
    if not hasattr(cell, "opened"):
        raise InputError("a simple recurrent network has no gates; use a GRU or an LSTM.")
    steps: list[dict[str, Tensor]] = []
    with torch.no_grad():
        x = model.embedding(inputs)
        state = cell.start(x)
        for drive in cell.drive(x).unbind(1):
            steps.append(cell.opened(drive, state))
            state = cell.step(drive, state)
    return {name: torch.stack([step[name] for step in steps], dim=1).numpy() for name in steps[0]}


def equations(stack: RecurrentStack) -> RecurrentStack:
    """Return a stack of form "explicit" with the same weights."""
    if stack.form == "explicit":
        return stack
    explicit = RecurrentStack(
        stack.cell,
        stack.source,
        stack.width,
        layers=stack.layers,
        bidirectional=stack.directions == 2,
        form="explicit",
    )
    explicit.load_state_dict(explicit_weights(stack.state_dict()))
    return explicit.to(next(stack.parameters()).device)


def _watched(stack: RecurrentStack, x: Tensor) -> tuple[Tensor, list[Tensor]]:
    kept: list[Tensor] = []
    cells: Any = stack.cells
    for layer, cell in enumerate(cells):
        state, outputs = cell.start(x), []
        for drive in cell.drive(x).unbind(1):
            state = cell.step(drive, state)
            outputs.append(state[0])
            if layer == 0:
                state[0].retain_grad()
                kept.append(state[0])
        x = torch.stack(outputs, dim=1)
    return x, kept
