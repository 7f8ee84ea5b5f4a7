"""Quantities as text: what is written is what is read, and mistakes are named."""

import pytest
from brian2 import cm, kHz, metre, mmolar, mS, ms, mV, nA, second, uA
from hypothesis import given
from hypothesis import strategies as st

from neurobridge.errors import InputError, UnknownNameError
from neurobridge.neuro.quantities import number, parse, shown, text, unit_name


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("100mS/cm2", 100 * mS / cm**2),
        ("100 mS/cm^2", 100 * mS / cm**2),
        ("-65 mV", -65 * mV),
        ("1e-1*nA", 0.1 * nA),
        (".5 1/ms", 0.5 * kHz),
        ("2 uA*cm**-2", 2 * uA / cm**2),
    ],
)
def test_parse(written, meant):
    found = parse(written)
    assert found.dim is meant.dim
    assert float(found) == pytest.approx(float(meant))


@given(st.floats(-1e6, 1e6).map(lambda x: float(f"{x:.4g}")))
def test_text_and_parse_are_inverse(value):
    assert float(parse(text(value * mV, 12)) / mV) == pytest.approx(value, abs=1e-9)
    assert parse(repr(value)) == value


def test_shown_and_units():
    assert unit_name(3 * nA) == "nA"
    assert unit_name(3 * uA / cm**2) == "uA/cm2"
    assert unit_name(0.5) == "1"
    assert shown(20 * ms)[0] == pytest.approx(20)
    assert number(0.5 * nA, 1e-3 * nA) == pytest.approx(500)


def test_refusals():
    with pytest.raises(InputError, match="'mV' is not a quantity; write a number and a unit"):
        parse("mV")
    with pytest.raises(UnknownNameError, match="unknown unit 'mVV'; did you mean 'mV'"):
        parse("3 mVV")
    with pytest.raises(InputError, match=r"cannot read the unit 'mV\+2' from '\+2' on"):
        parse("3 mV+2")
    with pytest.raises(InputError, match="a quantity is given in mV; it is measured in ms"):
        number(3 * mV, 1 * ms)


def test_units_that_are_no_familiar_ones_are_written_out_and_not_refused():
    assert text(18.7 * metre / second) == "18.7 m/s"
    assert text(2 * mmolar) == "2 metre ** -3 * mole"
