"""Reads what federalregister.gov's API says of documents, and knows the addresses that its documents have.

Known are one document's whole record and one page of a search, from public copies of 2025 and 2026, and the forms of
addresses that people cite. Nothing here asks for anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pipelines.items import Listed, PrintedDate, Problem
from spiders._markup import words
from spiders._platform import is_on, web_address

SITE = "https://www.federalregister.gov"
API = f"{SITE}/api/v1/documents"
HOSTS = ("federalregister.gov", "govinfo.gov")

# "2016-25197"; before 2010 "E8-27029", "Z9-1234", "03-27101"; corrections "C1-2016-25197", reprints "R1-2016-25197".
_NUMBER = r"(?:[CR]\d-)?(?:(?:19|20)\d\d-\d{4,5}|[A-Z]\d-\d{1,5}|\d\d-\d{1,6})"
_ANY_NUMBER = re.compile(rf"(?:FR\s*+Doc\.?\s*+(?:No\.?)?:?\s*+)?({_NUMBER})", re.IGNORECASE | re.ASCII)
_CITATION = re.compile(r"\b(\d{1,3})\s{1,3}FR\s{1,3}(\d{1,3}(?:,\d{3})+|\d{1,6})\b", re.IGNORECASE | re.ASCII)
_DAY = r"(?P<day>\d{4}/\d\d/\d\d)"
_PATHS = {
    "record": re.compile(rf"/(?:documents|articles)/{_DAY}/(?P<number>{_NUMBER})(?:/[^/]*)?", re.ASCII),
    "short": re.compile(rf"/[ad]/(?P<number>{_NUMBER})(?:/.*)?", re.ASCII),
    "api": re.compile(rf"/api/v1/(?:documents|articles)/(?P<number>{_NUMBER})(?:\.json)?", re.ASCII),
    "citation": re.compile(
        r"/citation/(?P<volume>\d{1,3})(?:[-+/_ ]|%20)(?:FR(?:[-+/_ ]|%20))?(?P<page>\d{1,6})", re.ASCII | re.IGNORECASE
    ),
    "xml": re.compile(rf"/documents/full_text/xml/{_DAY}/(?P<number>{_NUMBER})\.xml", re.ASCII),
    "html": re.compile(rf"/documents/full_text/html/{_DAY}/(?P<number>{_NUMBER})\.html", re.ASCII),
}
_PACKAGE = r"/(?:content|fdsys)/pkg/FR-(?P<dashed>\d{4}-\d\d-\d\d)"
_GOVINFO = {
    "pdf": re.compile(rf"{_PACKAGE}/pdf/(?P<number>{_NUMBER})\.pdf", re.ASCII),
    "html": re.compile(rf"{_PACKAGE}/html/(?P<number>{_NUMBER})\.html?", re.ASCII),
    "issue": re.compile(
        r"/(?:(?:content|fdsys)/pkg/FR-[\d-]{10}/xml|bulkdata/FR/\d{4}/\d\d)/FR-(?P<dashed>\d{4}-\d\d-\d\d)\.xml",
        re.ASCII,
    ),
    "page": re.compile(r"/link/fr/\d{1,3}/\d{1,6}", re.ASCII),
}
# Where GPO kept single documents until 2012, and lists still lead: the number alone is of use.
_EDOCKET = re.compile(rf"/\d{{4}}/(?:pdf/)?(?P<number>{_NUMBER})\.(?:html?|pdf)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """What an address stands for: `form` is "record", "citation", "xml", "html", "pdf" or "issue", `url` the address
    to ask for it; `number` and `day` ("2016-10-19") as far as the address says them."""

    form: str
    url: str
    number: str = ""
    day: str = ""


def address_to_ask(number: str) -> str:
    """Return the address at which a document number or a citation is asked for, "" for what is neither.

    "2016-25197" is a record of the API, "81 FR 72080" a page of the site. A document number of before 2016 may have
    been given twice; the API then answers for one of the two.
    """
    plain = words(number)
    if cited := _CITATION.fullmatch(plain):
        return f"{SITE}/citation/{int(cited[1])}-FR-{int(cited[2].replace(',', ''))}"
    found = _ANY_NUMBER.fullmatch(plain)
    return f"{API}/{found[1].upper()}.json" if found else ""


def citations_in(text: str) -> list[str]:
    """Return the citations that a text prints, in one spelling: "73 FR 68435"."""
    return [f"{int(one[1])} FR {int(one[2].replace(',', ''))}" for one in _CITATION.finditer(text)]


def known_address(url: str) -> Address | None:
    """Return what an address of the Federal Register, or of its issues at govinfo.gov, stands for; else None.

    A document's page, its short address and its record in the API are all asked for as the record, which names the
    text and the PDF.
    """
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if is_on(url, ["federalregister.gov"]):
        for form, pattern in _PATHS.items():
            if found := pattern.fullmatch(path):
                return _on_the_register(form, found.groupdict(), path, parts.query)
    elif is_on(url, ["edocket.access.gpo.gov"]):
        old = _EDOCKET.fullmatch(path)
        return Address("record", record_address(old["number"].upper()), old["number"].upper()) if old else None
    elif is_on(url, ["govinfo.gov", "gpo.gov"]):
        for form, pattern in _GOVINFO.items():
            if found := pattern.fullmatch(path):
                said = found.groupdict()
                moved = path.replace("/fdsys/pkg/", "/content/pkg/")
                plain = "pdf" if form == "page" else form
                return Address(
                    plain, f"https://www.govinfo.gov{moved}", said.get("number") or "", said.get("dashed") or ""
                )
    return None


def _on_the_register(form: str, said: Mapping[str, str | None], path: str, query: str) -> Address:
    if form == "citation":
        return Address(form, f"{SITE}/citation/{said['volume']}-FR-{said['page']}")
    number, day = said["number"] or "", (said.get("day") or "").replace("/", "-")
    if form in ("xml", "html"):
        return Address(form, f"{SITE}{path}", number, day)
    dated = re.fullmatch(r"publication_date=(\d{4}-\d\d-\d\d)", query) if form == "api" else None
    day = dated[1] if dated else day
    return Address("record", record_address(number, day), number, day)


def record_address(number: str, day: str = "") -> str:
    """Return the API's address of one document; with `day` it is that number's document of that day."""
    return f"{API}/{number}.json" + (f"?publication_date={day}" if day else "")


@dataclass(frozen=True, slots=True)
class Record:
    """What the API says of one document, as printed; addresses are checked. `numbers` are the document's own."""

    number: str
    title: str
    html_url: str
    published: str
    citation: str = ""
    due: str = ""
    pdf_url: str = ""
    xml_url: str = ""
    body_url: str = ""
    dockets: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        return own_numbers(self.number, self.citation)

    @property
    def note(self) -> str:
        dockets = (one if "docket" in one.lower() else f"docket {one}" for one in self.dockets)
        return "; ".join([*filter(None, (self.citation, self.number)), *dockets])

    def listed(self, index: str) -> Listed:
        """Return what a list that shows this record says of its page."""
        said = (("published", self.published), ("due", self.due))
        dates = tuple(PrintedDate(role, printed) for role, printed in said if printed)
        return Listed(index, self.html_url, self.title, dates=dates, note=self.note)

    def facts(self) -> dict[str, str]:
        """Return what the text of the document doesn't say of itself, as arguments for reading it."""
        return {
            "number": self.number,
            "citation": self.citation,
            "published": self.published,
            "page": self.html_url,
            "pdf": self.pdf_url,
        }


def own_numbers(number: str, citation: str) -> tuple[str, ...]:
    """Return a document's own numbers in spellings that mean nothing else ("03-27101" alone could be anything)."""
    plain = re.fullmatch(r"20\d\d-\d{5}", number)
    return tuple(filter(None, (number and (number if plain else f"FR Doc. {number}"), citation)))


# What a search is asked to tell of each document, and a record of a single document is read for.
FIELDS = (
    "document_number", "title", "html_url", "publication_date", "citation", "comments_close_on", "pdf_url",
    "full_text_xml_url", "body_html_url", "docket_ids",
)  # fmt: skip
# Searches can't be made without them: they say where and what the document is.
_NEEDED = ("document_number", "title", "html_url", "publication_date")
_LEFT_OUT = frozenset([
    *("abstract", "action", "agencies", "cfr_references", "comment_url", "correction_of", "corrections", "dates"),
    *("disposition_notes", "dockets", "effective_on", "end_page", "executive_order_notes", "executive_order_number"),
    *("explanation", "images", "images_metadata", "json_url", "mods_url", "not_received_for_publication"),
    *("page_length", "page_views", "presidential_document_number", "proclamation_number"),
    *("public_inspection_pdf_url", "raw_text_url", "regulation_id_number_info", "regulation_id_numbers"),
    *("regulations_dot_gov_info", "regulations_dot_gov_url", "significant", "signing_date", "start_page", "subtype"),
    *("toc_doc", "toc_subject", "topics", "type", "volume", "excerpts"),
])  # fmt: skip


def read_record(value: Any, place: str) -> Iterator[Record | Problem]:
    """Yield the record that a value of the API is, and what was odd about it; `place` names it in problems.

    A record without its number, title, date or page is none.
    """
    if not isinstance(value, dict):
        yield Problem("missing-field", place, "not an object")
        return
    for name in sorted(value.keys() - set(FIELDS) - _LEFT_OUT):
        yield Problem("unmapped-field", name, place)
    text = {name: _text(value.get(name)) for name in FIELDS if name != "docket_ids"}
    missing = [name for name in _NEEDED if not text[name]]
    if text["document_number"] and not _ANY_NUMBER.fullmatch(text["document_number"]):
        missing.append("document_number")
    urls = {name: _address(value.get(name)) for name in ("html_url", "pdf_url", "full_text_xml_url", "body_html_url")}
    for name, url in urls.items():
        if not url and value.get(name):
            yield Problem("link-dropped", place, f"{name}: {_text(value[name])[:200]}")
    if missing or not urls["html_url"]:
        yield Problem("missing-field", place, ", ".join(missing or ["html_url"]))
        return
    dockets = value.get("docket_ids")
    yield Record(
        text["document_number"],
        text["title"],
        urls["html_url"],
        text["publication_date"],
        text["citation"],
        text["comments_close_on"],
        urls["pdf_url"],
        urls["full_text_xml_url"],
        urls["body_html_url"],
        tuple(filter(None, map(_text, dockets))) if isinstance(dockets, list) else (),
    )


def _text(value: Any) -> str:
    return words(value) if isinstance(value, str) else ""


def _address(value: Any) -> str:
    url = web_address(SITE, value) if isinstance(value, str) and value.startswith("http") else ""
    return url if is_on(url, HOSTS) else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of a search: what it claims to have found, its rows, and where it says that the next page stands."""

    count: int
    rows: tuple[Any, ...]
    pages: int
    next_url: str


def read_answer(value: Any) -> Answer | None:
    """Return a page of a search, or None where the value isn't one. A search without a hit has no rows at all."""
    if not isinstance(value, dict):
        return None
    count, rows, pages = value.get("count"), value.get("results", []), value.get("total_pages", 0)
    # In Python True is a number.
    if not isinstance(rows, list) or type(count) is not int or type(pages) is not int or min(count, pages) < 0:
        return None
    if count and "results" not in value:
        return None
    following = value.get("next_page_url")
    return Answer(count, tuple(rows), pages, following if isinstance(following, str) else "")


def is_next(url: str, here: str) -> bool:
    """Say whether an address can be the next page of the search that `here` is a page of: same site, same path."""
    ours, theirs = urlsplit(here), urlsplit(web_address(here, url))
    paths = {parts.path.removesuffix(".json").rstrip("/") for parts in (ours, theirs)}
    return url != here and theirs.scheme == "https" and theirs.netloc == ours.netloc and len(paths) == 1
