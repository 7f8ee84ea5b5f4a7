"""Every program in simulations/ runs, saves its figures and prints the number it checks; the fast ones reproduce it."""

import importlib.util
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "simulations"
PROGRAMS = sorted(path.stem for path in FOLDER.glob("*.py"))

# the number that main returns in its quick setting: lowest and highest that reproduce the publication
REPRODUCED = {
    "churchland_2012_rotations": (0.95, 1.05),
    "clopath_2010_voltage_plasticity": (0.07, 0.11),
    "connor_stevens_1977_type_one": (33.5, 34.6),
    "diesmann_1999_synfire_chain": (90, 110),
    "ermentrout_1996_phase_response": (0.95, 1.0),
    "fitzhugh_1961_phase_plane": (0.3311, 0.3314),
    "georgopoulos_1986_population_vector": (-0.6, -0.4),
    "hodgkin_huxley_1952_action_potential": (39.3, 41.3),
    "hodgkin_huxley_1952_conduction": (18.0, 19.2),
    "izhikevich_2004_twenty_patterns": (40, 40),
    "jahr_stevens_1990_magnesium_block": (0.0444, 0.0446),
    "lapicque_1907_strength_duration": (5.45, 5.65),
    "naud_2008_firing_patterns": (10, 12),
    "pfister_gerstner_2006_triplets": (0.726, 0.728),
    "rall_1962_cable": (990, 1010),
    "rinzel_ermentrout_1998_excitability": (39.9, 40.0),
    "rinzel_miller_1980_bifurcations": (9.76, 9.79),
    "siegert_1951_noisy_rate": (0.0, 0.08),
    "tsodyks_markram_1998_short_term": (0.0570, 0.0573),
}
# networks too small to reproduce anything in seconds; the slow and bench tiers of the checks run them in full
LOOKED_AT = {
    "borgers_kopell_2003_gamma",
    "brunel_2000_regimes",
    "compte_2000_working_memory",
    "diehl_cook_2015_digits",
    "jolivet_2008_fits",
    "potjans_diesmann_2014_microcircuit",
    "song_2000_competitive_stdp",
    "vogels_2011_inhibitory_plasticity",
    "vogels_abbott_2005_balanced",
    "wang_2002_decision",
}


def load(name):
    spec = importlib.util.spec_from_file_location(f"simulations_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks its module up there
    spec.loader.exec_module(module)
    return module


def test_the_table_holds_every_program():
    assert set(PROGRAMS) == set(REPRODUCED) | LOOKED_AT
    assert len(PROGRAMS) >= 16


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name, tmp_path, capsys):
    module = load(name)
    quick = {"quick": True} if "quick" in module.Config.__dataclass_fields__ else {}
    value = module.main(module.Config(out=tmp_path, **quick))
    assert any(path.suffix == ".png" and path.stat().st_size > 5000 for path in tmp_path.iterdir())
    assert capsys.readouterr().out
    if name in REPRODUCED:
        low, high = REPRODUCED[name]
        assert low <= value <= high


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_docstring_has_question_expectation_and_source(name):
    text = load(name).__doc__
    assert all(word in text for word in ("Question:", "Expected:", "Source:"))
