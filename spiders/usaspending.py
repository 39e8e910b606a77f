"""USAspending.gov: the contracts that DHS awarded to surveillance vendors, each with every modification."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from scrapy.http import Request, Response

from pipelines.items import Award, Expect, Index, Problem
from pipelines.screening import accepts
from spiders._platform import Said, Source, web_address
from spiders._records import MalformedError, read_json
from spiders._usaspending_records import (
    IS_CONTRACT,
    is_file,
    of_the_award,
    read_file,
    read_summary,
    read_transactions,
    without_repeats,
)

API = "https://api.usaspending.gov/api/v2"
COUNT = f"{API}/search/spending_by_award_count/"
SEARCH = f"{API}/search/spending_by_award/"
TRANSACTIONS = f"{API}/transactions/"
EARLIEST = "2007-10-01"  # the search goes no further back, say its answers
# An answer's rows, as many as the API gives; and how many pages one search, and one award's history, may have.
ROWS, ACTIONS = 100, 5000
MOST_PAGES = 200
# As much of a digest as tells the awards of one search apart.
SHORT = 10
# The search takes the codes of one group at a time; the count tells the groups apart by these names.
GROUPS = {"contracts": ("A", "B", "C", "D"), "idvs": tuple(f"IDV_{kind}" for kind in
          ("A", "B", "B_A", "B_B", "B_C", "C", "D", "E"))}  # fmt: skip
FIELDS = ("Award ID", "Recipient Name", "Award Amount", "Description", "Last Modified Date", "generated_internal_id")
# What a row holds beside the fields asked for.
UNASKED = frozenset({"internal_id", "awarding_agency_id", "agency_slug", "recipient_id", "prime_award_recipient_id"})
LOOKED_FOR = ("recipient_search_text", "keywords", "naics_codes", "psc_codes")
DHS = "Department of Homeland Security"


class Usaspending(Source):
    """Counts what each search finds, walks its pages, then asks each award for its summary and its transactions.

    `agencies` are departments, or "DEPARTMENT / COMPONENT", by the names at USAspending.gov. There is one search for
    each of `recipients`, one for the `keywords`, one for the codes of `naics` and one for those of `psc`; without any
    of these, one for all that the agencies awarded. Awards are followed that were altered between `since` (`days`
    before `until`, where it is empty) and `until`.
    """

    name = "usaspending"
    title = "Contract awards at USAspending.gov"
    publisher = "U.S. Department of the Treasury, Bureau of the Fiscal Service"
    home = "https://www.usaspending.gov/"
    collection = "contract-awards"
    description = (
        "Contracts, orders and purchase orders of the Department of Homeland Security for surveillance, with every "
        "modification: when, why, and for how much. Names and pay of companies' officers are left out."
    )
    allowed_domains = ("usaspending.gov",)
    expect = Expect(1, 200_000, {"award.piid": 1.0, "award.recipient": 0.98, "award.description": 0.95})

    def __init__(  # noqa: PLR0913 (what sources.toml may say)
        self,
        *,
        agencies: Sequence[str] = (DHS,),
        recipients: Sequence[str] = (),
        keywords: Sequence[str] = (),
        naics: Sequence[str] = (),
        psc: Sequence[str] = (),
        award_types: Sequence[str] = (*GROUPS["contracts"], *GROUPS["idvs"]),
        since: str = "",
        until: str = "",
        days: int = 35,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.agencies, self.recipients, self.keywords = tuple(agencies), tuple(recipients), tuple(keywords)
        self.naics, self.psc, self.award_types = tuple(naics), tuple(psc), tuple(award_types)
        self.since, self.until, self.days = since, until, days

    @classmethod
    def reader_for(cls, name: str, body: bytes) -> str:
        return "parse_csv" if is_file(body) else ""

    async def start(self) -> AsyncIterator[Request]:
        until = date.fromisoformat(self.until)
        since = date.fromisoformat(self.since) if self.since else until - timedelta(self.days)
        common = {
            "agencies": [_agency(name) for name in self.agencies],
            "time_period": [{"start_date": max(since.isoformat(), EARLIEST), "end_date": until.isoformat(),
                             "date_type": "last_modified_date"}],
        }  # fmt: skip
        for search in self._searches():
            filters = {**common, **search, "award_type_codes": sorted(self.award_types)}
            yield self._post(COUNT, {"filters": filters}, self.parse_count, filters=filters)

    def _searches(self) -> list[dict[str, list[str]]]:
        """Return the searches; all filters of one must hold, and it takes one recipient."""
        searches = [{"recipient_search_text": [recipient]} for recipient in self.recipients]
        for name, values in zip(LOOKED_FOR[1:], (self.keywords, self.naics, self.psc), strict=True):
            searches += [{name: list(values)}] if values else []
        return searches or [{}]

    def request_for(self, url: str) -> Request | None:
        """Know an award's page, its answer, and a file of transactions."""
        parts = urlsplit(web_address(url, url))
        path = parts.path.strip("/").split("/")
        if parts.hostname in ("www.usaspending.gov", "usaspending.gov") and len(path) == 2 and path[0] == "award":
            return self._award(path[1]) if IS_CONTRACT.fullmatch(path[1]) else None
        if parts.hostname == "api.usaspending.gov" and path[:3] == ["api", "v2", "awards"] and len(path) == 4:
            return self._award(path[3]) if IS_CONTRACT.fullmatch(path[3]) else None
        if parts.hostname == "files.usaspending.gov" and parts.path.endswith(".csv"):
            request = self.ask(url, self.parse_csv)
            request.meta.update(download_maxsize=600 << 20, download_timeout=1800)
            return request
        return None

    def _award(self, award_id: str) -> Request:
        return self.ask(f"{API}/awards/{quote(award_id, safe='-_%')}/", self.parse_award)

    def _post(self, url: str, body: Mapping[str, object], callback: Any, **arguments: object) -> Request:
        """Ask by POST, with a body that is the same each time the same is asked: a recording is found by it."""
        asked = json.dumps(body, sort_keys=True, separators=(",", ":"))
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return self.ask(url, callback, **arguments).replace(method="POST", body=asked, headers=headers)

    @accepts("json")
    def parse_count(self, response: Response, filters: Mapping[str, Any]) -> Said:
        counts = _object(response, "results", dict)
        if isinstance(counts, Problem):
            yield counts
            return
        for group, codes in GROUPS.items():
            wanted = [code for code in filters["award_type_codes"] if code in codes]
            claimed = counts["results"].get(group)
            if wanted and type(claimed) is not int:
                yield Problem("missing-field", response.url, f"no number of {group}")
            elif wanted and claimed:
                yield self._search({**filters, "award_type_codes": wanted}, 1, claimed)

    def _search(
        self, filters: Mapping[str, Any], page: int, claimed: int, seen: str = "", after: Sequence[object] = ()
    ) -> Request:
        """Ask for a page; `after` is where the page before it ended, so that rows which come or go move nothing."""
        last = {"last_record_unique_id": after[0], "last_record_sort_value": after[1]} if after else {}
        body = {
            "filters": filters, "fields": FIELDS, "limit": ROWS, "page": page, "sort": "Award ID", "order": "asc",
            "subawards": False, **last,
        }  # fmt: skip
        return self._post(SEARCH, body, self.parse_search, filters=filters, page=page, claimed=claimed, seen=seen)

    @accepts("json")
    def parse_search(self, response: Response, filters: Mapping[str, Any], page: int, claimed: int, seen: str) -> Said:
        answer = _object(response, "results", list, paged=True)
        if isinstance(answer, Problem):
            yield answer
            return
        where = _called(filters)
        more = answer["page_metadata"]["hasNext"]
        yield Index(where, page - 1, len(answer["results"]), last=not more)
        fresh: list[str] = []
        held = set(_parts(seen))
        for place, row in enumerate(answer["results"], 1):
            award_id = str(row.get("generated_internal_id") or "") if isinstance(row, dict) else ""
            if not IS_CONTRACT.fullmatch(award_id):
                yield Problem("missing-field", where, f"page {page}, row {place}: no contract's id: {award_id[:100]!r}")
            elif _short(award_id) in held:
                yield Problem("count-differs", where, f"page {page}, row {place}: {award_id} for a second time")
            else:
                fresh.append(award_id)
                held.add(_short(award_id))
                yield self._award(award_id)
        yield from _unknown(answer["results"])
        if (more and len(answer["results"]) < _whole(answer.get("limit"))) or (page > 1 and not answer["results"]):
            yield Problem(
                "count-differs", where, f"page {page} has {len(answer['results'])} rows where it can't be last"
            )
        seen += "".join(map(_short, fresh))
        if not more:
            if len(_parts(seen)) != claimed:
                yield Problem("count-differs", where, f"{len(_parts(seen))} awards, and {claimed} were counted")
        elif not fresh or page >= MOST_PAGES:
            yield Problem("trap", where, f"page {page} says that more follow; new on it were {len(fresh)}")
        else:
            yield self._search(filters, page + 1, claimed, seen, _end(answer["page_metadata"]))

    @accepts("json")
    def parse_award(self, response: Response) -> Said:
        answer = _object(response, "generated_unique_award_id", str)
        if isinstance(answer, Problem):
            yield answer
            return
        for said in read_summary(answer, response.url):
            yield said
            if isinstance(said, Award):
                yield self._actions(said.award_id, of_the_award(said.record), 1)

    def _actions(self, award_id: str, facts: Mapping[str, str], page: int, seen: int = 0) -> Request:
        body = {"award_id": award_id, "limit": ACTIONS, "page": page, "sort": "action_date", "order": "asc"}
        return self._post(
            TRANSACTIONS, body, self.parse_transactions, award_id=award_id, facts=facts, page=page, seen=seen
        )

    @accepts("json")
    def parse_transactions(
        self, response: Response, award_id: str, facts: Mapping[str, str], page: int, seen: int
    ) -> Said:
        answer = _object(response, "results", list, paged=True)
        if isinstance(answer, Problem):
            yield answer
            return
        rows, more = answer["results"], answer["page_metadata"]["hasNext"]
        yield Index(f"{TRANSACTIONS}?award_id={quote(award_id)}", page - 1, len(rows), last=not more)
        yield from read_transactions(rows, award_id, facts, response.url)
        if not rows and not seen:
            yield Problem("empty-listing", award_id, "an award without an action")
        if more and (not rows or page >= MOST_PAGES):
            yield Problem("trap", award_id, f"page {page} of its actions, with {len(rows)}, says that more follow")
        elif more:
            yield self._actions(award_id, facts, page + 1, seen + len(rows))

    @accepts("csv", "text")
    def parse_csv(self, response: Response) -> Said:
        found = 0
        for said in without_repeats(read_file(response.body, response.url, self._is_wanted)):
            yield said
            found += isinstance(said, Award)
        yield Index(response.url, 0, found, last=True)

    def _is_wanted(self, record: Mapping[str, str]) -> bool:
        """Say whether an action is one of the agencies'; a file holds all departments'."""
        names = (record.get("agency", ""), record.get("sub_agency", ""))
        wanted = [tuple(map(_words, name.split("/"))) for name in self.agencies]
        return not wanted or any(
            all(word <= _words(name) for word, name in zip(one, names, strict=False)) for one in wanted
        )


def _agency(name: str) -> dict[str, str]:
    top, _, below = (part.strip() for part in name.partition("/"))
    if below:
        return {"type": "awarding", "tier": "subtier", "name": below, "toptier_name": top}
    return {"type": "awarding", "tier": "toptier", "name": top}


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", name.lower()))


def _object(response: Response, name: str, kind: type, *, paged: bool = False) -> Any:
    """Return an answer that is an object and holds what it must, or the problem with it: errors come with a 200 too."""
    try:
        answer = read_json(response.body)
    except MalformedError as error:
        return Problem("malformed-json", response.url, str(error))
    if not isinstance(answer, dict) or not isinstance(answer.get(name), kind):
        said = answer.get("detail") or answer.get("message") if isinstance(answer, dict) else ""
        return Problem("missing-field", response.url, f"no {name}; it says {str(said or 'nothing')[:200]!r}")
    follows = answer.get("page_metadata")
    if paged and not (isinstance(follows, dict) and isinstance(follows.get("hasNext"), bool)):
        return Problem("missing-field", response.url, "it doesn't say whether more follows")
    return answer


def _whole(limit: object) -> int:
    return limit if isinstance(limit, int) else 0


def _end(metadata: Mapping[str, Any]) -> tuple[object, ...]:
    last = (metadata.get("last_record_unique_id"), metadata.get("last_record_sort_value"))
    return () if None in last else last


def _unknown(rows: Iterable[Any]) -> Said:
    names = {name for row in rows if isinstance(row, dict) for name in row}
    for name in sorted(names - UNASKED - set(FIELDS)):
        yield Problem("unmapped-field", name, "in the rows of a search")


def _called(filters: Mapping[str, Any]) -> str:
    """Return what a search is called: its address, and in place of a query what is looked for."""
    group = next((group for group, codes in GROUPS.items() if set(filters["award_type_codes"]) <= set(codes)), "")
    looked_for = [(name, ", ".join(value)) for name, value in filters.items() if name in LOOKED_FOR]
    return f"{SEARCH}?{urlencode([*looked_for, ('group', group)])}"


def _short(award_id: str) -> str:
    return hashlib.sha256(award_id.encode("utf-8", "replace")).hexdigest()[:SHORT]


def _parts(seen: str) -> list[str]:
    return [seen[start : start + SHORT] for start in range(0, len(seen), SHORT)]
