import numpy as np
import pytest

from neurobridge import tasks
from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks import baselines
from neurobridge.tasks.scoring import SCORINGS

FILMS = 60


def ratings(users=300):
    """Each user walks through the films in order from a random start: user, film, rating, time."""
    random = np.random.default_rng(0)
    for user in range(users):
        start = random.integers(FILMS)
        for step in range(8):
            yield user, (start + step) % FILMS, 4.0, 1000 + step


def write(folder, name, separator, header=""):
    lines = [separator.join(map(str, row)) for row in ratings()]
    (folder / name).write_text(header + "\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("name", "separator", "header"),
    [("ratings.csv", ",", "userId,movieId,rating,timestamp\n"), ("ratings.dat", "::", ""), ("u.data", "\t", "")],
)
def test_all_layouts_give_the_same_task(tmp_path, name, separator, header):
    write(tmp_path, name, separator, header)
    task = tasks.load("movielens", tmp_path)
    assert task.output_size == FILMS + 2
    assert (len(task.validation), len(task.test)) == (300, 300)
    last = [int(task.labels[token]) for token in task.test.inputs[:, -1]]
    wanted = [int(task.labels[token]) for token in task.test.targets]
    assert all((before + 1) % FILMS == after for before, after in zip(last, wanted, strict=True))


def test_the_order_of_the_lines_does_not_matter(tmp_path):
    lines = ["\t".join(map(str, row)) for row in ratings()]
    (tmp_path / "u.data").write_text("\n".join(lines))
    straight = tasks.load("movielens", tmp_path)
    (tmp_path / "u.data").write_text("\n".join(reversed(lines)))
    assert np.array_equal(straight.test.inputs, tasks.load("movielens", tmp_path).test.inputs)


def test_who_looks_at_what_was_seen_together_beats_popularity(tmp_path):
    write(tmp_path, "u.data", "\t")
    task = tasks.load("movielens", tmp_path)
    popular, factors = (task.judge(baselines.fit(name, task)).summary for name in task.baselines)
    # ten of sixty films by chance: 16.7 %, standard error 2.2 points
    assert popular < 30
    assert factors > popular + 30


def test_a_hit_is_a_place_among_the_ten_largest_and_ties_do_not_count():
    outputs = np.tile(np.arange(20.0), (4, 1))
    assert SCORINGS["among ten"](outputs, np.array([19, 10, 9, 0]))[0].tolist() == [1, 1, 0, 0]
    assert SCORINGS["among ten"](np.zeros((1, 20)), np.array([3]))[0].tolist() == [0]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"holds none of ratings\.csv, ratings\.dat, u\.data"):
        tasks.load("movielens", tmp_path)


def test_a_line_of_another_layout_is_named(tmp_path):
    (tmp_path / "u.data").write_text("1\t2\t3\t4\n1\t2\n")
    with pytest.raises(FileFormatError, match=r"u\.data, line 2 is \['1', '2'\]"):
        tasks.load("movielens", tmp_path)


def test_too_few_users_are_refused(tmp_path):
    (tmp_path / "u.data").write_text("1\t2\t3\t4\n")
    with pytest.raises(FileFormatError, match="at least ten users with 5 films"):
        tasks.load("movielens", tmp_path)
