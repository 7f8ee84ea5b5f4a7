"""A small study, a crew without processes, and rows of a made-up grid."""

from collections import deque

from neurobridge.comparison.grid.crew import Crew
from neurobridge.comparison.grid.plan import Axes, Grid
from neurobridge.comparison.grid.work import perform
from tests.comparison import cases

SMALL = Grid(
    name="small",
    axes=(Axes(tasks=("digits",), models=("mlp",), codes={"radix": (4,), "rate": (8,)}, seeds=(0, 1)),),
    presets=("45 nm int8",),
    training={"epochs": 1},
    models={"mlp": {"widths": [8]}},
)

TOML = """
[[grid]]
tasks = ["digits"]
models = ["mlp"]
codes = { radix = [2, 3, 4, 6, 8], rate = [4, 8, 16, 32] }
optimizers = ["adam", "sgd"]
seeds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

[training]
epochs = 1

[optimizers.sgd]
learning_rate = 0.1

[models.mlp]
widths = [8]
"""


class Inline(Crew):
    """Does the work itself, one job at a time; `work` may be replaced by something faster or worse."""

    def __init__(self, work=perform):
        self.work, self.waiting, self.seen = work, deque(), []

    @property
    def places(self):
        return 2

    def submit(self, job):
        self.waiting.append(job)

    def wait(self):
        job = self.waiting.popleft()
        self.seen.append(job.name)
        return job, self.work(job)

    def close(self):
        self.waiting.clear()


def rows(optimizer="adam", **options):
    """Return rows of `tests.comparison.cases` as a grid has them."""
    return [{**row, "raster": None, "optimizer": optimizer} for row in cases.rows(**options)]


def timeless(rows):
    """Return rows without what differs from run to run."""
    return [cases.timeless(row) for row in rows]
