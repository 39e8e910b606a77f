"""What a version was called before a newer reader leads to what it is called now, whatever happened in between."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import permutations

import pytest

from archive.catalog.renames import Earlier, Named, renamed_in
from archive.catalog.settle import settle
from archive.research.documents import find_document, find_version
from archive.research.reading import find_text
from archive.research.renamed import find_renamed, find_row
from pipelines.items import Article, Notice
from tests.evidence import SOURCES, Captured, World, night, prose

URL = "https://one.example/story-of-plates"
DOCUMENT = "one-example-story-of-plates"


class Journaled:
    """A world whose renames are written down, as loads do."""

    def __init__(self, *captured: Captured) -> None:
        self.world = World(*captured)
        self.journal: list[dict[str, object]] = []

    def read_as(self, captured: Captured, *pages: str) -> None:
        """Have a newer reader find this text in a payload."""
        self.world._read(captured, pages)

    def settle(self, held: Iterable[Named] = (), *, killed: bool = False) -> Journaled:
        def note(renamed: Sequence[Named]) -> None:
            told = [{"version": one.version, "capture": one.capture} for one in renamed]
            self.journal.append({"event": "version-renamed", "renamed": told})
            if killed:
                raise KeyboardInterrupt

        world, earlier = self.world, Earlier(renamed_in(self.journal), frozenset(held), note)
        settle(world.connection, SOURCES, world.runs, world._facts.get, world._texts.__getitem__, earlier=earlier)
        return self

    @property
    def names(self) -> list[str]:
        return [row["id"] for row in self.world.rows("versions")]

    @property
    def aliases(self) -> dict[str, str]:
        return {row["alias"]: row["version"] for row in self.world.rows("aliases", "version <> ''")}

    @property
    def connection(self) -> sqlite3.Connection:
        return self.world.connection


def article(at: str, *pages: str, url: str = URL) -> Captured:
    return Captured(url, at, (Article("An outlet", "Headline"),), f"body of {at}", pages, source="news")


def test_a_chain_of_two_renames_leads_to_the_last() -> None:
    one = article(night(1), prose("first"))
    made = Journaled(one).settle()
    (first,) = made.names
    assert made.journal == [], "what is new has no other name"
    made.read_as(one, prose("second"), prose("a page more"))
    (second,) = made.settle().names
    assert made.aliases == {first: second}
    made.read_as(one, prose("third"))
    (third,) = made.settle().names
    assert made.aliases == {first: third, second: third}
    before = made.world.dump()
    assert made.settle().world.dump() == before
    assert len(made.journal) == 2, "and nothing is said again"
    made.read_as(one, prose("first"))
    assert made.settle().names == [first]
    assert made.aliases == {second: first, third: first}, "back to the first reader"


def test_the_rows_depend_on_the_set_of_renames_alone() -> None:
    captured = [
        article(night(1), prose("one")),
        article(night(2), prose("two")),
        article(night(1, 9), prose("x"), url=f"{URL}/x"),
    ]
    made = Journaled(*captured).settle()
    for number, one in enumerate(captured):
        made.read_as(one, prose(f"newer {number}"))
        made.settle()
    assert [len(event["renamed"]) for event in made.journal] == [1, 1, 1]  # type: ignore[arg-type]
    wanted = made.world.dump()
    for order in permutations(range(3)):
        again = Journaled(*(captured[place] for place in order))
        for number, one in enumerate(captured):
            again.read_as(one, prose(f"newer {number}"))
        again.journal = [made.journal[place] for place in order]
        said = list(again.journal)
        assert again.settle().world.dump() == wanted, "made again of captures and journal"
        assert again.journal == said


def test_killed_between_journal_and_commit() -> None:
    one = article(night(1), prose("first"))
    made = Journaled(one).settle()
    (first,) = made.names
    made.read_as(one, prose("second"))
    with pytest.raises(KeyboardInterrupt):
        made.settle(killed=True)
    assert (made.names, made.aliases) == ([first], {}), "nothing is written yet"
    made.settle()
    assert list(made.aliases) == [first]
    assert len(made.journal) == 1


def test_names_of_a_catalogue_that_is_replaced_are_kept() -> None:
    one = article(night(1), prose("first"))
    old = Journaled(one).settle()
    held = [Named(row["id"], row["capture"]) for row in old.world.rows("versions")]
    new = Journaled(one)
    new.read_as(one, prose("second"))
    new.settle([*held, Named("another@0123456789", "a capture that is gone")])
    assert list(new.aliases) == old.names
    assert len(new.journal) == 1


def test_what_is_no_rename() -> None:
    """A change of the article is a version more; of records in one file none is taken for another."""
    made = Journaled(article(night(1), prose("first"))).settle()
    made.world.take(article(night(2), prose("second")))
    assert len(made.settle().names) == 2
    records = Captured("https://sam.gov/csv", night(3), (Notice("a" * 32, {"title": "Plates"}),), source="notices")
    made.world.take(records)
    made.settle([Named("sam-notice-a@0123456789", records.id)])
    assert (made.journal, made.aliases) == ([], {})


def test_a_name_that_another_capture_still_has_is_no_alias() -> None:
    one, two = article(night(1), prose("same")), article(night(2), prose("same"))
    made = Journaled(one, two).settle()
    (name,) = made.names
    made.read_as(one, prose("newer"))
    assert name in made.settle().names
    assert (made.journal, made.aliases) == ([], {})
    made.read_as(two, prose("newer"))
    assert made.settle([Named(name, one.id)]).aliases == dict.fromkeys([name], *made.names)


def test_what_an_earlier_name_leads_to() -> None:
    one = article(night(1), prose("first"), prose("its second page"))
    made = Journaled(one).settle()
    (first,) = made.names
    (key, last), (second_key, _) = (
        (row["id"], row["number"]) for row in sorted(made.world.rows("pages"), key=lambda row: row["number"])
    )
    assert last == 1
    made.read_as(one, prose("newer"))
    (now,) = made.settle().names
    tail = first.rpartition("@")[2]
    held = find_document(made.connection, DOCUMENT)
    assert held is not None
    assert find_version(made.connection, held, tail) is None
    for given in (tail, tail[:4]):
        found = find_renamed(made.connection, DOCUMENT, given)
        assert found is not None
        assert found["id"] == now
    for other in ("", "xyz", "0" * 10, f"{tail}0", "%"):
        assert find_renamed(made.connection, DOCUMENT, other) is None
    text = find_text(made.connection, first)
    assert text is not None
    assert text["version"] == now
    assert find_row(made.connection, "versions", first) == now
    assert find_row(made.connection, "pages", str(key)) == str(made.world.rows("pages")[0]["id"])
    assert find_row(made.connection, "pages", str(second_key)) is None, "there is no second page any more"
