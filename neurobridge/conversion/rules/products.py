"""Matrix products: with a constant they are synapses, of two signals they are gates."""

import numpy as np
from scipy.linalg import block_diag
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.arithmetic import add, as_result
from neurobridge.conversion.rules.linear import array
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.rules.shaping import matrix_transpose
from neurobridge.conversion.signals import Samples, Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps


def matmul(build: Builder, a: Signal | Tensor, b: Signal | Tensor) -> Signal:
    """A b over the last two axes."""
    if not isinstance(b, Signal):
        return _right_constant(build, a, array(b))
    if not isinstance(a, Signal):
        return _left_constant(build, array(a), b)
    return _of_signals(build, a, b)


def _right_constant(build: Builder, a: Signal, b: np.ndarray) -> Signal:
    if b.ndim == 1:
        return as_result(build, build.synapses([a], [maps.Dense(weight=b[None])]))
    while b.ndim > 2 and b.shape[0] == 1:
        b = b[0]
    if b.ndim > 2 and _samples_are_rows(a):
        return _members(build, a, b)
    if b.ndim > 2:
        turned = _stacked(build, b.swapaxes(-1, -2), matrix_transpose(build, a))
        return matrix_transpose(build, turned)
    a.axis(-1)
    return build.synapses([a], [maps.Dense(weight=b.T)], channel=-1)


def _samples_are_rows(a: Signal) -> bool:
    return a.samples.alone and a.samples.axis - a.rank == -2


def _members(build: Builder, a: Signal, b: np.ndarray) -> Signal:
    """Return the rows of every matrix times a constant matrix of its own, where each row is a sample."""
    lead, (inner, outputs) = a.shape[:-1], b.shape[-2:]
    if np.broadcast_shapes(b.shape[:-2], lead) != lead:
        raise UnsupportedOperationError("it multiplies one matrix, whose rows are samples, by several; expand it first")
    blocks = block_diag(*np.broadcast_to(b.swapaxes(-1, -2), (*lead, outputs, inner)).reshape(-1, outputs, inner))
    flat = build.routed(a, maps.Reshape(shape=(blocks.shape[1],)), samples=Samples(axis=0), channel=None)
    product = build.synapses([flat], [maps.Dense(weight=blocks)], channel=-1, suffix="members")
    return build.routed(product, maps.Reshape(shape=(*lead, outputs)), samples=a.samples, channel=-1)


def _left_constant(build: Builder, a: np.ndarray, b: Signal) -> Signal:
    while a.ndim > 2 and a.shape[0] == 1:
        a = a[0]
    if a.ndim == 1:
        raise UnsupportedOperationError("it multiplies a constant vector from the left; write it as a row of a matrix")
    if a.ndim > 2:
        return _stacked(build, a, b)
    return build.synapses([b], [maps.Along(weight=a, axis=b.axis(-2))], channel=b.channel)


def _stacked(build: Builder, a: np.ndarray, b: Signal) -> Signal:
    """Return the products of constant matrices with those of a signal, one each: blocks of one matrix."""
    if b.samples.axis - b.rank > -3:
        raise UnsupportedOperationError("it multiplies matrices whose samples are among their rows or columns")
    lead, (rows, inner), columns = b.shape[:-2], a.shape[-2:], b.shape[-1]
    blocks = block_diag(*np.broadcast_to(a, (*lead, rows, inner)).reshape(-1, rows, inner))
    flat = build.routed(b, maps.Reshape(shape=(blocks.shape[1], columns)))
    product = build.synapses([flat], [maps.Along(weight=blocks, axis=-2)], suffix="blocks")
    return build.routed(product, maps.Reshape(shape=(*lead, rows, columns)))


def _of_signals(build: Builder, a: Signal, b: Signal) -> Signal:
    """A gate whose einsum names the axes of one sample."""
    if a.samples.axis - a.rank != b.samples.axis - b.rank or a.samples.axis - a.rank > -3:
        raise UnsupportedOperationError("it multiplies matrices whose samples are among their rows or columns")
    lead = "abcdefgh"[: max(len(a.shape), len(b.shape)) - 2]
    left, right = lead[len(lead) - len(a.shape) + 2 :], lead[len(lead) - len(b.shape) + 2 :]
    shape = (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1])
    product = build.gate(a, b, f"{left}ij,{right}jk->{lead}ik", shape)
    return as_result(build, product.moved(channel=None))


def bilinear(build: Builder, a: Signal, b: Signal, weight: Tensor, bias: Tensor | None = None) -> Signal:
    """Y_o = sum_ij a_i W_oij b_j + bias_o: synapses of a, then a gate with b."""
    outputs, inputs, others = weight.shape
    rows = array(weight).transpose(0, 2, 1).reshape(outputs * others, inputs)
    held = build.synapses([a], [maps.Dense(weight=rows)], channel=-1, suffix="rows")
    held = build.routed(held, maps.Reshape(shape=(*held.shape[:-1], outputs, others)))
    lead = "abcdefgh"[: len(b.shape) - 1]
    product = build.gate(held, b, f"{lead}oj,{lead}j->{lead}o", (*b.shape[:-1], outputs)).moved(channel=None)
    return product if bias is None else add(build, product, bias)


def add_product(
    build: Builder, bias: Signal | Tensor, a: Signal | Tensor, b: Signal | Tensor, beta: float = 1, alpha: float = 1
) -> Signal:
    """Beta bias + alpha a b."""
    product = matmul(build, a, b)
    if alpha != 1:
        product = build.synapses([product], [maps.Scale(factor=np.array(float(alpha)))], channel=product.channel)
    if isinstance(bias, Tensor):
        bias = bias * beta
    elif beta != 1:
        bias = build.synapses([bias], [maps.Scale(factor=np.array(float(beta)))], channel=bias.channel)
    return add(build, product, bias)


RULES: Rules = {
    "matmul": matmul,
    "mm": matmul,
    "bmm": matmul,
    "addmm": add_product,
    "baddbmm": add_product,
    "bilinear": bilinear,
}
