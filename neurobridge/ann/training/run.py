"""A training run as files: what it is, where it stands, and its best weights.

A run's folder holds `run.json` (what is trained, for readers), `last.safetensors` (weights, optimizer and history after
the last epoch) and `best.safetensors` (weights of the best validation score).
"""

import json
import zlib
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from torch import nn

from neurobridge.ann.training import checkpoint, tree
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.ann.training.history import Epoch, History
from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks import SupervisedTask

LAST, BEST, ABOUT = "last.safetensors", "best.safetensors", "run.json"
# a run may go on elsewhere; its result then differs in the last bits only
FREE = ("device", "compile")


def describe(model: nn.Module, task: SupervisedTask, config: TrainingConfig) -> dict[str, Any]:
    """Return what decides a run's result: the network, the data and the training, as JSON can hold it."""
    options = getattr(model, "config", None)
    content = (
        np.ascontiguousarray(task.train.inputs).view(np.uint8).data,
        np.ascontiguousarray(task.train.targets).view(np.uint8).data,
    )
    return {
        "task": task.name,
        "data": f"{zlib.crc32(content[1], zlib.crc32(content[0])):08x}",
        "model": type(model).__name__,
        "options": plain(asdict(options)) if is_dataclass(options) and not isinstance(options, type) else {},
        "training": {name: value for name, value in plain(asdict(config)).items() if name not in FREE},
    }


def plain(value: Any) -> Any:
    """Return `value` as it comes back from JSON: tuples as lists."""
    return json.loads(json.dumps(value))


@final
@dataclass
class RunFolder:
    """The files of one run.

    Args:
        path: the folder.
        about: from `describe`.
    """

    path: Path
    about: dict[str, Any]

    def save(self, model: nn.Module, optimizer: torch.optim.Optimizer, scaler: Any, history: History) -> None:
        """Write where the run stands, and its weights as the best if they are."""
        # the best goes first: if this is cut short, the epoch is run again and writes the same
        if history.best == len(history) - 1:
            checkpoint.save_weights(self.path / BEST, model, {"about": self.about, "epoch": len(history)})
        if len(history) == 1:
            checkpoint.write_file(self.path / ABOUT, json.dumps(self.about, indent=2).encode())
        tensors = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
        facts = {
            "about": self.about,
            "optimizer": tree.pack(optimizer.state_dict(), tensors, "optimizer"),
            "scaler": scaler.state_dict(),
            "history": history.rows(),
        }
        checkpoint.write(self.path / LAST, tensors, facts)

    def resume(self, model: nn.Module, optimizer: torch.optim.Optimizer, scaler: Any, history: History) -> None:
        """Bring everything to where the run stood; does nothing in a folder without a run.

        Raises:
            InputError: the folder holds another run; the differences are listed.
            FileFormatError: its files are damaged.
        """
        path = self.path / LAST
        if not path.exists():
            return
        tensors, facts = checkpoint.read(path)
        refuse_another(self.path, facts.get("about"), self.about)
        prefix = "model."
        weights = {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}
        try:
            state = tree.unpack(facts["optimizer"], tensors)
            history.epochs[:] = [Epoch(**row) for row in facts["history"]]
            scaler.load_state_dict(facts["scaler"])
        except (KeyError, TypeError) as error:
            raise FileFormatError(f"{path} is not the state of a training run ({error!r}).") from None
        checkpoint.fill(model, weights, str(path))
        optimizer.load_state_dict(state)

    def best(self, model: nn.Module) -> None:
        """Fill the network with the best weights."""
        checkpoint.load_weights(self.path / BEST, model)


def refuse_another(folder: Path, there: Any, here: dict[str, Any]) -> None:
    """Raise if a folder's run differs from this one, naming every difference.

    Args:
        folder: for the message.
        there: what the folder's run says of itself.
        here: what this run says.

    Raises:
        InputError: they differ.
    """
    if there == here:
        return
    mine, theirs = _flat(here), _flat(there if isinstance(there, dict) else {})
    changed = [
        f"{name} {theirs.get(name)!r}, not {mine.get(name)!r}"
        for name in sorted(mine.keys() | theirs.keys())
        if mine.get(name) != theirs.get(name)
    ]
    raise InputError(f"{folder} holds another training run ({'; '.join(changed)}); choose another folder or remove it.")


def _flat(tree_: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in tree_.items():
        result |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return result
