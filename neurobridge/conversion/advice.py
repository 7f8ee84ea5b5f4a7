"""What to tell a user when torch.export cannot follow a network: their own line, and what to write instead."""

from pathlib import Path

import torch

from neurobridge.errors import own_line

PACKAGES = tuple(str(Path(file).parent) for file in (torch.__file__, __file__))
"""Folders whose frames are not the user's: PyTorch and the converter."""


def advice(error: Exception) -> str:
    """Return why an export failed, in words about the user's network."""
    line = own_line(error, PACKAGES)
    where = f" at {line}" if line else ""
    text, *more = str(error).strip().split("\n")
    if type(error).__name__ == "GuardOnDataDependentSymNode" or "data-dependent" in text:
        return (
            f"the network decides by the value of a tensor{where}, which no fixed network of neurons can follow.\n"
            "Compute both ways and choose with torch.where, or take the decision out of the module."
        )
    if "Constraints violated" in text:
        reason = next((line.strip(" -").split(". If")[0] for line in more if line.startswith("  - ")), text)
        return (
            f"the network takes only some numbers of samples ({reason}).\n"
            "Either a shape is written as a number (write x.size(0)), or a layer reads the samples as steps: "
            "nn.LSTM, nn.GRU and nn.RNN take (step, sample, feature) unless they have batch_first=True, and convert "
            "takes the place of the samples as batch_axis=."
        )
    return (
        f"torch.export cannot follow this network{where}: {type(error).__name__}: {text}\n"
        "forward must be made of PyTorch operations on its arguments, for any number of samples (x.size(0), not a "
        "number). Try torch.export.export(model, (x,)) to see where it stops."
    )
