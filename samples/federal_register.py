"""The exchanges with the Federal Register on each night: searches by year, records, texts as XML, and PDFs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from samples import documents as files
from samples.pdfs import render_columns
from samples.recording import Answer
from samples.texts import Document, read_document

SITE = "https://www.federalregister.gov"
API = f"{SITE}/api/v1/documents"
AGENCIES = ("homeland-security-department", "u-s-immigration-and-customs-enforcement")
TERM = '"system of records"'
SINCE = 2016
ARGUMENTS: Mapping[str, object] = {
    "agencies": list(AGENCIES),
    "types": ["NOTICE"],
    "term": TERM,
    "since": f"{SINCE}-01-01",
    "months": 12,
}
FIELDS = (
    "document_number", "title", "html_url", "publication_date", "citation", "comments_close_on", "pdf_url",
    "full_text_xml_url", "body_html_url", "docket_ids",
)  # fmt: skip
ROBOTS = (
    Answer(f"{SITE}/robots.txt", b"User-agent: *\nDisallow: /my/\n", "text/plain"),
    Answer("https://www.govinfo.gov/robots.txt", b"User-agent: *\nDisallow: /search/\n", "text/plain"),
)
# The parts of a document that the register's XML has elements for; the rest is one section after another.
_PREAMBLE = {"Agency": "AGY", "Action": "ACT", "Summary": "SUM", "Dates": "DATES"}


@dataclass(frozen=True)
class Notice:
    """A notice as the register prints it: its number, its first page, its day, and what its text is made of."""

    number: str
    volume: int
    page: int
    day: str
    issue: int
    weekday: str
    docket: str
    due: str
    system: str
    slug: str = "privacy-act-of-1974-system-of-records"

    @property
    def citation(self) -> str:
        return f"{self.volume} FR {self.page}"

    @property
    def html_url(self) -> str:
        return f"{SITE}/documents/{self.day.replace('-', '/')}/{self.number}/{self.slug}"

    @property
    def xml_url(self) -> str:
        return f"{SITE}/documents/full_text/xml/{self.day.replace('-', '/')}/{self.number}.xml"

    @property
    def pdf_url(self) -> str:
        return f"https://www.govinfo.gov/content/pkg/FR-{self.day}/pdf/{self.number}.pdf"


_CARIER_NUMBER = files.SORN.rpartition("/")[2].removesuffix(".pdf")
CARIER = Notice(
    _CARIER_NUMBER, 81, 72080, "2016-10-19", 202, "Wednesday, October 19, 2016", "DHS-2016-0059", "2016-11-18", "CARIER"
)
EXTERNAL_2010 = Notice(
    "E9-31269", 75, 404, "2010-01-05", 2, "Tuesday, January 5, 2010", "DHS-2009-0127", "2010-02-04", "External"
)
# The same system, published again with more in it.
EXTERNAL_2020 = Notice(
    "2020-25619", 85, 74362, "2020-11-20", 225, "Friday, November 20, 2020", "ICEB-2020-0002", "2020-12-21", "External"
)
NOTICES = (EXTERNAL_2010, CARIER, EXTERNAL_2020)


def answers_on(night: str) -> Iterator[Answer]:
    """Give a night's exchanges: a search for each year up to the night, then the texts and PDFs that they name."""
    yield from ROBOTS
    for year in range(SINCE, int(night[:4]) + 1):
        found = [one for one in NOTICES if one.day.startswith(str(year)) and one.day <= night]
        yield Answer(_search(year), _page(found), "application/json; charset=utf-8")
        for one in found:
            yield from parts_of(one)


def record_of(notice: Notice, *, dated: bool) -> Answer:
    """Give the API's record of one notice, asked for by its number, or by number and day."""
    url = f"{API}/{notice.number}.json" + (f"?publication_date={notice.day}" if dated else "")
    end = notice.page + 5
    more = {"volume": notice.volume, "start_page": notice.page, "end_page": end, "type": "Notice", "topics": []}
    return Answer(url, _json(_row(notice) | more), "application/json; charset=utf-8")


def parts_of(notice: Notice) -> tuple[Answer, Answer]:
    """Give a notice's text and its PDF."""
    pdf = files.file_at(files.SORN, notice.day) if notice is CARIER else _pdf(notice)
    headers = {"Accept-Ranges": "bytes"}
    return (
        Answer(notice.xml_url, _xml(notice), "application/xml", items=1),
        Answer(notice.pdf_url, pdf, "application/pdf", headers=headers, items=1),
    )


def _search(year: int) -> str:
    conditions = [("conditions[agencies][]", agency) for agency in AGENCIES]
    conditions += [("conditions[type][]", "NOTICE"), ("conditions[term]", TERM)]
    conditions += [("conditions[publication_date][gte]", f"{year}-01-01")]
    conditions += [("conditions[publication_date][lte]", f"{year}-12-31")]
    asked = [("fields[]", field) for field in FIELDS] + [("order", "oldest"), ("per_page", "100")]
    return f"{API}.json?{urlencode([*conditions, *asked])}"


def _page(found: list[Notice]) -> bytes:
    said: dict[str, object] = {"description": "Notices of DHS and ICE", "count": len(found)}
    if found:
        said |= {"total_pages": 1, "results": [_row(one) for one in found]}
    return _json(said)


def _row(notice: Notice) -> dict[str, object]:
    body = f"{SITE}/documents/full_text/html/{notice.day.replace('-', '/')}/{notice.number}.html"
    values = (
        notice.number, text_of(notice).title, notice.html_url, notice.day, notice.citation, notice.due, notice.pdf_url,
        notice.xml_url, body, [f"Docket No. {notice.docket}"],
    )  # fmt: skip
    return dict(zip(FIELDS, values, strict=True))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def text_of(notice: Notice) -> Document:
    """Return what a notice says."""
    if notice is CARIER:
        return files.sorn()
    again = notice is EXTERNAL_2020
    return read_document(
        "sorn-external",
        action="Notice of a modified system of records." if again else "Notice of a system of records.",
        change="The notice of 2010 (75 FR 404) is replaced." if again else "It is set out anew.",
        individuals="people who drove a vehicle that was seen near one of these" if again else "their employers",
        records="sightings of vehicles that were bought from a company" if again else "lists of vehicles and vessels",
        uses="companies whose services are used to find a person" if again else "contractors that need them for a task",
        years="twenty" if again else "ten",
    )


@cache
def _pdf(notice: Notice) -> bytes:
    head = ("Federal Register", f"Vol. {notice.volume}, No. {notice.issue}", notice.weekday, "Notices")
    return render_columns(text_of(notice), (*head, str(notice.page)))


def _xml(notice: Notice) -> bytes:
    text = text_of(notice)
    sections: list[tuple[str, list[str]]] = []
    for block in text.blocks:
        if block.kind == "section":
            sections.append((block.text, []))
        else:
            sections[-1][1].append(f"<P>{escape(block.text)}</P>")
    preamble = "\n".join(
        f'<{_PREAMBLE[heading]}>\n<HD SOURCE="HED">{heading.upper()}:</HD>\n{"".join(said)}\n</{_PREAMBLE[heading]}>'
        for heading, said in sections
        if heading in _PREAMBLE
    )
    rest = [_section(heading, said) for heading, said in sections if heading not in _PREAMBLE]
    first = next(place for place, said in enumerate(rest) if ">System name:<" in said)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<NOTICE>
<PREAMB>
<PRTPAGE P="{notice.page}"/>
<AGENCY TYPE="S">{text.facts["agency"]}</AGENCY>
<DEPDOC>[Docket No. {notice.docket}]</DEPDOC>
<SUBJECT>{escape(text.title)}</SUBJECT>
{preamble}
</PREAMB>
<SUPLINF>
{"".join(rest[:first])}<PRIACT>
<HD SOURCE="HD1">{text.facts["number"]}</HD>
{"".join(rest[first:])}</PRIACT>
</SUPLINF>
<FRDOC>[FR Doc. {notice.number}]</FRDOC>
</NOTICE>
""".encode()


def _section(heading: str, said: list[str]) -> str:
    return f'<HD SOURCE="HD2">{heading}:</HD>\n{"".join(said)}\n'
