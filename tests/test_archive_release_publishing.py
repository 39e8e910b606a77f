"""A release is made whole, numbered, and served; where a gate is closed nothing changes."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest

from archive.release.folder import Releases
from archive.release.publishing import GatesClosed, prune_releases, use_release
from archive.release.tables import INDEXES, LEAVES, PUBLISHED
from archive.store.journal import Journal
from tests.figures import figure
from tests.released import ask, build, change, unreleased

__all__ = ["unreleased"]


def _new_title(path: Path, title: str) -> None:
    change(path, f"UPDATE documents SET title = '{title}' WHERE id = 'dhs-ice-pia-039a'")


def test_a_release_is_whole_private_and_never_written_to(unreleased: Path) -> None:
    done = build(unreleased)
    releases = Releases(unreleased)
    assert (done.number, done.new, releases.current(), releases.numbers()) == (1, True, 1, [1])
    assert stat.S_IMODE(releases.folder.stat().st_mode) == 0o755, "the folder above it lets nobody in"
    assert {stat.S_IMODE(releases.database(1).stat().st_mode)} == {0o444}
    assert sorted(path.name for path in releases.folder.iterdir()) == ["1.db", "1.json", "current"]
    content = releases.database(1).read_bytes()
    assert done.manifest["file"] == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    built = Journal(unreleased).read()[-1]
    manifest = releases.manifest_path(1).read_bytes()
    assert (built["event"], built["release"]) == ("release-built", 1)
    assert built["manifest"] == hashlib.sha256(manifest).hexdigest()
    assert json.loads(manifest) == done.manifest


def test_a_release_has_the_published_tables_and_no_evidence(unreleased: Path) -> None:
    build(unreleased)
    held = {row[0] for row in ask(unreleased, 1, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {name for name in held if not name.startswith(tuple(INDEXES))} == {*PUBLISHED, LEAVES}
    assert ask(unreleased, 1, "SELECT key, value FROM about WHERE key IN ('built', 'release') ORDER BY key") == [
        ("built", "2026-11-29T18:00:00Z"),
        ("release", "1"),
    ]
    found = "SELECT count(*) FROM pages_fts WHERE pages_fts MATCH '\"license plate\"'"
    assert ask(unreleased, 1, found)[0][0] > 20


def test_the_same_is_no_new_release_and_anything_new_is(unreleased: Path) -> None:
    first = build(unreleased)
    again = build(unreleased, at="2026-11-30T18:00:00Z")
    assert (again.number, again.new, again.manifest) == (1, False, first.manifest)
    _new_title(unreleased, "Another title")
    second = build(unreleased)
    assert (second.number, second.new) == (2, True)
    sha256 = hashlib.sha256(Releases(unreleased).manifest_path(1).read_bytes()).hexdigest()
    assert second.manifest["previous"] == sha256
    assert ask(unreleased, 1, "SELECT title FROM documents WHERE title = 'Another title'") == []


def test_rollback_and_numbers(unreleased: Path) -> None:
    build(unreleased)
    _new_title(unreleased, "Two")
    build(unreleased)
    use_release(unreleased, 1, "2026-11-30T00:00:00Z", "2 is wrong")
    assert (build(unreleased).new, Releases(unreleased).current()) == (False, 1), "what was chosen stays"
    _new_title(unreleased, "Three")
    assert (build(unreleased, at="1999-01-01T00:00:00Z").number, Releases(unreleased).current()) == (3, 3)
    assert prune_releases(unreleased, 1, "2026-11-30T00:00:00Z") == [1, 2]
    _new_title(unreleased, "Four")
    assert build(unreleased).number == 4
    figure("RS-04", releases=4, rollbacks=1, pruned=2, numbers_given_twice=0, clock_set_back=1)


def test_a_closed_gate_changes_nothing(unreleased: Path) -> None:
    build(unreleased)
    before = {path: path.read_bytes() for path in Releases(unreleased).folder.iterdir()}
    change(unreleased, "DELETE FROM documents WHERE id = 'dhs-ice-pia-039a'")
    for _ in range(2):
        with pytest.raises(GatesClosed) as closed:
            build(unreleased, failing=("news",))
        assert [one.gate for one in closed.value.closed] == ["whole", "addresses"]
    assert {path: path.read_bytes() for path in Releases(unreleased).folder.iterdir()} == before
    refused = [event for event in Journal(unreleased).read() if event["event"] == "release-refused"]
    assert len(refused) == 1, "the same is said once"


def test_a_gate_is_accepted_on_the_record(unreleased: Path) -> None:
    build(unreleased)
    _new_title(unreleased, "New")
    before, after = "award-70cdcr18p00000017", "renamed"
    tables = ("listing_spans", "server_spans", "joins", "changes", "versions", "pages",
              "identifiers", "dates", "addresses", "notices", "awards", "listings", "aliases",
              "comparisons", "changed_passages", "page_places", "quotations")  # fmt: skip
    change(
        unreleased,
        f"UPDATE documents SET id = '{after}' WHERE id = '{before}'",
        *(
            f"UPDATE {table} SET document = '{after}' WHERE document = '{before}'"
            for table in (*tables, '"references"')
        ),
        f"UPDATE claims SET about_document = '{after}' WHERE about_document = '{before}'",
        f"UPDATE \"references\" SET target_document = '{after}' WHERE target_document = '{before}'",
    )
    with pytest.raises(GatesClosed, match="1 addresses that were given out lead nowhere"):
        build(unreleased)
    done = build(unreleased, accepted={"addresses": "it was never one"})
    assert (done.number, done.manifest["accepted"]) == (2, {"addresses": "it was never one"})
    accepted = next(event for event in Journal(unreleased).read() if event["event"] == "gate-accepted")
    assert (accepted["accepted"], accepted["subjects"]) == ("it was never one", ["award-70cdcr18p00000017"])
    _new_title(unreleased, "Newer")
    assert build(unreleased).number == 3, "what was given up isn't asked for again"


def test_no_release_where_the_journal_is_shorter(unreleased: Path) -> None:
    """At every line where it could have been cut, with the note of its end gone too."""
    build(unreleased)
    before = {path: path.read_bytes() for path in Releases(unreleased).folder.iterdir()}
    journal = unreleased / "journal" / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    _new_title(unreleased, "New")
    for kept in (0, 1, len(lines) // 2, len(lines) - 3, len(lines) - 2, len(lines) - 1):
        journal.write_bytes(b"".join(lines[:kept]))
        (unreleased / "journal" / "head").unlink(missing_ok=True)
        with pytest.raises(GatesClosed, match="journal"):
            build(unreleased, accepted={"journal": "never mind"})
        assert {path: path.read_bytes() for path in before} == before
    journal.write_bytes(b"".join(lines))
    (unreleased / "journal" / "head").unlink(missing_ok=True)
    assert build(unreleased).number == 2, "the control"
