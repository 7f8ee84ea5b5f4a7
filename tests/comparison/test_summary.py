"""Means over seeds and intervals over originals, against a study whose answers are known."""

import numpy as np
import pytest

from neurobridge.comparison.contenders import ANN, QUANTISED, SPIKING
from neurobridge.comparison.summary import summary
from neurobridge.errors import InputError
from tests.comparison.cases import COPIES, MACS, METRIC, ORIGINALS, rows


@pytest.fixture(scope="module")
def found():
    return summary(rows())


def test_the_ann_stands_first_with_its_score(found):
    assert found.ann.contender.kind == ANN
    assert found.ann.score.estimate == pytest.approx(98.0)
    assert found.ann.agreement is None
    assert (found.samples, found.groups, found.seeds) == (ORIGINALS * COPIES, ORIGINALS, (0, 1))


def test_loss_is_paired_over_originals(found):
    # 2 of 40 originals lose one of five copies: the loss is 1 point, its bootstrap that of a share of 2 in 40
    loss = found.of(SPIKING, "radix", 8).loss
    assert loss.estimate == pytest.approx(1.0)
    draws = np.random.default_rng(0).binomial(ORIGINALS, 2 / ORIGINALS, size=100_000) / 2
    assert loss.low == pytest.approx(np.quantile(draws, 0.025), abs=0.26)
    assert loss.high == pytest.approx(np.quantile(draws, 0.975), abs=0.26)


def test_loss_of_an_error_counts_upwards():
    metric = {"name": "error", "unit": "", "higher_is_better": False, "reduction": "mean"}
    # fewer right answers are a smaller error: by the same sums the spiking network is better by 0.01
    found = summary(rows(metric=metric))
    assert found.of(SPIKING, "radix", 8).loss.low <= -0.01 <= found.of(SPIKING, "radix", 8).loss.high
    assert found.of(SPIKING, "radix", 8).loss.estimate == pytest.approx(-0.01)


def test_agreement_is_pooled_over_seeds(found):
    agreement = found.of(SPIKING, "rate", 8).agreement
    assert agreement.estimate == pytest.approx(1 - 2 / (ORIGINALS * COPIES))
    assert agreement.low < agreement.estimate < agreement.high


def test_rivals_have_the_bits_that_the_levels_need(found):
    # rate T = 8 has 9 levels and needs 4 bits, T = 16 has 17 and needs 5: of the 4 and 8 bits that are there, 8
    assert found.rival(found.of(SPIKING, "radix", 4)) == found.of(QUANTISED, steps=4)
    assert found.rival(found.of(SPIKING, "rate", 8)) == found.of(QUANTISED, steps=4)
    assert found.rival(found.of(SPIKING, "rate", 16)) == found.of(QUANTISED, steps=8)


def test_without_radix_there_is_no_rival():
    found = summary(rows(steps={"rate": (8,)}))
    assert found.rival(found.of(SPIKING, "rate", 8)) is None


def test_spikes_per_synapse_are_accumulates_over_macs():
    found = summary(rows(accumulates=300.0))
    assert found.of(SPIKING, "rate", 8).spikes_per_synapse == pytest.approx(300.0 / MACS)


def test_a_metric_without_a_mean_has_no_interval():
    found = summary(rows(metric={**METRIC, "reduction": "average precision"}))
    assert found.ann.score.estimate == pytest.approx(98.0)
    assert np.isnan(found.ann.score.low)


def test_an_empty_study_says_how_to_go_on():
    with pytest.raises(InputError, match="holds no finished network yet; run the same `neurobridge compare` again"):
        summary([])


def test_rows_of_two_models_are_refused():
    with pytest.raises(InputError, match="more than one task or model"):
        summary([*rows(), {**rows()[0], "model": "mlp", "seed": 7}])


def test_an_unfinished_seed_counts_as_far_as_it_goes():
    found = summary(rows()[:-1])
    assert found.of(SPIKING, "rate", 16).seeds == (0,)
    assert found.of(SPIKING, "rate", 8).seeds == (0, 1)
