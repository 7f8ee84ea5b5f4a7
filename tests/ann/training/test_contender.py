import numpy as np
import pytest
import torch
from torch import nn

from neurobridge.ann.training import contender


@pytest.mark.parametrize("training", [True, False])
def test_judging_uses_evaluation_mode_and_restores_the_mode(training):
    model = nn.Sequential(nn.Dropout(0.9), nn.Linear(4, 2)).train(training)
    inputs = np.ones((50, 4), dtype=np.float32)
    outputs = contender(model)(inputs)
    assert (outputs == outputs[0]).all()
    assert model.training is training


def test_outputs_are_plain_float32_arrays_in_mixed_precision_too():
    outputs = contender(nn.Linear(4, 2), precision="bf16")(np.ones((3, 4), dtype=np.float32))
    assert (outputs.dtype, outputs.shape) == (np.float32, (3, 2))


def test_an_error_restores_the_mode():
    model = nn.Linear(4, 2).train()
    with pytest.raises(RuntimeError):
        contender(model)(np.ones((3, 5), dtype=np.float32))
    assert model.training


def test_tokens_stay_whole_numbers():
    model = nn.Embedding(5, 3)
    outputs = contender(model)(np.array([[1, 4]]))
    assert torch.equal(torch.from_numpy(outputs)[0], model.weight[[1, 4]])
