"""How many multiply-accumulates one forward pass of a network takes."""

import torch
from numpy import ndarray
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def multiply_accumulates(model: nn.Module, sample: ndarray) -> float:
    """Return the multiply-accumulates of one inference in matrix products and convolutions.

    Zeros that pad a convolution's input are counted, since a network multiplies by them; additions alone, as in
    pooling, and elementwise functions are not.

    Args:
        model: a network on the CPU.
        sample: one input as a batch of one.
    """
    counter = FlopCounterMode(display=False)
    was_training = model.training
    # without oneDNN a recurrent layer runs as matrix products, which is what the counter knows
    with counter, torch.no_grad(), torch.backends.mkldnn.flags(enabled=False):
        model.eval()(torch.as_tensor(sample))
    model.train(was_training)
    return counter.get_total_flops() / 2
