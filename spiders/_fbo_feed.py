"""Reads the nightly files of FedBizOpps, whose tags don't close: record by record, none lost; it knows no address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.items import Problem
from spiders._notices import HTML_TAGS, NOTICE_ID, Read, joined, plain_text
from spiders._records import decoded

# What a record is, as the site's own pages name it; JA and later ones are second-hand or seen but once.
TYPES = {
    "PRESOL": "Presolicitation", "COMBINE": "Combined Synopsis/Solicitation", "AWARD": "Award Notice",
    "SRCSGT": "Sources Sought", "JA": "Justification and Approval (J&A)", "SNOTE": "Special Notice",
    "FAIROPP": "Fair Opportunity / Limited Sources Justification", "FSTD": "Foreign Government Standard",
    "ITB": "Intent to Bundle Requirements (DoD-Funded)", "SSALE": "Sale of Surplus Property",
    # What happened to an earlier notice, whose own type NTYPE says.
    "MOD": "Modification", "AMDCSS": "Modification", "ARCHIVE": "Archive", "UNARCHIVE": "Unarchive",
}  # fmt: skip
FIELDS = {
    "SUBJECT": "title", "SOLNBR": "solicitation", "AWDNBR": "award_number", "AWDAMT": "award_amount",
    "AWARDEE": "awardee", "AGENCY": "department", "OFFICE": "sub_tier", "LOCATION": "office",
    "SETASIDE": "set_aside", "NAICS": "naics", "CLASSCOD": "psc", "POPADDRESS": "place_of_performance",
    "POPZIP": "place_of_performance", "POPCOUNTRY": "place_of_performance", "STAUTH": "authority",
    "CORRECTION": "correction", "DESC": "description", "URL": "url",
}  # fmt: skip
DATES = {"RESPDATE": "response_due", "ARCHDATE": "archive_date", "AWDDATE": "award_date"}
# The contracting office's address, and how its officials are reached: left out by name.
OUT_OF_SCOPE = frozenset(["CONTACT", "EMAIL", "OFFADD", "ZIP", "LINK"])
_KNOWN = frozenset([*FIELDS, *DATES, *OUT_OF_SCOPE, "DATE", "YEAR", "NTYPE"])
# After these a DESC is a link's words or a mail address once more.
_LINKS = frozenset(["LINK", "URL", "EMAIL"])
_TAG = re.compile(r"^[ \t]{0,8}<(/?)([A-Z][A-Z_]{0,30})>", re.MULTILINE)
_REST_IS_BLANK = re.compile(r"[ \t]*(?:\n|\Z)")
_PERMANENT = re.compile(r"/notices/([0-9a-f]{32})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Record:
    """One record as it stands: its type, its number in the file, its fields in order, what is wrong with its frame."""

    type: str
    number: int
    fields: Sequence[tuple[str, str]]
    damage: str = ""


def is_feed(body: bytes) -> bool:
    """Say whether these bytes begin as a nightly file does: with a record's tag, and its date on the next line."""
    return re.match(rb"\s{0,100}<[A-Z]{2,12}>[ \t]*[\r\n]{1,2}<DATE>[0-9]", body[:300]) is not None


def read_feed(body: bytes) -> Iterator[Read | Problem]:
    """Yield each record of a nightly file: each that begins is read, or named as malformed."""
    text = decoded(body).replace("\r\n", "\n").replace("\r", "\n")
    number = 0
    for record in _records(text):
        if isinstance(record, Problem):
            yield record
            continue
        number = record.number
        if record.damage:
            yield Problem("malformed-record", f"record {number}", f"{record.type} {record.damage}")
        if any(tag == "AGENCY" and plain_text(value).strip() for tag, value in record.fields):
            yield _read(record)
        else:
            yield Problem("missing-field", f"record {number}", f"{record.type} without an agency; left out")
    if not number:
        yield Problem("empty-listing", "feed", "no whole record")


def _records(text: str) -> Iterator[_Record | Problem]:
    """Yield the records. One without an end reaches to the beginning of the next; the last one must have its end."""
    number, outside, reached = 0, 0, 0
    kind, fields, tag, since = "", list[tuple[str, str]](), "", 0
    for match in _TAG.finditer(text):
        closing, name = match.groups()
        opens = not closing and _opens(name, bool(kind)) and _REST_IS_BLANK.match(text, match.end())
        ends = closing and kind and (name == kind or name in TYPES)
        if not (opens or ends or (kind and not closing and (name in _KNOWN or name not in HTML_TAGS))):
            continue
        if tag:
            fields.append((tag, text[since : match.start()].strip().removesuffix(f"</{tag}>").strip()))
        tag, since = ("" if opens or ends else name), match.end()
        if kind and (opens or ends):
            yield _Record(kind, number, fields, "" if ends and name == kind else f"ends with {match[0].strip()}")
            kind, fields, reached = "", [], match.end() if ends else match.start()
        if opens:
            outside += bool(text[reached : match.start()].strip())
            kind, number = name, number + 1
    if kind:
        yield Problem("malformed-record", f"record {number}", f"{kind} is cut off; left out")
    elif text[reached:].strip():
        outside += 1
    if outside:
        yield Problem("malformed-record", f"in {outside} places", "text that stands in no record")


def _opens(name: str, inside: bool) -> bool:
    """Say whether a tag begins a record: one of a known type, or outside of any record one that is no field."""
    return name in TYPES or not (inside or name in _KNOWN or name in HTML_TAGS)


def _read(record: _Record) -> Read:
    held: dict[str, list[str]] = {}
    link = False
    for tag, value in record.fields:
        link = tag in _LINKS or (link and tag == "DESC")
        if not (link and tag == "DESC"):
            held.setdefault(tag, []).append(value)
    first = {tag: values[0] for tag, values in held.items()}
    said = [(field, " ".join(plain_text(value).split())) for tag, field in FIELDS.items()
            if tag not in ("DESC", "URL") for value in held.get(tag, ())]  # fmt: skip
    said += [(field, _day(value)) for tag, field in DATES.items() for value in held.get(tag, ())]
    links = held.get("URL", [])
    record_made = joined([
        *said,
        ("type", TYPES.get(record.type, record.type)),
        ("base_type", TYPES.get(first.get("NTYPE", ""), first.get("NTYPE", ""))),
        ("posted", _day(first.get("DATE", "") + first.get("YEAR", ""))),
        ("description", "\n".join(plain_text(value) for value in held.get("DESC", ()))),
        *(("more_information" if place else "url", link) for place, link in enumerate(links)),
    ])  # fmt: skip
    return Read(
        f"record {record.number}",
        record_made | {NOTICE_ID: _name(record_made)},
        unmapped=[tag for tag in held if tag not in _KNOWN],
    )


def _day(printed: str) -> str:
    """Return "061613" or "06162013" as "2013-06-16", and what is neither as printed.

    Years of two digits run from 1969 to 2068, as everywhere in the archive.
    """
    match = re.fullmatch(r"([0-9]{2})([0-9]{2})([0-9]{2}|[0-9]{4})", printed)
    if match is None:
        return printed
    month, day, year = match.groups()
    if len(year) == 2:
        year = f"{'20' if year < '69' else '19'}{year}"
    return f"{year}-{month}-{day}"


def _name(record: dict[str, str]) -> str:
    """Return the id in a record's link, or else a name made of its office and its number: the feed gives no id."""
    if match := _PERMANENT.search(record.get("url", "")):
        return match[1].lower()
    number = record.get("solicitation") or record.get("award_number") or record.get("title")
    office = record.get("office") or record.get("sub_tier") or record.get("department", "")
    return f"fbo/{office}/{number or '/'.join((record['type'], record.get('posted', '')))}".lower()
