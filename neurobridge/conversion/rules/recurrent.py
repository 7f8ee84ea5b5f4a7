"""Recurrent layers and cells: linear, sigmoid, tanh and gates; a whole layer is one loop."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod

import numpy as np
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.activations import relu
from neurobridge.conversion.rules.linear import array
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Samples, Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps

ONE, MINUS = maps.Identity(), maps.Scale(factor=np.array(-1.0))


def part(build: Builder, x: Signal, number: int, size: int) -> Signal:
    """Return one of the equal parts of the last axis."""
    indices = tuple(range(number * size, (number + 1) * size))
    return build.routed(x, maps.Take(indices=indices, axis=-1), channel=-1)


def sigmoid(build: Builder, x: Signal) -> Signal:
    """Return 1 / (1 + exp(-x))."""
    return build.neurons(x, "sigmoid", span=(0.0, 1.0))


def tanh(build: Builder, x: Signal) -> Signal:
    """Return the hyperbolic tangent of x."""
    return build.neurons(x, "tanh", paired=True, span=(0.0, 1.0))


def lstm_step(build: Builder, drive: Signal, states: Sequence[Signal], weights: Sequence[np.ndarray]) -> list[Signal]:
    """Gates c <- f c + i g, h <- o tanh(c); i, f, o = sigmoid, g = tanh of W x + U h + b; Hochreiter et al. 1997.

    Args:
        build: of the round.
        drive: W x + both biases, the four gates after one another.
        states: h and c.
        weights: U and, with a projection of h, its matrix.
    """
    h, c = states
    size = c.shape[-1]
    gates = build.synapses([drive, h], [ONE, maps.Dense(weight=weights[0])], channel=-1, suffix="gates")
    i, f, g, o = (part(build, gates, number, size) for number in range(4))
    kept = build.gate(sigmoid(build, f), c)
    new = build.gate(sigmoid(build, i), tanh(build, g))
    c = build.synapses([kept, new], [ONE, ONE], channel=-1, suffix="cell")
    h = build.gate(sigmoid(build, o), tanh(build, c))
    if len(weights) > 1:
        h = build.synapses([h], [maps.Dense(weight=weights[1])], channel=-1, suffix="projection")
    return [h, c]


def gru_step(build: Builder, drive: Signal, states: Sequence[Signal], weights: Sequence[np.ndarray]) -> list[Signal]:
    """Gates: h <- n + z (h - n), n = tanh(W x + r (U h + b)), with r, z = sigmoid; Cho et al. 2014, PyTorch's form.

    Args:
        build: of the round.
        drive: W x + its bias, for r, z and n.
        states: h.
        weights: U and its bias.
    """
    (h,) = states
    size = h.shape[-1]
    back = build.synapses([h], [maps.Dense(weight=weights[0])], weights[1], channel=-1, suffix="recurrent")
    inner = [part(build, drive, number, size) for number in range(3)]
    outer = [part(build, back, number, size) for number in range(3)]
    r, z = (
        sigmoid(build, build.synapses([a, b], [ONE, ONE], channel=-1, suffix="gates"))
        for a, b in zip(inner[:2], outer[:2], strict=True)
    )
    candidate = build.synapses([inner[2], build.gate(r, outer[2])], [ONE, ONE], channel=-1, suffix="candidate")
    n = tanh(build, candidate)
    change = build.gate(z, build.synapses([h, n], [ONE, MINUS], channel=-1, suffix="change"))
    return [build.synapses([n, change], [ONE, ONE], channel=-1, suffix="state")]


def rnn_step(squash: Callable[[Builder, Signal], Signal]):
    """Return the round of an Elman network with a given nonlinearity."""

    def step(build: Builder, drive: Signal, states: Sequence[Signal], weights: Sequence[np.ndarray]) -> list[Signal]:
        """One round: h <- f(W x + U h + b); Elman 1990."""
        total = build.synapses([drive, states[0]], [ONE, maps.Dense(weight=weights[0])], channel=-1, suffix="drive")
        return [squash(build, total)]

    return step


Step = Callable[[Builder, Signal, Sequence[Signal], Sequence[np.ndarray]], list[Signal]]


def _shared(params: Sequence[Tensor], biased: bool) -> tuple[np.ndarray, np.ndarray | None, list[np.ndarray]]:
    """Return W, the bias of the drive, and what a round needs: both biases go with W."""
    matrices = [array(p) for p in params]
    if not biased:
        return matrices[0], None, [matrices[1], *matrices[2:]]
    return matrices[0], matrices[2] + matrices[3], [matrices[1], *matrices[4:]]


def _separate(params: Sequence[Tensor], biased: bool) -> tuple[np.ndarray, np.ndarray | None, list[np.ndarray]]:
    """Return W, its bias, and what a round of a GRU needs: the recurrent bias stays with U."""
    matrices = [array(p) for p in params]
    if not biased:
        return matrices[0], None, [matrices[1], None]  # type: ignore[list-item]
    return matrices[0], matrices[2], [matrices[1], matrices[3]]


def _layer(
    build: Builder, x: Signal, first: list[Signal], step: Step, params: tuple, reverse: bool, wants_cell: bool
) -> tuple[Signal, list[Signal]]:
    """Return the outputs of one direction of a layer, and its last states."""
    weight, bias, weights = params
    drive = build.synapses([x], [maps.Dense(weight=weight)], bias, channel=-1, suffix="drive")
    body = build.body()
    slot = body.port(0, drive.shape[1:])
    states = [body.port(1 + i, s.shape, "spikes" if i == 0 else "value") for i, s in enumerate(first)]
    results = step(body, slot, states, weights)
    if results[0].kind != "spikes":
        results[0] = body.identity(results[0])
    emitted, size = results[0], results[0].shape[-1]
    if wants_cell:
        whole = size + results[1].shape[-1]
        slots = [maps.Pad(widths=((0, whole - size),)), maps.Pad(widths=((size, 0),))]
        emitted = body.synapses(results[:2], slots, suffix="both")
    y = build.loop(body, [drive], first, [*results, emitted], reverse)
    last = maps.Take(indices=(0 if reverse else -1,), axis=-len(y.shape), keep=False)
    samples = replace(x.samples, axis=0)
    final = build.routed(y, last, samples=samples, channel=-1)
    if not wants_cell:
        return y, [final]
    cut = tuple(range(size)), tuple(range(size, y.shape[-1]))
    outputs = build.routed(y, maps.Take(indices=cut[0], axis=-1), channel=-1)
    return outputs, [build.routed(final, maps.Take(indices=part, axis=-1), channel=-1) for part in cut]


def recurrent(step: Step, states: int, split: Callable):
    """Return the rule of a recurrent module.

    Args:
        step: one round.
        states: how many it carries.
        split: sorts the parameters of a layer.
    """

    def rule(
        build: Builder,
        x: Signal | Tensor,
        initial: Sequence[Signal | Tensor] | Signal | Tensor,
        params: Sequence[Tensor],
        biased: bool,
        layers: int,
        dropout: float,
        training: bool,
        bidirectional: bool,
        batch_first: bool,
    ) -> tuple[Signal, ...]:
        """Layers and directions, each a loop."""
        if not isinstance(biased, bool) or not isinstance(params, list | tuple):
            raise UnsupportedOperationError("it runs on a packed sequence; pass padded sequences of one length")
        if dropout and training:
            raise UnsupportedOperationError("it drops at random even in evaluation")
        given = list(initial) if isinstance(initial, list | tuple) else [initial]
        axis = 1 if batch_first else 0
        sequence = x if isinstance(x, Signal) else _constant_sequence(build, x, given, axis)
        x, back = _steps_first(build, sequence, axis)
        directions = 2 if bidirectional else 1
        each = len(params) // (layers * directions)
        wants_cell = states > 1 and 2 in build.used
        final: list[list[Signal]] = []
        for layer in range(layers):
            outputs = []
            for direction in range(directions):
                number = layer * directions + direction
                first = [_first_state(build, s, number, x.shape[1:-1]) for s in given]
                own = split(params[number * each : (number + 1) * each], biased)
                y, last = _layer(build, x, first, step, own, direction == 1, wants_cell)
                outputs.append(y)
                final.append(last)
            x = outputs[0] if directions == 1 else _side_by_side(build, outputs)
        stacked = [
            _stacked(build, [last[i] for last in final]) for i in range(states if wants_cell else 1) if build.used - {0}
        ]
        return (x if back is None else build.routed(x, back, channel=-1), *stacked)

    return rule


def _constant_sequence(build: Builder, x: Tensor, states: Sequence[Signal | Tensor], axis: int) -> Signal:
    """Return an input that is the same for every sample, as a decoder that starts from its state alone has."""
    samples = next(state.samples for state in states if isinstance(state, Signal))
    if not samples.alone:
        raise UnsupportedOperationError("its input is a constant and its samples are merged with parts")
    return build.constant(array(x).take(0, axis=1 - axis), Samples(axis=1 - axis))


def _steps_first(build: Builder, x: Signal, axis: int) -> tuple[Signal, maps.Permute | None]:
    """Return a sequence with its steps in front of the parts merged into its samples, and the way back if it was moved.

    Raises:
        UnsupportedOperationError: the samples are the steps, or there are none.
    """
    if x.rank != 3:
        raise UnsupportedOperationError("it needs an input of shape (sample, step, feature) or (step, sample, feature)")
    if x.axis(axis) == -len(x.shape):
        return x, None
    swap = maps.Permute(axes=(1, 0, 2))
    return build.routed(x, swap, channel=-1), swap


def _first_state(build: Builder, state: Signal | Tensor, number: int, parts: tuple[int, ...]) -> Signal:
    """Return the state of one layer and direction before the first round, for each of the parts of a sample."""
    if isinstance(state, Tensor):
        return build.constant(_for_parts(array(state)[number], parts), Samples(axis=0))
    take = maps.Take(indices=(number,), axis=state.axis(0), keep=False)
    return build.routed(state, take, samples=replace(state.samples, axis=0), channel=-1)


def _for_parts(rows: np.ndarray, parts: tuple[int, ...]) -> np.ndarray:
    """Return a constant state (sample, unit) as one of a sample (*parts, unit), the same for every sample."""
    return np.broadcast_to(rows[: prod(parts)], (prod(parts), rows.shape[-1])).reshape(*parts, -1)


def _side_by_side(build: Builder, outputs: list[Signal]) -> Signal:
    sizes = [y.shape[-1] for y in outputs]
    slots = [maps.Pad(widths=((0, sizes[1]),)), maps.Pad(widths=((sizes[0], 0),))]
    return build.synapses(outputs, slots, channel=-1, suffix="directions")


def _stacked(build: Builder, states: list[Signal]) -> Signal:
    """Return last states (layer, sample, unit) of all layers and directions."""
    count = len(states)
    rows = [build.routed(s, maps.Reshape(shape=(1, *s.shape))) for s in states]
    others = [(0, 0)] * len(states[0].shape)
    slots = [maps.Pad(widths=((i, count - 1 - i), *others)) for i in range(count)]
    x = rows[0] if count == 1 else build.synapses(rows, slots, suffix="states")
    return replace(x, samples=replace(states[0].samples, axis=1), channel=-1)


def cell(step: Step, split: Callable):
    """Return the rule of one round of a recurrent network, as users write it in a loop of their own."""

    def rule(
        build: Builder,
        x: Signal | Tensor,
        states: Sequence[Signal | Tensor] | Signal | Tensor,
        *params: Tensor | None,
    ) -> Signal | tuple[Signal, ...]:
        """One round."""
        several = isinstance(states, list | tuple)
        if not isinstance(x, Signal):
            raise UnsupportedOperationError("its input is a constant")
        held = [_held(build, s, x) for s in (states if several else [states])]
        given = [p for p in params if p is not None]
        weight, bias, weights = split(given, len(given) > 2)
        drive = build.synapses([x], [maps.Dense(weight=weight)], bias, channel=-1, suffix="drive")
        results = step(build, drive, held, weights)
        return tuple(results) if several else results[0]

    return rule


def _held(build: Builder, state: Signal | Tensor, x: Signal) -> Signal:
    """Return the state of a cell, a constant one for each of the parts of a sample."""
    if isinstance(state, Signal):
        return state
    return build.constant(_for_parts(array(state).reshape(-1, state.shape[-1]), x.shape[:-1]), x.samples)


RULES: Rules = {
    "lstm": recurrent(lstm_step, 2, _shared),
    "gru": recurrent(gru_step, 1, _separate),
    "rnn_tanh": recurrent(rnn_step(tanh), 1, _shared),
    "rnn_relu": recurrent(rnn_step(relu), 1, _shared),
    "lstm_cell": cell(lstm_step, _shared),
    "gru_cell": cell(gru_step, _separate),
    "rnn_tanh_cell": cell(rnn_step(tanh), _shared),
    "rnn_relu_cell": cell(rnn_step(relu), _shared),
}
