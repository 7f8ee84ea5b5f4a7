"""What a spiking network did on a batch of inputs: outputs, spikes and operations per sample."""

from dataclasses import dataclass, field

from jaxtyping import Float, Int
from numpy import ndarray


@dataclass(frozen=True, kw_only=True)
class Activity:
    """Outputs, spikes and operations of one batch, ready to be added up over batches.

    Attributes:
        outputs: the decoded readout, first axis the sample.
        spikes: population -> spikes of each sample, summed over the population.
        neurons: population -> how many neurons it has (an ON/OFF pair counts as two).
        operations: synapses or gate -> accumulates of each sample: every spike times its actual fan-out.
        dense_operations: synapses or gate -> multiply-accumulates a sample costs when the map is not spiking.
        analog_operations: node -> multiply-accumulates a sample still costs in the spiking network,
            such as a constant analog input at every step.
        updates: population -> neuron updates of one sample (neurons times steps).
    """

    outputs: Float[ndarray, "sample ..."]
    spikes: dict[str, Int[ndarray, " sample"]]
    neurons: dict[str, int]
    operations: dict[str, Float[ndarray, " sample"]]
    dense_operations: dict[str, float]
    analog_operations: dict[str, float] = field(default_factory=dict)
    updates: dict[str, int] = field(default_factory=dict)
