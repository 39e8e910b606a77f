"""A crawl on a cluster: runs go on at the same time as far as no host is asked by two, and one writer takes them in.

A run is not parted: a source that asks several hosts asks them at the same time within its one run, each at its own
pace, so parting it would save nothing but the computing. What is done here and what on a worker is one thing (an
attempt, pipelines/cluster/attempts.py), so where the cluster is gone this machine goes on with it.
"""

from __future__ import annotations

import hashlib
import json
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from scrapy.settings import Settings, get_settings_priority

from archive.catalog.runs import fold
from archive.folder import ArchiveFolder
from pipelines.clock import now
from pipelines.cluster.attempts import Attempt, attempts_left
from pipelines.cluster.crawl_task import crawl_once
from pipelines.cluster.engine import Cluster, ClusterLost, TaskFailed
from pipelines.cluster.excerpt import excerpt_of, forget_old
from pipelines.cluster.hosts import Standing, domains_of, share_hosts
from pipelines.cluster.shared import Shared
from pipelines.cluster.taking_in import Taken, take_in
from pipelines.conditional import days_before
from pipelines.crawl import STOPS, Crawled, load_captured
from pipelines.derive import Sources, derive_pending
from pipelines.load import MakeReaders, Progress
from pipelines.plan import Plan
from pipelines.wanted import expand

# A run that was cut short so often is left for the next night.
MOST_ATTEMPTS = 5
# So many runs at a time where the cluster is gone; they ask different hosts.
MOST_HERE = 4
MOST_AT_ONCE = 256
# How a run stands that another attempt goes on with; one that had spent its budget has ended for tonight.
CUT_SHORT = ("interrupted", "shutdown")
# What each machine has of its own.
NOT_SENT = {"ARCHIVE_DIR", "KEEP_FREE", "BROWSER_PATH", "BROWSER_SANDBOX", "SETTINGS_MODULE"}


def capture_on(
    cluster: Cluster, settings: Settings, plans: Sequence[Plan], progress: Progress, readers: MakeReaders
) -> Crawled:
    """Carry out the plans on a cluster, as `pipelines.crawl.capture_due` does on one machine.

    The caller holds the archive's lock, and has taken in what was left (`take_in_left`).
    Raises StoreFull and StoreFailed where the archive takes in nothing more; what goes on is ended first.
    """
    crawl = _Crawl(cluster, settings, progress)
    with crawl.heeding_stops():
        for wants, stage in groupby(plans, key=lambda plan: plan.wants and plan.run.id):
            if not wants:
                crawl.carry_out(list(stage))
                continue
            for plan in stage:
                if not crawl.stopped:
                    load_captured(settings, progress, readers)
                crawl.carry_out([plan] if crawl.stopped else expand(plan, settings, crawl.sources))
    crawl.tidy()
    return Crawled(tuple(crawl.runs), crawl.not_begun, crawl.stopped, tuple(crawl.broken))


def take_in_left(shared: Shared, settings: Settings, progress: Progress) -> int:
    """Take in what a crawl left in the store that was killed; return how many attempts there were.

    Those that still go on are ended in order first, since their runs are gone on with. To be done before runs are
    planned, since it says how far they came.
    """
    left = attempts_left(shared)
    if not left:
        return 0
    with _opened(settings) as archive:
        for done, attempt in enumerate(left):
            progress("waiting for what an earlier crawl left", done, len(left))
            if attempt.has_begun() and not attempt.has("end"):
                attempt.put("stop", b"stop")
                attempt.wait_until_over()
            _note_problems(archive, take_in(archive, attempt))
    return len(left)


@contextmanager
def _opened(settings: Settings) -> Iterator[ArchiveFolder]:
    folder = Path(settings["ARCHIVE_DIR"])
    with closing(ArchiveFolder.open(folder, keep_free=settings.getint("KEEP_FREE"))) as archive:
        for finding in archive.store.recovered:
            archive.journal.append("recovered", **asdict(finding))
        yield archive


def _note_problems(archive: ArchiveFolder, taken: Taken) -> None:
    for problem in taken.problems:
        archive.journal.append("recovered", **asdict(problem))


@dataclass(slots=True)
class _Going:
    """A run that is to be carried out, or is being; `attempts` were made of it."""

    plan: Plan
    domains: tuple[str, ...]
    attempts: int = 0
    attempt: Attempt | None = None


@dataclass(slots=True)
class _Crawl:
    """One crawl: what runs, what waits, and what became of it."""

    cluster: Cluster
    settings: Settings
    progress: Progress
    sources: Sources = field(init=False)
    runs: list[str] = field(default_factory=list)
    not_begun: int = 0
    stopped: bool = False
    broken: list[tuple[str, str]] = field(default_factory=list)
    _hosts: Standing = field(default_factory=Standing)
    _recordings: dict[str, str] = field(default_factory=dict)
    _sent: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sources = Sources(self.settings)
        self._sent = settings_sent(self.settings)

    @contextmanager
    def heeding_stops(self) -> Iterator[None]:
        """End in order at a signal, as a crawl on one machine does; what nohup ignores stays ignored."""
        before = {one: handler for one in STOPS if (handler := signal.getsignal(one)) != signal.SIG_IGN}
        for one in before:
            signal.signal(one, self._stop)
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _stop(self, *_: object) -> None:
        self.stopped = True

    def carry_out(self, plans: Sequence[Plan]) -> None:
        """Carry out runs that need nothing of each other."""
        waiting = [_Going(plan, domains_of(plan, self.sources)) for plan in plans]
        running: dict[Future[None], _Going] = {}
        with _opened(self.settings) as archive, ThreadPoolExecutor(MOST_AT_ONCE) as pool:
            if not all(plan.run.replay for plan in plans):
                derive_pending(archive.connection, archive.store, self.sources, self.progress)
            try:
                while running or (waiting and not self.stopped):
                    self._begin(archive, pool, waiting, running)
                    self._tell(plans, waiting, running)
                    for future in wait(running, timeout=0.5, return_when=FIRST_COMPLETED).done:
                        self._end(archive, running.pop(future), waiting)
                    if self.stopped:
                        _call_off(running)
            except BaseException:
                _call_off(running)
                raise
        self.not_begun += sum(one.plan.run.id not in self.runs for one in waiting)

    def _tell(self, plans: Sequence[Plan], waiting: list[_Going], running: dict[Future[None], _Going]) -> None:
        names = ", ".join(sorted(one.plan.run.source for one in running.values()))
        self.progress(f"crawling {names}", len(plans) - len(waiting) - len(running), len(plans))

    def _begin(
        self,
        archive: ArchiveFolder,
        pool: ThreadPoolExecutor,
        waiting: list[_Going],
        running: dict[Future[None], _Going],
    ) -> None:
        """Begin what can go on beside what goes on."""
        for one in list(waiting):
            room = MOST_HERE if self.cluster.lost else max(1, min(self.cluster.slots, MOST_AT_ONCE))
            if self.stopped or len(running) >= room:
                return
            if not any(share_hosts(one.domains, other.domains) for other in running.values()):
                waiting.remove(one)
                one.attempt = Attempt.new(self.cluster.shared, one.plan.run.id, self._job(archive, one))
                one.attempts += 1
                running[pool.submit(self._attempted, one.attempt)] = one

    def _job(self, archive: ArchiveFolder, one: _Going) -> dict[str, Any]:
        """Return all that an attempt is to know."""
        run, at, own = one.plan.run, now(), dict(one.plan.settings)
        facts = fold(archive.journal.read()).get(run.id)
        if facts is not None and not run.replay:
            own["RESUMED"] = True
        excerpt = excerpt_of(
            archive, self.cluster.shared, run.id, run.source, at, self.settings.getfloat("FULL_FETCH_DAYS")
        )
        return {
            "run": asdict(run),
            "own": own,
            "settings": self._sent,
            "excerpt": excerpt,
            "hosts": self._hosts.told(),
            "recording": self._recording(own["REPLAY_FILE"]) if run.replay else "",
            "at": at,
        }

    def _recording(self, path: str) -> str:
        """Return under which name a recording lies in the store."""
        if path not in self._recordings:
            content = Path(path).read_bytes()
            name = f"recordings/{hashlib.sha256(content).hexdigest()}"
            self.cluster.shared.put(name, content)
            self._recordings[path] = name
        return self._recordings[path]

    def _attempted(self, attempt: Attempt) -> None:
        """Have an attempt made, and return when it is over; by a worker, or here where there is none any more."""
        job = {"shared": attempt.shared.url, "attempt": attempt.folder, "every": attempt.every}
        if self.cluster.lost:
            crawl_once(job)
            return
        try:
            self.cluster.run(crawl_once, job)
        except (ClusterLost, TaskFailed):
            if attempt.has_begun():
                attempt.wait_until_over()

    def _end(self, archive: ArchiveFolder, one: _Going, waiting: list[_Going]) -> None:
        """Take in an attempt that is over; where it was cut short, another goes on with it."""
        assert one.attempt is not None
        taken = take_in(archive, one.attempt)
        _note_problems(archive, taken)
        self._hosts.take(taken.hosts)
        facts = fold(archive.journal.read()).get(one.plan.run.id)
        if facts is not None and one.plan.run.id not in self.runs:
            self.runs.append(one.plan.run.id)
        if taken.broken:
            self.broken.append((one.plan.run.source, taken.broken))
        elif (facts is None or facts.status in CUT_SHORT) and one.attempts < MOST_ATTEMPTS:
            derive_pending(archive.connection, archive.store, self.sources)
            waiting.insert(0, one)
        elif facts is None or taken.refused:
            self.not_begun += facts is None
            self.broken.append((one.plan.run.source, taken.refused or "no worker could begin it"))

    def tidy(self) -> None:
        """Remove from the store what nobody needs any more."""
        for name in self._recordings.values():
            self.cluster.shared.remove(name)
        with _opened(self.settings) as archive:
            forget_old(
                archive.connection, self.cluster.shared, days_before(now(), self.settings.getfloat("FULL_FETCH_DAYS"))
            )


def _call_off(running: dict[Future[None], _Going]) -> None:
    """Have what goes on end as it would by a signal."""
    for one in running.values():
        if one.attempt is not None and not one.attempt.has("stop"):
            one.attempt.put("stop", b"stop")


def settings_sent(settings: Settings) -> dict[str, Any]:
    """Return the settings that a run on another machine goes by: all that were set, but for a machine's own."""
    sent = {}
    for name in settings:
        if (settings.getpriority(name) or 0) >= get_settings_priority("project") and name not in NOT_SENT:
            try:
                sent[name] = json.loads(json.dumps(settings[name]))
            except TypeError:  # a table of the program's own parts, which are the same there
                continue
    return sent
