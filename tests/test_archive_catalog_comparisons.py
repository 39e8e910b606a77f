"""Comparisons as rows: once for a pair, the same whatever came first, and nothing of a withdrawn neighbour (WD-03)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.catalog import comparisons
from archive.diff.compare import compare
from archive.release.build import copy_published
from archive.release.policies import EXCERPT, Policies
from archive.release.withheld import NOTHING, Withheld
from pipelines.items import Article, File
from tests.evidence import Captured, World, night
from tests.figures import figure

URL = "https://www.dhs.gov/a.pdf"
PAGES = (
    ("The office keeps each read for five years.", "A vendor gives the data to the field offices."),
    ("The office keeps each read for ten years.", "A vendor gives the data to the field offices."),
    ("The office keeps each read for ten years.", "A zebra stands on a page alone.", "A vendor gives the data."),
    ("The office keeps each read for ten years.", "A zebra stands on a page alone.", "A vendor gives the data."),
)


def captured(number: int) -> Captured:
    """Return the capture of one version of the file."""
    return Captured(URL, night(number + 1), (File(),), f"bytes {number}", PAGES[number])


@pytest.fixture
def world() -> World:
    return World(*(captured(number) for number in range(len(PAGES)))).settle()


def told(world: World) -> list[tuple[Any, ...]]:
    """Return what is told of each version, in their order."""
    return world.connection.execute(
        "SELECT c.kind, words_added, words_removed, pages_added, c.why FROM comparisons AS c"
        " JOIN versions AS v ON v.id = c.version ORDER BY v.ordinal"
    ).fetchall()


def test_each_version_is_compared_with_the_one_before(world: World) -> None:
    assert [tuple(row) for row in told(world)] == [
        ("real", 1, 1, 0, ""), ("real", 7, 4, 1, ""), ("cosmetic", 0, 0, 0, "re-saved"),
    ]  # fmt: skip
    passages = world.connection.execute(
        "SELECT p.kind, p.page, p.text, v.ordinal FROM changed_passages AS p JOIN versions AS v ON v.id = stands_in"
        " ORDER BY p.version, p.ordinal"
    ).fetchall()
    assert sorted(map(tuple, passages)) == [
        ("added", 1, "ten", 2), ("added", 2, "A zebra stands on a page alone.", 3),
        ("removed", 1, "five", 1), ("removed", 2, "to the field offices", 2),
    ]  # fmt: skip
    found = world.connection.execute(
        "SELECT kind FROM changed_passages JOIN changed_passages_fts AS f ON f.rowid = id"
        " WHERE changed_passages_fts MATCH 'zebras'"
    )
    assert [row[0] for row in found] == ["added"]


def test_it_is_the_same_whatever_came_first(world: World) -> None:
    piecemeal = World()
    for number in (3, 0, 2, 1):
        piecemeal.take(captured(number)).settle()
    assert piecemeal.dump() == world.dump()
    check = "INSERT INTO changed_passages_fts(changed_passages_fts, rank) VALUES ('integrity-check', 1)"
    piecemeal.connection.execute(check)


def test_nothing_is_compared_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(*sides: Any) -> Any:
        made.append(sides[1].version)
        return compare(*sides)

    monkeypatch.setattr(comparisons, "compare", counted)
    before = world.connection.total_changes
    world.settle()
    assert (made, world.connection.total_changes) == ([], before), "a quiet night reads and writes nothing"
    world.take(Captured(URL, night(9), (File(),), "more", ("Other words.",))).settle()
    assert len(made) == 1, "a new version is one new pair"
    monkeypatch.setattr(comparisons, "DIFFER", "another")
    world.settle()
    assert len(made) == 1 + len(PAGES), "and another way of comparing makes all of them anew"
    figure("diff-rows", pairs=len(PAGES), compared_again=0)


def released(world: World, target: Path, policies: Policies, withheld: Withheld) -> list[tuple[Any, ...]]:
    """Make a release; return its comparisons with their passages."""
    copy_published(world.connection, target, policies, withheld)
    with closing(sqlite3.connect(target)) as made:
        assert made.execute("PRAGMA foreign_key_check").fetchall() == []
        return made.execute(
            "SELECT c.version, c.before, p.text FROM comparisons AS c LEFT JOIN changed_passages AS p"
            " ON p.version = c.version"
        ).fetchall()


def test_wd_03_what_a_withdrawn_neighbour_said_is_in_no_comparison(world: World, tmp_path: Path) -> None:
    ids = [row["id"] for row in world.connection.execute("SELECT id FROM versions ORDER BY ordinal")]
    control = released(world, tmp_path / "control.db", Policies(), NOTHING)
    assert {row[2] for row in control} >= {"five", "A zebra stands on a page alone."}
    assert b"five" in (tmp_path / "control.db").read_bytes()
    rows = released(world, tmp_path / "release.db", Policies(), Withheld(versions=frozenset({ids[0]})))
    assert {(row[0], row[1]) for row in rows} == {(ids[2], ids[1]), (ids[3], ids[2])}
    assert b"five" not in (tmp_path / "release.db").read_bytes(), "what its follower removed"
    rows = released(world, tmp_path / "middle.db", Policies(), Withheld(versions=frozenset({ids[2]})))
    assert {(row[0], row[1]) for row in rows} == {(ids[1], ids[0])}, "neither its own, nor its follower's"
    figure("WD-03", control=len(control), kept=len(rows), of_the_withdrawn=0)


@pytest.mark.parametrize("policy", [None, EXCERPT])
def test_what_is_published_in_part_has_no_passages(policy: str | None, tmp_path: Path) -> None:
    """An article by itself, and a file where its source says so: that it changed is told, and not its words."""
    if policy is None:
        said = [Article("Outlet", "A headline") for _ in range(2)]
        shown = [Captured("https://news.example/a", night(n + 1), (one,), f"b{n}", (f"Words of an article zebra{n}",),
                          source="news")
                 for n, one in enumerate(said)]  # fmt: skip
        world, policies = World(*shown).settle(), Policies()
    else:
        world, policies = World(captured(1), captured(2)).settle(), Policies({"library": policy})
    assert world.rows("changed_passages"), "the control"
    rows = released(world, tmp_path / "release.db", policies, NOTHING)
    assert [row[2] for row in rows] == [None]
