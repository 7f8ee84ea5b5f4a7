"""Membrane impedance: voltage over current at each frequency, by sines in one run or by one chirp."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Hz, Quantity, second
from matplotlib.figure import Figure

from neurobridge.errors import InputError
from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.protocols.step import Response, respond
from neurobridge.neuro.quantities import shown, text
from neurobridge.neuro.recorders import Traces
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import complete
from neurobridge.neuro.stimuli import chirp, sine
from neurobridge.plots.neurons import Series, axis_label, curve


@final
@dataclass(frozen=True, kw_only=True)
class Impedance(Result):
    """Impedance against frequency.

    Args:
        frequency: `(point,)`.
        magnitude: `(point,)` voltage amplitude over current amplitude.
        phase: `(point,)` in radians, negative where the voltage lags.
    """

    frequency: Quantity
    magnitude: Quantity
    phase: np.ndarray

    def plot(self) -> Figure:
        """Return magnitude against frequency."""
        magnitude, unit = shown(self.magnitude)
        line = Series(x=shown(self.frequency)[0], y=magnitude)
        return curve([line], "frequency [Hz]", axis_label("|Z|", unit), self.model, logarithmic="x")


def impedance(
    model: NeuronModel,
    frequencies: Quantity | None = None,
    *,
    amplitude: Quantity | None = None,
    mean: Quantity | None = None,
    cycles: int = 4,
    dt: Quantity | None = None,
) -> Impedance:
    """Measure the impedance with one sine a frequency, all in one simulation.

    Args:
        model: the neuron.
        frequencies: if None, 20 from 2 to 200 Hz.
        amplitude: of the sines, small enough to be linear; a hundredth of the drive if None.
        mean: constant input underneath, zero if None.
        cycles: of the lowest frequency that are simulated; the first half is left out.
        dt: time step, the model's own if None.

    Raises:
        InputError: the model has no membrane.
    """
    if not model.voltage:
        raise InputError(f"{model.name} has no membrane, so it has no impedance; take a model with a voltage.")
    values = np.geomspace(2, 200, 20) * Hz if frequencies is None else frequencies
    height = 0.01 * model.drive if amplitude is None else amplitude
    level = 0 * model.drive if mean is None else mean
    circuit = single(model, sine(height, values, level), len(values), dt)
    record = [Traces("neurons", (model.voltage,), which=tuple(range(len(values))))]
    samples = complete(circuit, cycles / min(values), record).traces["neurons"]
    voltage = np.asarray(samples[model.voltage])
    response = np.array(
        [_component(np.asarray(samples.time), row, float(f)) for row, f in zip(voltage, values, strict=True)]
    )
    unit = Quantity(1.0, dim=samples[model.voltage].dim) / Quantity(1.0, dim=getattr(height, "dim", None) or {})
    return Impedance(
        model=model.name, frequency=values, magnitude=np.abs(response) / float(height) * unit, phase=np.angle(response)
    )


def _component(time: np.ndarray, voltage: np.ndarray, frequency: float) -> complex:
    """Return amplitude and phase of a sine in the second half of a trace, over whole cycles, by least squares."""
    late = time >= time[-1] / 2
    angle = 2 * np.pi * frequency * time[late]
    design = np.stack([np.sin(angle), np.cos(angle), np.ones(late.sum())], axis=1)
    (in_phase, quadrature, _), *_ = np.linalg.lstsq(design, voltage[late], rcond=None)
    return complex(in_phase, quadrature)


def chirp_response(
    model: NeuronModel,
    *,
    amplitude: Quantity | None = None,
    lowest: Quantity = 1 * Hz,
    highest: Quantity = 100 * Hz,
    duration: Quantity = 1 * second,
) -> Response:
    """Inject a sine whose frequency rises, a tenth of the model's drive high if `amplitude` is None."""
    height = 0.1 * model.drive if amplitude is None else amplitude
    title = f"chirp from {text(lowest)} to {text(highest)}"
    return respond(model, chirp(height, lowest, highest, duration, 0 * height), duration, title)
