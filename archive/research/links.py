"""What a version refers to and what refers to a document, each with its evidence.

Five hundred mentions of one document are one entry, with the first of them.
"""

from __future__ import annotations

import sqlite3

from archive.research.documents import version_address
from archive.research.evidence_of import address_of, evidence
from archive.research.rows import Row, select
from archive.research.unmatched import has_evidence

# Of each entry so many references are told with their words and addresses.
MOST_TOLD = 3
# Of so many entries; finding the address of words costs a look at their page.
MOST_ENTRIES = 200

_COLUMNS = "r.id AS reference, r.document, r.version, r.page, r.kind, r.printed, r.target, r.target_document"
_EVIDENCE = ", r.rule, r.leads_by, r.confidence, r.words AS around, r.place, r.corrected"
_NO_EVIDENCE = ", '' AS rule, '' AS leads_by, NULL AS confidence, '' AS around, NULL AS place, '' AS corrected"
_KEPT = frozenset(
    ["target", "target_document", "title", "number", "document", "id", "digest", "ordinal", "collection",
     "document_kind", "published", "published_words", "posted", "pages", "kinds", "words", "mentions", "corrected"]
)  # fmt: skip


def references_from(connection: sqlite3.Connection, version: Row, page: int | None = None) -> list[Row]:
    """Return what a version refers to, one entry a target, with the pages it stands on and what was printed.

    Targets that the archive holds come first and carry `target_document` and `title`. The document's own number is
    none, also where only the list says that it is. `mentions` counts them; `evidence` has the first (page, words, rule,
    confidence, address; of one page's alone where `page` is named), `corrected` why somebody corrected where it leads.
    """
    found = select(
        connection,
        f"SELECT {_COLUMNS}{_evidence(connection)}, v.digest, t.title, t.number "  # noqa: S608 (our own names)
        'FROM "references" AS r JOIN versions AS v ON v.id = r.version '
        "LEFT JOIN documents AS t ON t.id = r.target_document WHERE r.version = ? "
        "AND NOT (r.target_document IS NULL AND r.kind = 'title') "
        "AND NOT (r.target_document IS NULL AND r.kind <> 'link' AND EXISTS (SELECT 1 FROM identifiers AS i "
        "WHERE i.document = r.document AND i.value = r.target AND i.role IN ('own', 'listed'))) "
        "ORDER BY r.target_document IS NULL, t.collection, r.target_document, r.target, r.page, r.id",
        (version["id"],),
    )
    grouped: dict[tuple[str, str], Row] = {}
    for row in found:
        if row["leads_by"] == "itself" or row["target_document"] == version["document"]:
            continue
        held = row["target_document"] or ""
        _add(grouped.setdefault((held, "" if held else row["target"]), _begun(row)), row, page)
    return _told(connection, list(grouped.values()), both=False)


def references_to(connection: sqlite3.Connection, document: str) -> list[Row]:
    """Return the documents that refer to this one, one entry each, with the page that says so in their newest
    version that does, and what that rests on.

    A number is resolved to one document; where two bear it (a contract and its award notice), it refers to both.
    """
    found = select(
        connection,
        f"SELECT {_COLUMNS}{_evidence(connection)}, v.id, v.digest, v.ordinal, d.title, "  # noqa: S608 (our own names)
        "d.number, d.collection, d.kind AS document_kind, d.published, d.published_words, d.posted "
        'FROM "references" AS r JOIN documents AS d ON d.id = r.document '
        "JOIN versions AS v ON v.id = r.version WHERE r.document <> :document AND r.target_document IN "
        "(SELECT :document UNION SELECT other.document FROM identifiers AS mine "
        "JOIN identifiers AS other USING (value, role) WHERE mine.document = :document AND role = 'own') "
        "AND (r.target_document = :document OR (r.kind <> 'link' AND r.target IN "
        "(SELECT value FROM identifiers WHERE document = :document AND role = 'own'))) "
        "ORDER BY d.collection, coalesce(d.published, d.posted, ''), r.document, v.ordinal DESC, "
        "r.page, r.id",
        {"document": document},
    )
    grouped: dict[str, Row] = {}
    for row in found:
        entry = grouped.setdefault(row["document"], _begun(row))
        if entry["id"] == row["id"]:
            _add(entry, row)
    told = _told(connection, list(grouped.values()), both=True)
    return [{**entry, "address": version_address(entry)} for entry in told]


def _evidence(connection: sqlite3.Connection) -> str:
    """Return the columns that say what a reference rests on; those of older releases don't."""
    return _EVIDENCE if has_evidence(connection) else _NO_EVIDENCE


def _begun(row: Row) -> Row:
    return {**row, "pages": [], "kinds": [], "words": [], "mentions": 0, "held": [], "corrected": ""}


def _add(entry: Row, row: Row, page: int | None = None) -> None:
    for name, value in (("pages", row["page"]), ("kinds", row["kind"]), ("words", row["printed"])):
        if value not in entry[name]:
            entry[name].append(value)
    entry["mentions"] += 1
    entry["corrected"] = entry["corrected"] or row["corrected"]
    if row["rule"] and len(entry["held"]) < MOST_TOLD and page in {None, row["page"]}:
        entry["held"].append(row)


def _told(connection: sqlite3.Connection, entries: list[Row], *, both: bool) -> list[Row]:
    """Leave out what was said of one reference only, now that the entry stands for all of them; the document and
    version that refer are told where they aren't the same for all (`both`)."""
    told = []
    for place, entry in enumerate(entries):
        held = [{**row, "words": row["around"]} for row in entry["held"]]
        shown = [_shown(connection, row) for row in held] if place < MOST_ENTRIES else []
        kept = {name: value for name, value in entry.items() if name in _KEPT}
        if not both:
            kept = {name: value for name, value in kept.items() if name not in {"document", "digest"}}
        told.append({**kept, "evidence": shown})
    return told


def _shown(connection: sqlite3.Connection, row: Row) -> Row:
    row = {"title": "", "number": "", **row}
    told = evidence(row, address_of(connection, row))
    return {name: told[name] for name in ("page", "printed", "words", "rule", "leads_by", "confidence", "address")}
