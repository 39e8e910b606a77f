"""Notices of DHS in the Federal Register: the register's API lists them, window by window, and names their texts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from scrapy.http import Request, Response

from pipelines.items import Expect, Index, Problem
from pipelines.screening import accepts
from spiders._federal_register import API, FIELDS, Answer, Record, is_next, read_answer, read_record
from spiders._platform import Said, web_address
from spiders._records import MalformedError, read_json
from spiders._register_source import RegisterReader

AGENCIES = (
    "homeland-security-department", "coast-guard", "federal-emergency-management-agency",
    "federal-law-enforcement-training-center", "secret-service", "transportation-security-administration",
    "u-s-citizenship-and-immigration-services", "u-s-customs-and-border-protection",
    "u-s-immigration-and-customs-enforcement",
)  # fmt: skip
TYPES = ("NOTICE",)
PER_PAGE = 100  # accounts of how many it allows differ: 100, 200, 1,000
MOST = 2000  # further rows of one search are refused, say those who use the API
DAYS = 31  # how far back a run looks that isn't told


class FederalRegister(RegisterReader):
    """One search for each window of the calendar; a window with more rows than can be reached is cut in two."""

    name = "federal_register"
    title = "Federal Register notices of DHS"
    publisher = "Office of the Federal Register and U.S. Government Publishing Office"
    home = "https://www.federalregister.gov/agencies/homeland-security-department"
    collection = "federal-register"
    description = (
        "Notices that the Department of Homeland Security and its components publish in the Federal Register, above "
        "all those of systems of records: text and PDF, under their document number and citation. The names and "
        "telephone numbers that they give for further information are left out of the text."
    )
    allowed_domains = ("federalregister.gov", "govinfo.gov")
    expect = Expect(20, 20_000, {"listed.title": 1.0, "web-page.text": 1.0, "web-page.published": 1.0})

    def __init__(
        self,
        agencies: Sequence[str] = AGENCIES,
        types: Sequence[str] = TYPES,
        term: str = "",
        since: str = "",
        until: str = "",
        months: int = 3,
        **kwargs: Any,
    ) -> None:
        """Take the API's names of agencies and types, words that a document must hold, the first day and the last.

        Windows are of `months` months (a divisor of 12), so that each keeps its address from night to night.
        """
        super().__init__(**kwargs)
        if months not in (1, 2, 3, 4, 6, 12):
            raise ValueError(f"windows of {months} months don't divide a year; 1, 2, 3, 4, 6 or 12 do")
        self.agencies, self.types, self.term, self.months = tuple(agencies), tuple(types), term, months
        self.since, self.until = since, until

    async def start(self) -> AsyncIterator[Request]:
        until = date.fromisoformat(self.until)
        since = date.fromisoformat(self.since) if self.since else until - timedelta(DAYS)
        for first, last in windows(since, until, self.months):
            # A week without a notice of the whole department would be news.
            may_be_empty = bool(self.term) or (min(last, until) - max(first, since)).days < 7
            yield self._search(first, last, may_be_empty=may_be_empty)

    def _search(self, since: date, until: date, *, may_be_empty: bool) -> Request:
        conditions = [("conditions[agencies][]", agency) for agency in self.agencies]
        conditions += [("conditions[type][]", kind) for kind in self.types]
        conditions += [("conditions[term]", self.term)] if self.term else []
        conditions += [("conditions[publication_date][gte]", since.isoformat())]
        conditions += [("conditions[publication_date][lte]", until.isoformat())]
        index = f"{API}.json?{urlencode(conditions)}"
        asked = [("fields[]", field) for field in FIELDS] + [("order", "oldest"), ("per_page", str(PER_PAGE))]
        window = {
            "index": index,
            "since": since.isoformat(),
            "until": until.isoformat(),
            "may_be_empty": may_be_empty,
        }
        return self.ask(f"{index}&{urlencode(asked)}", self.parse_search, window=window)

    @accepts("json")
    def parse_search(
        self, response: Response, window: dict[str, Any], page: int = 0, rows: int = 0, last_page: Sequence[str] = ()
    ) -> Said:
        """Read a page of a window: `rows` stood on the pages before it, `last_page` are the numbers on the last one."""
        try:
            answer = read_answer(read_json(response.body))
        except MalformedError as error:
            yield Problem("malformed-json", response.url, str(error))
            return
        if answer is None:
            yield Problem("missing-field", response.url, "no number count, or no list results")
            return
        since, until = date.fromisoformat(window["since"]), date.fromisoformat(window["until"])
        if page == 0 and answer.count > MOST and since < until:
            half = since + (until - since) // 2
            yield self._search(since, half, may_be_empty=window["may_be_empty"])
            yield self._search(half + timedelta(1), until, may_be_empty=window["may_be_empty"])
            return
        found = list(_said(answer, response.url))
        records = [one for one in found if isinstance(one, Record)]
        fresh = [one for one in records if one.number not in last_page]
        again = len(records) - len(fresh)
        rows += len(answer.rows) - again
        problem, following = _goes_on(answer, response.url, page, rows)
        # A search that didn't give all its rows takes nothing off its list.
        whole = problem is None and len(records) == len(answer.rows)
        yield Index(window["index"], page, len(fresh), last=whole and not following)
        yield from (one for one in found if isinstance(one, Problem))
        if not answer.count and not window["may_be_empty"]:
            yield Problem("empty-listing", window["index"])
        if again:
            yield Problem("duplicate-id", response.url, f"{again} rows of the page before again")
        if problem:
            yield problem
        for record in fresh:
            yield record.listed(window["index"])
            yield from self.parts_of(record)
        if following:
            numbers = [one.number for one in fresh]
            yield self.ask(following, self.parse_search, window=window, page=page + 1, rows=rows, last_page=numbers)


def windows(since: date, until: date, months: int) -> Iterator[tuple[date, date]]:
    """Yield first and last day of each window of the calendar that has a day between `since` and `until`."""
    first = date(since.year, (since.month - 1) // months * months + 1, 1)
    while first <= until:
        after = date(first.year + (first.month + months > 12), (first.month + months - 1) % 12 + 1, 1)
        yield first, after - timedelta(1)
        first = after


def _said(answer: Answer, url: str) -> Iterator[Record | Problem]:
    """Yield the records of a page, and what is odd about them; a field that nobody knows is told once."""
    told = set()
    for place, row in enumerate(answer.rows, 1):
        for said in read_record(row, f"{url} row {place}"):
            if isinstance(said, Problem) and said.outcome == "unmapped-field":
                if said.subject in told:
                    continue
                told.add(said.subject)
            yield said


def _goes_on(answer: Answer, here: str, page: int, rows: int) -> tuple[Problem | None, str]:
    """Return what is wrong with where a page leads or where the search ends, and the address of the page after it.

    All rows that the search claims must have come when it ends: what an API leaves out it doesn't tell.
    """
    following = web_address(here, answer.next_url) if answer.next_url else ""
    if answer.next_url and not is_next(answer.next_url, here):
        return Problem("trap", here, f"the next page is said to be {answer.next_url[:200]}"), ""
    if following and (page * PER_PAGE > max(answer.count, MOST) or not answer.rows):
        return Problem("trap", here, f"goes on after page {page}, with {rows} of {answer.count} rows"), ""
    if not following and rows != answer.count:
        return Problem("count-differs", here, f"{rows} rows came of {answer.count}"), ""
    return None, following
