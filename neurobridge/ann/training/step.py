"""One update of the weights: forward, backward, clip, step."""

from collections.abc import Callable
from typing import final

import torch
from torch import Generator, Tensor

from neurobridge.ann.losses import LOSSES, SMOOTHED, asked
from neurobridge.ann.training.augmentation import AUGMENTATIONS, augment
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.ann.training.device import autocast
from neurobridge.ann.training.distributed import total, world
from neurobridge.errors import InputError, lookup


@final
class Updater:
    """Updates a network by batches.

    Args:
        forward: what maps inputs to outputs: the network, or its compiled or distributed form.
        optimizer: holds the network's weights.
        loss: one of `losses.LOSSES`.
        config: how to train.
        device: where the network is.

    Raises:
        UnknownNameError: no loss or no augmentation has this name.
        InputError: the loss takes no label smoothing.
    """

    def __init__(
        self,
        forward: Callable[[Tensor], Tensor],
        optimizer: torch.optim.Optimizer,
        loss: str,
        config: TrainingConfig,
        device: torch.device,
    ) -> None:
        self.forward, self.optimizer, self.config, self.device = forward, optimizer, config, device
        self.loss = lookup("loss", loss, LOSSES)
        if config.label_smoothing and loss not in SMOOTHED:
            raise InputError(
                f"training: label_smoothing is for {', '.join(SMOOTHED)}; the loss {loss!r} has no classes."
            )
        self.smoothing = {"smoothing": config.label_smoothing} if config.label_smoothing else {}
        lookup("augmentation", config.augmentation, AUGMENTATIONS)
        self.weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        self.scaler = torch.amp.GradScaler(device.type, enabled=config.precision == "fp16")

    def update(self, inputs: Tensor, targets: Tensor, random: Generator) -> tuple[Tensor, Tensor]:
        """Change the weights once; return the loss and the gradient's norm before clipping."""
        inputs = augment(self.config.augmentation, inputs, random)
        norm = torch.zeros(())

        def closure(backward: bool = True) -> Tensor:
            nonlocal norm
            if not backward:  # a line search asks for values alone
                return self._loss(inputs, targets)
            self.optimizer.zero_grad(set_to_none=True)
            loss = self._gradients(inputs, targets)
            self.scaler.unscale_(self.optimizer)
            norm = self._clip()
            return loss

        if self.scaler.is_enabled():  # a scaled step may be skipped, so it cannot drive a closure
            loss = closure()
            self.scaler.step(self.optimizer)
            self.scaler.update()
        else:
            loss = self.optimizer.step(closure)  # type: ignore[arg-type, assignment]
        return loss.detach(), norm

    def _loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        with autocast(self.device, self.config.precision):
            return self.loss(self.forward(inputs), targets, **self.smoothing)

    def _gradients(self, inputs: Tensor, targets: Tensor) -> Tensor:
        parts = min(self.config.accumulate, len(inputs))
        loss_sum = torch.zeros((), device=self.device)
        split = parts * world() > 1
        whole = float(total(torch.tensor(float(asked(targets)), device=self.device))) / world() if split else 1.0
        for part, wanted in zip(inputs.tensor_split(parts), targets.tensor_split(parts), strict=True):
            loss = self._loss(part, wanted)
            if split:
                loss = loss * (asked(wanted) / whole)
            self.scaler.scale(loss).backward()
            loss_sum += loss.detach()
        return total(loss_sum) / world()

    def _clip(self) -> Tensor:
        gradients = [weight.grad for weight in self.weights if weight.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        if self.config.clip is not None:
            torch.nn.utils.clip_grads_with_norm_(self.weights, self.config.clip, norm)
        return norm
