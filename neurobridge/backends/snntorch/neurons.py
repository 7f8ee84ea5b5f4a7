"""The neurons of windowed codes, as snnTorch neurons: integrate a window, then fire a window."""

import snntorch
import torch
from torch import Tensor

from neurobridge.graph.codes import CODES, quantum
from neurobridge.graph.functions import function
from neurobridge.graph.neurons import first_membrane
from neurobridge.graph.nodes import Neurons, Population


def unlist(neuron: snntorch.SpikingNeuron) -> None:
    """Take a new neuron off the list in which snnTorch keeps every neuron alive for the life of the process.

    Neurons there are reset when any network is; ours carry nothing from one run to the next.
    """
    snntorch.SpikingNeuron.instances.remove(neuron)


class WindowedNeuron(snntorch.SpikingNeuron):
    """Integrates currents over a window, then fires for T steps against a threshold that adapts to its own spikes.

    A linear neuron starts its firing window at v / quantum + 1/2 (or a first membrane of its own) and fires against the
    weights of the code (radix: 2^(T-1) ... 1, latency: T-1 ... 1), subtracting each that it reached. A neuron with a
    threshold table fires iff its membrane passes the entry of the number it would have sent with this spike. An ON/OFF
    pair is one unit here, whose OFF neuron spikes -1.

    Attributes:
        mem: the membrane potential.
        sent: the number sent so far by the ON and by the OFF neuron.
        owns_drive: whether a drive handed to `number` may be overwritten: nobody else reads it.
    """

    def __init__(self, node: Population, code: str, dtype: torch.dtype) -> None:
        super().__init__(init_hidden=True)
        unlist(self)
        self.steps, self.paired = node.steps, node.paired
        self.weights = [int(w) for w in CODES[code].weights(node.steps)]
        self.levels = CODES[code].levels(node.steps)
        self.once = code == "latency"
        table = node.table if isinstance(node, Neurons) else None
        self.rising = table is None or not isinstance(node, Neurons) or function(node.function).increasing
        self.register_buffer("table", None if table is None else torch.as_tensor(table.copy(), dtype=dtype))
        unit = torch.as_tensor(1 / quantum(node.low, node.high, code, node.steps, node.paired), dtype=dtype)
        low = torch.as_tensor(0.0 if node.paired else node.low, dtype=dtype)
        self.register_buffer("gain", unit)
        self.register_buffer("low", low)
        self.register_buffer("first", torch.as_tensor(first_membrane(node), dtype=dtype))
        self._unscaled = bool((unit == 1).all() and (low == 0).all())
        self.owns_drive = False
        self.reset_window()

    def reset_window(self) -> None:
        """Forget the membrane and the numbers sent."""
        self.mem: Tensor | None = None
        self.sent: dict[int, Tensor | int] = {1: 0, -1: 0}
        self.step = 0

    def drive(self, x: Tensor) -> Tensor:
        """Return the membrane in units of the quantum (of itself where there is a table; negated if f falls)."""
        if self.table is not None:
            return x if self.rising else -x
        return x if self._unscaled else (x - self.low) * self.gain

    def number(self, x: Tensor) -> Tensor:
        """Return the number that the window will spell, in closed form, for a whole membrane `x`."""
        v = self.drive(x)
        if self.table is not None:
            n = torch.searchsorted(self.table, v.contiguous(), right=True).to(v.dtype)
            return n - self.levels if self.paired else n
        if self.paired:
            return (v.abs() + self.first).floor_().clamp_(max=self.levels).copysign(v)
        v = v.add_(self.first) if self.owns_drive and v is x else v + self.first
        return v.floor_().clamp_(0, self.levels)

    def integrate(self, current: Tensor) -> None:
        """Add a current to the membrane."""
        self.mem = current if self.mem is None else self.mem + current

    def forward(self, input_: Tensor | None = None, mem: Tensor | None = None) -> Tensor:
        """Return the spikes of the next step of the firing window.

        Args:
            input_: a current to add before.
            mem: a membrane potential to start from.
        """
        if mem is not None:
            self.mem = mem
        if input_ is not None:
            self.integrate(input_)
        weight = self.weights[self.step]
        self.step += 1
        spikes = self._rail(weight, 1)
        return spikes - self._rail(weight, -1) if self.paired else spikes

    def _rail(self, weight: int, sign: int) -> Tensor:
        sent = self.sent[sign]
        proposed = sent + weight
        v = self.drive(self.mem)
        if weight == 0:
            fires = torch.zeros_like(v, dtype=torch.bool)
        elif self.table is None:
            fires = v * sign + self.first >= proposed
        else:
            index = (proposed if isinstance(proposed, Tensor) else torch.full_like(v, proposed)).clamp(max=self.levels)
            offset = (self.levels if self.paired else 0) - 1
            index = index.long() + offset if sign > 0 else self.levels - index.long()
            fires = v >= self.table[index] if sign > 0 else v < self.table[index]
        if self.once and isinstance(sent, Tensor):
            fires = fires & (sent == 0)
        spikes = fires.to(v.dtype)
        self.sent[sign] = sent + weight * spikes
        return spikes
