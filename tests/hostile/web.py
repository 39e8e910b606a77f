"""A small web of three sites, good on its first night and rotten on the second, written as a recording to be replayed.

The addresses are those that the production sources ask for; every word was made up for a test.
"""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.hostile.pdf import lines, written

GOOD, BAD = "2018-01-10", "2018-01-26"
HTML, PDF, JSON, CSV, XML = "text/html; charset=utf-8", "application/pdf", "application/json", "text/csv", "text/xml"


@dataclass(frozen=True)
class Told:
    """What a server told: the entity exactly as it is sent, `headers` beside its type and length."""

    body: bytes = b""
    media_type: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    truncated: str = ""


Night = Mapping[str, Told]


def recording(nights: Mapping[str, Night], arguments: Mapping[str, Any], expect: Mapping[str, Any]) -> bytes:
    """Return a WARC file that holds what was told on each night, by address."""
    output = io.BytesIO()
    writer = WARCWriter(output, gzip=True, warc_version="1.1")
    about = "urn:oversight:recording"
    text = json.dumps({"arguments": arguments, "expect": expect}).encode()
    head = {"WARC-Date": f"{GOOD}T05:00:00Z"}
    writer.write_record(
        writer.create_warc_record(about, "metadata", io.BytesIO(text), len(text), "application/json", head)
    )
    for night, answers in nights.items():
        for number, (url, told) in enumerate(answers.items()):
            _write(writer, url, told, f"{night}T06:{number // 60:02}:{number % 60:02}Z")
    return output.getvalue()


def _write(writer: WARCWriter, url: str, told: Told, instant: str) -> None:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    asked = StatusAndHeaders(f"GET {target} HTTP/1.1", [("Host", parts.netloc)], is_http_request=True)
    fields = [("Content-Type", told.media_type), *told.headers.items(), ("Content-Length", str(len(told.body)))]
    answered = StatusAndHeaders(f"{told.status} Said", fields, "HTTP/1.1")
    warc = {"WARC-Date": instant, "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, url + instant)}>"}
    if told.truncated:
        warc["WARC-Truncated"] = told.truncated
    for kind, heads, body in (("response", answered, told.body), ("request", asked, b"")):
        if kind == "request":
            warc = {"WARC-Date": instant, "WARC-Concurrent-To": warc["WARC-Record-ID"]}
        record = writer.create_warc_record(
            url, kind, io.BytesIO(body), len(body), warc_headers_dict=warc, http_headers=heads
        )
        writer.write_record(record)


ROBOTS = Told(b"User-agent: *\nDisallow: /search\n", "text/plain")

# The library: one listing, two publication pages with a file each.
LIBRARY = "https://www.dhs.gov"
COLLECTION = f"{LIBRARY}/publications-library/collections/privacy-impact-assessments-(pia)"
LISTING = f"{COLLECTION}?page=0"
PAGES = {name: f"{LIBRARY}/publication/{name}" for name in ("gate-cameras", "visitor-badges")}
FILES = {name: f"{LIBRARY}/sites/default/files/publications/{name}.pdf" for name in PAGES}


def page(title: str, main: str) -> bytes:
    """A page of the library."""
    return (
        f"<!DOCTYPE html><html><head><title>{title} | Homeland Security</title></head><body>"
        f"<main><h1>{title}</h1>{main}</main></body></html>"
    ).encode()


def listing(*addresses: str) -> Told:
    """The collection's only page, with a row for each address."""
    rows = "".join(f'<div class="views-row"><h3><a href="{url}">{url}</a></h3></div>' for url in addresses)
    return Told(page("Privacy Impact Assessments", f"<p>Assessments of the Department.</p>{rows}"))


def publication(name: str, created: str = "March 19, 2015", row_date: str = "03/19/2015", href: str = "") -> Told:
    """A publication page that attaches one file."""
    href = href or FILES[name]
    return Told(page(
        f"The {name} system",
        f"<p>How the {name} system keeps what it is told, and for how long. March 2015</p>"
        "<table><tr><th>Attachment</th><th>Ext.</th><th>Size</th><th>Date</th></tr>"
        f'<tr><td><a href="{href}">On {name}</a></td><td>PDF</td><td>100 KB</td><td>{row_date}</td></tr></table>'
        f"<p>Created Date: {created}</p><p>Last Published Date: March 20, 2015</p>",
    ))  # fmt: skip


def file_of(name: str, words: str = "as it was first written") -> bytes:
    """A publication's file."""
    return written(lines(f"An assessment of {name}, {words}.", "It has one page."))


def library() -> dict[str, Told]:
    """All that the library tells on a good night."""
    return {
        f"{LIBRARY}/robots.txt": ROBOTS,
        LISTING: listing(*PAGES.values()),
        **{url: publication(name) for name, url in PAGES.items()},
        **{url: Told(file_of(name), PDF) for name, url in FILES.items()},
    }


# The procurement system, with a key and without.
API = "https://api.sam.gov/opportunities/v2/search"
SEARCHES = {
    night: f"{API}?postedFrom=01/01/2018&postedTo={night[5:7]}/{night[8:]}/2018"
    "&organizationCode=070&limit=1000&offset=0"
    for night in (GOOD, BAD)
}
TABLE = (
    "https://sam.gov/api/prod/fileextractservices/v1/api/download/Contract%20Opportunities/datagov/"
    "ContractOpportunitiesFullCSV.csv?privacy=Public"
)


def notice(number: int, **changes: object) -> dict[str, object]:
    """One record as the API gives it."""
    return {
        "noticeId": f"{number:032x}", "title": f"BADGES, LOT {number}",
        "solicitationNumber": f"70CDCR18Q0000{number:04}",
        "fullParentPathName": "HOMELAND SECURITY, DEPARTMENT OF.US IMMIGRATION AND CUSTOMS ENFORCEMENT.AN OFFICE",
        "fullParentPathCode": "070.7012.70CDCR", "postedDate": "2018-01-08", "type": "Solicitation",
        "baseType": "Solicitation", "active": "Yes", **changes,
    }  # fmt: skip


def search(*records: Mapping[str, object], **envelope: object) -> Told:
    """An answer of the API."""
    answer = {"totalRecords": len(records), "limit": 1000, "offset": 0, "opportunitiesData": records, **envelope}
    return Told(json.dumps(answer).encode(), JSON)


def interface() -> dict[str, Told]:
    """All that the API tells on a good night."""
    return {"https://api.sam.gov/robots.txt": ROBOTS} | {
        url: search(notice(1), notice(2)) for url in SEARCHES.values()
    }  # fmt: skip


# The newsroom: a feed and two articles.
NEWSROOM = "https://news.example.org"
FEED = f"{NEWSROOM}/feed.xml"
STORIES = {name: f"{NEWSROOM}/2018/01/{name}-told-here" for name in ("first", "second")}
OUTLET = {"name": "example", "title": "Example", "domains": ["example.org"], "feeds": [FEED], "sitemaps": []}


def feed(*addresses: str) -> Told:
    """The newsroom's feed."""
    items = "".join(f"<item><title>A story</title><link>{url}</link></item>" for url in addresses)
    return Told(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode(), XML
    )


def story(name: str, published: str = "2018-01-09T10:00:00Z") -> Told:
    """An article, long enough to be one."""
    sentence = f"The {name} story says that the office counts every badge at the gate and keeps the count for a year. "
    paragraphs = "".join(f"<p>{sentence * 3}Paragraph {number}.</p>" for number in range(1, 7))
    head = f'<title>The {name} story</title><meta property="article:published_time" content="{published}">'
    return Told(f"<!DOCTYPE html><html><head>{head}</head><body><article><h1>The {name} story</h1>{paragraphs}"
                "</article></body></html>".encode())  # fmt: skip


def newsroom() -> dict[str, Told]:
    """All that the newsroom tells on a good night."""
    return {
        f"{NEWSROOM}/robots.txt": ROBOTS,
        FEED: feed(*STORIES.values()),
        **{url: story(name) for name, url in STORIES.items()},
    }


ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "dhs_pia": {"listings": [COLLECTION]},
    "sam_notices": {"key": True, "since": "2018-01-01"},
    "news": {"terms": [], "outlets": [OUTLET]},
}
SITES = {"dhs_pia": library, "sam_notices": interface, "news": newsroom}


def two_nights(
    source: str,
    changes: Mapping[str, Told | None],
    base: Night | None = None,
    fewest: int = 1,
    fields: Mapping[str, float] | None = None,
    most: int = 100,
    **arguments: object,
) -> bytes:
    """Return a recording of a good night and of one with `changes`, where None is an address that wasn't recorded."""
    good = dict(SITES[source]() if base is None else base)
    bad = {url: told for url, told in {**good, **changes}.items() if told is not None}
    expected = {"minimum": fewest, "maximum": most, "fields": dict(fields or {})}
    expect = {source: dict.fromkeys((GOOD, BAD), expected)}
    return recording({GOOD: good, BAD: bad}, {source: {**ARGUMENTS[source], **arguments}}, expect)
