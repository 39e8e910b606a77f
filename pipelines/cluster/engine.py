"""A Dask cluster as this program uses it: which of its workers are fit, and one task at a time with its answer.

The only module that knows Dask. A task is a function of one mapping of plain values and may be carried out twice; that
a worker dies, the scheduler, or the answer on its way, costs time. Dask hands functions and answers over as pickles,
which are programs: whoever can connect to a cluster can run what he likes on its machines and on this one
(docs/scale.md says how it is closed off).
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, Self

from archive.copies.object_store import shown_url
from pipelines.cluster.about import about, difference
from pipelines.cluster.shared import Shared, SharedUnusable

SECONDS_TO_CONNECT = 15
# Without a worker that is fit, for so long, there is no cluster.
SECONDS_WITHOUT_WORKER = 60.0
# What workers there are is asked for no oftener.
SECONDS_SEEN = 1.0
# A task whose workers died, or whose answer was lost, so often isn't sent again.
MOST_TRIES = 5

Job = Mapping[str, Any]
Task = Callable[[Job], dict[str, Any]]


class ClusterRefused(Exception):  # noqa: N818
    """There is no cluster to begin with; the message says why, and what to do."""


class ClusterLost(Exception):  # noqa: N818
    """The cluster was there and is no more; the message says what became of it."""


class TaskFailed(Exception):  # noqa: N818
    """A task has no answer though the cluster is there; the message says why."""


def _dask() -> Any:
    import distributed  # noqa: PLC0415 (it takes a second, and few have it)

    return distributed


class Cluster:
    """A connection to a scheduler. Leave it by `with`. Its methods may be called by several threads.

    `refused` has the workers that aren't used, each with the reason.
    """

    def __init__(self, client: Any, shared: Shared) -> None:
        self.shared = shared
        self.refused: dict[str, str] = {}
        self._client = client
        self._greeting = uuid.uuid4().hex
        self._fit: dict[str, int] = {}
        self._lock = threading.Lock()
        self._lost = ""
        self._asking = threading.Lock()
        self._seen: tuple[float, list[str]] = (float("-inf"), [])

    @classmethod
    def connect(cls, address: str, shared: str) -> Self:
        """Connect to a scheduler ("tcp://10.0.0.5:8786"). Raises ClusterRefused.

        Dask's own settings say how long is waited (DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT), and for tls:// which
        certificates hold (DASK_DISTRIBUTED__COMM__TLS__CA_FILE and others).
        """
        if find_spec("distributed") is None:
            raise ClusterRefused("A cluster takes the extra `cluster`: pip install 'oversight-archive[cluster]'.")
        distributed = _dask()

        try:
            store = Shared(shared)
            client = distributed.Client(address, set_as_default=False, name="oversight")
        except SharedUnusable as unusable:
            raise ClusterRefused(str(unusable)) from unusable
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            why = f"The cluster's scheduler at {address} can't be reached ({error})."
            raise ClusterRefused(f"{why} Start it (dask scheduler), or leave --cluster out.") from error
        cluster = cls(client, store)
        try:
            cluster.begin()
        except BaseException:
            cluster.close()
            raise
        return cluster

    def begin(self) -> None:
        """Wait for a worker that is fit. Raises ClusterRefused."""
        try:
            self.shared.put(f"greetings/{self._greeting}", self._greeting.encode())
            self._wait_for_workers(SECONDS_TO_CONNECT)
        except OSError as error:
            raise ClusterRefused(f"Nothing can be put into {shown_url(self.shared.url)}: {error}") from error
        except ClusterLost as lost:
            raise ClusterRefused(f"{lost} Start one (dask worker), or leave --cluster out.") from lost

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the scheduler; what it has still to do is called off."""
        with suppress(Exception):  # it may be gone, and we go too
            self.shared.remove(f"greetings/{self._greeting}")
        with suppress(Exception):
            self._client.close(timeout=5)

    @property
    def slots(self) -> int:
        """How many tasks the workers that are fit do at a time."""
        return sum(self._fit.values())

    @property
    def lost(self) -> str:
        """What became of the cluster, "" where it is there."""
        return self._lost

    def run(self, task: Task, job: Job) -> dict[str, Any]:
        """Have a task done by some worker that is fit, and return its answer.

        It is sent again where its worker died. Raises TaskFailed, ClusterLost.
        """
        why = ""
        for _ in range(MOST_TRIES):
            answer, why = self._tried(task, job)
            if answer is not None:
                return answer
        raise TaskFailed(f"it was sent {MOST_TRIES} times and never answered: {why}")

    def _tried(self, task: Task, job: Job) -> tuple[dict[str, Any] | None, str]:
        """Return the answer, or why there is none this time."""
        workers = self._wait_for_workers(SECONDS_WITHOUT_WORKER)
        key = f"{task.__name__}-{uuid.uuid4().hex}"
        future = self._client.submit(task, job, key=key, workers=workers, pure=False)
        try:
            while not self._is_done(future):
                if not set(workers) & set(self._present()):
                    return None, "its worker is gone"
            if future.status == "finished":
                answer = future.result(timeout=SECONDS_WITHOUT_WORKER)
                return (answer, "") if isinstance(answer, dict) else (None, "its answer is none of ours")
            if future.status == "error":
                error = future.exception(timeout=SECONDS_WITHOUT_WORKER)
                if type(error).__name__ != "KilledWorker":
                    raise TaskFailed(f"{type(error).__name__}: {error}")
                return None, f"{error}"
            return None, f"it was {future.status}"
        except (OSError, TimeoutError) as error:  # the answer is lost, or whoever has it
            return None, f"{type(error).__name__}: {error}"
        finally:
            with suppress(Exception):
                future.release()

    def _is_done(self, future: Any) -> bool:
        with suppress(Exception):  # a second has passed, or the scheduler is gone
            future.exception(timeout=1)  # Dask's wait() wants a client that is everybody's, and ours isn't
        return future.status in ("finished", "error", "cancelled", "lost")

    def _present(self) -> list[str]:
        """Return the addresses of the workers that the scheduler has, as they were a moment ago.

        Raises ClusterLost where there is no scheduler.
        """
        if self._lost:
            raise ClusterLost(self._lost)
        with self._asking:  # a hundred threads wait for a task each: one of them asks for all
            if time.monotonic() - self._seen[0] > SECONDS_SEEN:
                self._seen = (time.monotonic(), self._present_now())
            return self._seen[1]

    def _present_now(self) -> list[str]:
        began = time.monotonic()
        while time.monotonic() - began < SECONDS_TO_CONNECT:
            if self._client.status == "running":
                with suppress(Exception):  # it is being connected to again
                    return list(self._client.scheduler_info(n_workers=-1)["workers"])
            if self._client.status == "closed":
                break
            time.sleep(0.2)
        self._lost = "The cluster's scheduler is gone."
        raise ClusterLost(self._lost)

    def _wait_for_workers(self, seconds: float) -> list[str]:
        """Return the addresses of the workers that are fit, as soon as there is one. Raises ClusterLost."""
        began = time.monotonic()
        while True:
            if fit := self._fit_now():
                return fit
            if time.monotonic() - began > seconds:
                self._lost = self._without_workers()
                raise ClusterLost(self._lost)
            time.sleep(0.2)

    def _without_workers(self) -> str:
        if not self.refused:
            return "The cluster has no workers."
        refused = "; ".join(f"{name} {why}" for name, why in sorted(self.refused.items()))
        return f"The cluster has no worker that could be used: {refused}."

    def _fit_now(self) -> list[str]:
        """Ask the workers that came since what they are; return those that are fit."""
        with self._lock:
            present = self._present()
            self._fit = {one: threads for one, threads in self._fit.items() if one in present}
            new = [one for one in present if one not in self._fit and one not in self.refused]
            if new:
                ours = about(self.shared.url, self._greeting)
                for one, theirs in self._asked(new).items():
                    if why := difference(ours, theirs, self._greeting):
                        self.refused[one] = why
                    else:
                        self._fit[one] = self._threads(one)
            return list(self._fit)

    def _asked(self, workers: list[str]) -> dict[str, Any]:
        try:
            said = self._client.run(about, self.shared.url, self._greeting, workers=workers, on_error="return")
        except Exception:  # one of them died meanwhile: they are asked again
            return {}
        return dict(said)

    def _threads(self, worker: str) -> int:
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        return int(workers[worker]["nthreads"]) if worker in workers else 1
