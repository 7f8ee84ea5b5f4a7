"""Small networks on small data, as objectives, with their Hessians known in closed form or by brute force."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss

from neurobridge.ann.landscape.objective import Objective, network_objective
from neurobridge.tasks.digits import digits


def digits_objective(width: int, samples: int = 300, epochs: int = 40) -> tuple[nn.Module, Objective]:
    """Return a partly trained tanh network of 75 width + 10 parameters in float64, and its log loss on digits."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, width), nn.Tanh(), nn.Linear(width, 10)).double()
    inputs, targets = digits_batch(samples)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(epochs):
        optimizer.zero_grad()
        cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    return model, network_objective(model, cross_entropy, [(inputs, targets)])


def digits_batch(samples: int = 300) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the batch that `digits_objective` trains on."""
    side = digits().train.head(samples)
    return torch.as_tensor(side.inputs).double(), torch.as_tensor(side.targets)


def linear_problem(loss_name: str) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    """Return a linear model without bias, inputs (20, 4) and targets for squared error or log loss."""
    torch.manual_seed(1)
    inputs = torch.randn(20, 4, dtype=torch.float64)
    if loss_name == "squared error":
        return nn.Linear(4, 1, bias=False).double(), inputs, torch.randn(20, 1, dtype=torch.float64)
    return nn.Linear(4, 3, bias=False).double(), inputs, torch.randint(0, 3, (20,))


def closed_form(loss_name: str, model: nn.Module, inputs: torch.Tensor) -> torch.Tensor:
    """Return the Hessian of `linear_problem`: 2 X'X / N, or the mean of (diag p - pp') kron xx'."""
    count = len(inputs)
    if loss_name == "squared error":
        return 2 / count * inputs.T @ inputs
    shares = torch.softmax(model(inputs), dim=1).detach()
    blocks = [
        torch.kron(torch.diag(p) - torch.outer(p, p), torch.outer(x, x)) for p, x in zip(shares, inputs, strict=True)
    ]
    return torch.stack(blocks).mean(0)


LOSSES = {"squared error": mse_loss, "log loss": cross_entropy}
