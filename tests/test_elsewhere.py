"""The device that isn't there computes what the CPU computes and refuses what a GPU refuses."""

import pytest
import torch
from torch import nn

from tests.elsewhere import ELSEWHERE, MisplacedError, elsewhere


def test_a_network_learns_there_as_it_does_here():
    torch.manual_seed(0)
    models = [nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)) for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    x = torch.randn(5, 3)
    with elsewhere() as device:
        models[1].to(device)
        for model, inputs in zip(models, (x, x.to(device)), strict=True):
            optimizer = torch.optim.Adam(model.parameters())
            for _ in range(3):
                optimizer.zero_grad()
                model(inputs).square().sum().backward()
                optimizer.step()
        assert models[1][0].weight.device == ELSEWHERE
        for mine, other in zip(models[0].state_dict().values(), models[1].cpu().state_dict().values(), strict=True):
            assert torch.equal(mine, other)


def test_tensors_of_two_devices_do_not_meet():
    with elsewhere() as device:
        x, indices = torch.arange(6.0, device=device).reshape(2, 3), torch.tensor([1])
        with pytest.raises(MisplacedError, match=r"aten::add: a tensor of shape \(3,\) on the CPU"):
            x + torch.ones(3)
        with pytest.raises(MisplacedError, match="aten::searchsorted"):
            torch.searchsorted(torch.arange(3.0), x)
        with pytest.raises(MisplacedError, match="aten::index:"):
            x.cpu()[indices.to(device)]
        with pytest.raises(MisplacedError, match="generator of another device"):
            torch.randn(3, device=device, generator=torch.Generator())
        assert torch.equal((x[indices] + torch.tensor(1.0)).cpu(), torch.tensor([[4.0, 5.0, 6.0]]))
        with pytest.raises((RuntimeError, TypeError), match="numpy"):
            x.numpy()


def test_writing_in_place_is_seen_through_views():
    with elsewhere() as device:
        x = torch.zeros(2, 3, device=device)
        x[0] += 1
        torch.add(x, 1, out=x)
        assert x.cpu().tolist() == [[2, 2, 2], [1, 1, 1]]
