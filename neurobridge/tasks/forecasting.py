"""Forecasting a time series from its recent past: Mackey-Glass, Lorenz, and columns of the user's CSV file."""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks.task import Metric, Split, SupervisedTask

NRMSE = Metric(name="NRMSE", higher_is_better=False, reduction="root of mean")
"""Root mean squared error over the standard deviation of the training side."""
SHARES = (0.7, 0.1)
"""Training and validation come first in time, in these shares; the rest is the test side."""


def mackey_glass(
    data: Path | None = None, seed: int = 0, horizon: int = 1, window: int = 50, length: int = 10_000
) -> SupervisedTask:
    """The Mackey-Glass series, one time unit ahead of its last 50 values.

    x(t + horizon) from the last `window` values:
    x' = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x, mildly chaotic. Source: Mackey & Glass 1977.

    Raises:
        InputError: `horizon` or `window` is below 1, or the series is too short for them.
    """
    series = mackey_glass_series(length, np.random.default_rng(seed))
    return forecast(
        "mackey-glass" if horizon == 1 else f"mackey-glass-{horizon}",
        f"Mackey-Glass, {horizon} ahead",
        "Mackey & Glass 1977",
        series[:, None],
        horizon,
        window,
    )


def mackey_glass_20(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """The Mackey-Glass series 20 time units ahead, from its last 50 values."""
    return mackey_glass(data, seed, horizon=20)


def lorenz(
    data: Path | None = None, seed: int = 0, horizon: int = 5, window: int = 25, length: int = 10_000
) -> SupervisedTask:
    """The Lorenz attractor, 0.1 time units ahead.

    (x, y, z) `horizon` samples of 0.02 ahead, from the last `window` samples:
    x' = 10 (y - x), y' = x (28 - z) - y, z' = x y - 8/3 z. Source: Lorenz 1963.

    Raises:
        InputError: `horizon` or `window` is below 1, or the series is too short for them.
    """
    series = lorenz_series(length, np.random.default_rng(seed))
    return forecast("lorenz", f"Lorenz, {horizon} ahead", "Lorenz 1963", series, horizon, window)


def forecast_csv(
    data: Path, seed: int = 0, columns: tuple[str, ...] = (), horizon: int = 1, window: int = 32
) -> SupervisedTask:
    """The next values of columns of a CSV file with a header; all columns if none are named.

    Raises:
        InputError: no such file or column, or too few rows.
        FileFormatError: a cell is empty or not a number; its row and column are named.
    """
    names, series = read_columns(data, columns)
    return forecast("forecast-csv", f"{', '.join(names)}, {horizon} ahead", data.name, series, horizon, window)


def forecast(name: str, title: str, source: str, series: ndarray, horizon: int, window: int) -> SupervisedTask:
    """Return the task of forecasting all columns of `series` `(time, column)` from windows of it.

    Raises:
        InputError: `horizon` or `window` is below 1, the series is too short, or a column never changes.
    """
    if horizon < 1 or window < 1:
        raise InputError(f"task {name!r}: horizon {horizon} and window {window} must be at least 1.")
    bounds = [0, *(int(sum(SHARES[: k + 1]) * len(series)) for k in range(2)), len(series)]
    if min(np.diff(bounds)) < window + horizon:
        raise InputError(
            f"task {name!r}: {len(series)} rows are too few for windows of {window} and a horizon of {horizon}; at "
            f"least {10 * (window + horizon + 1)} are needed."
        )
    past = series[: bounds[1]]
    if not past.std(axis=0).all():
        raise InputError(
            f"task {name!r}: column {int(np.argmin(past.std(axis=0)))} never changes in the training rows."
        )
    scaled = ((series - past.mean(axis=0)) / past.std(axis=0)).astype(np.float32)
    train, validation, test = (_windows(scaled[start:end], horizon, window) for start, end in pairwise(bounds))
    return SupervisedTask(
        name=name,
        title=title,
        source=source,
        metric=NRMSE,
        input_shape=(window, series.shape[1]),
        output_size=series.shape[1],
        train=train,
        validation=validation,
        test=test,
        loss="squared error",
        scoring="squared error",
        baselines=("persistence", "linear autoregression"),
    )


def _windows(series: ndarray, horizon: int, window: int) -> Split:
    views = np.lib.stride_tricks.sliding_window_view(series, window, axis=0).swapaxes(1, 2)
    count = len(series) - window - horizon + 1
    # neighbouring windows share most of their values, so they share a group
    return Split(
        inputs=np.ascontiguousarray(views[:count]),
        targets=series[window + horizon - 1 :],
        groups=np.arange(count) // window,
    )


def mackey_glass_series(length: int, random: np.random.Generator, step: float = 0.1, delay: float = 17) -> ndarray:
    """Return the series `(length,)` one time unit apart, by Runge-Kutta steps, after a transient of 300."""
    per_unit, lag = round(1 / step), round(delay / step)
    total = (length + 300) * per_unit
    x = np.empty(total + lag + 1)
    x[: lag + 1] = 1.2 + 0.1 * random.standard_normal()

    def slope(now: float, then: float) -> float:
        return 0.2 * then / (1 + then**10) - 0.1 * now

    for n in range(lag, total + lag):
        then, next_then = x[n - lag], x[n - lag + 1]
        middle = (then + next_then) / 2
        k1 = slope(x[n], then)
        k2 = slope(x[n] + step / 2 * k1, middle)
        k3 = slope(x[n] + step / 2 * k2, middle)
        k4 = slope(x[n] + step * k3, next_then)
        x[n + 1] = x[n] + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return x[lag::per_unit][300 : 300 + length]


def lorenz_series(length: int, random: np.random.Generator, step: float = 0.02) -> ndarray:
    """Return the series `(length, 3)`, `step` apart, after a transient of 500 samples."""
    from scipy.integrate import solve_ivp

    def slope(_: float, state: ndarray) -> list[float]:
        x, y, z = state
        return [10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z]

    times = np.arange(length + 500) * step
    start = [1.0, 1.0, 20.0] + random.standard_normal(3)
    return solve_ivp(slope, (0, times[-1]), start, t_eval=times, rtol=1e-8, atol=1e-8).y.T[500:]


def read_columns(path: Path, columns: tuple[str, ...] = ()) -> tuple[tuple[str, ...], ndarray]:
    """Return the names and the numbers `(row, column)` of a CSV file's columns.

    Raises:
        InputError: no such file or column.
        FileFormatError: a row is shorter than the header, or a cell is empty or not a number.
    """
    if not path.is_file():
        raise InputError(f"data file {path} does not exist.")
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    header = rows[0] if rows else []
    names = columns or tuple(header)
    for name in names:
        if name not in header:
            raise InputError(f"{path} has no column {name!r}; its columns are: {', '.join(header) or 'none'}.")
    numbers = [
        [_number(path, row, header.index(name), name, line) for name in names] for line, row in enumerate(rows[1:], 2)
    ]
    return names, np.array(numbers, dtype=np.float64).reshape(len(rows[1:]), len(names))


def _number(path: Path, row: list[str], place: int, name: str, line: int) -> float:
    cell = row[place].strip() if place < len(row) else ""
    try:
        value = float(cell)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        found = f"holds {cell!r}" if cell else "is empty"
        raise FileFormatError(f"{path}, row {line}, column {name!r} {found}; a finite number is due.")
    return value
