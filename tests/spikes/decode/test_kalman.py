"""The Kalman filter is the posterior of the joint Gaussian, and its fit finds the system that made the data."""

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.spikes.decode.kalman import Kalman, fit_kalman


def system():
    random = np.random.default_rng(1)
    return Kalman(
        transition=np.array([[0.95, 0.1], [-0.1, 0.9]]),
        transition_noise=np.array([[0.1, 0.02], [0.02, 0.2]]),
        observation=random.normal(size=(5, 2)),
        observation_noise=np.diag([0.5, 1.0, 0.3, 0.8, 0.6]),
    )


def posterior(model, seen):
    """Return the mean and covariance of the last state given all observations, from one Gaussian of all states."""
    steps = len(seen)
    covariance = np.zeros((2 * steps, 2 * steps))
    blocks = [np.eye(2)]
    for _ in range(steps - 1):
        blocks.append(model.transition @ blocks[-1] @ model.transition.T + model.transition_noise)
    for i in range(steps):
        for j in range(i, steps):
            block = np.linalg.matrix_power(model.transition, j - i) @ blocks[i]
            covariance[2 * j : 2 * j + 2, 2 * i : 2 * i + 2] = block
            covariance[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = block.T
    observe = np.kron(np.eye(steps), model.observation)
    spread = observe @ covariance @ observe.T + np.kron(np.eye(steps), model.observation_noise)
    gain = covariance @ observe.T @ np.linalg.inv(spread)
    return (gain @ seen.ravel())[-2:], (covariance - gain @ observe @ covariance)[-2:, -2:]


def test_it_is_the_posterior_of_the_joint_gaussian():
    model, seen = system(), np.random.default_rng(2).normal(size=(8, 5))
    means, covariances = model.decode(seen, np.zeros(2), np.eye(2))
    for steps in range(1, 9):
        mean, final = posterior(model, seen[:steps])
        assert np.abs(means[steps - 1] - mean).max() < 1e-8
        assert np.abs(covariances[steps - 1] - final).max() < 1e-8


def test_sequences_are_decoded_as_each_alone():
    model, seen = system(), np.random.default_rng(5).normal(size=(3, 4, 6, 5))
    together, _ = model.decode(seen, np.ones(2), np.eye(2))
    alone, _ = model.decode(seen[2, 1], np.ones(2), np.eye(2))
    assert np.allclose(together[2, 1], alone, atol=1e-12)


def test_the_fit_finds_the_system_that_made_the_data():
    model, random = system(), np.random.default_rng(3)
    state = np.zeros((20000, 2))
    for k in range(1, len(state)):
        state[k] = model.transition @ state[k - 1] + random.multivariate_normal([0, 0], model.transition_noise)
    seen = state @ model.observation.T + random.normal(size=(len(state), 5)) * np.sqrt(np.diag(model.observation_noise))
    found = fit_kalman(state, seen)
    # 20,000 steps fix the entries to about 0.01
    assert np.allclose(found.transition, model.transition, atol=0.03)
    assert np.allclose(found.observation_noise, model.observation_noise, atol=0.05)
    decoded, _ = found.decode(seen, np.zeros(2), np.eye(2))
    assert np.corrcoef(decoded[:, 0], state[:, 0])[0, 1] > 0.8


def test_unequal_lengths_are_refused():
    with pytest.raises(InputError, match="give one target a bin of counts"):
        fit_kalman(np.zeros((3, 1)), np.zeros((4, 1)))
