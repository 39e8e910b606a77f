"""One search over all collections: documents, each with the pages that hold what was asked.

The command line, the search page and its JSON all give what this gives; it knows none of them.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter

from archive.identifiers import parse_identifier, search_forms
from archive.research.beginnings import words_that_begin
from archive.research.documents import document_address, page_address
from archive.research.fitting import condition
from archive.research.lookups import documents_by_number, numbers_like
from archive.research.marks import HIGHLIGHTS, best_passage, found_marks
from archive.research.places import place_column
from archive.research.query import Query, clean, parse_query
from archive.research.query_expression import COLUMNS, expression
from archive.research.query_tree import Term
from archive.research.rows import Row, select

SORTS = ("relevance", "date", "first_seen")
FACETS = ("collection", "kind", "component", "year")
MOST_RESULTS = 100
PAGES_SHOWN = 3
_FIELDS = ("collection", "kind", "component", "year", "published", "published_precision", "published_words",
           "posted", "posted_words", "first_seen", "listing", "sample")  # fmt: skip


def search(  # noqa: PLR0913 (the questions that the page's filters ask, each by name)
    connection: sqlite3.Connection,
    query: str | Query,
    *,
    limit: int = 20,
    offset: int = 0,
    collection: str = "",
    kind: str = "",
    component: str = "",
    year: str = "",
    sort: str = "relevance",
    pages_each: int = PAGES_SHOWN,
) -> Row:
    """Return `total`, `results` (documents, each with its best pages), `facets`, `notes` and what was asked.

    `query` is as typed, or read already. Never raises for what a person typed: what can't be looked for is told in
    `notes`. A number in any of its spellings gives the document that carries it first. Dates sort with the newest
    first, the undated last.
    """
    asked = parse_query(query) if isinstance(query, str) else query
    match = match_expression(connection, asked)
    filters = {"collection": collection, "kind": kind, "component": component, "year": year}
    found = _documents(connection, asked, match)
    facets = {name: _count(name, _keep(found, {**filters, name: ""})) for name in FACETS}
    kept = _sorted(_keep(found, filters), sort)
    first = max(offset, 0)
    shown = kept[first : first + min(max(limit, 0), MOST_RESULTS)]
    pages = _best_pages(connection, match, [row["id"] for row in shown], pages_each)
    return {
        "query": asked.text,
        "total": len(kept),
        "offset": first,
        "limit": limit,
        "sort": sort if sort in SORTS else "relevance",
        "filters": {name: value for name, value in filters.items() if value},
        "facets": facets,
        "notes": list(asked.notes),
        "results": [_result(row, pages.get(row["id"], [])) for row in shown],
    }


def match_expression(connection: sqlite3.Connection, query: Query, *, columns: str = COLUMNS) -> str:
    """Return the FTS5 expression of a query, each number in it standing for all of its spellings.

    `columns` says where single words are looked for ("" everywhere); without it, where an index of pages has words.
    """
    return expression(query.tree, lambda term: _spellings(connection, term), columns)


def _spellings(connection: sqlite3.Connection, term: Term) -> tuple[Term, ...]:
    if term.prefix:
        return (term, *words_that_begin(connection, term.text))
    identifier = parse_identifier(term.text)
    if identifier is None:
        return (term,)
    forms = [term.text, *search_forms(identifier.value)]
    for value in numbers_like(connection, identifier)[:8]:
        forms.extend(search_forms(value))
    return tuple(Term(form) for form in dict.fromkeys(forms) if any(map(str.isalnum, form)))[:24]


def _documents(connection: sqlite3.Connection, query: Query, match: str) -> list[Row]:
    """Return every document that fits, ranked: by its number, then its title, then its pages."""
    ranks: dict[str, tuple[int, float]] = {}
    pages: dict[str, int] = {}
    for row in _by_text(connection, match):
        ranks[row["document"]], pages[row["document"]] = (2, row["score"]), row["pages"]
    for document in _by_title(connection, query):
        ranks[document] = (1, ranks.get(document, (2, 0.0))[1])
    typed = query.tree.text if isinstance(query.tree, Term) else clean(query.text).strip('"')
    numbered = documents_by_number(connection, typed)[1]
    for place, row in enumerate(numbered):
        ranks[row["id"]] = (0, float(place))
    found = _facts(connection, list(ranks), query)
    for row in found:
        tier, score = ranks.get(row["id"], (3, 0.0))
        # A publisher's page about a document comes after the document.
        row["rank"], row["pages_found"] = (tier, row["kind"].endswith("page"), score), pages.get(row["id"], 0)
        row["matched"] = ("number", "title", "text", "filters")[tier]
        row["year"] = (row["published"] or row["posted"] or "")[:4]
    return found


def _by_text(connection: sqlite3.Connection, match: str) -> list[Row]:
    if not match:
        return []
    return select(
        connection,
        "WITH hits AS MATERIALIZED (SELECT rowid AS page, bm25(pages_fts) AS score FROM pages_fts "  # noqa: S608
        "WHERE pages_fts MATCH ?) "
        "SELECT p.document, min(h.score) AS score, count(DISTINCT p.number) AS pages "
        f"FROM hits AS h JOIN pages AS p ON p.{place_column(connection)} = h.page GROUP BY p.document",
        (match,),
    )


def _by_title(connection: sqlite3.Connection, query: Query) -> list[str]:
    """Return the documents whose title holds all the words: so a scan without letters is found too."""
    terms = [_escape(term.text) for term in query.words][:16]
    if not terms:
        return []
    held = " AND ".join(["title LIKE ? ESCAPE '!'"] * len(terms))
    return [
        row["id"]
        for row in select(connection, f"SELECT id FROM documents WHERE {held} LIMIT 1000", terms)  # noqa: S608
    ]


def _escape(text: str) -> str:
    for special in "!%_":
        text = text.replace(special, "!" + special)
    return f"%{text[:200]}%"


def _facts(connection: sqlite3.Connection, ids: list[str], query: Query) -> list[Row]:
    """Return those of the documents that fit the filters; of all documents, where there are filters and no words."""
    fits, values = condition(connection, query.filters, query.excluded)
    among = "d.id IN (SELECT value FROM json_each(?))" if query.tree or not query.filters else "?"
    return select(
        connection,
        "SELECT id, title, number, collection, kind, component, published, published_precision, "  # noqa: S608
        "published_words, posted, posted_words, first_seen, listing, versions, sample FROM documents AS d "
        f"WHERE {among} AND {fits}",
        (json.dumps(ids) if query.tree or not query.filters else 1, *values),
    )


def _keep(found: list[Row], filters: dict[str, str]) -> list[Row]:
    wanted = [(name, value) for name, value in filters.items() if value]
    return [row for row in found if all(row[name] == value for name, value in wanted)]


def _count(name: str, found: list[Row]) -> list[Row]:
    counted = Counter(row[name] for row in found if row[name])
    by_number = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ordered = sorted(by_number, reverse=True) if name == "year" else by_number
    return [{"value": value, "documents": number} for value, number in ordered[:40]]


def _sorted(found: list[Row], sort: str) -> list[Row]:
    by_rank = sorted(found, key=lambda row: (row["rank"], row["id"]))
    if sort == "date":
        return sorted(by_rank, key=lambda row: row["published"] or row["posted"] or "", reverse=True)
    if sort == "first_seen":
        return sorted(by_rank, key=lambda row: str(row["first_seen"]), reverse=True)
    return by_rank


def _best_pages(connection: sqlite3.Connection, match: str, ids: list[str], pages_each: int) -> dict[str, list[Row]]:
    """Return each document's pages that fit best, in the newest of its versions that has any."""
    if not match or not ids:
        return {}
    place = place_column(connection)
    # "+rowid": filter what one match gives, in place of matching anew for every row.
    hits = select(
        connection,
        "WITH hits AS MATERIALIZED (SELECT rowid AS page, bm25(pages_fts) AS score FROM pages_fts "  # noqa: S608
        "WHERE pages_fts MATCH ? AND +rowid IN "
        f"(SELECT {place} FROM pages WHERE document IN (SELECT value FROM json_each(?)))) "
        f"SELECT p.{place} AS page, p.document, p.number, p.label, v.id, v.digest, v.ordinal "
        f"FROM hits AS h JOIN pages AS p ON p.{place} = h.page JOIN versions AS v ON v.id = p.version "
        "JOIN documents AS d ON d.id = p.document "
        "ORDER BY v.id <> d.newest_version, v.ordinal DESC, h.score, p.number",
        (match, json.dumps(ids)),
    )
    best: dict[str, list[Row]] = {}
    for hit in hits:
        pages = best.setdefault(hit["document"], [])
        if len(pages) < pages_each and (not pages or pages[0]["id"] == hit["id"]):
            pages.append(hit)
    passages = _passages(connection, match, [hit["page"] for pages in best.values() for hit in pages])
    return {document: [_page(hit, passages[hit["page"]]) for hit in pages] for document, pages in best.items()}


def _passages(connection: sqlite3.Connection, match: str, pages: list[int]) -> dict[int, tuple[str, ...]]:
    """Return each page's text, and other forms of its words, with all that was found marked."""
    found = connection.execute(
        f"SELECT rowid, {HIGHLIGHTS} FROM pages_fts "  # noqa: S608
        "WHERE pages_fts MATCH ? AND +rowid IN (SELECT value FROM json_each(?))",
        (match, json.dumps(pages)),
    )
    return {row[0]: tuple(row)[1:] for row in found}


def _page(hit: Row, marked: tuple[str, ...]) -> Row:
    text, found = found_marks(*marked)
    snippet, marks = best_passage(text, found)
    return {
        "version": hit["id"],
        "number": hit["number"],
        "label": hit["label"],
        "hits": len(found),
        "snippet": snippet,
        "marks": marks,
        "url": page_address(hit, hit["number"]),
    }


def _result(row: Row, pages: list[Row]) -> Row:
    return {
        "id": row["id"],
        "title": row["title"],
        "identifier": row["number"],
        **{name: row[name] for name in _FIELDS},
        "matched": row["matched"],
        "url": document_address(row["id"]),
        "pages_found": row["pages_found"],
        "pages": pages,
    }
