"""Step: a rectangular current pulse and the voltage it causes."""

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from brian2 import Quantity, ms
from matplotlib.figure import Figure

from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.quantities import shown, text
from neurobridge.neuro.recorders import Spikes, Traces
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import simulate
from neurobridge.neuro.stimuli import Stimulus, ramp, step
from neurobridge.plots.neurons import Row, axis_label, traces


@final
@dataclass(frozen=True, kw_only=True)
class Response(Result):
    """Voltage under a stimulus.

    Args:
        time: `(sample,)`.
        voltage: `(sample,)`.
        current: `(sample,)` what was injected.
        spikes: `(spike,)` times of spikes.
        title: what was injected, in words.
        peak: where spikes are drawn, NaN where the voltage has them by itself.
    """

    time: Quantity
    voltage: Quantity
    current: Quantity
    spikes: Quantity
    title: str
    peak: Any = np.nan

    def plot(self) -> Figure:
        """Return the voltage over the input, or the spikes where there is no voltage."""
        time, voltage, current = self.drawn()
        _, unit = shown(self.current)
        rows = [
            Row(label=axis_label("v", shown(self.voltage)[1]), values=voltage, height=1.6)
            if len(voltage)
            else Row(label="spikes", values=shown(self.spikes)[0], height=0.8, strokes=True),
            Row(label=axis_label("rate" if unit == "Hz" else "I", unit), values=current, height=0.6),
        ]
        return traces(time, rows, title=f"{self.model}, {self.title}: {len(self.spikes)} spikes")

    def drawn(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return time, voltage and current as plain numbers with every spike at its peak, as papers draw them.

        The samples before and after a step that resets the voltage do not show how far it went.
        """
        (time, _), (voltage, _), (current, _) = shown(self.time), shown(self.voltage), shown(self.current)
        peak, spikes = float(shown(self.peak)[0]), shown(self.spikes)[0]
        if np.isnan(peak) or not len(voltage):
            return time, voltage, current
        after = np.searchsorted(time, spikes, side="right")
        at = np.minimum(after, len(time) - 1)
        return np.insert(time, after, time[at]), np.insert(voltage, after, peak), np.insert(current, after, current[at])


def respond(
    model: NeuronModel,
    stimulus: Stimulus,
    duration: Quantity,
    title: str,
    seed: int | None = None,
    dt: Quantity | None = None,
) -> Response:
    """Return the voltage of one neuron under any stimulus."""
    kept = (model.voltage, "I") if model.voltage else ("I",)
    record = (Spikes("neurons"), Traces("neurons", kept))
    found = simulate(single(model, stimulus, dt=dt), duration, record, seed=seed)
    samples = found.traces["neurons"]
    return Response(
        model=model.name,
        time=samples.time,
        voltage=samples[model.voltage][0] if model.voltage else np.empty(0),
        current=samples["I"][0],
        spikes=found.spikes["neurons"].time,
        title=title,
        peak=model.peak_voltage(),
    )


def step_response(
    model: NeuronModel,
    amplitude: Quantity | None = None,
    *,
    start: Quantity = 20 * ms,
    width: Quantity = 200 * ms,
    duration: Quantity = 250 * ms,
    dt: Quantity | None = None,
    seed: int | None = None,
) -> Response:
    """Inject a step and record the voltage.

    Args:
        model: the neuron.
        amplitude: height of the step, the model's own drive if None.
        start: when it begins.
        width: how long it lasts.
        duration: length of the recording.
        dt: time step, the model's own if None.
        seed: start of the random numbers; that of `manner.running` if None.
    """
    height = model.drive if amplitude is None else amplitude
    return respond(model, step(height, start, width), duration, f"step of {text(height)}", seed, dt)


def ramp_response(
    model: NeuronModel, highest: Quantity | None = None, *, duration: Quantity = 500 * ms, seed: int | None = None
) -> Response:
    """Inject a current that rises from zero to `highest`, three times the model's drive if None.

    A squid axon stays silent for long on the way: a slow rise carries it past the onset of its oscillation.
    """
    top = 3 * model.drive if highest is None else highest
    return respond(model, ramp(0 * top, top, duration), duration, f"ramp to {text(top)}", seed)
