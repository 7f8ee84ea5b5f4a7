"""Trained-looking PyTorch networks as users write them, for every test of the conversion."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def seeded(model: nn.Module, seed: int = 0) -> nn.Module:
    """Return the model with random weights and random BatchNorm statistics, in evaluation mode."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 1.5, generator=generator)
            elif tensor.is_floating_point() and tensor.ndim < 2:
                tensor.normal_(0.1, 0.2, generator=generator)
            elif tensor.is_floating_point():
                tensor.normal_(0, tensor[0].numel() ** -0.5 * 1.4, generator=generator)
    return model.eval()


class MLP(nn.Module):
    """Two hidden layers on flattened images."""

    def __init__(self, seed: int = 0, bias: bool = True) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(36, 12, bias), nn.ReLU(), nn.Linear(12, 9, bias), nn.ReLU(), nn.Linear(9, 4, bias)
        )
        seeded(self, seed)

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class CNN(nn.Module):
    """Convolutions with normalisation on either side of ReLU, both kinds of pooling, in a random order."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        choose = torch.Generator().manual_seed(seed)

        def flip() -> bool:
            return bool(torch.randint(2, (), generator=choose))

        layers: list[nn.Module] = [nn.BatchNorm2d(1)] if flip() else []
        for source, target in ((1, 4), (4, 6)):
            layers.append(nn.Conv2d(source, target, 3, padding=1, bias=flip()))
            if flip():
                layers.append(nn.BatchNorm2d(target))
            pool = nn.MaxPool2d(2) if flip() else nn.AvgPool2d(2)
            layers += [nn.ReLU(), pool] if flip() else [pool, nn.ReLU()]
        self.features = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(6, 5)
        seeded(self, seed)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))


class Residual(nn.Module):
    """A residual block with normalisation before a padded convolution, then concatenation."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)
        self.one, self.two = nn.Conv2d(3, 3, 3, padding=1, bias=False), nn.Conv2d(3, 3, 3, padding=1)
        self.head = nn.Linear(6 * 36, 4)
        seeded(self, seed)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.stem(x))
        y = F.relu(self.one(self.norm(x)))
        z = F.relu(self.two(y) + x)
        return self.head(torch.cat([z, y], dim=1).flatten(1))


STYLES = ("module", "functional", "method", "in place", "reused", "in place, seen later")


class Styled(nn.Module):
    """The same network in every way that users write ReLU."""

    def __init__(self, style: str) -> None:
        super().__init__()
        self.style = style
        self.one, self.two = nn.Conv2d(1, 3, 3), nn.Conv2d(3, 2, 3)
        self.act, self.act2 = nn.ReLU(inplace=style == "in place"), nn.ReLU()
        self.head = nn.Linear(8, 3)
        seeded(self)

    def rectified(self, x: Tensor, first: bool) -> Tensor:
        match self.style:
            case "functional":
                return F.relu(x)
            case "method":
                return x.relu()
            case "in place, seen later":
                torch.relu_(x)
                return x
            case "module":
                return self.act(x) if first else self.act2(x)
            case _:
                return self.act(x)

    def forward(self, x: Tensor) -> Tensor:
        x = self.rectified(self.one(x), first=True)
        return self.head(self.rectified(self.two(x), first=False).flatten(1))


def images(samples: int, seed: int = 0, signed: bool = False) -> Tensor:
    """Return random images (sample, 1, 6, 6)."""
    x = torch.rand(samples, 1, 6, 6, generator=torch.Generator().manual_seed(seed))
    return x - 0.5 if signed else x
