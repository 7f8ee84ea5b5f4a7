"""`neurobridge simulate`: lists, runs by name with parameters, checks, and refuses what it doesn't know."""

import json
import subprocess
import sys

import pytest

from neurobridge.cli.simulate import Config, main
from neurobridge.errors import InputError, SimulationError, UnknownNameError
from neurobridge.neuro import catalogue, ranges, simulate
from neurobridge.neuro.result import load


def test_without_a_name_it_lists(capsys):
    main(Config())
    text = capsys.readouterr().out
    assert "hodgkin-huxley" in text
    assert "brunel" in text
    assert max(map(len, text.splitlines())) <= 80
    main(Config(json=True))
    neurons = json.loads(capsys.readouterr().out)["neuron"]
    assert "fi-curve" in neurons["protocols"]
    assert "tonic" in neurons["variants"]["adaptive-exponential"]


def test_a_neuron_with_another_parameter(tmp_path, capsys):
    main(Config(name="leaky", protocol="step", set=("V_th=-55mV",), out=tmp_path / "leaky.png", json=True))
    told = json.loads(capsys.readouterr().out)
    assert (tmp_path / "leaky.png").stat().st_size > 5000
    assert load(told["numbers"]).model == "leaky"
    # E_L + R I = -45 mV: a lower threshold is reached sooner, 8 ms ln(25/10) = 7.3 ms after the onset at 20 ms
    assert load(told["numbers"]).spikes[0] * 1e3 == pytest.approx(27.33, abs=0.1)


@pytest.mark.parametrize("name", ["depressing", "pair", "ampa"])
def test_every_kind_has_a_usual_protocol(name, tmp_path, capsys):
    main(Config(name=name, out=tmp_path / "figure.png"))
    assert (tmp_path / "figure.png").exists()
    assert capsys.readouterr().out.startswith("kind: ")


def test_checks_print_value_target_source_and_verdict(capsys):
    main(Config(check=True, only="Siegert"))
    lines = capsys.readouterr().out
    assert max(map(len, lines.splitlines())) <= 80
    text = " ".join(lines.split())
    assert "ok Siegert's rate, case of NEST's test [Hz]: 27.1096 (published 27.1096" in text
    assert "6 of 6 published numbers reproduced" in text
    main(Config(check=True, only="van Rossum", json=True))
    (row,) = json.loads(capsys.readouterr().out)
    assert row["passed"]
    assert row["target"] == 0.719975


def test_a_number_that_is_off_ends_in_an_error(monkeypatch, capsys):
    from neurobridge.neuro import checks
    from neurobridge.neuro.checks.check import Check

    wrong = Check(name="two", value=lambda: 1.0, target=2.0, tolerance=0.1, source="nowhere 1900")
    monkeypatch.setattr(checks, "CHECKS", (wrong,))
    with pytest.raises(SimulationError, match=r"not reproduced: two\."):
        main(Config(check=True))
    assert "OFF two: 1 (published 2 +- 0.1; nowhere 1900)" in capsys.readouterr().out


def test_a_name_of_two_kinds_is_told_apart_by_its_kind(tmp_path, capsys):
    with pytest.raises(InputError, match="is a neuron and a synapse; write neuron:exponential or synapse:exponential"):
        main(Config(name="exponential"))
    main(Config(name="synapse:exponential", out=tmp_path / "figure.png"))
    assert "kind: PostsynapticResponse" in capsys.readouterr().out
    main(Config(name="neuron:izhikevich:class-1", out=tmp_path / "figure.png"))
    assert "model: izhikevich:class-1" in capsys.readouterr().out
    with pytest.raises(UnknownNameError, match="unknown synapse 'expo'; did you mean 'exponential'"):
        main(Config(name="synapse:expo"))


@pytest.mark.parametrize(
    ("name", "setting", "says"),
    [
        ("hodgkin-huxley", "C=-1uF/cm2", "'C' of hodgkin-huxley is -1 uF/cm2; it must be greater than 0"),
        ("leaky", "tau=0ms", "'tau' of leaky is 0 ms; it must be greater than 0"),
        ("hodgkin-huxley", "gNa=-3mS/cm2", "'gNa' of hodgkin-huxley is -3 mS/cm2; it must be 0 or greater"),
        ("leaky", "R=1e400Mohm", "'R' of leaky is inf Mohm; it must be a finite number"),
        ("neuron:exponential", "Delta_T=0mV", "'Delta_T' of exponential is 0 mV; it must be greater than 0"),
        ("ampa", "tau=-1ms", "'tau' of ampa is -1 ms; it must be greater than 0"),
        ("pair", "tau_plus=0ms", "'tau_plus' of pair is 0 ms; it must be greater than 0"),
        ("depressing", "U=1.5", "'U' of depressing is 1.5; it must be between 0 and 1"),
        ("axon", "compartments=2.5", "'compartments' of axon is 2.5; it must be a whole number from 1 on"),
        ("brunel", "excitatory=-8", "'excitatory' of brunel is -8; it must be a whole number from 1 on"),
        ("cuba", "conductances=3", "'conductances' of balanced is 3; it must be 0 or 1"),
    ],
)
def test_values_that_make_no_sense_are_refused_before_the_run(name, setting, says, tmp_path):
    with pytest.raises(InputError, match=says):
        main(Config(name=name, set=(setting,), out=tmp_path / "figure.png"))
    assert not (tmp_path / "figure.png").exists()


def test_the_target_reaches_every_simulation(tmp_path, monkeypatch):
    asked = []
    real = simulate.choose
    monkeypatch.setattr(simulate, "choose", lambda target, *work: asked.append(target) or real(target, *work))
    main(Config(name="leaky", protocol="fi-curve", target="numpy", out=tmp_path / "figure.png"))
    main(Config(name="leaky", out=tmp_path / "figure.png"))
    assert asked == ["numpy", "auto"]


def test_the_seed_is_in_what_is_told_and_kept(tmp_path, capsys):
    found = []
    for seed in (0, 3, 3):
        main(Config(name="poisson", seed=seed, out=tmp_path / f"{len(found)}.png", json=True))
        told = json.loads(capsys.readouterr().out)
        assert told["seed"] == load(told["numbers"]).seed == seed
        assert str(told["seed"]) == str(seed)  # no 3.0
        found.append(load(told["numbers"]).spikes)
    assert found[1].tolist() == found[2].tolist() != found[0].tolist()


def test_a_blocked_channel_and_no_refractory_period_are_allowed():
    axon = catalogue.with_settings(catalogue.KINDS["neuron"].members["hodgkin-huxley"], {"gNa": "0 mS/cm2"})
    assert float(axon.parameters["gNa"]) == 0
    catalogue.with_settings(catalogue.KINDS["neuron"].members["leaky"], {"t_ref": "0 ms"})


def test_every_published_value_is_allowed():
    for table in catalogue.KINDS.values():
        for name, member in table.members.items():
            published = getattr(member, "parameters", None)
            for values in [published, *getattr(member, "variants", {}).values()]:
                for parameter, value in values.items() if isinstance(values, dict) else ():
                    ranges.check(parameter, name, value, published[parameter])


def test_the_first_figure_waits_for_nothing_that_it_does_not_need():
    code = "import sys, neurobridge.cli.simulate; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "pandas", "sklearn", "gymnasium", "scipy.optimize", "scipy.stats"} & set(loaded)


def test_refusals():
    with pytest.raises(UnknownNameError, match="unknown simulation 'hodgkin'; did you mean 'hodgkin-huxley'"):
        main(Config(name="hodgkin"))
    with pytest.raises(UnknownNameError, match="unknown protocol for a neuron 'fi'"):
        main(Config(name="leaky", protocol="fi"))
    with pytest.raises(InputError, match="'tau' is not a setting; write name=value"):
        main(Config(name="leaky", set=("tau",)))
    with pytest.raises(UnknownNameError, match="unknown parameter of brunel 'gee'"):
        catalogue.with_settings(catalogue.NETWORKS["brunel"], {"gee": "3"})
    with pytest.raises(InputError, match="parameter 'jump' of brunel is given in ms; it is measured in mV"):
        catalogue.with_settings(catalogue.NETWORKS["brunel"], {"jump": "3 ms"})
    assert catalogue.with_settings(catalogue.NETWORKS["synfire"], {"spikes": "60"}).spikes == 60
    with pytest.raises(InputError, match="the weight of 'voltage' changes with voltage or reward"):
        catalogue.run("voltage")
