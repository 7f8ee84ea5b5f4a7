"""What a rate network loses when its first layer gets spikes, and what early exit saves; trained CNN, altered digits.

Agreement is with the trained network's choice on the clean image. The delta code is for sequences: there the scene
stands still before a noisy camera, so that each step has a frame of its own, for all encodings.
"""

import numpy as np
import torch

import neurobridge as nb
from benchmarks import record
from benchmarks.ann_bank import WEIGHTS
from neurobridge.ann.training import fit_cached
from neurobridge.conversion.early_exit import decide, fitted_margin
from neurobridge.conversion.encodings import ENCODINGS, encoded, with_input_at_every_step

STEPS, EVERY, CALIBRATION = (8, 16, 32), 4, 1024
CAMERA_NOISE = 0.05
DISAGREEMENTS = (0.001, 0.005, 0.02)


def main() -> None:
    """Measure, and write results/encodings.json."""
    torch.set_num_threads(1)
    task = nb.tasks.load("digits-augmented")
    ann, _ = fit_cached(task, "cnn", 0, WEIGHTS)
    x, y = torch.from_numpy(task.test.inputs[::EVERY]), task.test.targets[::EVERY]
    calibration = torch.as_tensor(task.calibration(CALIBRATION))
    encodings, exits = [], []
    with torch.inference_mode():
        wanted = ann.eval()(x).argmax(dim=1).numpy()
    for steps in STEPS:
        network = nb.convert(ann, calibration, code="rate", steps=steps)
        encodings += list(_encodings(network, x.numpy(), wanted, y))
        exits += list(_exits(network, calibration, x, wanted, y))
    record.write("encodings", {"images": len(y), "encodings": encodings, "early exit": exits})


def _encodings(network, x, wanted, y):
    timed = with_input_at_every_step(network)
    noise = np.random.default_rng(0).normal(0, CAMERA_NOISE, (len(x), network.steps, *x.shape[1:]))
    frames = (x[:, None] + noise).clip(0, 1)
    for name in ENCODINGS:
        for scene, images in (("still", x), ("noisy camera", frames)):
            brought, spikes = encoded(images, name, network.steps, timed=images is frames)
            with torch.inference_mode():
                parts = (timed(torch.as_tensor(part)) for part in np.array_split(brought, 20))
                choices = torch.cat([part.argmax(dim=1) for part in parts]).numpy()
            row = {"steps": network.steps, "encoding": name, "scene": scene, "input spikes": spikes}
            yield row | _shares(choices, wanted, y)


def _exits(network, calibration, x, wanted, y):
    for disagreement in DISAGREEMENTS:
        margin = fitted_margin(network, calibration, disagreement=disagreement)
        found = decide(network, x, margin=margin)
        row = {"steps": network.steps, "promised disagreement": 100 * disagreement, "margin": margin}
        yield row | {"mean steps": float(found.steps.mean())} | _shares(found.choices, wanted, y)


def _shares(choices, wanted, y) -> dict[str, float]:
    return {"agreement": 100 * float((choices == wanted).mean()), "accuracy": 100 * float((choices == y).mean())}


if __name__ == "__main__":
    main()
