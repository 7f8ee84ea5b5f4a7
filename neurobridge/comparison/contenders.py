"""Who takes part in a comparison: the ANN, its quantised form, and its spiking forms."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from neurobridge.errors import InputError, lookup
from neurobridge.graph.codes import CODES, check_steps

ANN, QUANTISED, SPIKING = "ANN", "quantised ANN", "SNN"

SHARED = "shared"
"""Networks of the radix code in which `COPIES` neurons share each number: as fine as three more steps."""

COPIES = 8

DEFAULT_STEPS: Mapping[str, tuple[int, ...]] = {
    "radix": (2, 3, 4, 6, 8),
    SHARED: (2, 4, 8),
    "rate": (4, 8, 16, 32, 64),
    "signed": (4, 8, 16, 32, 64),
    "latency": (16, 32, 64),
}

FINE_TUNED, TRAINED = "fine-tuned", "trained"
LEARNT: Mapping[str, tuple[int, ...]] = {FINE_TUNED: (2, 4, 8), TRAINED: (2, 4, 8)}
"""Networks that learn through their own spikes, and their usual numbers of steps.

They stand beside the codes of conversion: fine-tuned after it, or trained from scratch in the ANN's place.
"""

QUICK_STEPS: Mapping[str, tuple[int, ...]] = {
    "radix": (4, 8),
    SHARED: (4, 8),
    "rate": (8, 32),
    "signed": (8, 32),
    "latency": (16, 64),
    FINE_TUNED: (2, 8),
    TRAINED: (2, 8),
}

LEARNT_IN = ("rate", "radix")
"""Codes of the networks that learn: the first that can carry the network. Trained ones are leaky neurons for rate."""

NAMES = (*sorted(CODES), SHARED, *LEARNT)
"""Every kind of spiking network that a comparison knows."""

Steps = Mapping[str, tuple[int, ...]]


@final
@dataclass(frozen=True, kw_only=True)
class Contender:
    """One network in a comparison.

    Args:
        kind: "ANN", "quantised ANN" or "SNN".
        code: how a converted network writes numbers as spikes, or how it learnt: one of `NAMES`; None for an ANN.
        steps: T of a spiking network, the bits of a quantised one; None for the ANN, whose numbers have 32 bits.
    """

    kind: str
    code: str | None = None
    steps: int | None = None

    @property
    def name(self) -> str:
        """What tables and figures call it."""
        if self.kind == SPIKING:
            return f"{self.code} T={self.steps}"
        return f"ANN {self.steps} bit" if self.kind == QUANTISED else "ANN"

    @property
    def bits(self) -> int | None:
        """Width of its activations; None for spikes."""
        return None if self.kind == SPIKING else self.steps or 32


def together(steps: Steps) -> Iterator[tuple[str, int, tuple[Contender, ...]]]:
    """Yield (code, number of steps, contenders): who is measured with one conversion.

    Each radix network brings the ANN whose activations are quantised to as many bits: the fair rival. The two compute
    the same numbers, and differ in what the numbers cost.

    Args:
        steps: code -> numbers of steps.
    """
    for code, counts in steps.items():
        for count in counts:
            rival = (Contender(kind=QUANTISED, steps=count),) if code == "radix" else ()
            yield code, count, (*rival, Contender(kind=SPIKING, code=code, steps=count))


def contenders(steps: Steps) -> tuple[Contender, ...]:
    """Return everyone who takes part, the ANN first.

    Args:
        steps: code -> numbers of steps.
    """
    converted = (contender for _, _, group in together(steps) for contender in group)
    return (Contender(kind=ANN), *converted)


def carriers(code: str) -> tuple[str, ...]:
    """Return the codes that a spiking network can write its numbers in, in the order in which they are tried."""
    return LEARNT_IN if code in LEARNT else ("radix",) if code == SHARED else (code,)


def carrier(contender: Contender, latency: int | None) -> str:
    """Return the code in which a spiking network of a finished study wrote its numbers.

    Rate networks answer after T steps, radix networks after T for each of their layers.

    Args:
        contender: a spiking one.
        latency: its steps from input to output.
    """
    first, *others = carriers(str(contender.code))
    return others[0] if others and latency is not None and latency > (contender.steps or 0) else first


def planned(codes: Sequence[str], steps: Steps | Iterable[int] | None, quick: bool) -> Steps:
    """Return code -> numbers of steps in rising order.

    Args:
        codes: which of `NAMES` take part.
        steps: numbers of steps for all codes, or code -> numbers of steps; None for the usual ones.
        quick: whether the usual ones are few.

    Raises:
        UnknownNameError: a code isn't known.
        InputError: no codes or no steps, numbers that a code can't have, or steps for a code that doesn't take part.
    """
    for code in codes:
        lookup("code", code, dict.fromkeys(NAMES))
    if not codes:
        raise InputError(f"a comparison needs at least one code; known: {', '.join(NAMES)}.")
    if isinstance(steps, Mapping) and (strangers := sorted(set(steps) - set(codes))):
        raise InputError(f"steps are given for {', '.join(strangers)}, which isn't among the codes {', '.join(codes)}.")
    usual = QUICK_STEPS if quick else {**DEFAULT_STEPS, **LEARNT}
    given = {} if steps is None else steps if isinstance(steps, Mapping) else dict.fromkeys(codes, tuple(steps))
    return {code: rising(code, given.get(code, usual.get(code, (8,)))) for code in dict.fromkeys(codes)}


def rising(code: str, steps: Iterable[int]) -> tuple[int, ...]:
    """Return numbers of steps once each, in rising order, or say which can't be used."""
    counts = sorted(set(steps))
    if not counts:
        raise InputError(f"code {code!r} needs at least one number of steps.")
    for count in counts:
        check_steps(carriers(code)[0], count, f"steps of code {code!r}")
    return tuple(counts)
