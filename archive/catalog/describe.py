"""What is said of each document and version: title, dates, number, kind; rows for the catalogue, made of evidence."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from archive.catalog.awards import award_dates, award_numbers, date_of, is_summary, title_of_award
from archive.catalog.evidence import Said
from archive.catalog.identity import Content, Document
from archive.catalog.names import ABBREVIATED
from archive.catalog.notices import is_notice_id, notice_kind
from archive.dates import PartialDate, find_dates, parse_date
from archive.identifiers import Identifier, component, find_identifiers, parse_identifier

KIND_NAMES = {
    "pia": "privacy impact assessment",
    "sorn": "system of records notice",
    "oig-report": "inspector general report",
}
DEPOSIT = "deposit"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dated:
    """A date with the role in which it was said."""

    role: str
    date: PartialDate


def version_id(document: Document, content: Content) -> str:
    """Return the version's name: the document's, and as much of the digest as tells its versions apart."""
    short = _abbreviations(tuple(one.digest for one in document.contents))
    return f"{document.id}@{short[content.digest]}"


@lru_cache(maxsize=8)
def _abbreviations(digests: tuple[str, ...]) -> Mapping[str, str]:
    short = {}
    ordered = sorted(digests)
    for before, digest, after in zip(["", *ordered], ordered, [*ordered[1:], ""], strict=False):
        length = ABBREVIATED
        while length < len(digest) and digest[:length] in (before[:length], after[:length]):
            length += 1
        short[digest] = digest[:length]
    return short


def title_of(document: Document, content: Content) -> str:
    """Return the title of one version: a file's is the one under which it was last listed."""
    body = content.first.body
    if document.kind == "notice":
        return _notice_title(document, content)
    if document.kind == "award":
        return title_of_award(body)
    if document.kind in ("web-page", "article"):
        return str(body.get("title") or body.get("headline") or content.first.seen.url)
    shown = [said.body["title"] for said in document.listed if said.body["title"].strip()]
    own = content.reading.metadata.get("Title", "").strip() if content.reading else ""
    return str((shown or [own or _file_name(content.first)])[-1])


def _notice_title(document: Document, content: Content) -> str:
    """Return a notice's title; one that says none has that of another version, else its id or its number."""
    titles = [one.first.body["record"].get("title") for one in (content, *reversed(document.contents))]
    record, notice_id = content.first.body["record"], str(content.first.body["notice_id"])
    numbers = [record.get("award_number"), record.get("solicitation")]
    return str(next(filter(None, [*titles, *([] if is_notice_id(notice_id) else numbers)]), notice_id))


def _file_name(said: Said) -> str:
    if said.seen.file_name:
        return said.seen.file_name
    try:
        return unquote(urlsplit(said.seen.url).path).rsplit("/", 1)[-1] or said.seen.url
    except ValueError:
        return said.seen.url


def dates_of(document: Document, content: Content) -> tuple[Dated, ...]:
    """Return the dates said of a version: those its capture printed, those of a file's cover, those of its listings."""
    if document.kind == "file":
        cover = find_dates(content.reading.cover, limit=1) if content.reading else []
        said = [Dated("published", date) for date in cover]
        printed = [date for entry in document.listed for date in entry.body["dates"]]
    elif document.kind == "notice":
        said, printed = [], _notice_dates(content.first.body["record"])
    elif document.kind == "award":
        said, printed = [], award_dates(content.first.body["record"])
    else:
        said, printed = [], list(content.first.body["dates"])
    dated = [*said, *_parsed(printed)]
    return tuple({(one.role, one.date.words): one for one in dated}.values())


def _parsed(printed: Iterable[Mapping[str, str]]) -> Iterator[Dated]:
    for one in printed:
        date = parse_date(one["words"])
        if date is not None:
            yield Dated(one["role"], date)


def _notice_dates(record: Mapping[str, str]) -> list[Mapping[str, str]]:
    roles = {"posted": "posted", "award": "award_date", "due": "response_due", "archived": "archive_date"}
    return [{"role": role, "words": record[name]} for role, name in roles.items() if record.get(name)]


def invalid_dates(said: Said) -> Iterator[str]:
    """Yield every date that a statement prints and that isn't one, with its role."""
    in_record = {"notice": _notice_dates, "award": award_dates}.get(said.kind)
    printed = in_record(said.body["record"]) if in_record else said.body.get("dates", ())
    for one in printed:
        if one["words"].strip() and parse_date(one["words"]) is None:
            yield f"{one['role']}: {one['words'][:100]}"


def first_date(dated: Iterable[Dated], *roles: str) -> PartialDate | None:
    """Return the first date in one of the roles, the roles in order of preference."""
    held = list(dated)
    return next((one.date for role in roles for one in held if one.role == role), None)


def document_title(document: Document) -> str:
    """Return a document's title: its newest version's, and an award's as it was made; modifications say less."""
    if document.kind != "award":
        return title_of(document, document.newest)
    made = next((one for one in document.contents if not is_summary(one.first.body)), document.contents[0])
    return title_of(document, made)


def published_of(document: Document, dated: Iterable[Dated]) -> PartialDate | None:
    """Return a document's own date, of those of its newest version: a notice's posting, an award's first action."""
    if document.kind != "award":
        return first_date(dated, "posted" if document.kind == "notice" else "published")
    days = [date_of(content.first.body) for content in document.contents if not is_summary(content.first.body)]
    signed = [first_date(dates_of(document, content), "award") for content in document.contents]
    return min((date for date in (*days, *signed) if date is not None), key=lambda date: date.value, default=None)


def kind_of(document: Document) -> str:
    """Return what the publisher calls such a document."""
    body = document.newest.first.body
    if document.kind == "notice":
        return notice_kind(body["record"]) or "notice"
    if document.kind == "award":
        return str(body["record"].get("type") or "award").partition(",")[0].lower()
    if document.kind == "web-page":
        return str(body["kind"])
    if document.kind == "article":
        return "article"
    return KIND_NAMES.get(document.number.scheme, "file") if document.number else "file"


def numbers_of(document: Document) -> Iterator[tuple[str, str, str, str]]:
    """Yield (scheme, value, printed, role) of every number that leads to the document.

    Role "own" is the document's own number, "about" one in a page's title, "listed" one that a listing gives a
    file whose cover says another.
    """
    if document.number:
        yield (document.number.scheme, document.number.value, document.number.printed, "own")
    if document.kind == "notice":
        yield from _notice_numbers(document)
    elif document.kind == "award":
        for content in document.contents:
            for number, role in award_numbers(content.first.body):
                yield (number.scheme, number.value, number.printed, role)
    elif document.kind == "web-page":
        for number in own_numbers(content.first.body for content in document.contents):
            yield (number.scheme, number.value, number.printed, "own")
        yield from _in_words((content.first.body["title"] for content in document.contents), "about")
    elif document.kind == "file":
        own = document.number.value if document.number else ""
        yield from _in_words((said.body["title"] for said in document.listed), "listed", own)


def own_numbers(pages: Iterable[Mapping[str, Any]]) -> tuple[Identifier, ...]:
    """Return the numbers that their publisher gives pages as their own, in its order; what is no number is none."""
    printed = dict.fromkeys(number for page in pages for number in page.get("numbers", ()))
    return tuple(number for number in map(parse_identifier, printed) if number is not None)


def _in_words(texts: Iterable[str], role: str, own: str = "") -> Iterator[tuple[str, str, str, str]]:
    for found in itertools.chain.from_iterable(map(find_identifiers, texts)):
        if found.identifier.value != own:
            yield (found.identifier.scheme, found.identifier.value, found.identifier.printed, role)


def _notice_numbers(document: Document) -> Iterator[tuple[str, str, str, str]]:
    for content in document.contents:
        for said in content.said:
            record, notice_id = said.body["record"], said.body["notice_id"]
            if is_notice_id(notice_id):
                yield ("sam-notice", notice_id.lower(), notice_id, "own")
            for name in ("award_number", "solicitation"):
                number = parse_identifier(record.get(name, ""))
                if number is not None:
                    role = "own" if (name == "award_number") == document.id.startswith("award-") else "about"
                    yield (number.scheme, number.value, number.printed, role)


def component_of(document: Document) -> str:
    """Return the component that a document belongs to ("ICE"), from its number or its record, or ""."""
    if document.number:
        return component(document.number.value)
    body = document.newest.first.body
    if document.kind == "notice":
        return _sub_tier_component(body["record"].get("sub_tier", ""))
    if document.kind == "award":
        return _sub_tier_component(body["record"].get("sub_agency", ""))
    if document.kind == "web-page":
        return next((component(f.identifier.value) for f in find_identifiers(body["title"])), "")
    return ""


def _sub_tier_component(sub_tier: str) -> str:
    """Return the usual abbreviation of the sub-tier's name as SAM.gov prints it."""
    names = {
        "IMMIGRATION AND CUSTOMS ENFORCEMENT": "ICE",
        "CUSTOMS AND BORDER PROTECTION": "CBP",
        "CITIZENSHIP AND IMMIGRATION SERVICES": "USCIS",
        "COAST GUARD": "USCG",
        "SECRET SERVICE": "USSS",
        "TRANSPORTATION SECURITY": "TSA",
        "FEDERAL EMERGENCY MANAGEMENT": "FEMA",
        "CYBERSECURITY": "CISA",
    }
    plain = sub_tier.upper().replace("&", "AND")
    return next((short for name, short in names.items() if name in plain), "")
