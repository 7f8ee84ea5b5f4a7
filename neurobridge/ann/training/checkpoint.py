"""Files of tensors that are written whole or not at all, and are safe to open from strangers."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from neurobridge.errors import FileFormatError

FORMAT = "neurobridge checkpoint 1"


def write_file(path: Path, content: bytes) -> None:
    """Write `content` so that a reader, or a power cut, sees the old file or the new one and nothing between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def write(path: Path | str, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write tensors and JSON facts into one safetensors file, atomically.

    Args:
        path: the file; its folder is made.
        tensors: name -> tensor, on any device.
        facts: anything JSON can hold.
    """
    # copies, since safetensors refuses tensors that share memory, as tied weights do
    plain = {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors.items()}
    write_file(Path(path), save(plain, metadata={"format": FORMAT, "facts": json.dumps(dict(facts))}))


def read(path: Path | str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return what `write` wrote: tensors on the CPU, and the facts.

    Raises:
        FileFormatError: no such file, truncated, or not such a file. Nothing in it is ever executed.
    """
    path = Path(path)
    if not path.is_file():
        raise FileFormatError(f"no checkpoint at {path}; train a model into that place first.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise FileFormatError(
            f"{path} is truncated or not a safetensors file ({error}); pickled checkpoints are never opened."
        ) from None
    try:
        return tensors, json.loads(metadata.get("facts", "{}"))
    except json.JSONDecodeError as error:
        raise FileFormatError(f"{path}: its facts are not JSON ({error}).") from None


def save_weights(path: Path | str, model: nn.Module, facts: Mapping[str, Any] | None = None) -> None:
    """Write a network's weights and buffers into a safetensors file, atomically.

    Args:
        path: the file.
        model: any network.
        facts: what else the file should say, as JSON can hold it.
    """
    write(path, model.state_dict(), facts or {})


def load_weights(path: Path | str, model: nn.Module) -> dict[str, Any]:
    """Fill a network with weights from a safetensors file, and return the file's facts.

    Args:
        path: written by `save_weights`, or any safetensors file with the same names.
        model: changed in place, and only if everything fits.

    Raises:
        FileFormatError: no such file, truncated, not safetensors, or of another network.
    """
    tensors, facts = read(path)
    fill(model, tensors, str(path))
    return facts


def fill(model: nn.Module, tensors: Mapping[str, Tensor], origin: str) -> None:
    """Fill a network with tensors of the same names and shapes.

    Raises:
        FileFormatError: names or shapes differ; all differences are listed.
    """
    own = model.state_dict()
    faults = [f"missing {name}" for name in own if name not in tensors]
    faults += [f"unexpected {name}" for name in tensors if name not in own]
    faults += [
        f"{name} is {tuple(tensors[name].shape)}, not {tuple(own[name].shape)}"
        for name in own
        if name in tensors and tensors[name].shape != own[name].shape
    ]
    if faults:
        raise FileFormatError(f"{origin} holds the weights of another network: {'; '.join(faults)}.")
    model.load_state_dict(dict(tensors))
