"""`oversight verify` and `accept`: statuses, sentences, shapes; CO-10: empty and wrong archives; CO-11: rotation."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import oversight
from archive.folder import make_folder
from archive.proof.audit import Scope, ages
from archive.store.journal import Journal
from archive.store.lock import writer_lock
from pipelines.verify import dated_items
from tests.demo_archive import command, run
from tests.figures import figure
from tests.small_archive import FILE, make_small_archive

DOCUMENT = "https://www.dhs.gov/report.pdf"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small_archive(tmp_path_factory.mktemp("small") / "archive")


@pytest.fixture
def folder(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "archive"))


def said(folder: Path, *arguments: str) -> Result:
    """Run a command in this process, for these make many of them."""
    return CliRunner().invoke(oversight.main, ["--archive", str(folder), *arguments])


def told(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = said(folder, "verify", "--json", *arguments)
    return done.exit_code, json.loads(done.stdout)


def verified(folder: Path) -> list[dict[str, Any]]:
    return [event for event in Journal(folder).read() if event["event"] == "verified"]


def test_a_whole_archive_is_well_and_that_is_noted(folder: Path) -> None:
    done = said(folder, "verify")
    assert done.exit_code == 0, done.output
    assert "all of it is well" in done.output
    assert "MB/s" in done.output
    (event,) = verified(folder)
    assert (event["scope"], event["findings"]) == ("all", {})
    assert set(event["files"]) == {"captures", "catalogue", "curation", "journal", "readings", "releases"}
    assert event["bytes"] > 300_000
    assert said(folder, "verify").exit_code == 0


def test_damage_is_one_status_and_named_with_its_document(folder: Path) -> None:
    path = next(path for path in (folder / "warc").iterdir() if path.name.startswith("deposit"))
    content = path.read_bytes()
    path.write_bytes(content[:-30] + bytes([content[-30] ^ 1]) + content[-29:])
    status, report = told(folder)
    assert status == 1
    (one,) = [one for one in report["findings"] if one["outcome"] == "record-altered" and one["capture"]]
    assert (one["url"], len(one["documents"])) == (DOCUMENT, 1)
    assert {"scope", "files", "bytes", "seconds", "outcomes", "noted"} <= report.keys()
    assert verified(folder)[-1]["findings"]["record-altered"] >= 1
    shown = said(folder, "verify").output
    assert one["documents"][0] in shown
    assert "a rebuild now would drop" in shown, "rows that follow from the damage are not to be made again from it"
    assert "row-altered" not in shown


@pytest.mark.parametrize("wrong", ["absent", "empty", "a new archive", "a file"])
def test_nothing_checked_is_no_success(tmp_path: Path, wrong: str) -> None:
    folder = tmp_path / "folder"
    if wrong == "a file":
        folder.write_text("no archive")
    elif wrong == "empty":
        folder.mkdir()
    elif wrong == "a new archive":
        make_folder(folder)
    before = sorted(tmp_path.rglob("*"))
    done = said(folder, "verify")
    assert done.exit_code == 2
    assert "Error: " in done.output
    assert "Traceback" not in done.output
    assert sorted(tmp_path.rglob("*")) == before


def test_an_archive_of_a_newer_version_is_refused(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as catalogue, catalogue:
        catalogue.execute("UPDATE _sqlite_migrations SET name = 'm999_later' WHERE name = 'm004_renames'")
    done = said(folder, "verify")
    assert done.exit_code == 2
    assert "newer version" in done.output


@pytest.mark.parametrize("part", ["0/7", "8/7", "x", "1", "1/0", "-1/3", "1/3/5"])
def test_what_is_no_part_is_a_usage_error(folder: Path, part: str) -> None:
    done = said(folder, "verify", "--part", part)
    assert done.exit_code == 2
    assert "1/7" in done.output


def test_a_document_and_a_part_are_not_asked_for_together(folder: Path) -> None:
    assert said(folder, "verify", DOCUMENT, "--part", "1/2").exit_code == 2


@pytest.mark.parametrize("parts", [2, 5])
def test_all_is_covered_in_as_many_runs_as_there_are_parts(folder: Path, parts: int) -> None:
    """Damage in each kind of file is found by one of the runs, and by one only but for the journal."""
    harmed = [
        next(path for path in (folder / kind).rglob("*") if path.is_file() and path.suffix != ".db")
        for kind in ("warc", "curation", "cache")
    ]
    for path in harmed:
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with closing(sqlite3.connect(folder / "archive.db")) as catalogue, catalogue:
        catalogue.execute("UPDATE documents SET title = 'Another'")
    found: dict[str, int] = {}
    files: dict[str, int] = {}
    for part in range(1, parts + 1):
        status, report = told(folder, "--part", f"{part}/{parts}")
        assert status == (1 if any(one["severity"] == "failure" for one in report["findings"]) else 0)
        for outcome in report["outcomes"]:
            found[outcome] = found.get(outcome, 0) + 1
        for kind, count in report["files"].items():
            files[kind] = files.get(kind, 0) + (count if kind != "journal" else 0)
    whole = told(folder)[1]
    assert {name: found[name] for name in whole["outcomes"]} == {**dict.fromkeys(whole["outcomes"], 1)} | {
        name: count for name, count in found.items() if name in ("row-altered", "unsealed") and count
    }
    assert {kind: count for kind, count in whole["files"].items() if kind != "journal"} == {
        kind: count for kind, count in files.items() if kind != "journal"
    }
    assert [event["scope"] for event in verified(folder)][:parts] == [f"{n}/{parts}" for n in range(1, parts + 1)]
    figure("CO-11", parts=parts, outcomes=len(found), files=sum(files.values()))


def test_every_file_falls_into_one_part() -> None:
    items = [("captures", f"{number}.warc.gz") for number in range(500)]
    for parts in (1, 2, 7, 30):
        scopes = [Scope(part, parts) for part in range(1, parts + 1)]
        assert all(sum(scope.covers(item) for scope in scopes) == 1 for item in items)
        assert all(any(scope.covers(item) for item in items) for scope in scopes)


def test_status_says_when_each_part_was_last_checked(folder: Path) -> None:
    before = json.loads(said(folder, "status", "--json").stdout)["verified"]
    assert {part: told["never"] == told["files"] for part, told in before.items()} == dict.fromkeys(before, True)
    assert said(folder, "verify").exit_code == 0
    after = json.loads(said(folder, "status", "--json").stdout)["verified"]
    assert set(after) == {"captures", "catalogue", "curation", "journal", "readings", "releases"}
    assert all(told["never"] == 0 and told["oldest"] for told in after.values())
    assert "verified captures: each since 2" in said(folder, "status").output


def test_the_oldest_look_counts_and_a_file_sealed_since_was_never_looked_at(folder: Path) -> None:
    journal = Journal(folder)
    lines = len(journal.read())
    journal.append("verified", at="2026-01-01T00:00:00Z", scope="1/2", lines=lines)
    journal.append("verified", at="2026-01-02T00:00:00Z", scope="2/2", lines=lines)
    journal.append("verified", at="2026-01-03T00:00:00Z", scope="2/2", lines=lines)
    events = tuple(journal.read())
    assert {age.oldest for age in ages(dated_items(folder, events), events).values()} <= {
        "2026-01-01T00:00:00Z",
        "2026-01-03T00:00:00Z",
    }
    journal.append("segment-sealed", file="i-00000.warc.gz", bytes=1, sha256="", manifest="")
    events = tuple(journal.read())
    assert ages(dated_items(folder, events), events)["captures"].never == 1


def test_one_document(folder: Path) -> None:
    status, report = told(folder, DOCUMENT)
    assert (status, report["findings"]) == (0, [])
    assert report["files"]["captures"] == 1
    assert report["files"]["releases"] == 1
    assert verified(folder)[-1]["scope"].startswith("document ")
    other = folder / "warc" / "i-00000.warc.gz"
    content = other.read_bytes()
    other.write_bytes(content[:-30] + bytes([content[-30] ^ 1]) + content[-29:])
    assert told(folder, DOCUMENT)[0] == 0
    assert told(folder)[0] == 1
    with closing(sqlite3.connect(folder / "archive.db")) as catalogue, catalogue:
        catalogue.execute("UPDATE pages SET label = 'x'")
    status, report = told(folder, DOCUMENT)
    assert status == 1
    assert {one["outcome"] for one in report["findings"]} == {"row-altered"}
    assert said(folder, "verify", "nothing-of-this-name").exit_code == 1


def test_an_archive_that_nobody_may_write_to_is_verified_and_nothing_noted(folder: Path) -> None:
    mounts = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && ! touch "$0/x" 2>/dev/null'
    if shutil.which("unshare") is None or run(["unshare", "-rm", "sh", "-c", mounts, str(folder)]).returncode:
        pytest.skip("a folder can't be mounted read-only here (unshare -rm, Debian package util-linux)")
    before = Journal(folder).path.read_bytes()
    done = run(["unshare", "-rm", "sh", "-c", f'{mounts} && exec "$@"', str(folder),
                *command("verify", "--archive", folder)])  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "all of it is well" in done.stdout
    assert "nothing was noted" in done.stderr
    assert Journal(folder).path.read_bytes() == before


def test_while_somebody_writes_it_says_so_and_notes_nothing(folder: Path) -> None:
    with writer_lock(folder, "crawl dhs_pia"):
        status, report = told(folder)
    assert status == 0
    assert {one["outcome"] for one in report["findings"]} == {"not-checked"}
    assert "crawl dhs_pia" in report["noted"]
    assert "crawl dhs_pia" in report["writer"]
    assert verified(folder) == []


def test_what_a_writer_adds_meanwhile_is_new_and_not_strange(folder: Path) -> None:
    with writer_lock(folder, "crawl dhs_pia"):
        with (folder / "warc" / "i-00000.warc.gz").open("ab") as file:
            file.write(b"\x1f\x8b\x08 a record that is being written")
        assert told(folder)[0] == 0
    assert told(folder)[0] == 1


def test_a_broken_journal_is_one_finding_and_nothing_is_noted(folder: Path) -> None:
    path = folder / "journal" / "journal.jsonl"
    content = path.read_bytes()
    path.write_bytes(content[:40] + bytes([content[40] ^ 1]) + content[41:])
    status, report = told(folder)
    assert status == 1
    assert "journal-altered" in report["outcomes"]
    assert "line 1" in report["noted"]
    assert path.read_bytes() != content
    done = said(folder, "accept", "--reason", "x")
    assert done.exit_code == 5
    assert "line 1" in done.output


def test_a_change_by_hand_is_accepted_on_the_record(folder: Path) -> None:
    path = folder / "curation" / FILE
    path.write_text("# changed\n")
    (folder / "curation" / "more.toml").write_text("# new\n")
    assert told(folder)[0] == 1
    assert said(folder, "accept", f"curation/{FILE}").exit_code == 2
    assert said(folder, "accept", "curation/other.toml", "--reason", "x").exit_code == 2
    assert said(folder, "accept", f"curation/{FILE}", "--reason", "a new spelling").exit_code == 0
    assert {one["outcome"] for one in told(folder)[1]["findings"]} == {"curation-unaccepted"}
    assert said(folder, "accept", "--reason", "both").exit_code == 0
    assert told(folder)[0] == 0
    path.unlink()
    assert {one["outcome"] for one in told(folder)[1]["findings"]} == {"curation-missing"}
    assert said(folder, "accept", FILE, "--reason", "not needed").exit_code == 0
    assert told(folder)[0] == 0
    reasons = [event["reason"] for event in Journal(folder).read() if event["event"] == "curation-accepted"]
    assert reasons == ["ours", "a new spelling", "both", "not needed"]


def test_no_room_for_temporary_files_is_one_sentence_and_no_damage(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    mount = 'mount -t tmpfs -o size=200k none "$0"'
    if shutil.which("unshare") is None or run(["unshare", "-rm", "sh", "-c", mount, str(place)]).returncode:
        pytest.skip("a small disk can't be made here (unshare -rm, Debian package util-linux)")
    line = ["unshare", "-rm", "sh", "-c", f'{mount} && exec "$@"', str(place), *command("verify", "--archive", folder)]
    done = run(line, TMPDIR=str(place))
    assert (done.returncode, done.stderr.count("\n")) == (4, 1), done.stderr
    assert "TMPDIR" in done.stderr
    figure("DF-04", place="temporary files", status=done.returncode)
    assert "Traceback" not in done.stderr
