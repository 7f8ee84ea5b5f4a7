"""One environment, begun and acted in."""

import gymnasium


def named(environment: gymnasium.Env) -> str:
    """Return what messages call an environment: its id, or its class."""
    return environment.spec.id if environment.spec else type(environment.unwrapped).__name__
