"""Tables fit a terminal and never round a truth away."""

import pytest

from neurobridge.comparison.contenders import ANN, SPIKING
from neurobridge.comparison.intervals import Interval
from neurobridge.comparison.summary import summary
from neurobridge.comparison.tables import Table, activity, count, everything, figures, percent, results, rough, signed
from tests.comparison.cases import rows, timeless


@pytest.mark.parametrize("accumulates", [1.0, 5e5, 9.99e11])
def test_the_terminal_table_fits_80_columns(accumulates):
    text = everything(summary(rows(accumulates=accumulates)))
    assert max(map(len, text.splitlines())) <= 80
    assert "radix T=8" in text
    assert "200 test samples of 40 originals" in text


def test_a_wide_table_closes_its_gaps():
    table = Table(header=("name", "a", "b"), rows=(("x" * 20, "1" * 10, "2" * 10),))
    assert max(map(len, table.text(44).splitlines())) == 44
    assert max(map(len, table.text(43).splitlines())) == 42


def test_every_contender_has_a_line():
    found = summary(rows())
    assert len(results(found).rows) == len(activity(found).rows) == len(found.standings) == 7


def test_energy_is_blank_where_a_preset_does_not_price_a_contender():
    cells = {row[0]: row[-2:] for row in results(summary(rows())).rows}
    assert cells["ANN"] == ("4.6", "")
    assert cells["ANN 8 bit"] == ("", "0.23")
    assert all(cells["radix T=8"])


def test_a_network_without_a_program_has_no_time_and_no_other_networks():
    table = activity(summary(rows()))
    cells = {row[0]: row[table.header.index("ms") :] for row in table.rows}
    assert (cells["ANN"], cells["ANN 8 bit"], cells["radix T=8"]) == (("0.1", "1"), ("-", "-"), ("0.2", "2"))
    assert "CPU time of one inference in a batch of 64 on one thread" in " ".join(table.notes)
    assert "a quantised ANN has no program of its own here" in " ".join(table.notes)


def test_the_two_columns_of_time_say_one_thing():
    """The ANN is measured with every other network anew, on a machine that may be busier; ratios within turns stand."""
    found = rows()
    for row in found:
        if row["kind"] == ANN:
            row.update(milliseconds=0.1047, slowdown=1.06)
        elif row["kind"] == SPIKING:
            row.update(milliseconds=0.9, slowdown=2.5 if row["seed"] else 2.7)
    table = activity(summary(found))
    cells = {row[0]: row[table.header.index("ms") :] for row in table.rows}
    assert cells["ANN"] == ("0.1", "1")
    assert cells["radix T=8"] == ("0.27", "2.6")
    assert "ms: that many times the ANN's own" in " ".join(table.notes)


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "-"), (0.1247, "0.12"), (1.0, "1"), (15.6, "16"), (1234.0, "1200")]
)
def test_times_have_two_figures_at_most(value, shown):
    assert rough(value) == shown


def test_rows_of_a_version_that_timed_otherwise_have_no_time():
    old = [{**timeless(row), "seconds": 0.2} for row in rows()]
    assert {row[-1] for row in activity(summary(old)).rows} == {"-"}


@pytest.mark.parametrize(("share", "shown"), [(1.0, "100"), (0.99999, "99.99"), (0.9951, "99.51"), (0.0, "0.00")])
def test_agreement_is_never_rounded_up_to_all(share, shown):
    assert percent(Interval(estimate=share, low=0, high=1)) == shown


@pytest.mark.parametrize(("value", "shown"), [(-0.001, "0.00"), (0.004, "0.00"), (-0.37, "-0.37"), (12.0, "12.00")])
def test_a_loss_has_no_minus_before_nothing(value, shown):
    assert signed(value) == shown


def test_small_scores_keep_four_figures():
    metric = {"name": "mean squared error", "unit": "", "higher_is_better": False, "reduction": "mean"}
    found = summary(rows(metric=metric))
    assert found.ann.score.estimate == pytest.approx(0.98)
    table = results(found)
    assert table.header[2] == "score"
    assert table.rows[0][2] == "0.9800"
    assert max(map(len, everything(found).splitlines())) <= 80


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (0, "0"), (9999, "9999"), (12345, "12.3k"), (4.56e6, "4.56M"), (7.8e10, "78G")]
)
def test_large_numbers_are_short(value, shown):
    assert count(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(0.742, "0.742"), (387.4, "387"), (3237.1, "3237"), (16200, "16.2k")])
def test_energies_have_three_figures(value, shown):
    assert figures(value) == shown
