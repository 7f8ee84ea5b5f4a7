"""The doctor finds what is wrong, says what to do, and its exit code says whether it matters."""

import json
import subprocess

import pytest

from neurobridge.cli import doctor, health
from neurobridge.cli.health import BROKEN, KNOWN_BAD, NEEDED, OK, OPTIONAL, WARNING
from neurobridge.cli.main import main


@pytest.fixture(scope="module")
def imported():
    return health.imported([*NEEDED, "no_such_package"])


@pytest.fixture
def quick(monkeypatch, imported):
    """Look at everything but the imports, which take seconds."""
    monkeypatch.setattr(health, "imported", lambda names: {name: imported.get(name, "") for name in names})


def versions(monkeypatch, **those):
    monkeypatch.setattr(health, "installed", lambda name: those.get(name.replace("-", "_")))


def test_what_can_be_imported_is_told_from_what_cannot(imported):
    assert all(imported[name] == "" for name in NEEDED)
    assert imported["no_such_package"].startswith("ModuleNotFoundError")


def test_an_import_that_ends_python_takes_only_its_own_name(tmp_path, monkeypatch):
    (tmp_path / "deadly.py").write_text("import os\nos._exit(7)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = health.imported(["json", "deadly", "textwrap"])
    assert found == {"json": "", "deadly": "its import ended Python with exit code 7", "textwrap": ""}


def test_a_python_that_does_not_start_is_said(monkeypatch):
    failed = subprocess.CompletedProcess([], 1, stdout="", stderr="no Python here")
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: failed)
    assert health.imported(["json"]) == {"json": "no Python here"}


def test_this_installation_is_healthy(quick, capsys):
    assert main(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["healthy"]
    assert {finding["name"] for finding in told["findings"]} >= {"Python", "torch", "brian2", "GPU", "C++"}


def test_words_fit_80_columns_and_end_with_a_verdict(quick, capsys):
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, (line for line in lines if "/" not in line))) <= 80
    assert lines[-1] == "all is well" or lines[-1].startswith("0 broken (x)")


@pytest.mark.parametrize(
    ("there", "bad"),
    [
        ({"brian2": "2.9.0", "numpy": "2.4.6"}, True),
        ({"brian2": "2.9.0", "numpy": "2.3.5"}, False),
        ({"brian2": "2.10.1", "numpy": "2.4.6"}, False),
        ({"numpy": "2.4.6"}, False),
    ],
)
def test_numpy_that_brian2_cannot_live_with(monkeypatch, there, bad):
    versions(monkeypatch, **there)
    found = list(health.combinations())
    assert [finding.state for finding in found] == [BROKEN] * bad
    assert all("numpy<2.4" in finding.remedy for finding in found)


def test_every_known_combination_has_a_fault_and_a_remedy():
    assert all(one.fault and one.remedy and len(one.packages) == 2 for one in KNOWN_BAD)


def test_a_torchvision_for_another_torch_is_no_fault_of_ours(monkeypatch):
    versions(monkeypatch, torchvision="0.28.0")
    error = "RuntimeError: operator torchvision::nms does not exist"
    monkeypatch.setattr(health, "imported", lambda names: {name: error * (name == "torchvision") for name in names})
    (bad,) = (finding for finding in health.imports() if finding.state != OK)
    assert (bad.name, bad.state) == ("torchvision", WARNING)
    assert "pip uninstall torchvision" in bad.remedy


def test_a_broken_package_that_is_needed_ends_with_1(monkeypatch, capsys):
    monkeypatch.setattr(health, "imported", lambda names: {**dict.fromkeys(names, ""), "brian2": "no ptp"})
    with pytest.raises(SystemExit) as stopped:
        main(["doctor"])
    assert stopped.value.code == 1
    shown = capsys.readouterr().out
    assert "x brian2" in shown
    assert "-> pip install --force-reinstall the package" in shown
    assert "1 broken (x)" in shown


def test_missing_and_old_packages_are_broken_and_extras_are_not(monkeypatch):
    versions(monkeypatch, numpy="1.0", torch="2.13.0+cpu")
    found = {finding.name: finding for finding in health.packages()}
    assert found["numpy"].state == BROKEN
    assert found["numpy"].remedy.startswith('pip install "numpy<2.4')
    assert found["scipy"].found.startswith("missing, needs >=")
    assert found["torch"].state == OK
    assert {finding.state for finding in health.extras()} == {OPTIONAL}


def test_no_compiler_is_something_to_look_at(monkeypatch):
    monkeypatch.setattr(health.shutil, "which", lambda name: None)
    (found,) = health.compilers()
    assert (found.state, found.found) == (WARNING, "none")


def test_a_driver_that_torch_does_not_use_is_something_to_look_at(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr(health.shutil, "which", lambda name: f"/usr/bin/{name}")
    (found,) = health.devices()
    assert found.state == WARNING
    assert "NVIDIA driver that this torch doesn't use" in found.remedy


def test_a_cache_that_cannot_be_written_is_something_to_look_at(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROBRIDGE_CACHE", str(tmp_path / "builds"))
    monkeypatch.setattr(health.os, "access", lambda place, mode: False)
    found = next(health.caches())
    assert found.state == WARNING
    assert "NEUROBRIDGE_CACHE" in found.remedy


def test_a_mark_stands_before_what_is_wrong():
    findings = [
        health.Finding(group="g", name="good", state=OK, found="1.0"),
        health.Finding(group="g", name="left-out", state=OPTIONAL, found="not installed", remedy="pip install it"),
        health.Finding(group="g", name="bad", state=BROKEN, found="missing", remedy="repair it"),
    ]
    shown = doctor.words(findings).splitlines()
    assert shown[1].startswith("  good")
    assert shown[2].startswith("- left-out")
    assert shown[3].startswith("x bad")
    assert shown[4] == "    -> repair it"
