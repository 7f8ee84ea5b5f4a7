"""SpikingJelly's and sinabs' converters, in every mode that fits: (images, steps) -> choices, spikes.

Both take modules for activations only, so the networks are handed over in that form; it computes the same.
"""

import copy
from collections.abc import Callable, Mapping
from itertools import chain, repeat

import numpy as np
import torch
from torch import nn

Run = Callable[[torch.Tensor, tuple[int, ...]], dict[int, tuple[np.ndarray, float]]]
PREFIXES = ("spikingjelly", "sinabs")
RATE_CODING = {
    "largest": {"mode": "Max"},
    "99.9 %": {"mode": "99.9%"},
    "channels, largest, half": {"mode": "Max", "channel_wise": True, "half_threshold": True},
    "channels, 99.9 %, half": {"mode": "99.9%", "channel_wise": True, "half_threshold": True},
    "channels, 99 %, half": {"mode": "99%", "channel_wise": True, "half_threshold": True},
}
SINABS = {"threshold 1": 1.0, "threshold 0.5": 0.5, "threshold 2": 2.0}
BALANCING_BATCH, BALANCING_PASSES = 16, 4


def is_peer(name: str) -> bool:
    """Return whether a contender is another library's."""
    return name.startswith(PREFIXES)


def contenders(ann: nn.Module, calibration: torch.Tensor) -> Mapping[str, Run]:
    """Return name -> run for the peers that are installed."""
    network = as_modules(copy.deepcopy(ann)).eval()
    with torch.no_grad():
        assert torch.allclose(network(calibration[:64]), ann(calibration[:64]), atol=1e-3)
    return {**_spikingjelly(network, calibration), **_sinabs(network)}


def as_modules(ann: nn.Module) -> nn.Module:
    """Return the same network with modules for activations."""
    if hasattr(ann, "blocks"):
        stem = (ann.stem, ann.stem_norm, nn.ReLU())
        return nn.Sequential(*stem, *map(_Block, ann.blocks), nn.AdaptiveAvgPool2d(1), nn.Flatten(), ann.readout)
    layers: list[nn.Module] = []
    for convolution, norm in zip(ann.convolutions, ann.norms, strict=True):
        layers += [convolution, norm, nn.ReLU(), ann.pool]
    return nn.Sequential(*layers, nn.Flatten(), ann.readout)


class _Block(nn.Module):
    """A residual block whose activations are modules."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.first = nn.Sequential(block.first, block.first_norm, nn.ReLU())
        self.second = nn.Sequential(block.second, block.second_norm)
        self.shortcut, self.activation = block.shortcut, nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.activation(self.shortcut(x) + self.second(self.first(x)))


def _spikingjelly(network: nn.Module, calibration: torch.Tensor) -> Mapping[str, Run]:
    try:
        from spikingjelly.activation_based import ann2snn, functional, neuron
    except ImportError:
        print("spikingjelly is not installed: `make bench` installs it; leaving it out")
        return {}
    batches = [(part, None) for part in calibration.split(256)]
    small = [(part, None) for part in calibration.split(BALANCING_BATCH)]
    recipes = {
        name: lambda kind=kind: ann2snn.RateCodingRecipe(dataloader=batches, **kind)
        for name, kind in RATE_CODING.items()
    }
    # its thresholds move a little with each batch: a large batch once leaves them far too low
    several = list(chain.from_iterable(repeat(small, BALANCING_PASSES)))
    recipes["local threshold balancing"] = lambda: ann2snn.LocalThresholdBalancingRecipe(dataloader=several)

    @torch.no_grad()
    def run(recipe: Callable[[], object], x: torch.Tensor, steps: tuple[int, ...]):
        snn = ann2snn.Converter(recipe()).convert(copy.deepcopy(network)).eval()
        counted = _Counter(snn, neuron.BaseNode)
        return _stepwise(lambda: functional.reset_net(snn), snn, counted, x, steps)

    return {f"spikingjelly, {n}": lambda x, steps, r=r: run(r, x, steps) for n, r in recipes.items()}


def _stepwise(reset, snn, counted, x, steps):
    totals: dict[int, list[np.ndarray]] = {step: [] for step in steps}
    spikes = dict.fromkeys(steps, 0.0)
    for part in x.split(500):
        reset()
        counted.count, total = 0.0, 0.0
        for step in range(1, max(steps) + 1):
            total = total + snn(part)
            if step in totals:
                totals[step].append(total.argmax(dim=1).numpy().astype(np.uint8))
                spikes[step] += counted.count
    return {step: (np.concatenate(parts), spikes[step] / len(x)) for step, parts in totals.items()}


class _Counter:
    """Counts the spikes of all neurons of a kind; what they send may be scaled."""

    def __init__(self, network: nn.Module, kind: type[nn.Module]) -> None:
        self.count = 0.0
        for module in network.modules():
            if isinstance(module, kind):
                module.register_forward_hook(self._add)

    def _add(self, module: nn.Module, inputs: object, output: torch.Tensor) -> None:
        self.count += float((output != 0).sum())


def _sinabs(network: nn.Module) -> Mapping[str, Run]:
    try:
        import sinabs
        from sinabs.from_torch import from_model
    except ImportError:
        print("sinabs is not installed: `make bench` installs it; leaving it out")
        return {}

    @torch.no_grad()
    def run(threshold: float, x: torch.Tensor, steps: tuple[int, ...]):
        most = max(steps)
        level = torch.tensor(threshold)
        snn = from_model(copy.deepcopy(network), num_timesteps=most, spike_threshold=level).spiking_model.eval()
        sent: list[torch.Tensor] = []
        for module in snn.modules():
            if isinstance(module, sinabs.layers.StatefulLayer):
                module.register_forward_hook(
                    lambda m, i, y: sent.append(y.flatten(1).sum(dim=1).unflatten(0, (-1, most)))
                )
        choices: dict[int, list[np.ndarray]] = {step: [] for step in steps}
        spikes = dict.fromkeys(steps, 0.0)
        for part in x.split(100):
            sent.clear()
            sinabs.reset_states(snn)
            totals = snn(part.repeat_interleave(most, 0)).unflatten(0, (len(part), most)).cumsum(dim=1)
            for step in steps:
                choices[step].append(totals[:, step - 1].argmax(dim=1).numpy().astype(np.uint8))
                spikes[step] += sum(float(each[:, :step].sum()) for each in sent)
        return {step: (np.concatenate(parts), spikes[step] / len(x)) for step, parts in choices.items()}

    return {f"sinabs, {name}": lambda x, steps, t=t: run(t, x, steps) for name, t in SINABS.items()}
