"""Random networks over the lowering table: the numbers their spikes spell are those of their quantised twins."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import neurobridge as nb
from neurobridge.graph.codes import CODES
from tests.conversion.random_networks import BINARY, STEMS, UNARY, Random, Twin

PLANS = st.lists(
    st.tuples(st.sampled_from([*UNARY, *BINARY]), st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=6
)
SETTINGS = st.sampled_from([("radix", 3), ("radix", 6), ("radix", 8), ("latency", 24)])


def assert_twins(seed: int, stem: str, plan: list, code: str, steps: int) -> None:
    """Every population's numbers equal those of the twin, in both runtimes; outputs to rounding."""
    model = Random(seed, stem, plan)
    network = nb.convert(model, model.inputs(48, seed), code=code, steps=steps, dtype=torch.float64)
    x = (1.2 * model.inputs(8, seed + 1)).double()  # some beyond the calibrated ranges
    twin = Twin(model, x, network)
    expected = twin.run(x)
    assert not twin.left, f"populations that the twin has no reason for: {[n.name for n in twin.left]}"
    numbers: dict[str, Tensor] = {}
    torch.testing.assert_close(
        network.run((x,), "fast", lambda node, n: numbers.__setitem__(node.name, n))[0], expected, rtol=1e-9, atol=1e-9
    )
    planes = network.raster(x)
    for name, n in twin.numbers.items():
        assert torch.equal(numbers[name], n), name
        np.testing.assert_array_equal(CODES[code].decode(planes[name]), n.numpy(), err_msg=name)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(STEMS), PLANS, SETTINGS)
def test_random_networks_are_their_quantised_twins(seed, stem, plan, setting):
    assert_twins(seed, stem, plan, *setting)


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(STEMS), PLANS, SETTINGS)
def test_five_hundred_random_networks_are_their_quantised_twins(seed, stem, plan, setting):
    assert_twins(seed, stem, plan, *setting)


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_every_operation_of_the_table(name):
    """Each on its own, behind a product, and before one."""
    for stem in ("flat", "rows"):
        assert_twins(1, stem, [(name, 0, 0), ("multiply", 1, 0), (name, 2, 1), ("multiply", 3, 2)], "radix", 6)
