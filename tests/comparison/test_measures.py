"""What is measured of a contender belongs to the sample it is said of."""

import numpy as np

from neurobridge import tasks
from neurobridge.comparison.measures import judged, sample_groups


def test_every_input_that_a_task_shows_has_the_group_of_its_sample():
    """A translation is shown once for each letter of the answer; what is translated tells which sample it is."""
    task = tasks.load("dates-to-iso")
    generator = np.random.default_rng(0)

    def guess(inputs):
        return generator.normal(size=(len(inputs), task.output_steps, task.output_size)).astype(np.float32)

    shown = judged(task, guess).inputs
    given = task.input_shape[0] - task.output_steps
    groups = {tuple(x[:given]): group for x, group in zip(task.test.inputs, task.test.groups, strict=True)}
    assert len(shown) == len(task.test) * task.output_steps
    found = sample_groups(task, len(shown))
    assert found.tolist() == [groups[tuple(x[:given])] for x in shown]


def test_other_tasks_show_every_sample_once():
    task = tasks.load("digits")
    np.testing.assert_array_equal(sample_groups(task, 100), task.test.groups[:100])
