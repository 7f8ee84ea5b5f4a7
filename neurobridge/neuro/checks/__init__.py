"""The table of published numbers, row by row: `neurobridge simulate --check` measures and judges them."""

from collections.abc import Iterable, Iterator

from neurobridge.errors import lookup
from neurobridge.neuro.checks import cables, conductances, leaky, networks, patterns, plasticity, spikes, synapses
from neurobridge.neuro.checks.check import TIERS, Check, Outcome

CHECKS: tuple[Check, ...] = (
    *leaky.CHECKS,
    *patterns.CHECKS,
    *conductances.CHECKS,
    *cables.CHECKS,
    *synapses.CHECKS,
    *plasticity.CHECKS,
    *networks.CHECKS,
    *spikes.CHECKS,
)


def run(tiers: Iterable[str] = ("quick",), named: str = "") -> Iterator[Outcome]:
    """Measure the rows of some tiers, one after the other.

    Args:
        tiers: of `quick`, `slow`, `bench`.
        named: only rows whose name holds this text.

    Raises:
        UnknownNameError: there is no such tier.
    """
    chosen = [lookup("tier", tier, dict.fromkeys(TIERS, tier)) and tier for tier in tiers]
    for check in CHECKS:
        if check.tier in chosen and named in check.name:
            yield check.run()
