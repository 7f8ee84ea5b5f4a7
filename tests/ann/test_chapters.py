"""The programs of the three chapters run, small, and say what they should."""

import importlib.util
import re
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parents[2] / "ann"

# program -> a small setting
SMALL = {
    "race_optimizers": {"functions": ("saddle",), "steps": 5},
    "compare_optimizers": {"optimizers": ("adam", "armijo"), "problems": ("quadratic",), "share": 0.02},
    "descend_landscape": {"samples": 60, "width": 2, "updates": 60, "batches": (10, 60), "points": 5},
    "find_edge_of_stability": {"rates": (0.3,), "steps": 8, "samples": 60, "looks": 2},
    "connect_minima": {"samples": 60, "width": 4, "updates": 10, "bends": 10},
    "disprove_convexity": {"segments": 8},
    "explain_generalization": {"samples": 40, "epochs": 2, "label_noise": (0.2,), "seeds": (0,)},
    "vary_batch_and_rate": {"batches": (20,), "rates": (0.1, 0.2), "time": 1.0, "samples": 40, "seeds": (0, 1)},
    "certify_networks": {"epochs": 1, "draws": 20},
    "sample_langevin": {"temperatures": (0.6,), "chains": 50, "steps": 60},
    "descend_twice": {"samples": 40, "features": (10, 40, 100), "seeds": (0, 1)},
}
# program -> something its output must hold, whatever the numbers
SAYS = {
    "race_optimizers": r"saddle\s+adam\s+lr",
    "compare_optimizers": r"\| armijo \| .* 2 closure calls per update",
    "descend_landscape": r"batch 60: loss .* eigenvalues from",
    "find_edge_of_stability": r"2/lr = 6\.67",
    "connect_minima": r"barrier: straight .* curved",
    "disprove_convexity": r"hinge, linear\s+0 of 8 segments violated: no counter-example",
    "explain_generalization": r"20% noise\s+dropout\s+error",
    "vary_batch_and_rate": r"correlation of log\(lr / batch\) with gap",
    "certify_networks": r"64-10, random prior\s+training .* maurer",
    "sample_langevin": r"T = 0\.6: total variation",
    "descend_twice": r"40 features: test error",
}


@pytest.mark.parametrize("name", sorted(SMALL))
def test_program(name, tmp_path, capsys):
    spec = importlib.util.spec_from_file_location(name, PROGRAMS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(module.Config(**SMALL[name], out=tmp_path))
    assert re.search(SAYS[name], capsys.readouterr().out)
    pictures = list(tmp_path.glob("*.png"))
    assert pictures and all(picture.stat().st_size > 5000 for picture in pictures)
