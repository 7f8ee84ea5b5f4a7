"""Recurrent layers are loops; cells, decoders and what people build of them by hand agree with PyTorch."""

import pytest
import torch
from torch import nn

import neurobridge as nb
from tests.conversion.rules.cases import ROWS, Recurrent, agreed

torch.manual_seed(0)

RECURRENT = {
    "lstm": (nn.LSTM(6, 8, batch_first=True), 8),
    "lstm without bias": (nn.LSTM(6, 8, batch_first=True, bias=False), 8),
    "stacked lstm": (nn.LSTM(6, 8, 2, batch_first=True, dropout=0.3), 8),
    "bidirectional lstm": (nn.LSTM(6, 8, batch_first=True, bidirectional=True), 16),
    "projected lstm": (nn.LSTM(6, 8, batch_first=True, proj_size=5), 5),
    "gru": (nn.GRU(6, 8, batch_first=True), 8),
    "stacked bidirectional gru": (nn.GRU(6, 8, 2, batch_first=True, bidirectional=True), 16),
    "tanh rnn": (nn.RNN(6, 8, batch_first=True), 8),
    "relu rnn": (nn.RNN(6, 8, batch_first=True, nonlinearity="relu"), 8),
}


@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_layer_is_one_loop(name):
    layer, features = RECURRENT[name]
    network = agreed(Recurrent(layer, features), ROWS)
    loops = [row for row in network.certificate.operations if row["kind"] == "loop" and "port" not in row["node"]]
    assert len(loops) == layer.num_layers * (2 if layer.bidirectional else 1)


def test_a_loop_takes_sequences_of_any_length():
    model = Recurrent(nn.LSTM(6, 8, batch_first=True), 8).eval()
    network = nb.convert(model, ROWS, steps=10)
    longer = torch.randn(16, 11, 6).clamp(-2.5, 2.5)
    with torch.no_grad():
        wanted = model(longer)
        assert float((network(longer) - wanted).norm() / wanted.norm()) < 0.02


class LastStates(nn.Module):
    """Sequence first; both last states are used."""

    def __init__(self):
        super().__init__()
        self.layer, self.readout = nn.LSTM(6, 8, 2), nn.Linear(16, 4)

    def forward(self, x):
        _, (h, c) = self.layer(x.transpose(0, 1))
        return self.readout(torch.cat([h[-1], c[0]], dim=1))


class FromStateAlone(nn.Module):
    """A decoder that is fed zeros: all it knows is the encoder's last state."""

    def __init__(self):
        super().__init__()
        self.read, self.write = nn.GRU(6, 8, batch_first=True), nn.GRU(2, 8, batch_first=True)
        self.readout = nn.Linear(8, 3)

    def forward(self, x):
        _, state = self.read(x)
        return self.readout(self.write(x.new_zeros(x.size(0), 4, 2), state)[0])


class Attending(nn.Module):
    """A decoder of cells that starts from zeros and attends to what was read; Bahdanau et al. 2015."""

    def __init__(self):
        super().__init__()
        self.read, self.cell = nn.GRU(6, 5, batch_first=True), nn.GRUCell(5, 4)
        self.query, self.key, self.score, self.readout = (
            nn.Linear(4, 3),
            nn.Linear(5, 3),
            nn.Linear(3, 1),
            nn.Linear(4, 2),
        )

    def forward(self, x):
        memory, _ = self.read(x)
        h, outputs = x.new_zeros(x.size(0), 4), []
        for _ in range(2):
            scores = self.score(torch.tanh(self.query(h)[:, None] + self.key(memory))).squeeze(-1)
            h = self.cell(torch.bmm(torch.softmax(scores, 1)[:, None], memory).squeeze(1), h)
            outputs.append(self.readout(h))
        return torch.stack(outputs, 1)


class OwnLoop(nn.Module):
    """Cells in a Python loop of the user's."""

    def __init__(self, cell):
        super().__init__()
        self.cell, self.readout = cell, nn.Linear(8, 4)

    def forward(self, x):
        h = x.new_zeros(x.size(0), 8)
        state = (h, h) if isinstance(self.cell, nn.LSTMCell) else h
        for step in range(3):
            state = self.cell(x[:, step], state)
        return self.readout(state[0] if isinstance(state, tuple) else state)


OWN = {
    "last states": LastStates(),
    "decoder from a state alone": FromStateAlone(),
    "attending": Attending(),
    "lstm cell": OwnLoop(nn.LSTMCell(6, 8)),
    "gru cell": OwnLoop(nn.GRUCell(6, 8)),
    "rnn cell": OwnLoop(nn.RNNCell(6, 8)),
}


@pytest.mark.parametrize("name", OWN)
def test_own_loops_and_states(name):
    agreed(OWN[name], ROWS)
