"""Bounded absence: said where nothing matches, as a plain slow search finds, and nowhere else; counted in its scope."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from archive.catalog.opening import open_catalogue
from archive.release.build import copy_published
from archive.release.policies import AS_PUBLISHED
from archive.release.withheld import Withheld
from archive.research import found as engine
from archive.research import matching, nothing_matches
from archive.research.absence import ABSENT, FOUND, UNPROVEN, Absence, absence
from archive.research.filters import Filters
from archive.research.query import parse_query
from archive.research.scope import read_scope
from archive.research.search import search
from bench.search_catalogue import write
from tests.catalogue_rows import PIA, SEEN, STORY, Rows, make_catalogue
from tests.figures import figure
from tests.test_archive_search_engine import Both, Slow

PAGES = 600


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("absence")
    write(folder / "archive.db", PAGES, 11)
    with closing(open_catalogue(folder / "archive.db")) as catalogue:
        catalogue.execute("INSERT INTO pages_fts(pages_fts) VALUES ('rebuild')")
        catalogue.commit()
        copy_published(catalogue, folder / "1.db", AS_PUBLISHED, Withheld(), {"release": "1", "built": SEEN})
        with closing(sqlite3.connect(folder / "1.db")) as release:
            release.row_factory = sqlite3.Row
            yield Both(catalogue, release)


@pytest.fixture(scope="module")
def slow(both: Both) -> Slow:
    return Slow(both.catalogue)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have searches stop as early as they can, and the exact look go by both of its ways."""
    for name in ("SCORED", "SCORED_AMONG", "SCORED_ON_DAY", "FEW"):
        monkeypatch.setattr(engine, name, 5)
    monkeypatch.setattr(matching, "PATIENCE", 0.0)
    monkeypatch.setattr(nothing_matches, "FEW", 10)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Give a catalogue of some documents, one with a phrase over a page's end, with the words that a release has."""
    path = make_catalogue(tmp_path / "archive.db")
    with closing(open_catalogue(path)) as connection:
        rows = Rows(connection)
        rows.page_ids = 100
        with connection:
            version = rows.document("overleaf", "dhs_pia", ["It begins with the quiet", "harbour pilots and goes on."])
            connection.execute("UPDATE pages SET runs_on = ' ' WHERE version = ? AND number = 1", (version,))
            rows.add("listings", source="dhs_pia", list="https://www.dhs.gov/pias", url="https://www.dhs.gov/lost.pdf",
                     relation="attachment", title="Lost", document=None, first_seen=SEEN, last_seen=SEEN,
                     state="listed")  # fmt: skip
        yield connection


def years(row: dict[str, Any], year: str) -> bool:
    return bool(row["date"][:4] == year)


def test_it_is_said_where_a_plain_search_finds_nothing_and_nowhere_else(both: Both, slow: Slow, hurried: None) -> None:
    drawn = Random(8)
    counted = Counter(word for _, stems in slow.pages for word in stems if word.isalpha() and len(word) > 4)
    common, rare = (
        sorted(word for word, pages in counted.items() if (pages > PAGES / 9) == how) for how in (True, False)
    )
    kinds = sorted({row["kind"] for row in slow.rows.values()})
    said = {ABSENT: 0, FOUND: 0}
    for _ in range(150):
        words = " ".join(drawn.sample(drawn.choice((common, common, rare)), drawn.choice((1, 1, 2, 3))))
        kind, year = drawn.choice(["", *kinds]), drawn.choice(["", "2009", "2014", "2018"])
        given = Filters(kinds=(kind,) if kind else (), years=(year,) if year else ())

        def fits(row: dict[str, Any], kind: str = kind, year: str = year) -> bool:
            return (not kind or row["kind"] == kind) and (not year or years(row, year))

        expected = slow.find(words, fits)
        scope = [name for name, row in slow.rows.items() if fits(row)]
        for connection in (both.catalogue, both.release):
            made = absence(connection, words, given=given)
            if not scope:
                assert made.outcome == UNPROVEN
                continue
            assert made.outcome == (FOUND if expected else ABSENT), (words, given, expected)
            assert (made.documents, made.pages) == (len(scope), sum(d in scope for d, _ in slow.pages))
            said[made.outcome] += 1
    figure("WD-04", questions=150, said_absent=said[ABSENT], said_found=said[FOUND], wrong=0)
    assert min(said.values()) > 40


def test_common_words_outside_of_the_scope_do_not_hide_that_none_are_in_it(
    both: Both, slow: Slow, hurried: None
) -> None:
    """The control: the search itself says "about" here, or lists what it got to."""
    words = "people surveillance"
    about = search(both.release, words, limit=0)
    assert about["total_about"] or about["notes"]
    lacking = [name for name in slow.rows if name not in slow.find(words)]
    name = next(one for one in lacking if slow.rows[one]["number"])
    number = slow.rows[name]["number"]
    made = absence(both.release, f'{words} number:"{number}"')
    assert made.outcome == ABSENT, made.sentence


def test_the_sentence_has_all_its_parts_and_a_release_has_an_address_for_good(both: Both) -> None:
    made = absence(both.release, "xylophones -component:ICE", given=Filters(years=("2014",)))
    assert made.outcome == ABSENT
    assert made.sentence == (
        f"No document that matches “xylophones”, year “2014”, not component “ICE” is among the {made.documents:,}"
        f" documents and {made.pages:,} pages of the source bench, as captured up to"
        f" {made.captured_until}, release 1."
    )
    assert made.address == "/absence?q=xylophones+-component%3AICE&year=2014&as_of=1"
    assert made.is_pinned
    assert not absence(both.catalogue, "xylophones").is_pinned
    assert "working catalogue" in absence(both.catalogue, "xylophones").sentence


def test_a_number_is_looked_for_in_all_spellings_and_each_is_told(small: sqlite3.Connection) -> None:
    made = absence(small, "pia039a")
    assert made.outcome == FOUND
    assert made.results[0]["id"] == PIA
    made = absence(small, "81 FR 72080")
    assert made.outcome == ABSENT
    assert made.identifiers == {
        "81 FR 72080": ["81 FR 72080", "81 FR 72,080", "81 Fed. Reg. 72080", "81 Fed. Reg. 72,080"]
    }
    assert absence(small, "number:PIA-077").outcome == ABSENT
    assert absence(small, "number:PIA-077").documents == absence(small, "xylophone").documents


def test_a_number_that_was_read_in_a_spelling_that_is_not_looked_for_is_no_absence(small: sqlite3.Connection) -> None:
    with small:
        rows = Rows(small)
        version = small.execute("SELECT newest_version FROM documents WHERE id = ?", (STORY,)).fetchone()[0]
        assert absence(small, "PIA-077").outcome == ABSENT
        rows.reference(version, "DHS/CBP/PIA-077", None, printed="PIA077")
    made = absence(small, "PIA-077")
    assert made.outcome == FOUND
    assert made.results[0]["url"].startswith(f"/d/{STORY}@")


def test_a_phrase_over_a_pages_end_is_no_absence(small: sqlite3.Connection) -> None:
    assert search(small, '"quiet harbour pilots"')["total"] == 0
    made = absence(small, '"quiet harbour pilots"')
    assert made.outcome == FOUND
    assert made.results[0]["url"].endswith("/p1")
    assert absence(small, '"quiet harbour captains"').outcome == ABSENT
    assert absence(small, '"quiet harbour pilots" component:CBP').outcome == ABSENT


def test_what_cannot_be_known_is_not_said(small: sqlite3.Connection) -> None:
    for question, why in (
        ("", "Nothing is looked for"),
        ("component:ICE", "Nothing is looked for"),
        ("-plate", "Nothing is looked for"),
        ("plate component:NOBODY", "No document fits"),
        ("xylo*", "Write the words out"),
    ):
        made = absence(small, question)
        assert made.outcome == UNPROVEN, question
        assert why in made.why
        assert made.why in made.sentence


def test_a_beginning_is_proven_where_all_words_are_known(both: Both) -> None:
    assert absence(both.release, "xylo*").outcome == ABSENT
    assert absence(both.release, "surveilla*").outcome == FOUND
    assert absence(both.catalogue, "xylo*").outcome == UNPROVEN


def test_gaps_are_told_and_none_is_named_that_was_withdrawn(small: sqlite3.Connection) -> None:
    gaps = {gap.kind: gap for gap in absence(small, "xylophone").gaps}
    assert gaps["pages without text"].count == 1
    assert gaps["listed and not held"].source == "dhs_pia"
    assert gaps["source never run"].source == "idle"
    assert gaps["referred to and not held"].count == 2
    assert "lost" not in absence(small, "xylophone").sentence.lower()
    narrowed = {gap.kind for gap in absence(small, "xylophone component:ICE").gaps}
    assert "pages without text" not in narrowed


def test_a_failing_source_is_told_with_the_night_it_began(small: sqlite3.Connection) -> None:
    with small:
        for night, failures in (("2018-01-27", 1), ("2018-01-28", 2)):
            Rows(small).add("runs", id=f"dhs_pia-{night}", source="dhs_pia", night=night, started=f"{night}T01:00:00Z",
                            finished=f"{night}T02:00:00Z", status="finished", replay=0, captures=2, documents=1,
                            failures=failures)  # fmt: skip
    gap = next(gap for gap in read_scope(small).gaps if gap.source == "dhs_pia" and "failing" in gap.kind)
    assert gap.since == "2018-01-27"


def test_as_of_a_day_only_what_was_in_force_counts(small: sqlite3.Connection) -> None:
    made = absence(small, "older on:2018-01-26")
    assert made.outcome == ABSENT
    assert made.pages < absence(small, "xylophone").pages
    assert absence(small, "older").outcome == FOUND
    assert absence(small, "xylophone on:2017-01-01").outcome == UNPROVEN


def test_a_release_from_before_there_were_spans_and_places_is_asked_too(small: sqlite3.Connection) -> None:
    with small:
        for table in ("changes", "joins", "listing_spans", "server_spans", "page_places", "places"):
            small.execute(f"DROP TABLE {table}")
    assert absence(small, "xylophone").outcome == ABSENT
    assert absence(small, "plate state:CA").outcome == UNPROVEN


def test_no_question_raises(both: Both) -> None:
    for text in (
        '"',
        "NEAR(",
        "a AND NOT",
        "((((",
        "*",
        "\x00",
        "number:",
        "%%%",
        "NEAR(pia-039 plate*, 5)",
        "x" * 2000,
    ):
        made: Absence = absence(both.release, text)
        assert made.sentence
        assert parse_query(text) is not None
