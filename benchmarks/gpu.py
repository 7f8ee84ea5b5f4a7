"""What a GPU gives: training steps and converted samples a second, after everything has agreed with the CPU.

Each family of networks makes a few updates on the CPU and on the device from the same weights and batches; converted
networks fire on both in 64-bit numbers, and are counted there. What disagrees or fails is recorded and not timed, and
the exit code is then 1. Times are wall time between two synchronisations, medians.
"""

import copy
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Generator, Tensor, nn

from benchmarks import record
from benchmarks.runtime import _as_modules
from neurobridge import models, program, tasks
from neurobridge.ann.training import TrainingConfig
from neurobridge.ann.training.batches import Batches
from neurobridge.ann.training.device import resolve
from neurobridge.ann.training.optimizers import make
from neurobridge.ann.training.step import Updater
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.conversion.convert import convert
from neurobridge.errors import InputError
from neurobridge.tasks import SupervisedTask

# family -> (task, model)
FAMILIES: Mapping[str, tuple[str, str]] = {
    "MLP": ("digits-augmented", "mlp"),
    "CNN": ("digits-augmented", "cnn"),
    "residual CNN": ("digits-augmented", "residual-cnn"),
    "spatial transformer": ("digits-rotated", "stn-cnn"),
    "RNN": ("digits-augmented-rows", "rnn"),
    "LSTM": ("digits-augmented-rows", "lstm"),
    "GRU": ("digits-augmented-rows", "gru"),
    "Transformer": ("digits-augmented-rows", "transformer"),
    "CNN + LSTM": ("moving-digits", "cnn-lstm"),
    "language model": ("text-words", "language-model"),
    "sequence to sequence": ("numbers-to-words", "seq2seq"),
}
# family -> (code, steps) that it is converted with
CONVERTED: Mapping[str, tuple[tuple[str, int], ...]] = {
    "CNN": (("radix", 8), ("rate", 32)),
    "LSTM": (("radix", 8),),
    "Transformer": (("radix", 8),),
}
KINDS = ("cuda", "cpu")
FEW = ("MLP", "CNN", "LSTM")
VARIANTS: Mapping[str, TrainingConfig] = {
    "fp32": TrainingConfig(),
    "bf16": TrainingConfig(precision="bf16"),
    "fp32, compiled": TrainingConfig(compile=True),
    "bf16, compiled": TrainingConfig(precision="bf16", compile=True),
}
CHECKED_UPDATES = 5
LOSS_TOLERANCE = 1e-3  # relative; sums in another order drift apart with every update
OUTPUT_TOLERANCE = 1e-6  # relative, in 64-bit numbers, where hardly any spike can turn on the order of a sum


@dataclass
class Config:
    """Training steps and converted samples a second on a GPU, after everything has agreed with the CPU."""

    device: str = "cuda"
    """Where: cuda, cuda:1; cpu to try the program itself."""
    quick: bool = False
    """Few networks, small batches, few rounds: to see that it runs, not a result; written only if --out says where."""
    batch: int = 512
    """Samples in an update, and in a pass of a converted network."""
    rounds: int = 30
    """Timed repetitions, of which the median counts."""
    out: Path | None = None
    """Folder of the result; benchmarks/results if left out."""


def main(config: Config) -> None:
    """Check, measure, write gpu-DEVICE.json, and exit with 1 if the device disagreed with the CPU."""
    device = resolve(config.device)
    if device.type not in KINDS:
        raise InputError(
            f"device {config.device!r} has no 64-bit numbers to compare spikes in; use {', '.join(KINDS)}."
        )
    if config.quick:
        config = replace(config, batch=16, rounds=2)
    for exact in (torch.backends.cuda.matmul, torch.backends.cudnn):
        exact.allow_tf32 = False  # its products have 10 bits; the CPU's, which they are compared with, 24
    chosen = FEW if config.quick else tuple(FAMILIES)
    result = {
        "device": named(device),
        "cuda": torch.version.cuda,
        "quick": config.quick,
        "batch": config.batch,
        "training": {family: told(training, family, device, config) for family in chosen},
        "converted": {family: told(conversions, family, device, config) for family in chosen if family in CONVERTED},
        "spikingjelly": dict(spikingjelly(device, config)),
    }
    name = f"gpu-{re.sub('[^a-z0-9]+', '-', named(device).lower()).strip('-')}"
    folder = config.out or (None if config.quick else record.RESULTS)
    record.write(name, result, ("torch", "snntorch", "spikingjelly", "numpy", "triton"), folder)
    wrong = list(disagreements(result))
    if wrong:
        sys.exit(f"{named(device)} disagrees with the CPU: {'; '.join(wrong)}")


def named(device: torch.device) -> str:
    """Return what a device is called."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def told(measure: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Return what is measured; a fault ends its own part of the sheet and no other."""
    try:
        return measure(*arguments)
    except Exception as error:
        return {"agrees": False, "fault": f"{type(error).__name__}: {str(error)[:200]}"}


def training(family: str, device: torch.device, config: Config) -> dict[str, Any]:
    """Return whether a family trains alike on both devices, and its steps a second in every variant."""
    task = tasks.load(FAMILIES[family][0])
    assert isinstance(task, SupervisedTask)
    losses = [trained(family, task, torch.device(kind), config) for kind in ("cpu", device)]
    error = float(((losses[0] - losses[1]).abs() / losses[0].abs()).max())
    if not error < LOSS_TOLERANCE:
        return {"agrees": False, "largest difference of a loss": error}
    variants = ("fp32",) if config.quick else tuple(VARIANTS)
    speeds = {
        name: attempted(lambda name=name: steps_a_second(family, task, name, device, config)) for name in variants
    }
    return {"agrees": True, "largest difference of a loss": error, "steps a second": speeds}


def trained(family: str, task: SupervisedTask, device: torch.device, config: Config) -> Tensor:
    """Return the losses of a few updates, without dropout, whose random numbers differ between devices."""
    updater, batches, random = prepared(family, task, VARIANTS["fp32"], device, config)
    return torch.stack([updater.update(*next(batches), random)[0].cpu() for _ in range(CHECKED_UPDATES)])


def steps_a_second(family: str, task: SupervisedTask, variant: str, device: torch.device, config: Config) -> float:
    """Return the updates that a network makes in a second."""
    updater, batches, random = prepared(family, task, VARIANTS[variant], device, config)
    batch = next(batches)
    return 1 / seconds(lambda: updater.update(*batch, random), device, config.rounds)


def prepared(
    family: str, task: SupervisedTask, how: TrainingConfig, device: torch.device, config: Config
) -> tuple[Updater, Iterator[tuple[Tensor, Tensor]], Generator]:
    """Return what updates a new network, batches for it, and a source of random numbers."""
    model = models.build(FAMILIES[family][1], task, seed=0).to(device).eval()
    for module in model.modules():  # cuDNN's recurrent layers have no gradient in evaluation, others no dropout
        module.training = isinstance(module, nn.RNNBase) and not module.dropout
    forward = torch.compile(model) if how.compile else model
    updater = Updater(forward, make(how, model.parameters()), task.loss, how, device)
    split = task.train.head(CHECKED_UPDATES * config.batch)
    return updater, Batches(split, config.batch, device).epoch(0), Generator(device).manual_seed(0)


def conversions(family: str, device: torch.device, config: Config) -> dict[str, Any]:
    """Return, by code, whether a converted network fires alike on both devices, and its samples a second."""
    task = tasks.load(FAMILIES[family][0])
    assert isinstance(task, SupervisedTask)
    ann = models.build(FAMILIES[family][1], task, seed=0).eval()
    x = torch.from_numpy(task.test.inputs[: config.batch])
    found: dict[str, Any] = {"ANN": {"samples a second": len(x) / passes(ann, x, device, config)}}
    for code, steps in CONVERTED[family]:
        snn = convert(ann, task.calibration(64 if config.quick else 512), code=code, steps=steps, dtype=torch.float64)
        for runtime in ("fast", "stepped"):
            found[f"{code} T={steps}, {runtime}"] = told(converted, snn, x, runtime, device, config)
        found[f"{code} T={steps}, counted"] = told(counted, snn, x, device)
    return found


def counted(snn: Any, x: Tensor, device: torch.device) -> dict[str, Any]:
    """Return whether every population fires as often on the device, and reaches as many synapses."""
    here, there = snn.observe(x), moved(snn, device).observe(x.to(device))
    kinds = ((here.spikes, there.spikes), (here.operations, there.operations))
    unlike = sorted({name for mine, others in kinds for name in mine if (mine[name] != others[name]).any()})
    return {"agrees": not unlike, **({"unlike": unlike} if unlike else {})}


def converted(snn: Any, x: Tensor, runtime: str, device: torch.device, config: Config) -> dict[str, Any]:
    """Return whether one runtime agrees with the CPU in 64-bit numbers, and its samples a second in 32-bit ones."""
    here, there = snn(x, runtime=runtime), moved(snn, device)(x.to(device), runtime=runtime).cpu()
    error = float((here - there).abs().max() / here.abs().max())
    if not error < OUTPUT_TOLERANCE:
        return {"agrees": False, "largest difference": error}
    network = SpikingNetwork(snn.graph).to(device)
    taken = passes(lambda inputs: network(inputs, runtime=runtime), x, device, config)
    return {"agrees": True, "largest difference": error, "samples a second": len(x) / taken}


def moved(network: nn.Module, device: torch.device) -> nn.Module:
    """Return a copy of a network on a device."""
    return copy.deepcopy(network).to(device)


def passes(network: Callable[[Tensor], Tensor], x: Tensor, device: torch.device, config: Config) -> float:
    """Return the seconds of one pass over a batch that is on the device already."""
    network = moved(network, device) if isinstance(network, nn.Module) else network
    inputs = x.to(device)
    with torch.inference_mode():
        return seconds(lambda: network(inputs), device, config.rounds)


def spikingjelly(device: torch.device, config: Config) -> Iterator[tuple[str, Any]]:
    """Yield samples a second of SpikingJelly's converted CNN, by steps and backend, where it is installed."""
    try:
        from spikingjelly.activation_based import ann2snn, functional
    except ImportError:
        yield "left out", "spikingjelly isn't installed; `pip install neurobridge[peers]` in an environment of its own"
        return
    task = tasks.load("digits-augmented")
    assert isinstance(task, SupervisedTask)
    ann = models.build("cnn", task, seed=0).eval()
    x = torch.from_numpy(task.test.inputs[: config.batch]).to(device)
    data = torch.utils.data.TensorDataset(torch.from_numpy(task.calibration(512)), torch.zeros(512))
    loader = torch.utils.data.DataLoader(data, batch_size=256)
    recipe = ann2snn.RateCodingRecipe(dataloader=loader, mode="99.9%", channel_wise=True, half_threshold=True)
    for backend in ("torch", "cupy", "triton") if device.type == "cuda" else ("torch",):
        for steps in (8, 32):

            def measured(backend: str = backend, steps: int = steps) -> float:
                snn = ann2snn.Converter(recipe).convert(_as_modules(ann)).eval().to(device)
                functional.set_step_mode(snn, "m")
                functional.set_backend(snn, backend)
                repeated = x.unsqueeze(0).expand(steps, *x.shape)

                def run() -> Tensor:
                    functional.reset_net(snn)
                    return snn(repeated).sum(0)

                with torch.inference_mode():
                    return len(x) / seconds(run, device, config.rounds)

            yield f"T={steps}, {backend}", attempted(measured)


def attempted(measure: Callable[[], float]) -> float | str:
    """Return what is measured, or why it can't be: a compiler that is missing must not end the sheet."""
    try:
        return measure()
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"


def seconds(action: Callable[[], object], device: torch.device, rounds: int) -> float:
    """Return the median wall time of an action, which is done before it is timed and waited for after."""
    wait = partial(torch.cuda.synchronize, device) if device.type == "cuda" else lambda: None
    taken = []
    for number in range(rounds + 3):
        wait()
        begun = time.perf_counter()
        action()
        wait()
        if number >= 3:  # the first ones compile and choose kernels
            taken.append(time.perf_counter() - begun)
    return median(taken)


def disagreements(result: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield the places of a result that say `agrees: False`."""
    if result.get("agrees") is False:
        yield path
    for name, member in result.items():
        if isinstance(member, dict):
            yield from disagreements(member, f"{path}{' / ' if path else ''}{name}")


if __name__ == "__main__":
    program.run(Config, main)
