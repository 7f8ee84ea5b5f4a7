"""The picture of the layers, executed: import contracts, and what `import neurobridge` must not load."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
HEAVY = ("torch", "brian2", "snntorch", "matplotlib", "scipy")

REPORT = """
import json, sys, time
before = time.process_time()
import neurobridge
seconds = time.process_time() - before
print(json.dumps({"seconds": seconds, "loaded": sorted(sys.modules)}))
"""


def import_in_a_fresh_process() -> dict:
    """Return what `import neurobridge` alone costs and loads."""
    answer = subprocess.run([sys.executable, "-c", REPORT], capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def test_import_contracts_hold(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


@pytest.mark.parametrize("module", HEAVY)
def test_import_loads_nothing_heavy(module, fresh_import):
    assert module not in fresh_import["loaded"]


def test_import_takes_less_than_a_fifth_of_a_second():
    # process time, and the best of several: what other programs do on this machine does not count
    assert min(import_in_a_fresh_process()["seconds"] for _ in range(5)) < 0.2


@pytest.fixture(scope="module")
def fresh_import() -> dict:
    return import_in_a_fresh_process()
