"""WACZ files: records byte for byte, nothing that a release keeps back, the same bytes each time, taken in again."""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

import oversight as program
from archive.catalog.opening import open_catalogue
from archive.export import wacz
from archive.export.cdxj import sort_key
from archive.export.place import Occupied, new_file, new_folder
from archive.release.folder import Releases
from archive.store.unit import read_unit
from tests.demo_archive import DemoArchive, rows
from tests.exported import export, exported, gunzipped, records_in, unpacked
from tests.figures import figure
from tests.test_interop import every_kind

PIA = "dhs-ice-pia-039a"


@pytest.fixture(scope="module")
def whole(demo_made: DemoArchive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the demo's whole release."""
    file = tmp_path_factory.mktemp("wacz") / "all.wacz"
    exported(demo_made.path, "wacz", file)
    return file


def units_of(content: bytes) -> list[bytes]:
    """Return the units of a file of records, as they lie there."""
    decoder, units = zlib.decompressobj(31), []
    decoder.decompress(content)
    rest = content[len(content) - len(decoder.unused_data) :]  # behind the file's first record
    while rest:
        end = read_unit(rest, 0).end
        units.append(rest[:end])
        rest = rest[end:]
    return units


def test_records_are_those_of_the_archive(whole: Path, demo_made: DemoArchive) -> None:
    held = {row[0] for row in rows(demo_made.path, "SELECT digest FROM records")}
    with zipfile.ZipFile(whole) as package:
        units = units_of(package.read("archive/records-00001.warc.gz"))
    others = [unit for unit in units if hashlib.sha256(unit).hexdigest() not in held]
    assert (others, len(units) > 100) == ([], True)


def test_nothing_goes_along_that_the_release_keeps_back(whole: Path, demo_made: DemoArchive) -> None:
    """Of articles the release has excerpts, of records it masks the contacts: neither's bytes are here."""
    chosen = "SELECT url FROM captures WHERE id IN (SELECT capture FROM {})"
    kept = {row[0] for table in ("notices", "awards") for row in rows(demo_made.path, chosen.format(table))}
    articles = {row[0] for row in rows(demo_made.path, "SELECT url FROM articles")}
    with zipfile.ZipFile(whole) as package:
        units = [read_unit(one, 0) for one in units_of(package.read("archive/records-00001.warc.gz"))]
    found = {unit.capture.url: unit.capture.source for unit in units}
    assert not found.keys() & (kept | articles)
    assert kept
    assert articles
    assert "news" not in found.values()
    whole_text = b"".join(unpacked(whole).values())
    sentences = rows(demo_made.path, "SELECT text FROM pages WHERE version IN (SELECT version FROM articles)")
    lines = [line for row in sentences for line in row[0].split("\n") if len(line) > 60]
    assert lines
    assert [line for line in lines if line.encode() in whole_text] == []


def test_what_leads_to_something_withdrawn_stays_behind(demo_archive: Path, tmp_path: Path) -> None:
    """WD-06, WD-11: a page's own bytes have links, with words in them, that its text in the release hasn't."""
    name = rows(demo_archive, "SELECT url FROM documents WHERE id = ?", PIA)[0][0].rpartition("/")[2].encode()
    before = exported(demo_archive, "wacz", tmp_path / "before.wacz")
    line = ["--archive", str(demo_archive), "withdraw", PIA, "--reason", "By order of a court."]
    assert CliRunner().invoke(program.main, line).exit_code == 0
    after = exported(demo_archive, "wacz", tmp_path / "after.wacz")
    assert after["left_out"]["withdrawn"] > 0
    assert after["captures"] < before["captures"]
    assert name in b"".join(unpacked(tmp_path / "before.wacz").values())
    assert name not in b"".join(unpacked(tmp_path / "after.wacz").values())


def test_the_index_leads_to_the_records(whole: Path) -> None:
    with zipfile.ZipFile(whole) as package:
        index, blocks = package.read("indexes/index.cdx.gz"), package.read("indexes/index.idx").decode().splitlines()
        lines = gunzipped(index).decode().splitlines()
        assert lines == sorted(lines)
        for line in lines:
            key, instant, told = line.split(" ", 2)
            facts = json.loads(told)
            held = package.read(f"archive/{facts['filename']}")
            ((record, _),) = records_in(held[facts["offset"] : facts["offset"] + facts["length"]])
            told_of = record.rec_headers
            assert told_of["WARC-Target-URI"] == facts["url"]
            assert "".join(filter(str.isdigit, told_of["WARC-Date"])) == instant
            assert key == sort_key(facts["url"])
        places = [json.loads(line[line.index("{") :]) for line in blocks[1:]]
        assert blocks[0].startswith('!meta 0 {"format": "cdxj-gzip-1.0"')
        assert sum(place["length"] for place in places) == len(index)


def test_what_it_says_of_itself_is_so(whole: Path) -> None:
    with zipfile.ZipFile(whole) as package:
        listing = json.loads(package.read("datapackage.json"))
        for one in listing["resources"]:
            content = package.read(one["path"])
            assert (one["bytes"], one["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        told = json.loads(package.read("datapackage-digest.json"))
        assert told["hash"] == f"sha256:{hashlib.sha256(package.read('datapackage.json')).hexdigest()}"
        pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()]
    assert listing["wacz_version"] == "1.1.1"
    assert listing["title"].startswith("Sample: ")
    assert "Left out: " in listing["description"]
    assert listing["oversight"]["sample"] is True
    assert any("DHS/ICE/PIA-039(a)" in page["title"] for page in pages)
    assert len({page["id"] for page in pages}) == len(pages)


def test_the_same_captures_give_the_same_bytes(whole: Path, demo_made: DemoArchive, tmp_path: Path) -> None:
    again = exported(demo_made.path, "wacz", tmp_path / "again.wacz", "--release", 1)
    assert again["sha256"] == hashlib.sha256(whole.read_bytes()).hexdigest()
    refused = export(demo_made.path, "wacz", tmp_path / "again.wacz")
    assert (refused.exit_code, "is there already" in refused.output) == (2, True)


def test_taken_in_again_it_gives_the_same_payloads(demo_made: DemoArchive, tmp_path: Path) -> None:
    told = exported(demo_made.path, "wacz", "PIA-039(a)", tmp_path / "one.wacz")
    assert (told["documents"], told["left_out"]) == (1, {})
    line = ["--archive", str(tmp_path / "new"), "import", str(tmp_path / "one.wacz"), "--json"]
    done = CliRunner().invoke(program.main, line)
    assert done.exit_code == 0, done.output
    question = "SELECT url, captured_at, status, payload_digest FROM captures"
    taken = set(rows(tmp_path / "new", question))
    assert taken <= set(rows(demo_made.path, question))
    assert len(taken) == told["captures"]
    (found,) = rows(tmp_path / "new", "SELECT id, digest FROM versions")
    assert found in rows(demo_made.path, "SELECT id, digest FROM versions")


def test_by_a_search_and_by_names(demo_made: DemoArchive, tmp_path: Path) -> None:
    found = exported(demo_made.path, "wacz", "--search", "license plate", tmp_path / "found.wacz")
    named = exported(demo_made.path, "wacz", PIA, "dhs-cbp-pia-049", tmp_path / "named.wacz")
    assert found["documents"] > named["documents"] == 2
    for line, says in (
        (("no-such-document", tmp_path / "x.wacz"), "Nothing that is published is known as"),
        (("--search", "qqvzkxnever", tmp_path / "x.wacz"), "finds nothing"),
        ((PIA, "--search", "plate", tmp_path / "x.wacz"), "Name documents or a search"),
        (("--release", 99, tmp_path / "x.wacz"), "There is no release 99"),
        ((demo_made.path / "x.wacz",), "outside the archive"),
        ((tmp_path / "none" / "x.wacz",), "There is no folder"),
    ):
        done = export(demo_made.path, "wacz", *line)
        assert (done.exit_code, says in done.output) == (2, True), (line, done.output)
    article = rows(demo_made.path, "SELECT document FROM articles")[0][0]
    alone = export(demo_made.path, "wacz", article, tmp_path / "x.wacz")
    assert (alone.exit_code, "belongs to its publisher" in alone.output) == (2, True)
    assert [file.name for file in tmp_path.iterdir() if "x.wacz" in file.name] == []


def test_the_working_archive_is_for_its_operator(demo_made: DemoArchive, tmp_path: Path) -> None:
    told = exported(demo_made.path, "wacz", "--working", tmp_path / "all.wacz")
    assert told["captures"] == rows(demo_made.path, "SELECT count(*) FROM captures")[0][0]
    with zipfile.ZipFile(tmp_path / "all.wacz") as package:
        assert "for the operator only" in json.loads(package.read("datapackage.json"))["description"]


def test_a_capture_goes_without_the_record_that_it_refers_to(tmp_path: Path) -> None:
    """What only says "the same again" is written with its payload, where the first record doesn't go along."""
    (tmp_path / "kinds").mkdir()
    folder = every_kind(tmp_path / "kinds")
    told = wacz.Told("", "", "2018-01-26T15:00:00Z")
    with closing(open_catalogue(folder / "archive.db")) as catalogue, (tmp_path / "x.wacz").open("w+b") as file:
        asked = "SELECT id, status, captured_at FROM captures JOIN records ON capture = id WHERE revisit_of <> ''"
        referring = catalogue.execute(f"{asked} ORDER BY captured_at").fetchall()
        names = [row[0] for row in referring]
        source = wacz.Source(folder, catalogue)
        done = wacz.write_wacz(file, source, names, (), told, lambda *_: None)
        payload = source.store().payload(names[0])
    assert [row[1] for row in referring] == [200, 304]
    assert (done.captures, done.rebuilt, done.lost) == (1, 1, (names[1],))
    with zipfile.ZipFile(tmp_path / "x.wacz") as package:
        records = records_in(package.read("archive/records-00001.warc.gz"))
    assert [(record.rec_type, body) for record, body in records if record.rec_type in ("response", "revisit")] == [
        ("response", payload)
    ]


def test_records_are_cut_into_files(demo_made: DemoArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wacz, "SEGMENT_BYTES", 60_000)
    told = exported(demo_made.path, "wacz", tmp_path / "cut.wacz")
    with zipfile.ZipFile(tmp_path / "cut.wacz") as package:
        names = [name for name in package.namelist() if name.startswith("archive/")]
        assert len(names) > 3
        assert sum(len(units_of(package.read(name))) for name in names) == told["captures"]


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Have the system refuse files of more than so many bytes, as a full disk does (EFBIG beside ENOSPC)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("kind", ["wacz", "package", "site"])
def test_where_there_is_no_room_nothing_stands_under_its_name(
    kind: str, demo_made: DemoArchive, tmp_path: Path
) -> None:
    """DF-04, the part on exports: status 4, nothing half-written, and the same command ends well with room."""
    target = tmp_path / f"the.{kind}"
    left = tmp_path / f".the.{kind}.new"  # by a command that was killed
    left.write_bytes(b"half") if kind == "wacz" else left.mkdir()
    with no_file_above(100_000 if kind == "wacz" else 2_000):  # the catalogue's own shared memory is 32 kB
        done = export(demo_made.path, kind, target)
    assert (done.exit_code, "make room" in done.output) == (4, True), done.output
    assert list(tmp_path.iterdir()) == []
    again = exported(demo_made.path, kind, target)
    figure("DF-04", export=kind, status=done.exit_code, half_written=0, bytes_with_room=again["bytes"])
    assert list(tmp_path.iterdir()) == [target]


def test_two_that_write_to_one_place(tmp_path: Path) -> None:
    """The second is refused; neither takes away what the other makes."""
    with new_file(tmp_path / "x.wacz") as file, new_folder(tmp_path / "site") as folder:
        with pytest.raises(Occupied, match="Another command writes"), new_file(tmp_path / "x.wacz"):
            pass
        with pytest.raises(Occupied, match="Another command writes"), new_folder(tmp_path / "site"):
            pass
        file.write(b"whole")
        (folder / "page").write_text("whole")
    assert (tmp_path / "x.wacz").read_bytes() == b"whole"
    assert [str(one.relative_to(tmp_path)) for one in sorted(tmp_path.rglob("*"))] == ["site", "site/page", "x.wacz"]


def test_a_folder_of_somebody_is_left_alone(demo_made: DemoArchive, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("Mine.")
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    for kind, name in (("package", "mine"), ("site", "mine"), ("site", "link"), ("wacz", "link")):
        done = export(demo_made.path, kind, tmp_path / name)
        assert (done.exit_code, "is there already" in done.output) == (2, True), done.output
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["letter.txt", "link", "mine"]


def test_altered_records_are_named_and_nothing_is_written(demo_archive: Path, tmp_path: Path) -> None:
    capture = rows(demo_archive, "SELECT capture FROM versions WHERE document = ?", PIA)[0][0]
    warc, offset = rows(demo_archive, "SELECT warc, offset FROM records WHERE capture = ?", capture)[0]
    file = demo_archive / "warc" / warc
    content = bytearray(file.read_bytes())
    content[offset + 30] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)
    done = export(demo_archive, "wacz", PIA, tmp_path / "x.wacz")
    assert (done.exit_code, f"record-altered: {warc} at byte {offset}" in done.output) == (1, True), done.output
    assert not (tmp_path / "x.wacz").exists()


def test_before_there_is_a_release(demo_archive: Path, tmp_path: Path) -> None:
    shutil.rmtree(Releases(demo_archive).folder)
    for kind in ("wacz", "package", "site"):
        done = export(demo_archive, kind, tmp_path / "x")
        assert (done.exit_code, "There is no release yet" in done.output) == (2, True), done.output
        assert list(tmp_path.iterdir()) == [demo_archive] or not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.DHS.gov/Privacy", "gov,dhs)/privacy"),
        ("http://www2.example.org:8080", "org,example:8080)/"),
        ("https://a.example/x?b=2&a=1", "example,a)/x?a=1&b=2"),
        ("urn:oversight:x", "urn:oversight:x"),
        ("https://[::1", "https://[::1"),
    ],
)
def test_addresses_are_sorted_as_others_do(url: str, key: str) -> None:
    assert sort_key(url) == key
