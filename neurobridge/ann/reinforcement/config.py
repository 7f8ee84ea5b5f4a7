"""How long an agent practises, and how it is looked at meanwhile."""

from dataclasses import dataclass
from typing import final

from neurobridge.ann.reinforcement import limits
from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """One run of an agent in an environment; two runs with equal configs on one machine end with equal weights."""

    steps: int = 50_000
    """Environment steps, counted over all copies."""
    environments: int = 1
    """Copies that are stepped together."""
    evaluate_every: int = 2_500
    """Environment steps between evaluations; a checkpoint is written after each."""
    episodes: int = 20
    """Episodes of an evaluation, on seeds that training and judging don't use."""
    enough: float | None = None
    """Stop at the first evaluation whose mean return is this or more; None to use all steps."""
    keep: str = "best"
    """"best" returns the policy of the best evaluation, the later of equals; "last" that of the end."""
    seed: int = 0
    """Of the environments, the agent and the evaluations."""

    def __post_init__(self) -> None:
        limits.check("run", self, counts=("steps", "environments", "evaluate_every", "episodes"))
        if self.evaluate_every % self.environments or self.steps % self.environments:
            raise InputError(
                f"run: steps {self.steps} and evaluate_every {self.evaluate_every} must be multiples of environments "
                f"{self.environments}."
            )
        if self.keep not in ("best", "last"):
            raise InputError(f"run: keep is {self.keep!r}; it must be 'best' or 'last'.")
        if self.seed < 0:
            raise InputError(f"run: seed is {self.seed}; it must be 0 or more.")
