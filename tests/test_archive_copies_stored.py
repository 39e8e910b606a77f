"""Backups in an object store: sent once, journal and listing last, read back, mended from; CR-14 with such a store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import fsspec  # type: ignore[import-untyped, unused-ignore]
import pytest
from click.testing import CliRunner, Result

from archive.copies.journals import AnotherArchive
from archive.copies.listing import FOLDER, Listing, newest
from archive.copies.object_store import ObjectStore, StoreUnreachable, holds_password, shown_url
from archive.copies.repair import repair
from archive.copies.stored import back_up_to, check_store, fetched
from archive.store.journal import Journal
from oversight import main
from tests.demo_archive import differences, dump, files_of
from tests.figures import figure
from tests.small_archive import make_small_archive

KEPT = ("warc", "manifest", "journal", "curation", "releases")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small_archive(tmp_path_factory.mktemp("small") / "archive")


@pytest.fixture
def archive(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "archive"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ObjectStore]:
    yield ObjectStore(f"memory://{tmp_path.name}/store")
    fsspec.filesystem("memory").store.clear()


def restored(store: ObjectStore, folder: Path) -> dict[str, str]:
    """Restore into a folder as `oversight restore` does, but for the catalogue; name what was found."""
    folder.mkdir(exist_ok=True)
    with fetched(store, folder) as copy:
        found = [*copy.findings, *(repair(folder, copy.folder) if copy.folder != folder else [])]
    return {one.subject: one.outcome for one in found}


def test_all_that_cannot_be_made_again_goes_there_and_comes_back(
    small: Path, store: ObjectStore, tmp_path: Path
) -> None:
    first = back_up_to(small, store)
    again = back_up_to(small, store)
    assert (first.findings, first.held, again.copied, again.held) == ((), 0, 0, first.copied)
    assert check_store(small, store) == []
    assert set(restored(store, tmp_path / "new").values()) == {"restored"}
    assert files_of(tmp_path / "new", *KEPT) == files_of(small, *KEPT)
    for path in (small / "releases").iterdir():
        assert (tmp_path / "new" / "releases" / path.name).stat().st_mode == path.stat().st_mode
    figure("backup to a store", files=first.copied, sent_again=again.copied, read_back=first.copied, altered=0)


def test_only_what_is_new_is_sent_and_what_is_named_no_more_goes(archive: Path, store: ObjectStore) -> None:
    back_up_to(archive, store)
    before = store.sizes("objects")
    Journal(archive).append("curation-accepted", files={}, reason="a line more")
    (archive / "curation" / "note.txt").write_text("kept by hand")
    done = back_up_to(archive, store)
    assert done.copied == 2, "the journal, and the note; the journal's head is as it was"
    after = store.sizes("objects")
    assert len(before.keys() - after.keys()) == 1, "the journal as it was before"
    assert len(store.sizes(FOLDER)) == 1


def test_a_damaged_file_never_takes_the_place_of_a_good_copy(archive: Path, store: ObjectStore) -> None:
    back_up_to(archive, store)
    warc = max((archive / "warc").glob("*.gz"))
    good = warc.read_bytes()
    warc.write_bytes(good[:-40] + bytes(39))
    (archive / "curation" / "note.txt").write_text("so that there is a new listing")
    done = back_up_to(archive, store)
    assert [(one.subject, one.outcome) for one in done.findings] == [(warc.name, "record-altered")]
    assert restored(store, archive)[warc.name] == "restored"
    assert warc.read_bytes() == good


@pytest.mark.parametrize("harm", ["gone", "altered", "cut"])
def test_what_the_store_lost_is_named_and_sent_again(
    archive: Path, store: ObjectStore, tmp_path: Path, harm: str
) -> None:
    back_up_to(archive, store)
    place, kept = next((place, kept) for place, kept in newest(store).files.items() if place.startswith("warc/"))
    content = store.read(kept.object)
    if harm == "gone":
        store.remove([kept.object])
    else:
        store.write(kept.object, bytes(len(content)) if harm == "altered" else content[:-1])
    assert restored(store, tmp_path / "new")[place] == "not-restored"
    assert not (tmp_path / "new" / place).exists()
    (tmp_path / "without").mkdir()
    assert [(one.subject, one.outcome) for one in check_store(tmp_path / "without", store)] == [
        (place, "record-altered")
    ]
    # Of one that is of another size the next backup knows; to find one that only looks whole it must be read back.
    assert back_up_to(archive, store).copied == (0 if harm == "altered" else 1)
    again = [(one.subject, one.outcome) for one in check_store(archive, store)]
    assert again == ([(place, "restored")] if harm == "altered" else [])
    assert check_store(archive, store) == []


def test_a_backup_that_is_cut_off_leaves_the_one_before(archive: Path, store: ObjectStore, tmp_path: Path) -> None:
    """It is stopped at every step of sending; a torn listing is passed over."""
    back_up_to(archive, store)
    whole = newest(store)
    for number in range(6):
        (archive / "curation" / f"note-{number}.txt").write_text(f"new {number}")
    stopped = 0
    for after in range(7):
        steps = 0

        def stop(what: str, done: int, of: int, after: int = after) -> None:
            nonlocal steps
            steps += 1
            if steps > after:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            back_up_to(archive, store, stop)
        stopped += 1
        assert newest(store) == whole
    torn = Listing(whole.number + 1, whole.journal, {}).write(store)
    store.write(torn, store.read(torn)[:-9])
    assert newest(store) == whole
    assert back_up_to(archive, store).findings == ()
    restored(store, tmp_path / "new")
    assert files_of(tmp_path / "new", *KEPT) == files_of(archive, *KEPT)
    figure("CR-14 store", stopped=stopped, listings_torn=1, backups_lost=0)


def test_another_archive_is_refused(archive: Path, store: ObjectStore, tmp_path: Path) -> None:
    back_up_to(archive, store)
    other = tmp_path / "other"
    (other / "journal").mkdir(parents=True)
    Journal(other).append("run-began", run="x")
    with pytest.raises(AnotherArchive, match="another archive's backup"):
        back_up_to(other, store)
    with pytest.raises(AnotherArchive):
        restored(store, other)


def test_a_hostile_listing_names_no_place_outside(archive: Path, store: ObjectStore, tmp_path: Path) -> None:
    back_up_to(archive, store)
    good = newest(store)
    some = next(iter(good.files.values()))
    hostile = ("../x", "/etc/x", "warc/../../x", "archive.db", "cache/x", "warc", "", "warc/a\\b")
    refused = 0
    for number, place in enumerate(hostile):
        Listing(good.number + 1 + number, good.journal, {place: some}).write(store)
        with pytest.raises(StoreUnreachable, match="no file of an archive"):
            restored(store, tmp_path / "new")
        refused += 1
    assert not (tmp_path / "x").exists()
    figure("PT-05 listings", tried=len(hostile), refused=refused)


def invoked(*line: str, **told: str | None) -> Result:
    return CliRunner().invoke(main, [*line], env={"OVERSIGHT_BACKUP": None, **told})


def test_the_commands_and_a_folder_as_a_store(archive: Path, tmp_path: Path) -> None:
    url = f"file://{tmp_path}/store"
    done = invoked("--archive", str(archive), "backup", "--check", "--json", OVERSIGHT_BACKUP=url)
    assert (done.exit_code, json.loads(done.stdout)["findings"]) == (0, []), done.stderr
    before = dump(archive)
    shutil.rmtree(archive)
    back = invoked("--archive", str(archive), "restore", url)
    assert back.exit_code == 0, back.stderr
    assert differences(before, dump(archive)) == {}


@pytest.mark.parametrize(
    ("line", "told", "says"),
    [
        (("backup", "ftp://me:secret-word@127.0.0.1:9/x"), {}, "Everybody on this machine can read that password"),
        (("backup",), {"OVERSIGHT_BACKUP": "ftp://me:secret-word@127.0.0.1:9/x"}, "ftp://127.0.0.1:9/x can't be used"),
        (("backup", "no-such-protocol://x"), {}, "can't be used (ValueError"),
        (("backup",), {}, "Name the place"),
        (("restore", "no-such-folder"), {}, "is no folder, or isn't there"),
        (("restore", "memory://nothing"), {}, "memory://nothing holds no backup"),
    ],
)
def test_what_stands_in_the_way_is_one_sentence(
    small: Path, line: tuple[str, ...], told: dict[str, str], says: str
) -> None:
    done = invoked("--archive", str(small), *line, **told)
    assert done.exit_code in (1, 2)
    assert says in done.stderr
    assert "secret-word" not in done.stderr
    assert "Traceback" not in done.stderr


def test_urls_as_they_may_be_shown() -> None:
    assert shown_url("ftp://me:pw@host/x") == "ftp://host/x"
    assert holds_password("sftp://me:pw@host/x")
    assert not holds_password("sftp://me@host/x")
    assert not holds_password("s3://bucket/a:b@c")
