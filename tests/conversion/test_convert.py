"""Converting networks of every style: near the original, the original unharmed, bad input refused by name."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import neurobridge as nb
from neurobridge.errors import CalibrationError, InputError, UnknownNameError, UnsupportedOperationError
from neurobridge.graph.nodes import Neurons
from tests.conversion.networks import CNN, MLP, STYLES, Residual, Styled, images, seeded


@pytest.mark.parametrize("code", ["radix", "rate", "signed", "latency"])
@pytest.mark.parametrize("style", STYLES)
def test_every_style_converts_alike(style, code):
    """Module, functional, method, in-place and reused ReLU are the same network."""
    x = images(40)
    plain = nb.convert(Styled("module"), x, code=code, steps=8)
    network = nb.convert(Styled(style), x, code=code, steps=8)
    torch.testing.assert_close(network(x), plain(x))
    assert len(network.graph.of(Neurons)) == 2


@pytest.mark.parametrize("model", [MLP(1), CNN(1), Residual(1)], ids=["mlp", "cnn", "residual"])
@pytest.mark.parametrize(
    ("code", "steps", "bound"), [("radix", 8, 0.03), ("latency", 128, 0.03), ("rate", 64, 0.2), ("signed", 64, 0.05)]
)
def test_the_network_stays_near_its_original(model, code, steps, bound):
    """Relative error of the outputs, a few quanta a layer."""
    x = images(64, 1)
    wanted = model(x)
    assert (nb.convert(model, x, code=code, steps=steps)(x) - wanted).norm() / wanted.norm() < bound


def state(model: nn.Module) -> dict[str, object]:
    return {
        "training": [m.training for m in model.modules()],
        "hooks": [(len(m._forward_hooks), len(m._forward_pre_hooks)) for m in model.modules()],
        "gradients": [p.requires_grad for p in model.parameters()],
    }


@pytest.mark.parametrize("code", ["radix", "rate"])
def test_the_model_is_unchanged_bit_for_bit(code):
    model = CNN(3)
    model.train()
    model.features[0].eval()
    model.head.register_forward_hook(lambda module, args, output: None)
    before, tensors = state(model), {k: v.clone() for k, v in model.state_dict().items()}
    nb.convert(model, images(32), code=code, steps=4)
    assert state(model) == before
    assert all(torch.equal(v, tensors[k]) for k, v in model.state_dict().items())


@pytest.mark.parametrize("code", ["radix", "rate"])
def test_conversion_within_inference_mode(code):
    """A user's own `torch.inference_mode` does not reach into the conversion, which takes gradients of its own."""
    model = CNN(3)
    outside = nb.convert(model, images(32), code=code, steps=4)
    with torch.inference_mode():
        inside = nb.convert(model, images(32), code=code, steps=4)
        assert torch.equal(inside(images(4)), outside(images(4)))


def test_a_double_precision_model_is_converted_and_unchanged():
    model = MLP(0).double()
    network = nb.convert(model, images(32).double(), steps=8)
    assert all(p.dtype == torch.float64 for p in model.parameters())
    assert network(images(2)).dtype == torch.float32


class TwoArguments(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(5, 4), nn.Linear(3, 4)
        seeded(self)

    def forward(self, keys: Tensor, values: Tensor) -> Tensor:
        return F.relu(self.a(keys) + self.b(values))


@pytest.mark.parametrize(("code", "steps"), [("radix", 8), ("rate", 64)])
def test_several_arguments_with_awkward_names(code, steps):
    model, a, b = TwoArguments(), torch.rand(40, 5), torch.rand(40, 3) - 0.5
    network = nb.convert(model, (a, b), code=code, steps=steps)
    assert [node.name for node in network.graph.inputs] == ["keys", "values"]
    torch.testing.assert_close(network(a, b), model(a, b), rtol=0.1, atol=0.05)


class SamplesSecond(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(6, 5), nn.Linear(5, 2)
        seeded(self)

    def forward(self, x: Tensor) -> Tensor:
        return self.b(F.relu(self.a(x)))


@pytest.mark.parametrize("length", [3, 1])
def test_samples_on_another_axis(length):
    """The converted network takes its samples first, whatever axis they had."""
    model, x = SamplesSecond(), torch.rand(length, 40, 6)
    network = nb.convert(model, x, batch_axis=1)
    torch.testing.assert_close(network(x.movedim(1, 0)), model(x).movedim(1, 0), rtol=0.05, atol=0.03)


class Chained(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        x = torch.special.i1(x)
        return torch.special.i0(F.relu(x))


class Apart(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return torch.special.i1(x), torch.special.i0(y)


def test_unsupported_operations_are_listed_at_once_with_the_users_own_lines():
    with pytest.raises(UnsupportedOperationError, match=r"i1 at .*test_convert.py:\d+: x = torch.special.i1\(x\)"):
        nb.convert(Chained(), torch.rand(8, 4))
    with pytest.raises(UnsupportedOperationError, match=r"2 operation\(s\) have no spiking form under the radix code"):
        nb.convert(Apart(), (torch.rand(8, 4), torch.rand(8, 4)))


class Nested(nn.Module):
    def forward(self, x: Tensor) -> dict[str, dict[str, Tensor]]:
        return {"heads": {"logits": F.relu(x)}}


class Numbered(nn.Module):
    def forward(self, x: Tensor) -> dict[int, Tensor]:
        return {0: F.relu(x)}


class NoTensor(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, int]:
        return F.relu(x), 3


class Constant(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return F.relu(x), torch.ones(2, 3)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Nested(), r"returns a dict; return a tensor, or a tuple or a dict of tensors"),
        (Numbered(), r"returns a dict; return a tensor, or a tuple or a dict of tensors"),
        (NoTensor(), r"returns something that is not a tensor; return a tensor, or a tuple or a dict of tensors"),
        (Constant(), r"output 1 does not depend on the inputs"),
    ],
)
def test_outputs_that_are_not_tensors_are_refused(model, message):
    with pytest.raises(UnsupportedOperationError, match=message):
        nb.convert(model, torch.rand(8, 4))


class DataDependent(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum() > 0 else -x


def test_decisions_on_values_are_refused_with_advice():
    with pytest.raises(UnsupportedOperationError, match=r"decides by the value of a tensor"):
        nb.convert(DataDependent(), torch.rand(8, 4))


BAD_DATA = {
    r"is a list; give an array": [[1.0, 2.0]],
    r"give 2 samples or more, better 500": torch.rand(1, 1, 6, 6),
    r"has shape \(0, 1, 6, 6\)": torch.rand(0, 1, 6, 6),
    r"has shape \(\)": torch.tensor(1.0),
    r"holds NaN or infinite": torch.full((4, 1, 6, 6), torch.nan),
    r"does not take the calibration data of shape": torch.rand(8, 3, 5),
    r"holds object; give numbers": np.array([[None], [None]], dtype=object),
    r"holds <U1; give numbers": np.array(["a", "b"]),
    r"there is no calibration data": (),
}


@pytest.mark.parametrize("message", BAD_DATA)
def test_calibration_data_that_cannot_be_used_is_refused(message):
    with pytest.raises(CalibrationError, match=message):
        nb.convert(MLP(), BAD_DATA[message])


def test_arguments_of_unlike_length_are_refused():
    with pytest.raises(CalibrationError, match=r"the calibration inputs have 40 and 39 samples"):
        nb.convert(TwoArguments(), (torch.rand(40, 5), torch.rand(39, 3)))
    with pytest.raises(CalibrationError, match=r"does not take the calibration data"):
        nb.convert(TwoArguments(), torch.rand(40, 5))


def test_bad_options_are_refused():
    x = images(8)
    with pytest.raises(InputError, match=r"steps is 0; the radix code takes a whole number from 1 to 16"):
        nb.convert(MLP(), x, steps=0)
    with pytest.raises(UnknownNameError, match=r"unknown code 'radixx'; did you mean 'radix'"):
        nb.convert(MLP(), x, code="radixx")
    with pytest.raises(InputError, match=r"the model is a function; convert takes a torch.nn.Module"):
        nb.convert(lambda x: x, x)
    with pytest.raises(InputError, match=r"batch_size is 0"):
        nb.convert(MLP(), x, batch_size=0)
    with pytest.raises(InputError, match=r"batch_axis is 7"):
        nb.convert(MLP(), x, batch_axis=7)
    with pytest.raises(InputError, match=r"dtype torch.float16 is not"):
        nb.convert(MLP(), x, dtype=torch.float16)


def test_weights_that_are_not_finite_are_named():
    model = MLP()
    with torch.no_grad():
        model.layers[3].weight[0, 0] = torch.nan
    with pytest.raises(InputError, match=r"weights that are NaN or infinite: layers.3.weight"):
        nb.convert(model, images(8))


def odd(*layers: nn.Module) -> nn.Module:
    return seeded(nn.Sequential(*layers))


def conv(*after: nn.Module) -> nn.Module:
    return odd(nn.Conv2d(1, 2, 3), nn.ReLU(), *after, nn.Flatten())


ODD = {
    "no bias": (MLP(0, bias=False), images(32)),
    "one feature": (odd(nn.Linear(1, 1), nn.ReLU(), nn.Linear(1, 1)), torch.rand(32, 1)),
    "relu at the end": (odd(nn.Linear(4, 3), nn.ReLU()), torch.rand(32, 4)),
    "only a linear layer": (odd(nn.Linear(4, 3)), torch.rand(32, 4)),
    "identity": (nn.Identity(), torch.rand(32, 4)),
    "odd sizes": (odd(nn.Conv2d(1, 2, 3, 2), nn.ReLU(), nn.AvgPool2d(2, ceil_mode=True)), torch.rand(32, 1, 9, 7)),
    "one dimension": (odd(nn.Conv1d(2, 3, 3), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten()), torch.rand(32, 2, 9)),
    "three dimensions": (odd(nn.Conv3d(1, 2, 2), nn.ReLU(), nn.AvgPool3d(2)), torch.rand(16, 1, 5, 5, 5)),
    "transposed": (odd(nn.ConvTranspose2d(1, 2, 3, 2), nn.ReLU(), nn.Conv2d(2, 1, 3)), torch.rand(16, 1, 4, 4)),
    "constant input": (odd(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), torch.ones(32, 4)),
    "zero input": (odd(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), torch.zeros(32, 4)),
    "relu of the input": (odd(nn.ReLU(), nn.Linear(4, 2)), torch.rand(32, 4) - 0.5),
    "two relus": (odd(nn.Linear(4, 3), nn.ReLU(), nn.ReLU(), nn.Linear(3, 2)), torch.rand(32, 4)),
    "relu6": (odd(nn.Linear(4, 3), nn.ReLU6(), nn.Linear(3, 2)), torch.rand(32, 4)),
    "leaky": (odd(nn.Linear(4, 3), nn.LeakyReLU(0.1), nn.Linear(3, 2)), torch.rand(32, 4)),
    "dropout": (odd(nn.Linear(4, 3), nn.Dropout(0.5), nn.ReLU(), nn.Linear(3, 2)), torch.rand(32, 4)),
    "deep": (odd(*[m for _ in range(15) for m in (nn.Linear(6, 6), nn.ReLU())]), torch.rand(32, 6)),
    "two maxima": (conv(nn.MaxPool2d(2), nn.MaxPool2d(2)), torch.rand(16, 1, 10, 10)),
    "overlapping maxima": (conv(nn.MaxPool2d(3, 2, 1)), torch.rand(16, 1, 8, 8)),
    "maximum of the input": (odd(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(9, 2)), images(32)),
    "norm of features": (odd(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2)), torch.rand(32, 4)),
}


@pytest.mark.parametrize(("code", "steps"), [("radix", 10), ("rate", 64), ("signed", 128), ("latency", 200)])
@pytest.mark.parametrize("name", ODD)
def test_unusual_networks_convert(name, code, steps):
    """Near the original, both runtimes alike, one sample as well as many."""
    model, x = ODD[name]
    # in double precision, where sums in another order flip no spike
    network = nb.convert(model, x, code=code, steps=steps, dtype=torch.float64)
    with torch.no_grad():
        wanted = model(x)
    scale = float(wanted.abs().max()) or 1.0
    got = network(x)
    assert got.shape == wanted.shape
    assert float((got - wanted).abs().max()) / scale < (0.05 if code in ("radix", "latency") else 0.4)
    torch.testing.assert_close(network(x, runtime="stepped"), got, rtol=1e-4, atol=1e-4 * scale)
    torch.testing.assert_close(network(x[:1]), got[:1], rtol=1e-4, atol=1e-4 * scale)


def test_a_settled_network_has_the_levels_asked_for():
    """More steps change nothing once every neuron is silent; levels are as given, or three quarters of T."""
    model, x = CNN(1), images(32)
    one, two = (nb.convert(model, x, code="signed", steps=steps, levels=15, dtype=torch.float64) for steps in (90, 180))
    torch.testing.assert_close(one(x), two(x), rtol=1e-12, atol=1e-12)
    assert all(not spikes[-1].any() for spikes in one.raster(x).values())
    assert {node.steps for node in one.graph.of(Neurons)} == {15}
    assert {node.steps for node in nb.convert(model, x, code="signed", steps=16).graph.of(Neurons)} == {12}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"code": "rate", "levels": 4}, "levels is 4; only code='signed' with a number of steps takes it"),
        ({"code": "signed", "steps": "auto", "rel_error": 0.1, "levels": 4}, "only code='signed' with a number"),
        ({"code": "signed", "steps": 8, "levels": 9}, "levels is 9; a neuron of 8 steps can send .* from 1 to 8"),
        ({"code": "signed", "steps": 8, "levels": 2.5}, "levels is 2.5; .* whole number"),
    ],
)
def test_levels_that_make_no_sense_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        nb.convert(MLP(1), images(32), **options)


@pytest.mark.parametrize(
    "options",
    [{"steps": 8, "rel_error": 1e-9}, {"steps": 8, "disagreement": 0.1}, {"steps": "atuo"}, {"steps": "8"}],
)
def test_a_target_and_a_number_of_steps_exclude_each_other(options):
    with pytest.raises(InputError, match=r"a target takes steps='auto' or copies='auto', and without one steps is a"):
        nb.convert(MLP(1), images(32), **options)


def test_a_target_that_is_no_number_is_refused():
    with pytest.raises(InputError, match=r"needs one target between 0 and 1: rel_error \(now foo\)"):
        nb.convert(MLP(1), images(32), steps="auto", rel_error="foo")


def test_samples_without_axes():
    model = odd(nn.Unflatten(0, (-1, 1)), nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1), nn.Flatten(0))
    x = torch.rand(32)
    network = nb.convert(model, x, steps=10)
    torch.testing.assert_close(network(x), model(x), rtol=0.02, atol=0.02)


def test_channels_that_are_silent_in_calibration_still_fire():
    """A channel without activity on the calibration data takes the range of the others, so that it is not lost."""
    model = odd(nn.Linear(2, 2), nn.ReLU())
    with torch.no_grad():
        model[0].weight.copy_(torch.eye(2))
        model[0].bias.zero_()
    network = nb.convert(model, torch.rand(32, 2) * torch.tensor([1.0, 0.0]))
    loud = torch.tensor([[0.5, 0.0], [0.5, 0.4]])
    torch.testing.assert_close(network(loud), loud, atol=0.01, rtol=0)


def test_inputs_beyond_the_calibrated_range_are_clipped():
    network = nb.convert(nn.Identity(), torch.rand(64, 3))
    high = float(network.graph.inputs[0].high.max())
    assert network(torch.full((1, 3), 50.0)).max() == pytest.approx(high)
    assert network(torch.full((1, 3), -50.0)).abs().max() == 0


class Spare(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 2)
        seeded(self)

    def forward(self, x: Tensor, unused: Tensor) -> tuple[Tensor, Tensor]:
        hidden = F.relu(self.head(x))
        return hidden, hidden * 2


def test_unused_arguments_and_several_outputs():
    x, y = torch.rand(32, 4), torch.rand(32, 9)
    one, two = nb.convert(Spare(), (x, y))(x, y)
    torch.testing.assert_close(two, 2 * one)


class Bytes(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.mlp = MLP()

    def forward(self, x: Tensor) -> Tensor:
        return self.mlp(x.float() / 255)


def test_arrays_of_whole_numbers_calibrate_too():
    x, model = (images(32) * 255).byte().numpy(), Bytes()
    torch.testing.assert_close(nb.convert(model, x)(x), model(torch.as_tensor(x)), rtol=0.05, atol=0.05)


class Bessel(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.special.i0(x)


def test_a_rule_of_the_users_own_that_computes_something_else_is_caught():
    with pytest.raises(UnsupportedOperationError, match=r"i0 at .* return torch.special.i0\(x\)"):
        nb.convert(Bessel(), torch.rand(8, 4))
    rules = dict.fromkeys(["special_i0", "i0"], lambda build, x: build.neurons(x, "relu"))
    with pytest.raises(UnsupportedOperationError, match=r"differs from the original"):
        nb.convert(Bessel(), torch.rand(8, 4), rules=rules)
