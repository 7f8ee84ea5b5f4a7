"""Numbers that several neurons share: the levels of more steps in the same time, in every runtime and simulator."""

import numpy as np
import pytest
import torch
from torch import nn

import neurobridge as nb
from neurobridge.backends import simulator
from neurobridge.backends.nir.files import read, write
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.conversion.copies import copies_for, shareable, steps_with
from neurobridge.errors import CalibrationError, InputError, UnsupportedOperationError
from neurobridge.graph.codes import CODES
from neurobridge.graph.nodes import Gate, Neurons, Synapses, Winner
from tests.conversion.networks import CNN, MLP, Residual, images, seeded


class Recurrent(nn.Module):
    """An LSTM over six rows, read out at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.cells, self.head = nn.LSTM(6, 5, batch_first=True), nn.Linear(5, 3)
        seeded(self)

    def forward(self, x):
        return self.head(self.cells(x.flatten(1, 2))[0][:, -1])


def copies_of(graph) -> dict[str, int]:
    """Return population -> how many neurons share each of its numbers."""
    means = [n for n in graph.everywhere.values() if isinstance(n, Synapses) and n.name.endswith(":mean")]
    return {node.inputs[0].source: len(node.maps) for node in means}


def error(model, x, **options) -> float:
    network = nb.convert(model, x, **options)
    with torch.no_grad():
        wanted = model(x)
        return float((network(x) - wanted).norm() / wanted.norm())


def together(value, high, levels, copies):
    """The number that k neurons of L levels send together: floor(k |v| / quantum + 1/2), at most k L, v's sign."""
    size = np.floor(copies * np.abs(value) * levels / high + 0.5).clip(max=copies * levels)
    return np.sign(value) * size * high / levels / copies


@pytest.mark.parametrize(("code", "steps"), [("radix", 3), ("radix", 8), ("latency", 5)])
@pytest.mark.parametrize("copies", [1, 2, 3])
@pytest.mark.parametrize("function", [nn.ReLU(), nn.Tanh()])
def test_neurons_that_share_a_number_have_the_levels_of_all_together(code, steps, copies, function):
    model = nn.Sequential(nn.Linear(1, 1), function)
    nn.init.ones_(model[0].weight)
    nn.init.zeros_(model[0].bias)
    x = torch.linspace(-1.1, 1.1, 97)[:, None]
    network = nb.convert(model, x, code=code, steps=steps, copies=copies, dtype=torch.float64)
    inputs, levels = network.graph.inputs[0], CODES[code].levels(steps)
    first = network.graph.of(Neurons)[0]
    assert set(copies_of(network.graph).values()) == ({copies} if copies > 1 else set())
    coded = together(x.double().numpy(), float(inputs.high), levels, copies)
    value = function(torch.as_tensor(coded)).numpy()
    np.testing.assert_allclose(network(x.double()).numpy(), together(value, float(first.high), levels, copies))


@pytest.mark.parametrize("build", [MLP, Residual, Recurrent])
def test_four_neurons_a_number_are_worth_two_steps(build):
    """Rounding errors fall to about a quarter where all numbers are shared, at the same latency."""
    model, x = build(), images(400, 1)
    one, four, longer = (error(model, x, steps=steps, copies=copies) for steps, copies in ((7, 1), (7, 4), (9, 1)))
    assert four < one / (1.3 if build is Recurrent else 2.5)  # products have one neuron a number
    assert build is Recurrent or four == pytest.approx(longer, rel=0.5)


@pytest.mark.parametrize("name", ["snntorch", "brian2", "nengo"])
@pytest.mark.parametrize("code", ["radix", "latency"])
def test_every_simulator_fires_the_spikes_of_the_reference(name, code):
    graph = nb.convert(MLP(), images(60), code=code, steps=4, copies=3).graph
    given = (images(3, 5).double().numpy(),)
    expected, found = simulator("reference")(graph, given), simulator(name)(graph, given)
    assert len(expected.spikes) == 3 * 3
    for population, spikes in expected.spikes.items():
        np.testing.assert_array_equal(found.spikes[population], spikes)


def test_exact_arithmetic_holds_for_shared_numbers():
    network = nb.convert(MLP(), images(60), steps=4, copies=4)
    verdict = nb.verify(network, images(4, 3).numpy(), simulators=("snntorch", "nengo"), exact=True)
    assert verdict.differing == 0 < verdict.spikes


def test_the_first_spikes_of_gates_and_races_have_one_neuron():
    lstm = nb.convert(Recurrent(), images(60), steps=5, copies=2).graph
    released = {node.inputs[0].source for node in lstm.everywhere.values() if isinstance(node, Gate)}
    assert released and not released & {f"{name}:mean" for name in copies_of(lstm)}
    pooled = next(CNN(seed) for seed in range(9) if any(isinstance(m, nn.MaxPool2d) for m in CNN(seed).modules()))
    raced = nb.convert(pooled, images(60), steps=5, copies=2).graph
    before = {node.inputs[0].source for node in raced.of(Winner)}
    assert before and copies_of(raced) and not before & {f"{name}:mean" for name in copies_of(raced)}
    assert not before & {node.name for node in shareable(raced)}


def test_loops_share_numbers_inside():
    graph = nb.convert(Recurrent(), images(60), steps=5, copies=2).graph
    assert set(copies_of(graph)) - {node.name for node in graph.nodes}
    network = nb.convert(Recurrent(), images(60), steps=5, copies=2, dtype=torch.float64)
    x = images(5, 7).double()
    torch.testing.assert_close(network(x, runtime="fast"), network(x, runtime="stepped"))
    outputs = simulator("reference")(network.graph, (x.numpy(),)).outputs[0]
    np.testing.assert_allclose(network(x).numpy(), outputs, atol=1e-12)


def test_auto_meets_the_target_in_the_given_steps():
    model, x = MLP(), images(600, 1)
    plain = nb.convert(model, x, steps=6)
    network = nb.convert(model, x, steps=6, copies="auto", rel_error=0.004)
    assert plain.certificate.output_error > 0.01
    assert network.certificate.output_error <= 0.004
    assert network.latency == plain.latency
    assert all(node.steps == 6 for node in network.graph.populations)


def test_a_file_keeps_shared_numbers(tmp_path):
    network, x = nb.convert(Residual(), images(40), steps=4, copies=2), images(6, 4)
    nb.save(network, tmp_path / "net.nb")
    torch.testing.assert_close(nb.load(tmp_path / "net.nb")(x), network(x), rtol=0, atol=0)


@pytest.mark.parametrize(("code", "steps"), [("rate", 6), ("radix", 4)])
def test_the_certificate_counts_neurons_that_share_a_number_together(code, steps):
    one, four = (nb.convert(MLP(), images(200), code=code, steps=steps, copies=k).certificate for k in (1, 4))
    assert [row.population for row in four.populations] == [row.population for row in one.populations]
    assert [row.neurons for row in four.populations] == [4 * row.neurons for row in one.populations]
    for mine, alone in zip(four.populations, one.populations, strict=True):
        assert code == "rate" or mine.error < alone.error / 1.5  # repair spends some of it on the outputs
        assert mine.own_error < alone.own_error / 1.5
        assert mine.spikes_per_neuron == pytest.approx(alone.spikes_per_neuron, rel=0.3)


def test_a_file_without_first_membranes_is_refused(tmp_path):
    network = nb.convert(MLP(), images(60), code="rate", steps=6, copies=3)
    with pytest.raises(
        UnsupportedOperationError, match=r"first membranes \(relu, relu_1\), which the portable dialect"
    ):
        write(network, tmp_path / "net.nir", dialect="portable")
    write(network, tmp_path / "net.nir")
    back, x = SpikingNetwork(read(tmp_path / "net.nir")), images(5, 9)
    torch.testing.assert_close(back(x), network(x))


def test_a_network_that_answers_nothing_meets_every_target():
    model = MLP()
    torch.nn.init.zeros_(model.layers[-1].weight)
    torch.nn.init.zeros_(model.layers[-1].bias)
    for options in ({"steps": 4, "copies": "auto"}, {"steps": "auto"}):
        assert nb.convert(model, images(40), rel_error=np.float32(0.01), **options).certificate.output_error == 0


@pytest.mark.parametrize("code", ["radix", "latency"])
@pytest.mark.parametrize("copies", [1, 2, 5, 8])
def test_steps_and_neurons_are_exchanged(code, copies):
    """So many neurons have about the levels of one with more steps, and are found again from these."""
    finer = steps_with(6, copies, code)
    assert CODES[code].levels(finer) >= copies * CODES[code].levels(6)
    assert copies <= copies_for(6, finer, code) < 2 * copies + 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"copies": 0}, r"copies is 0; it is a whole number from 1 to 64, or 'auto'"),
        ({"copies": True}, r"copies is True; it is a whole number"),
        ({"copies": "many"}, r"copies is 'many'; it is a whole number from 1 to 64, or 'auto'"),
        ({"copies": 2, "code": "signed"}, r"copies is 2 for the signed code with steps=8; the rate code takes copies"),
        ({"copies": 2, "steps": "auto", "rel_error": 0.1}, r"copies is 2 for the radix code with steps='auto'"),
        ({"copies": "auto", "code": "rate", "rel_error": 0.1}, r"copies is 'auto' for the rate code with steps=8"),
        ({"copies": "auto", "steps": "auto", "rel_error": 0.1}, r"'auto' for the radix code with steps='auto'"),
        ({"copies": "auto", "latency": 24}, r"latency=24 is a target of steps='auto'; copies='auto' takes rel_error"),
        ({"copies": "auto"}, r"steps='auto' or copies='auto' needs one target between 0 and 1"),
        ({"copies": 2, "rel_error": 0.1}, r"a target takes steps='auto' or copies='auto'"),
    ],
)
def test_copies_that_cannot_be(options, message):
    with pytest.raises(InputError, match=message):
        nb.convert(MLP(), images(8), **options)


def test_a_target_that_races_stand_in_the_way_of_is_not_met():
    """A maximum over pixels has one neuron a number: two steps of it are too coarse, however many share the others."""
    model = seeded(nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(3, 2)))
    with pytest.raises(CalibrationError, match=r"not met in 2 steps with up to 64 neurons a number; give more steps"):
        nb.convert(model, images(200), steps=2, copies="auto", rel_error=0.01)
