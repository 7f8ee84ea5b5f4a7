"""What the agents' benchmark says of returns: paired by episode, over seeds, and of lines that are named."""

import json

import numpy as np
import pytest

from benchmarks import reinforcement
from neurobridge.errors import UnknownNameError
from tests.docs.pages import FOLDER

EPISODES = np.random.default_rng(0).normal(0.0, 5.0, 200)


def row(shift, spread, wanted=None):
    """Five seeds whose means lie `spread` apart around `shift`, on episodes of which some are harder for all."""
    returns = {str(seed): {"returns": (EPISODES + shift + spread * (seed - 2)).tolist()} for seed in range(5)}
    return {"wanted": wanted, "ANN": returns}


def test_a_rival_is_passed_in_pairs_and_over_seeds():
    found = reinforcement.better(row(1.0, 0.1), row(0.0, 0.2))
    # episodes are the same for both, so that pairs differ by 1 and no bound is wider
    assert found["above rival, paired by episode"] == pytest.approx([1.0, 1.0, 1.0])
    # Welch 1947: variances of means 0.01 * 2.5 / 5 and 0.04 * 2.5 / 5, degrees of freedom 25 * 4 / 17, t 2.459
    estimate, low, high = found["above rival, over seeds"]
    assert estimate == pytest.approx(1.0)
    assert (high - low) / 2 == pytest.approx(2.459 * np.sqrt(0.025), rel=1e-3)


def test_seeds_that_reach_what_is_wanted_are_counted():
    middle = float(EPISODES.mean())
    assert reinforcement.summary(row(0.0, 1.0, wanted=middle - 0.5), "ANN", EPISODES)["reached"] == 3
    assert "reached" not in reinforcement.summary(row(0.0, 1.0), "ANN", EPISODES)


def test_the_page_has_the_table_of_the_record():
    record = json.loads(reinforcement.RESULT.read_text())["rows"]
    page = (FOLDER / "how-to" / "agent.md").read_text()
    assert reinforcement.TABLE_FILE.read_text() == reinforcement.table(record)
    assert reinforcement.table(record) in page
    found = record["spread maddpg"]["summary"]["ANN"]
    rival = reinforcement.better(record["spread maddpg"], record["spread maddpg without central critics"])
    for kind, bounds in rival.items():
        assert found[kind] == pytest.approx(bounds, rel=1e-4)
        estimate, low, high = (f"{bound:.2f}" for bound in bounds)
        assert f"bring {estimate} more" in page and f"[{low}, {high}] {kind.partition(', ')[2]}" in page


def test_every_line_has_its_name_and_every_rival_comes_before():
    names = [line.name for line in reinforcement.TABLE]
    assert len(set(names)) == len(names)
    for place, line in enumerate(reinforcement.TABLE):
        assert not line.rival or line.rival in names[:place]
    with pytest.raises(UnknownNameError, match="spread maddpg"):
        reinforcement.main(["spread madpg"])
