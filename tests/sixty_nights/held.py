"""What an archive and a release say they have, in the terms of the truth: things by name, texts by their marks."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from archive.outcomes import severity
from tests.sixty_nights.truth import Change, Text
from tests.sixty_nights.words import MARK


def ask(database: Path, question: str, *values: object) -> list[Any]:
    """Return what a question to a file gives; nothing is written beside it."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(question, values).fetchall()


class Held:
    """A catalogue or a release. `names` are those of all things there ever were."""

    def __init__(self, database: Path, names: Iterable[str]) -> None:
        self.database = database
        known = list(names)
        self.name_of: dict[str, str] = {}
        for document, kind, title in ask(database, "SELECT id, kind, title FROM documents"):
            name = name_in(title, known)
            self.name_of[document] = name if kind != "file" or name.endswith("f") else f"{name}f"

    def texts(self) -> dict[str, Counter[str]]:
        """Return how many versions of each document have which mark ("" where they have none)."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        rows = ask(
            self.database,
            "SELECT v.document, v.id, coalesce(group_concat(p.text, ' '), '') FROM versions AS v"
            " LEFT JOIN pages AS p ON p.version = v.id GROUP BY v.id",
        )
        for document, _, text in rows:
            marks = {f"q{name}x{edition}w" for name, edition in MARK.findall(text)}
            found[self.name_of.get(document, document)][" ".join(sorted(marks))] += 1
        return dict(found)

    def changes(self) -> Counter[Change]:
        """Return all changes."""
        rows = ask(self.database, "SELECT substr(at, 1, 10), kind, document FROM changes")
        return Counter((day, kind, self.name_of.get(document, document)) for day, kind, document in rows)

    def change_of(self) -> dict[str, Change]:
        """Return each change by its id."""
        rows = ask(self.database, "SELECT id, substr(at, 1, 10), kind, document FROM changes")
        return {one: (day, kind, self.name_of.get(document, document)) for one, day, kind, document in rows}

    def listing(self) -> dict[str, str]:
        """Return each document's listing."""
        rows = ask(self.database, "SELECT id, listing FROM documents WHERE listing <> ''")
        return {self.name_of[document]: listing for document, listing in rows}

    def states(self) -> dict[str, str]:
        """Return what each document's server said last."""
        rows = ask(self.database, "SELECT document, state FROM server_spans ORDER BY until, ordinal")
        return {self.name_of[document]: state for document, state in rows}

    def named(self, runs: Iterable[str]) -> dict[str, set[tuple[str, str]]]:
        """Return how what went wrong in runs is named: outcomes with the paths that they are about, by source."""
        found: dict[str, set[tuple[str, str]]] = {}
        for run in runs:
            ((source,),) = ask(self.database, "SELECT source FROM runs WHERE id = ?", run)
            rows = ask(self.database, "SELECT outcome, subject FROM outcomes WHERE run = ?", run)
            own = {
                (outcome, unquote(urlsplit(subject).path) if subject.startswith("http") else "")
                for outcome, subject in rows
                if severity(outcome) != "ok"
            }
            found.setdefault(source, set()).update(own)
        return found


def name_in(title: str, names: Iterable[str]) -> str:
    """Return the name of the thing that has a title; a title of none is called as it is."""
    found = {mark[0] for mark in MARK.findall(title)} | (set(re.findall("[a-z]+", title)) & set(names))
    name = min(found, default=f"? {title}")
    return f"{name}f" if re.search(r"\bOn [a-z]+$", title) else name


def wanted_texts(held: Mapping[str, Counter[Text]]) -> dict[str, Counter[str]]:
    """Return texts as `Held.texts` tells them: an award's summaries have no mark."""
    return {
        name: sum((Counter({"" if text.startswith("summary") else text: 1}) for text, _ in texts), Counter())
        for name, texts in held.items()
    }
