"""Architectures, one a file: a config dataclass and an `nn.Module` each.

>>> from neurobridge import models, tasks
>>> model = models.build("cnn", tasks.load("digits"), widths=(8, 16))
"""

import dataclasses
from importlib import import_module
from typing import Any

import torch
from torch import nn

from neurobridge.ann.models.shapes import HasShapes, Shapes
from neurobridge.errors import InputError, lookup

__all__ = ["Shapes", "build", "fitting", "names"]

# name -> "module:class"; the class takes (shapes, config), has a `Config` and says which (kind, answers) it `fits`
MODELS = {
    "mlp": "neurobridge.ann.models.mlp:MLP",
    "cnn": "neurobridge.ann.models.cnn:CNN",
    "stn-cnn": "neurobridge.ann.models.spatial_transformer:SpatialTransformerCNN",
    "rnn": "neurobridge.ann.models.recurrent:RNN",
    "gru": "neurobridge.ann.models.recurrent:GRU",
    "lstm": "neurobridge.ann.models.recurrent:LSTM",
    "bilstm": "neurobridge.ann.models.recurrent:BiLSTM",
    "stacked-lstm": "neurobridge.ann.models.recurrent:StackedLSTM",
    "language-model": "neurobridge.ann.models.language_model:LanguageModel",
    "transformer": "neurobridge.ann.models.transformer:TransformerEncoder",
    "transformer-language-model": "neurobridge.ann.models.transformer:TransformerLanguageModel",
    "seq2seq": "neurobridge.ann.models.seq2seq:Seq2Seq",
    "cnn-lstm": "neurobridge.ann.models.cnn_lstm:CNNLSTM",
    "residual-cnn": "neurobridge.ann.models.residual_cnn:ResidualCNN",
}


def names() -> tuple[str, ...]:
    """Return the names of all architectures."""
    return tuple(sorted(MODELS))


def fitting(task: HasShapes) -> tuple[str, ...]:
    """Return the names of the architectures that can do `task`."""
    shapes = Shapes.of(task)
    return tuple(name for name in names() if (shapes.kind, shapes.answers) in _architecture(name).fits)


def build(name: str, task: HasShapes, *, seed: int = 0, **options: Any) -> nn.Module:
    """Return an untrained network.

    Args:
        name: one of `names()`.
        task: a task or `Shapes`; it fixes the sizes of inputs and outputs.
        seed: of the initial weights; the global random state is left as it was.
        options: fields of the architecture's config.

    Raises:
        UnknownNameError: no architecture or no option has this name.
        InputError: the architecture does not fit the task, or an option's value cannot be used.
    """
    lookup("model", name, MODELS)
    architecture = _architecture(name)
    shapes = Shapes.of(task)
    if (shapes.kind, shapes.answers) not in architecture.fits:
        raise InputError(
            f"model {name!r} does not fit inputs of kind {shapes.kind!r} {shapes.input_shape} with answers "
            f"of kind {shapes.answers!r}; these fit: {', '.join(fitting(shapes)) or 'none'}."
        )
    known = {field.name: field for field in dataclasses.fields(architecture.Config)}
    for option in options:
        lookup(f"option of model {name!r},", option, known)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return architecture(shapes, architecture.Config(**options))


def _architecture(name: str) -> Any:
    module, _, attribute = MODELS[name].partition(":")
    return getattr(import_module(module), attribute)
