"""What became of a draft's quotations as plain data: what the command line, the site and other programs are told."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace
from urllib.parse import parse_qs, urlsplit

from archive.drafts.draft import Draft
from archive.research import documents
from archive.research.citing.gather import Teller, gather
from archive.research.citing.item import Cited
from archive.research.quotations import parse_quotation
from archive.research.quotes.differing import CHANGED, LEFT_OUT, PUT_IN, SAME, Edit
from archive.research.quotes.of_drafts import Entry
from archive.research.quotes.outcomes import ELSEWHERE, EXACT, OUTCOMES, Checked, Place
from archive.research.rows import Row


def as_row(connection: sqlite3.Connection, teller: Teller, entry: Entry) -> Row:
    """Return an entry as data. `citation` is a ready one of where the words stand, "" where they stand nowhere."""
    checked, place = entry.checked, entry.checked.place
    return {
        "number": entry.number,
        "quotation": entry.quotation.words,
        "shape": entry.quotation.shape,
        "outcome": checked.outcome,
        "document": place.document if place else None,
        "version": place.version if place else None,
        "page": place.page if place else None,
        "url": place.address if place else None,
        "title": place.title if place else "",
        "identifier": place.number if place else "",
        "pages": list(place.pages) if place else [],
        "label": place.label if place else "",
        "first_seen": place.first_seen if place else "",
        "newest": place.is_newest if place else None,
        "words": place.words if place else "",
        "edits": [asdict(edit) for edit in checked.edits],
        "differs": [asdict(edit) for edit in checked.differing],
        "cited": {
            "documents": [{"document": one.document, "version": one.version, "said": one.said}
                          for one in entry.cited.meant],
            "page": entry.cited.page,
            "not_held": list(entry.cited.not_held),
        },
        "page_agrees": checked.page_agrees,
        "good": checked.is_good,
        "citation": citation(connection, teller, place) if place and place.address else "",
        "others": [_other(one) for one in checked.others],
        "brackets": [{"inside": inside, "stands": stands} for inside, stands in checked.replaced],
        "notes": list(checked.notes),
        "searched": asdict(checked.searched) if checked.searched else None,
    }  # fmt: skip


def _other(place: Place) -> Row:
    return {"document": place.document, "title": place.title, "identifier": place.number, "version": place.version,
            "page": place.page, "url": place.address}  # fmt: skip


def citation(connection: sqlite3.Connection, teller: Teller, place: Place) -> str:
    """Return the plain citation of the words that stand at a place."""
    cited = cited_at(connection, teller, place.document, place.version, place.page, place.address)
    return cited.plain if cited else ""


def cited_at(
    connection: sqlite3.Connection, teller: Teller, document: str, version: str, page: int, address: str
) -> Cited | None:
    """Return what is cited by the words that an address marks on a page; None where no such version is held."""
    known = documents.find_document(connection, document)
    versions = [one for one in documents.list_versions(connection, document) if one["id"] == version]
    if known is None or not versions:
        return None
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    quoted = parse_quotation(asked.get("quote", ""), asked.get("after", ""), asked.get("before", ""))
    return gather(connection, teller, known, versions[0], documents.read_page(connection, versions[0], page), quoted)


def counts(rows: Iterable[Row]) -> dict[str, int]:
    """Return how many quotations came to what, every outcome named."""
    counted = Counter(row["outcome"] for row in rows)
    return {name: counted[name] for name in OUTCOMES}


def left_out(draft: Draft) -> list[str]:
    """Return in sentences what of a draft wasn't checked."""
    told = [f"“{words}” was skipped: {why}." for words, why in draft.skipped]
    if draft.left_out:
        told.append(f"{draft.left_out:,} more quotations were not checked: a draft has {len(draft.quotations):,}.")
    return told


def sentence(row: Row) -> str:
    """Return in a sentence what a person has to know of an entry; for a footnote, and for who doesn't see marks."""
    notes = [row["searched"]["sentence"]] if row["searched"] else []
    if row["outcome"] == ELSEWHERE:
        cited = " or ".join(one["said"] for one in row["cited"]["documents"]) or "what is cited"
        notes.append(f"It doesn't stand in {cited}; it stands here.")
    if row["outcome"] != EXACT:
        notes += [_told(Edit(**one)) for one in row["differs"] if one["held"] != "…"]
    return " ".join([*notes, *row["notes"]])


def _told(edit: Edit) -> str:
    return {
        CHANGED: f"The draft has “{edit.quoted}” where “{edit.held}” stands.",
        PUT_IN: f"The draft puts in “{edit.quoted}”.",
        LEFT_OUT: f"The draft leaves out “{edit.held}”.",
        SAME: "",
    }[edit.op]


def withdrawn(entry: Entry, withheld: frozenset[str]) -> Entry:
    """Return an entry as it may be told where some versions are withdrawn: of these no page, no address, no word."""
    checked = entry.checked
    others = tuple(one for one in checked.others if one.version not in withheld)
    if checked.place is None or checked.place.version not in withheld:
        return replace(entry, checked=replace(checked, others=others))
    bare = replace(checked.place, page=0, pages=(), label="", address="", words="")
    told = "What holds it was withdrawn: it is published nowhere, and can't be cited."
    hidden: Checked = replace(
        checked, place=bare, others=others, edits=(), replaced=(), notes=(told,), page_agrees=None
    )
    return replace(entry, checked=hidden)
