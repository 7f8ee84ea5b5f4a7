"""Training of a spiking network's synapses from where they are, by surrogate gradients through its spikes."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from neurobridge.conversion.straight_through import StraightThroughNetwork
from neurobridge.conversion.surrogate import Learning, SurrogateNetwork
from neurobridge.errors import TrainingError
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph

Loss = Callable[[list[Tensor], Tensor], Tensor]
"""Of the outputs for some samples, and which samples these are."""

LEARNING_RATE = 0.01
"""Of Adam, in the root mean square of the tensor that is trained; 0.01 and 0.03 were tried."""


def tuned(
    graph: Graph,
    inputs: tuple[Tensor, ...],
    loss: Loss,
    epochs: int,
    learning_rate: float = LEARNING_RATE,
    batch_size: int = 64,
    seed: int = 0,
) -> Graph:
    """Return the graph with weights and biases trained; ranges, thresholds and first membranes stay.

    The gradient of a spike is that of snnTorch's neurons (the arctangent of Fang et al. 2021), through all steps; that
    of a window of spikes goes straight through (see `straight_through`). Adam, its rate falling to zero along half a
    cosine.

    Args:
        graph: of the rate code or of a windowed one, fitted.
        inputs: (sample, ...) for each encoder.
        loss: what becomes smaller.
        epochs: passes over the inputs.
        learning_rate: in the root mean square of each tensor.
        batch_size: samples between two changes.
        seed: of the order of the samples.

    Raises:
        TrainingError: the loss or a weight is no longer a finite number.
    """
    network = learning(graph)
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    scales = [max(float(p.detach().square().mean().sqrt()), 1e-6) for p in trained]
    groups = [{"params": [p], "lr": learning_rate * s} for p, s in zip(trained, scales, strict=True)]
    optimizer = torch.optim.Adam(groups, betas=(0.9, 0.99))
    generator = torch.Generator().manual_seed(seed)
    total = epochs * math.ceil(len(inputs[0]) / batch_size)
    falling = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: 0.5 * (1 + math.cos(math.pi * k / max(total, 1))))
    with torch.enable_grad():
        for epoch in range(epochs):
            for chosen in torch.randperm(len(inputs[0]), generator=generator).split(batch_size):
                optimizer.zero_grad()
                outputs = network(*(x[chosen] for x in inputs))
                found = loss([outputs] if isinstance(outputs, Tensor) else list(outputs), chosen)
                if not bool(torch.isfinite(found)):
                    raise TrainingError(
                        f"the loss is {float(found.detach())} in epoch {epoch + 1}; lower the learning rate "
                        f"({learning_rate:g}), or look at the data"
                    )
                found.backward()
                optimizer.step()
                falling.step()
    if not all(bool(torch.isfinite(parameter).all()) for parameter in trained):
        raise TrainingError(
            f"weights are no longer finite after the last step; lower the learning rate ({learning_rate:g}), or look "
            "at the data"
        )
    return network.learnt()


def learning(graph: Graph) -> SurrogateNetwork | StraightThroughNetwork:
    """Return a network of the rate code or of a windowed one as a module that learns."""
    if CODES[graph.code].averages:
        return SurrogateNetwork(graph, Learning(normalised=False))
    return StraightThroughNetwork(graph)
