"""Every lowering rule: with real numbers it is the operation itself, in spikes it is what the reference says."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import neurobridge as nb
from neurobridge.errors import UnsupportedOperationError
from tests.conversion.rules.cases import FLAT, IMAGE, ROWS, TOKENS, Of, Recurrent, Sampler, agreed, between

torch.manual_seed(0)


ACTIVATIONS = [
    nn.Sigmoid(), nn.Tanh(), nn.ELU(0.7), nn.SELU(), nn.CELU(0.7), nn.Softplus(2.0), nn.LogSigmoid(), nn.SiLU(), nn.GELU(),
    nn.GELU(approximate="tanh"), nn.Mish(), nn.Hardswish(), nn.Hardsigmoid(), nn.Hardtanh(-0.5, 0.7), nn.ReLU6(),
    nn.PReLU(12), nn.LeakyReLU(0.2), nn.LayerNorm(12), nn.RMSNorm(12), nn.Softmax(-1), nn.LogSoftmax(-1), nn.Softsign(),
    nn.Tanhshrink(), nn.Softmin(-1), nn.Dropout(0.5), nn.BatchNorm1d(12), nn.Identity(), nn.GLU(),
]  # fmt: skip

FUNCTIONS = {
    "exp": (lambda m, x: m[1](torch.exp(0.5 * m[0](x))), FLAT),
    "log": (lambda m, x: m[1](torch.log(1 + m[0](x).abs())), FLAT),
    "sqrt": (lambda m, x: m[1](torch.sqrt(0.1 + m[0](x).abs())), FLAT),
    "rsqrt": (lambda m, x: m[1](torch.rsqrt(0.5 + m[0](x).abs())), FLAT),
    "reciprocal": (lambda m, x: m[1](torch.reciprocal(1.5 + torch.tanh(m[0](x)))), FLAT),
    "division": (lambda m, x: m[1](m[0](x) / (1 + m[0](x).abs())), FLAT),
    "square": (lambda m, x: m[1](m[0](x) ** 2), FLAT),
    "cube": (lambda m, x: m[1](torch.pow(m[0](x), 3)), FLAT),
    "sine": (lambda m, x: m[1](torch.sin(2 * m[0](x)) + torch.cos(m[0](x))), FLAT),
    "erf": (lambda m, x: m[1](torch.erf(m[0](x))), FLAT),
    "product": (lambda m, x: m[1](m[0](x) * torch.sigmoid(m[0](x))), FLAT),
    "clamp": (lambda m, x: m[1](m[0](x).clamp(min=-0.3) - m[0](x).clamp(max=0.2)), FLAT),
    "maximum": (lambda m, x: m[1](torch.maximum(m[0](x), 0.5 - m[0](x))), FLAT),
    "minimum": (lambda m, x: m[1](torch.minimum(m[0](x), 0.5 - m[0](x))), FLAT),
    "amax": (lambda m, x: m[1](m[0](x).amax(1) + m[0](x).min(1).values), ROWS),
    "mean and sum": (lambda m, x: m[1](m[0](x).mean(1) - 0.1 * m[0](x).sum(dim=1)), ROWS),
    "cumsum": (lambda m, x: m[1](torch.cumsum(m[0](x), 1)[:, -1]), ROWS),
    "matmul": (lambda m, x: m[1]((x @ x.transpose(1, 2) @ m[0](x)).mean(1)), ROWS),
    "bmm": (lambda m, x: m[1](torch.bmm(m[0](x).transpose(1, 2), m[0](x)).mean(1)), ROWS),
    "bmm of members": (
        lambda m, x: torch.bmm(m[0](x).relu().transpose(0, 1), torch.linspace(-1, 1, 240).view(5, 12, 4)).sum(0),
        ROWS,
    ),
    "einsum": (lambda m, x: m[1](torch.einsum("bld,bmd->blm", x, x) @ m[0](x)).mean(1), ROWS),
    "masked softmax": (
        lambda m, x: m[1](
            torch.softmax((x @ x.transpose(1, 2)).masked_fill(torch.ones(5, 5).triu(1).bool(), -torch.inf), -1)
            @ m[0](x)
        ).mean(1),
        ROWS,
    ),
    "where": (lambda m, x: m[1](torch.where(torch.arange(12) > 5, m[0](x), -m[0](x))), FLAT),
    "relu by where": (lambda m, x: m[1](torch.where(m[0](x) > 0, m[0](x), 0.1 * m[0](x))), FLAT),
    "mask": (lambda m, x: m[1](m[0](x) * (m[0](x) >= 0.2).float() - m[0](x) * (m[0](x) < -0.1)), FLAT),
    "logic": (
        lambda m, x: m[1](m[0](x) * ((m[0](x) > 0.1) & ~(m[0](x) > 0.9) | (m[0](x) <= m[0](x).mean(1, keepdim=True)))),
        FLAT,
    ),
    "sign of a product": (lambda m, x: m[1](m[0](x).abs() * torch.sign(m[0](x) - 0.3)), FLAT),
    "choice of numbers": (lambda m, x: m[1](m[0](x) + torch.where(m[0](x) > 0.5, 2.0, -1.0)), FLAT),
    "filled": (lambda m, x: m[1](m[0](x).masked_fill(m[0](x) > 0.4, 0.4)), FLAT),
    "norms": (
        lambda m, x: (
            m[1](F.normalize(m[0](x), dim=1) + 0.1 * m[0](x).norm(1, dim=1, keepdim=True))
            + m[0](x).norm(torch.inf, dim=1, keepdim=True)
        ),
        FLAT,
    ),
    "variance": (lambda m, x: m[1](m[0](x) * m[0](x).var(1, keepdim=True) + m[0](x).std((1,), False)[:, None]), FLAT),
    "logsumexp": (
        lambda m, x: m[1](m[0](x) - m[0](x).logsumexp(1, keepdim=True)) + m[0](x).logsumexp(1)[:, None],
        FLAT,
    ),
    "rounding": (lambda m, x: m[1](torch.round(2 * m[0](x)) + torch.floor(3 * m[0](x)) - torch.ceil(m[0](x))), FLAT),
    "floor division": (
        lambda m, x: m[1](m[0](x) + 0.2 * (m[0](x) // 1) - 0.1 * torch.div(m[0](x), 2, rounding_mode="floor")),
        FLAT,
    ),
    "zeroth power": (lambda m, x: m[1](m[0](x) ** 0 + m[0](x) ** 1), FLAT),
    "einsum of three": (lambda m, x: torch.einsum("bld,bme,bl->bde", x, m[0](x), x.mean(2)).flatten(1), ROWS),
    "slices": (lambda m, x: m[1](torch.cat([m[0](x)[:, :7], m[0](x)[:, 7:]], 1).flip(1).roll(2, 1)), FLAT),
    "split": (lambda m, x: m[1](torch.cat(m[0](x).chunk(3, 1)[::-1], dim=1)), FLAT),
    "stack": (lambda m, x: m[1](torch.stack([m[0](x), 2 * m[0](x)], dim=1).sum(1)), FLAT),
    "index": (lambda m, x: m[1](m[0](x)[:, torch.tensor([3, 1, 0, 2, 5, 4, 6, 7, 8, 9, 11, 10])]), FLAT),
    "repeat": (lambda m, x: m[1](m[0](x).repeat(1, 2)[:, 3:15]), FLAT),
}

LAYERS = {
    "conv1d": nn.Sequential(nn.Conv1d(5, 4, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(12, 5)),
    "groups and dilation": nn.Sequential(nn.Conv2d(2, 4, 3, dilation=2, groups=2), nn.ReLU(), nn.Flatten(), nn.Linear(64, 5)),
    "transposed": nn.Sequential(
        nn.ConvTranspose2d(2, 3, 3, stride=2, output_padding=1), nn.Tanh(), nn.AvgPool2d(3), nn.Flatten(), nn.Linear(108, 5)
    ),
    "group norm": nn.Sequential(nn.Conv2d(2, 4, 3), nn.GroupNorm(2, 4), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(64, 5)),
    "instance norm": nn.Sequential(nn.Conv2d(2, 4, 3), nn.InstanceNorm2d(4, affine=True), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5)),
    "resize": nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(2, 2, 3), nn.Upsample(size=(9, 5), mode="bilinear"), nn.Flatten(), nn.Linear(90, 5)),
    "max pools": nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.MaxPool2d(3, 2, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4, 5)
    ),
    "padding": nn.Sequential(nn.ZeroPad2d((1, 2, 0, 1)), nn.Conv2d(2, 3, 2, padding="same"), nn.ReLU(), nn.Flatten(), nn.Linear(297, 5)),
    "pixel shuffle": nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.PixelShuffle(2), nn.Flatten(), nn.Linear(144, 5)),
    "weight norm": nn.Sequential(nn.Flatten(), nn.utils.parametrizations.weight_norm(nn.Linear(128, 8)), nn.ReLU(), nn.Linear(8, 5)),
    "unflatten": nn.Sequential(nn.Flatten(), nn.Unflatten(1, (4, 32)), nn.Linear(32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 5)),
}  # fmt: skip


def cases():
    """Name -> network and inputs."""
    found = {
        f"{type(a).__name__} {i}": (between(a), FLAT) for i, a in enumerate(ACTIVATIONS) if not isinstance(a, nn.GLU)
    }
    found["GLU"] = (nn.Sequential(nn.Linear(6, 24), nn.GLU(), nn.Linear(12, 5)), FLAT)
    found |= {name: (Of(f, nn.Linear(6, 12), nn.Linear(12, 5)), x) for name, (f, x) in FUNCTIONS.items()}
    found |= {name: (layer, ROWS if name == "conv1d" else IMAGE) for name, layer in LAYERS.items()}
    return found


CASES = cases()


@pytest.mark.parametrize("name", CASES)
def test_operation(name):
    agreed(*CASES[name])


def test_batchnorm_before_a_padded_convolution_is_exact_at_the_border():
    norm = nn.BatchNorm2d(2)
    norm.running_mean.uniform_(-1, 1)
    norm.running_var.uniform_(0.5, 2)
    agreed(nn.Sequential(norm, nn.Conv2d(2, 3, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(192, 5)), IMAGE)


class Bilinear(nn.Module):
    """Two views of one input."""

    def __init__(self):
        super().__init__()
        self.both = nn.Bilinear(6, 6, 4)

    def forward(self, x):
        return self.both(x, torch.tanh(x))


class Writing(nn.Module):
    """Results written into tensors made before, in the ways that people do."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 6)

    def forward(self, x):
        h, out = self.layer(x[:, 0]), x.new_empty(x.size(0), 3, 6)
        for step in range(3):
            h = torch.tanh(h + x[:, step])
            out[:, step] = h
        y = self.layer(x[:, 1]).clone()
        y[:, 0] = 0
        y[:, 1:3] += 1
        y[:, [4, 5]] = h[:, [0, 1]]
        y[..., 3] = y[..., 2]
        out[:, :, ::2] *= 2
        return torch.cat([out, y[:, None]], 1).flatten(1)


class LearnedQueries(nn.Module):
    """A few learned vectors ask, the input answers: Perceiver, DETR; and a matrix of its own for each step."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 3, batch_first=True)
        self.queries, self.own = nn.Parameter(torch.randn(2, 6)), nn.Parameter(torch.randn(5, 6, 4))

    def forward(self, x):
        answers = self.attention(self.queries.expand(x.size(0), -1, -1), x, x)[0]
        each = (x[:, :, None] @ self.own).sum(1)
        return torch.cat([answers.flatten(1), each.flatten(1)], 1)


MODULES = {"bilinear": Bilinear(), "writing": Writing(), "learned queries": LearnedQueries()}


@pytest.mark.parametrize("name", MODULES)
def test_module(name):
    agreed(MODULES[name], ROWS)


class Padded(nn.Module):
    """Sentences of unlike lengths: what is padding is asked before the tokens are looked up."""

    def __init__(self):
        super().__init__()
        self.embedding, self.readout = nn.Embedding(20, 6, padding_idx=0), nn.Linear(6, 3)
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x):
        said = (x != 0).float()
        h = self.embedding(x)
        h = self.attention(h, h, h, key_padding_mask=x == 0)[0] * (x > 0).unsqueeze(-1)
        return self.readout(torch.tanh(h).sum(1) / said.sum(1, keepdim=True))


def test_padding_is_masked_by_the_tokens_themselves():
    torch.manual_seed(0)
    tokens = TOKENS.clone()
    for sample, length in enumerate(torch.randint(1, 7, (len(tokens),))):
        tokens[sample, length:] = 0
    agreed(Padded(), tokens)


@pytest.mark.parametrize("padding", ["zeros", "border"])
@pytest.mark.parametrize("aligned", [False, True])
def test_spatial_transformer_without_analog_parts(padding, aligned):
    network = agreed(Sampler(padding, aligned), IMAGE)
    assert {row["kind"] for row in network.certificate.operations} <= {
        "encode",
        "synapses",
        "neurons",
        "gate",
        "readout",
    }


REFUSED = {
    "argmax": (Of(lambda m, x: x.argmax(1, keepdim=True) + 0 * x, nn.Identity()), "place of a maximum"),
    "equal numbers": (Of(lambda m, x: (x == 1) * x, nn.Identity()), "whether real numbers are equal"),
    "pow": (Of(lambda m, x: torch.pow(2.0, x), nn.Identity()), "pow"),
    "max with indices": (Of(lambda m, x: x.max(1).indices.float()[:, None] + x, nn.Identity()), "place of a maximum"),
    "argmax of everything": (Of(lambda m, x: x.argmax(), nn.Identity()), "one place among all samples"),
    "argmax of samples": (Of(lambda m, x: m[0](x).argmax(0), nn.Linear(6, 3)), "axis of the samples"),
    "infinity by choice": (Of(lambda m, x: torch.where(x > 0, x, -torch.inf), nn.Identity()), "masked_fill"),
    "truncated division": (
        Of(lambda m, x: torch.div(x, 0.5, rounding_mode="trunc"), nn.Identity()),
        "rounds its quotient",
    ),
    "third norm": (Of(lambda m, x: x.norm(3, dim=1), nn.Identity()), "norm of order 3"),
    "decimals": (Of(lambda m, x: torch.round(x, decimals=1), nn.Identity()), "rounds to decimals"),
    "several members of one": (Of(lambda m, x: x @ torch.ones(3, 6, 4), nn.Identity()), "by several; expand it first"),
    "mean of samples": (Of(lambda m, x: x - x.mean(0, keepdim=True), nn.Identity()), "samples"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_the_operation_and_the_line(name):
    model, message = REFUSED[name]
    with pytest.raises(UnsupportedOperationError, match=message) as caught:
        nb.convert(model, FLAT)
    assert "cases.py" in str(caught.value)


CHOICES = {
    "argmax": lambda m, x: m[0](x).argmax(1),
    "argmax kept": lambda m, x: m[0](x).argmax(-1, keepdim=True),
    "argmin": lambda m, x: m[0](x).argmin(1),
    "max with its place": lambda m, x: m[0](x).max(1),
    "place of the maximum": lambda m, x: m[0](x).max(1).indices,
    "min with its place": lambda m, x: m[0](x).min(1),
    "choice of each row": lambda m, x: m[0](x).unflatten(1, (3, 2)).argmax(2),
}


@pytest.mark.parametrize("code", ["radix", "rate"])
@pytest.mark.parametrize("name", CHOICES)
def test_networks_that_answer_with_a_choice(name, code):
    """The place of the largest membrane: whole numbers, as the network gives them, saved and read again."""
    torch.manual_seed(3)
    model = Of(CHOICES[name], nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 6))).requires_grad_(False)
    steps = 12 if code == "radix" else 256
    if code == "rate" and name == "max with its place":
        pytest.skip("a maximum of the outputs themselves needs another layer of rates")
    network = nb.convert(model, FLAT, code=code, steps=steps)
    for runtime in ("fast", "stepped"):
        got, wanted = network(FLAT, runtime=runtime), model(FLAT)
        got, wanted = (
            x if isinstance(x, tuple) else (x,) for x in (got, tuple(wanted) if isinstance(wanted, tuple) else wanted)
        )
        for mine, theirs in zip(got, wanted, strict=True):
            assert mine.shape == theirs.shape
            assert mine.dtype == theirs.dtype
        assert (got[-1] == wanted[-1]).float().mean() >= 0.95


@pytest.mark.parametrize("model", [between(nn.Tanh()), Recurrent(nn.GRU(6, 8, batch_first=True), 8)])
def test_rate_code_names_the_codes_to_use(model):
    with pytest.raises(UnsupportedOperationError, match="radix"):
        nb.convert(model, FLAT if isinstance(model, nn.Sequential) else ROWS, code="rate", steps=16)


def test_a_rule_of_ones_own():
    def fourth_power(build, x):
        square = build.gate(build.identity(x), x)
        return build.gate(build.identity(square), square)

    class Odd(nn.Module):
        def forward(self, x):
            return torch.special.i0e(x)

    with pytest.raises(UnsupportedOperationError, match="i0e"):
        nb.convert(Odd(), FLAT)
    with pytest.raises(UnsupportedOperationError, match="differs from the original"):
        nb.convert(Odd(), FLAT, rules={"special_i0e": fourth_power})  # it is not the fourth power
