"""What the operations of one inference would cost in named hardware: an estimate of arithmetic alone.

    E = E_MAC * (multiply-accumulates + analog multiply-accumulates) + E_AC * (accumulates + neuron updates)

Memory traffic, leakage and the network on chip aren't counted, for any contender: they decide on real hardware, which
is why published break-even points lie far below the ratio E_MAC / E_AC (see `BREAK_EVEN`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from neurobridge.errors import lookup
from neurobridge.units import Picojoules


@final
@dataclass(frozen=True, kw_only=True)
class Operations:
    """How many operations of each kind one inference takes, on average.

    Args:
        macs: multiply-accumulates of a network that isn't spiking.
        accumulates: additions of a weight that a spike released.
        analog: multiply-accumulates that a spiking network keeps, such as those of a constant analog input.
        updates: neuron updates: one membrane, one step; counted as one accumulate each.
    """

    macs: float = 0.0
    accumulates: float = 0.0
    analog: float = 0.0
    updates: float = 0.0


@final
@dataclass(frozen=True, kw_only=True)
class Preset:
    """The energy of one operation in one technology.

    Args:
        mac: energy of a multiplication and an addition.
        accumulate: energy of an addition.
        bits: width of the numbers the two figures are for.
        source: where they come from.
    """

    mac: Picojoules
    accumulate: Picojoules
    bits: int
    source: str


HOROWITZ = "M. Horowitz 2014, Computing's energy problem (and what we can do about it), ISSCC, 45 nm, 0.9 V"

PRESETS: Mapping[str, Preset] = {
    "45 nm fp32": Preset(mac=4.6, accumulate=0.9, bits=32, source=HOROWITZ),
    "45 nm int8": Preset(mac=0.23, accumulate=0.03, bits=8, source=HOROWITZ),
}

BREAK_EVEN = (0.15, 1.4)
"""Spikes per synapse and inference below which a spiking network wins over an ANN with memory counted.

The range over hardware designs in M. Dampfhoffer, T. Mesquida, A. Valentian and L. Anghel 2023, Are SNNs really more
energy-efficient than ANNs? An in-depth hardware-aware study, IEEE TETCI 7(3).
"""


def energy(operations: Operations, preset: str) -> Mapping[str, Picojoules]:
    """Return the energy of one inference by kind of operation, under one of `PRESETS`.

    Raises:
        UnknownNameError: no preset has this name.
    """
    price = lookup("energy preset", preset, PRESETS)
    return {
        "macs": price.mac * operations.macs,
        "accumulates": price.accumulate * operations.accumulates,
        "analog": price.mac * operations.analog,
        "updates": price.accumulate * operations.updates,
    }


def total(operations: Operations, preset: str) -> Picojoules:
    """Return the energy of one inference under one of `PRESETS`."""
    return sum(energy(operations, preset).values())


def applies(preset: str, bits: int | None) -> bool:
    """Return whether a contender computes in numbers that a preset is for.

    Args:
        preset: one of `PRESETS`.
        bits: width of an ANN's activations; None for a spiking network, whose spikes are one bit under any preset.
            A network of fewer bits than the preset's is charged as if it had them: an upper bound.
    """
    width = lookup("energy preset", preset, PRESETS).bits
    return bits is None or (bits <= width and (bits == 32) == (width == 32))


def verdict(spikes_per_synapse: float) -> str:
    """Return in words where a spiking network stands against the published break-even."""
    low, high = BREAK_EVEN
    if spikes_per_synapse < low:
        return "below it: it wins on all the hardware that was studied"
    if spikes_per_synapse > high:
        return "above it: it loses on all the hardware that was studied"
    return "inside it: whether it wins depends on the hardware"
