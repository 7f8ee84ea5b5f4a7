from itertools import pairwise

import pytest
import torch

from neurobridge.ann.training.schedules import SCHEDULES, factor
from neurobridge.errors import UnknownNameError


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_every_schedule_starts_at_the_top_and_never_rises(name):
    values = [factor(name, step / 100) for step in range(100)]
    assert values[0] == 1
    assert all(0 < later <= earlier for earlier, later in pairwise(values))


def test_cosine_is_that_of_torch():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    reference = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
    for step in range(50):
        assert factor("cosine", step / 50) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-12)
        optimizer.step()
        reference.step()


def test_warmup_rises_in_a_straight_line_to_the_top():
    assert [factor("constant", done, warmup=0.2) for done in (0, 0.05, 0.1, 0.2, 0.9)] == pytest.approx(
        [0, 0.25, 0.5, 1, 1]
    )


def test_an_unknown_schedule_is_refused():
    with pytest.raises(UnknownNameError, match="unknown schedule"):
        factor("sawtooth", 0)
