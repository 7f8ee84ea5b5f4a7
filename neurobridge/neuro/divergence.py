"""A watch on the state variables that stops a run at the first NaN or infinity."""

from collections.abc import Mapping

import numpy as np
from brian2 import BrianObject, Clock, NetworkOperation, Quantity, ms

from neurobridge.errors import SimulationError

EVERY_STEPS = 50


def watch(objects: Mapping[str, BrianObject], clock: Clock) -> NetworkOperation:
    """Return an operation that raises a `SimulationError` within `EVERY_STEPS` steps of the first NaN."""
    arrays = _floating(objects)
    step = clock.variables["timestep"]

    def look() -> None:
        if step.get_value()[0] % EVERY_STEPS == 0:
            check(arrays, clock.t)

    return NetworkOperation(look, clock=clock, when="end", name="watch_divergence")


def check(arrays: Mapping[tuple[str, str], object], time: Quantity) -> None:
    """Raise a `SimulationError` that names the variable, the neuron and the time of a NaN or infinity."""
    for (owner, name), variable in arrays.items():
        values = variable.get_value()  # type: ignore[attr-defined]
        # the sum is not finite if any term is not: one pass without a temporary array
        if not np.isfinite(values.sum()) and not np.isfinite(values).all():
            neuron = int(np.flatnonzero(~np.isfinite(values))[0])
            raise SimulationError(
                f"{name!r} of {owner!r} is not a finite number in neuron {neuron} "
                f"at t = {float(time / ms):g} ms (looked at every {EVERY_STEPS} steps); "
                "try a smaller time step, or look at the parameters and the input that it gets."
            )


def check_final(objects: Mapping[str, BrianObject], time: Quantity) -> None:
    """Check every state variable once, after a compiled program has ended."""
    check(_floating(objects), time)


def _floating(objects: Mapping[str, BrianObject]) -> dict[tuple[str, str], object]:
    """Return the changing floating-point arrays of groups of neurons; synapses may be millions."""
    found = {}
    for owner, thing in objects.items():
        if hasattr(thing, "equations") and not hasattr(thing, "pre"):
            for name in thing.equations.diff_eq_names | thing.equations.names - thing.equations.subexpr_names:
                variable = thing.variables.get(name)
                if (
                    variable is not None
                    and variable.array
                    and not variable.constant
                    and np.dtype(variable.dtype).kind == "f"
                ):
                    found[owner, name] = variable
    return found
