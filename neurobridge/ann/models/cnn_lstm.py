"""CNN + LSTM for short videos."""

from dataclasses import dataclass
from typing import final

import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.ann.models.cnn import CNN, CNNConfig
from neurobridge.ann.models.recurrent_stack import RecurrentStack
from neurobridge.ann.models.shapes import Shapes


@final
@dataclass(frozen=True, kw_only=True)
class CNNLSTMConfig:
    """Options of `CNNLSTM`.

    Args:
        widths: channels of the convolutional blocks.
        features: numbers that the convolutional network makes of a picture.
        hidden: units of the LSTM.
        dropout: probability that a unit is silenced before the readout, in training.
    """

    widths: tuple[int, ...] = (16, 32)
    features: int = 64
    hidden: int = 64
    dropout: float = 0.0


@final
class CNNLSTM(nn.Module):
    """A convolutional network sees each picture, an LSTM puts them together.

    x_t = relu(CNN(picture_t));  h_t = LSTM(x_t, h_{t-1});  logits = W h_T + b.

    Inputs `(batch, step, channel, row, column)`, outputs `(batch, output_size)`.
    Source: Donahue et al. 2015.
    """

    Config = CNNLSTMConfig
    fits = frozenset({("video", "once")})

    def __init__(self, shapes: Shapes, config: CNNLSTMConfig | None = None) -> None:
        super().__init__()
        self.shapes, self.config = shapes, config or CNNLSTMConfig()
        picture = Shapes(input_shape=shapes.input_shape[1:], output_size=self.config.features)
        self.eye = CNN(picture, CNNConfig(widths=self.config.widths))
        self.stack = RecurrentStack("lstm", self.config.features, self.config.hidden)
        self.readout = nn.Linear(self.config.hidden, shapes.output_size)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits `(batch, output_size)`."""
        seen = F.relu(self.eye(x.flatten(0, 1))).unflatten(0, (-1, x.shape[1]))
        last = self.stack(seen)[:, -1]
        return self.readout(F.dropout(last, self.config.dropout, self.training))
