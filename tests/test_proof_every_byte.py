"""CO-01, CO-02, CO-14: one bit of any byte of any file is found, and what it touches is named."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.folder import ArchiveFolder
from archive.model import Asked, Exchange
from archive.proof.audit import Scope
from archive.store import group
from archive.store.seals import Entry, manifest_path, read_manifest
from pipelines.rebuild import rebuild
from pipelines.text.stored_reading import from_bytes
from pipelines.told import checked_settings
from pipelines.verify import Verified
from tests.figures import figure
from tests.small_archive import Files, found_in, make_small_archive, verifier

SEED = 20180126
# Under which name a file of each kind is told of, and by which outcome.
KINDS = {
    "warc": "record-",
    "journal": "journal-altered",
    "manifest": "manifest-altered",
    "curation": "curation-altered",
    "releases": "release-altered",
    "cache": "reading-altered",
}
Verifier = Callable[[Scope], Verified]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small_archive(tmp_path_factory.mktemp("small") / "archive")


@pytest.fixture(scope="module")
def verify_small(small: Path) -> Verifier:
    return verifier(small)


def files(folder: Path) -> list[Path]:
    return [path for kind in KINDS for path in sorted((folder / kind).rglob("*")) if path.is_file()]


def named(folder: Path, path: Path, place: int, verified: Verified) -> bool:
    """Tell whether what was found names the file and, of a WARC file, the capture and its address."""
    kind = path.relative_to(folder).parts[0]
    alike = [one for one in verified.damages if one.outcome.startswith(KINDS[kind]) and path.name in one.subject]
    if kind != "warc":
        return bool(alike)
    touched = [one for one in entries(folder, path.name) if one.offset <= place < one.offset + one.length]
    return bool(alike) and {one.capture for one in touched} <= {one.capture for one in alike if one.url}


def entries(folder: Path, name: str) -> list[Entry]:
    return read_manifest(manifest_path(folder, name).read_bytes())


def flip_and_look(folder: Path, verify: Verifier, path: Path, place: int) -> tuple[bool, bool]:
    """Flip one bit, verify, and put it back; return whether it was found, and named rightly."""
    content, mode = path.read_bytes(), path.stat().st_mode
    path.chmod(0o600)
    try:
        path.write_bytes(content[:place] + bytes([content[place] ^ 1 << place % 8]) + content[place + 1 :])
        verified = verify(Files())
        return bool(found_in(verified)), named(folder, path, place, verified)
    finally:
        path.write_bytes(content)
        path.chmod(mode)


def flipped(folder: Path, verify: Verifier, places: list[tuple[Path, int]]) -> None:
    assert found_in(verify(Files())) == []
    seen = [(path, place, *flip_and_look(folder, verify, path, place)) for path, place in places]
    unseen = [(path.name, place) for path, place, found, _ in seen if not found]
    unnamed = [(path.name, place) for path, place, _, right in seen if not right]
    assert found_in(verify(Files())) == []
    figure(
        "CO-01", flips=len(seen), found=len(seen) - len(unseen), named_rightly=len(seen) - len(unnamed),
        files=len({path for path, _ in places}), seed=SEED,
    )  # fmt: skip
    assert (unseen, unnamed) == ([], [])


def test_one_bit_of_500_bytes(small: Path, verify_small: Verifier) -> None:
    chance, found = random.Random(SEED), files(small)
    places = [(path, chance.randrange(path.stat().st_size)) for path in found for _ in range(500 // len(found) + 1)]
    flipped(small, verify_small, places)


@pytest.mark.soak
def test_one_bit_of_every_byte(small: Path, verify_small: Verifier) -> None:
    """Of the release's database, which is checked by the same digests all through, 3,000 bytes."""
    chance = random.Random(SEED)
    places = [(path, place) for path in files(small) if path.suffix != ".db" for place in range(path.stat().st_size)]
    for path in (one for one in files(small) if one.suffix == ".db"):
        places += [(path, chance.randrange(path.stat().st_size)) for _ in range(3_000)]
    flipped(small, verify_small, places)


def test_a_damaged_reading_is_never_believed(small: Path) -> None:
    """CO-13: one bit of any byte of a kept reading leaves the same reading, or none: then it is made again."""
    path = next(small.glob("cache/readings/*/*.gz"))
    content, reader, wrong, refused = path.read_bytes(), path.name.split(".")[1], 0, 0
    whole = from_bytes(content, reader)
    for place in range(len(content)):
        for bit in range(8):
            try:
                found = from_bytes(content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :], reader)
            except ValueError:
                refused += 1
                continue
            wrong += found != whole
    figure("CO-13", flips=8 * len(content), refused=refused, wrong_readings=wrong)
    assert refused > 7 * len(content)
    assert wrong == 0


def zeroed(content: bytes, place: int, size: int) -> bytes:
    return content[:place] + bytes(size) + content[place + size :]


def doubled(content: bytes, place: int, size: int) -> bytes:
    return content[: place + size] + content[place : place + size] + content[place + size :]


def swapped(content: bytes, place: int, size: int) -> bytes:
    one, other = content[place : place + size], content[place + size : place + 2 * size]
    return content[:place] + other + one + content[place + 2 * size :]


def misplaced(content: bytes, place: int, size: int) -> bytes:
    return content[:place] + content[place + size : place + 2 * size] + content[place + size :]


@pytest.mark.parametrize("harm", [zeroed, doubled, swapped, misplaced], ids=lambda harm: harm.__name__)
def test_a_block_in_the_wrong_place_is_found(
    small: Path, verify_small: Verifier, harm: Callable[[bytes, int, int], bytes]
) -> None:
    chance, tried, unseen = random.Random(SEED), 0, []
    for path in files(small):
        content, mode = path.read_bytes(), path.stat().st_mode
        size = min(4096, len(content) // 3)
        places = {chance.randrange(max(1, len(content) - 2 * size)) for _ in range(4)}
        path.chmod(0o600)
        for place in places if size else ():
            altered = harm(content, place, size)
            path.write_bytes(altered)
            tried += altered != content
            if altered != content and not found_in(verify_small(Files())):
                unseen.append((path.name, place))
        path.write_bytes(content)
        path.chmod(mode)
    figure(f"CO-02 {harm.__name__}", tried=tried, found=tried - len(unseen))
    assert tried > 20
    assert unseen == []


@pytest.mark.parametrize("left", ["whole", "without its catalogue", "rebuilt since"])
def test_damage_is_named_without_an_index(small: Path, tmp_path: Path, left: str) -> None:
    """The list of records names the capture, also where the catalogue is gone or was made after the harm."""
    folder = Path(shutil.copytree(small, tmp_path / "archive"))
    path = folder / "warc" / "i-00000.warc.gz"
    target = entries(folder, path.name)[1]
    content = path.read_bytes()
    place = target.offset + target.length // 2
    path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
    if left != "whole":
        (folder / "archive.db").unlink()
    if left == "rebuilt since":
        rebuild(folder, checked_settings(folder))
    told = [one for one in verifier(folder)(Files()).damages if one.outcome == "record-altered"]
    assert (target.capture, target.url) in {(one.capture, one.url) for one in told}


@pytest.mark.soak
def test_a_bit_that_flips_in_memory_between_laying_out_and_writing(tmp_path: Path) -> None:
    """CO-14: what was hashed isn't what was written; the wire's digest stands in the record."""
    folder, chance, found, tried = tmp_path / "archive", random.Random(SEED), 0, 0
    make_small_archive(folder)
    for number in range(60):
        copy = Path(shutil.copytree(folder, tmp_path / f"copy{number}"))
        archive = ArchiveFolder.open(copy)
        body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>%d</html>" % number
        one = archive.store.describe(
            Exchange("https://www.dhs.gov/new", "2018-02-01T00:00:00Z", b"", body, status=200), Asked("import", "j")
        )
        laid_out = group.Group.add

        def add(self: group.Group, one: group.Described, laid_out: Callable[..., None] = laid_out) -> None:
            laid_out(self, one)
            part = self.appends[-1].parts[-1]
            place = chance.randrange(len(part))
            self.appends[-1].parts[-1] = part[:place] + bytes([part[place] ^ 1]) + part[place + 1 :]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(group.Group, "add", add)
            archive.store.add_all([one])
        archive.close()
        tried += 1
        found += any(each.outcome == "record-altered" for each in verifier(copy)(Files()).damages)
        shutil.rmtree(copy)
    figure("CO-14", flips=tried, found=found)
    assert found == tried
