"""Where quoted words stand: the same rows whatever came first, little looked at anew, a change where they are gone."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from archive.catalog.opening import open_catalogue
from archive.catalog.quotation_rows import GONE, gone_rows, sync_quotations
from archive.catalog.row_sync import sync_rows
from archive.release.build import copy_published
from archive.release.policies import AS_PUBLISHED, METADATA, Policies
from archive.release.withheld import Withheld
from archive.research.changes import Wanted, list_changes
from archive.research.quoted import quotations_of, quoted_by_press
from archive.research.story import read_story
from tests.catalogue_rows import Rows, make_catalogue
from tests.figures import figure

SENTENCE = "Each read of a plate is kept for fifteen years by the office."
LATER = "2019-03-01T15:00:00Z"
WORDS = (
    "plate",
    "reader",
    "office",
    "record",
    "keeps",
    "camera",
    "bridge",
    "officer",
    "query",
    "access",
    "vendor",
    "notice",
    "county",
    "contract",
)


class Story:
    """Adds articles with what they quote, and documents, to a small catalogue."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection, self.rows = connection, Rows(connection)
        self.rows.page_ids = 10_000

    def article(self, name: str, *quotations: str) -> str:
        text = " ".join(f"“{words}” it says." for words in quotations)
        version = self.rows.document(name, "news", [text], collection="News", kind="article", title=name)
        self.rows.add("articles", version=version, document=name, outlet="Outlet", headline=name, byline="",
                      section="", published="2018-01-26", modified=None, url="https://news.example/a",
                      words=9)  # fmt: skip
        for ordinal, words in enumerate(quotations, 1):
            self.rows.add("facts", version=version, ordinal=ordinal, document=name, name="quotation", value=words,
                          page=1)  # fmt: skip
        return self._read(version)

    def document(self, name: str, *pages: str) -> str:
        return self._read(self.rows.document(name, "dhs_pia", list(pages)))

    def later(self, name: str, *pages: str) -> str:
        return self._read(self.rows.version(name, "dhs_pia", list(pages), first_seen=LATER, last_seen=LATER))

    def _read(self, version: str) -> str:
        self.rows.add("texts", version=version, made_of="read")
        return version

    def sync(self) -> int:
        """Settle what is quoted; returns how many quotations were looked for."""
        ticks = list[int]()
        with self.connection:
            sync_quotations(self.connection, lambda: ticks.append(1))
        return len(ticks)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with closing(open_catalogue(make_catalogue(tmp_path / "archive.db"))) as connection:
        yield Story(connection)


def rows(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute("SELECT * FROM quotations ORDER BY version, ordinal")]


def test_what_is_exact_has_its_place_and_a_document_says_who_quotes_it(story: Story) -> None:
    story.document("memo", "A cover page.", f"It says this. {SENTENCE} And more.")
    story.article("one", SENTENCE, SENTENCE.replace("fifteen", "fifty"), "kept for years")
    story.article("two", SENTENCE.lower())
    story.sync()
    story.document("a scan without pages")
    story.sync()
    told = [(row[3], row[4], row[5], row[7]) for row in rows(story.connection)]
    assert (SENTENCE, "exact", "memo", 2) in told
    assert (SENTENCE.replace("fifteen", "fifty"), "open", "", 0) in told
    assert len(told) == 3, "what is too short isn't looked for"
    quoted = quoted_by_press(story.connection, "memo")
    assert {one["article"] for one in quoted} >= {"one"}
    assert quoted[0]["address"].startswith("/d/memo@")
    assert quoted[0]["in_newest"]
    seen = {one["words"]: one for one in quotations_of(story.connection, "one", [SENTENCE, told[1][0]])}  # type: ignore[list-item]
    assert seen[SENTENCE]["outcome"] == "exact"
    near = next(one for words, one in seen.items() if words != SENTENCE)
    assert near["outcome"] == "near"
    assert any((edit["quoted"], edit["held"]) == ("fifty", "fifteen") for edit in near["edits"])


def test_the_same_rows_in_whatever_order_it_came_in(tmp_path: Path) -> None:
    drawn = Random(5)
    said = [" ".join(drawn.choice(WORDS) for _ in range(9)) + f" number {n}." for n in range(24)]
    documents = [
        (f"paper-{n}", [f"{said[3 * n]} Then. {said[3 * n + 1]}", f"Last. {said[3 * n + 2]}"]) for n in range(8)
    ]
    articles = [(f"story-{n}", [*drawn.sample(said, 3), said[n].replace("number", "figure")]) for n in range(10)]
    found = set[tuple[tuple[object, ...], ...]]()
    looked = list[int]()
    for order in range(4):
        steps = [("document", one) for one in documents] + [("article", one) for one in articles]
        Random(order).shuffle(steps)
        path = tmp_path / str(order)
        path.mkdir()
        with closing(open_catalogue(make_catalogue(path / "archive.db"))) as connection:
            made = Story(connection)
            looked.append(0)
            for kind, (name, words) in steps:
                with connection:
                    made.document(name, *words) if kind == "document" else made.article(name, *words)
                if order:
                    looked[-1] += made.sync()
            looked[-1] += made.sync()
            assert made.sync() == 0
            found.add(tuple((row[2], row[1], *row[3:6], row[7]) for row in rows(connection)))
    assert len(found) == 1
    assert sum(row[3] == "exact" for row in next(iter(found))) == 30
    figure("QP-01", orders=4, at_once=looked[0], one_by_one=looked[1:], articles=len(articles))


def test_words_that_a_later_version_lost_are_a_change(story: Story) -> None:
    story.document("memo", f"It says this. {SENTENCE} And more.")
    story.article("one", SENTENCE)
    story.sync()
    assert not list(gone_rows(story.connection))
    story.later("memo", "It says this. Each read of a plate is kept for five years by the office. And more.")
    story.sync()
    with story.connection:
        sync_rows(story.connection, "changes", ["id"], gone_rows(story.connection))
    change = list_changes(story.connection, Wanted(kind=GONE))["changes"][0]
    assert (change["document"], change["at"]) == ("memo", LATER)
    assert SENTENCE in change["summary"]
    assert change["quoted"][0]["address"].startswith("/d/memo@")
    assert change["address"] == f"/d/{change['version']}"
    assert read_story(story.connection, "memo")["events"][0]["summary"] == change["summary"]
    assert not quoted_by_press(story.connection, "memo")[0]["in_newest"]
    story.later("memo", f"It says this again. {SENTENCE} And more.")
    story.sync()
    assert not list(gone_rows(story.connection)), "it is back"


def test_nothing_is_left_of_a_withdrawn_side_nor_of_an_article_without_text(story: Story, tmp_path: Path) -> None:
    story.document("memo", f"It says this. {SENTENCE} And more.")
    story.article("one", SENTENCE)
    story.later("memo", "It says nothing.")
    story.sync()
    with story.connection:
        sync_rows(story.connection, "changes", ["id"], gone_rows(story.connection))
    versions = dict(story.connection.execute("SELECT id, document FROM versions").fetchall())

    def told(name: str, policies: Policies, document: str = "") -> tuple[int, int]:
        out = Withheld(frozenset({document} - {""}), frozenset(v for v, d in versions.items() if d == document))
        copy_published(story.connection, tmp_path / name, policies, out)
        with closing(sqlite3.connect(tmp_path / name)) as release:
            counted = [release.execute(f"SELECT count(*) FROM {what}").fetchone()[0] for what in (
                "quotations", f"changes WHERE kind = '{GONE}'")]  # fmt: skip
        return counted[0], counted[1]

    assert told("1.db", AS_PUBLISHED) == (1, 1), "the control"
    assert told("2.db", AS_PUBLISHED, "one") == (0, 0)
    assert told("3.db", AS_PUBLISHED, "memo") == (0, 0)
    assert told("4.db", Policies({"news": METADATA})) == (0, 0)


@pytest.mark.soak
def test_how_the_cost_grows(tmp_path: Path) -> None:
    """100 and 1,000 articles: all at once, and a night with two new documents and one new article."""
    measured = {}
    for articles in (100, 1_000):
        drawn = Random(9)
        vocabulary = [f"word{n:04}" for n in range(3_000)]
        said = [" ".join(drawn.choice(vocabulary) for _ in range(14)) + "." for _ in range(articles)]
        path = tmp_path / str(articles)
        path.mkdir()
        with closing(open_catalogue(make_catalogue(path / "archive.db"))) as connection:
            made = Story(connection)
            with connection:
                for number in range(articles):
                    made.document(f"paper-{number}", f"First. {said[number]} Last.")
                    made.article(f"story-{number}", said[number], drawn.choice(said)[:-1] + " more.")
            began = time.process_time()
            at_once = made.sync()
            whole = time.process_time() - began
            with connection:
                for number in range(2):
                    made.document(f"new-{number}", " ".join(drawn.choice(vocabulary) for _ in range(300)))
                made.article("newest", said[0])
            began = time.process_time()
            anew = made.sync()
            night = time.process_time() - began
        measured[articles] = {"at_once": at_once, "seconds": round(whole, 2), "night": anew,
                              "night_seconds": round(night, 3)}  # fmt: skip
    figure("QP-02", **{f"articles_{number}": told for number, told in measured.items()})
    assert measured[1_000]["night"] < 200
