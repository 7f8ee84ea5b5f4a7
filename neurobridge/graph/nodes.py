"""The kinds of node of a spiking graph. A node is frozen, names its inputs, and holds no behaviour."""

from dataclasses import dataclass, field
from typing import Any

from jaxtyping import Bool, Float
from numpy import ndarray

from neurobridge.graph.maps import LinearMap

Shape = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A connection from a node's output.

    Attributes:
        source: name of the node it comes from.
        delay: whole time steps until it arrives.
    """

    source: str
    delay: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """What every node has.

    Attributes:
        name: unique in its graph.
        inputs: where its input comes from.
        shape: of its output for one sample.
        origin: the operation and the user's source line that it was made from; for people.
    """

    name: str
    inputs: tuple[Edge, ...]
    shape: Shape
    origin: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Population(Node):
    """Neurons that carry numbers as spikes: value = low + quantum * n.

    The quantum is (high - low) / L with L the levels that the code has in `steps` steps, and n is the whole
    number that the spikes spell. `paired` neurons come in ON/OFF pairs that share the magnitude of a signed
    number: value = quantum * n with n in [-L, L] and quantum = high / L.

    Attributes:
        low: the value of silence; broadcasts against `shape`; zero if paired.
        high: the largest value; broadcasts against `shape`; not a number before calibration.
        steps: T of this population: how long it takes to send its largest number.
        paired: two neurons for each number.
        whole: the wire carries n itself, and low and quantum are in the weights that read it.
        channel: the axis, counted from the end, along which ranges differ; None for one range.
        offset: calibration sets `low` too: silence stands for the smallest value seen, not for zero.
    """

    steps: int
    low: Float[ndarray, "..."]
    high: Float[ndarray, "..."]
    paired: bool = False
    whole: bool = False
    channel: int | None = None
    offset: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Encode(Population):
    """The real numbers given to the network, as spikes.

    Attributes:
        position: which argument of the network it is; several encoders may read the same.
        current: the numbers are injected unspiked as a constant current at every step (rate codes).
        timed: every step has numbers of its own: the network takes (sample, step, ...), such as spike trains.
        size: of the vocabulary, if the numbers are tokens, each a one-hot spike; else None.
        initial: as that of `Neurons`.
    """

    position: int = 0
    current: bool = False
    timed: bool = False
    size: int | None = None
    initial: Float[ndarray, "..."] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Synapses(Node):
    """u = bias + sum over inputs of map(x): weights, pooling, normalisation, addition, reshaping.

    Attributes:
        maps: one linear map for each input.
        bias: broadcasts against `shape`; None is zero.
    """

    maps: tuple[LinearMap, ...]
    bias: Float[ndarray, "..."] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Neurons(Population):
    """A population that codes f(drive), f monotone, given by a code.

    Attributes:
        function: name of f, one of `functions.FUNCTIONS`.
        arguments: what f takes beside the drive.
        table: the thresholds f^-1(low + (j - 1/2) quantum), j = 1 ... L (from 1 - L if paired), ascending in the
            order in which a growing n passes them; None where f is linear.
        initial: membrane before the first step, as a share of the threshold (of a quantum in windowed codes); a half
            if None: what is added before a number is cut down to a whole one.
        fixed: the range is part of f and not calibrated (sigmoid, tanh, clip).
    """

    function: str
    arguments: tuple[float, ...] = ()
    table: Float[ndarray, " level"] | None = None
    initial: Float[ndarray, "..."] | None = None
    fixed: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Dynamics(Population):
    """Neurons given by their dynamics instead of by what they code: integrate and fire, with leak and synaptic current.

    i <- alpha i + I;  v <- beta v + i + bias - reset s_before;  s = [v > threshold]. Without `reset` a spike empties
    the membrane: v <- beta (1 - s_before) v + i + bias. These are snnTorch's Leaky and Synaptic and NIR's IF, LIF and
    CubaLIF. Streaming codes only; a spike is worth `high`, which is one.

    Attributes:
        beta: what is left of the membrane after a step.
        alpha: what is left of the synaptic current after a step; None: the drive is the current.
        threshold: fires above it, not at it.
        reset: what a spike takes from the membrane at the next step, after the leak; None empties it before.
        bias: of the membrane, behind the synaptic current.
        initial: membrane before the first step.
    """

    beta: Float[ndarray, "..."]
    threshold: Float[ndarray, "..."]
    reset: Float[ndarray, "..."] | None
    alpha: Float[ndarray, "..."] | None = None
    bias: Float[ndarray, "..."] | None = None
    initial: Float[ndarray, "..."] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Winner(Node):
    """The largest of competing numbers, by a bit-serial race: a spike silences those that did not fire.

    All competitors share low, high and steps. Either windows over the last axes (`kernel`) or whole `axes`.

    Attributes:
        kernel: the window of max pooling; empty if `axes` is used.
        stride: of the window.
        padding: of the window; padded positions never win.
        dilation: of the window.
        ceil_mode: PyTorch's rule for a last partial window.
        axes: axes that are reduced and kept with length one, counted from the end.
        mask: False for competitors that never win; broadcasts against the competitors.
    """

    kernel: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    padding: tuple[int, ...] = ()
    dilation: tuple[int, ...] = ()
    ceil_mode: bool = False
    axes: tuple[int, ...] = ()
    mask: Bool[ndarray, "..."] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Gate(Node):
    """A product: each spike of the first input releases the value held by the second.

    Attributes:
        equation: an einsum over the axes of one sample ("ij,jk->ik"); empty for an elementwise product.
    """

    equation: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Port(Node):
    """What a loop hands to its body at one step of the sequence: a slice of a sequence, or a carried state.

    Attributes:
        position: the sequences first, then the states, as the loop's inputs.
    """

    position: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Loop(Node):
    """A body that runs once for each step of a sequence and carries states; weights and scales are shared.

    The inputs are sequences, cut along the first axis of a sample, then the first states. The readouts of the body
    are the next states, in order, and last what is emitted; emissions are stacked along the first axis.

    Attributes:
        body: a `Graph` that starts from ports.
        sequences: how many of the inputs are sequences.
        reverse: whether the sequence is run from its end; emissions stay at their places.
    """

    body: Any
    sequences: int
    reverse: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Readout(Node):
    """The membrane potential of neurons that do not spike: an output of the network.

    Attributes:
        position: which output of the network it is.
        choice: the axis, counted from the end, along which the output is the place of the largest potential; None if
            it is the potentials themselves. Simulators return potentials; networks answer with places.
        kept: whether that axis stays, with length one.
        key: the name that the network gives the output; empty where it gives none.
        record: name of the named tuple that all outputs are together; empty for a dict.
    """

    position: int = 0
    choice: int | None = None
    kept: bool = False
    key: str = ""
    record: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Analog(Node):
    """An operation that is not spiking, kept by name because the user asked for it.

    Attributes:
        operation: name of the operation.
        arguments: what it takes beside its inputs.
        multiplies: multiply-accumulates of one sample.
    """

    operation: str
    arguments: dict[str, object] = field(default_factory=dict)
    multiplies: float = 0.0
