"""Bounded absence: that nothing here matches a question, among how many documents and pages, of what, as of when.

That nothing is found says something only with what was looked through, and only if that was all of it. So the
statement is made where no page can match (archive/research/nothing_matches.py), and not where a search merely stopped.
"""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from archive.research.documents import page_address
from archive.research.filters import NO_FILTERS, Filters
from archive.research.nothing_matches import Match, Unproven, first_match, tried
from archive.research.query_text import written
from archive.research.query_tree import Term, terms_of
from archive.research.questions import Asked, read_question, told
from archive.research.rows import Row, select_one
from archive.research.scope import Gap, Scope, SourceInScope, read_scope, without_what_is_sought
from archive.research.search import search

ABSENT, FOUND, UNPROVEN = "absent", "found", "unproven"
PATH = "/absence"
SHOWN = 5
# So many sources are named in the sentence; of more it says how many, and they stand below.
MOST_NAMED = 4
# What every such statement has to be read with.
CAUTION = ("That this archive does not hold it does not mean that it does not exist: documents may not have been"
           " published, captured or read.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Absence:
    """What can be said of a question's absence, and what it rests on.

    `outcome` is "absent"; "found", where something matches (`total` documents, some of them in `results`); or
    "unproven", where it can't be said, and `why`. `sentence` says all that in one. `query` is as typed, `understood` as
    it was read, without the filters; `filters` and `excluded` by name, `meant` the names that they stand for.
    `identifiers` has the spellings under which each number was looked for. `address` asks the same again: of a release
    for good (`is_pinned`).
    """

    outcome: str
    sentence: str
    query: str
    understood: str
    filters: Row
    excluded: Row
    meant: Row
    notes: tuple[str, ...]
    identifiers: dict[str, list[str]]
    how: tuple[str, ...]
    documents: int
    pages: int
    sources: tuple[SourceInScope, ...]
    gaps: tuple[Gap, ...]
    captured_until: str
    release: int | None
    built: str
    address: str
    why: str = ""
    total: int = 0
    total_about: bool = False
    results: tuple[Row, ...] = ()

    @property
    def is_absent(self) -> bool:
        """Tell whether nothing matches."""
        return self.outcome == ABSENT

    @property
    def is_pinned(self) -> bool:
        """Tell whether the address gives the same answer for good."""
        return self.release is not None

    def as_row(self) -> Row:
        """Return all of it as plain data."""
        return {**asdict(self), "caution": CAUTION, "is_pinned": self.is_pinned}


def absence(connection: sqlite3.Connection, query: str, *, given: Filters = NO_FILTERS) -> Absence:
    """Return what can be said of the absence of what a question asks for. Never raises for what was typed.

    `given` are filters beside those in the text. Filters say among what is looked; but a number and words of a title
    are looked for. No budget ends the look; on the site the limit of time of any question does, and then nothing is
    said.
    """
    asked = read_question(connection, query, given)
    scope = read_scope(connection, *map(without_what_is_sought, (asked.query.filters, asked.query.excluded)))
    found = search(connection, asked.query, limit=SHOWN, pages_each=1)
    outcome, why, results = _outcome(connection, asked, scope, found)
    made = Absence(
        outcome=outcome,
        sentence="",
        query=asked.typed.text,
        understood=written(asked.typed.tree),
        filters=told(asked.typed.filters),
        excluded=told(asked.typed.excluded),
        meant=asked.meant,
        notes=(*asked.typed.notes, *asked.unknown_notes(connection)),
        identifiers=tried(connection, asked.query.tree) if not why else {},
        how=tuple(_how(asked)),
        documents=scope.documents,
        pages=scope.pages,
        sources=scope.sources,
        gaps=scope.gaps,
        captured_until=scope.captured_until,
        release=scope.release,
        built=scope.built,
        address=_address(asked.typed.text, given, scope.release),
        why=why,
        total=found["total"],
        total_about=found["total_about"],
        results=tuple(results),
    )
    return replace(made, sentence=_sentence(made))


def _outcome(
    connection: sqlite3.Connection, asked: Asked, scope: Scope, found: Row
) -> tuple[str, str, list[Row]]:  # fmt: skip
    """Return which of the outcomes it is, why where nothing can be said, and what was found."""
    query = asked.query
    if why := _senseless(asked, scope):
        return UNPROVEN, why, []
    if found["total"]:
        return FOUND, "", found["results"]
    try:
        match = first_match(connection, query)
    except Unproven as error:
        return UNPROVEN, str(error), []
    if match is None:
        return ABSENT, "", []
    if match.for_certain:
        return FOUND, "", [_as_result(connection, match)]
    return UNPROVEN, "A page may hold it that the search doesn't list: look at it.", [_as_result(connection, match)]


def _senseless(asked: Asked, scope: Scope) -> str:
    """Return why nothing could be absent; "" where something could."""
    filters = asked.query.filters
    if asked.query.tree is None and not filters.numbers and not filters.titles:
        return "Nothing is looked for: name words, a phrase or a number."
    return (
        "" if scope.documents else "No document fits the filters, so there is nothing among which it could be absent."
    )


def _as_result(connection: sqlite3.Connection, match: Match) -> Row:
    row = select_one(
        connection,
        "SELECT v.*, d.title, d.number AS identifier FROM versions AS v JOIN documents AS d ON d.id = v.document"
        " WHERE v.id = ?",
        (match.version,),
    ) or {"id": match.version}
    address = page_address(row, match.page)
    return {"id": row["document"], "title": row["title"], "identifier": row["identifier"], "url": address,
            "pages": [{"number": match.page, "url": address}]}  # fmt: skip


def _how(asked: Asked) -> list[str]:
    """Return in sentences how a search looks, as far as that matters to what was asked."""
    terms = list(terms_of(asked.query.tree))
    words = ["Words were looked for in all their endings, without regard to case and accents."] if terms else []
    if len(terms) > 1 or not isinstance(asked.query.tree, Term):
        words += ["All of it has to stand on one page, or in one title."] if terms else []
    elif " " in terms[0].text:
        words.append("The phrase was also looked for where it begins on one page and goes on overleaf.")
    if asked.query.filters.on:
        words.append("Of each document, the version in force on that day was looked at.")
    return words


def _address(query: str, given: Filters, release: int | None) -> str:
    """Return the path that asks the same again."""
    pairs: list[tuple[str, str]] = [("q", query)] if query else []
    for name, value in told(given).items():
        pairs += [(name, one) for one in value] if isinstance(value, list) else [(name, value)]
    pairs += [("as_of", str(release))] if release is not None else []
    return f"{PATH}?{urlencode(pairs, errors='replace')}"


def _sentence(made: Absence) -> str:
    if made.outcome == UNPROVEN:
        return f"Nothing can be said of the absence of {_asked(made)}. {made.why}"
    if made.outcome == FOUND:
        many = f"{made.total:,} documents match" if made.total > 1 else "A document matches"
        about = f"About {many}" if made.total_about and made.total > 1 else many
        return f"{about} {_asked(made)} among the {_among(made)}."
    return f"No document that matches {_asked(made)} is among the {_among(made)}."


def _asked(made: Absence) -> str:
    """Return what was asked for, in words: the question as it was understood, and what it was narrowed to."""
    parts = [f"“{made.understood}”" if '"' not in made.understood else made.understood] if made.understood else []
    parts += [f"{name} {_values(value)}" for name, value in made.filters.items()]
    parts += [f"not {name} {_values(value)}" for name, value in made.excluded.items()]
    return ", ".join(parts) or "nothing"


def _values(value: object) -> str:
    return " or ".join(f"“{one}”" for one in value) if isinstance(value, list) else f"“{value}”"


def _among(made: Absence) -> str:
    names = [source.name for source in made.sources]
    of = f"the source {names[0]}" if len(names) == 1 else f"the sources {', '.join(names)}"
    of = of if len(names) <= MOST_NAMED else f"{len(names)} sources"
    until = f"as captured up to {made.captured_until or 'no capture'}"
    release = f"release {made.release}" if made.release is not None else "the working catalogue"
    documents = f"{made.documents:,} document{'s'[: made.documents != 1]}"
    return f"{documents} and {made.pages:,} page{'s'[: made.pages != 1]} of {of}, {until}, {release}"
