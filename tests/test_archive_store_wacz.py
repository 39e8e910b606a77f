"""WACZ packages: an honest one gives its recordings, and whatever else a zip can be is refused by name."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.model import Finding
from archive.store.wacz import PREFIX, is_package, recordings_in

WARC = b"WARC/1.1\r\n" * 40


def package(entries: Mapping[str, bytes] | None = None, digest_of_list: str = "", **more: Any) -> bytes:
    """Return a package laid out as py-wacz does it; `more` is kept in place of what would be listed."""
    entries = {"archive/data.warc.gz": WARC} if entries is None else entries
    listed = [
        {"name": name.rpartition("/")[2], "path": name, "hash": f"sha256:{hashlib.sha256(body).hexdigest()}",
         "bytes": len(body)}
        for name, body in entries.items()
    ]  # fmt: skip
    facts = {"profile": "data-package", "wacz_version": "1.1.1", "resources": listed, **more}
    listing = json.dumps(facts).encode()
    own = digest_of_list or f"sha256:{hashlib.sha256(listing).hexdigest()}"
    digest = {"path": "datapackage.json", "hash": own}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, body in entries.items():
            file.writestr(name, body)
        file.writestr("indexes/index.cdx.gz", b"")
        file.writestr("pages/pages.jsonl", b'{"format": "json-pages-1.0"}\n', zipfile.ZIP_DEFLATED)
        file.writestr("datapackage.json", listing, zipfile.ZIP_DEFLATED)
        file.writestr("datapackage-digest.json", json.dumps(digest), zipfile.ZIP_DEFLATED)
    return made.getvalue()


def taken(tmp_path: Path, content: bytes) -> list[tuple[str, bytes] | Finding]:
    """Return what a package gives, and hold that nothing is left behind."""
    folder = tmp_path / "archive"
    folder.mkdir(exist_ok=True)
    path = tmp_path / "some.wacz"
    path.write_bytes(content)
    before = sorted(tmp_path.rglob("*"))
    found = [one if isinstance(one, Finding) else (one[0], one[1].read_bytes()) for one in recordings_in(path, folder)]
    assert sorted(tmp_path.rglob("*")) == before
    return found


def refused(tmp_path: Path, content: bytes, outcome: str = "package-refused") -> str:
    """Hold that a package gives nothing but one refusal, and return its words."""
    (one,) = taken(tmp_path, content)
    assert isinstance(one, Finding)
    assert one.outcome == outcome
    return one.detail


def test_an_honest_package(tmp_path: Path) -> None:
    assert taken(tmp_path, package()) == [("archive/data.warc.gz", WARC)]
    two = package({"archive/a.warc": WARC, "archive/b.arc.gz": b"other", "archive/notes.txt": b"notes"})
    assert taken(tmp_path, two) == [("archive/a.warc", WARC), ("archive/b.arc.gz", b"other")]
    assert is_package(tmp_path / "some.wacz")


def test_what_a_killed_import_left_is_cleared_away(tmp_path: Path) -> None:
    left = tmp_path / f"{PREFIX}left"
    left.write_bytes(b"half")
    (tmp_path / "a.wacz").write_bytes(package())
    list(recordings_in(tmp_path / "a.wacz", tmp_path))
    assert not left.exists()


def test_links_doubles_and_encryption_are_refused(tmp_path: Path) -> None:
    def changed(make: Any) -> bytes:
        made = io.BytesIO(package())
        with zipfile.ZipFile(made, "a") as file:
            make(file)
        return made.getvalue()

    link = zipfile.ZipInfo("archive/link.warc")
    link.external_attr = 0o120777 << 16
    assert "a link" in refused(tmp_path, changed(lambda file: file.writestr(link, "/etc/passwd")))
    with pytest.warns(UserWarning, match="Duplicate"):
        doubled = changed(lambda file: file.writestr("archive/data.warc.gz", b"x"))
    assert "two entries" in refused(tmp_path, doubled)
    assert "two entries" in refused(tmp_path, changed(lambda file: file.writestr("Archive/Data.warc.gz", b"x")))
    locked = bytearray(package())
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refused(tmp_path, bytes(locked))
    odd = bytearray(package())
    odd[odd.find(b"PK\x01\x02") + 10] = 98
    assert "packed in a way" in refused(tmp_path, bytes(odd))


def test_bombs_are_refused_before_they_go_off(tmp_path: Path) -> None:
    zeros = package({"archive/a.warc": b""})
    made = io.BytesIO(zeros)
    with zipfile.ZipFile(made, "a") as file:
        file.writestr("archive/b.warc", bytes(200 << 20), zipfile.ZIP_DEFLATED)
    assert "a hundred times" in refused(tmp_path, made.getvalue())


def overlapping(count: int) -> bytes:
    """Return a zip of entries that all have the same bytes, in the way of the 42 kB that unpack to petabytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("archive/a.warc", WARC)
    content = made.getvalue()
    start = content.find(b"PK\x01\x02")
    listed = content[start : content.rfind(b"PK\x05\x06")]
    lists = b"".join(listed.replace(b"archive/a.warc", b"archive/%c.warc" % (97 + n)) for n in range(count))
    return content[:start] + lists + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(lists), start, 0)


def test_entries_that_overlap_are_refused(tmp_path: Path) -> None:
    assert "overlap" in refused(tmp_path, overlapping(20))


def test_a_million_entries_are_counted_not_read(tmp_path: Path) -> None:
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 50_000_000, 0, 0)
    assert "65535 entries" in refused(tmp_path, b"PK\3\4" + bytes(1000) + end)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for number in range(20_001):
            file.writestr(f"a/{number}", b"")
    assert "20001 entries" in refused(tmp_path, made.getvalue())


def test_what_the_list_does_not_say_is_not_taken(tmp_path: Path) -> None:
    whole = package()
    flipped = bytearray(whole)
    flipped[whole.find(WARC) + 5] ^= 1
    assert "CRC" in refused(tmp_path, bytes(flipped), "package-altered")
    other = [{"path": "archive/data.warc.gz", "hash": f"sha256:{'0' * 64}"}]
    assert "digest" in refused(tmp_path, package(resources=other), "package-altered")
    assert "doesn't list" in refused(tmp_path, package(resources=[]), "package-altered")
    gone = [{"path": "archive/gone.warc", "hash": ""}]
    found = taken(tmp_path, package(resources=gone))
    assert [one.subject for one in found if isinstance(one, Finding)] == [
        "some.wacz!archive/gone.warc",
        "some.wacz!archive/data.warc.gz",
    ]
    assert "no list of resources" in refused(tmp_path, package(resources="none"))
    assert "datapackage-digest.json says" in refused(tmp_path, package(digest_of_list=f"sha256:{'0' * 64}"))
    with zipfile.ZipFile(tmp_path / "plain.zip", "w") as file:
        file.writestr("archive/data.warc.gz", WARC)
    assert "no datapackage.json" in refused(tmp_path, (tmp_path / "plain.zip").read_bytes())


@given(st.integers(0, 10**6), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_it_fail(tmp_path: Path, cut: int, changes: list[tuple[int, int]]) -> None:
    content = bytearray(package())
    for place, byte in changes:
        content[place % len(content)] = byte
    content = content[: cut % len(content)] if cut % 3 == 0 else content
    for one in taken(tmp_path, bytes(content)):
        assert isinstance(one, Finding) or one[1] == WARC
