"""When an agent learns from a replay memory, how much it explores meanwhile, and how its learning rate falls."""


def falling(first: float, last: float, steps: int, now: int) -> float:
    """Return what falls linearly from `first` to `last` in `steps` environment steps and stays there."""
    return max(last, first + (last - first) * now / max(1, steps))


def left(steps: int, now: int) -> float:
    """Return what is left of what falls linearly from 1 to 0 in `steps` environment steps; 1 for no steps."""
    return falling(1.0, 0.0, steps, now) if steps else 1.0


def due(now: int, copies: int, every: int, warm_up: int) -> bool:
    """Return whether the last step of `copies` environments passed a multiple of `every`, after the warm-up."""
    return now >= warm_up and now // every > (now - copies) // every
