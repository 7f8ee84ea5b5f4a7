"""What the figures of a report mark."""

from types import SimpleNamespace

import pytest

from neurobridge.comparison.figures import guides


@pytest.mark.parametrize(
    ("unit", "score", "marked"),
    [
        ("points", 98.6, (0.1, 0.5)),
        ("return", 499.8, (5.0, 10.0)),
        ("perplexity", 70.2, (0.7, 2.0)),
        ("return", 0.0, (0.1, 0.5)),
    ],
)
def test_losses_are_marked_on_the_scale_of_the_score(unit, score, marked):
    """1 and 3 percent of the ANN's score to one figure, or the usual tenth and half of a point."""
    summary = SimpleNamespace(unit=unit, ann=SimpleNamespace(score=SimpleNamespace(estimate=score)))
    assert guides(summary) == pytest.approx(marked)
