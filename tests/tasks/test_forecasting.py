import numpy as np
import pytest
from scipy.integrate import solve_ivp

from neurobridge import tasks
from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks import baselines
from neurobridge.tasks.forecasting import forecast, lorenz_series, mackey_glass_series, read_columns


def test_mackey_glass_converges_as_its_step_shrinks():
    # interpolating the delayed value between grid points leaves an error of second order: a ratio of 5
    runs = [mackey_glass_series(40, np.random.default_rng(0), step=step)[:40] for step in (0.05, 0.1, 0.2)]
    fine, coarse = np.abs(runs[1] - runs[0]).max(), np.abs(runs[2] - runs[0]).max()
    assert fine < 1e-2
    assert coarse / fine > 3.5


def test_mackey_glass_has_the_known_range():
    series = mackey_glass_series(5000, np.random.default_rng(0))
    assert 0.2 < series.min() < 0.5
    assert 1.2 < series.max() < 1.4


def test_the_lorenz_series_follows_its_equations():
    series = lorenz_series(50, np.random.default_rng(0))
    again = solve_ivp(
        lambda _, s: [10 * (s[1] - s[0]), s[0] * (28 - s[2]) - s[1], s[0] * s[1] - 8 / 3 * s[2]],
        (0, 0.98), series[0], t_eval=np.arange(50) * 0.02, rtol=1e-10, atol=1e-10,
    ).y.T  # fmt: skip
    assert np.allclose(series, again, atol=1e-4)


def test_windows_end_before_their_target():
    series = np.arange(400.0)[:, None]
    task = forecast("line", "A line", "here", series, horizon=3, window=5)
    scale = series[:280].std()
    assert np.allclose((task.test.targets - task.test.inputs[:, -1]) * scale, 3, atol=1e-3)
    assert task.judge(baselines.fit("persistence", task)).summary == pytest.approx(3 / scale, rel=1e-3)
    assert task.judge(baselines.fit("linear autoregression", task)).summary < 1e-3


def test_sides_do_not_overlap_in_time():
    task = forecast("line", "A line", "here", np.arange(400.0)[:, None], horizon=1, window=5)
    assert task.train.targets.max() < task.validation.inputs.min()
    assert task.validation.targets.max() < task.test.inputs.min()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"horizon": 0}, "horizon 0 and window 5 must be at least 1"),
        ({"window": 0}, "window 0 must be at least 1"),
        ({"window": 200}, "400 rows are too few for windows of 200"),
        ({"series": np.ones((400, 2))}, "column 0 never changes"),
    ],
)
def test_forecasts_that_cannot_be_made_are_refused(changes, message):
    settings = {"series": np.arange(400.0)[:, None], "horizon": 1, "window": 5} | changes
    with pytest.raises(InputError, match=message):
        forecast("line", "A line", "here", **settings)


def test_columns_of_a_csv_file_are_forecast(tmp_path):
    path = tmp_path / "series.csv"
    path.write_text("day,a,b\n" + "\n".join(f"{n},{np.sin(n)},{n % 7}" for n in range(500)))
    task = tasks.load("forecast-csv", path, columns=("a", "b"), window=8)
    assert task.input_shape == (8, 2)
    assert task.judge(baselines.fit("linear autoregression", task)).summary < 1e-3


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("", "row 3, column 'b' is empty"),
        ("high", "row 3, column 'b' holds 'high'"),
        ("nan", "row 3, column 'b' holds 'nan'"),
    ],
)
def test_gaps_and_words_in_a_number_column_are_named(tmp_path, cell, message):
    (tmp_path / "x.csv").write_text(f"a,b\n1,2\n3,{cell}\n")
    with pytest.raises(FileFormatError, match=message):
        read_columns(tmp_path / "x.csv")


def test_a_short_row_is_a_gap(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n3\n")
    with pytest.raises(FileFormatError, match="row 3, column 'b' is empty"):
        read_columns(tmp_path / "x.csv")


def test_unknown_columns_are_listed(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no column 'c'; its columns are: a, b"):
        read_columns(tmp_path / "x.csv", ("c",))


def test_a_missing_csv_is_named(tmp_path):
    with pytest.raises(InputError, match=r"x\.csv does not exist"):
        read_columns(tmp_path / "x.csv")


def test_anomalies_are_rare_and_worth_a_model():
    task = tasks.load("anomalies")
    assert task.test.targets.mean() == pytest.approx(0.1, abs=0.02)
    guess = task.judge(lambda inputs: np.random.default_rng(0).random((len(inputs), 1))).summary
    assert guess == pytest.approx(0.1, abs=0.03)
    deviation, rebuilt = (task.judge(baselines.fit(name, task)).summary for name in task.baselines)
    assert guess < deviation < rebuilt < 0.9
