"""A citation as reference managers take it: BibTeX, RIS and CSL-JSON, written of the item field by field.

Every value is one line, and nothing in one ends its field: each format's own signs are written as it wants them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from archive.research.citation import SAMPLE_NOTICE
from archive.research.citing.item import Cited, date_parts
from archive.research.rows import Row

# BibTeX counts braces whatever stands before them, so a brace of a title can only stand as a command.
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "$&#%_"},
}
_BIBTEX_TYPES = {"report": "techreport", "article-journal": "article", "article-newspaper": "article"}
_RIS_TYPES = {"report": "RPT", "article-journal": "JOUR", "article-newspaper": "NEWS", "webpage": "ELEC"}
# What an address has no need of, and a format takes for its own (RFC 3986: these are encoded).
_NOT_IN_ADDRESS = re.compile(r"[^\x21-\x7e]|[\"'<>\\^`{|}\[\]]")


def bibtex(cited: Cited) -> str:
    """Return a BibTeX entry."""
    kind = _BIBTEX_TYPES.get(cited.item["type"], "misc")
    lines = [f"  {name} = {{{value}}}" for name, value in _bibtex_fields(cited)]
    return f"@{kind}{{{key_of(cited)},\n" + ",\n".join(lines) + "\n}\n"


def _bibtex_fields(cited: Cited) -> Iterator[tuple[str, str]]:
    """Yield the fields; names and titles in braces of their own, which keep their capitals and their commas."""
    item = cited.item
    if cited.institution:
        yield "author", f"{{{_tex(cited.institution.full)}}}"
    yield "title", f"{{{_tex(item['title'])}}}"
    yield from _bibtex_date(_date(item))
    named = {"genre": "type", "number": "number", "container-title": "journal", "volume": "volume"}
    if item["type"] == "webpage":
        named["container-title"] = "howpublished"
    if cited.institution and item["type"] == "report":
        yield "institution", f"{{{_tex(cited.institution.full)}}}"
    yield from ((field, _tex(item[name])) for name, field in named.items() if name in item)
    told = {
        "pages": _tex(pages_of(cited)),
        "url": in_address(item.get("URL") or cited.archived),
        "urldate": cited.accessed,
        "note": _tex(note_of(cited)),
    }
    yield from ((field, value) for field, value in told.items() if value)


def _bibtex_date(date: list[int]) -> Iterator[tuple[str, str]]:
    if date:
        yield "year", f"{date[0]:04}"
        yield "date", _iso(date)
    if len(date) > 1:
        yield "month", str(date[1])


def ris(cited: Cited) -> str:
    """Return a RIS record; lines end as its description has them (CR LF), and the last one is "ER  - "."""
    lines = [f"{tag}  - {value}" for tag, value in _ris_fields(cited)]
    return "\r\n".join([*lines, "ER  - ", ""])


def _ris_fields(cited: Cited) -> Iterator[tuple[str, str]]:
    """Yield tags and values. A body's name ends with a comma, by which it is told from a person's."""
    item, date, body = cited.item, _date(cited.item), cited.institution
    named = {"genre": "M3", "number": "SN", "container-title": "T2", "volume": "VL"}
    told = [
        ("TY", _RIS_TYPES[item["type"]]),
        ("ID", key_of(cited)),
        ("AU", f"{body.levels[-1]}," if body else ""),
        ("PB", body.above if body else ""),
        ("TI", item["title"]),
        ("PY", f"{date[0]:04}" if date else ""),
        ("DA", _ris_date(date)),
        *((tag, item.get(name, "")) for name, tag in named.items()),
        ("SP", pages_of(cited)),
        ("UR", in_address(item.get("URL", ""))),
        ("L2", in_address(cited.archived)),
        ("Y2", _ris_date(date_parts(cited.accessed))),
        ("DB", cited.archive_name),
        ("N1", note_of(cited)),
    ]
    yield from ((tag, value) for tag, value in told if value)


def _ris_date(date: list[int]) -> str:
    """Return a date as year/month/day/, empty where a part isn't known."""
    return "/".join([f"{date[0]:04}", *(f"{part:02}" for part in date[1:]), *[""] * (4 - len(date))]) if date else ""


def csl_json(cited: Cited) -> str:
    """Return the item as CSL-JSON, as a list of one."""
    return json.dumps([csl_item(cited)], ensure_ascii=False, indent=1).replace("<", "\\u003c") + "\n"


def csl_item(cited: Cited) -> Row:
    """Return the item with all that CSL has a variable for."""
    item = {**cited.item, "id": key_of(cited), "note": note_of(cited), "archive": cited.archive_name}
    if pages := pages_of(cited):
        item["page"] = pages
    if cited.archived:
        item["archive_location"] = cited.archived
        item.setdefault("URL", cited.archived)
    if cited.accessed:
        item["accessed"] = {"date-parts": [[int(part) for part in cited.accessed.split("-")]]}
    return item


def note_of(cited: Cited) -> str:
    """Return what no field has room for: which version was cited and where it is kept, the words, the sample's mark."""
    kept = f"Archived on {cited.archived_on} at {cited.archived}" if cited.archived_on else f"Kept at {cited.archived}"
    parts = [
        kept if cited.archived else "",
        f"SHA-256 {cited.digest}" if cited.digest else "",
        f"cited: page {cited.part.page}" if cited.part.page else "",
        f"quoted: “{cited.part.quote}”" if cited.part.quote else "",
        SAMPLE_NOTICE if cited.sample else "",
    ]
    return "; ".join(filter(None, parts))


def key_of(cited: Cited) -> str:
    """Return what the entry is called: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", str(cited.item["id"]).lower()).strip("-") or "document"


def pages_of(cited: Cited) -> str:
    """Return the pages that an entry names: where it stands in the register, else the one that is cited."""
    return str(cited.item.get("page") or cited.part.page)


def in_address(address: str) -> str:
    """Return an address with what isn't of one percent-encoded."""
    return _NOT_IN_ADDRESS.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")), address
    )


def _tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in text)


def _date(item: Row) -> list[int]:
    parts: list[int] = item.get("issued", {}).get("date-parts", [[]])[0]
    return parts


def _iso(date: list[int]) -> str:
    return "-".join([f"{date[0]:04}", *(f"{part:02}" for part in date[1:])])
