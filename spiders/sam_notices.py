"""SAM.gov's contract notices: the Get Opportunities API with a key, the public CSV files without one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from scrapy.http import Request, Response

from pipelines.items import Expect, File, Index, Notice, Problem
from pipelines.screening import accepts, content_kind
from spiders._notices import Scope, is_code, notices, read_table
from spiders._platform import Said, Source
from spiders._records import MalformedError, read_json
from spiders._sam_fields import LAYOUTS, RECORD_STARTS, TYPES, api_records, is_table, posted_outside, site_records
from spiders._sam_windows import parts, tonight, turn, windows

API = "https://api.sam.gov/opportunities/v2/search"
BULK = "https://sam.gov/api/prod/fileextractservices/v1/api/download/Contract%20Opportunities/"
CSV = f"{BULK}datagov/ContractOpportunitiesFullCSV.csv?privacy=Public"
ARCHIVED = f"{BULK}Archived%20Data/FY{{}}_archived_opportunities.csv?privacy=Public"
SITE = "https://sam.gov/api/prod/sgs/v1/search/"
FILES = "https://sam.gov/api/prod/opps/v3/opportunities/resources/files/"
MOST = 1000  # records an answer, says the API's documentation
DHS = "070"
DEPARTMENT = (DHS, "HOMELAND SECURITY, DEPARTMENT OF")  # some files have names alone


class SamNotices(Source):
    """With a key one search for each window of the calendar; without one a file with the active notices of all.

    The API counts searches by the day (10 for a new key), and not the attachments, which stand on another host. The
    texts of notices stand behind one more such search each: they are left to the files, which hold them.
    """

    name = "sam_notices"
    title = "SAM.gov contract notices of DHS"
    publisher = "U.S. General Services Administration"
    home = "https://sam.gov/opportunities"
    collection = "procurement-notices"
    description = (
        "Solicitations, awards and other contract notices of the Department of Homeland Security and its components, "
        "with their attachments. Contacts (names, phones and mail of officials) are left out."
    )
    allowed_domains = ("sam.gov",)
    expect = Expect(100, 100_000, {"notice.title": 0.95, "notice.type": 0.95, "notice.posted": 0.95})

    def __init__(  # noqa: PLR0913, PLR0917  # one for each line that sources.toml may have
        self,
        key: bool = False,
        since: str = "",
        until: str = "",
        agencies: Sequence[str] = DEPARTMENT,
        naics: Sequence[str] = (),
        psc: Sequence[str] = (),
        keywords: Sequence[str] = (),
        months: int = 12,
        closed_a_night: int = 0,
        archived_years: Sequence[int] = (),
        **kwargs: Any,
    ) -> None:
        """Take what is in scope (see Scope), how the years are cut into searches, and fiscal years to ask for whole.

        Searches go by the agencies that are told by their code, or by name where none is.
        """
        super().__init__(**kwargs)
        self.key, self.since, self.until = key, since, until
        self.scope = Scope(tuple(agencies), tuple(naics), tuple(psc), tuple(keywords))
        self.asked = tuple(filter(is_code, agencies)) or tuple(agencies) or ("",)
        self.months, self.closed_a_night, self.archived_years = months, closed_a_night, archived_years

    async def start(self) -> AsyncIterator[Request]:
        night = date.fromisoformat(self.until) if self.until or self.key else None
        if self.key and night:
            since = date.fromisoformat(self.since) if self.since else date(night.year - 1, 1, 1)
            for window in tonight(windows(since, night, self.months), self.closed_a_night, night):
                for agency in self.asked:
                    yield self._search(agency, *window)
        else:
            yield self._table(CSV)
        # A past year's file seldom changes: one is asked for each night, in turn.
        years = turn(self.archived_years, 1, night) if night and self.archived_years else self.archived_years
        for year in years:
            yield self._table(ARCHIVED.format(year))

    @classmethod
    def reader_for(cls, name: str, body: bytes) -> str:
        return "parse_csv" if is_table(body) else ""

    def request_for(self, url: str) -> Request | None:
        if url.startswith(BULK) and re.search(r"\.csv(?:\?|$)", url):
            return self._table(url)
        if url.startswith((f"{SITE}?", f"{SITE[:-1]}?")) and re.search(r"[?&]index=opp(?:&|$)", url):
            return self.ask(url, self.parse_site_search)
        if url.startswith(f"{API}?"):
            return self._search_at(url)
        return self.ask(url, self.parse_attachment) if url.startswith(FILES) else None

    def _search_at(self, url: str) -> Request | None:
        """Return the search at an address of the API, as somebody else may have recorded it."""
        said = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        days = (said.get("postedFrom", ""), said.get("postedTo", ""))
        if not said.keys() <= {"postedFrom", "postedTo", "organizationCode", "limit", "offset", "api_key"}:
            return None  # a search for less: what it leaves out isn't missing
        try:
            since, until = (date.fromisoformat(f"{day[6:]}-{day[:2]}-{day[3:5]}") for day in days)
        except ValueError:
            return None
        named = {"since": since.isoformat(), "until": until.isoformat(), "agency": said.get("organizationCode", "")}
        return self.ask(url, self.parse_search, **named)

    def _table(self, url: str) -> Request:
        request = self.ask(url, self.parse_csv)
        request.meta.update(download_maxsize=600 << 20, download_timeout=1800)  # about 230 MB in 2026
        return request

    def _search(self, agency: str, since: date, until: date) -> Request:
        window = f"postedFrom={since:%m/%d/%Y}&postedTo={until:%m/%d/%Y}"
        name = "organizationCode" if is_code(agency) else "organizationName"
        of = f"&{name}={quote(agency, safe='')}" if agency else ""
        named = {} if agency == DHS else {"agency": agency}
        url = f"{API}?{window}{of}&limit={MOST}&offset=0"
        return self.ask(url, self.parse_search, since=since.isoformat(), until=until.isoformat(), **named)

    @accepts("json")
    def parse_search(self, response: Response, since: str, until: str, agency: str = DHS) -> Said:
        try:
            answer = read_json(response.body)
        except MalformedError as error:
            yield Problem("malformed-json", response.url, str(error))
            return
        found = answer.get("opportunitiesData") if isinstance(answer, dict) else None
        total = answer.get("totalRecords") if isinstance(answer, dict) else None
        if not isinstance(found, list) or type(total) is not int:
            yield Problem("missing-field", response.url, "no list opportunitiesData, or no number totalRecords")
            return
        envelope = set(answer) - {"totalRecords", "opportunitiesData", "limit", "offset", "links"}
        yield from (Problem("unmapped-field", name, "beside the records") for name in sorted(envelope))
        yield Index(f"{API}?organizationCode={agency}&postedFrom={since}&postedTo={until}", 0, len(found), last=True)
        outside = 0
        for said in notices(api_records(found, response.url), response.url, TYPES, self.scope.holds):
            yield said
            yield from (self.ask(url, self.parse_attachment) for url in getattr(said, "attachments", ()))
            outside += isinstance(said, Notice) and posted_outside(said.record, since, until)
        if outside:
            yield Problem("count-differs", API, f"{outside} of {len(found)} records are not of {since} to {until}")
        yield from self._rest(agency, date.fromisoformat(since), date.fromisoformat(until), total, len(found))

    def _rest(self, agency: str, since: date, until: date, total: int, found: int) -> Said:
        """Ask again in smaller windows for what one answer doesn't hold.

        The documentation calls `offset` a page index, other programs count it in records: neither is relied on.
        """
        days = (until - since).days + 1
        if total < found:
            yield Problem("count-differs", API, f"{since} to {until}: {found} records came, the answer says {total}")
        if not found and days > 16:  # longer than the parts of a month
            yield Problem("empty-listing", API, f"{since} to {until}")
        if total > found and days == 1:
            yield Problem("trap", API, f"{total} records on {since}, and an answer gave {found}")
        elif total > found or found >= MOST:  # as many as an answer may hold may not be all
            yield from (self._search(agency, *window) for window in parts(since, until))

    @accepts("json")
    def parse_site_search(self, response: Response) -> Said:
        """Read what the site's own search says, whose address a person names: nothing is asked there by itself."""
        try:
            answer = read_json(response.body)
        except MalformedError as error:
            yield Problem("malformed-json", response.url, str(error))
            return
        held = answer.get("_embedded") if isinstance(answer, dict) else None
        found = held.get("results") if isinstance(held, dict) else None
        if not isinstance(found, list):
            yield Problem("missing-field", response.url, "no list _embedded.results")
            return
        envelope = set(answer) - {"_embedded", "_links", "page"}
        yield from (Problem("unmapped-field", name, "beside the records") for name in sorted(envelope))
        yield from notices(site_records(found), response.url, TYPES, self.scope.holds)

    @accepts("csv", "text")
    def parse_csv(self, response: Response) -> Said:
        found = 0
        records = read_table(response.body, LAYOUTS, RECORD_STARTS, response.url)
        for said in notices(records, response.url, TYPES, self.scope.holds):
            yield said
            found += isinstance(said, Notice)
        yield Index(response.url, 0, found, last=True)

    @accepts("pdf", "office", "zip", "image", "text", "csv", "xml", "gzip", "unknown")
    def parse_attachment(self, response: Response) -> Said:
        yield File(content_kind(response.body))
