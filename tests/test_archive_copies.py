"""A backup holds all that can't be made again; what is damaged here comes back from it, and nothing good gives way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import oversight
from archive.copies.backup import BackedUp, back_up, check_copy
from archive.copies.journals import AnotherArchive
from archive.copies.repair import ASIDE, repair
from archive.store.journal import Journal, JournalDamaged
from tests.demo_archive import differences, dump, files_of
from tests.figures import figure
from tests.small_archive import make_small_archive

KEPT = ("warc", "journal", "manifest", "curation", "releases")


def said(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(oversight.main, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small_archive(tmp_path_factory.mktemp("small") / "archive")


@pytest.fixture
def archive(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "archive"))


@pytest.fixture
def copied(archive: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Give an archive and a backup of it."""
    target = tmp_path / "copy"
    target.mkdir()
    done = back_up(archive, target)
    assert done.findings == ()
    return archive, target


def flip(path: Path, place: int = -1) -> bytes:
    """Change one bit in the middle of a file (or at `place`); return what it held."""
    held = path.read_bytes()
    place = len(held) // 2 if place < 0 else place
    path.chmod(0o600)
    path.write_bytes(held[:place] + bytes([held[place] ^ 1]) + held[place + 1 :])
    return held


def a_segment(archive: Path) -> Path:
    return max((archive / "warc").glob("*.warc.gz"), key=lambda path: path.stat().st_size)


def repaired(archive: Path, copy: Path) -> dict[str, str]:
    return {one.subject: one.outcome for one in repair(archive, copy)}


def test_a_copy_holds_all_that_cannot_be_made_again(copied: tuple[Path, Path]) -> None:
    archive, copy = copied
    assert files_of(copy, *KEPT) == files_of(archive, *KEPT)
    assert check_copy(copy) == []
    assert repair(archive, copy) == [], "what is whole is left alone"


def test_a_second_backup_copies_what_is_new(copied: tuple[Path, Path]) -> None:
    archive, copy = copied
    again = back_up(archive, copy)
    assert (again.copied, again.findings) == (0, ())
    report = archive.parent / "report.pdf"
    report.write_bytes(b"%PDF-1.4\nnothing much\n")
    said("deposit", report, "--archive", archive)
    after = back_up(archive, copy)
    assert 0 < after.copied < 6
    assert files_of(copy, *KEPT) == files_of(archive, *KEPT)


def test_stopped_at_any_file_it_is_whole_after_the_next(archive: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    files = len(files_of(archive, *KEPT))
    stops = range(1, files - 2, max(1, files // 8))
    for stop in stops:

        def stopped(_what: str, done: int, _of: int, stop: int = stop) -> None:
            if done == stop:
                raise KeyboardInterrupt

        try:
            back_up(archive, copy, stopped)
        except KeyboardInterrupt:
            assert not Journal(copy).path.exists(), "the journal comes last"
    assert back_up(archive, copy).findings == ()
    assert files_of(copy, *KEPT) == files_of(archive, *KEPT)


def test_damage_does_not_reach_the_copy_and_is_mended_from_it(copied: tuple[Path, Path]) -> None:
    """CO-12: bytes of every kind of file."""
    archive, copy = copied
    before = files_of(copy, *KEPT)
    segment, database = a_segment(archive), next((archive / "releases").glob("*.db"))
    damaged = [segment, database, archive / "journal" / "journal.jsonl"]
    held = {path: flip(path) for path in damaged[:2]}
    done: BackedUp = back_up(archive, copy)
    assert {one.outcome for one in done.findings} == {"record-altered"}
    assert {one.subject for one in done.findings} == {database.name}, "of a sealed file both journals' word is taken"
    assert files_of(copy, *KEPT) == before, "a good copy gives way to nothing"
    held[damaged[2]] = flip(damaged[2])
    with pytest.raises(JournalDamaged):
        back_up(archive, copy)
    assert files_of(copy, *KEPT) == before
    found = repaired(archive, copy)
    assert set(found.values()) == {"restored"}
    assert {path: path.read_bytes() for path in damaged} == held
    assert len(list((archive / ASIDE).iterdir())) >= 3, "damaged bytes are set aside"
    figure("CO-12", damaged=len(damaged), repaired=len(found), wrongly_overwritten=0)


def test_a_damaged_copy_mends_nothing(copied: tuple[Path, Path]) -> None:
    archive, copy = copied
    segment = a_segment(archive)
    flip(segment)
    flip(copy / "warc" / segment.name, 100)
    ours = segment.read_bytes()
    assert repaired(archive, copy) == {segment.name: "not-restored"}
    assert segment.read_bytes() == ours


def test_an_older_copy_mends_the_beginning_of_a_file_that_grew(copied: tuple[Path, Path]) -> None:
    archive, copy = copied
    segment = a_segment(archive)
    grown = segment.read_bytes()
    segment.write_bytes(grown + b"added since, without a seal")
    flip(segment, 1000)
    assert repaired(archive, copy) == {segment.name: "restored"}
    assert segment.read_bytes() == grown + b"added since, without a seal"


def test_a_journal_is_mended_with_what_came_after_the_backup(copied: tuple[Path, Path]) -> None:
    archive, copy = copied
    journal = Journal(archive)
    journal.append("withdrawn", withdrawal=1)
    journal.close()
    whole = journal.path.read_bytes()
    flip(journal.path, 500)
    assert repaired(archive, copy)["journal"] == "restored"
    assert journal.path.read_bytes() == whole
    last = whole.splitlines(keepends=True)[-1]
    flip(journal.path, len(whole) - len(last) + 20)
    with pytest.raises(JournalDamaged):  # the damaged line may be a withdrawal: it is not left out in silence
        repair(archive, copy)


def test_a_journal_whose_end_is_gone_comes_back(copied: tuple[Path, Path]) -> None:
    archive, copy = copied
    journal = Journal(archive)
    whole = journal.path.read_bytes()
    journal.path.write_bytes(b"".join(whole.splitlines(keepends=True)[:-2]))
    journal.head_path.unlink()
    assert repaired(archive, copy)["journal"] == "restored"
    assert journal.path.read_bytes() == whole


def test_another_archives_copy_is_refused(copied: tuple[Path, Path]) -> None:
    archive, copy = copied
    Journal(archive).append("here")
    Journal(copy).append("there")
    with pytest.raises(AnotherArchive):
        back_up(archive, copy)
    with pytest.raises(AnotherArchive):
        repair(archive, copy)


def test_a_withdrawal_that_waits_does_not_stop_a_restore(copied: tuple[Path, Path]) -> None:
    archive, copy = copied
    said("withdraw", "https://www.dhs.gov/report.pdf", "--reason", "A court's order", "--archive", archive)
    assert back_up(archive, copy).findings == ()
    assert files_of(copy, *KEPT) == files_of(archive, *KEPT), "first manifests of releases made again are among them"
    for path in (archive / "releases").iterdir():
        path.unlink()
    flip(archive / "journal" / "journal.jsonl", 500)
    done = said("restore", copy, "--archive", archive)
    assert done.exit_code == 0, done.output
    assert files_of(copy, "warc", "manifest", "releases") == files_of(archive, "warc", "manifest", "releases")
    assert said("verify", "--archive", archive).exit_code == 0


def test_a_backup_that_was_verified_goes_on_being_one(archive: Path, tmp_path: Path) -> None:
    """A line of its own in its journal would have made it another archive's: neither could be mended any more."""
    copy = tmp_path / "copy"
    assert said("backup", copy, "--archive", archive).exit_code == 0
    before = files_of(copy, *KEPT)
    done = said("verify", "--archive", copy)
    assert done.exit_code == 0, done.output
    assert "this is a backup" in done.output
    assert "all of it is well" in done.output
    assert files_of(copy, *KEPT) == before
    flip(a_segment(copy))
    done = said("verify", "--archive", copy)
    assert done.exit_code == 1
    assert "record-altered" in done.output
    done = said("backup", copy, "--archive", archive, "--check")
    assert done.exit_code == 0, done.output
    assert "restored" in done.output
    others = KEPT[:1] + KEPT[2:]
    assert files_of(copy, *others) == files_of(archive, *others), "all but the journal, which notes the backup since"
    assert said("verify", "--archive", copy).exit_code == 0
    held = flip(a_segment(archive))
    done = said("backup", copy, "--archive", archive, "--check")
    assert done.exit_code == 1
    assert "record-altered" in done.output
    assert a_segment(copy).read_bytes() == held
    assert said("restore", copy, "--archive", archive).exit_code == 0
    assert a_segment(archive).read_bytes() == held
    (archive / "archive.db").unlink()
    done = said("verify", "--archive", archive)
    assert (done.exit_code, "catalogue-altered" in done.output) == (1, True), "an archive without one is damaged"


def test_restored_into_an_empty_folder_it_is_the_same_archive(archive: Path, tmp_path: Path) -> None:
    copy, again = tmp_path / "copy", tmp_path / "again"
    done = said("backup", copy, "--archive", archive, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["findings"] == []
    restored = said("restore", copy, "--archive", again, "--json")
    assert restored.exit_code == 0, restored.output
    assert differences(dump(archive), dump(again)) == {}
    shown = [said("release", "list", "--json", "--archive", folder).stdout for folder in (archive, again)]
    assert shown[0] == shown[1]


def test_what_is_no_copy_is_refused_in_a_sentence(archive: Path, tmp_path: Path) -> None:
    inside = said("backup", archive / "copy", "--archive", archive)
    assert (inside.exit_code, "outside the archive" in inside.output) == (2, True)
    nothing = said("restore", tmp_path, "--archive", archive)
    assert (nothing.exit_code, "no backup" in nothing.output) == (2, True)
    other = tmp_path / "other"
    shutil.copytree(archive, other)
    Journal(archive).append("here")
    Journal(other).append("there")
    refused = said("backup", other, "--archive", archive)
    assert refused.exit_code == 1
    assert "another archive" in refused.output
