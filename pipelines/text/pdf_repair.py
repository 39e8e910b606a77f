"""Finds the objects of a PDF whose own table of them is damaged, by looking through the file. It reads no page.

pdfminer's own search ends at the first trailer, which in a file made for the web stands at its beginning.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pdfminer.pdfdocument import PDFDocument, PDFXRef
from pdfminer.pdftypes import PDFObjRef, PDFStream, dict_value
from pdfplumber.pdf import PDF

_MOST_OBJECTS = 500_000
# White space is that of ISO 32000-2, 7.2.3; objects begin as 7.3.10 says.
_OBJECT = re.compile(rb"(?<![0-9])(\d{1,8})[\0\t\n\f\r ]{1,9}(\d{1,5})[\0\t\n\f\r ]{1,9}obj(?![a-zA-Z])")
_CATALOG = re.compile(rb"/Type\s{0,9}/Catalog\b")
_OBJECTS_WITHIN = re.compile(rb"/Type\s{0,9}/ObjStm\b")
# What a trailer says, or the dictionary of a stream of cross-references, which stands in its place.
_SAID = (
    re.compile(rb"/Root\s{1,9}\d{1,8}\s{1,9}\d{1,5}\s{1,9}R\b"),
    re.compile(rb"/Info\s{1,9}\d{1,8}\s{1,9}\d{1,5}\s{1,9}R\b"),
    re.compile(rb"/Encrypt\s{1,9}\d{1,8}\s{1,9}\d{1,5}\s{1,9}R\b"),
    re.compile(rb"/ID\s{0,9}\[\s{0,9}<[0-9A-Fa-f]{0,128}>\s{0,9}<[0-9A-Fa-f]{0,128}>\s{0,9}\]"),
)
_REFERENCE = re.compile(rb"(\d{1,8})\s{1,9}\d{1,5}\s{1,9}R$")


class _Place(NamedTuple):
    start: int
    generation: int


def reopened(body: bytes) -> PDF | None:
    """Return the file opened with a table made of where its objects stand; None where no catalog is found.

    Of an object that stands there several times the last counts, as in a file that was changed by appending. Raises
    what pdfminer raises.
    """
    places = _places(body)
    said = [found[-1] for found in (list(one.finditer(body)) for one in _SAID) if found]
    trailer = {match.re: match[0] for match in said}
    root = trailer.get(_SAID[0]) or _root_of(body, places)
    if not places or root is None:
        return None
    entries = b" ".join([root, *(words for which, words in trailer.items() if which is not _SAID[0])])
    pdf = PDF.open(io.BytesIO(body + _table(places, entries, len(body))), raise_unicode_errors=False)
    _add_those_within(pdf.doc, body, places)
    if "Pages" not in pdf.doc.catalog and (reference := _REFERENCE.search(root)):
        # It stands in a stream of objects, which couldn't be looked into before.
        pdf.doc.catalog = dict_value(PDFObjRef(pdf.doc, int(reference[1])))
    return pdf


def _places(body: bytes) -> dict[int, _Place]:
    places: dict[int, _Place] = {}
    for match in _OBJECT.finditer(body):
        if len(places) < _MOST_OBJECTS:
            places[int(match[1])] = _Place(match.start(), int(match[2]))
    return places


def _root_of(body: bytes, places: Mapping[int, _Place]) -> bytes | None:
    """Return the entry of a trailer for the last object that says it is a catalog."""
    *_, last = [0, *(match.start() for match in _CATALOG.finditer(body))]
    before = [(place.start, number) for number, place in places.items() if place.start < last]
    return b"/Root %d 0 R" % max(before)[1] if before else None


def _table(places: Mapping[int, _Place], entries: bytes, start: int) -> bytes:
    """Return a table of cross-references, its trailer, and where it begins (ISO 32000-2, 7.5.4 and 7.5.5)."""
    rows = b"".join(b"%d 1\n%010d %05d n \n" % (number, *place) for number, place in sorted(places.items()) if number)
    head = b"\nxref\n0 1\n0000000000 65535 f \n"
    size = max(places) + 1
    return head + rows + b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, entries, start + 1)


def _add_those_within(document: PDFDocument, body: bytes, places: Mapping[int, _Place]) -> None:
    """Put the objects into the table that lie in streams of objects, those of later streams before earlier ones'."""
    table = document.xrefs[0]
    if not isinstance(table, PDFXRef):
        return
    by_start = sorted((place.start, number) for number, place in places.items())
    ends = [start for start, _ in by_start[1:]] + [len(body)]
    for (start, number), end in reversed(list(zip(by_start, ends, strict=True))):
        if _OBJECTS_WITHIN.search(body, start, min(end, start + 1000)):
            for index, inner in enumerate(_numbers_within(document.getobj(number))):
                table.offsets.setdefault(inner, (number, index, 0))


def _numbers_within(stream: object) -> Iterator[int]:
    """Yield the numbers of a stream's objects, which stand before them, each with its place (7.5.7)."""
    if isinstance(stream, PDFStream):
        count = stream.get("N")
        words = stream.get_data().split(None, 2 * min(count, _MOST_OBJECTS) if isinstance(count, int) else 0)
        yield from (int(word) for word in words[:-1:2] if word.isdigit())
