"""Motor cortex that turns: a recording to decode movement from.

Question: does the population simulated here fire as the one that tasks draw for themselves, and does it rotate?
Expected: spike counts vary around the other's rates as Poisson numbers do (ratio 1), and turning explains over half of
what any linear dynamics would; in a population of cosine tuning it explains nothing.
Source: Churchland et al. 2012, Nature 487:51; cosine tuning: Georgopoulos et al. 1982; reaches: Flash, Hogan 1985
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import second
from scipy.ndimage import gaussian_filter1d

from neurobridge import program
from neurobridge.neuro.networks.motor_cortex import circuit
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.simulate import simulate
from neurobridge.plots.movement import session as drawn
from neurobridge.plots.movement import turning
from neurobridge.plots.style import save
from neurobridge.spikes import recordings
from neurobridge.spikes.recordings.recording import MovementRecording
from neurobridge.spikes.statistics.rotations import rotations
from neurobridge.tasks.reaching.reaches import STEP, session
from neurobridge.tasks.reaching.simulated import cortex, intended, part

SMOOTHING = 0.024  # standard deviation in seconds, as in Churchland et al. 2012


@dataclass
class Config:
    """Motor cortex that turns: a recording to decode movement from."""

    out: Path = Path("results")
    """Folder of the figures and of the recording."""
    recording: str = "motor_cortex.npz"
    """Name of the recording, for `neurobridge compare reaching --data`; .nwb for Neurodata Without Borders."""
    population: str = "rotating"
    """Which neurons: rotating or cosine."""
    pattern: str = "centre-out"
    """Which reaches: centre-out, random-target or mixed."""
    neurons: int = 96
    """How many are recorded."""
    minutes: float = 10.0
    """Length of the session."""
    seed: int = 0
    """Of neurons, reaches and spikes."""
    quick: bool = False
    """A session of 12 s: a look, not a result."""


def main(config: Config) -> float:
    """Simulate, write, draw, and return the variance of spike counts around the expected ones, relative to Poisson."""
    duration = 12.0 if config.quick else 60 * config.minutes
    fired = cortex(config.population, config.neurons, config.seed)
    moved = session(config.pattern, duration, part(config.seed, "reaches"))
    wanted = intended(moved)
    found = simulate(
        circuit(fired, wanted, STEP * second), duration * second, [Spikes("neurons")], seed=config.seed,
        target="numpy" if config.quick else "auto",
    )  # fmt: skip
    recording = MovementRecording(
        trains=tuple(found.spikes["neurons"].trains()),
        time=STEP * np.arange(len(moved.position)),
        position=moved.position,
        target=moved.target,
        source=f"simulated in Brian2, {config.population} motor cortex",
    )
    config.out.mkdir(parents=True, exist_ok=True)
    path = recordings.write(recording, config.out / config.recording)

    rates, _ = fired.respond(wanted, STEP)
    counts, velocity = recording.binned(0.05)
    expected = rates[: 5 * len(counts)].reshape(len(counts), 5, -1).sum(axis=1) * STEP
    ratio = float(((counts - expected) ** 2).sum() / expected.sum())
    print(
        f"{path}: {counts.sum():,} spikes in {duration:g} s, {expected.sum():,.0f} expected; variance ratio {ratio:.3f}"
    )

    fine = gaussian_filter1d(recording.binned(STEP)[0] / STEP, SMOOTHING / STEP, axis=0)
    starts = moved.starts[(moved.starts > 10) & (moved.starts + 40 < len(fine))]
    outwards = starts[np.linalg.norm(moved.target[starts], axis=1) > 1]
    angles = np.round(np.arctan2(*moved.target[outwards].T[::-1]) / (np.pi / 4)).astype(int) % 8
    around = outwards[:, None] + np.arange(-10, 40)
    means = np.stack([fine[around[angles == angle]].mean(axis=0) for angle in np.unique(angles)])
    turned = rotations(means, STEP)
    share = turned.explained / turned.best
    print(f"the fastest plane turns at {turned.frequency:.2f} Hz; turning explains {100 * share:.0f} % of what can be")
    shown = slice(0, round(8 / 0.05))
    save(
        drawn(0.05 * np.arange(len(counts))[shown], recording.trains, velocity[shown], title=recording.source),
        config.out, "churchland_2012_spikes",
    )  # fmt: skip
    figure = turning(turned.plane, np.unique(angles) * np.pi / 4, f"{turned.frequency:.1f} Hz, eight directions")
    save(figure, config.out, "churchland_2012_rotations")
    return ratio


if __name__ == "__main__":
    program.run(Config, main)
