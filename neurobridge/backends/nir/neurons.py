"""Neurons of a graph as NIR neurons and back: the same numbers per step and per time constant.

NIR's equations are continuous. With the step dt and Euler's rule, tau v' = v_leak - v + R I becomes
v <- beta v + (1 - beta) (v_leak + R I) with beta = 1 - dt / tau, and v' = R I becomes v <- v + dt R I.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import nir
import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError
from neurobridge.graph.dynamics import Cells

DISCRETISATIONS = {
    "euler": lambda dt, tau: 1 - dt / tau,
    "exponential": lambda dt, tau: np.exp(-dt / tau),
}
"""What is left of a membrane after a step, from the time constant; snnTorch means Euler's rule."""


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What a NIR neuron does in one step: i <- alpha i + gain x;  v <- beta v + i + bias.

    Attributes:
        beta: what is left of the membrane.
        alpha: what is left of the synaptic current; None: there is none.
        gain: on what arrives.
        bias: of the membrane.
    """

    beta: ndarray
    alpha: ndarray | None
    gain: ndarray
    bias: ndarray


def exact_parts(name: str, cells: Cells, shape: tuple[int, ...], dt: float) -> tuple[dict[str, Any], list[tuple]]:
    """Return NIR nodes and edges that do what neurons do, step by step; the last node's output is the spikes.

    Reset by subtraction is a feedback, integrator -> Threshold -> Scale(-reset) -> integrator, which acts a step later.
    """
    metadata = described(cells, shape)
    if cells.reset is None:
        return {name: empty_on_spike(cells, shape, dt, metadata)}, []
    names = [f"{name}_current"] * (cells.alpha is not None) + [f"{name}_membrane", name]
    level = cells.threshold
    # v >= theta is v > the float below theta
    level = np.nextafter(level, -np.inf) if cells.at else level
    nodes: dict[str, Any] = {}
    if cells.alpha is not None:
        nodes[names[0]] = _integrator(cells.alpha, np.zeros_like(cells.bias), shape, dt, {})
    nodes[names[-2]] = _integrator(cells.beta, cells.bias, shape, dt, metadata)
    nodes[name] = nir.Threshold(threshold=level.reshape(shape))
    edges = [*pairwise(names)]
    if np.any(cells.reset):
        nodes[f"{name}_reset"] = nir.Scale(scale=-cells.reset.reshape(shape))
        edges += [(name, f"{name}_reset"), (f"{name}_reset", f"{name}_membrane")]
    return nodes, edges


def described(cells: Cells, shape: tuple[int, ...]) -> dict[str, Any]:
    """Return as metadata what NIR has no field for, and the factors per step, which time constants round."""
    found: dict[str, Any] = {"initial": cells.initial.reshape(shape), "beta": cells.beta.reshape(shape)}
    found["bias"] = cells.bias.reshape(shape)
    if cells.alpha is not None:
        found["alpha"] = cells.alpha.reshape(shape)
    return found


def _integrator(left: ndarray, bias: ndarray, shape: tuple[int, ...], dt: float, metadata: dict[str, Any]) -> Any:
    """Return v <- left v + x + bias as a node of NIR."""
    if np.all(left == 1):
        return nir.I(r=np.full(shape, 1 / dt), metadata=metadata)
    rest = (1 - left).reshape(shape)
    leak = bias.reshape(shape) / rest
    return nir.LI(tau=dt / rest, r=1 / rest, v_leak=leak, metadata=metadata)


def empty_on_spike(cells: Cells, shape: tuple[int, ...], dt: float, metadata: dict[str, Any]) -> Any:
    """Return neurons whose membrane a spike empties as one node of NIR: IF, LIF or CubaLIF."""
    level = cells.threshold.reshape(shape)
    level = np.nextafter(level, -np.inf) if cells.at else level
    zero = np.zeros(shape)
    rest = (1 - cells.beta).reshape(shape)
    common = {"v_threshold": level, "v_reset": zero, "metadata": metadata}
    if cells.alpha is not None:
        decay = (1 - cells.alpha).reshape(shape)
        return nir.CubaLIF(
            tau_syn=dt / decay, tau_mem=dt / rest, r=1 / rest, v_leak=cells.bias.reshape(shape) / rest,
            w_in=1 / decay, **common,
        )  # fmt: skip
    if np.all(cells.beta == 1):
        return nir.IF(r=np.full(shape, 1 / dt), **common)
    return nir.LIF(tau=dt / rest, r=1 / rest, v_leak=cells.bias.reshape(shape) / rest, **common)


def inexpressible(cells: Cells) -> str | None:
    """Return why NIR has no neurons like these, or None."""
    if np.any(cells.beta == 1) and (np.any(cells.beta != 1) or np.any(cells.bias)):
        return "some of its membranes leak and others don't, or one without leak has a bias"
    if cells.alpha is not None and np.any(cells.alpha == 1):
        return "its synaptic current never decays"
    if cells.alpha is not None and cells.reset is None and np.any(cells.beta == 1):
        return "it has a synaptic current, no leak and a reset to zero"
    return None


def parameters(name: str, node: Any, dt: float, discretisation: str) -> Parameters:
    """Return what a NIR neuron does in one step.

    Raises:
        FileFormatError: a time constant that is not longer than the step, or numbers that are not finite.
    """
    left = DISCRETISATIONS[discretisation]
    match node:
        case nir.IF() | nir.I():
            found = {"beta": np.ones_like(node.r), "gain": dt * node.r, "bias": np.zeros_like(node.r)}
        case nir.LIF() | nir.LI():
            beta = left(dt, _time(name, node.tau, dt))
            found = {"beta": beta, "gain": (1 - beta) * node.r, "bias": (1 - beta) * node.v_leak}
        case nir.CubaLIF():
            alpha, beta = left(dt, _time(name, node.tau_syn, dt)), left(dt, _time(name, node.tau_mem, dt))
            gain = (1 - alpha) * node.w_in * (1 - beta) * node.r
            found = {"beta": beta, "alpha": alpha, "gain": gain, "bias": (1 - beta) * node.v_leak}
        case _:
            raise TypeError(f"no neuron parameters for {type(node).__name__}")
    if not all(np.isfinite(value).all() for value in found.values()):
        raise FileFormatError(f"NIR node {name!r} has parameters that are not finite numbers")
    for key, value in found.items():
        told = node.metadata.get(key)
        # the factor that was written, unless the time constant beside it was changed
        if isinstance(told, np.ndarray) and told.shape == value.shape and np.allclose(told, value, rtol=1e-9):
            found[key] = told
    gain = np.where(np.isclose(found["gain"], 1, rtol=1e-12, atol=0), 1.0, found["gain"])
    return Parameters(beta=found["beta"], alpha=found.get("alpha"), gain=gain, bias=found["bias"])


def _time(name: str, tau: ndarray, dt: float) -> ndarray:
    tau = np.asarray(tau, dtype=float)
    if not np.all(tau >= dt):
        raise FileFormatError(
            f"NIR node {name!r} has a time constant of {np.min(tau):g} s, shorter than the step of {dt:g} s; "
            "give the dt that the network was made for"
        )
    return tau
