"""Archives of earlier versions go on and keep their addresses (UM-01); migrations that are stopped (UM-02)."""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import re
import shutil
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.catalog.opening import open_catalogue
from archive.catalog.versions import WRITTEN, CatalogueNewer
from archive.release.policies import EXCERPT, Policies
from archive.site.server import open_archive
from archive.store.journal import FORM, Journal, JournalNewer
from console.ending import Exit
from pipelines.following import read_following
from tests.archives.laid_out import EARLIER, HERE, addresses, laid_out
from tests.asking_the_site import get
from tests.demo_archive import SAMPLE, differences, dump, oversight, rows
from tests.figures import figure
from tests.forked import Forked
from tests.tracing import Fault

NEXT = ("crawl", "sam_notices", "--replay", SAMPLE, "--night", "2018-02-08")
ANSWERS = (200, 301, 302, 410)
# A version of an article is named by its text, which `article-2` reads otherwise than what those states had.
READ_ANEW = {"m001": 2, "m002": 2}
RENAMED = "SELECT alias, version FROM aliases WHERE version <> '' ORDER BY alias"


def answered(folder: Path, old: list[str]) -> dict[str, int]:
    """Return what the newest release answers at each of these addresses."""
    site = open_archive(folder)
    return {address: get(site, address).status_code for address in old}


def upgraded(name: str, forked: Forked, folder: Path, commands: tuple[tuple[Any, ...], ...]) -> tuple[int, list[str]]:
    """Have today's commands work on an archive; return how many addresses it had, and at which nothing answers."""
    old = addresses(laid_out(name, folder))
    documents = set(rows(folder, "SELECT id FROM documents"))
    for command in commands:
        done = forked.run(folder, *command)
        assert done.status == 0, (command, done.said)
        assert "Traceback" not in done.said
    assert documents <= set(rows(folder, "SELECT id FROM documents")), "no document is another"
    assert [row[0] for row in rows(folder, "SELECT name FROM _sqlite_migrations")] == list(WRITTEN)
    statuses = answered(folder, old)
    return len(old), [address for address, status in statuses.items() if status not in ANSWERS]


# Each time the newest two, and one whose articles were read otherwise; all of them with `make soak`.
OFTEN = {"m001", *EARLIER[-2:]}
NAMES = [one if one in OFTEN else pytest.param(one, marks=pytest.mark.soak) for one in EARLIER]


@pytest.mark.parametrize("name", NAMES)
def test_um_01_every_earlier_archive_goes_on(name: str, forked: Forked, tmp_path: Path) -> None:
    count, broken = upgraded(name, forked, tmp_path / name, (NEXT, ("release", "build")))
    renamed = rows(tmp_path / name, RENAMED)
    figure("UM-01", archive=name, addresses=count, renamed=len(renamed), broken=len(broken))
    assert broken == []
    assert len(renamed) == READ_ANEW.get(name, 0)


@pytest.mark.soak
@pytest.mark.parametrize("name", EARLIER)
def test_um_01_rebuilt_and_verified(name: str, forked: Forked, tmp_path: Path) -> None:
    commands = (NEXT, ("rebuild",), ("verify",), ("release", "build"), ("verify",))
    count, broken = upgraded(name, forked, tmp_path / name, commands)
    figure("UM-01", archive=name, addresses=count, broken=len(broken), rebuilt=True, verified=True)
    assert broken == []


def test_um_01_names_from_before_a_newer_reader_lead_on(forked: Forked, tmp_path: Path) -> None:
    """An archive is rebuilt at once: what the old catalogue called its versions is written down, and stays so."""
    archive = laid_out("m001", tmp_path / "m001")
    assert forked.run(archive, "rebuild").status == 0
    (told,) = [event for event in Journal(archive).read() if event["event"] == "version-renamed"]
    names = dict(rows(archive, RENAMED))
    assert {one["version"] for one in told["renamed"]} == set(names)  # type: ignore[attr-defined]
    assert len(names) == READ_ANEW["m001"]
    made, journal = dump(archive), Journal(archive).path.read_bytes()
    assert forked.run(archive, "rebuild").status == 0
    assert differences(made, dump(archive)) == {}
    assert Journal(archive).path.read_bytes() == journal
    old, now = next(iter(names.items()))
    assert forked.run(archive, "release", "build").status == 0
    site = open_archive(archive)
    for asked, leads in (("", ""), (".json", ".json"), ("/p1", "/p1"), ("/p1.txt", "/p1.txt"), ("/p99", ""),
                         ("/p99.json", ".json"), ("/p1?q=plate", "/p1?q=plate")):  # fmt: skip
        answer = get(site, f"/d/{old}{asked}")
        assert (answer.status_code, answer.headers["location"]) == (301, f"/d/{now}{leads}"), asked
    assert get(site, f"/d/{old[:-4]}").headers["location"] == f"/d/{now}", "it may be cut short"
    assert get(site, f"/d/{old.partition('@')[0]}@0123456789").status_code == 404
    assert get(site, f"/archive/versions/{old}").headers["location"] == f"/archive/versions/{now}".replace("@", "~40")
    key = int.from_bytes(hashlib.sha256(f"{old}/p1".encode()).digest()[:7], "big") >> 3
    assert get(site, f"/archive/pages/{key}").status_code == 301
    assert forked.run(archive, "withdraw", old, "--reason", "a test").status == 0
    site = open_archive(archive)
    gone = (f"/d/{old}", f"/d/{old}/p1", f"/d/{now}", f"/archive/versions/{old}", f"/archive/pages/{key}")
    assert [get(site, one).status_code for one in gone] == [410] * len(gone)
    said = forked.run(archive, "release", "build")
    assert said.status == 0, said.said
    assert [get(open_archive(archive), one).status_code for one in gone] == [410] * len(gone)
    with closing(sqlite3.connect(next((archive / "releases").glob("2.db")))) as made_since:
        assert [row for row in made_since.execute(RENAMED) if now in row or old in row] == []


@pytest.mark.soak
def test_um_01_an_older_release_without_such_names_is_served_and_made_again(forked: Forked, tmp_path: Path) -> None:
    archive = laid_out("release", tmp_path / "release")
    site, absent = (
        open_archive(archive),
        ("/d/dhs-ice-pia-039a@0123456789", "/archive/pages/7", "/archive/versions/x@0123"),
    )
    assert [get(site, one).status_code for one in absent] == [404] * 3
    done = forked.run(archive, "withdraw", "dhs-ice-pia-039a", "--reason", "a test")
    assert done.status == 0, done.said
    assert get(open_archive(archive), "/d/dhs-ice-pia-039a").status_code == 410


def test_what_reads_brings_an_earlier_archive_up_to_date(forked: Forked, tmp_path: Path) -> None:
    archive = laid_out("m001", tmp_path / "m001")
    for command in (("status",), ("search", "license", "plate")):
        done = forked.run(archive, *command)
        assert (done.status, "Traceback" in done.said) == (0, False), done.said


def _stopped(forked: Forked, folder: Path, share: int) -> None:
    """Kill a migration, and leave it without room, at one in so many of its calls; the next command goes on with it."""
    if why_not := forked.why_not_traced():
        pytest.skip(why_not)
    undisturbed = laid_out("m001", folder / "undisturbed")
    calls = sum(forked.run(undisturbed, "status", counted=True).calls.values())
    migrated = dump(undisturbed)
    assert forked.run(undisturbed, "status").status == 0
    assert differences(migrated, dump(undisturbed)) == {}, "migrated twice is migrated once"
    struck: Counter[str] = Counter()
    wrong: list[str] = []
    ways: tuple[str | int, ...] = ("kill", errno.ENOSPC)
    for does, at in itertools.product(ways, range(1, calls + 1, share)):
        archive = laid_out("m001", folder / f"{does}-{at}")
        ended = forked.run(archive, "status", fault=Fault(does, at))
        struck[str(does)] += ended.injected
        assert "Traceback" not in ended.said, ended.said
        assert ended.status in (Exit.OK, Exit.DISK_FULL, Exit.STORE_FAILED, -signal.SIGKILL), ended.said
        again = forked.run(archive, "status")
        wrong += [f"{does} at {at}: {again.said}"] if again.status else []
        wrong += [f"{does} at {at}: {name}" for name in differences(migrated, dump(archive))]
        shutil.rmtree(archive)
    figure("UM-02", calls=calls, killed=struck["kill"], no_room=struck[str(errno.ENOSPC)], wrong=len(wrong))
    assert wrong == []
    assert struck["kill"] >= calls // share - 2


def test_um_02_stopped_while_it_migrates(forked: Forked, tmp_path: Path) -> None:
    _stopped(forked, tmp_path, 17)


@pytest.mark.soak
def test_um_02_stopped_at_every_call(forked: Forked, tmp_path: Path) -> None:
    _stopped(forked, tmp_path, 1)


def test_um_02_a_newer_catalogue_is_refused_in_a_sentence(forked: Forked, tmp_path: Path) -> None:
    archive = laid_out("chain", tmp_path / "newer")
    open_catalogue(archive / "archive.db").close()
    with closing(sqlite3.connect(archive / "archive.db")) as catalogue, catalogue:
        catalogue.execute("INSERT INTO _sqlite_migrations VALUES (999, 'catalogue', 'm999_later', '2030-01-01')")
    before = (archive / "archive.db").read_bytes()
    refused = 0
    for command in (("status",), ("search", "plate"), NEXT, ("release", "build"), ("serve", "--working")):
        done = forked.run(archive, *command)
        assert done.status == Exit.USAGE, done.said
        assert "newer version of this program (it knows m999_later); use that version" in done.said
        assert "Traceback" not in done.said
        refused += 1
    with pytest.raises(CatalogueNewer):
        open_catalogue(archive / "archive.db")
    assert (archive / "archive.db").read_bytes() == before, "and it is as it was"
    figure("UM-02", newer_catalogue_refused=refused)
    assert forked.run(archive, "rebuild").status == 0, "what can be made again can be made older"
    assert forked.run(archive, "status").status == 0


def test_um_02_a_newer_journal_is_refused_in_a_sentence(
    forked: Forked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = laid_out("chain", tmp_path / "newer")
    Journal(archive).append("before")
    with monkeypatch.context() as later:
        later.setattr("archive.store.journal.FORM", FORM + 1)
        for event in ("one", "two"):
            Journal(archive).append(event)
        told = [event["event"] for event in Journal(archive).read()]
        assert told[-4:] == ["before", "journal-form", "one", "two"], "said once, before the first line"
    with pytest.raises(JournalNewer):
        Journal(archive).read()
    before = Journal(archive).path.read_bytes()
    for command in (NEXT, ("rebuild",), ("release", "build"), ("withdraw", "dhs-ice-pia-039a", "--reason", "a test")):
        done = forked.run(archive, *command)
        assert done.status not in (0, 1), (command, done.said)
        assert f"form {FORM + 1}, this version knows {FORM}" in done.said, done.said
        assert "Traceback" not in done.said
    assert Journal(archive).path.read_bytes() == before


def test_um_08_back_to_the_earlier_version_by_its_backup(forked: Forked, tmp_path: Path) -> None:
    """docs/upgrading.md: a backup is made, the upgrade goes wrong, the copy is what the earlier version had."""
    archive = laid_out("release", tmp_path / "archive")
    assert forked.run(archive, "backup", tmp_path / "copy").status == 0
    kept = {path.name: path.read_bytes() for path in (archive / "warc").iterdir()}
    assert forked.run(archive, *NEXT).status == 0
    with closing(sqlite3.connect(archive / "archive.db")) as catalogue, catalogue:
        catalogue.execute("DROP TABLE pages")
    (archive / "journal" / "journal.jsonl").write_bytes(b"")
    back = tmp_path / "back"
    restored = forked.run(back, "restore", tmp_path / "copy")
    assert restored.status == 0, restored.said
    assert {path.name: path.read_bytes() for path in (back / "warc").iterdir()} == kept
    old = addresses(laid_out("release", tmp_path / "as-it-was"))
    if not rows(back, "SELECT count(*) FROM documents")[0][0]:
        assert forked.run(back, "rebuild").status == 0
    statuses = answered(back, old)
    broken = [address for address, status in statuses.items() if status not in ANSWERS]
    figure("UM-08", files=len(kept), addresses=len(old), broken=len(broken))
    assert broken == []
    assert os.access(back / "journal" / "journal.jsonl", os.R_OK)


@pytest.mark.parametrize("name", ["m001", pytest.param("m002", marks=pytest.mark.soak)])
def test_um_03_what_a_newer_reader_reads_otherwise_is_no_change(name: str, forked: Forked, tmp_path: Path) -> None:
    archive = laid_out(name, tmp_path / name)
    held = (
        "SELECT document, count(*) FROM versions JOIN documents AS d ON d.id = document WHERE d.source != 'sam_notices'"
    )
    held += " GROUP BY document"
    of_bytes = "SELECT v.id, digest FROM versions AS v JOIN documents AS d ON d.id = document WHERE d.kind != 'article'"
    readers = "SELECT digest, reader, text_digest FROM readings"
    versions, named, before = rows(archive, held), set(rows(archive, of_bytes)), dict_of(rows(archive, readers))
    assert forked.run(archive, *NEXT).status == 0
    after = dict_of(rows(archive, readers))
    anew = [digest for digest in before if after[digest][0] != before[digest][0]]
    otherwise = [digest for digest in anew if after[digest][1] != before[digest][1]]
    changed = [one for one in versions if one not in rows(archive, held)]
    figure("UM-03", archive=name, read_anew=len(anew), read_otherwise=len(otherwise), called_changed=len(changed))
    assert otherwise, "the control: there are texts that are not what they were"
    assert changed == [], "no document has a version more"
    assert named <= set(rows(archive, of_bytes)), "what isn't named by its text has its name"


def dict_of(found: list[tuple[Any, ...]]) -> dict[str, tuple[str, str]]:
    return {digest: (reader, text) for digest, reader, text in found}


def test_um_07_earlier_forms_of_what_is_followed(tmp_path: Path) -> None:
    archive = laid_out("chain", tmp_path / "chain")
    earlier, older = HERE / "m002-sources.toml", HERE / "m001-outlets.json"
    told = oversight("sources", "news", "--archive", archive, OVERSIGHT_SOURCES=str(earlier))
    assert told.returncode == 0, told.stderr
    following = read_following(earlier)
    assert following.publish == {}, "it says nothing of what is published"
    assert Policies(following.publish).of("news", "news", article=True) == EXCERPT, "and articles aren't, in full"
    refused = oversight("sources", "--archive", archive, OVERSIGHT_SOURCES=str(older))
    assert (refused.returncode, refused.stdout) == (Exit.USAGE, "")
    assert re.search(r"m001-outlets.json can't be read: .* \(at line 1, column 1\)", refused.stderr), refused.stderr
    figure("UM-07", forms=3, read=2, refused_with_the_line=1)
