"""Spoken words from folders of WAV files, one folder a word: the layout of Speech Commands."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks.task import ACCURACY, Split, SupervisedTask

SOURCE = "layout of Warden 2018, Speech Commands"
SECONDS = 1.0
BANDS = 40
HOP = 0.02
"""Seconds from one spectrum to the next; each sees twice as much."""


def spoken_words(data: Path, seed: int = 0) -> SupervisedTask:
    """Spoken words from folders of WAV files: 50 steps of 40 log-mel bands.

    The speaker is the file name up to its first underscore, as in Speech Commands; a speaker is on one side only.

    Args:
        data: a folder with one folder of .wav files for each word; folders whose name starts with _ are left out.
        seed: shares the speakers out: 70 % train, 10 % validate, 20 % judge.

    Raises:
        InputError: the folder does not exist.
        FileFormatError: fewer than two words or ten speakers, or a file that isn't a WAV file, is empty, or has
            another sampling rate than the first.
    """
    if not data.is_dir():
        raise InputError(f"data directory {data} does not exist; create it, or give another one.")
    words = sorted(path.name for path in data.iterdir() if path.is_dir() and not path.name.startswith("_"))
    files = [(path, label) for label, word in enumerate(words) for path in sorted((data / word).glob("*.wav"))]
    speakers = np.unique([_speaker(path) for path, _ in files])
    if len(words) < 2 or len(speakers) < 10:
        raise FileFormatError(
            f"{data} holds {len(words)} folders of words and {len(speakers)} speakers; 2 and 10 are the least."
        )
    sides = _sides(files, speakers, seed)
    return SupervisedTask(
        name="spoken-words",
        title=f"{len(words)} spoken words",
        source=SOURCE,
        metric=ACCURACY,
        input_shape=sides[0].inputs.shape[1:],
        output_size=len(words),
        train=sides[0],
        validation=sides[1],
        test=sides[2],
        labels=tuple(words),
        baselines=("logistic regression",),
    )


def log_mel(sound: ndarray, rate: int) -> ndarray:
    """Return log band energies `(step, 40)` of the first second of a sound, silence added where it is shorter.

    mel(f) = 2595 log10(1 + f / 700); triangular bands, equally spaced in mel up to half the sampling rate.

    Args:
        sound: `(sample,)` in [-1, 1].
        rate: samples a second.
    """
    hop = round(HOP * rate)
    wanted = round(SECONDS * rate) + hop
    padded = np.zeros(wanted)
    padded[: min(len(sound), wanted)] = sound[:wanted]
    frames = np.lib.stride_tricks.sliding_window_view(padded, 2 * hop)[::hop] * np.hanning(2 * hop)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    edges = 700 * (10 ** (np.linspace(0, np.log10(1 + rate / 1400), BANDS + 2)) - 1)
    frequency = np.fft.rfftfreq(2 * hop, 1 / rate)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bands = np.clip(np.minimum((frequency - low) / (middle - low), (high - frequency) / (high - middle)), 0, None)
    return np.log(power @ bands.T + 1e-6).astype(np.float32)


def _speaker(path: Path) -> str:
    return path.stem.split("_")[0]


def _sides(files: Sequence[tuple[Path, int]], speakers: ndarray, seed: int) -> list[Split]:
    number = {speaker: index for index, speaker in enumerate(np.random.default_rng(seed).permutation(speakers))}
    first_rate = _sound(files[0][0])[1]
    spectra = []
    for path, _ in files:
        sound, rate = _sound(path)
        if rate != first_rate:
            raise FileFormatError(f"{path} has {rate} samples a second, the first file {first_rate}; resample one.")
        spectra.append(log_mel(sound, rate))
    inputs, targets = np.stack(spectra), np.array([label for _, label in files])
    groups = np.array([number[_speaker(path)] for path, _ in files])
    side = np.searchsorted([0.7, 0.8], groups / len(speakers), side="right")
    everything = Split(inputs=inputs, targets=targets, groups=groups)
    train = everything.take(np.flatnonzero(side == 0))
    centre, spread = train.inputs.mean(axis=(0, 1)), train.inputs.std(axis=(0, 1)) + 1e-6
    scaled = Split(inputs=(inputs - centre) / spread, targets=targets, groups=groups)
    return [scaled.take(np.flatnonzero(side == which)) for which in range(3)]


def _sound(path: Path) -> tuple[ndarray, int]:
    from scipy.io import wavfile

    try:
        rate, samples = wavfile.read(path)
    except (ValueError, EOFError) as error:
        raise FileFormatError(f"{path} is not a WAV file that can be read ({error}).") from None
    if samples.size == 0:
        raise FileFormatError(f"{path} holds no sound.")
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    largest = np.iinfo(samples.dtype).max if np.issubdtype(samples.dtype, np.integer) else 1.0
    return mono / largest, rate
