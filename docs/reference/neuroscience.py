"""Pages of the neuroscience bank: one a neuron, cable, synapse, plasticity rule and network, from the records."""

import dataclasses
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from brian2 import Quantity, ms

from docs.reference.figures import png
from docs.reference.markdown import Page, arguments, code, prose, table
from neurobridge.neuro import catalogue
from neurobridge.neuro.cables import CABLES
from neurobridge.neuro.checks import CHECKS
from neurobridge.neuro.manner import Manner, running
from neurobridge.neuro.networks import NETWORKS
from neurobridge.neuro.neurons import NEURONS, NeuronModel
from neurobridge.neuro.plasticity import PLASTICITY, RATE_RULES, PlasticityRule, RateRule
from neurobridge.neuro.quantities import shown
from neurobridge.neuro.synapses import SHORT_TERM, SYNAPSES, ShortTermPlasticity, SynapseModel
from neurobridge.plots.style import styled

# kind -> (folder, name -> record)
BANK: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "Neurons": ("neurons", NEURONS),
    "Cables": ("cables", CABLES),
    "Synapses": ("synapses", {**SYNAPSES, **SHORT_TERM}),
    "Plasticity": ("plasticity", {**PLASTICITY, **RATE_RULES}),
    "Networks": ("networks", NETWORKS),
}
# a record -> how the names of its published numbers begin, where that isn't its own name
CHECKED_AS: Mapping[str, tuple[str, ...]] = {
    "poisson": ("CV of a Poisson",),
    "passive-cable": ("passive cable",),
    "axon": ("squid axon",),
    "exponential-current": ("exponential current",),
    "alpha": ("alpha synapse",),
    "double-exponential": ("double-exponential synapse",),
    "nmda": ("NMDA",),
    "depressing": ("depressing synapse",),
    "facilitating": ("facilitating synapse",),
    "pair": ("pair rule", "STDP competition"),
    "pair-multiplicative": ("multiplicative pair rule",),
    "triplet": ("triplet rule",),
    "voltage": ("voltage rule",),
    "reward": ("reward rule",),
    "inhibitory": ("inhibitory plasticity",),
    "oja": ("Oja",),
    "bcm": ("BCM",),
    "brunel": ("Brunel",),
    "coba": ("COBA",),
    "cuba": ("CUBA",),
    "ping": ("PING",),
    "ring": ("ring attractor",),
    "synfire": ("synfire chain",),
    "competition": ("STDP competition",),
    "inhibitory-balance": ("network with inhibitory plasticity",),
    "voltage-pairing": ("voltage rule: 75 pairs",),
}
# fields of a record that are an equation or a statement, in the order of reading
STATEMENTS = ("equations", "update", "threshold", "reset", "refractory", "on_pre", "on_post", "current", "method")
LONG = 6  # published numbers that are measured for a page; the others are listed by their command


def pages(full: bool) -> Iterator[Page]:
    """Yield all pages.

    Args:
        full: draw figures and measure the published numbers, which takes minutes.
    """
    for kind, (folder, records) in BANK.items():
        yield Page(path=f"reference/{folder}/index.md", title=kind, body=overview(records))
        for name, record in records.items():
            figure = drawn(name, record) if full else None
            parts = [
                *equations(record),
                *([f"![{name}: {caption(name)}]({name}.png)\n"] if figure else []),
                *parameters(record),
                *published(name, full),
                *how(name, record),
            ]
            files = {f"{name}.png": figure} if figure else {}
            yield Page(path=f"reference/{folder}/{name}.md", title=name, body="\n".join(parts), files=files)


def overview(records: Mapping[str, Any]) -> str:
    """Return a table of all records of a kind."""
    return table(
        ("name", "source"), ((f"[{name}]({name}.md)", prose(source(record))) for name, record in records.items())
    )


def source(record: Any) -> str:
    """Return where a record is from: its reference, or what its class says of itself."""
    first = (type(record).__doc__ or "").partition("\n\n")[0]
    return " ".join((getattr(record, "reference", "") or first).split())


def equations(record: Any) -> Iterator[str]:
    """Yield the equations as they are simulated."""
    lines = []
    for name in STATEMENTS:
        value = getattr(record, name, None)
        if isinstance(value, str) and value.strip():
            text = "\n".join(line.strip() for line in value.strip().splitlines())
            lines.append(text if name == "equations" else f"{name.replace('_', ' ')}: " + text.replace("\n", "; "))
    if isinstance(record, RateRule):
        yield "## Rule\n"
        yield "The direction in which the weights of y = w x go, given w, x, y and a sliding threshold:\n"
        yield code(textwrap.dedent(inspect.getsource(record.change)))
    elif lines:
        yield "## Equations\n"
        yield "As they are simulated, in Brian2's notation.\n"
        yield code("\n\n".join(lines))
    else:
        yield "## What it is\n"
        yield prose(" ".join((type(record).__doc__ or "").partition("Args:")[0].split())) + "\n"
    if getattr(record, "reference", ""):
        yield f"**Source.** {prose(record.reference)}\n"


def parameters(record: Any) -> Iterator[str]:
    """Yield the parameters with their units."""
    values = getattr(record, "parameters", None)
    meanings: dict[str, str] = {}
    if not isinstance(values, Mapping):
        values = {item.name: getattr(record, item.name) for item in dataclasses.fields(record)}
        meanings = dict(arguments(type(record)))
    names = [name for name, value in values.items() if is_number(value)]
    rows = [(f"`{name}`", *quantity(values[name]), meanings.get(f"`{name}`", "")) for name in names]
    if rows:
        columns = 4 if meanings else 3
        yield "## Parameters\n"
        yield table(("parameter", "value", "unit", "meaning")[:columns], (row[:columns] for row in rows))
    variants = getattr(record, "variants", None)
    if variants:
        yield "## Published variants\n"
        listed = (
            (f"`{name}`", ", ".join(f"`{key}` = {' '.join(quantity(value)).strip()}" for key, value in changed.items()))
            for name, changed in variants.items()
        )
        yield table(("variant", "differs in"), listed)


def is_number(value: Any) -> bool:
    """Return whether a value is a number or a quantity."""
    return not isinstance(value, bool | str) and np.ndim(value) == 0 and isinstance(value, int | float | np.ndarray)


def quantity(value: Any) -> tuple[str, str]:
    """Return a quantity as number and unit."""
    number, unit = shown(value)
    return f"{float(number):.6g}", unit


def published(name: str, full: bool) -> Iterator[str]:
    """Yield the published numbers of a record, and what is measured here."""
    checks = checks_of(name)
    if not checks:
        yield "No published number of it is checked yet.\n"
        return
    rows = []
    for number, check in enumerate(checks):
        measured = f"{check.run().value:.6g}" if full and check.tier == "quick" and number < LONG else ""
        rows.append(
            (
                prose(check.name),
                measured,
                f"{check.target:.6g} ± {check.tolerance:.2g}",
                prose(check.source),
                check.tier,
            )
        )
    header = ("number", "measured", "published", "source", "tier")
    if not full:
        rows, header = [(row[0], *row[2:]) for row in rows], (header[0], *header[2:])
    yield "## Checked numbers\n"
    yield table(header, rows)
    # the first name that finds them all
    yield "Measure them again:\n"
    yield code(f'neurobridge simulate --check --tier quick slow bench --only "{beginnings(name)[0]}"', "sh")


def checks_of(name: str) -> list[Any]:
    """Return the rows of the table of published numbers that are about a record."""
    return [check for check in CHECKS if any(starts(check.name, beginning) for beginning in beginnings(name))]


def beginnings(name: str) -> tuple[str, ...]:
    """Return how the names of a record's published numbers begin."""
    return CHECKED_AS.get(name, (name,))


def starts(check: str, beginning: str) -> bool:
    """Return whether a check's name begins with a record's, as a word."""
    return check.startswith(beginning) and not check[len(beginning) :][:1].isalnum()


def how(name: str, record: Any) -> Iterator[str]:
    """Yield the command that simulates it, where there is one."""
    kind = kind_of(name, record)
    if kind and name not in IN_NETWORKS:
        protocols = ", ".join(f"`{protocol}`" for protocol in catalogue.KINDS[kind].protocols)
        yield "## Simulate it\n"
        yield code(f"neurobridge simulate {catalogue.full_name(kind, name)}", "sh")
        yield f"Protocols: {protocols}.\n"


def kind_of(name: str, record: Any) -> str | None:
    """Return which kind of things that can be simulated a record belongs to, if any."""
    return next((kind for kind, those in catalogue.KINDS.items() if those.members.get(name) is record), None)


DRAWN = (NeuronModel, SynapseModel, ShortTermPlasticity, PlasticityRule)
"""Records whose usual protocol takes seconds; most networks take minutes, and programs in simulations/ draw them."""
SHORT_RUNS: Mapping[str, Quantity] = {"coba": 700 * ms, "cuba": 700 * ms, "ping": 300 * ms, "synfire": 120 * ms}
"""How long the networks are simulated that show what they do, at their full size, within seconds."""
IN_NETWORKS = ("voltage", "reward")
"""Rules that need a voltage or a reward beside spike times, so that no protocol can run them alone."""


def caption(name: str) -> str:
    """Return what a record's figure shows."""
    return f"a run of {float(SHORT_RUNS[name] / ms):g} ms" if name in SHORT_RUNS else "the usual protocol"


def drawn(name: str, record: Any) -> bytes | None:
    """Return the figure of a record's usual protocol as PNG, or None where it has none that takes seconds."""
    if name in SHORT_RUNS:
        with running(Manner(target="numpy")), styled():
            return png(record.run(duration=SHORT_RUNS[name]).plot())
    kind = kind_of(name, record)
    if kind is None or not isinstance(record, DRAWN) or name in IN_NETWORKS:
        return None
    with styled():
        return png(catalogue.run(catalogue.full_name(kind, name)).plot())
