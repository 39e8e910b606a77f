"""Files read by a Dask cluster of real processes: the same catalogue, whoever of them is killed (CR-15)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from console.clustering import HERE, Where, connected
from tests.cluster_here import ClusterHere, kill
from tests.conftest import ROOT
from tests.demo_archive import DemoArchive, command, differences, dump, environment, oversight, rows
from tests.figures import figure

PAYLOADS = 40


@pytest.fixture
def unread(demo_made: DemoArchive, tmp_path: Path) -> Path:
    """Give a copy of the demo's archive without its kept readings."""
    archive = Path(shutil.copytree(demo_made.path, tmp_path / "demo"))
    shutil.rmtree(archive / "cache")
    return archive


def started(archive: Path, cluster: ClusterHere) -> subprocess.Popen[str]:
    """Begin a rebuild that reads on a cluster."""
    return subprocess.Popen(
        command("rebuild", "--archive", archive, *cluster.options), cwd=ROOT, env=environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something has happened while a command runs."""
    until = time.monotonic() + 60
    while not happened():
        assert process.poll() is None, "it ended before it could be disturbed"
        assert time.monotonic() < until
        time.sleep(0.01)


def kept(archive: Path) -> int:
    """Return how many readings an archive has kept."""
    return len(list((archive / "cache").rglob("[0-9a-f]*.json.gz")))


@pytest.mark.soak
@pytest.mark.parametrize("killed", ["none", "one worker", "all workers", "scheduler"])
def test_cr_15_read_by_a_cluster(unread: Path, demo_made: DemoArchive, tmp_path: Path, killed: str) -> None:
    with ClusterHere(tmp_path / "cluster") as cluster:
        process, kills = started(unread, cluster), 0
        if killed != "none":
            wait_for(lambda: kept(unread) >= 4, process)
            assert cluster.scheduler is not None
            victims = {
                "one worker": cluster.workers[:1],
                "all workers": cluster.workers,
                "scheduler": [cluster.scheduler],
            }
            for victim in victims[killed]:
                kill(victim)
                kills += 1
            if killed == "all workers":
                cluster.start_worker()
        said, complaints = process.communicate(timeout=240)
        assert process.returncode == 0, complaints
        assert f"{PAYLOADS} payloads read anew" in said
        assert ("scheduler is gone" in complaints) == (killed == "scheduler"), complaints
    assert differences(dump(demo_made.path), dump(unread)) == {}
    assert not [path for path in (tmp_path / "cluster" / "shared").rglob("*") if path.is_file()], "nothing is left"
    [(held, distinct)] = rows(unread, "SELECT count(*), count(DISTINCT digest) FROM readings")
    figure("CR-15", reading=killed, kills=kills, missing=PAYLOADS - distinct, doubled=held - distinct)
    assert (held, distinct) == (PAYLOADS, PAYLOADS)


def test_without_what_it_takes_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody, here = "tcp://127.0.0.1:9", f"file://{tmp_path}"
    import distributed  # noqa: PLC0415 (it takes a second, which other workers of pytest don't have to wait)

    for shared, says in (
        (None, "--cluster goes with --shared URL"),
        ("s3://me:secret@store/bucket", "holds a password"),
        ("nowhere://x", "nowhere://x can't be used as a shared store"),
        (here, f"scheduler at {nobody} can't be reached"),
    ):
        quick = distributed.dask.config.set({"distributed.comm.timeouts.connect": "300ms"})
        with quick, pytest.raises(click.UsageError, match=says), connected(Where(nobody, shared)):
            pass
    monkeypatch.setitem(sys.modules, "distributed", None)
    says = r"extra `cluster`: pip install 'oversight-archive\[cluster\]'"
    with pytest.raises(click.UsageError, match=says), connected(Where(nobody, here)):
        pass
    with connected(HERE) as cluster:
        assert cluster is None


@pytest.mark.soak
def test_a_worker_of_another_version_is_refused_by_name(unread: Path, demo_made: DemoArchive, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for part in ("archive", "pipelines", "spiders"):
        shutil.copytree(ROOT / part, other / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "sources.toml", other)
    with (other / "pipelines" / "readers.py").open("a") as changed:
        changed.write("# another version\n")
    with ClusterHere(tmp_path / "cluster", workers=1) as cluster:
        cluster.start_worker(folder=other)
        done = oversight("rebuild", "--archive", unread, *cluster.options)
        assert done.returncode == 0, done.stderr
        assert "is not used: it is another version of this program" in done.stderr
        kill(cluster.workers[0])
        done = oversight("rebuild", "--archive", unread, *cluster.options)
        assert done.returncode == 2
        assert "has no worker that could be used" in done.stderr
    assert differences(dump(demo_made.path), dump(unread)) == {}


@pytest.mark.soak
def test_a_worker_without_the_key_is_refused_and_the_key_never_travels(
    unread: Path, demo_made: DemoArchive, tmp_path: Path
) -> None:
    key = "canary-0123456789abcdef"
    with ClusterHere(tmp_path / "cluster", workers=1, DASK_LOGGING__DISTRIBUTED="debug") as cluster:
        line = ("rebuild", "--archive", unread, *cluster.options)
        done = oversight(*line, SAM_API_KEY=key)
        assert done.returncode == 2
        assert "has other API keys in its environment" in done.stderr
        cluster.start_worker(SAM_API_KEY=key)
        done = oversight(*line, SAM_API_KEY=key)
        assert done.returncode == 0, done.stderr
        written = [path.read_bytes() for path in (tmp_path / "cluster").rglob("*") if path.is_file()]
        assert not [one for one in written if key.encode() in one]
    assert differences(dump(demo_made.path), dump(unread)) == {}
