"""The footnotes of a dossier: what stands behind each quotation, and behind what is cited without one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive.dossiers.dossier import Dossier
from archive.drafts.annotating import annotate, escaped
from archive.drafts.draft import Draft, Quotation
from archive.research.quotes.told import sentence
from archive.research.rows import Row

# The files of a page, by the version's id and the page's number.
Pages = Mapping[tuple[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote: its number, what it says, what has to be known of it ("" where all is well), and the pages that it
    rests on, each a version's id and a number."""

    number: int
    outcome: str
    citations: tuple[str, ...]
    told: str
    good: bool
    pages: tuple[tuple[str, int], ...]


def footnotes(claims: Sequence[Row]) -> Iterator[Footnote]:
    """Yield the footnotes of the claims of an answer, in their order."""
    number = 0
    for claim in claims:
        for item in claim["evidence"]:
            for row in item["quotations"]:
                number += 1
                pages = [(row["version"], page) for page in row["pages"]]
                pages += [] if row["good"] else _pages_of(item["cited"])  # what is cited is to be looked at
                told = " ".join(filter(None, [sentence(row), row["change"]]))
                cited = (row["citation"],) if row["citation"] else ()
                yield Footnote(number, row["outcome"], cited, told, row["good"], tuple(dict.fromkeys(pages)))
            if not item["quotations"]:
                number += 1
                yield _of_cited(number, item["cited"])


def _of_cited(number: int, rows: Sequence[Row]) -> Footnote:
    good = all(row["good"] for row in rows)
    told = [f"{row['said']}: {' '.join(row['notes'])}" for row in rows if row["notes"]]
    told += [row["change"] for row in rows if row["change"]]
    outcome = "held" if good else next(row["state"] for row in rows if not row["good"])
    return Footnote(number, outcome, tuple(row["citation"] for row in rows if row["citation"]),
                    " ".join(told), good, tuple(_pages_of(rows)))  # fmt: skip


def _pages_of(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """Return the pages that are cited, and held."""
    return [(row["version"], row["page"]["number"]) for row in rows if row["page"] and row["page"]["held"]]


def cited_pages(claims: Sequence[Row]) -> list[tuple[str, int]]:
    """Return every page that a dossier quotes, or cites, once each, in their order."""
    found: dict[tuple[str, int], None] = {}
    for claim in claims:
        for item in claim["evidence"]:
            for row in item["quotations"]:
                found |= dict.fromkeys((row["version"], page) for page in row["pages"] if row["url"])
            found |= dict.fromkeys(_pages_of(item["cited"]))
    return list(found)


def cited_versions(claims: Sequence[Row]) -> list[str]:
    """Return every version that a dossier quotes, or cites, once each, in their order."""
    rows = [row for claim in claims for item in claim["evidence"] for row in (*item["quotations"], *item["cited"])]
    return list(dict.fromkeys(row["version"] for row in rows if row["version"] and row["url"]))


def with_footnotes(dossier: Dossier, notes: Sequence[Footnote], pages: Pages) -> str:
    """Return the dossier letter for letter, with a footnote behind each quotation and citation."""
    places = tuple(Quotation("", "", 0, 0, 0, place) for place in dossier.footnotes)
    draft = Draft("md", places, (), (), dossier.source)
    return annotate(draft, [_in_markdown(note, pages) for note in notes])


def _in_markdown(note: Footnote, pages: Pages) -> str:
    parts = [] if note.good else [f"**{escaped(note.outcome.upper())}.**"]
    parts += [escaped(note.told)] if note.told else []
    parts += [escaped(one) for one in note.citations]
    parts += [f"[{name.rpartition('/')[2]}]({name})" for page in note.pages for name in pages.get(page, ())]
    return " ".join(parts) or "Nothing is held."
