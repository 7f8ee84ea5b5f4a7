"""The twenty behaviours of Izhikevich 2004: parameters, step and input current of each, as in the paper's program."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from brian2 import ms

from neurobridge.neuro.stimuli import Stimulus, samples


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """One panel of the figure.

    Args:
        letter: the panel.
        a, b, c, d: parameters of the model.
        v: membrane variable at the start.
        step: time step in ms.
        duration: length in ms.
        current: input as a function of the times in ms.
        u: recovery variable at the start, `b v` if None.
        class_one: whether v' = 0.04 v^2 + 4.1 v + 108 is used.
        accommodating: whether u' = a b (v + 65) is used.
    """

    letter: str
    a: float
    b: float
    c: float
    d: float
    v: float
    step: float
    duration: float
    current: Callable[[np.ndarray], np.ndarray]
    u: float | None = None
    class_one: bool = False
    accommodating: bool = False

    def parameters(self) -> dict[str, float]:
        """Return the values in the names of the model."""
        linear, offset = (4.1, 108.0) if self.class_one else (5.0, 140.0)
        return {
            "a": self.a,
            "b": self.b,
            "c": self.c,
            "d": self.d,
            "linear": linear,
            "offset": offset,
            "shift": 65.0 if self.accommodating else 0.0,
            "decay": 0.0 if self.accommodating else 1.0,
            "v_start": self.v,
            "u_start": self.b * self.v if self.u is None else self.u,
        }

    def times(self) -> np.ndarray:
        """Return the grid of the panel in ms."""
        return np.arange(round(self.duration / self.step) + 1) * self.step

    def stimulus(self) -> Stimulus:
        """Return the input of the panel."""
        return samples(self.current(self.times()), self.step * ms)


def _from(start: float, level: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda t: np.where(t > start, level, 0.0)


def _pulses(*pulses: tuple[float, float, float], rest: float = 0.0) -> Callable[[np.ndarray], np.ndarray]:
    def current(t: np.ndarray) -> np.ndarray:
        level = np.full_like(t, rest)
        for start, stop, height in pulses:
            level[(t > start) & (t < stop)] = height
        return level

    return current


def _ramp(start: float, slope: float, rest: float = 0.0) -> Callable[[np.ndarray], np.ndarray]:
    return lambda t: np.where(t > start, rest + slope * (t - start), rest)


def _two_ramps(t: np.ndarray) -> np.ndarray:
    return np.select([t < 200, t < 300, t < 312.5], [t / 25, 0 * t, (t - 300) / 12.5 * 4], 0.0)


def _dip(t: np.ndarray) -> np.ndarray:
    return np.where((t < 50) | (t > 250), 80.0, 75.0)


def _near(centre: float, height: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda t: np.where(np.abs(t - centre) < 1, height, 0.0)


PATTERNS = {
    "tonic-spiking": Pattern(
        letter="A", a=0.02, b=0.2, c=-65, d=6, v=-70, step=0.25, duration=100, current=_from(10, 14)
    ),
    "phasic-spiking": Pattern(
        letter="B", a=0.02, b=0.25, c=-65, d=6, v=-64, step=0.25, duration=200, current=_from(20, 0.5)
    ),
    "tonic-bursting": Pattern(
        letter="C", a=0.02, b=0.2, c=-50, d=2, v=-70, step=0.25, duration=220, current=_from(22, 15)
    ),
    "phasic-bursting": Pattern(
        letter="D", a=0.02, b=0.25, c=-55, d=0.05, v=-64, step=0.2, duration=200, current=_from(20, 0.6)
    ),
    "mixed-mode": Pattern(letter="E", a=0.02, b=0.2, c=-55, d=4, v=-70, step=0.25, duration=160, current=_from(16, 10)),
    "spike-frequency-adaptation": Pattern(
        letter="F", a=0.01, b=0.2, c=-65, d=8, v=-70, step=0.25, duration=85, current=_from(8.5, 30)
    ),
    "class-1": Pattern(
        letter="G", a=0.02, b=-0.1, c=-55, d=6, v=-60, step=0.25, duration=300, current=_ramp(30, 0.075), class_one=True
    ),
    "class-2": Pattern(
        letter="H", a=0.2, b=0.26, c=-65, d=0, v=-64, step=0.25, duration=300, current=_ramp(30, 0.015, rest=-0.5)
    ),
    "spike-latency": Pattern(
        letter="I", a=0.02, b=0.2, c=-65, d=6, v=-70, step=0.2, duration=100, current=_pulses((10, 13, 7.04))
    ),
    "subthreshold-oscillations": Pattern(
        letter="J", a=0.05, b=0.26, c=-60, d=0, v=-62, step=0.25, duration=200, current=_pulses((20, 25, 2))
    ),
    "resonator": Pattern(
        letter="K",
        a=0.1,
        b=0.26,
        c=-60,
        d=-1,
        v=-62,
        step=0.25,
        duration=400,
        current=_pulses((40, 44, 0.65), (60, 64, 0.65), (280, 284, 0.65), (320, 324, 0.65)),
    ),
    "integrator": Pattern(
        letter="L",
        a=0.02,
        b=-0.1,
        c=-55,
        d=6,
        v=-60,
        step=0.25,
        duration=100,
        class_one=True,
        current=_pulses((100 / 11, 100 / 11 + 2, 9), (100 / 11 + 5, 100 / 11 + 7, 9), (70, 72, 9), (80, 82, 9)),
    ),
    "rebound-spike": Pattern(
        letter="M", a=0.03, b=0.25, c=-60, d=4, v=-64, step=0.2, duration=200, current=_pulses((20, 25, -15))
    ),
    "rebound-burst": Pattern(
        letter="N", a=0.03, b=0.25, c=-52, d=0, v=-64, step=0.2, duration=200, current=_pulses((20, 25, -15))
    ),
    "threshold-variability": Pattern(
        letter="O",
        a=0.03,
        b=0.25,
        c=-60,
        d=4,
        v=-64,
        step=0.25,
        duration=100,
        current=_pulses((10, 15, 1), (70, 75, -6), (80, 85, 1)),
    ),
    "bistability": Pattern(
        letter="P",
        a=0.1,
        b=0.26,
        c=-60,
        d=0,
        v=-61,
        step=0.25,
        duration=300,
        current=_pulses((37.5, 42.5, 1.24), (216, 221, 1.24), rest=0.24),
    ),
    "depolarizing-after-potential": Pattern(
        letter="Q", a=1, b=0.2, c=-60, d=-21, v=-70, step=0.1, duration=50, current=_near(10, 20)
    ),
    "accommodation": Pattern(
        letter="R",
        a=0.02,
        b=1,
        c=-55,
        d=4,
        v=-65,
        step=0.5,
        duration=400,
        current=_two_ramps,
        u=-16,
        accommodating=True,
    ),
    "inhibition-induced-spiking": Pattern(
        letter="S", a=-0.02, b=-1, c=-60, d=8, v=-63.8, step=0.5, duration=350, current=_dip
    ),
    "inhibition-induced-bursting": Pattern(
        letter="T", a=-0.026, b=-1, c=-45, d=-2, v=-63.8, step=0.5, duration=350, current=_dip
    ),
}
