"""What is told, and that it is told once: news of a release, baselines, killed and done again, how the sources are."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.release.folder import Releases
from archive.research.changes import changes_named
from archive.store.journal import Journal
from archive.watches import news
from archive.watches.hits import Finder
from archive.watches.journaled import BEGAN, MADE, NOTED, Journaled
from archive.watches.messages import message_of
from archive.watches.model import Message, Watch
from archive.watches.news import make_messages
from archive.watches.source_states import states_of
from archive.watches.watch_file import WATCHES, read_watches
from tests.figures import figure
from tests.watching import AT, as_told_before, forget_news, put_watch, runs_of


@pytest.fixture
def demo_archive(demo_archive: Path) -> Path:
    """Give the demo's archive without the watch that comes with it."""
    shutil.rmtree(demo_archive / WATCHES)
    forget_news(demo_archive)
    return demo_archive


def events(folder: Path, *kinds: str) -> list[dict[str, Any]]:
    return [dict(event) for event in Journal(folder).read() if event["event"] in kinds]


def rendered(folder: Path, event: dict[str, Any]) -> Message:
    releases = Releases(folder)
    with closing(releases.open(int(releases.current() or 0))) as release:
        return message_of(release, event, read_watches(folder).held, states_of(release, AT[:10]))


def first_night(folder: Path) -> set[str]:
    """Return the runs of the sample's first night."""
    return {run for run in runs_of(folder) if "2018-01-10" in run}


def test_the_first_release_and_a_new_watch_are_the_baseline(demo_archive: Path) -> None:
    put_watch(demo_archive)
    made = make_messages(demo_archive, AT)
    assert (made.release, made.began, made.messages, made.problems) == (1, ("plates",), (), ())
    assert [event["event"] for event in events(demo_archive, BEGAN, MADE, NOTED)] == [BEGAN, NOTED]
    assert make_messages(demo_archive, AT).messages == ()
    put_watch(demo_archive, name="later")
    assert make_messages(demo_archive, AT).began == ("later",)
    assert events(demo_archive, MADE) == []
    (noted,) = events(demo_archive, NOTED)
    assert set(noted["runs"]) == runs_of(demo_archive)


def test_what_came_since_is_told_once_with_page_and_difference(demo_archive: Path) -> None:
    put_watch(demo_archive)
    as_told_before(demo_archive, first_night(demo_archive))
    made = make_messages(demo_archive, AT)
    (event,) = made.messages
    assert set(event) == {"event", "message", "watch", "release", "at", "hits", "changes", "to", "more", "states"}
    told = rendered(demo_archive, dict(event))
    assert told.id == event["message"]
    assert [hit.id for hit in told.hits] == event["hits"]
    assert told.title == "Licence plates"
    by_kind = {hit.kind for hit in told.hits}
    assert {"new", "replaced", "unlisted", "modification"} <= by_kind
    (of_page,) = [
        hit for hit in told.hits if hit.document == "dhs-gov-privacy-documents-ice" and hit.kind == "replaced"
    ]
    assert of_page.difference.startswith("/d/dhs-gov-privacy-documents-ice/diff/")
    assert [(place.change, place.page) for place in of_page.places] == [("added", 1)]
    assert "License Plate Reader Data Update" in of_page.places[0].words
    assert all(hit.at >= "2018-01-26" for hit in told.hits)
    assert make_messages(demo_archive, AT).messages == ()


def test_no_line_of_the_journal_holds_a_text_or_an_address(demo_archive: Path) -> None:
    put_watch(demo_archive)
    as_told_before(demo_archive, first_night(demo_archive))
    make_messages(demo_archive, AT)
    for event in events(demo_archive, MADE, NOTED, BEGAN):
        said = json.dumps({name: value for name, value in event.items() if name != "runs"})
        assert "plate" not in said.replace("plates", "")
        assert "http" not in said
        assert "/d/" not in said


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_killed_at_any_line_and_done_again_it_tells_the_same(
    demo_archive: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Kill before and behind each line that is written; another try ends as if there had been no kill."""
    for name in ("plates", "second"):
        put_watch(demo_archive, name=name)
    put_watch(demo_archive, name="new")
    as_told_before(demo_archive, first_night(demo_archive), ("plates", "second"))
    append = Journal.append
    left = [after]

    def dying(journal: Journal, event: str, **facts: object) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        append(journal, event, **facts)

    with monkeypatch.context() as killing:
        killing.setattr(Journal, "append", dying)
        with pytest.raises(KeyboardInterrupt):
            make_messages(demo_archive, AT)
    make_messages(demo_archive, AT)
    made = events(demo_archive, MADE)
    assert sorted(event["watch"] for event in made) == ["plates", "second"]
    assert len({event["message"] for event in made}) == 2
    assert len(events(demo_archive, NOTED)) == 2
    assert events(demo_archive, NOTED)[-1]["release"] == 1


def test_ten_thousand_hits_are_one_digest_that_says_how_many_more(
    demo_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DL-07: a word that is everywhere; the cap is set so low that the sample goes past it."""
    put_watch(demo_archive, 'terms = "the"\n')
    as_told_before(demo_archive, set())
    monkeypatch.setattr(news, "MOST_HITS", 10)
    (event,) = make_messages(demo_archive, AT).messages
    told = rendered(demo_archive, dict(event))
    assert (len(told.hits), told.more) == (10, event["more"])
    assert told.more > 40
    assert any(f"{told.more:,} more match" in notice for notice in told.notices)
    figure("DL-07", messages=1, shown=len(told.hits), more=told.more, baseline_messages=0)


def test_a_source_that_goes_blind_is_told_once_and_so_is_that_it_sees_again(demo_archive: Path) -> None:
    """DL-11: nothing came, and why."""
    put_watch(demo_archive)
    make_messages(demo_archive, AT)

    def has(failures: int) -> None:
        with closing(sqlite3.connect(demo_archive / "archive.db")) as catalogue, catalogue:
            catalogue.execute("UPDATE runs SET failures = ? WHERE source = 'dhs_pia'", (failures,))

    has(3)
    (blind,) = make_messages(demo_archive, AT).messages
    assert (blind["hits"], blind["states"]) == ([], {"dhs_pia": "failing"})
    with closing(sqlite3.connect(demo_archive / "archive.db")) as catalogue:
        states = states_of(catalogue, AT[:10])
        told = message_of(catalogue, blind, read_watches(demo_archive).held, states)
    assert told.sources[0].name == "dhs_pia"
    assert told.notices == (told.sources[0].sentence,)
    assert "may have been missed" in told.sources[0].sentence
    assert make_messages(demo_archive, AT).messages == ()
    has(0)
    (sees,) = make_messages(demo_archive, AT).messages
    assert (sees["hits"], sees["states"]) == ([], {})
    assert sees["message"] != blind["message"]
    assert "They see again." in rendered(demo_archive, dict(sees)).notices[0]
    has(3)
    (again,) = make_messages(demo_archive, AT).messages
    assert again["message"] not in {blind["message"], sees["message"]}
    figure("DL-11", states_told=3, silent_while_blind=0)


def test_a_closed_gate_is_told(demo_archive: Path) -> None:
    put_watch(demo_archive)
    make_messages(demo_archive, AT)
    with closing(Journal(demo_archive)) as journal:
        gates = [{"gate": "shrunk", "reason": "3 documents are left of 57", "subjects": []}]
        journal.append("release-refused", at=AT, gates=gates)
    (event,) = make_messages(demo_archive, AT).messages
    assert event["states"] == {"archive": "gate closed"}


def test_a_watch_hears_of_its_own_sources_only(demo_archive: Path) -> None:
    put_watch(demo_archive, 'terms = "plate"\n[filters]\nsource = "news"\n')
    make_messages(demo_archive, AT)
    with closing(sqlite3.connect(demo_archive / "archive.db")) as catalogue, catalogue:
        catalogue.execute("UPDATE runs SET failures = 3 WHERE source = 'dhs_pia'")
    assert make_messages(demo_archive, AT).messages == ()


def test_what_is_published_no_longer_is_a_notice(demo_archive: Path) -> None:
    """DL-12: between the match and the sending something was withdrawn."""
    put_watch(demo_archive)
    as_told_before(demo_archive, first_night(demo_archive))
    (event,) = make_messages(demo_archive, AT).messages
    gone = {**event, "changes": ["0" * 20, *event["changes"][1:]]}
    told = rendered(demo_archive, gone)
    assert len(told.hits) == len(event["changes"]) - 1
    assert "One of the matches is published no longer" in told.notices[0]


def test_a_phrase_over_a_page_end_is_told_on_the_page_where_it_begins(demo_archive: Path) -> None:
    """What the running text says overleaf stands on no page alone; found in the sample's own files."""
    releases = Releases(demo_archive)
    with closing(releases.open(1)) as release:
        over = [
            (version, number, " ".join((_end(text, parts), _begin(after, after_parts))))
            for version, number, text, parts, after, after_parts in release.execute(
                "SELECT a.version, a.number, a.text, a.parts, b.text, b.parts FROM pages AS a JOIN pages AS b"
                " ON b.version = a.version AND b.number = a.number + 1 WHERE a.runs_on = ' ' ORDER BY a.id"
            )
        ]
        assert over
        found = 0
        for version, number, phrase in over[:20]:
            asked = release.execute("SELECT id FROM changes WHERE version = ? AND kind = 'new'", (version,))
            changes = changes_named(release, [row[0] for row in asked])
            for change in changes.values():
                hit = Finder(release, [Watch("w", "w", (phrase,))]).hit("w", change)
                assert [place.page for place in hit.places][:1] == [number], (phrase, hit.places)
                found += 1
    assert found


def _words(text: str, parts: str, last: bool) -> list[str]:
    held = [text[start:end] for kind, start, end in json.loads(parts) if kind in ("text", "heading")]
    return held[-1 if last else 0].split()


def _end(text: str, parts: str) -> str:
    return " ".join(_words(text, parts, last=True)[-3:])


def _begin(text: str, parts: str) -> str:
    return " ".join(_words(text, parts, last=False)[:3])


def test_what_could_not_be_read_is_told_once_it_is(demo_archive: Path) -> None:
    put_watch(demo_archive, 'terms = "sighting"\n')
    as_told_before(demo_archive, first_night(demo_archive))
    path = Releases(demo_archive).database(1)
    path.chmod(0o600)

    def outcome(text: str) -> None:
        with closing(sqlite3.connect(path)) as release, release:
            release.execute("UPDATE versions SET outcome = ? WHERE document = 'dhs-ice-pia-039a'", (text,))
            if text == "no-text-layer":
                release.execute("CREATE TABLE kept AS SELECT id, text FROM pages")
                release.execute("UPDATE pages SET text = '', parts = '[]' WHERE document = 'dhs-ice-pia-039a'")
            else:
                release.execute("UPDATE pages SET text = (SELECT text FROM kept WHERE kept.id = pages.id)")

    with closing(sqlite3.connect(path)) as release:
        told = Journaled.of(Journal(demo_archive).read())
        outcome("no-text-layer")
        (change,) = release.execute("SELECT id FROM changes WHERE version LIKE 'dhs-ice-pia-039a@%'").fetchone()
        found, _ = news.hits_among(release, read_watches(demo_archive).held, news.news_of(release, told))
        assert change not in found["plates"]
        ended, still, waiting = news.noted_of(release)
        assert change in waiting
        told.runs, told.changes, told.waiting = ended, still, waiting
        assert news.news_of(release, told) == []
        outcome("text")
        assert news.news_of(release, told) == [change]
        found, _ = news.hits_among(release, read_watches(demo_archive).held, [change])
        assert found["plates"] == [change]


def test_what_came_while_a_file_could_not_be_understood_is_told_afterwards(demo_archive: Path) -> None:
    path = put_watch(demo_archive)
    put_watch(demo_archive, name="whole")
    as_told_before(demo_archive, first_night(demo_archive), ["plates", "whole"])
    path.write_text("title = ")
    (event,) = make_messages(demo_archive, AT).messages
    assert event["watch"] == "whole"
    assert events(demo_archive, NOTED)[-1]["missed"] == ["plates"]
    put_watch(demo_archive)
    with closing(Journal(demo_archive)) as journal, closing(Releases(demo_archive).open(1)) as release:
        # As the next release has it, in which nothing is new.
        making = news._Making(journal, Journaled.of(journal.read()), release, 2, AT)
        making.tell_news(read_watches(demo_archive).held)
        making.tell_states(read_watches(demo_archive).held, (), {})
        making.note()
        assert [(one["watch"], one["changes"]) for one in making.made] == [("plates", event["changes"])]
        again = news._Making(journal, Journaled.of(journal.read()), release, 3, AT)
        again.tell_news(read_watches(demo_archive).held)
        again.tell_states(read_watches(demo_archive).held, (), {})
        assert again.made == [], "once"
