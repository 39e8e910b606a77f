"""Goes on with a run that wasn't at its end: what it captured already is answered from the archive, not the network.

It begins at the source's first requests again and walks at memory's speed to where it stopped. There is no queue on the
disk that a crash could tear: the captures themselves say how far the run came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from archive.catalog.runs import UNFINISHED, RunFacts, fold
from archive.model import Stored
from archive.outcomes import ANSWERED
from archive.store.errors import RecordDamaged
from archive.store.index import Question, iter_answers
from pipelines.clock import now
from pipelines.conditional import answer_of, days_before
from pipelines.session import Run, Session

# A run of a whole source is named by it and by its begin; what stands behind that says that it is less ("-add").
_WHOLE = re.compile(r"-\d{8}T\d{6}Z")
# robots.txt is as old as any answer when it counts as unread (RFC 9309 2.4 allows a day).
_FRESH_ROBOTS_DAYS = 1 / 24


def unfinished_run(events: Iterable[Mapping[str, Any]], source: str, at: str, days: float) -> RunFacts | None:
    """Return the run of a source that is to be gone on with at an instant, as the journal's events tell it, or None.

    It is the source's latest run of all of it against the network, if that was killed or stopped, gave up a host, or
    had spent its budget, and gave its last sign of life not longer than `days` ago.
    """
    runs = [run for run in fold(events).values() if run.source == source and is_whole(run)]
    latest = max(runs, key=lambda run: run.started, default=None)
    if latest is None or latest.status not in UNFINISHED or latest.last_sign < days_before(at, days):
        return None
    return latest


def is_whole(run: RunFacts) -> bool:
    """Tell whether a run is one of all of its source against the network."""
    return not run.replay and bool(_WHOLE.fullmatch(run.id.removeprefix(run.source)))


def run_again(facts: RunFacts) -> Run:
    """Return what is said of a run that is gone on with: the same as at first."""
    return Run(
        id=facts.id,
        source=facts.source,
        night=facts.night,
        at=facts.started,
        replay=False,
        minimum=facts.minimum,
        maximum=facts.maximum,
        fields=dict(facts.fields),
    )


class CapturedAlready:
    """Answers requests that this very run has had a good answer to. Without the setting RESUMED it does nothing."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.resumed = crawler.settings.getbool("RESUMED")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        """Return the answer that was captured, None where there is none."""
        if not self.resumed:
            return None
        session = Session.of(self.crawler)
        stored = await session.look_up(_captured, session, session.question(request), request.body)
        return None if stored is None else answer_of(stored, request)


def _captured(session: Session, question: Question, body: bytes) -> Stored | None:
    store = session.archive.store
    oldest = "" if question.callback else days_before(now(), _FRESH_ROBOTS_DAYS)
    for answer in iter_answers(session.archive.connection, question):
        if answer.run != session.run.id or answer.outcome not in ANSWERED or answer.captured_at < oldest:
            continue
        try:
            sent = store.request(answer.id).partition(b"\r\n\r\n")[2] if question.method != "GET" else b""
            if sent == body:
                return store.read(answer.id)
        except RecordDamaged:
            continue
    return None
