"""A graph as one file: safetensors for the arrays, JSON for the rest, a format version, and nothing that can run."""

import dataclasses
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from neurobridge.errors import FileFormatError, InputError
from neurobridge.graph import maps, nodes
from neurobridge.graph.checks import check
from neurobridge.graph.graph import Graph
from neurobridge.graph.records import check_fields

FORMAT = "neurobridge-graph"
VERSION = 2
"""Raised whenever an older reader could misread a newer file, or would not know a field of it.

1 had no first membranes in windowed codes, one encoder for each argument, and outputs without names.
"""

READABLE = (1, 2)
"""Versions whose files mean the same now; fields that a version did not have take their usual values."""

_RECORDS = {
    kind.__name__: kind
    for module in (maps, nodes)
    for kind in vars(module).values()
    if dataclasses.is_dataclass(kind) and isinstance(kind, type)
} | {"Graph": Graph}
"""Every record that a file may hold, by name."""


def write(graph: Graph, path: Path | str, extra: dict[str, Any] | None = None) -> None:
    """Write a graph to one file, whole or not at all.

    Args:
        graph: any graph.
        path: of the file, by custom ending in ".nb".
        extra: plain data to keep beside it, such as a certificate.

    Raises:
        InputError: the folder does not exist, or the disk does not take it.
    """
    arrays: dict[str, np.ndarray] = {}
    header = {"graph": _encoded(graph, arrays), "extra": extra or {}}
    path = Path(path)
    part = path.with_name(path.name + ".part")
    text, held = json.dumps(header), arrays or {"none": np.zeros(1)}
    metadata = {"format": FORMAT, "version": str(VERSION), "header": text, "digest": _digest(text, held)}
    try:
        save_file(held, part, metadata=metadata)
        with open(part, "rb") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    except (OSError, SafetensorError) as error:
        part.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written: {error}") from error


def read(path: Path | str) -> tuple[Graph, dict[str, Any]]:
    """Return the graph in a file, checked, and the plain data beside it. Safe for files from strangers.

    Raises:
        FileFormatError: not such a file, truncated, changed, of a newer version, or describing a graph that cannot run.
    """
    metadata, arrays = _opened(Path(path))
    if metadata.get("format") != FORMAT:
        raise FileFormatError(f"{path} is a safetensors file but not a spiking network; was it written by neurobridge?")
    if metadata.get("version") not in [str(version) for version in READABLE]:
        raise FileFormatError(
            f"{path} has format version {metadata.get('version')}; this neurobridge reads up to version {VERSION}. "
            "Convert the network again, or install the neurobridge that wrote it."
        )
    # files written before there was one have no digest
    if "digest" in metadata and metadata["digest"] != _digest(metadata.get("header", ""), arrays):
        raise FileFormatError(f"{path} was changed after it was written; copy it again, or convert the network again.")
    try:
        header = json.loads(metadata["header"])
        graph, extra = _decoded(header["graph"], arrays), header["extra"]
        if not isinstance(graph, Graph) or not isinstance(extra, dict):
            raise TypeError("it holds no graph")
        check(graph)
        return graph, extra
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, InputError) as error:
        raise FileFormatError(f"{path} does not describe a spiking network: {error}") from error


def _opened(path: Path) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """Return the metadata of a file and, if it is one of ours, its arrays."""
    if not path.is_file():
        raise FileFormatError(f"{path} does not exist, or is a folder")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            ours = metadata.get("format") == FORMAT
            return metadata, {name: file.get_tensor(name) for name in file.keys()} if ours else {}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError, MemoryError) as error:
        raise FileFormatError(f"{path} is not a complete network file ({error})") from error


def _digest(header: str, arrays: dict[str, np.ndarray]) -> str:
    """Return the SHA-256 of all that a file holds: damage is noticed, not malice."""
    total = hashlib.sha256(header.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        total.update(f"{name} {array.dtype.str} {array.shape}".encode() + array.tobytes())
    return total.hexdigest()


def _encoded(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        held = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        # numpy turns arithmetic on arrays without axes into scalars
        fields = {k: _encoded(np.asarray(v) if isinstance(v, np.floating) else v, arrays) for k, v in held.items()}
        return {"record": type(value).__name__, "fields": fields}
    if isinstance(value, np.ndarray):
        key = str(len(arrays))
        arrays[key] = np.ascontiguousarray(value).reshape(value.shape)
        return {"array": key}
    if isinstance(value, tuple | list):
        return [_encoded(item, arrays) for item in value]
    if isinstance(value, dict):
        return {"mapping": {key: _encoded(item, arrays) for key, item in value.items()}}
    if isinstance(value, np.generic):
        return value.item()
    return value


def _decoded(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, list):
        return tuple(_decoded(item, arrays) for item in value)
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "mapping" in value:
        return {key: _decoded(item, arrays) for key, item in value["mapping"].items()}
    kind = _RECORDS[value["record"]]
    fields = {name: _decoded(item, arrays) for name, item in value["fields"].items()}
    check_fields(kind, fields)
    return kind(**fields)
