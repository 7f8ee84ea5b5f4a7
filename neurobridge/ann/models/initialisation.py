"""Initial weights by name.

xavier   Var[w] = 2 / (fan_in + fan_out)    Glorot & Bengio 2010
he       Var[w] = 2 / fan_in                He et al. 2015
torch    what PyTorch does: uniform, Var[w] = 1 / (3 fan_in)
"""

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from neurobridge.errors import lookup


def _he(weight: Tensor) -> Tensor:
    return nn.init.kaiming_normal_(weight, nonlinearity="relu")


INITIALISATIONS: Mapping[str, Callable[[Tensor], Tensor] | None] = {
    "torch": None,
    "xavier": nn.init.xavier_normal_,
    "he": _he,
}


def initialise(model: nn.Module, name: str) -> None:
    """Draw the weights of every linear and convolutional layer anew, and set their biases to zero.

    Args:
        model: changed in place.
        name: one of `INITIALISATIONS`; "torch" leaves the model as it is.

    Raises:
        UnknownNameError: no initialisation has this name.
    """
    draw = lookup("initialisation", name, INITIALISATIONS)
    if draw is None:
        return
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d):
            draw(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
