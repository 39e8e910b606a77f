"""What an archive holds for each claim of a dossier: its quotations, what it cites, its absences, as plain data."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from archive.dossiers.dossier import Asked, Claim, Dossier, Item
from archive.dossiers.standing import Stands, cited_documents, is_good
from archive.drafts.draft import Draft
from archive.release.withheld import Withheld
from archive.research.absence import absence
from archive.research.citing.forms import form
from archive.research.citing.gather import Teller, gather
from archive.research.citing.item import Cited
from archive.research.quotes.of_drafts import Entry, iter_entries
from archive.research.quotes.outcomes import OUTCOMES
from archive.research.quotes.told import as_row, cited_at, withdrawn
from archive.research.rows import Row

STANDS, PARTLY, NOTHING, NONE = "stands", "partly", "nothing stands", "no evidence"
VERDICTS = {
    STANDS: "all of its evidence stands",
    PARTLY: "some of its evidence stands, and some doesn't",
    NOTHING: "it has evidence, and none of it stands",
    NONE: "it has no evidence",
}
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Holding:
    """What a dossier is held against: a catalogue or release, and what of it is withdrawn; who cites, and how."""

    connection: sqlite3.Connection
    withheld: Withheld
    teller: Teller
    style: str = "plain"


def check_claims(holding: Holding, dossier: Dossier, progress: Progress) -> list[Row]:
    """Return what is held for each claim, in their order."""
    draft = Draft("md", dossier.quotations, (), ())
    entries = _entries(holding, draft, progress)
    return [_claim(holding, claim, entries) for claim in dossier.claims]


def _entries(holding: Holding, draft: Draft, progress: Progress) -> Iterator[Row]:
    for entry in iter_entries(holding.connection, draft):
        yield _quotation(holding, withdrawn(entry, holding.withheld.versions))
        progress("quotations", entry.number, len(draft.quotations))


def _claim(holding: Holding, claim: Claim, entries: Iterator[Row]) -> Row:
    evidence = [_item(holding, item, entries) for item in claim.items]
    absences = [_absence(holding, asked) for asked in claim.absences]
    pieces = [one["good"] for item in evidence for one in item["quotations"] or item["cited"]]
    pieces += [one["good"] for one in absences]
    others = [one["good"] for item in evidence for one in item["cited"]]
    verdict = NONE if not pieces else NOTHING if not any(pieces) else STANDS if all(pieces + others) else PARTLY
    return {
        "number": claim.number,
        "claim": claim.title,
        "line": claim.line,
        "level": claim.level,
        "status": list(claim.status),
        "verdict": verdict,
        "told": f"{VERDICTS[verdict][:1].upper()}{VERDICTS[verdict][1:]}.",
        "good": verdict == STANDS,
        "evidence": evidence,
        "absences": absences,
    }


def _item(holding: Holding, item: Item, entries: Iterator[Row]) -> Row:
    quotations = [{"line": line, **next(entries), "change": ""} for line in item.lines]
    found = cited_documents(holding.connection, item.cites, holding.withheld)
    cited = [{"line": item.line, **_cited(holding, one)} for one in found]
    return {"line": item.line, "listed": item.listed, "quotations": quotations, "cited": cited}


def _quotation(holding: Holding, entry: Entry) -> Row:
    row = as_row(holding.connection, holding.teller, entry)
    place = entry.checked.place
    if place and place.address and holding.style != "plain":
        cited = cited_at(holding.connection, holding.teller, place.document, place.version, place.page, place.address)
        row["citation"] = _styled(holding, cited)
    return row


def _cited(holding: Holding, one: Stands) -> Row:
    row = {**one.row, "good": is_good(one.row), "change": ""}
    if one.document is not None and one.version is not None:
        cited = gather(holding.connection, holding.teller, one.document, one.version, one.page)
        row["citation"] = _styled(holding, cited)
    return row


def _styled(holding: Holding, cited: Cited | None) -> str:
    return "" if cited is None else form(holding.style, cited).strip()


def _absence(holding: Holding, asked: Asked) -> Row:
    """Return what can be said of an absence; of what is withdrawn no name."""
    made = absence(holding.connection, asked.query)
    found = [
        {"document": one["id"], "title": one["title"], "identifier": one["identifier"], "url": one["url"]}
        for one in made.results
        if one["id"] not in holding.withheld.documents
    ]
    told = made.as_row()
    names = ("outcome", "sentence", "query", "understood", "documents", "pages", "captured_until", "release", "address",
             "why", "total", "identifiers", "notes", "how", "caution")  # fmt: skip
    gaps = [gap.told for gap in made.gaps]
    return {"line": asked.line, **{name: told[name] for name in names}, "gaps": gaps, "results": found,
            "good": made.is_absent, "change": ""}  # fmt: skip


def counts(claims: Iterable[Row]) -> Row:
    """Return how many claims came to which verdict, and how many quotations to which outcome."""
    claims = list(claims)
    verdicts = Counter(claim["verdict"] for claim in claims)
    outcomes = Counter(one["outcome"] for claim in claims for item in claim["evidence"] for one in item["quotations"])
    return {
        "claims": {name: verdicts[name] for name in VERDICTS},
        "quotations": {name: outcomes[name] for name in OUTCOMES},
    }
