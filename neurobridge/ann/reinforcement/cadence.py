"""When an agent learns from a replay memory, and how much it explores meanwhile."""


def falling(first: float, last: float, steps: int, now: int) -> float:
    """Return what falls linearly from `first` to `last` in `steps` environment steps and stays there."""
    return max(last, first + (last - first) * now / max(1, steps))


def due(now: int, copies: int, every: int, warm_up: int) -> bool:
    """Return whether the last step of `copies` environments passed a multiple of `every`, after the warm-up."""
    return now >= warm_up and now // every > (now - copies) // every
