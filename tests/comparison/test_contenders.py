"""Who takes part, and which numbers of steps can be asked for."""

import pytest

from neurobridge.comparison.contenders import (
    ANN,
    DEFAULT_STEPS,
    LEARNT,
    NAMES,
    QUICK_STEPS,
    Contender,
    carrier,
    carriers,
    contenders,
    planned,
    together,
)
from neurobridge.errors import InputError, UnknownNameError
from neurobridge.graph.codes import CODES


def test_the_ann_comes_first_and_once():
    everyone = contenders({"radix": (4, 8), "rate": (16,)})
    assert [contender.kind for contender in everyone].count(ANN) == 1
    assert [contender.name for contender in everyone] == [
        "ANN",
        "ANN 4 bit",
        "radix T=4",
        "ANN 8 bit",
        "radix T=8",
        "rate T=16",
    ]


def test_every_contender_is_measured_with_exactly_one_conversion():
    groups = list(together({"rate": (8, 16), "radix": (8,)}))
    everyone = [contender for _, _, group in groups for contender in group]
    assert len(everyone) == len(set(everyone)) == 4
    assert [(code, count) for code, count, _ in groups] == [("rate", 8), ("rate", 16), ("radix", 8)]


def test_shared_numbers_are_planned_as_the_radix_code_is():
    assert planned(["shared"], None, quick=True) == {"shared": (4, 8)}
    assert carriers("shared") == ("radix",)
    assert [one.name for one in contenders(planned(["shared"], [8], quick=False))] == ["ANN", "shared T=8"]


@pytest.mark.parametrize(
    ("contender", "bits"),
    [
        (Contender(kind="ANN"), 32),
        (Contender(kind="quantised ANN", steps=6), 6),
        (Contender(kind="SNN", code="rate", steps=16), None),
    ],
)
def test_width_of_activations(contender, bits):
    assert contender.bits == bits


def test_steps_are_sorted_and_given_once():
    assert planned(("radix", "rate"), (8, 4, 8), quick=False) == {"radix": (4, 8), "rate": (4, 8)}
    assert planned(("radix", "rate"), {"rate": [32, 2]}, quick=False) == {
        "radix": DEFAULT_STEPS["radix"],
        "rate": (2, 32),
    }
    assert planned(("rate",), None, quick=True) == {"rate": QUICK_STEPS["rate"]}


def test_networks_that_learn_are_named_like_codes():
    steps = planned(("rate", "fine-tuned", "trained"), {"trained": [8, 2]}, quick=False)
    assert steps == {"rate": DEFAULT_STEPS["rate"], "fine-tuned": LEARNT["fine-tuned"], "trained": (2, 8)}
    quick = planned(NAMES, None, quick=True)
    assert quick["fine-tuned"] == quick["trained"] == (2, 8)
    assert {code: len(counts) for code, counts in quick.items()} == dict.fromkeys(NAMES, 2)
    assert [one.name for one in contenders({"fine-tuned": (4,), "trained": (4,)})] == [
        "ANN",
        "fine-tuned T=4",
        "trained T=4",
    ]


@pytest.mark.parametrize(
    ("code", "latency", "expected"),
    [("radix", 12, "radix"), ("latency", 4, "latency"), ("trained", 4, "rate"), ("fine-tuned", 40, "radix")],
)
def test_a_network_that_learnt_has_the_code_that_its_latency_tells(code, latency, expected):
    """Rate networks answer after T steps; radix networks have an input and a layer of T each at least."""
    assert carrier(Contender(kind="SNN", code=code, steps=4), latency) == expected
    assert expected in carriers(code)


@pytest.mark.parametrize("code", [*sorted(CODES), *LEARNT])
def test_every_code_has_usual_steps(code):
    assert planned((code,), None, quick=False)[code]


@pytest.mark.parametrize(
    ("codes", "steps", "error", "message"),
    [
        (("radixx",), None, UnknownNameError, "unknown code 'radixx'; did you mean 'radix'"),
        ((), None, InputError, "at least one code; known: latency, radix, rate, signed, shared, fine-tuned, trained"),
        (("training",), None, UnknownNameError, "unknown code 'training'; did you mean 'trained'"),
        (("trained",), (0,), InputError, "steps of code 'trained' is 0; the rate code takes a whole number from 1"),
        (("rate",), (), InputError, "code 'rate' needs at least one number of steps"),
        (("rate",), (0, 4), InputError, "steps of code 'rate' is 0; the rate code takes a whole number from 1"),
        (
            ("radix",),
            (8, 99),
            InputError,
            "steps of code 'radix' is 99; the radix code takes .* from 1 to 16",
        ),
        (("radix",), {"rate": (4,)}, InputError, "steps are given for rate, which isn't among the codes radix"),
    ],
)
def test_what_cannot_be_done_is_refused(codes, steps, error, message):
    with pytest.raises(error, match=message):
        planned(codes, steps, quick=False)
