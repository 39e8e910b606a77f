"""SAM.gov contract notices of DHS: the Get Opportunities API with a key, the daily public CSV without one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date, timedelta
from typing import Any

from scrapy.http import Request, Response

from pipelines.items import Expect, File, Index, Notice, Problem
from pipelines.screening import accepts, content_kind
from spiders._notices import notices, read_table
from spiders._platform import Said, Source
from spiders._records import MalformedError, read_json
from spiders._sam_fields import LAYOUTS, RECORD_STARTS, TYPES, api_records

API = "https://api.sam.gov/opportunities/v2/search"
CSV = (
    "https://sam.gov/api/prod/fileextractservices/v1/api/download/Contract%20Opportunities/datagov/"
    "ContractOpportunitiesFullCSV.csv?privacy=Public"
)
FILES = "https://sam.gov/api/prod/opps/v3/opportunities/resources/files/"
MOST = 1000  # records an answer, says the API's documentation


def is_dhs(record: Mapping[str, str]) -> bool:
    """Say whether a record is the Department of Homeland Security's: treasury agency code 070, or its name."""
    code = record.get("organization_code", "").split(".")[0]
    return code in ("070", "70") or "HOMELAND SECURITY, DEPARTMENT OF" in record.get("department", "").upper()


class SamNotices(Source):
    """With a key one search for each calendar year; without one a file with the active notices of all departments."""

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
    expect = Expect(100, 100_000)

    def __init__(self, key: bool = False, since: str = "", until: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.key, self.since, self.until = key, since, until

    async def start(self) -> AsyncIterator[Request]:
        if not self.key:
            request = self.ask(CSV, self.parse_csv)
            request.meta.update(download_maxsize=600 << 20, download_timeout=1800)  # about 230 MB in 2026
            yield request
            return
        until = date.fromisoformat(self.until)
        since = date.fromisoformat(self.since) if self.since else until - timedelta(364)
        while since <= until:
            # A year's window keeps its address from night to night; the API takes no more than a year.
            end = min(date(since.year, 12, 31), until)
            yield self._search(since, end)
            since = end + timedelta(1)

    def request_for(self, url: str) -> Request | None:
        return self.ask(url, self.parse_attachment) if url.startswith(FILES) else None

    def _search(self, since: date, until: date) -> Request:
        window = f"postedFrom={since:%m/%d/%Y}&postedTo={until:%m/%d/%Y}"
        url = f"{API}?{window}&organizationCode=070&limit={MOST}&offset=0"
        return self.ask(url, self.parse_search, since=since.isoformat(), until=until.isoformat())

    @accepts("json")
    def parse_search(self, response: Response, since: str, until: str) -> Said:
        try:
            answer = read_json(response.body)
        except MalformedError as error:
            yield Problem("malformed-json", response.url, str(error))
            return
        found = answer.get("opportunitiesData") if isinstance(answer, dict) else None
        total = answer.get("totalRecords") if isinstance(answer, dict) else None
        if not isinstance(found, list) or not isinstance(total, int):
            yield Problem("missing-field", response.url, "no list opportunitiesData, or no number totalRecords")
            return
        envelope = set(answer) - {"totalRecords", "opportunitiesData", "limit", "offset", "links"}
        yield from (Problem("unmapped-field", name, "beside the records") for name in sorted(envelope))
        yield Index(f"{API}?organizationCode=070&postedFrom={since}&postedTo={until}", 0, len(found), last=True)
        for said in notices(api_records(found, response.url), response.url, TYPES, is_dhs):
            yield said
            yield from (self.ask(url, self.parse_attachment) for url in getattr(said, "attachments", ()))
        yield from self._rest(date.fromisoformat(since), date.fromisoformat(until), total, len(found))

    def _rest(self, since: date, until: date, total: int, found: int) -> Said:
        """Ask again in smaller windows for what one answer doesn't hold.

        The documentation calls `offset` a page index, other programs count it in records: neither is relied on.
        """
        days = (until - since).days + 1
        if not found and days > 7:
            yield Problem("empty-listing", API, f"{since} to {until}")
        if total > found and days == 1:
            yield Problem("trap", API, f"{total} records on {since}, and an answer gave {found}")
        elif total > found:
            length = max(1, days // (total // max(found, 1) + 2))
            for start in range(0, days, length):
                yield self._search(since + timedelta(start), min(since + timedelta(start + length - 1), until))

    @accepts("csv", "text")
    def parse_csv(self, response: Response) -> Said:
        found = 0
        records = read_table(response.body, LAYOUTS, RECORD_STARTS, response.url)
        for said in notices(records, response.url, TYPES, is_dhs):
            yield said
            found += isinstance(said, Notice)
        yield Index(response.url, 0, found, last=True)

    @accepts("pdf", "office", "zip", "image", "text", "csv", "xml", "gzip", "unknown")
    def parse_attachment(self, response: Response) -> Said:
        yield File(content_kind(response.body))
