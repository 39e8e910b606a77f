"""SAM.gov contract notices of DHS: the Get Opportunities API with a key, the daily public CSV without one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from scrapy.http import Request, Response

from pipelines.items import Expect, File, Index, Notice, Problem
from pipelines.screening import accepts, content_kind
from spiders._notices import Layout, Read, leaves, notices
from spiders._platform import Said, Source, web_address
from spiders._records import MalformedError, read_csv, read_json

API = "https://api.sam.gov/opportunities/v2/search"
CSV = (
    "https://sam.gov/api/prod/fileextractservices/v1/api/download/Contract%20Opportunities/datagov/"
    "ContractOpportunitiesFullCSV.csv?privacy=Public"
)
FILES = "https://sam.gov/api/prod/opps/v3/opportunities/resources/files/"
MOST = 1000  # records an answer, says the API's documentation

# Contacts are out of scope by name: names, phones and mail of officials are not what this archive is for.
API_LAYOUT = Layout(
    {
        "noticeId": "notice_id", "title": "title", "type": "type", "baseType": "base_type",
        "solicitationNumber": "solicitation", "department": "department", "subTier": "sub_tier", "office": "office",
        "fullParentPathCode": "organization_code", "postedDate": "posted", "archiveType": "archive_type",
        "archiveDate": "archive_date", "typeOfSetAsideDescription": "set_aside", "typeOfSetAside": "set_aside_code",
        "responseDeadLine": "response_due", "reponseDeadLine": "response_due",  # the documentation's own misspelling
        "naicsCode": "naics", "naicsCodes[]": "naics", "classificationCode": "psc", "active": "active",
        "award.number": "award_number", "award.date": "award_date", "award.amount": "award_amount",
        "award.awardee.name": "awardee", "award.awardee.ueiSAM": "awardee_uei", "description": "description",
        **{f"award.awardee.location.{part}": "awardee_location" for part in (
            "streetAddress", "streetAddress2", "city.name", "state.name", "zip", "country.name")},
        **{f"placeOfPerformance.{part}": "place_of_performance" for part in (
            "streetAddress", "streetAddress2", "city.name", "state.name", "zip", "country.name")},
        "uiLink": "url", "additionalInfoLink": "more_information",
    },
    ("pointOfContact", "officeAddress", "organizationType", "links", "resourceLinks", "fullParentPathName",
     *(f"{place}.{part}.code" for place in ("award.awardee.location", "placeOfPerformance")
       for part in ("city", "state", "country"))),
)  # fmt: skip
CSV_LAYOUT = Layout(
    {
        "NoticeId": "notice_id", "Title": "title", "Sol#": "solicitation", "Department/Ind.Agency": "department",
        "Sub-Tier": "sub_tier", "Office": "office", "CGAC": "organization_code", "FPDS Code": "organization_code",
        "AAC Code": "organization_code", "PostedDate": "posted", "Type": "type", "BaseType": "base_type",
        "ArchiveType": "archive_type", "ArchiveDate": "archive_date", "SetASideCode": "set_aside_code",
        "SetASide": "set_aside", "ResponseDeadLine": "response_due", "NaicsCode": "naics",
        "ClassificationCode": "psc", "PopStreetAddress": "place_of_performance", "PopCity": "place_of_performance",
        "PopState": "place_of_performance", "PopZip": "place_of_performance", "PopCountry": "place_of_performance",
        "Active": "active", "AwardNumber": "award_number", "AwardDate": "award_date", "Award$": "award_amount",
        "Awardee": "awardee", "AdditionalInfoLink": "more_information", "Link": "url", "Description": "description",
    },
    (*(f"{which}Contact{part}" for which in ("Primary", "Secondary")
       for part in ("Title", "Fullname", "Email", "Phone", "Fax")),
     "OrganizationType", "State", "City", "ZipCode", "CountryCode"),
)  # fmt: skip
# A third party's flattened copy of the API's answers, as one of 19 February 2026 has it.
COPY_LAYOUT = Layout(
    {
        "notice_id": "notice_id", "title": "title", "department": "department", "sub_tier": "sub_tier",
        "office": "office", "posted_date": "posted", "response_deadline": "response_due", "notice_type": "type",
        "set_aside": "set_aside_code", "naics_code": "naics", "classification_code": "psc", "active": "active",
        "description": "description", "link": "url",
    }
)  # fmt: skip
LAYOUTS = {"NoticeId": CSV_LAYOUT, "notice_id": COPY_LAYOUT}
RECORD_STARTS = re.compile(r'"?[0-9A-Fa-f]{32}"?,')
TYPES = frozenset({
    "Justification", "Presolicitation", "Award Notice", "Sources Sought", "Special Notice", "Solicitation",
    "Sale of Surplus Property", "Combined Synopsis/Solicitation", "Intent to Bundle Requirements (DoD-Funded)",
    # Retired, in the archived years' files.
    "Foreign Government Standard", "Fair Opportunity / Limited Sources Justification",
    "Justification and Approval (J&A)", "Modification/Amendment/Cancel",
})  # fmt: skip


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
        for said in notices(_api_records(found), response.url, TYPES, is_dhs):
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
        rows = read_csv(response.body, RECORD_STARTS)
        _, header = next(rows, (0, ""))
        layout = next((LAYOUTS[name] for name in header if name in LAYOUTS), None)
        if layout is None or isinstance(header, str):
            yield Problem("layout-changed", response.url, "the first line doesn't name the known columns")
            return
        yield from (Problem("unmapped-field", name, "a column") for name in layout.unmapped(header))
        known = {*layout.fields, *layout.out_of_scope}
        yield from (Problem("missing-field", name, "a column") for name in sorted(known - set(header)))
        broken: list[str] = []
        records = (Read(f"row {number}", layout.record(zip(header, row, strict=True)))
                   for number, row in rows if _is_whole(number, row, len(header), broken))  # fmt: skip
        told = Counter[type]()
        for said in notices(records, response.url, TYPES, is_dhs):
            yield said
            told[type(said)] += 1
        yield Index(response.url, 0, told[Notice], last=True)
        if not told and not broken:
            yield Problem("empty-listing", response.url, "a header and no record")
        if broken:
            yield Problem("malformed-csv", response.url, f"{len(broken)} records: " + "; ".join(broken[:5]))

    @accepts("pdf", "office", "zip", "image", "text", "csv", "xml", "gzip", "unknown")
    def parse_attachment(self, response: Response) -> Said:
        yield File(content_kind(response.body))


def _is_whole(number: int, row: list[str] | str, width: int, broken: list[str]) -> bool:
    if isinstance(row, str) or len(row) != width:
        broken.append(f"row {number}: {row if isinstance(row, str) else f'{len(row)} fields'}")
        return False
    return True


def _api_records(found: list[object]) -> Iterator[Read]:
    for place, item in enumerate(found, 1):
        values = (
            [*leaves(item), *_organizations(item)] if isinstance(item, dict) else [("a record that is no object", None)]
        )
        named = {name.removesuffix(".name") for name, value in values if name.endswith(".name") and value}
        # A place is called by its name, or by its code where it has no name.
        values = [
            (f"{name.removesuffix('.code')}.name" if name.endswith(".code") and name.removesuffix(".code") not in named
             else name, value) for name, value in values
        ]  # fmt: skip
        links = item.get("resourceLinks") if isinstance(item, dict) else None
        files = [_without_key(str(link)) for link in links] if isinstance(links, list) else []
        yield Read(
            f"item {place}",
            API_LAYOUT.record(values),
            tuple(file for file in files if file),
            API_LAYOUT.unmapped(name for name, _ in values),
            files.count(""),
        )


def _organizations(item: dict[str, object]) -> Iterator[tuple[str, object]]:
    """Take the path "HOMELAND SECURITY, DEPARTMENT OF.U.S. COAST GUARD.OFFICE" apart, whose names may hold full stops.

    How many names it has is told by the codes beside it; the stops that are too many are the middle name's.
    """
    names = str(item.get("fullParentPathName") or "").split(".")
    levels = len(str(item.get("fullParentPathCode") or "").split("."))
    yield "department", names[0]
    if levels > 2 and len(names) > 2:
        yield "office", names[-1]
        names = names[:-1]
    yield "subTier", ".".join(names[1:])


def _without_key(link: str) -> str:
    """Return an attachment's address without the `api_key=null&token=` that the API prints at its end."""
    address = web_address(API, link)
    return urlunsplit(urlsplit(address)._replace(query="")) if "api_key=" in address else address
