"""Spatial transformer: a layer that looks at its input and decides from where to sample it.

    theta = localise(U)                          a few numbers a sample
    (x_s, y_s) = T_theta(x_t, y_t)               where each output place looks, in [-1, 1]
    V = sum_nm U_nm hat(x_s - m) hat(y_s - n)    bilinear sampling, hat(u) = max(0, 1 - |u|)

Source: Jaderberg, Simonyan, Zisserman & Kavukcuoglu 2015.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.ann.models.cnn import CNN, CNNConfig
from neurobridge.ann.models.shapes import Shapes
from neurobridge.errors import InputError, lookup

CONTROL = 4
"""Rows and columns of the thin plate's control points."""


def _identity(count: int, rows: int, columns: int, like: Tensor) -> Tensor:
    eye = torch.eye(2, 3, device=like.device, dtype=like.dtype).expand(count, 2, 3)
    return F.affine_grid(eye, [count, 1, rows, columns], align_corners=False)


def affine(theta: Tensor, rows: int, columns: int) -> Tensor:
    """6 numbers: x_s = A x_t + b."""
    return F.affine_grid(theta.view(-1, 2, 3), [theta.shape[0], 1, rows, columns], align_corners=False)


def translation(theta: Tensor, rows: int, columns: int) -> Tensor:
    """2 numbers: x_s = x_t + b."""
    return _identity(theta.shape[0], rows, columns, theta) + theta[:, None, None, :]


def similarity(theta: Tensor, rows: int, columns: int) -> Tensor:
    """4 numbers: x_s = ((p, -q), (q, p)) x_t + b: turn and resize alike along both axes."""
    p, q, x, y = theta.unbind(-1)
    return affine(torch.stack([p, -q, x, q, p, y], dim=-1), rows, columns)


def projective(theta: Tensor, rows: int, columns: int) -> Tensor:
    """8 numbers: the homography with 1 in its corner; the horizon is kept out of the image."""
    flat = _identity(theta.shape[0], rows, columns, theta).flatten(1, 2)
    ones = torch.ones_like(flat[..., :1])
    homography = torch.cat([theta, torch.ones_like(theta[:, :1])], dim=-1).view(-1, 3, 3)
    made = torch.cat([flat, ones], dim=-1) @ homography.transpose(1, 2)
    return (made[..., :2] / made[..., 2:].clamp(min=0.1)).view(-1, rows, columns, 2)


@final
class ThinPlate(nn.Module):
    """2 x 16 numbers: where a grid of control points looks; places between follow the thin plate of least bending."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.rows, self.columns = rows, columns
        flat = _identity(1, rows, columns, torch.zeros((), dtype=torch.float64)).flatten(1, 2)[0]
        self.register_buffer("weights", plate(flat).float(), persistent=False)

    def forward(self, theta: Tensor) -> Tensor:
        """Return places `(batch, row, column, 2)`."""
        return (self.weights @ theta.view(-1, CONTROL**2, 2)).view(-1, self.rows, self.columns, 2)


def plate(places: Tensor) -> Tensor:
    """Return `(place, control point)` weights of thin-plate interpolation; Bookstein 1989, U(r) = r^2 log r^2."""
    control = control_points(places)
    count = len(control)

    def bend(a: Tensor, b: Tensor) -> Tensor:
        square = (a[:, None] - b[None]).square().sum(-1)
        return square * torch.log(square.clamp(min=1e-12))

    def line(a: Tensor) -> Tensor:
        return torch.cat([torch.ones_like(a[:, :1]), a], dim=-1)

    system = places.new_zeros(count + 3, count + 3)
    system[:count, :count], system[:count, count:] = bend(control, control), line(control)
    system[count:, :count] = line(control).T
    basis = torch.cat([bend(places, control), line(places)], dim=-1)
    return (basis @ torch.linalg.inv(system))[:, :count]


def control_points(like: Tensor) -> Tensor:
    """Return the control points `(16, 2)` as (x, y)."""
    axis = torch.linspace(-1, 1, CONTROL, device=like.device, dtype=like.dtype)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=-1)


@final
@dataclass(frozen=True, kw_only=True)
class Parameterisation:
    """A family of maps.

    Args:
        grid: (rows, columns) -> a function from theta to places `(batch, row, column, 2)`, as `F.grid_sample` wants.
        identity: the theta that changes nothing.
    """

    grid: Callable[[int, int], Callable[[Tensor], Tensor]]
    identity: tuple[float, ...]


def _sized(grid: Callable[..., Tensor]) -> Callable[[int, int], Callable[[Tensor], Tensor]]:
    return lambda rows, columns: partial(grid, rows=rows, columns=columns)


PARAMETERISATIONS: Mapping[str, Parameterisation] = {
    "affine": Parameterisation(grid=_sized(affine), identity=(1, 0, 0, 0, 1, 0)),
    "translation": Parameterisation(grid=_sized(translation), identity=(0, 0)),
    "similarity": Parameterisation(grid=_sized(similarity), identity=(1, 0, 0, 0)),
    "projective": Parameterisation(grid=_sized(projective), identity=(1, 0, 0, 0, 1, 0, 0, 0)),
    "thin-plate": Parameterisation(grid=ThinPlate, identity=tuple(control_points(torch.zeros(())).flatten().tolist())),
}


@final
class SpatialTransformer(nn.Module):
    """The layer; it can stand anywhere in a convolutional network.

    Inputs and outputs `(batch, channel, row, column)`.

    Args:
        channels: of the input.
        rows: of the input.
        columns: of the input.
        parameterisation: one of `PARAMETERISATIONS`.
        widths: channels of the localisation network's two convolutions.
        hidden: units of its fully connected layer.
    """

    def __init__(
        self,
        channels: int,
        rows: int,
        columns: int,
        *,
        parameterisation: str = "affine",
        widths: tuple[int, int] = (8, 16),
        hidden: int = 32,
    ) -> None:
        super().__init__()
        if min(rows, columns) < 4:
            raise InputError(f"a spatial transformer needs at least 4 x 4 places; got {rows} x {columns}.")
        family = lookup("parameterisation", parameterisation, PARAMETERISATIONS)
        self.grid = family.grid(rows, columns)
        self.localise = nn.Sequential(
            nn.Conv2d(channels, widths[0], 3, padding=1),
            nn.ReLU(),
            nn.AvgPool2d(2),
            nn.Conv2d(widths[0], widths[1], 3, padding=1),
            nn.ReLU(),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Linear(widths[1] * (rows // 4) * (columns // 4), hidden),
            nn.ReLU(),
            nn.Linear(hidden, len(family.identity)),
        )
        # it does not learn unless it starts from the identity
        nn.init.zeros_(self.localise[-1].weight)  # type: ignore[arg-type]
        with torch.no_grad():
            self.localise[-1].bias.copy_(torch.tensor(family.identity))  # type: ignore[operator]

    def forward(self, x: Tensor) -> Tensor:
        """Return the input as the layer wants to see it."""
        return F.grid_sample(x, self.grid(self.localise(x)), align_corners=False)


@final
@dataclass(frozen=True, kw_only=True)
class SpatialTransformerCNNConfig:
    """Options of `SpatialTransformerCNN`.

    Args:
        parameterisation: one of `PARAMETERISATIONS`.
        localisation_widths: channels of the localisation network.
        localisation_hidden: units of its fully connected layer.
        widths: channels of the convolutional network's blocks.
        pooling: "average" or "max".
        initialisation: of the convolutional network.
    """

    parameterisation: str = "affine"
    localisation_widths: tuple[int, int] = (8, 16)
    localisation_hidden: int = 32
    widths: tuple[int, ...] = (16, 32)
    pooling: str = "average"
    initialisation: str = "he"


@final
class SpatialTransformerCNN(nn.Module):
    """A spatial transformer in front of a convolutional network: logits = CNN(V)."""

    Config = SpatialTransformerCNNConfig
    fits = frozenset({("image", "once")})

    def __init__(self, shapes: Shapes, config: SpatialTransformerCNNConfig | None = None) -> None:
        super().__init__()
        self.shapes, self.config = shapes, config or SpatialTransformerCNNConfig()
        self.transformer = SpatialTransformer(
            *shapes.input_shape,
            parameterisation=self.config.parameterisation,
            widths=self.config.localisation_widths,
            hidden=self.config.localisation_hidden,
        )
        self.classifier = CNN(
            shapes,
            CNNConfig(
                widths=self.config.widths,
                pooling=self.config.pooling,
                initialisation=self.config.initialisation,
            ),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return logits `(batch, output_size)`."""
        return self.classifier(self.transformer(x))
