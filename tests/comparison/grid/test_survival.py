"""A study that is killed twenty times, or loses a worker, ends with the rows of one that was left alone.

What a cell of the large study takes, on one core of 2.5 GHz: about 0.6 s, mostly conversion; with three runs of it and
the restarts these tests take 15 minutes.
"""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from distributed import CancelledError, LocalCluster

from neurobridge.comparison.grid.cluster import Cluster
from neurobridge.comparison.grid.folder import read as open_folder
from neurobridge.comparison.grid.plan import Network
from neurobridge.comparison.grid.processes import Processes
from neurobridge.comparison.grid.reading import read
from neurobridge.comparison.grid.run import run
from neurobridge.comparison.grid.work import Job
from neurobridge.errors import InputError
from tests.comparison.grid.cases import SMALL, TOML, timeless

CELLS, KILLS = 200, 20


def test_processes_do_jobs_outlive_a_worker_and_say_what_went_wrong():
    good, bad = (Job(grid=SMALL, network=network(task)) for task in ("digits", "digitz"))
    with Processes(1) as crew:
        crew.submit(good)
        os.kill(crew._busy[0].process.pid, signal.SIGKILL)  # another takes its job
        crew.submit(bad)
        answers = {job.name: outcome for job, outcome in (crew.wait(), crew.wait())}
        workers = [worker.process for worker in crew._idle]
    assert answers[good.name].weights
    assert answers[good.name].error == ""
    assert answers[bad.name].error.startswith("UnknownNameError: unknown task 'digitz'; did you mean 'digits'?")
    assert not any(worker.is_alive() for worker in workers)


def network(task):
    return Network(task=task, model="mlp", optimizer="adam", seed=0)


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr("neurobridge.comparison.grid.cluster.SECONDS", 0.5)
    with pytest.raises(InputError, match=r"no Dask scheduler answers at 'tcp://127.0.0.1:9' .*dask scheduler"):
        Cluster("tcp://127.0.0.1:9")


def test_a_scheduler_without_workers_is_named(monkeypatch):
    monkeypatch.setattr("neurobridge.comparison.grid.cluster.SECONDS", 1)
    with LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster:  # noqa: SIM117
        with pytest.raises(InputError, match=r"has no workers; start some: `dask worker .* --nthreads 1`"):
            Cluster(cluster.scheduler_address)


def test_a_cluster_does_jobs_until_it_is_lost():
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        crew = Cluster(cluster.scheduler_address)
        assert crew.places == 2
        crew.submit(Job(grid=SMALL, network=network("digitz")))
        job, outcome = crew.wait()
        assert (job.name, outcome.error[:38]) == ("digitz.mlp.adam.0", "UnknownNameError: unknown task 'digitz'"[:38])
        crew._jobs[lost := Lost()] = job
        crew._done = iter([lost])
        with pytest.raises(
            InputError, match=r"lost the Dask cluster at .*CancelledError: gone.* All that was finished is"
        ):
            crew.wait()
        crew.close()


class Lost:
    """A future whose scheduler is gone."""

    def result(self):
        raise CancelledError("gone")


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("studies") / "large.toml"
    path.write_text(TOML)
    return path


@pytest.fixture(scope="module")
def undisturbed(file):
    """Return the rows of a run that was left alone, and the seconds to its first cell."""
    out, begun = file.parent / "undisturbed", time.monotonic()
    process, first = started(file, out, "2"), None
    while process.poll() is None:
        if first is None and written(out):
            first = time.monotonic()
        time.sleep(0.05)
    assert process.returncode == 0
    folder = open_folder(out)
    assert len(folder.finished()) == CELLS
    return timeless(folder.rows()), first - begun


def started(file, out, workers):
    words = [sys.executable, "-m", "neurobridge.cli.main", "study", str(file), "--out", str(out), "--workers", workers]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def written(out):
    """Return how many cells are on the disk."""
    return len(list(out.glob("cells/*.json")))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_twenty_kills_change_no_row(file, undisturbed):
    out, random_ = file.parent / "killed", random.Random(0)
    rows, start = undisturbed
    counts = [0]
    for kill in range(KILLS):
        process = started(file, out, "2")
        if kill % 4:  # in the midst of its cells, of which 200 are enough for all kills
            enough = counts[-1] + random_.randint(1, 6)
            while written(out) < enough and process.poll() is None:
                time.sleep(0.02)
            time.sleep(random_.uniform(0.0, 0.6))
        else:  # before or at its first cells
            time.sleep(random_.uniform(0.0, start))
        # every other time the whole machine dies, not only the process that hands out the work
        os.killpg(process.pid, signal.SIGKILL) if kill % 2 else process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        counts.append(written(out))
    assert started(file, out, "2").wait() == 0
    folder = open_folder(out)
    assert counts == sorted(counts)
    assert 0 < counts[-1] < CELLS
    assert len(folder.finished()) == CELLS
    assert timeless(folder.rows()) == rows
    print(f"cells on the disk after each kill: {counts}")


@pytest.mark.slow
def test_an_interrupted_study_ends_at_once_and_in_good_order(file):
    out = file.parent / "interrupted"
    words = [sys.executable, "-m", "neurobridge.cli.main", "study", str(file), "--out", str(out), "--workers", "2"]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    while not written(out) and process.poll() is None:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.rstrip().endswith("interrupted")
    assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_cluster_that_loses_a_worker_changes_no_row(file, undisturbed):
    out, killed = file.parent / "cluster", []
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:

        def watch(cell, outcome):
            if written(out) == CELLS // 3 and not killed:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)

        folder = run(read(file), out, lambda: Cluster(cluster.scheduler_address), watch)
    assert killed
    assert list(folder.failures()) == []
    assert timeless(folder.rows()) == undisturbed[0]
