"""How many multiply-accumulates one forward pass of a network takes."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

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
    with counter, torch.no_grad(), plain_recurrence():
        model.eval()(torch.as_tensor(sample))
    model.train(was_training)
    return counter.get_total_flops() / 2


@contextmanager
def plain_recurrence() -> Iterator[None]:
    """Run recurrent layers as matrix products, which is what the counter knows, rather than in one oneDNN kernel."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the switch warns of graphics cards, whichever machine this is
        with torch.backends.mkldnn.flags(enabled=False):
            yield
