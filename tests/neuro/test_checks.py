"""Every row of the table of published numbers is met, and the table itself is sound."""

import pytest

from neurobridge.errors import InputError, UnknownNameError
from neurobridge.neuro import checks
from neurobridge.neuro.checks.check import Check, between, percent

QUICK = [check for check in checks.CHECKS if check.tier == "quick"]
SLOW = [check for check in checks.CHECKS if check.tier == "slow"]


@pytest.mark.parametrize("check", QUICK, ids=lambda check: check.name)
def test_published_number(check):
    outcome = check.run()
    assert outcome.passed, f"{check.name}: {outcome.value} instead of {check.target} +- {check.tolerance}"


@pytest.mark.slow
@pytest.mark.parametrize("check", SLOW, ids=lambda check: check.name)
def test_published_number_of_a_network(check):
    outcome = check.run()
    assert outcome.passed, f"{check.name}: {outcome.value} instead of {check.target} +- {check.tolerance}"


def test_names_are_unique_and_every_row_has_a_source():
    names = [check.name for check in checks.CHECKS]
    assert len(set(names)) == len(names)
    assert all(check.source for check in checks.CHECKS)


def test_a_wrong_value_and_nan_fail():
    row = Check(name="one", value=lambda: 2.0, target=1.0, tolerance=0.5, source="none")
    assert not row.run().passed
    assert not Check(name="nan", value=lambda: float("nan"), target=1.0, tolerance=0.5, source="none").run().passed


def test_ranges():
    assert between(0.4, 0.8) == {"target": pytest.approx(0.6), "tolerance": pytest.approx(0.2)}
    assert percent(-50.0, 2) == {"target": -50.0, "tolerance": 1.0}


def test_an_unknown_tier_is_refused():
    with pytest.raises(UnknownNameError, match="unknown tier 'quik'; did you mean 'quick'"):
        list(checks.run(["quik"]))
    with pytest.raises(InputError, match="use one of quick, slow, bench"):
        Check(name="x", value=lambda: 0.0, target=0, tolerance=0, source="s", tier="fast")
