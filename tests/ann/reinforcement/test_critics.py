"""Several critics at once are as many perceptrons, and see actions in [-1, 1]."""

import torch

from neurobridge.ann.reinforcement.action_bounds import from_bounds, half_range, to_bounds
from neurobridge.ann.reinforcement.critics import Critics
from neurobridge.tasks.environments import Spaces

SPACES = Spaces(observation_shape=(3,), low=(-2.0, 0.0), high=(2.0, 1.0))


def test_values_are_those_of_single_perceptrons():
    critics, seen = Critics(SPACES, (7, 5), 2), torch.randn(6, 3)
    actions = torch.rand(6, 2)
    together = critics(seen, actions)
    assert together.shape == (2, 6)
    for number in range(2):
        x = torch.cat([seen, actions * torch.tensor([0.5, 2.0]) + torch.tensor([0.0, -1.0])], 1)
        for layer in range(3):
            weight, bias = critics.members.weights[layer][number], critics.members.biases[layer][number]
            x = torch.nn.functional.linear(x if layer == 0 else x.relu(), weight.T, bias[0])
        torch.testing.assert_close(together[number], x[:, 0])


def test_first_weights_are_those_of_linear_layers():
    for weight in Critics(SPACES, (400,), 2).members.weights:
        bound = weight.shape[1] ** -0.5
        assert weight.abs().max() <= bound
        assert 0.9 * bound < weight.abs().max()


def test_bounds_and_back():
    ends = torch.tensor([[-1.0, -1.0], [1.0, 1.0], [0.0, 0.0]])
    assert to_bounds(SPACES)(ends).tolist() == [[-2, 0], [2, 1], [0, 0.5]]
    torch.testing.assert_close(from_bounds(SPACES)(to_bounds(SPACES)(ends)), ends)
    assert half_range(SPACES).tolist() == [2, 0.5]
