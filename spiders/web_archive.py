"""Copies at the Internet Archive: looked up in its index (CDX), fetched as they were captured; it reads none of them.

A copy says what stood at an address at a time. What it says is read by the source that knows the address
(pipelines/derive.py). Known of the service are its documentation and what programs that use it rely on: the index's
answers are JSON rows under a header, `id_` behind the instant gives the bytes without the archive's own banner, and a
copy is told from the archive's own pages by the header Memento-Datetime (RFC 7089, 2.1.1).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from scrapy.http import Request, Response

from pipelines.items import Copy, Expect, Problem
from pipelines.screening import KINDS, accepts
from spiders._platform import Said, Source, is_on, web_address
from spiders._records import MalformedError, read_json

HOST = "web.archive.org"
INDEX = f"https://{HOST}/cdx/search/cdx"
BY = "Internet Archive"
FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest", "length")
MOST_ROWS = 2_000  # of one look-up: what is asked for, and what is read
MOST_PROBLEMS = 50  # of one look-up; more of them are counted in one
COPY = re.compile(r"https?://web\.archive\.org/web/(\d{14})id_/(\S+)")
ANY_COPY = re.compile(r"https?://web\.archive\.org/web/(\d{14})(?:[a-z]{2}_)?/(\S+)")
_DIGEST = re.compile(r"[A-Z2-7]{32}")
_SITE = re.compile(r"(?:www\d?\.)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One copy as the index has it: fourteen digits of UTC, the address, the SHA-1 of its bytes in base 32."""

    timestamp: str
    original: str
    digest: str


class WebArchive(Source):
    """Looks up each address that is wanted or configured, and fetches some of its distinct copies, oldest and newest
    among them."""

    name = "web_archive"
    title = "Copies at the Internet Archive"
    publisher = "Internet Archive"
    home = f"https://{HOST}/"
    collection = "web-archive-copies"
    description = (
        "Copies of documents that are blocked or gone, or older than this archive. Each counts at the address and the "
        "time at which it was captured there, beside the time at which it was fetched here."
    )
    allowed_domains = (HOST,)
    expect = Expect(1, 100_000)
    wants = "copies"

    def __init__(
        self,
        wanted: Sequence[str] = (),
        pages: Sequence[str] = (),
        prefixes: Sequence[str] = (),
        held: Sequence[str] = (),
        most_copies: int = 12,
        **kwargs: Any,
    ) -> None:
        """`pages` are looked up always, and all below `prefixes`; `held` are addresses of copies that need not be
        fetched again; of one address `most_copies` are fetched."""
        super().__init__(**kwargs)
        self.wanted, self.pages, self.prefixes, self.held = wanted, pages, prefixes, frozenset(held)
        self.most_copies = max(1, most_copies)

    async def start(self) -> AsyncIterator[Request]:
        seen = set()
        for url in (*self.pages, *self.wanted):
            address = web_address("", url)
            if address and not is_on(address, self.allowed_domains) and address not in seen:
                seen.add(address)
                yield self._look_up(address, whole=False)
        for prefix in dict.fromkeys(self.prefixes):
            if address := web_address("", prefix):
                yield self._look_up(address, whole=True)

    def request_for(self, url: str) -> Request | None:
        found = ANY_COPY.fullmatch(url)
        original = web_address("", found[2]) if found else ""
        if found is None or not original or not instant(found[1]) or is_on(original, self.allowed_domains):
            return None
        return self._copy(Row(found[1], original, ""))

    def address_of(self, kind: str, target: str) -> str:
        address = web_address("", target) if kind == "copy" else ""
        return self._look_up(address, whole=False).url if address and not is_on(address, self.allowed_domains) else ""

    def _look_up(self, address: str, *, whole: bool) -> Request:
        """Ask the index for an address, or for all that begin with it: good answers only, each content once."""
        match = "&matchType=prefix" if whole else ""
        query = f"url={quote(address, safe='')}{match}&output=json&filter=statuscode:200&collapse=digest"
        url = f"{INDEX}?{query}&fl={','.join(FIELDS)}&limit={MOST_ROWS}"
        return self.ask(url, self.parse_index, address=address, whole=whole)

    def _copy(self, row: Row) -> Request:
        url = f"https://{HOST}/web/{row.timestamp}id_/{row.original}"
        return self.ask(url, self.parse_copy, timestamp=row.timestamp, original=row.original, digest=row.digest)

    @accepts("json")
    def parse_index(self, response: Response, address: str, whole: bool) -> Said:
        rows: list[Row] = []
        problems: list[Problem] = []
        for one in read_index(response.body, address, whole=whole):
            (rows if isinstance(one, Row) else problems).append(one)  # type: ignore[arg-type]
        yield from problems[:MOST_PROBLEMS]
        if len(problems) > MOST_PROBLEMS:
            yield Problem(problems[-1].outcome, address, f"and {len(problems) - MOST_PROBLEMS} more such rows")
        if not rows and not problems:
            yield Problem("no-copy", address)
        requests = map(self._copy, chosen(rows, self.most_copies))
        yield from (request for request in requests if request.url not in self.held)

    @accepts(*(KINDS - {"empty"}))
    def parse_copy(self, response: Response, timestamp: str, original: str, digest: str) -> Said:
        # The archive may lead on to the copy nearest in time: what counts is what its address says in the end.
        found = COPY.fullmatch(response.url)
        at = instant(found[1]) if found else ""
        address = web_address("", found[2]) if found else ""
        if found is None or not at or not address or is_on(address, self.allowed_domains):
            yield Problem("not-a-copy", response.url, "its address is none of a copy")
        elif not response.headers.get("Memento-Datetime"):
            yield Problem("not-a-copy", response.url, "without the header Memento-Datetime")
        else:
            yield Copy(address, at, BY)
            if found[1] == timestamp and digest and _digest(response.body) != digest:
                # The index has the digest of what was stored, which may be a packed form of what is shown.
                yield Problem("copy-unverified", address, f"SHA-1 {_digest(response.body)} in place of {digest}")


def read_index(body: bytes, address: str, *, whole: bool) -> Iterator[Row | Problem]:
    """Yield the copies that an answer of the index names, in its order, each once, and what is wrong with its rows."""
    try:
        answer = read_json(body)
    except MalformedError as error:
        yield Problem("malformed-json", address, str(error))
        return
    if not isinstance(answer, list) or not all(isinstance(row, list) for row in answer[: MOST_ROWS + 1]):
        yield Problem("layout-changed", address, "the index's answer is no list of rows")
        return
    header = answer[0] if answer else list(FIELDS)
    if header != list(FIELDS):
        yield Problem("layout-changed", address, f"the columns are {str(header)[:200]}")
        return
    seen = set()
    for number, cells in enumerate(answer[1 : MOST_ROWS + 1], 1):
        one = _row(cells, number, address, whole=whole)
        if isinstance(one, Problem) or (one.timestamp, one.original) not in seen:
            yield one
        if isinstance(one, Row):
            seen.add((one.timestamp, one.original))
    if len(answer) > MOST_ROWS + 1:
        yield Problem("trap", address, f"{len(answer) - 1} rows, where {MOST_ROWS} were asked for")


def _row(cells: list[Any], number: int, address: str, *, whole: bool) -> Row | Problem:
    if len(cells) != len(FIELDS) or not all(isinstance(cell, str) for cell in cells):
        return Problem("missing-field", address, f"row {number} has not the {len(FIELDS)} columns")
    timestamp, original, _, status, digest, _ = cells
    if not instant(timestamp):
        return Problem("invalid-date", address, f"row {number}: {timestamp[:40]!r}")
    url = web_address("", original) if original.isprintable() else ""
    if not url or not (_place(url).startswith(_place(address)) if whole else _place(url) == _place(address)):
        return Problem("link-dropped", address, f"row {number} is of another address: {original[:300]!r}")
    if status != "200":
        return Problem("unknown-value", address, f"row {number} has the status {status[:20]!r}, and 200 was asked for")
    if not _DIGEST.fullmatch(digest):
        return Problem("missing-field", address, f"row {number} has no digest: {digest[:60]!r}")
    return Row(timestamp, url, digest)


def _place(url: str) -> str:
    """Return what the archive's index knows an address by, near enough: no scheme, no www, no port, any case."""
    parts = urlsplit(url)
    host = _SITE.sub("", (parts.hostname or "").removesuffix("."), count=1)
    query = f"?{parts.query}" if parts.query else ""
    return unquote(unquote(f"{host}{parts.path.rstrip('/')}{query}")).lower()


def chosen(rows: Sequence[Row], most: int) -> list[Row]:
    """Return `most` copies of each address, spread evenly over their times, the oldest and the newest among them."""
    by_place: dict[str, list[Row]] = {}
    for row in rows:
        by_place.setdefault(_place(row.original), []).append(row)
    picked: list[Row] = []
    for held in by_place.values():
        # The index leaves out neighbours of equal content only; the first of each content is enough.
        first: dict[str, Row] = {}
        for row in sorted(held, key=lambda row: row.timestamp):
            first.setdefault(row.digest, row)
        distinct = list(first.values())
        last = len(distinct) - 1
        places = {round(step * last / (most - 1)) for step in range(most)} if most > 1 else {last}
        picked += [distinct[place] for place in sorted(places)]
    return picked


def instant(timestamp: str) -> str:
    """Return fourteen digits as an instant in ISO 8601, "" where they are none (or from before there was a web)."""
    if not re.fullmatch(r"(?:199|20)[0-9]{11,12}", timestamp) or len(timestamp) != 14:
        return ""
    try:
        return f"{datetime.fromisoformat(f'{timestamp[:8]}T{timestamp[8:]}+0000'):%Y-%m-%dT%H:%M:%SZ}"
    except ValueError:
        return ""


def _digest(body: bytes) -> str:
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()
