"""Which captures a release lets be shown as they were captured: its table `mementos`, decided while it is built.

Their bytes hold more than the release's text does, so a capture is shown only where all of it may be known: what its
source's policy gives in full, is no article, and is no record of which a release masks the contacts.
"""

from __future__ import annotations

import sqlite3

from archive.mementos.which import is_memento, place_of
from archive.release.policies import FULL, Policies
from archive.release.telling import that_tell
from archive.release.withheld import Withheld
from archive.research.rows import Row, select

TABLE = """
CREATE TABLE mementos (
    url_key TEXT NOT NULL, at TEXT NOT NULL, capture TEXT NOT NULL REFERENCES captures(id),
    PRIMARY KEY (url_key, at, capture)
) STRICT, WITHOUT ROWID;
"""
NAME = "mementos"
_NOBODYS = ("", "no-source")
_OF_A_RECORD = (
    "SELECT DISTINCT coalesce(nullif(read_by, ''), source) FROM main.captures WHERE id IN"
    " (SELECT capture FROM main.notices UNION SELECT capture FROM main.awards)"
)


def put_mementos(source: sqlite3.Connection, policies: Policies, withheld: Withheld) -> None:
    """Write which of the release's captures may be shown; an older release, of which it is made, has said so itself.

    What says something of what is withheld is shown no more than that: its bytes have the words in them.
    """
    captures = select(source, "SELECT * FROM release.captures ORDER BY id")
    if policies.unchanged:
        if not source.execute("SELECT 1 FROM main.sqlite_master WHERE name = ?", (NAME,)).fetchone():
            return
        may = {str(row[0]) for row in source.execute("SELECT capture FROM main.mementos")}
        captures = [row for row in captures if row["id"] in may]
    else:
        source.execute(TABLE.replace("CREATE TABLE ", "CREATE TABLE release.", 1))
        rules = _Rules(source, policies)
        captures = [row for row in captures if rules.lets_show(row)]
    told = that_tell(source, withheld)
    shown = sorted((*place, row["id"]) for row in captures if not told.by(row) for place in [_key_and_instant(row)])
    source.executemany("INSERT INTO release.mementos(url_key, at, capture) VALUES (?, ?, ?)", shown)


def _key_and_instant(row: Row) -> tuple[str, str]:
    key, _, at = place_of(row)
    return key, at


class _Rules:
    """What is asked of each capture, read once from the catalogue that a release is made of.

    `restricted` is a table of the connection (archive/release/build.py).
    """

    def __init__(self, source: sqlite3.Connection, policies: Policies) -> None:
        def first(sql: str) -> frozenset[str]:
            return frozenset(str(row[0]) for row in source.execute(sql))

        self.policies = policies
        self.articles = first(
            "SELECT url_key FROM main.addresses JOIN main.documents ON id = document WHERE kind = 'article'"
        )
        self.article_captures = first(
            "SELECT v.capture FROM main.versions AS v JOIN main.articles AS a ON a.version = v.id"
        )
        self.records = first(_OF_A_RECORD)
        self.restricted = first(
            "SELECT c.content_digest FROM main.captures AS c JOIN main.versions AS v ON v.capture = c.id"
            " WHERE v.id IN restricted"
        )
        self.published = first("SELECT digest FROM release.versions WHERE id NOT IN restricted")

    def lets_show(self, row: Row) -> bool:
        """Tell whether a capture may be shown. What nobody reads, and a record, only where it is a published file."""
        key, _, _ = place_of(row)
        reader = row["read_by"] or row["source"]
        article = key in self.articles or row["id"] in self.article_captures
        if not is_memento(row) or row["content_digest"] in self.restricted:
            return False
        if self.policies.of(row["source"], reader, article=article) != FULL:
            return False
        unread = row["outcome"] in _NOBODYS
        return (reader not in self.records and not unread) or row["content_digest"] in self.published
