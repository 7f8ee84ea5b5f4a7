"""The summary says who wins and who loses, both ways."""

import re

import pytest

from neurobridge.comparison.prose import findings
from neurobridge.comparison.summary import summary
from tests.comparison.cases import METRIC, rows


def said(**options) -> str:
    return " ".join(findings(summary(rows(**options))))


def test_it_says_what_is_lost_and_how_sure_that_is():
    text = said()
    assert "The ANN reaches 98.00 % accuracy (95 % interval" in text
    assert re.search(r"radix T=8 loses 1\.00 points \((a difference .*, )?95 % interval of the loss", text)
    assert "From input to output it takes 24 steps, and a new input can follow every 8 steps" in text
    assert "40 independent samples, each in 5 variants; one answer more or less is 0.5 points" in text


@pytest.mark.parametrize(
    ("accumulates", "float_outcome", "integer_outcome", "verdict"),
    [
        # 1000 MACs cost 4600 and 230 pJ; accumulates 0.9 and 0.03 pJ each, and 80 updates as much
        (100.0, "it wins", "it wins", "below it: it wins on all"),
        (1000.0, "it wins", "it wins", "inside it: whether it wins depends"),
        (6000.0, "it loses", "it wins", "above it: it loses on all"),
        (9000.0, "it loses", "it loses", "above it: it loses on all"),
    ],
)
def test_it_says_who_wins_in_energy(accumulates, float_outcome, integer_outcome, verdict):
    text = said(accumulates=accumulates, steps={"radix": (8,)})
    found = re.search(
        r"of the 32-bit ANN \(45 nm fp32\), .*?: (it \w+); .*8-bit quantised ANN \(45 nm int8\), .*?: (it \w+)", text
    )
    assert found.groups() == (float_outcome, integer_outcome)
    assert verdict in text


def test_what_a_spiking_network_keeps_is_named():
    assert "The 1600 multiply-accumulates that it keeps are in these figures" in said(
        steps={"radix": (8,), "rate": (16,)}
    )
    assert "multiply-accumulates that it keeps" not in said(steps={"radix": (8,)})


def test_a_metric_without_intervals_claims_none():
    text = said(metric={**METRIC, "reduction": "average precision"})
    assert "nan" not in text
    assert "radix T=8 loses 1.00 points and gives" in text


def test_one_seed_is_called_one():
    assert "(one trained network)" in said(seeds=(0,))
