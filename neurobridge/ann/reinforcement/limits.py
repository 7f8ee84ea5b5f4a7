"""Ranges that numbers in an agent's config must lie in."""

from collections.abc import Sequence
from typing import Any

from neurobridge.errors import InputError


def check(
    agent: str, config: Any, *, counts: Sequence[str] = (), shares: Sequence[str] = (), positive: Sequence[str] = ()
) -> None:
    """Check fields of a config.

    Args:
        agent: for messages.
        config: the config.
        counts: names of fields that are at least 1.
        shares: names of fields in [0, 1].
        positive: names of fields above 0.

    Raises:
        InputError: a field lies outside its range.
    """
    for name in counts:
        if getattr(config, name) < 1:
            raise InputError(f"{agent}: {name} is {getattr(config, name)}; it must be at least 1.")
    for name in shares:
        if not 0 <= getattr(config, name) <= 1:
            raise InputError(f"{agent}: {name} is {getattr(config, name)}; it must lie in [0, 1].")
    for name in positive:
        if not getattr(config, name) > 0:
            raise InputError(f"{agent}: {name} is {getattr(config, name)}; it must be above 0.")
