"""Motor cortex in Brian2: the populations of `spikes.encode.motor_cortex` with their equations written again."""

from functools import singledispatch

import numpy as np
from brian2 import BrianObject, Clock, Hz, NeuronGroup, Quantity, Synapses, TimedArray, ms, second

from neurobridge.errors import InputError
from neurobridge.neuro.circuit import Circuit
from neurobridge.spikes.encode.motor_cortex import SPEED, CosineCortex, MotorCortex, RotatingCortex

_PLANES = """
dx/dt = -x/decay - 2*pi*f*y + g*drive : 1
dy/dt = -y/decay + 2*pi*f*x : 1
drive = u_x(t)*int(axis == 0) + u_y(t)*int(axis == 1) + sqrt(u_x(t)**2 + u_y(t)**2)*int(axis == 2) : 1
axis : integer (constant)
f : Hz (constant)
g : Hz (constant)
"""
_ROTATING = """
rate = clip(base*exp(total), 0*Hz, highest) : Hz
total : 1
base : Hz (constant)
"""
_COSINE = """
rate = clip(base + depth*(u_x(t)*cos(preferred) + u_y(t)*sin(preferred)) + fast, 0*Hz, 1000*Hz) : Hz
fast = speed*sqrt(u_x(t)**2 + u_y(t)**2) : Hz
preferred : 1 (constant)
base : Hz (constant)
depth : Hz (constant)
speed : Hz (constant)
"""
DT = 1 * ms  # a neuron at 40 Hz spikes in 4 % of the steps, so that its counts vary 4 % less than Poisson ones


@singledispatch
def circuit(cortex: MotorCortex, intended: np.ndarray, step: Quantity) -> Circuit:
    """Return a population that fires for an intended velocity; its neurons are the group `neurons`.

    Args:
        cortex: which neurons.
        intended: `(step, 2)` in cm/s.
        step: how long each velocity is held.

    Raises:
        InputError: a population whose equations nobody has written for Brian2.
    """
    raise InputError(f"a {type(cortex).__name__} has no equations for Brian2; register a circuit for it.")


@circuit.register
def _cosine(cortex: CosineCortex, intended: np.ndarray, step: Quantity) -> Circuit:
    def build(clock: Clock) -> dict[str, BrianObject]:
        neurons = _firing(_COSINE, cortex.neurons, clock, _velocity(intended, step))
        neurons.preferred = cortex.preferred
        neurons.depth, neurons.speed = cortex.depth * Hz, cortex.speed * Hz
        neurons.base = cortex.base * Hz
        return {"neurons": neurons}

    return Circuit(build=build, neurons=cortex.neurons, dt=DT)


@circuit.register
def _rotating(cortex: RotatingCortex, intended: np.ndarray, step: Quantity) -> Circuit:
    frequencies, axes = cortex.weights.shape[1:]
    states = frequencies * axes

    def build(clock: Clock) -> dict[str, BrianObject]:
        courses = {"decay": cortex.decay * second, **_velocity(intended, step)}
        planes = NeuronGroup(states, _PLANES, method="rk4", namespace=courses, clock=clock, name="planes")
        planes.axis = np.tile(np.arange(axes), frequencies)
        planes.f = np.repeat(cortex.frequencies, axes) * Hz
        planes.g = np.repeat(np.abs(cortex.poles), axes) * Hz
        neurons = _firing(_ROTATING, cortex.neurons, clock, {"highest": cortex.highest * Hz})
        neurons.base = cortex.base * Hz
        mixing = Synapses(
            planes,
            neurons,
            "w_x : 1 (constant)\nw_y : 1 (constant)\ntotal_post = w_x*x_pre + w_y*y_pre : 1 (summed)",
            clock=clock,
            name="mixing",
        )
        mixing.connect()
        flat = cortex.weights.reshape(cortex.neurons, states)
        mixing.w_x, mixing.w_y = flat.real.T.ravel(), flat.imag.T.ravel()
        return {"planes": planes, "neurons": neurons, "mixing": mixing}

    return Circuit(build=build, neurons=cortex.neurons + states, dt=DT, synapses=cortex.neurons * states)


def _firing(equations: str, size: int, clock: Clock, namespace: dict[str, object]) -> NeuronGroup:
    return NeuronGroup(
        size, equations, threshold="rand() < rate*dt", namespace=namespace, clock=clock, name="neurons"
    )  # fmt: skip


def _velocity(intended: np.ndarray, step: Quantity) -> dict[str, TimedArray]:
    return {
        f"u_{axis}": TimedArray(values / SPEED, dt=step, name=f"velocity_{axis}")
        for axis, values in zip("xy", intended.T, strict=True)
    }
