"""Speed of converted networks on the digits CNN: fast against stepped, the ANN itself, and SpikingJelly.

All on the same trained CNN, the same 256 images and one thread, in turn; ratios of median CPU times.
"""

from pathlib import Path

import torch

import neurobridge as nb
from benchmarks import record
from neurobridge.ann.training import fit_cached

BATCH, ROUNDS, SLOW_ROUNDS = 256, 41, 7
CACHE = Path("reports/benchmarks")


def main() -> None:
    """Measure, and write results/runtime.json."""
    torch.set_num_threads(1)
    task = nb.tasks.load("digits")
    ann, _ = fit_cached(task, "cnn", 0, CACHE)
    ann.eval()
    x = torch.from_numpy(task.test.inputs[:BATCH])
    calibration = task.calibration(512)
    radix = nb.convert(ann, calibration, code="radix", steps=8)
    rate = nb.convert(ann, calibration, code="rate", steps=32)
    with torch.inference_mode():
        quick = record.seconds(
            {"ann": lambda: ann(x), "radix fast": lambda: radix(x), "radix fast, counted": lambda: radix.observe(x)},
            ROUNDS,
        )
        slow = {
            "radix fast": lambda: radix(x),
            "radix stepped": lambda: radix(x, runtime="stepped"),
            "rate fast": lambda: rate(x),
            "rate stepped": lambda: rate(x, runtime="stepped"),
            **_spikingjelly(ann, calibration, x),
        }
        slow_seconds = record.seconds(slow, SLOW_ROUNDS)
    peers = {
        f"{name} / radix T=8 fast": slow_seconds[name] / slow_seconds["radix fast"]
        for name in slow
        if name.startswith("spikingjelly")
    }
    ratios = {
        "radix T=8: stepped / fast": slow_seconds["radix stepped"] / slow_seconds["radix fast"],
        "rate T=32: stepped / fast": slow_seconds["rate stepped"] / slow_seconds["rate fast"],
        "radix T=8 fast / ANN, logits only": quick["radix fast"] / quick["ann"],
        "radix T=8 fast / ANN, with spike counts": quick["radix fast, counted"] / quick["ann"],
        **peers,
    }
    record.write(
        "runtime",
        {"batch": BATCH, "ratios": ratios, "milliseconds": {k: 1e3 * v for k, v in {**slow_seconds, **quick}.items()}},
        ("torch", "snntorch", "spikingjelly", "numpy"),
    )


def _spikingjelly(ann: torch.nn.Module, calibration, x: torch.Tensor) -> dict:
    """Return SpikingJelly's converted network at T = 8 and 32: channel-wise 99.9 %, half threshold, its most exact."""
    try:
        from spikingjelly.activation_based import ann2snn, functional
    except ImportError:
        print("spikingjelly is not installed: `make bench` installs it; leaving it out")
        return {}
    data = torch.utils.data.TensorDataset(torch.from_numpy(calibration), torch.zeros(len(calibration)))
    loader = torch.utils.data.DataLoader(data, batch_size=256)
    recipe = ann2snn.RateCodingRecipe(dataloader=loader, mode="99.9%", channel_wise=True, half_threshold=True)
    snn = ann2snn.Converter(recipe).convert(_as_modules(ann)).eval()

    def run(steps: int) -> torch.Tensor:
        functional.reset_net(snn)
        return sum(snn(x) for _ in range(steps))

    return {"spikingjelly T=8": lambda: run(8), "spikingjelly T=32": lambda: run(32)}


def _as_modules(ann: torch.nn.Module) -> torch.nn.Module:
    """Return the same CNN with modules for activations: SpikingJelly does not see the functional form."""
    layers: list[torch.nn.Module] = []
    for convolution, norm in zip(ann.convolutions, ann.norms, strict=True):
        layers += [convolution, norm, torch.nn.ReLU(), ann.pool]
    return torch.nn.Sequential(*layers, torch.nn.Flatten(), ann.readout).eval()


if __name__ == "__main__":
    main()
