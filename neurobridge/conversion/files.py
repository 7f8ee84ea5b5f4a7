"""A converted network as one file, safe to open from strangers."""

from dataclasses import asdict
from pathlib import Path

import torch

from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.conversion.certificate import Certificate, Row
from neurobridge.errors import FileFormatError, InputError
from neurobridge.graph.files import read, write
from neurobridge.graph.records import check_fields


def save(network: SpikingNetwork, path: Path | str) -> None:
    """Write a converted network and its certificate to one file, whole or not at all.

    Weights that were trained after conversion are not part of the graph; save such a network's `state_dict`.

    Args:
        network: what `convert` returned.
        path: of the file, by custom ending in ".nb".

    Raises:
        InputError: not a converted network.
    """
    if not isinstance(network, SpikingNetwork):
        raise InputError(f"save takes a converted network, not a {type(network).__name__}; convert the model first")
    certificate = network.certificate
    write(network.graph, path, {} if certificate is None else {"certificate": asdict(certificate)})


def load(path: Path | str, dtype: torch.dtype = torch.float32) -> SpikingNetwork:
    """Return a converted network from its file.

    Args:
        path: of the file.
        dtype: of weights and membranes.

    Raises:
        FileFormatError: not such a file, truncated, of another version, or describing a network that cannot run.
    """
    graph, extra = read(path)
    network = SpikingNetwork(graph, dtype=dtype)
    if "certificate" in extra:
        try:
            network.certificate = _certificate(extra["certificate"])
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise FileFormatError(f"{path} holds a certificate that cannot be read ({error})") from error
    return network


def _certificate(found: dict) -> Certificate:
    rows = found["populations"]
    for row in rows:
        check_fields(Row, row)
    fields = {**found, "populations": tuple(Row(**row) for row in rows), "operations": tuple(found["operations"])}
    check_fields(Certificate, fields)
    return Certificate(**fields)
