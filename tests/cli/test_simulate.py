"""`neurobridge simulate`: lists, runs by name with parameters, checks, and refuses what it doesn't know."""

import json

import pytest

from neurobridge.cli.simulate import Config, main
from neurobridge.errors import InputError, SimulationError, UnknownNameError
from neurobridge.neuro import catalogue
from neurobridge.neuro.result import load


def test_without_a_name_it_lists(capsys):
    main(Config())
    text = capsys.readouterr().out
    assert "hodgkin-huxley" in text
    assert "brunel" in text
    main(Config(json=True))
    assert "fi-curve" in json.loads(capsys.readouterr().out)["neuron"]["protocols"]


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
    text = capsys.readouterr().out
    assert "ok  Siegert's rate, case of NEST's test [Hz]: 27.1096 (published 27.1096" in text
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


def test_refusals():
    with pytest.raises(UnknownNameError, match="unknown simulation 'hodgkin'; did you mean 'hodgkin-huxley'"):
        main(Config(name="hodgkin"))
    with pytest.raises(UnknownNameError, match="unknown protocol for a neuron 'fi'"):
        main(Config(name="leaky", protocol="fi"))
    with pytest.raises(InputError, match="'tau' is not a setting; write name=value"):
        main(Config(name="leaky", set=("tau",)))
    with pytest.raises(UnknownNameError, match="unknown parameter 'gee'"):
        catalogue.with_settings(catalogue.NETWORKS["brunel"], {"gee": "3"})
    with pytest.raises(InputError, match="parameter 'jump' is given in ms; it is measured in mV"):
        catalogue.with_settings(catalogue.NETWORKS["brunel"], {"jump": "3 ms"})
    assert catalogue.with_settings(catalogue.NETWORKS["synfire"], {"spikes": "60"}).spikes == 60
    with pytest.raises(InputError, match="the weight of 'voltage' changes with voltage or reward"):
        catalogue.run("voltage")
