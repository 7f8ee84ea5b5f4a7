"""The built wheel works without the source tree."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_wheel_installs_in_an_empty_environment_and_compares(tmp_path):
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT], check=True)
    (wheel,) = tmp_path.glob("neurobridge-*.whl")
    venv.create(tmp_path / "empty", with_pip=False)
    python = tmp_path / "empty" / "bin" / "python"
    (library,) = (tmp_path / "empty" / "lib").glob("python*/site-packages")
    subprocess.run([*pip, "install", "--no-deps", "--target", library, wheel], check=True)
    # what it depends on is taken from here, by a path that doesn't lead to the source tree
    (library / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")

    where = [python, "-c", "import neurobridge; print(neurobridge.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()).is_relative_to(library)

    words = ["compare", "digits", "--quick", "--seeds", "0", "--out", tmp_path / "report"]
    command = [python, "-m", "neurobridge.cli.main", *words]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ""})
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == f"report: {tmp_path}/report/report.html"
