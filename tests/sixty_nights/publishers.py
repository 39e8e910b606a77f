"""Four publishers and what they have on their servers, by address; it knows no night, no fault and no archive.

A thing is one document as its publisher means it: a page, a file, an article, a notice, an award.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from samples import usaspending
from tests.hostile import web
from tests.sixty_nights.words import mark, paragraphs, pdf, spelled

LIBRARY, NEWSROOM, NOTICES, AWARDS = "dhs_pia", "news", "sam_notices", "usaspending"
HOSTS = {
    LIBRARY: "www.dhs.gov", NEWSROOM: "news.example.org", NOTICES: "api.sam.gov", AWARDS: "api.usaspending.gov",
}  # fmt: skip
OF_HOST = {host: source for source, host in HOSTS.items()}
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    LIBRARY: {"listings": [web.COLLECTION]},
    NEWSROOM: {"terms": [], "outlets": [{**web.OUTLET, "title": "Example"}]},
    NOTICES: {"key": True, "since": "2026-01-01"},
    AWARDS: {"agencies": [usaspending.DHS], "keywords": ["license plate reader"], "since": "2026-10-01"},
}
FIRST_ASKED = {
    LIBRARY: urlsplit(web.COLLECTION).path, NEWSROOM: urlsplit(web.FEED).path, NOTICES: "/opportunities/v2/search",
    AWARDS: "/api/v2/search/spending_by_award_count/",
}  # fmt: skip
FEED_HOLDS = 8


@dataclass
class Thing:
    """One document: `address` is its path, `edition` the text that stands there, `saved` how often it was saved anew,
    `shown` whether its publisher's list has it; `answer` what stands in its place ("" for itself)."""

    source: str
    kind: str
    name: str
    address: str
    began: str
    edition: int = 0
    habit: str = ""  # of its server: "one tag for good", "other bytes each time"
    saved: int = 0
    shown: bool = True
    answer: str = ""
    since: str = ""  # when something was done to it last
    file: Thing | None = None
    days: list[str] = field(default_factory=list)  # on which each edition of a notice or an award was made

    @property
    def text(self) -> tuple[str, int]:
        """What tells this text of it from others: its mark, and how often it was saved."""
        return (mark(self.name, self.edition), self.saved)


@dataclass(frozen=True)
class Page:
    """What a server has at an address: the body, and the texts that are told by it, by their things' names."""

    body: bytes
    media_type: str
    what: str  # "robots", "list", "thing"
    tells: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    lists: tuple[str, ...] = ()  # the things that it lists or attaches

    @property
    def tag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


class Publishers:
    """All things there are, by name; `answer` is what their servers have at an address on a day."""

    def __init__(self) -> None:
        self.things: dict[str, Thing] = {}
        self._made = 0

    @property
    def names(self) -> list[str]:
        """The names of all that was ever published, but files, which are called after their pages."""
        return [name for name, one in self.things.items() if one.kind != "file"]

    def of(self, source: str, kind: str = "") -> list[Thing]:
        """Return a publisher's things, in the order in which they were made."""
        return [one for one in self.things.values() if one.source == source and kind in ("", one.kind)]

    def habit(self, page: Page) -> str:
        """Return what a server makes of a thing that it shouldn't."""
        name = next(iter(page.tells), "") if page.what == "thing" else ""
        return self.things[name].habit if name else ""

    def add(self, source: str, day: str) -> Thing:
        """Publish something new on a day."""
        self._made += 1
        name = spelled(self._made * 13 + 70)
        kind = {LIBRARY: "page", NEWSROOM: "article", NOTICES: "notice", AWARDS: "award"}[source]
        paths = {"page": f"/publication/{name}-system", "article": f"/2026/01/{name}-told-here"}
        made = Thing(source, kind, name, paths.get(kind, name), day, days=[day])
        self.things[name] = made
        if kind == "page":
            file = f"{name}f"
            path = f"/sites/default/files/publications/{name}.pdf"
            made.file = self.things[file] = Thing(source, "file", file, path, day, days=[day])
        return made

    def answer(self, source: str, path: str, query: str, asked: Any, day: str) -> Page | None:
        """Return what a server has at an address; `asked` is the JSON of a POST."""
        if path == "/robots.txt":
            return Page(web.ROBOTS.body, "text/plain", "robots")
        found = {LIBRARY: self._library, NEWSROOM: self._newsroom, NOTICES: self._notices, AWARDS: self._awards}
        return found[source](path, query, asked, day)

    def _library(self, path: str, query: str, asked: Any, day: str) -> Page | None:
        if web.COLLECTION.endswith(path):
            shown = [one for one in self.of(LIBRARY, "page") if one.shown]
            told = web.listing(*(f"{web.LIBRARY}{one.address}" for one in shown))
            body = told.body
            for one in shown:  # a list has titles
                url = f"{web.LIBRARY}{one.address}"
                body = body.replace(f">{url}<".encode(), f">The {one.name} system<".encode())
            return Page(body, web.HTML, "list", lists=tuple(one.name for one in shown))
        for one in self.of(LIBRARY):
            if one.address == path:
                return _page(one) if one.kind == "page" else _whole(one, pdf(one.name, one.edition, one.saved), web.PDF)
        return None

    def _newsroom(self, path: str, query: str, asked: Any, day: str) -> Page | None:
        articles = self.of(NEWSROOM)
        if web.FEED.endswith(path):
            shown = articles[-FEED_HOLDS:]
            told = web.feed(*(f"{web.NEWSROOM}{one.address}" for one in shown))
            return Page(told.body, web.XML, "list", lists=tuple(one.name for one in shown))
        return next((_whole(one, _article(one), web.HTML) for one in articles if one.address == path), None)

    def _notices(self, path: str, query: str, asked: Any, day: str) -> Page | None:
        year = query.partition("postedFrom=01/01/")[2][:4]
        told = [one for one in self.of(NOTICES) if one.days[-1][:4] == year]
        records = [_notice(self._number(one), one) for one in told]
        tells = {one.name: (one.text,) for one in told}
        return Page(web.search(*records).body, web.JSON, "list", tells) if path == "/opportunities/v2/search" else None

    def _awards(self, path: str, query: str, asked: Any, day: str) -> Page | None:
        awards = self.of(AWARDS)
        ids = {_award_id(self._number(one)): one for one in awards}
        last = path.strip("/").rpartition("/")[2]
        if last == "spending_by_award_count":
            counts = {"contracts": len(awards), "idvs": 0}
            return _json({"results": counts, "spending_level": "awards", "messages": []}, "list")
        if last == "spending_by_award":
            rows = [_row(self._number(one), one) for one in awards]
            metadata = {"page": 1, "hasNext": False}
            return _json({"limit": 100, "results": rows, "page_metadata": metadata}, "list", [*ids.values()])
        if last == "transactions" and asked and asked.get("award_id") in ids:
            one = ids[asked["award_id"]]
            tells = {one.name: tuple((mark(one.name, edition), 0) for edition in range(one.edition + 1))}
            return _json(usaspending._transactions(_actions(self._number(one), one)), "thing", tells=tells)
        if last in ids:
            one = ids[last]
            tells = {one.name: ((f"summary {one.edition}", 0),)}
            return _json(_summary(self._number(one), one), "thing", tells=tells)
        return None

    def _number(self, one: Thing) -> int:
        return [*self.things].index(one.name) + 1


def _whole(one: Thing, body: bytes, media_type: str) -> Page:
    return Page(body, media_type, "thing", {one.name: (one.text,)})


def _page(one: Thing) -> Page:
    assert one.file is not None
    href = f"{web.LIBRARY}{one.file.address}"
    text = "".join(f"<p>{part}</p>" for part in paragraphs(one.name, one.edition))
    body = web.page(
        f"The {one.name} system",
        f"{text}<table><tr><th>Attachment</th><th>Ext.</th><th>Size</th><th>Date</th></tr>"
        f'<tr><td><a href="{href}">On {one.name}</a></td><td>PDF</td><td>100 KB</td><td>03/19/2015</td></tr></table>'
        "<p>Created Date: March 19, 2015</p><p>Last Published Date: March 20, 2015</p>",
    )
    return Page(body, web.HTML, "thing", {one.name: (one.text,)}, (one.file.name,))


def _article(one: Thing) -> bytes:
    text = "".join(f"<p>{part}</p>" for part in paragraphs(one.name, one.edition))
    head = (
        f'<title>The {one.name} story</title><meta property="article:published_time" content="{one.began}T10:00:00Z">'
    )
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body><article><h1>The {one.name} story</h1>{text}"
        "</article></body></html>"
    ).encode()


def _notice(number: int, one: Thing) -> dict[str, object]:
    said = web.notice(number, title=f"BADGES {mark(one.name, one.edition)}", postedDate=one.days[-1])
    return {**said, "noticeId": f"{number * 1000 + one.edition:032x}"}


def _award_id(number: int) -> str:
    return f"CONT_AWD_70CDCR18P0000{number:04}_7012_-NONE-_-NONE-"


def _actions(number: int, one: Thing) -> tuple[usaspending.Action, ...]:
    return tuple(
        usaspending.Action(
            f"P{edition:05}" if edition else "0", day, "C" if edition else None,
            "FUNDING ONLY ACTION" if edition else None, 1000.0 + edition, f"READERS {mark(one.name, edition)}",
        )
        for edition, day in enumerate(one.days)
    )  # fmt: skip


def _row(number: int, one: Thing) -> dict[str, object]:
    done = _actions(number, one)
    return {
        "internal_id": number, "Award ID": f"70CDCR18P0000{number:04}", "Recipient Name": usaspending.WEST,
        "Award Amount": sum(action.obligated for action in done), "Description": f"THE {one.name} READERS",
        "Last Modified Date": one.days[-1], "generated_internal_id": _award_id(number),
    }  # fmt: skip


def _summary(number: int, one: Thing) -> dict[str, object]:
    told: dict[str, Any] = usaspending._summary(_actions(number, one))
    data = {**told["latest_transaction_contract_data"]}
    data.pop("solicitation_identifier")
    own = {
        "generated_unique_award_id": _award_id(number), "piid": f"70CDCR18P0000{number:04}",
        "description": f"THE {one.name} READERS", "latest_transaction_contract_data": data,
    }  # fmt: skip
    return {**told, **own}


def _json(
    answer: object, what: str, lists: list[Thing] | None = None, tells: Mapping[str, tuple[tuple[str, int], ...]] = {}
) -> Page:
    names = tuple(one.name for one in lists or ())
    return Page(json.dumps(answer).encode(), web.JSON, what, tells, names)


def begun(day: str) -> Publishers:
    """Return what there is on the first day."""
    made = Publishers()
    for source, count in ((LIBRARY, 8), (NEWSROOM, 4), (NOTICES, 6), (AWARDS, 4)):
        for _ in range(count):
            made.add(source, day)
    for one in (made.of(LIBRARY, "file")[2], made.of(LIBRARY, "page")[1]):
        one.habit = "one tag for good"
    made.of(LIBRARY, "page")[3].habit = "other bytes each time"
    return made


def nights_from(first: date, count: int) -> Iterator[date]:
    """Yield the days."""
    for number in range(count):
        yield date.fromordinal(first.toordinal() + number)
