"""How documents of the Federal Register are asked for and read, for every source that meets one; it lists nothing.

A document is asked for as its record in the API, which names its text and its PDF. The text is kept under the address
of the document's own page, with the numbers that the register gives it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from scrapy.http import Request, Response, TextResponse

from pipelines.items import File, Index, Listed, PrintedDate, Problem, WebPage
from pipelines.screening import accepts
from spiders._federal_register import (
    SITE,
    Record,
    address_to_ask,
    known_address,
    own_numbers,
    read_record,
    record_address,
)
from spiders._markup import base_of, blocks, body_of, heading_of, main_of, page_of, words
from spiders._platform import Said, Source, once, web_address
from spiders._records import MalformedError, read_json
from spiders._register_xml import Printed, UnreadableError, parse_xml, read_issue, read_printed, systems_in

# As the register prints the department whose documents an issue is searched for.
DEPARTMENTS = ("DEPARTMENT OF HOMELAND SECURITY",)
_MOST_CITED = 20  # documents that begin on one page
_VOLUME = re.compile(r"Federal Register,? Volume (\d{1,3}),? (?:Number|Issue)", re.IGNORECASE)
_PAGES = re.compile(r"\[Pages? (\d{1,6})")
_NUMBER = re.compile(r"\[FR Doc(?: No)?[.:]*\s*([A-Z0-9-]{4,20})\b", re.IGNORECASE)


class RegisterReader(Source):
    """The callbacks that read what the Federal Register and govinfo.gov answer."""

    def register_request(self, url: str) -> Request | None:
        """Return the request for a document that an address of the register, in any form, stands for, or None."""
        known = known_address(url)
        if known is None:
            return None
        if known.form == "issue":
            return self.ask(known.url, self.parse_issue, departments=list(DEPARTMENTS))
        read = {
            "record": self.parse_record, "citation": self.parse_citation, "xml": self.parse_text,
            "html": self.parse_body, "pdf": self.parse_file,
        }  # fmt: skip
        return self.ask(known.url, read[known.form])

    def request_for(self, url: str) -> Request | None:
        return self.register_request(url)

    def address_of(self, kind: str, target: str) -> str:
        if kind in ("fr-document", "fr-citation"):
            return address_to_ask(target)
        return target if kind == "link" and self.request_for(target) is not None else ""

    @accepts("json")
    def parse_record(self, response: Response) -> Said:
        try:
            found = list(read_record(read_json(response.body), response.url))
        except MalformedError as error:
            yield Problem("malformed-json", response.url, str(error))
            return
        for said in found:
            if isinstance(said, Problem):
                yield said
            else:
                yield from self.parts_of(said)

    def parts_of(self, record: Record) -> Iterator[Listed | Problem | Request]:
        """Yield what a record attaches to its page, and the requests for its text and its PDF.

        Where there is a text, that says what the PDF is called: the record of most systems of records doesn't.
        """
        if record.pdf_url and not record.xml_url:
            listed = record.listed(record.html_url)
            yield replace(listed, url=record.pdf_url, relation="attachment", dates=listed.dates[:1])
        if record.xml_url:
            yield self.ask(record.xml_url, self.parse_text, **record.facts())
        elif record.body_url:  # there is XML since 2000
            yield self.ask(record.body_url, self.parse_body, title=record.title, **record.facts())
        elif not record.pdf_url:
            yield Problem("missing-field", record.number, "neither text nor PDF")
        if record.pdf_url:
            yield self.ask(record.pdf_url, self.parse_file)

    @accepts("html")
    def parse_citation(self, response: Response) -> Said:
        """A citation leads to the document's own page, or to a choice of those that stand on the cited page."""
        page = page_of(response)
        base = base_of(page)
        links = (web_address(base, href) for href in body_of(page).css("a[href]::attr(href)").getall())
        landed = known_address(response.url)
        found = (known_address(url) for url in ([response.url] if landed and landed.form == "record" else links))
        records = once(one for one in found if one is not None and one.form == "record")
        if not records:
            yield Problem("layout-changed", response.url, "no document")
        if len(records) > _MOST_CITED:
            yield Problem("trap", response.url, f"{len(records)} documents on one page")
        yield from (self.ask(one.url, self.parse_record) for one in records[:_MOST_CITED])

    @accepts("xml")
    def parse_text(
        self,
        response: Response,
        number: str = "",
        citation: str = "",
        published: str = "",
        page: str = "",
        pdf: str = "",
    ) -> Said:
        try:
            printed = read_printed(parse_xml(response.body))
        except UnreadableError as error:
            yield Problem(error.outcome, response.url, str(error))
            return
        if printed is None or not printed.title:
            yield Problem("layout-changed", response.url, "no document of the register, or one without a heading")
            return
        if number and printed.number and printed.number != number:
            yield Problem("unknown-value", response.url, f"the text says {printed.number}, its record {number}")
        if page and pdf:
            note = "; ".join(own_numbers(number, citation))
            yield Listed(page, pdf, printed.title, "attachment", _published(published), note=note)
        known = known_address(response.url)
        yield WebPage(
            f"Federal Register {printed.kind}",
            printed.title,
            printed.text,
            _published(published or (known.day if known else "")),
            printed.links,
            page,
            own_numbers(printed.number or number, citation),
        )

    @accepts("html", "text")
    def parse_body(
        self,
        response: Response,
        number: str = "",
        citation: str = "",
        published: str = "",
        page: str = "",
        title: str = "",
        **_: str,
    ) -> Said:
        """The text as HTML: at federalregister.gov a part of a page, at govinfo.gov lines of text as typed."""
        here = page_of(response)
        text, typed = _paragraphs(here)
        if not text:
            yield Problem("layout-changed", response.url, "no text")
            return
        head, subject = " ".join(text[:8]), title or (_subject(text) if typed else "")
        volume, first, own = _VOLUME.search(head), _PAGES.search(head), _NUMBER.search(head)
        citation = citation or (f"{volume[1]} FR {first[1]}" if volume and first else "")
        known = known_address(response.url)
        number = number or (own[1].upper() if own else known.number if known else "")
        yield WebPage(
            "Federal Register document",
            "; ".join(systems_in(text, subject)) or title or subject or heading_of(here) or text[0][:300],
            text,
            _published(published or (known.day if known else "")),
            canonical=page,
            numbers=own_numbers(number, citation),
        )

    @accepts("xml")
    def parse_issue(self, response: Response, departments: Sequence[str]) -> Said:
        try:
            issue = read_issue(parse_xml(response.body))
        except UnreadableError as error:
            yield Problem(error.outcome, response.url, str(error))
            return
        if issue is None:
            yield Problem("layout-changed", response.url, "no issue of the register")
            return
        own = [one for one in issue.documents if _is_of(one, departments)]
        numbered = [one for one in own if one.number]
        yield Index(response.url, 0, len(numbered), last=True)
        if len(own) < len(issue.documents):
            count = len(issue.documents) - len(own)
            yield Problem("out-of-scope", response.url, f"{count} documents of other departments")
        if len(numbered) < len(own):
            yield Problem("missing-field", response.url, f"{len(own) - len(numbered)} documents without a number")
        known = known_address(response.url)
        for one in numbered:
            note = "; ".join(filter(None, (issue.citation(one), one.number, *one.dockets)))
            heading = one.subject if one.systems else ""
            yield Listed(
                response.url,
                f"{SITE}/d/{one.number}",
                one.title,
                dates=_published(issue.day),
                heading=heading,
                note=note,
            )
            yield self.ask(record_address(one.number, known.day if known else ""), self.parse_record)

    @accepts("pdf")
    def parse_file(self, response: Response) -> Said:
        yield File()


def _published(day: str) -> tuple[PrintedDate, ...]:
    return (PrintedDate("published", day),) if day else ()


def _is_of(document: Printed, departments: Sequence[str]) -> bool:
    return any(department.upper() in agency.upper() for agency in document.agencies for department in departments)


def _paragraphs(page: TextResponse) -> tuple[tuple[str, ...], bool]:
    """Return the paragraphs, and whether they were typed as lines: then blank lines part them."""
    typed: list[Any] = page.css("pre")
    if main_of(page) is None and len(typed) == 1:
        whole = "".join(typed[0].root.itertext())
        whole = re.sub(r"\n{0,9}[ \t]{0,99}\[\[Page \d{1,9}\]\][ \t]{0,99}\n{0,9}", "\n", whole)
        parts = (words(part) for part in re.split(r"\n[ \t]*(?:\n[ \t]*)+", whole))
        return tuple(part for part in parts if part.strip("=- ")), True
    read = blocks(body_of(page), page.url)
    return tuple(block.text for block in read), False


def _subject(text: Sequence[str]) -> str:
    """Return the heading of a typed document: what stands before the paragraph "AGENCY: …"."""
    place = next((place for place, one in enumerate(text) if one.startswith("AGENCY:")), 0)
    return text[place - 1][:500] if place else ""
