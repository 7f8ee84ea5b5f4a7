import json
import subprocess
import sys

import pytest
import torch

from neurobridge import models, tasks
from neurobridge.ann.training import TrainingConfig, load_weights, train

PROGRAM = """
import json, os, sys
from neurobridge import models, tasks
from neurobridge.ann.training import TrainingConfig, train
task = tasks.load("digits")
config = TrainingConfig(**json.loads(sys.argv[1]))
_, history = train(models.build("mlp", task, widths=(32,)), task, config, directory=sys.argv[2])
if int(os.environ["RANK"]) == 0:
    print(json.dumps([[row.loss, row.validation] for row in history.epochs]))
"""

SETTINGS = {"epochs": 3, "batch_size": 128, "learning_rate": 5e-3, "device": "cpu", "clip": 1.0, "accumulate": 2}


def test_two_processes_train_as_one_does_with_the_whole_batch(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    made = subprocess.run(
        [*command, str(tmp_path / "program.py"), json.dumps(SETTINGS), str(tmp_path / "run")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    task = tasks.load("digits")
    alone, history = train(models.build("mlp", task, widths=(32,)), task, TrainingConfig(**SETTINGS))
    curve = json.loads(made.stdout.splitlines()[-1])
    assert [row[0] for row in curve] == pytest.approx(history.column("loss").tolist(), rel=1e-4)
    assert [row[1] for row in curve] == pytest.approx(history.column("validation").tolist(), abs=1.0)
    together = models.build("mlp", task, widths=(32,))
    load_weights(tmp_path / "run" / "best.safetensors", together)
    for one, other in zip(alone.parameters(), together.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-3)
