"""Langevin dynamics settles to exp(-U / T)."""

import numpy as np
import pytest

from neurobridge.ann.generalization.langevin import POTENTIALS, boltzmann, langevin, total_variation
from neurobridge.errors import InputError, SimulationError

EDGES = np.linspace(-2.5, 2.5, 51)


@pytest.mark.parametrize("temperature", [0.2, 0.5])
def test_double_well(temperature):
    # 1000 chains x 100 kept states; pilot runs give 0.009 to 0.012 over seeds
    well = POTENTIALS["double well"]
    samples = langevin(well, temperature, lr=0.005, chains=1000, steps=3000, burn_in=1000, thin=20)
    assert total_variation(samples, boltzmann(well, temperature, EDGES), EDGES) <= 0.05


def test_tilted_double_well_fills_its_wells_by_their_free_energy():
    # warm enough for every chain to cross often; the start is even, so the tilt must come from the dynamics
    well = POTENTIALS["tilted double well"]
    samples = langevin(well, 0.6, lr=0.01, chains=1000, steps=4000, burn_in=1500, thin=25)
    expected = boltzmann(well, 0.6, EDGES)
    assert total_variation(samples, expected, EDGES) <= 0.05
    assert np.mean(samples < 0) == pytest.approx(expected[:25].sum(), abs=0.03)
    assert expected[:25].sum() > 0.6


def test_a_cold_chain_stays_in_its_well():
    samples = langevin(POTENTIALS["double well"], 0.02, chains=200, steps=1000, burn_in=200)
    crossings = np.mean(np.sign(samples[0]) != np.sign(samples[-1]))
    assert crossings < 0.01


def test_the_bias_of_a_finite_step_is_the_known_one():
    # variance T / (1 - lr / 2) on x^2 / 2; 4000 chains x 30 nearly independent states: standard error 0.4 %
    samples = langevin(POTENTIALS["quadratic"], 1.0, lr=0.4, chains=4000, steps=330, burn_in=30, thin=10)
    assert samples.var() == pytest.approx(1 / 0.8, rel=0.02)


def test_gradient_noise_adds_its_known_variance():
    # T / (lam (1 - lr lam / 2)) + lr s^2 / (lam (2 - lr lam)) with lam = 1
    samples = langevin(
        POTENTIALS["quadratic"], 0.1, lr=0.2, chains=4000, steps=600, burn_in=60, thin=20, gradient_noise=1.0
    )
    assert samples.var() == pytest.approx(0.1 / 0.9 + 0.2 / 1.8, rel=0.03)


def test_boltzmann_of_a_quadratic_is_normal():
    from scipy.stats import norm

    edges = np.linspace(-6, 6, 61)
    expected = np.diff(norm.cdf(edges, scale=np.sqrt(0.5)))
    assert boltzmann(POTENTIALS["quadratic"], 0.5, edges) == pytest.approx(expected, abs=1e-5)


def test_total_variation_of_known_histograms():
    edges = np.array([0.0, 1.0, 2.0])
    assert total_variation(np.array([0.5, 0.5, 1.5, 1.5]), np.array([0.5, 0.5]), edges) == 0.0
    assert total_variation(np.array([0.5]), np.array([0.0, 1.0]), edges) == 1.0
    assert total_variation(np.array([5.0]), np.array([0.5, 0.5]), edges) == 1.0


def test_bad_arguments_are_refused():
    with pytest.raises(InputError, match="burn_in=5 >= 0"):
        langevin(POTENTIALS["quadratic"], 1.0, steps=5, burn_in=5)
    with pytest.raises(InputError, match="temperature=0 must be positive"):
        boltzmann(POTENTIALS["quadratic"], 0, EDGES)


def test_chains_that_escape_are_reported():
    with pytest.raises(SimulationError, match="take lr below 2"):
        langevin(POTENTIALS["double well"], 0.5, lr=2.0, chains=10, steps=200, burn_in=0)
