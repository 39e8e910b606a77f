"""What a PDF's form holds that a reader of it should know: signatures, as the file states them, and XFA."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdftypes import PDFObjRef

from pipelines.text.contacts import without_contacts
from pipelines.text.pdf_attached import MOST_LISTED, Annotation
from pipelines.text.pdf_objects import Once, array, dictionary, name_of, words_of
from pipelines.text.reading import Fact

_MOST_FIELDS = 50_000


class _Signed(NamedTuple):
    page: int
    value: dict[str, Any]


def signatures(document: PDFDocument, noted: Sequence[Annotation]) -> list[Fact]:
    """Return a fact for each signed field: by whom, when and why, as the file says.

    Nothing is verified, and every fact says so: a name in the file is no proof. Addresses of signers are left out.
    """
    on_page = {one.reference.objid: one.page for one in noted if isinstance(one.reference, PDFObjRef)}
    found = [Fact("signature", _stated(one.value), one.page) for one in _signed(document.catalog, on_page)]
    if len(found) > MOST_LISTED:
        return [*found[:MOST_LISTED], Fact("signature", f"and {len(found) - MOST_LISTED:,} more")]
    return found


def xfa(document: PDFDocument) -> list[Fact]:
    """Say whether the form is an XFA form, whose pages a viewer would make from XML that isn't read here."""
    if dictionary(document.catalog.get("AcroForm")).get("XFA") is None:
        return []
    return [Fact("xfa", "a form in XML, of which only the pages in the file are read")]


def _signed(catalog: dict[str, Any], on_page: dict[int, int]) -> Iterator[_Signed]:
    """Walk the fields; a kid has its parent's type and value unless it has its own (ISO 32000-2, 12.7.4.1)."""
    form, once = dictionary(catalog.get("AcroForm")), Once()
    waiting = [(field, "", None) for field in reversed(array(form.get("Fields"), _MOST_FIELDS))]
    told = Once()
    for _ in range(_MOST_FIELDS):
        if not waiting:
            return
        field, kind, value = waiting.pop()
        if not once.meets(field):
            continue
        entries = dictionary(field)
        kind, value = name_of(entries.get("FT")) or kind, entries.get("V", value)
        kids = array(entries.get("Kids"), _MOST_FIELDS)
        waiting += [(kid, kind, value) for kid in reversed(kids)]
        signature = dictionary(value)
        if kind == "Sig" and not kids and signature and told.meets(value):
            yield _Signed(on_page.get(getattr(field, "objid", 0), 0), signature)


def _stated(value: dict[str, Any]) -> str:
    said = []
    if who := without_contacts(words_of(value.get("Name"), 200)):
        said.append(f"by {who}")
    if when := words_of(value.get("M"), 40):
        said.append(f"at {when}")
    if why := without_contacts(words_of(value.get("Reason"), 300)):
        said.append(f"reason: {why}")
    return f"signed {', '.join(said)}".strip() + " (as the file says; not verified)"
