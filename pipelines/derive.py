"""What each stored capture says: hands its bytes to the source's callback that asked for them, and keeps the answer.

A function of stored bytes alone: it runs after a crawl and in a rebuild, and asks the network for nothing.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from archive.addresses import is_web_address
from archive.model import Stored
from archive.outcomes import severity
from archive.store.errors import RecordDamaged
from archive.store.store import CaptureStore
from pipelines.following import FollowingError
from pipelines.items import Copy, File, Item, Problem
from pipelines.screening import content_kind, screen
from pipelines.statements import DOCUMENTS, Statement, statements_of, storable

# The source of what somebody else captured: its captures are read by whichever source knows their address.
IMPORT = "import"
# Files that are documents of their own wherever they stand.
DOCUMENT_KINDS = ("pdf", "office")
ROBOTS = re.compile(r"https?://[^/?#]+/robots\.txt", re.IGNORECASE)
# A source that yields more than this of one response has fallen into a trap.
MOST_ITEMS = 500_000
# As many captures as are derived in one transaction.
AT_ONCE = 100

STATUS_OUTCOMES = {
    404: "not-found",
    410: "not-found",
    401: "blocked",
    403: "blocked",
    407: "blocked",
    429: "blocked",
    451: "blocked",
}
# What no request asks for, except for the second where it makes a condition.
UNASKED = {206: "a part of what was asked for", 304: "not asked for, or with a body"}
# Why an answer was cut off (a WARC-Truncated token), as an outcome.
CUT_OFF = {"length": "too-large", "time": "timed-out"}


@dataclass(frozen=True, slots=True)
class Derived:
    """What came of one capture: its outcome, and what it says."""

    outcome: str
    detail: str = ""
    statements: tuple[Statement, ...] = ()
    # The source that read it, where that isn't the one that asked for it.
    read_by: str = ""
    # Of a copy: what it is a copy of, and by whom.
    copy: Copy | None = None


class Sources:
    """The sources by name, as Scrapy's loader finds them, made ready to read stored responses."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loader = SpiderLoader.from_settings(settings)
        self._made: dict[str, Spider] = {}
        self._crawler: Crawler | None = None

    def names(self) -> list[str]:
        """Return the names of all sources, sorted."""
        return sorted(self._loader.list())

    def source_class(self, name: str) -> Any:
        """Return a source's class. Raises KeyError for a name that no source has."""
        return self._loader.load(name)

    def source_for(self, url: str) -> str | None:
        """Return the name of the source that knows an address, or None; those that `want` something come last."""
        for name in sorted(self.names(), key=lambda name: (bool(self.made(name).wants), name)):
            if self.made(name).request_for(url) is not None:
                return name
        return None

    def reader_for(self, url: str) -> tuple[str, str, dict[str, Any]] | None:
        """Return who reads what stands at an address: a source, the name of its callback and its arguments; or None."""
        try:
            name = self.source_for(url)
            request = self.made(name).request_for(url) if name is not None else None
        except FollowingError:
            raise
        except ValueError:  # an address that no source can make a request of
            return None
        if name is None or request is None or request.callback is None:
            return None
        return name, str(request.callback.__name__), dict(request.cb_kwargs)

    def reader_of_file(self, name: str, body: bytes) -> tuple[str, str] | None:
        """Return who reads a file that was handed in, by its name and content: a source and its callback; or None."""
        for source in self.names():
            if callback := self.source_class(source).reader_for(name, body):
                return source, callback
        return None

    def made(self, name: str) -> Any:
        """Return a source, made with what the settings hand to it. Raises FollowingError where they can't be."""
        if name not in self._made:
            source_class = self._loader.load(name)
            try:
                # One for all of them: Scrapy copies all settings for each.
                self._crawler = self._crawler or Crawler(Spider, self._settings)
                self._made[name] = source_class.from_crawler(self._crawler)
            except TypeError as error:
                raise FollowingError(f"{self._settings['SOURCES_FILE']}: {error}") from error
            except KeyError as error:
                raise FollowingError(f"{self._settings['SOURCES_FILE']}: [sources.{name}] lacks {error}") from error
            except ValueError as error:
                raise FollowingError(f"{self._settings['SOURCES_FILE']}: [sources.{name}] {error}") from error
        return self._made[name]

    def callback(self, name: str, method: str) -> Callable[..., Any] | None:
        """Return the method of the source that reads a response, or None where it has none of that name."""
        try:
            found = getattr(self.made(name), method, None)
        except KeyError:
            return None
        return found if callable(found) and not method.startswith("_") else None


def derive(stored: Stored, sources: Sources) -> Derived:
    """Return what a capture says, under exactly one outcome. Never raises for what the bytes hold.

    One that the server called unchanged says what the earlier capture says whose payload it has.
    """
    if not stored.unchanged:
        return _derive(stored, sources)
    derived = _derive(replace(stored, capture=replace(stored.capture, status=200)), sources)
    return replace(derived, outcome="unchanged") if severity(derived.outcome) == "ok" else derived


def _derive(stored: Stored, sources: Sources) -> Derived:
    capture = stored.capture
    if capture.source == IMPORT and not capture.callback:
        return _read_by_address(stored, sources)
    if capture.kind == "resource":
        return _deposited(stored, sources)
    refused = _refusal(stored)
    if refused is not None:
        return refused
    if not capture.callback:
        return Derived("page-part" if "part_of" in capture.arguments else "robots")
    return _call(stored, sources)


def _call(stored: Stored, sources: Sources) -> Derived:
    capture = stored.capture
    callback = sources.callback(capture.source, capture.callback)
    if callback is None:
        return Derived("unknown-callback", f"{capture.source}.{capture.callback}")
    found = screen(capture.status, capture.media_type, stored.body, getattr(callback, "accepted", ()))
    if found is not None:
        return Derived(found[0], found[1])
    return _read(stored, callback, sources)


def _read_by_address(stored: Stored, sources: Sources) -> Derived:
    """Return what a source that knows the capture's address reads in it; a file is one even where none does."""
    capture = stored.capture
    if ROBOTS.fullmatch(capture.url):
        return Derived("robots")
    reader = sources.reader_for(capture.url) if capture.method == "GET" and is_web_address(capture.url) else None
    if reader is None:
        return _unknown(stored)
    name, callback, arguments = reader
    known = replace(capture, source=name, callback=callback, arguments=arguments)
    if capture.kind == "resource":  # a file that was recorded without the answer's head
        known = replace(known, kind="response", status=200)
    derived = _derive(replace(stored, capture=known), sources)
    return replace(derived, read_by=derived.read_by or name)


def _unknown(stored: Stored) -> Derived:
    capture = stored.capture
    if 300 <= capture.status < 400 and is_web_address(capture.location):
        return Derived("redirect", capture.location)
    kind = content_kind(stored.body)
    whole = capture.status in (0, 200) and not capture.truncated and not stored.decode_error
    if whole and kind in DOCUMENT_KINDS:
        return Derived("document", statements=statements_of([File(kind)]))
    return Derived("no-source", f"{kind}, status {capture.status}")


def _copied(stored: Stored, copy: Copy, beside: Sequence[Item], sources: Sources) -> Derived:
    """Return what a copy says, read at the address and as of the time that it is a copy of."""
    capture = stored.capture
    if copy.captured_at > capture.captured_at or capture.url == copy.url:
        return Derived("not-a-copy", f"of {copy.url[:300]} at {copy.captured_at}, fetched at {capture.captured_at}")
    derived = _read_by_address(replace(stored, capture=replace(capture, url=copy.url)), sources)
    said = statements_of([copy, *beside])
    return replace(derived, statements=(*derived.statements, *said), copy=copy)


def _deposited(stored: Stored, sources: Sources) -> Derived:
    """Return what a file that was handed in says: to the source that reads such files, else as a document."""
    kind = content_kind(stored.body)
    if kind == "empty":
        return Derived("empty-body")
    reader = sources.reader_of_file(stored.capture.file_name, stored.body)
    if reader is None:
        return Derived("document", statements=statements_of([File(kind)]))
    known = replace(stored.capture, kind="response", status=200, source=reader[0], callback=reader[1], arguments={})
    if not is_web_address(known.url):  # a source that names the address names the file
        known = replace(known, url=f"file:///{quote(known.file_name)}")
    derived = _call(replace(stored, capture=known), sources)
    return replace(derived, read_by=derived.read_by or reader[0])


def _refusal(stored: Stored) -> Derived | None:
    """Return the outcome of an answer that isn't a whole 200, or None."""
    status = stored.capture.status
    if stored.capture.truncated and status < 400:
        return Derived(CUT_OFF.get(stored.capture.truncated, "truncated"), f"cut off: {stored.capture.truncated}")
    said = f"status {status}: {UNASKED[status]}" if status in UNASKED else f"status {status}"
    if 300 <= status < 400:
        leads = is_web_address(stored.capture.location)
        return Derived("redirect" if leads else "unexpected-status", stored.capture.location or said)
    if not stored.capture.callback and status != 200:
        return Derived("page-part" if "part_of" in stored.capture.arguments else "robots", said)
    if status != 200:
        outcome = STATUS_OUTCOMES.get(status, "server-error" if status >= 500 else "unexpected-status")
        return Derived(outcome, said)
    if stored.decode_error:
        return Derived("decode-failed", stored.decode_error)
    return None


def _read(stored: Stored, callback: Callable[..., Any], sources: Sources) -> Derived:
    try:
        said = list(_items(callback(response_of(stored), **stored.capture.arguments)))
        statements = statements_of(said)
    except Exception as error:  # whatever a page makes a source's method do, the run goes on
        return Derived("layout-changed", f"{type(error).__name__}: {error}"[:500])
    if said and isinstance(said[0], Copy):
        return _copied(stored, said[0], said[1:], sources)
    if any(statement.kind in DOCUMENTS for statement in statements):
        return Derived("document", statements=statements)
    if all(isinstance(item, Problem) for item in said):
        return _nothing_but(said, stored.capture.url)
    return Derived("listing", statements=statements)


def _nothing_but(problems: Sequence[Item], url: str) -> Derived:
    """Return what came of a capture that could not be read: its first failure is its outcome."""
    failed = [one for one in problems if isinstance(one, Problem) and severity(one.outcome) == "failure"]
    if not failed:
        return Derived("listing", statements=statements_of(problems))
    first = failed[0]
    detail = first.detail if first.subject == url else f"{first.subject}: {first.detail}"
    return Derived(first.outcome, detail, statements_of(one for one in problems if one is not first))


def _items(yielded: Iterable[Any] | None) -> Iterator[Item]:
    """Yield the items among what a callback gives; its requests are for crawls only."""
    for count, said in enumerate(itertools.chain(yielded or ())):
        if count > MOST_ITEMS:
            yield Problem("trap", "items", f"more than {MOST_ITEMS} from one response")
            return
        if not isinstance(said, Request):
            yield said


def response_of(stored: Stored) -> Response:
    """Make the response that a callback saw when its bytes were captured."""
    capture = stored.capture
    headers: dict[str, list[str]] = {}
    for name, value in stored.headers:
        if name.lower() not in ("content-encoding", "transfer-encoding"):
            headers.setdefault(name, []).append(value)
    kind = responsetypes.from_args(headers=_typed(headers), url=capture.url, body=stored.body)
    request = Request(capture.url, method=capture.method, cb_kwargs=dict(capture.arguments))
    made: Response = kind(url=capture.url, status=capture.status, headers=headers, body=stored.body, request=request)
    return made


def _typed(headers: dict[str, list[str]]) -> Any:
    from_name = {name.lower(): values for name, values in headers.items()}
    return (
        {b"Content-Type": from_name["content-type"][0].encode("latin-1", "replace")}
        if "content-type" in from_name
        else {}
    )


def derive_pending(
    connection: sqlite3.Connection,
    store: CaptureStore,
    sources: Sources,
    progress: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> int:
    """Derive every capture that has no outcome yet, and return how many there were.

    So many of them are one transaction: a sync for each would take longer than what it says. One that was interrupted
    is derived again.
    """
    pending = connection.execute("SELECT id FROM captures WHERE outcome = '' ORDER BY captured_at, id").fetchall()
    for start in range(0, len(pending), AT_ONCE):
        with connection:
            for done, (capture,) in enumerate(pending[start : start + AT_ONCE], start + 1):
                _write(connection, capture, _derived(store, capture, sources))
                progress("deriving", done, len(pending))
    return len(pending)


def _derived(store: CaptureStore, capture: str, sources: Sources) -> Derived:
    try:
        return derive(store.read(capture), sources)
    except RecordDamaged as damaged:
        return Derived("record-altered", str(damaged)[:500])


def _write(connection: sqlite3.Connection, capture: str, derived: Derived) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO statements(id, kind, body) VALUES (?, ?, ?)",
        [(said.id, said.kind, said.body) for said in derived.statements],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO sightings(capture, ordinal, statement) VALUES (?, ?, ?)",
        [(capture, ordinal, said.id) for ordinal, said in enumerate(derived.statements)],
    )
    connection.execute(
        "UPDATE captures SET outcome = ?, detail = ?, read_by = ? WHERE id = ?",
        (derived.outcome, storable(derived.detail), derived.read_by, capture),
    )
    if derived.copy is not None:
        at, by = derived.copy.captured_at, derived.copy.by
        connection.execute(
            "UPDATE captures SET original_url = ?, original_at = ?, provenance = trim(provenance || ?, '; ')"
            " WHERE id = ?",
            (storable(derived.copy.url), at, storable(f"; as captured by {by} at {at}"), capture),
        )
