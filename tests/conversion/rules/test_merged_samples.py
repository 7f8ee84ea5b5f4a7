"""Networks that merge time or parts into the batch, see each by itself, and put them together again."""

import pytest
import torch
from torch import nn

import neurobridge as nb
from neurobridge.errors import UnsupportedOperationError
from tests.conversion.rules.cases import Recurrent, Sampler, agreed

torch.manual_seed(1)
VIDEO = torch.rand(32, 3, 2, 8, 8)
PARTS = torch.randn(32, 3, 5, 6)
TOKENS = torch.randint(0, 20, (32, 3, 5))


class Each(nn.Module):
    """A network of one part, for each part; the parts are read together."""

    def __init__(self, part, features, reader=None):
        super().__init__()
        self.part = part
        self.reader = reader or nn.Sequential(nn.Flatten(), nn.Linear(3 * features, 4))

    def forward(self, x):
        seen = self.part(x.flatten(0, 1))
        return self.reader(seen.reshape(-1, x.shape[1], seen.shape[-1]))


class Stepwise(nn.Module):
    """The same, steps in front of the samples: (step * sample, ...)."""

    def __init__(self, part, features):
        super().__init__()
        self.part, self.reader = part, nn.Linear(3 * features, 4)

    def forward(self, x):
        steps = x.shape[1]
        seen = self.part(x.transpose(0, 1).reshape(-1, *x.shape[2:]))
        return self.reader(seen.reshape(steps, -1, seen.shape[-1]).transpose(0, 1).flatten(1))


class Attending(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x):
        return self.attention(x, x, x, need_weights=False)[0].mean(1)


def eye(*layers, pixels):
    return nn.Sequential(nn.Conv2d(2, 4, 3), *layers, nn.Flatten(), nn.Linear(pixels, 6))


SEEING = {
    "convolution": eye(nn.ReLU(), pixels=144),
    "batch norm": eye(nn.BatchNorm2d(4), nn.ReLU(), pixels=144),
    "group norm": eye(nn.GroupNorm(2, 4), nn.ReLU(), pixels=144),
    "instance norm": eye(nn.InstanceNorm2d(4, affine=True), nn.ReLU(), pixels=144),
    "max pool": eye(nn.ReLU(), nn.MaxPool2d(2), pixels=36),
    "average pools": eye(nn.ReLU(), nn.AvgPool2d(3, 1), nn.AdaptiveAvgPool2d(2), pixels=16),
    "transposed": nn.Sequential(nn.ConvTranspose2d(2, 2, 2, 2), nn.ReLU(), nn.AvgPool2d(4), nn.Flatten(), nn.Linear(32, 6)),
    "resize and shuffle": nn.Sequential(
        nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(2, 4, 3, stride=3), nn.Tanh(), nn.PixelShuffle(2), nn.Flatten(), nn.Linear(100, 6)
    ),
    "place cells": nn.Sequential(Sampler("zeros", False), nn.Linear(4, 6)),
}  # fmt: skip

READING = {
    "lstm": Recurrent(nn.LSTM(6, 5, batch_first=True), 5),
    "stacked gru": Recurrent(nn.GRU(6, 5, 2, batch_first=True), 5),
    "bidirectional rnn": Recurrent(nn.RNN(6, 5, batch_first=True, bidirectional=True), 10),
    "attention": Attending(),
    "convolution": nn.Sequential(nn.Conv1d(5, 3, 3), nn.Tanh(), nn.Flatten()),
}


@pytest.mark.parametrize("name", SEEING)
def test_each_picture_of_a_video(name):
    agreed(Each(SEEING[name], 6), VIDEO)


@pytest.mark.parametrize("name", SEEING)
def test_steps_in_front_of_the_samples(name):
    agreed(Stepwise(SEEING[name], 6), VIDEO)


@pytest.mark.parametrize("name", READING)
def test_each_part_of_a_whole(name):
    features = {"attention": 6, "convolution": 12}.get(name, 4)
    agreed(Each(READING[name], features), PARTS)
    agreed(Stepwise(READING[name], features), PARTS)


@pytest.mark.parametrize("code", ["rate", "signed", "latency"])
def test_the_other_codes_read_videos(code):
    """Both runtimes agree on what a CNN seen picture by picture answers; the more steps, the nearer to the model."""
    model = Each(SEEING["convolution"], 6).eval()
    with torch.no_grad():
        wanted = model(VIDEO)
    errors = []
    for steps in (8, 64):
        network = nb.convert(model, VIDEO, code=code, steps=steps)
        fast, stepped = network(VIDEO), network(VIDEO, runtime="stepped")
        assert float((fast - stepped).abs().max()) < 1e-4
        errors.append(float((fast - wanted).norm() / wanted.norm()))
    assert errors[1] < min(0.1, errors[0])


def test_the_simulators_agree_on_a_video_network():
    network = nb.convert(Each(SEEING["max pool"], 6), VIDEO, steps=5)
    found = nb.verify(network, VIDEO[:1].numpy(), exact=True, simulators=["snntorch", "brian2"])
    assert sum(row.spikes for row in found.rows) > 500
    assert not any(row.differing for row in found.rows)


class LastStatesOfParts(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.readout = nn.LSTM(6, 5, 2, batch_first=True), nn.Linear(30, 4)

    def forward(self, x):
        _, (h, c) = self.layer(x.flatten(0, 1))
        both = torch.cat([h[-1], c[0]], dim=1)
        return self.readout(both.unflatten(0, (-1, x.shape[1])).flatten(1))


def test_last_states_of_each_part():
    agreed(LastStatesOfParts(), PARTS)


def test_words_then_sentences():
    words = nn.Sequential(nn.Embedding(20, 6), Recurrent(nn.GRU(6, 5, batch_first=True), 5))
    agreed(Each(words, 4, reader=Recurrent(nn.LSTM(4, 6, batch_first=True), 6)), TOKENS)


def test_a_sequence_read_along_its_samples_is_refused():
    """A layer without batch_first on (sample, step, feature) would carry state from sample to sample."""

    class Mistaken(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.readout = nn.LSTM(6, 8), nn.Linear(8, 4)

        def forward(self, x):
            return self.readout(self.layer(x)[0][:, -1])

    with pytest.raises(UnsupportedOperationError, match="batch_first=True"):
        nb.convert(Mistaken(), torch.randn(48, 5, 6))


def test_a_convolution_over_the_samples_is_refused():
    class Mistaken(nn.Module):
        def __init__(self):
            super().__init__()
            self.see = nn.Conv1d(6, 3, 1)

        def forward(self, x):
            return self.see(x.t()).t()

    with pytest.raises(UnsupportedOperationError, match="spatial axes"):
        nb.convert(Mistaken(), torch.randn(48, 6))
