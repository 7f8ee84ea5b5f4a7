"""Everything that can be simulated by name: neurons, cables, synapses, plasticity rules and networks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from brian2 import Quantity, ms

from neurobridge.errors import InputError, UnknownNameError, lookup
from neurobridge.neuro import manner, ranges
from neurobridge.neuro.cables import CABLES
from neurobridge.neuro.networks import NETWORKS
from neurobridge.neuro.neurons import NEURONS, neuron
from neurobridge.neuro.plasticity import PLASTICITY
from neurobridge.neuro.protocols import PROTOCOLS
from neurobridge.neuro.protocols.cable import attenuation, conduction
from neurobridge.neuro.protocols.pairing import pairing_rate, stdp_window
from neurobridge.neuro.protocols.postsynaptic import postsynaptic_response
from neurobridge.neuro.protocols.short_term_train import short_term_train
from neurobridge.neuro.quantities import parse
from neurobridge.neuro.result import Result
from neurobridge.neuro.synapses import SHORT_TERM, SYNAPSES


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One sort of thing that can be simulated.

    Args:
        members: name -> record.
        protocols: name -> function of the record; the first one is the usual one.
    """

    members: Mapping[str, Any]
    protocols: Mapping[str, Callable[..., Result]]


# a synapse -> when its spikes arrive and how long its response takes, where one spike and 100 ms don't show it
_TRAINS: Mapping[str, tuple[Quantity, Quantity]] = {
    "nmda": (np.array([10.0]) * ms, 400 * ms),
    "gaba-b": ((10 + 5 * np.arange(10.0)) * ms, 800 * ms),
}


def _onto_leaky(synapse: Any) -> Result:
    spikes, duration = _TRAINS.get(synapse.name, (np.array([10.0]) * ms, 100 * ms))
    return postsynaptic_response(neuron("leaky"), synapse, spikes, duration=duration, dt=0.05 * ms)


KINDS: Mapping[str, Kind] = {
    "neuron": Kind(members=NEURONS, protocols=PROTOCOLS),
    "cable": Kind(members=CABLES, protocols={"attenuation": attenuation, "conduction": conduction}),
    "synapse": Kind(members=SYNAPSES, protocols={"response": _onto_leaky}),
    "short-term synapse": Kind(members=SHORT_TERM, protocols={"train": short_term_train}),
    "plasticity rule": Kind(members=PLASTICITY, protocols={"window": stdp_window, "pairing-rate": pairing_rate}),
    "network": Kind(members=NETWORKS, protocols={"activity": lambda network, **options: network.run(**options)}),
}
# what else than the first protocol suits a member best
USUAL: Mapping[str, str] = {"axon": "conduction", "triplet": "pairing-rate"}


def shared_names() -> dict[str, list[str]]:
    """Return the names that more than one kind has, each with its full names."""
    owners: dict[str, list[str]] = {}
    for kind, table in KINDS.items():
        for name in table.members:
            owners.setdefault(name, []).append(f"{_prefix(kind)}:{name}")
    return {name: full for name, full in owners.items() if len(full) > 1}


def full_name(kind: str, name: str) -> str:
    """Return what to call a member of a kind: by its name, with its kind where another has the same."""
    return f"{_prefix(kind)}:{name}" if name in shared_names() else name


def kind_of(name: str) -> tuple[str, str]:
    """Return which sort of thing a name is, and the name within it.

    Args:
        name: such as `leaky`, `izhikevich:class-1`, or with its kind, `synapse:exponential`.

    Raises:
        UnknownNameError: nothing has this name.
        InputError: several kinds have it.
    """
    first, _, rest = name.partition(":")
    if named := [kind for kind in KINDS if _prefix(kind) == first]:
        lookup(named[0], rest.partition(":")[0], KINDS[named[0]].members)
        return named[0], rest
    owners = [kind for kind, table in KINDS.items() if first in table.members]
    if len(owners) > 1:
        full = [f"{_prefix(kind)}:{name}" for kind in owners]
        raise InputError(f"{first!r} is a {' and a '.join(owners)}; write {' or '.join(full)}.")
    if not owners:
        raise UnknownNameError("simulation", name, [member for table in KINDS.values() for member in table.members])
    return owners[0], name


def _prefix(kind: str) -> str:
    return kind.replace(" ", "-")


def run(
    name: str,
    protocol: str | None = None,
    settings: Mapping[str, str] | None = None,
    *,
    seed: int | None = None,
    **options: Any,
) -> Result:
    """Simulate something by name.

    Args:
        name: of the thing; `adaptive-exponential:tonic` names a published variant, `synapse:exponential` the kind.
        protocol: what to do with it, the usual one if None.
        settings: parameter -> value as text, such as `100mS/cm2`.
        seed: what all random numbers start from, those of noise, of Poisson inputs and of synapses that are drawn; that
            of `manner.running` if None. The result holds it.
        options: of the protocol.

    Raises:
        UnknownNameError: the name, the protocol or a parameter is not known.
        InputError: a name of several kinds, a setting or a seed that cannot be used, or an option the protocol does
            not take.
    """
    kind, name = kind_of(name)
    table = KINDS[kind]
    chosen = protocol or USUAL.get(name, next(iter(table.protocols)))
    action = lookup(f"protocol for a {kind}", chosen, table.protocols)
    member = neuron(name) if kind == "neuron" else table.members[name]
    begun = manner.seed(seed)
    with manner.running(replace(manner.current(), seed=begun)):
        found = action(with_settings(member, settings or {}), **options)
    return replace(found, seed=begun)


def with_settings(member: Any, settings: Mapping[str, str]) -> Any:
    """Return a record with parameters changed as texts say.

    Raises:
        UnknownNameError: it has no such parameter.
        InputError: a value that cannot be read, has other dimensions, or makes no sense.
    """
    values = {name: parse(text) for name, text in settings.items()}
    if not values:
        return member
    if hasattr(member, "with_parameters"):
        return member.with_parameters(**values)
    if hasattr(member, "parameters") and isinstance(member.parameters, Mapping):
        for name, value in values.items():
            ranges.check(name, member.name, value, lookup(f"parameter of {member.name}", name, member.parameters))
        return replace(member, parameters={**member.parameters, **values})
    return _network_with(member, values)


def _network_with(network: Any, values: Mapping[str, Any]) -> Any:
    known = {item.name: getattr(network, item.name) for item in fields(network)}
    title = type(network).__name__.lower()
    changed = {}
    for name, value in values.items():
        default = lookup(f"parameter of {title}", name, known)
        ranges.check(name, title, value, default, ranges.of_field(name, default))
        changed[name] = type(default)(value) if isinstance(default, (int, float)) else value
    return replace(network, **changed)


def settings_of(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return the settings that words such as `gNa=100mS/cm2` stand for.

    Raises:
        InputError: a word has no equals sign.
    """
    for pair in pairs:
        if "=" not in pair:
            raise InputError(f"{pair!r} is not a setting; write name=value, such as gNa=100mS/cm2.")
    return {name.strip(): value.strip() for name, _, value in (pair.partition("=") for pair in pairs)}
