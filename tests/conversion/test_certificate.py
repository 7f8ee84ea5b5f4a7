"""Certificates: complete, true, and narrow enough for a terminal; ranges as calibration says; flips in float32."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import neurobridge as nb
from neurobridge.conversion.certificate import KINDS, Certificate, Row
from neurobridge.conversion.ranges import GRID, RADIX_MARGIN
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Neurons, Synapses
from neurobridge.graph.reference import run
from tests.conversion.networks import CNN, MLP, Residual, images, seeded

SETTINGS = pytest.mark.parametrize(("code", "steps"), [("radix", 8), ("latency", 16), ("rate", 16), ("signed", 16)])


@SETTINGS
@pytest.mark.parametrize("model", [CNN(1), Residual(0)], ids=["cnn", "residual"])
def test_every_node_and_every_population_appears(model, code, steps):
    network = nb.convert(model, images(32), code=code, steps=steps)
    certificate, graph = network.certificate, network.graph
    assert [row["node"] for row in certificate.operations] == [node.name for node in graph.nodes]
    assert {row["kind"] for row in certificate.operations} <= set(KINDS.values())
    coded = [n.name for n in graph.populations if not (isinstance(n, Encode) and n.current)]
    assert [row.population for row in certificate.populations] == coded
    assert certificate.samples == 32
    places = [row["operation"] for row in certificate.operations if row["kind"] == "neurons"]
    assert places
    assert all("networks.py" in place for place in places)
    assert all("networks.py" in node.origin for node in graph.of(Synapses) if not node.name.endswith("correction"))


@SETTINGS
def test_rows_say_what_the_raster_and_the_values_say(code, steps):
    """Spikes a neuron, the range seen and the share beyond it, recomputed from spikes and from the network itself."""
    model, x = MLP(2).requires_grad_(False), images(64, 2)
    network = nb.convert(model, x, code=code, steps=steps)
    raster = network.raster(x)
    hidden = torch.relu(model.layers[1](x.flatten(1))).detach()
    row = next(row for row in network.certificate.populations if row.function == "relu")
    node = network.graph.by_name[row.population]
    assert row.spikes_per_neuron == pytest.approx(np.abs(raster[row.population]).sum() / (64 * 12))
    assert row.observed_max == pytest.approx(float(hidden.max()), rel=1e-5)
    assert row.observed_min == 0
    assert row.theta_max == pytest.approx(float(node.high.max()))
    assert row.neurons == 12
    assert row.clipped == pytest.approx(float((hidden > torch.as_tensor(node.high) + 1e-6).double().mean()), abs=2e-3)
    unit = torch.as_tensor(node.high) / CODES[code].levels(node.steps)
    coded = (torch.floor(hidden / unit + 0.5) * unit).clamp(max=torch.as_tensor(node.high))
    assert row.own_error == pytest.approx(float((coded - hidden).norm() / hidden.norm()), rel=0.05)
    assert network.certificate.output_error == pytest.approx(
        float((network(x) - model(x)).norm() / model(x).norm()), rel=0.01
    )
    same = (network(x).argmax(1) == model(x).argmax(1)).double().mean()
    assert network.certificate.agreement == pytest.approx(float(same))


@settings(max_examples=60)
@given(
    name=st.text("abcde_1", min_size=1, max_size=60),
    numbers=st.lists(st.floats(0, 1e30), min_size=9, max_size=9),
    neurons=st.integers(1, 10**9),
)
def test_the_table_fits_eighty_columns(name, numbers, neurons):
    low, least, most, seen, top, clipped, own, error, spikes = numbers
    row = Row(
        population=name,
        operation="relu",
        function="reciprocal_sqrt",
        neurons=neurons,
        steps=8,
        low=low,
        theta_min=least,
        theta_max=most,
        observed_min=seen,
        observed_max=top,
        clipped=min(clipped, 1.0),
        own_error=own,
        error=error,
        spikes_per_neuron=min(spikes, 4096.0),
    )
    table = Certificate(populations=(row,), operations=(), samples=1, output_error=0.0, agreement=1.0).table()
    assert max(map(len, table.splitlines())) <= 80
    assert len({len(line) for line in table.splitlines()}) == 1
    assert all(" " in line[15:] for line in table.splitlines())


def test_rows_are_plain_records():
    rows = nb.convert(MLP(), images(16)).certificate.rows()
    assert set(rows[0]) == {field.name for field in fields(Row)}


def test_fine_codes_leave_a_margin_and_coarse_ones_choose_a_clipping_ratio():
    model, x = MLP(2), images(64, 2)
    hidden = torch.relu(model.layers[1](x.flatten(1))).detach()
    fine = nb.convert(model, x, steps=8).graph.of(Neurons)[0]
    top = hidden.amax(dim=0).double().numpy()
    # a little more where coded inputs drive a neuron beyond what the real network showed
    assert np.all(fine.high.reshape(-1)[top > 0] >= (RADIX_MARGIN * top)[top > 0] * (1 - 1e-6))
    assert np.all(fine.high.reshape(-1)[top > 0] <= (RADIX_MARGIN * top)[top > 0] * 1.02)
    coarse = nb.convert(model, x, steps=2).graph.of(Neurons)[0]
    for channel in np.flatnonzero(top > 0):
        values = hidden[:, channel].double().numpy()

        def error(theta: float, values: np.ndarray = values) -> float:
            coded = np.clip(np.floor(values / (theta / 3) + 0.5), 0, 3) * theta / 3
            return float(np.sum((coded - values) ** 2))

        best = min(error(ratio * top[channel]) for ratio in GRID)
        assert error(coarse.high.reshape(-1)[channel]) == pytest.approx(best, rel=0.05)


def flips(graph: Graph, x: torch.Tensor) -> float:
    """Return the share of spikes in which the float32 network differs from the float64 reference."""
    raster = nb.backends.snntorch.network.SpikingNetwork(graph).raster(x)
    exact = run(graph, x.double().numpy()).spikes
    wrong = sum(np.count_nonzero(raster[name] != spikes) for name, spikes in exact.items())
    return wrong / sum(spikes.size for spikes in exact.values())


@pytest.mark.parametrize(("code", "steps"), [("radix", 8), ("rate", 32)])
def test_single_precision_flips_few_spikes(code, steps):
    """Rounding flips only spikes at the threshold: none was seen in 3 networks of either code, the bound is 1e-3."""
    torch.manual_seed(0)
    model, x = CNN(1), images(64, 1)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    model.train()
    for _ in range(30):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), (x.mean(dim=(1, 2, 3)) * 10).long() % 5).backward()
        optimizer.step()
    graph = nb.convert(model, x, code=code, steps=steps).graph
    assert flips(graph, images(32, 3)) < 1e-3


def test_biases_of_rate_networks_are_corrected_on_spikes():
    """The mean rate of each channel is nearer to the network's own than without the correction."""
    from neurobridge.backends.snntorch.analog import AnalogNetwork
    from neurobridge.conversion.correct import correct_on_spikes

    model = seeded(nn.Sequential(*[m for _ in range(4) for m in (nn.Linear(8, 8), nn.ReLU())]), 3)
    x = torch.rand(200, 8)
    graph = nb.convert(model, x, code="radix", steps=8).graph
    plain = replace(
        graph,
        code="rate",
        steps=6,
        nodes=tuple(
            replace(n, steps=6, current=True)
            if isinstance(n, Encode)
            else replace(n, steps=6)
            if isinstance(n, Neurons)
            else n
            for n in graph.nodes
        ),
    )
    network = nb.backends.snntorch.network.SpikingNetwork
    corrected = correct_on_spikes(plain, AnalogNetwork(plain), [(x,)])
    wanted = model(x).mean(dim=0)
    before, after = ((network(g)(x).mean(dim=0) - wanted).abs().max().item() for g in (plain, corrected))
    assert after < before / 2
