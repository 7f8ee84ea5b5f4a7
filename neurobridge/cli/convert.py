"""`neurobridge convert MODULE:FACTORY`: a trained PyTorch network of one's own, as one file with a spiking network."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, final

from tyro.conf import Positional, arg

from neurobridge.ann.training.checkpoint import load_weights
from neurobridge.cli.output import show
from neurobridge.cli.sources import calibration, network, writable
from neurobridge.conversion.convert import convert
from neurobridge.conversion.files import save
from neurobridge.errors import lookup
from neurobridge.graph.codes import CODES, check_steps


@final
@dataclass(frozen=True)
class Config:
    """Turn a trained PyTorch network into a spiking one, and save it as one file.

    The network is built by your own code, filled with your weights, converted without retraining, and left as it was.
    Everything that is given is checked before the work begins. Opening the saved file executes nothing.

    Example: neurobridge convert my_models:small_cnn --weights w.safetensors --calibration x.npz --out net.nb
    """

    factory: Annotated[Positional[str], arg(metavar="MODULE:NAME")]
    """MODULE:NAME of a function without arguments, or a class, that gives an nn.Module; found as `python -m` would."""
    calibration: Path
    """An .npz or .npy file with one array of typical inputs, first axis the sample; labels aren't needed."""
    out: Path
    """The file to write."""
    weights: Path | None = None
    """A .safetensors file with the network's weights; the factory's own if left out."""
    code: str = "radix"
    """How spikes carry numbers: radix (accurate in few steps, layer by layer), rate (any hardware), latency (one spike
    a number at most), signed (takes back spikes that came too early)."""
    steps: int | Literal["auto"] = 8
    """T: steps in which a layer says one number; auto finds the fewest, population by population, for a target."""
    copies: int | Literal["auto"] = 1
    """Neurons that share each number, for so many times the levels in the same steps; auto finds the fewest."""
    rel_error: float | None = None
    """Target of auto: largest relative error of the outputs on the calibration data, such as 0.01."""
    disagreement: float | None = None
    """Target of auto: largest share of inputs with another choice than the network's own, 95 % upper bound."""
    json: bool = False
    """Print one JSON object instead of words."""


def main(config: Config) -> None:
    """Check everything, convert, save, and print the certificate."""
    lookup("code", config.code, CODES)
    if config.steps != "auto":
        check_steps(config.code, config.steps, "--steps")
    writable(config.out)
    inputs = calibration(config.calibration)
    model = network(config.factory)
    if config.weights is not None:
        load_weights(config.weights, model)
    snn = convert(
        model.eval(),
        inputs,
        code=config.code,
        steps=config.steps,
        copies=config.copies,
        rel_error=config.rel_error,
        disagreement=config.disagreement,
    )
    save(snn, config.out)
    show(
        {
            "out": config.out,
            "code": snn.code,
            "steps": snn.steps,
            "latency": snn.latency,
            "interval": snn.interval,
            "layers": snn.certificate.rows(),
            "operations": snn.certificate.operations,
        },
        f"{snn.certificate.table()}\n\n{snn.latency} steps from input to output, an input every {snn.interval} steps\n"
        f"saved: {config.out}",
        as_json=config.json,
    )
