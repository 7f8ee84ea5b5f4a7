import pytest
import torch
from torch import nn

from neurobridge import models, tasks
from neurobridge.ann.models import MODELS
from neurobridge.ann.models.initialisation import INITIALISATIONS, initialise
from neurobridge.ann.models.shapes import Shapes
from neurobridge.errors import InputError, UnknownNameError

DIGITS = Shapes(input_shape=(1, 8, 8), output_size=10)
IMAGE_MODELS = ("cnn", "mlp", "residual-cnn")
VARIANTS = [
    ("mlp", {}),
    ("mlp", {"widths": (32,), "batch_norm": True, "dropout": 0.2}),
    ("cnn", {}),
    ("cnn", {"pooling": "max", "widths": (4, 8, 8), "batch_norm": False, "dropout": 0.1}),
    ("residual-cnn", {}),
    ("residual-cnn", {"depth": 8, "widths": (4, 8, 8)}),
]


@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_exports_with_any_batch(name, options):
    model = models.build(name, DIGITS, **options).eval()
    batch = torch.export.Dim("batch", min=1, max=1024)
    exported = torch.export.export(model, (torch.randn(3, 1, 8, 8),), dynamic_shapes=({0: batch},)).module()
    inputs = torch.randn(5, 1, 8, 8)
    assert torch.allclose(exported(inputs), model(inputs), atol=1e-6)


@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_every_weight_matters(name, options):
    model = models.build(name, DIGITS, **options)
    model(torch.rand(8, 1, 8, 8)).square().sum().backward()
    # a convolution's bias would be removed by the batch normalisation after it, so there must be none
    assert all(weight.grad is not None and weight.grad.abs().sum() > 1e-6 for weight in model.parameters())


def test_the_seed_fixes_the_weights_and_nothing_else():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first, again, other = (models.build("cnn", DIGITS, seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["readout.weight"], other["readout.weight"])


def test_the_residual_network_has_the_stated_depth():
    layers = [
        layer
        for name, layer in models.build("residual-cnn", DIGITS).named_modules()
        if isinstance(layer, nn.Conv2d | nn.Linear) and "shortcut" not in name
    ]
    assert len(layers) == 10


def test_a_task_gives_the_shapes():
    assert models.build("cnn", tasks.load("digits")).shapes == DIGITS


def test_all_names_can_be_loaded():
    assert set(models.names()) == set(MODELS)
    assert set(IMAGE_MODELS) <= set(models.fitting(DIGITS))


def test_an_unknown_model_suggests_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'cnn'"):
        models.build("cn", DIGITS)


def test_an_unknown_option_suggests_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'widths'"):
        models.build("cnn", DIGITS, width=(3,))


def test_a_model_that_does_not_fit_lists_those_that_do():
    with pytest.raises(InputError, match=r"does not fit inputs of kind 'vector'.*these fit: mlp"):
        models.build("cnn", Shapes(input_shape=(4,), output_size=2))


def test_too_many_poolings_are_refused():
    with pytest.raises(InputError, match="4 poolings leave nothing of 8 x 8"):
        models.build("cnn", DIGITS, widths=(4, 4, 4, 4))


def test_an_unknown_pooling_is_refused():
    with pytest.raises(UnknownNameError, match="unknown pooling 'min'"):
        models.build("cnn", DIGITS, pooling="min")


def test_a_depth_that_does_not_share_out_is_refused():
    with pytest.raises(InputError, match="depth 9 does not share out over 2 stages; use 6, 10, 14"):
        models.build("residual-cnn", DIGITS, depth=9)


# 400 x 600 weights: the sample variance of a normal law has a relative standard error of 0.3 %; 2 % is 7 sigma
@pytest.mark.parametrize(("name", "variance"), [("he", 2 / 600), ("xavier", 2 / 1000), ("torch", 1 / 1800)])
def test_initial_variances_are_the_published_ones(name, variance):
    torch.manual_seed(0)
    layer = nn.Linear(600, 400)
    initialise(layer, name)
    assert layer.weight.var().item() == pytest.approx(variance, rel=0.02)


def test_deep_relu_networks_keep_their_signal_with_he_and_lose_it_with_xavier():
    # He et al. 2015: the second moment of a ReLU layer is kept by He's weights and halved by Xavier's
    torch.manual_seed(0)
    moments = {}
    for name in ("he", "xavier"):
        x = torch.randn(64, 512)
        for _ in range(20):
            layer = nn.Linear(512, 512)
            initialise(layer, name)
            x = torch.relu(layer(x))
        moments[name] = x.square().mean().item()
    assert 0.2 < moments["he"] < 5
    assert moments["xavier"] < 10 * 2.0**-20


def test_an_unknown_initialisation_is_refused():
    with pytest.raises(UnknownNameError, match="unknown initialisation"):
        initialise(nn.Linear(1, 1), "zero")
    assert set(INITIALISATIONS) == {"he", "torch", "xavier"}
