"""Search over time, and what stood on a day: against histories of captures that are told by brute force."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.catalog.opening import open_catalogue
from archive.research import over_page_ends
from archive.research.on_day import is_day, on_day
from archive.research.over_time import MOST_STRETCHES, over_time
from archive.research.sightings import timeline
from tests.catalogue_rows import AWARD, PIA, Rows, make_catalogue

OLD, NEW = "Nothing of note.", "Officers may use the plate reader."


def at(day: str) -> str:
    return f"{day}T06:00:00Z"


def history(rows: Rows, document: str, seen: Sequence[tuple[str, Sequence[str]]], **values: str) -> list[str]:
    """Add a document of which each capture (day, pages) shows what it shows; return the versions' ids in order."""
    days: dict[tuple[str, ...], list[str]] = {}
    for day, pages in seen:
        days.setdefault(tuple(pages), []).append(day)
    ids: list[str] = []
    for pages, stood in days.items():
        digest = hashlib.sha256(f"{document} {pages}".encode()).hexdigest()
        for day in stood:
            rows.capture(f"{document} {day}", "dhs_pia", "https://dhs_pia.example/", captured_at=at(day),
                         content_digest=digest)  # fmt: skip
        facts = {"capture": f"{document} {stood[0]}", "first_seen": at(stood[0]), "last_seen": at(stood[-1])}
        if not ids:
            rows.document(document, "dhs_pia", first_seen=at(stood[0]), last_seen=at(seen[-1][0]))
            rows.connection.execute("DELETE FROM versions WHERE document = ?", (document,))
        ids.append(rows.version(document, "dhs_pia", list(pages), **{**facts, **values}))
    return ids


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Rows]:
    """Give the small catalogue, with a document that says something, takes it back, and says it again."""
    with closing(open_catalogue(make_catalogue(tmp_path / "archive.db"))) as connection:
        rows = Rows(connection)
        rows.page_ids = 1000
        history(rows, "returns", [
            ("2018-01-01", [OLD]), ("2018-01-02", [OLD, NEW]), ("2018-01-03", [OLD, NEW]), ("2018-01-04", [OLD]),
            ("2018-01-05", [OLD]), ("2018-01-06", [NEW]),
        ])  # fmt: skip
        yield rows


def result(connection: sqlite3.Connection, query: str, document: str) -> dict[str, Any]:
    found = over_time(connection, query)
    json.dumps(found)
    return next(row for row in found["results"] if row["id"] == document)


def ends(row: dict[str, Any]) -> list[tuple[str, str, str | None, str | None]]:
    return [
        tuple(one[name] and one[name]["at"][8:10] for name in ("from", "to", "before", "after"))
        for one in row["stretches"]
    ]


def test_what_was_taken_back_and_said_again_has_two_stretches(rows: Rows) -> None:
    row = result(rows.connection, '"may use the plate reader"', "returns")
    assert ends(row) == [("02", "03", "01", "04"), ("06", "06", "05", None)]
    assert (row["stands_in"], row["versions"], row["in_newest"]) == (2, 3, True)
    first, second = row["stretches"]
    assert (first["from"]["ordinal"], first["from"]["page"], second["from"]["page"]) == (2, 2, 1)
    assert first["from"]["url"].endswith("/p2")
    assert first["before"]["wholly_read"]


def test_the_first_and_the_last_day_in_all_the_archive(rows: Rows) -> None:
    history(rows, "earlier", [("2017-05-05", [NEW]), ("2017-05-06", [OLD])])
    history(rows, "later", [("2019-05-05", [OLD]), ("2019-05-06", [NEW]), ("2019-05-07", [NEW])])
    found = over_time(rows.connection, '"may use the plate reader"', limit=1)
    assert (found["total"], found["versions"], len(found["results"])) == (3, 4, 1)
    assert (found["first"]["document"], found["first"]["at"]) == ("earlier", at("2017-05-05"))
    assert (found["last"]["document"], found["last"]["until"]) == ("later", at("2019-05-07"))
    assert over_time(rows.connection, '"plate reader"', sort="last")["results"][0]["id"] == "later"
    assert over_time(rows.connection, '"plate reader"', collection="News")["total"] == 0
    nothing = over_time(rows.connection, '"never said"')
    assert (nothing["first"], nothing["last"], nothing["results"]) == (None, None, [])


def test_a_phrase_is_found_over_a_pages_end_and_where_a_line_broke_it(rows: Rows) -> None:
    pages = ["Head\nThey said that no facial", "Head\nrecognition was ever in use."]
    history(rows, "overleaf", [("2018-02-01", [OLD]), ("2018-02-02", pages)])
    phrase = '"no facial recognition was"'
    assert not over_time(rows.connection, phrase)["total"], "the control: headers part the pages, and nothing runs on"
    rows.connection.execute("UPDATE pages SET parts = ?", (json.dumps([["header", 0, 4], ["text", 5, 99]]),))
    rows.connection.execute("UPDATE pages SET runs_on = ' ' WHERE document = 'overleaf' AND number = 1")
    row = result(rows.connection, phrase, "overleaf")
    assert (ends(row), row["stretches"][0]["from"]["page"]) == ([("02", "02", "01", None)], 1)
    rows.connection.execute(
        "UPDATE pages SET also = 'surveillance', broken = 'sur-veillance' WHERE document = 'returns'"
    )
    assert result(rows.connection, "surveillance", "returns")["stands_in"] == 3
    assert result(rows.connection, '"sur-veillance"', "returns")["stands_in"] == 3


def test_common_words_at_a_pages_end_are_not_looked_for_without_an_end(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(over_page_ends, "MOST_PAGES", 0)
    assert "wasn't looked for" in over_time(rows.connection, '"plate reader"')["notes"][0]
    assert over_time(rows.connection, "plate reader")["notes"] == []


def test_what_was_not_wholly_read_is_not_said_to_be_silent(rows: Rows) -> None:
    history(rows, "scan", [("2018-03-01", ["Half of it."]), ("2018-03-02", [NEW])])
    rows.connection.execute("UPDATE versions SET outcome = 'excerpt' WHERE document = 'scan' AND ordinal = 1")
    row = result(rows.connection, '"plate reader"', "scan")
    assert row["stretches"][0]["before"]["wholly_read"] is False
    assert len(row["not_wholly_read"]) == 1


def test_records_stand_beside_each_other_in_the_order_of_their_versions(rows: Rows) -> None:
    row = result(rows.connection, "modified", AWARD)
    assert row["beside"]
    assert [(one["from"]["ordinal"], one["to"]["ordinal"]) for one in row["stretches"]] == [(2, 2)]
    assert not timeline(rows.connection, PIA).beside


def test_a_page_that_alternates_is_told_to_its_last_stretch(rows: Rows) -> None:
    days = [f"2018-{month:02d}-{day:02d}" for month in (4, 5, 6, 7) for day in range(1, 29)]
    history(rows, "alternates", [(day, [(OLD, NEW)[number % 2]]) for number, day in enumerate(days)])
    row = result(rows.connection, '"plate reader"', "alternates")
    assert (len(row["stretches"]), row["stretches_left_out"]) == (MOST_STRETCHES, len(days) // 2 - MOST_STRETCHES)
    assert row["stretches"][-1]["to"]["at"] == at(days[-1])


def test_what_stood_on_each_day_is_what_was_captured_last() -> None:
    """Histories at random: each day's answer is compared with that of going through the captures one by one."""
    drawn = random.Random(7)
    with closing(open_catalogue(Path(":memory:"))) as connection:
        rows, asked = Rows(connection), 0
        rows.source("dhs_pia")
        days = [f"2018-01-{day:02d}" for day in range(1, 29)]
        for number in range(40):
            seen = [(day, [f"text {drawn.randrange(3)}"]) for day in sorted(drawn.sample(days, drawn.randrange(1, 9)))]
            name = f"drawn-{number}"
            history(rows, name, seen)
            said = dict(connection.execute("SELECT version, text FROM pages WHERE document = ?", (name,)).fetchall())
            for day in days:
                known = on_day(connection, name, day)
                by_then = [(when, pages[0]) for when, pages in seen if when <= day]
                later = [when for when, pages in seen if when > day and by_then and pages[0] != by_then[-1][1]]
                expected = (by_then[-1][1], at(by_then[-1][0])) if by_then else None
                assert (known["version"] and (said[known["version"]], known["captured"])) == expected
                assert (known["next"] and known["next"]["at"]) == (at(later[0]) if later else None)
                asked += 1
        assert asked == 40 * 28


def test_days(rows: Rows) -> None:
    assert [is_day(one) for one in ("2018-01-26", "2018-02-30", "2018", "2018-1-2", "", "2018-01-26T00:00:00Z")] == [
        True, False, False, False, False, False]  # fmt: skip
    before = on_day(rows.connection, "returns", "2017-12-31")
    assert (before["version"], before["first"]["at"]) == (None, at("2018-01-01"))
    between = on_day(rows.connection, "returns", "2018-01-03")
    assert (between["ordinal"], between["captured_that_day"], between["again"]) == (2, True, None)
    gap = on_day(rows.connection, AWARD, "2018-02-01")
    assert (gap["ordinal"], gap["beside"], gap["captured_that_day"]) == (2, True, False)
