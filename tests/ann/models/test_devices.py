"""Every architecture computes and learns on another device as it does on the CPU, and nothing of it stays behind."""

import copy

import numpy as np
import pytest
import torch

from neurobridge import models
from neurobridge.ann.models import MODELS
from neurobridge.ann.models.sampling import sample
from neurobridge.ann.models.seq2seq import ATTENTIONS
from neurobridge.ann.models.shapes import Shapes
from neurobridge.ann.models.spatial_transformer import PARAMETERISATIONS
from neurobridge.ann.training import TrainingConfig
from neurobridge.ann.training.augmentation import AUGMENTATIONS, augment
from neurobridge.ann.training.contender import contender
from neurobridge.ann.training.optimizers import make
from neurobridge.ann.training.step import Updater
from tests.elsewhere import elsewhere, generator

SHAPES = {
    "image": Shapes(input_shape=(1, 8, 8), output_size=3),
    "sequence": Shapes(input_shape=(6, 4), output_size=3),
    "sequence, at every step": Shapes(input_shape=(6, 4), output_size=3, output_steps=6),
    "tokens": Shapes(input_shape=(6,), output_size=3, vocabulary=7),
    "text": Shapes(input_shape=(6,), output_size=7, output_steps=6, vocabulary=7),
    "answer": Shapes(input_shape=(6,), output_size=7, output_steps=2, vocabulary=7),
    "video": Shapes(input_shape=(3, 1, 8, 8), output_size=3),
}
RECURRENT = (
    {"hidden": 4},
    {"hidden": 4, "bidirectional": True, "layers": 2, "dropout": 0.2},
    {"hidden": 4, "form": "explicit"},
)
SMALL = {"width": 8, "heads": 2, "layers": 1, "hidden": 8}
OPTIONS = {
    "mlp": ({"widths": (8,)}, {"widths": (8,), "batch_norm": True, "dropout": 0.2}),
    "cnn": ({"widths": (4, 4)}, {"widths": (4, 4), "pooling": "max", "dropout": 0.2}),
    "residual-cnn": ({"widths": (4, 4), "depth": 6},),
    "stn-cnn": tuple({"widths": (4, 4), "parameterisation": name} for name in PARAMETERISATIONS),
    "rnn": RECURRENT,
    "gru": RECURRENT,
    "lstm": (*RECURRENT, {"hidden": 4, "longest": 6}),
    "bilstm": ({"hidden": 4},),
    "stacked-lstm": ({"hidden": 4},),
    "language-model": tuple({"embedding": 8, "hidden": 8, "tied": tied} for tied in (True, False)),
    "transformer": (SMALL,),
    "transformer-language-model": (SMALL,),
    "seq2seq": tuple({"embedding": 4, "hidden": 8, "attention": name} for name in ATTENTIONS),
    "cnn-lstm": ({"widths": (4, 4), "features": 8, "hidden": 4},),
}
CASES = [(name, kind) for name in OPTIONS for kind, shapes in SHAPES.items() if name in models.fitting(shapes)]
FIRST = {name: (name, kind) for name, kind in reversed(CASES)}


def batch(shapes, samples=4):
    """Return inputs and targets."""
    random = torch.Generator().manual_seed(0)
    size = (samples, *shapes.input_shape)
    tokens = torch.randint(shapes.vocabulary, size, generator=random) if shapes.vocabulary else None
    inputs = torch.rand(size, generator=random) if tokens is None else tokens
    answers = (samples, shapes.output_steps) if shapes.output_steps else (samples,)
    return inputs, torch.randint(shapes.output_size, answers, generator=random)


def updater(model, device):
    config = TrainingConfig(learning_rate=1e-3, clip=1.0, accumulate=2)
    return Updater(model, make(config, model.parameters()), "cross-entropy", config, device)


def test_every_architecture_is_here():
    assert {name for name, _ in CASES} == set(MODELS)


@pytest.mark.parametrize(
    ("name", "kind", "options"),
    [(*case, OPTIONS[case[0]][0]) for case in CASES]
    + [(*FIRST[name], o) for name, tried in OPTIONS.items() for o in tried[1:]],
)
def test_an_architecture_answers_and_learns_elsewhere(name, kind, options):
    inputs, targets = batch(SHAPES[kind])
    here = models.build(name, SHAPES[kind], **options)
    random = torch.Generator()
    with elsewhere() as device:
        there = copy.deepcopy(here).to(device)
        torch.testing.assert_close(there.eval()(inputs.to(device)).cpu(), here.eval()(inputs))
        ours, theirs = updater(here, torch.device("cpu")), updater(there, device)
        torch.manual_seed(0)  # of dropout
        loss, wanted = ours.update(inputs, targets, random)
        torch.manual_seed(0)
        other, norm = theirs.update(inputs.to(device), targets.to(device), random)
        torch.testing.assert_close((other.cpu(), norm.cpu()), (loss, wanted))
        for mine, moved in zip(here.parameters(), there.parameters(), strict=True):
            torch.testing.assert_close(moved.grad.cpu(), mine.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_images_change_elsewhere(name):
    images, _ = batch(SHAPES["image"])
    wanted = augment(name, images, generator())
    with elsewhere() as device:
        torch.testing.assert_close(augment(name, images.to(device), generator()).cpu(), wanted)


def test_text_is_written_and_answers_are_judged_elsewhere():
    inputs, _ = batch(SHAPES["text"])
    model = models.build("language-model", SHAPES["text"], **OPTIONS["language-model"][0])
    written, answers = sample(model, inputs[0], 5), contender(model)(inputs.numpy())
    with elsewhere() as device:
        model.to(device)
        found = sample(model, inputs[0].to(device), 5)
        assert found.device == device
        assert torch.equal(found.cpu(), written)
        np.testing.assert_allclose(contender(model)(inputs.numpy()), answers, rtol=1e-5)
