"""The arithmetic of the energy estimate, against the figures it was published with."""

import pytest

from neurobridge.comparison.energy import BREAK_EVEN, Operations, applies, energy, total, verdict
from neurobridge.errors import UnknownNameError


def test_presets_are_horowitz_sums():
    # multiplication and addition apart, as the paper prints them: fp32 3.7 + 0.9, int8 0.2 + 0.03 picojoules
    assert total(Operations(macs=1), "45 nm fp32") == pytest.approx(3.7 + 0.9)
    assert total(Operations(macs=1), "45 nm int8") == pytest.approx(0.2 + 0.03)
    assert total(Operations(accumulates=1), "45 nm fp32") == pytest.approx(0.9)
    assert total(Operations(accumulates=1), "45 nm int8") == pytest.approx(0.03)


def test_kinds_are_shown_apart_and_add_up():
    operations = Operations(accumulates=100, analog=10, updates=5)
    parts = energy(operations, "45 nm fp32")
    assert parts == pytest.approx({"macs": 0, "accumulates": 90, "analog": 46, "updates": 4.5})
    assert total(operations, "45 nm fp32") == pytest.approx(140.5)


@pytest.mark.parametrize(
    ("preset", "bits", "expected"),
    [
        ("45 nm fp32", 32, True),
        ("45 nm fp32", 8, False),
        ("45 nm fp32", None, True),
        ("45 nm int8", 32, False),
        ("45 nm int8", 8, True),
        ("45 nm int8", 4, True),
        ("45 nm int8", 12, False),
        ("45 nm int8", None, True),
    ],
)
def test_a_preset_prices_numbers_of_its_own_width(preset, bits, expected):
    assert applies(preset, bits) is expected


def test_verdict_names_the_side_of_the_published_break_even():
    low, high = BREAK_EVEN
    assert "wins on all" in verdict(low / 2)
    assert "depends on the hardware" in verdict((low + high) / 2)
    assert "loses on all" in verdict(high * 2)


def test_unknown_preset_suggests_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown energy preset '45 nm int4'; did you mean '45 nm int8'"):
        total(Operations(), "45 nm int4")
