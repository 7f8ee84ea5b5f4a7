"""Training an LSTM here against a loop written by hand around `nn.LSTM`, on rows of altered digits.

Both train the same network with Adam, clipping and a cosine schedule, and validate after each epoch; ours also writes
history and looks for losses that are not numbers. One epoch of each in turn, ratio of median CPU seconds.
"""

import json
import math
import platform
from pathlib import Path
from statistics import median
from time import process_time

import torch
import torch.nn.functional as F
from torch import nn

from neurobridge import models, tasks
from neurobridge.ann.training import TrainingConfig, train

RESULT = Path(__file__).parent / "results" / "recurrent_training.json"
REPEATS, BATCH, HIDDEN, RATE = 9, 128, 64, 1e-2


class ByHand(nn.Module):
    """An LSTM and a readout of its last step."""

    def __init__(self, features, classes):
        super().__init__()
        self.lstm = nn.LSTM(features, HIDDEN, batch_first=True)
        self.readout = nn.Linear(HIDDEN, classes)

    def forward(self, x):
        """Return logits."""
        return self.readout(self.lstm(x)[0][:, -1])


def main():
    torch.set_num_threads(1)
    task = tasks.load("digits-augmented-rows")
    taken = {"neurobridge": [], "by hand": []}
    for repeat in range(REPEATS + 1):
        for name, run in (("neurobridge", ours), ("by hand", by_hand)):
            seconds = run(task, repeat)
            if repeat:  # the first of each warms up
                taken[name].append(seconds)
    seconds = {name: median(times) for name, times in taken.items()}
    record = {
        "seconds an epoch": seconds,
        "speed relative to the loop by hand": seconds["by hand"] / seconds["neurobridge"],
        "repeats": REPEATS,
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record, indent=1))


def ours(task, seed):
    config = TrainingConfig(epochs=1, batch_size=BATCH, learning_rate=RATE, clip=1.0, seed=seed, device="cpu")
    model = models.build("lstm", task, seed=seed, hidden=HIDDEN)
    begin = process_time()
    train(model, task, config)
    return process_time() - begin


def by_hand(task, seed):
    torch.manual_seed(seed)
    model = ByHand(task.input_shape[1], task.output_size)
    begin = process_time()
    x, y = torch.from_numpy(task.train.inputs), torch.from_numpy(task.train.targets)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    batches = torch.randperm(len(x)).split(BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: (1 + math.cos(math.pi * n / len(batches))) / 2)
    for chosen in batches:
        optimizer.zero_grad()
        F.cross_entropy(model(x[chosen]), y[chosen]).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        right = model(torch.from_numpy(task.validation.inputs)).argmax(1) == torch.from_numpy(task.validation.targets)
    assert right.float().mean() > 0.3
    return process_time() - begin


if __name__ == "__main__":
    main()
