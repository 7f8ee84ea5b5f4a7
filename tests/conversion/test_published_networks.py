"""Networks of other people, written as they publish them: all convert, and choose as before."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import neurobridge as nb

SAMPLES = 160


class MnistExample(nn.Module):
    """The CNN of the official MNIST example, pooling before nothing, dropout inside."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 8, 3, 1), nn.Conv2d(8, 16, 3, 1)
        self.dropout1, self.dropout2 = nn.Dropout(0.25), nn.Dropout(0.5)
        self.fc1, self.fc2 = nn.Linear(16 * 36, 32), nn.Linear(32, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = self.dropout1(F.max_pool2d(x, 2))
        x = self.dropout2(F.relu(self.fc1(torch.flatten(x, 1))))
        return F.log_softmax(self.fc2(x), dim=1)


class TutorialSTN(nn.Module):
    """The spatial transformer tutorial's network, pooling before ReLU."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 8, 5)
        self.conv2_drop = nn.Dropout2d()
        self.fc1, self.fc2 = nn.Linear(8, 16), nn.Linear(16, 10)
        self.localization = nn.Sequential(
            nn.Conv2d(1, 4, 5),
            nn.MaxPool2d(2, stride=2),
            nn.ReLU(True),
            nn.Conv2d(4, 6, 3),
            nn.MaxPool2d(2, stride=2),
            nn.ReLU(True),
        )
        self.fc_loc = nn.Sequential(nn.Linear(24, 16), nn.ReLU(True), nn.Linear(16, 6))
        nn.init.normal_(self.fc_loc[2].weight, std=0.05)
        self.fc_loc[2].bias.data.copy_(torch.tensor([1, 0, 0, 0, 1, 0], dtype=torch.float))

    def stn(self, x):
        xs = self.localization(x).view(-1, 24)
        theta = self.fc_loc(xs).view(-1, 2, 3)
        grid = F.affine_grid(theta, x.size(), align_corners=False)
        return F.grid_sample(x, grid, align_corners=False)

    def forward(self, x):
        x = self.stn(x)
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2_drop(self.conv2(x)), 2))
        x = x.view(-1, 8)
        x = F.dropout(F.relu(self.fc1(x)), training=self.training)
        return F.log_softmax(self.fc2(x), dim=1)


class SineWave(nn.Module):
    """The time sequence example: two LSTM cells stepped by hand over a sequence."""

    def __init__(self):
        super().__init__()
        self.lstm1, self.lstm2, self.linear = nn.LSTMCell(1, 12), nn.LSTMCell(12, 12), nn.Linear(12, 1)

    def forward(self, x):
        outputs = []
        h_t = torch.zeros(x.size(0), 12, dtype=x.dtype)
        c_t, h_t2, c_t2 = h_t.clone(), h_t.clone(), h_t.clone()
        for value in x.split(1, dim=1):
            h_t, c_t = self.lstm1(value, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            outputs += [self.linear(h_t2)]
        return torch.cat(outputs, dim=1)


class WordModel(nn.Module):
    """The word language model example: tied weights, sequence first, one of four kinds of layer."""

    def __init__(self, kind, tokens=30, size=12):
        super().__init__()
        self.drop, self.encoder = nn.Dropout(0.2), nn.Embedding(tokens, size)
        self.rnn = getattr(nn, kind)(size, size, 2, dropout=0.2)
        self.decoder = nn.Linear(size, tokens)
        self.decoder.weight = self.encoder.weight

    def forward(self, x):
        emb = self.drop(self.encoder(x.t()))
        output, _ = self.rnn(emb)
        return F.log_softmax(self.decoder(self.drop(output)), dim=-1).transpose(0, 1)


class WordTransformer(nn.Module):
    """The word language model example's Transformer: sinusoidal positions, causal mask, sequence first."""

    def __init__(self, tokens=30, size=12, length=7):
        super().__init__()
        position = torch.arange(length).unsqueeze(1)
        div = torch.exp(torch.arange(0, size, 2) * (-math.log(10000.0) / size))
        pe = torch.zeros(length, 1, size)
        pe[:, 0, 0::2], pe[:, 0, 1::2] = torch.sin(position * div), torch.cos(position * div)
        self.register_buffer("pe", pe)
        self.size, self.encoder = size, nn.Embedding(tokens, size)
        self.layers = nn.TransformerEncoder(nn.TransformerEncoderLayer(size, 2, 24, 0.2), 1)
        self.decoder = nn.Linear(size, tokens)

    def forward(self, x):
        src = self.encoder(x.t()) * math.sqrt(self.size) + self.pe[: x.size(1)]
        mask = torch.log(torch.tril(torch.ones(x.size(1), x.size(1))))
        return self.decoder(self.layers(src, mask=mask)).transpose(0, 1)


class Policy(nn.Module):
    """The REINFORCE example's policy for CartPole."""

    def __init__(self):
        super().__init__()
        self.affine1, self.dropout, self.affine2 = nn.Linear(4, 128), nn.Dropout(p=0.6), nn.Linear(128, 2)

    def forward(self, x):
        x = F.relu(self.dropout(self.affine1(x)))
        return F.softmax(self.affine2(x), dim=1)


class DQN(nn.Module):
    """The DQN tutorial's network for CartPole."""

    def __init__(self):
        super().__init__()
        self.layer1, self.layer2, self.layer3 = nn.Linear(4, 128), nn.Linear(128, 128), nn.Linear(128, 2)

    def forward(self, x):
        return self.layer3(F.relu(self.layer2(F.relu(self.layer1(x)))))


class BasicBlock(nn.Module):
    """ResNet's block: two convolutions, a shortcut that may be a strided projection, one in-place ReLU twice."""

    def __init__(self, inside, outside, stride=1):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside)
        self.conv2, self.bn2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False), nn.BatchNorm2d(outside)
        self.relu = nn.ReLU(inplace=True)
        same = stride == 1 and inside == outside
        self.downsample = (
            None if same else nn.Sequential(nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside))
        )

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += identity
        return self.relu(out)


class ResNet18(nn.Module):
    """ResNet-18's plan, narrow: a stem with max pooling, four stages of two blocks, global average pooling."""

    def __init__(self, width=4):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, width, 7, 2, 3, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
        )
        widths = [width, width, 2 * width, 4 * width, 8 * width]
        blocks = [
            b
            for i in range(4)
            for b in (BasicBlock(widths[i], widths[i + 1], 1 + (i > 0)), BasicBlock(widths[i + 1], widths[i + 1]))
        ]
        self.layers, self.avgpool, self.fc = (
            nn.Sequential(*blocks),
            nn.AdaptiveAvgPool2d((1, 1)),
            nn.Linear(8 * width, 10),
        )

    def forward(self, x):
        return self.fc(torch.flatten(self.avgpool(self.layers(self.stem(x))), 1))


class MixerBlock(nn.Module):
    """An MLP-Mixer block: tokens mixed across patches, then channels mixed."""

    def __init__(self, patches=9, size=8):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(size), nn.LayerNorm(size)
        self.tokens = nn.Sequential(nn.Linear(patches, 16), nn.GELU(), nn.Linear(16, patches))
        self.channels = nn.Sequential(nn.Linear(size, 16), nn.GELU(), nn.Linear(16, size))
        self.head = nn.Linear(size, 5)

    def forward(self, x):
        x = x + self.tokens(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        x = x + self.channels(self.norm2(x))
        return self.head(x.mean(dim=1))


class ViT(nn.Module):
    """A small vision transformer: strided patches, a class token, learned positions, pre-norm blocks."""

    def __init__(self, size=12):
        super().__init__()
        self.patch = nn.Conv2d(1, size, 4, 4)
        self.cls, self.pos = nn.Parameter(torch.randn(1, 1, size)), nn.Parameter(torch.randn(1, 17, size))
        layer = nn.TransformerEncoderLayer(size, 2, 24, 0.1, "gelu", batch_first=True, norm_first=True)
        self.blocks, self.norm, self.head = (
            nn.TransformerEncoder(layer, 1, enable_nested_tensor=False),
            nn.LayerNorm(size),
            nn.Linear(size, 5),
        )

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.size(0), -1, -1), x], dim=1) + self.pos
        return self.head(self.norm(self.blocks(x))[:, 0])


class CausalSelfAttention(nn.Module):
    """minGPT's attention, products and mask written out."""

    def __init__(self, size, heads, length):
        super().__init__()
        self.c_attn, self.c_proj, self.heads = nn.Linear(size, 3 * size), nn.Linear(size, size), heads
        self.register_buffer("bias", torch.tril(torch.ones(length, length)).view(1, 1, length, length))

    def forward(self, x):
        b, t, c = x.size()
        q, k, v = self.c_attn(x).split(c, dim=2)
        q, k, v = (y.view(b, t, self.heads, c // self.heads).transpose(1, 2) for y in (q, k, v))
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:, :, :t, :t] == 0, float("-inf"))
        y = F.softmax(att, dim=-1) @ v
        return self.c_proj(y.transpose(1, 2).contiguous().view(b, t, c))


class GPT(nn.Module):
    """A small GPT with minGPT's own GELU."""

    def __init__(self, tokens=30, size=12, length=7):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(tokens, size), nn.Embedding(length, size)
        self.ln_1, self.ln_2, self.ln_f = nn.LayerNorm(size), nn.LayerNorm(size), nn.LayerNorm(size)
        self.attn = CausalSelfAttention(size, 2, length)
        self.c_fc, self.c_proj, self.head = (
            nn.Linear(size, 24),
            nn.Linear(24, size),
            nn.Linear(size, tokens, bias=False),
        )

    def forward(self, idx):
        pos = torch.arange(0, idx.size(1), dtype=torch.long, device=idx.device).unsqueeze(0)
        x = self.wte(idx) + self.wpe(pos)
        x = x + self.attn(self.ln_1(x))
        y = self.c_fc(self.ln_2(x))
        y = 0.5 * y * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (y + 0.044715 * torch.pow(y, 3.0))))
        return self.head(self.ln_f(x + self.c_proj(y)))


def networks():
    """Name -> network, inputs, steps."""
    torch.manual_seed(0)
    image, wide = torch.rand(SAMPLES, 1, 16, 16), torch.rand(SAMPLES, 1, 32, 32)
    tokens, states = torch.randint(0, 30, (SAMPLES, 7)), torch.randn(SAMPLES, 4)
    return {
        "MNIST example": (MnistExample(), image, 8),
        "STN tutorial": (TutorialSTN(), torch.rand(SAMPLES, 1, 18, 18), 8),
        "sine waves": (SineWave(), torch.sin(torch.rand(SAMPLES, 1) * 6 + torch.arange(5) * 0.3), 10),
        **{f"word model {kind}": (WordModel(kind), tokens, 10) for kind in ("RNN", "GRU", "LSTM")},
        "word Transformer": (WordTransformer(), tokens, 10),
        "REINFORCE": (Policy(), states, 8),
        "DQN": (DQN(), states, 8),
        "ResNet-18": (ResNet18(), wide, 8),
        "MLP-Mixer": (MixerBlock(), torch.randn(SAMPLES, 9, 8), 10),
        "ViT": (ViT(), image, 10),
        "GPT": (GPT(), tokens, 10),
    }


NETWORKS = networks()


@pytest.mark.parametrize("name", NETWORKS)
def test_network_converts_and_agrees(name):
    """Random weights, whose outputs lie close together: near the mean error, choices may differ on few samples."""
    model, x, steps = NETWORKS[name]
    model.eval()
    network = nb.convert(model, x, steps=steps)
    with torch.no_grad():
        wanted, got = model(x), network(x)
    wanted, got = (y - y.mean(dim=-1, keepdim=True) if y.shape[-1] > 5 else y for y in (wanted, got))
    assert float((got - wanted).norm() / wanted.norm()) < 0.05
    analog = [row for row in network.certificate.operations if row["kind"] == "analog"]
    assert not analog, "every operation is spiking"
