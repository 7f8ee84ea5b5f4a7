"""How a whole number between 0 and L becomes spikes: the codes, and nothing about what the numbers mean."""

from abc import ABC, abstractmethod

import numpy as np
from jaxtyping import Float, Int, Shaped
from numpy import ndarray

from neurobridge.errors import InputError, lookup


class Code(ABC):
    """A code writes n in [0, L] as at most T spikes of one neuron.

    Attributes:
        name: what users call it.
        streaming: whether layers work at the same time, step by step; else each integrates a window, then fires one.
        averages: whether a streaming network gets its inputs and biases at every step, and a number is the mean over
            the run; else it gets them once, and every spike adds its part for good.
        gates: whether products and functions other than relu and clip can be carried.
    """

    name: str
    streaming: bool
    averages: bool = False
    gates: bool

    def standing(self, steps: int) -> int:
        """Return the steps of each population in a network that is given `steps`: all of them."""
        return steps

    @property
    def takes_back(self) -> bool:
        """Whether a streaming network gets its inputs once, and corrects with spikes of both signs."""
        return self.streaming and not self.averages

    @abstractmethod
    def levels(self, steps: int) -> int:
        """Return L, the largest number that `steps` steps can carry."""

    @abstractmethod
    def weights(self, steps: int) -> Float[ndarray, " step"]:
        """Return what a spike at each step adds to n."""

    @abstractmethod
    def planes(self, numbers: Int[ndarray, "..."], steps: int) -> Int[ndarray, "step ..."]:
        """Return the spikes of `numbers`; the spikes of the OFF neuron of a negative number count as -1."""

    @abstractmethod
    def count(self, numbers: Int[ndarray, "..."]) -> Int[ndarray, "..."]:
        """Return how many spikes carry each number."""

    def decode(self, planes: Shaped[ndarray, "step ..."]) -> Float[ndarray, "..."]:
        """Return the numbers that spikes carry."""
        return np.tensordot(self.weights(len(planes)), planes, axes=1)


class Rate(Code):
    """n spikes in T steps, by integrate-and-fire neurons with soft reset; Cao et al. 2015, Diehl et al. 2015."""

    name = "rate"
    streaming = True
    averages = True
    gates = False

    def levels(self, steps: int) -> int:
        """Return T."""
        return steps

    def weights(self, steps: int) -> Float[ndarray, " step"]:
        """Return ones."""
        return np.ones(steps)

    def planes(self, numbers: Int[ndarray, "..."], steps: int) -> Int[ndarray, "step ..."]:
        """Return the spikes of a neuron that starts at half its threshold and is driven at a constant n / T."""
        ramp = np.arange(1, steps + 1).reshape(-1, *[1] * np.ndim(numbers))
        total = (np.abs(numbers) * ramp * 2 + steps) // (2 * steps)
        return np.sign(numbers) * np.diff(total, axis=0, prepend=0)

    def count(self, numbers: Int[ndarray, "..."]) -> Int[ndarray, "..."]:
        """Return |n|."""
        return np.abs(numbers)


class Signed(Code):
    """n spikes minus the spikes, of sign -1, that take back what was sent too early: exact once all are silent."""

    name = "signed"
    streaming = True
    gates = False

    def standing(self, steps: int) -> int:
        """Return three quarters, the others for taking back: measured best for a network of 3 layers and one of 10."""
        return max(1, 3 * steps // 4)

    def levels(self, steps: int) -> int:
        """Return T, one spike a step."""
        return steps

    def weights(self, steps: int) -> Float[ndarray, " step"]:
        """Return ones."""
        return np.ones(steps)

    def planes(self, numbers: Int[ndarray, "..."], steps: int) -> Int[ndarray, "step ..."]:
        """Return the spikes of a neuron that gets its whole drive at the first step: one a step until all are sent."""
        ramp = np.arange(1, steps + 1).reshape(-1, *[1] * np.ndim(numbers))
        return np.sign(numbers) * (ramp <= np.abs(numbers))

    def count(self, numbers: Int[ndarray, "..."]) -> Int[ndarray, "..."]:
        """Return |n|, the fewest spikes."""
        return np.abs(numbers)


class Radix(Code):
    """The binary digits of n, most significant first; Stoeckl and Maass 2021 call its neuron few-spike."""

    name = "radix"
    streaming = False
    gates = True

    def levels(self, steps: int) -> int:
        """Return 2^T - 1."""
        return 2**steps - 1

    def weights(self, steps: int) -> Float[ndarray, " step"]:
        """Return 2^(T-1) ... 1."""
        return 2.0 ** np.arange(steps - 1, -1, -1)

    def planes(self, numbers: Int[ndarray, "..."], steps: int) -> Int[ndarray, "step ..."]:
        """Return the binary digits."""
        shifts = np.arange(steps - 1, -1, -1).reshape(-1, *[1] * np.ndim(numbers))
        return np.sign(numbers) * (np.abs(numbers) >> shifts & 1)

    def count(self, numbers: Int[ndarray, "..."]) -> Int[ndarray, "..."]:
        """Return the ones among the binary digits."""
        left, ones = np.abs(numbers), np.zeros_like(numbers)
        while np.any(left):
            ones, left = ones + (left & 1), left >> 1
        return ones


class Latency(Code):
    """At most one spike, the earlier the larger n; its slot is the value; Thorpe et al. 2001, Park et al. 2020."""

    name = "latency"
    streaming = False
    gates = True

    def levels(self, steps: int) -> int:
        """Return T - 1: the last slot, like silence, is zero."""
        return steps - 1

    def weights(self, steps: int) -> Float[ndarray, " step"]:
        """Return T - 1 ... 0."""
        return np.arange(steps - 1.0, -1.0, -1.0)

    def planes(self, numbers: Int[ndarray, "..."], steps: int) -> Int[ndarray, "step ..."]:
        """Return one spike at step T - n (counted from one), none for zero."""
        slots = np.arange(steps - 1, -1, -1).reshape(-1, *[1] * np.ndim(numbers))
        return np.sign(numbers) * ((np.abs(numbers) == slots) & (slots > 0))

    def count(self, numbers: Int[ndarray, "..."]) -> Int[ndarray, "..."]:
        """Return one, or none for zero."""
        return np.abs(np.sign(numbers))


CODES: dict[str, Code] = {code.name: code for code in (Rate(), Signed(), Radix(), Latency())}

MAX_STEPS = {"rate": 4096, "signed": 4096, "radix": 16, "latency": 4096}
"""Radix codes beyond 16 steps would not be whole numbers in single precision."""


def check_steps(code: str, steps: object, where: str = "steps") -> None:
    """Refuse a number of steps that a code cannot have.

    Raises:
        InputError: fewer than 1 (2 for latency), not a whole number, or more than `MAX_STEPS`.
    """
    lookup("code", code, CODES)
    least, most = (2 if code == "latency" else 1), MAX_STEPS[code]
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or not least <= steps <= most:
        raise InputError(f"{where} is {steps!r}; the {code} code takes a whole number from {least} to {most}")


def quantum(low: ndarray, high: ndarray, code: str, steps: int, paired: bool) -> Float[ndarray, "..."]:
    """Return the value of n = 1: (high - low) / L, or high / L for ON/OFF pairs."""
    span = high if paired else high - low
    return np.asarray(span / CODES[code].levels(steps), dtype=float)
