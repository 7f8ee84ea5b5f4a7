"""Names of array shapes: every axis is named once, and a wrong shape fails in tests."""

from jaxtyping import Bool, Float, Int, Shaped
from numpy import ndarray

Array = ndarray
Values = Float[ndarray, "..."]
"""Real numbers of any shape."""
Counts = Int[ndarray, "..."]
"""Whole numbers of any shape, such as spikes per neuron."""
Batch = Shaped[ndarray, "sample ..."]
"""Any numbers whose first axis is the sample."""
SpikeTrain = Bool[ndarray, "step sample ..."]
"""Spikes on a grid of time steps."""
WeightMatrix = Float[ndarray, "target source"]
Vector = Float[ndarray, " channel"]
