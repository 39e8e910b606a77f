"""Exports as a stranger takes them apart: every file in them, unpacked, by name."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from warcio.archiveiterator import ArchiveIterator

import oversight as program


def export(archive: Path, *arguments: object) -> Result:
    """Carry out `oversight export` in this process."""
    return CliRunner().invoke(program.main, ["--archive", str(archive), "export", *map(str, arguments)])


def exported(archive: Path, *arguments: object) -> dict[str, Any]:
    """Carry it out, and return its answer."""
    done = export(archive, *arguments, "--json")
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def export_all(archive: Path, folder: Path, *more: object) -> dict[str, dict[str, bytes]]:
    """Make every export of a release, and return the files of each, unpacked."""
    folder.mkdir()
    exported(archive, "wacz", folder / "all.wacz", *more)
    exported(archive, "package", folder / "package", *more)
    exported(archive, "site", folder / "site", "--with-files", *more)
    return {"wacz": unpacked(folder / "all.wacz"), "package": files_in(folder / "package"),
            "site": files_in(folder / "site")}  # fmt: skip


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def unpacked(wacz: Path) -> dict[str, bytes]:
    """Return the entries of a WACZ file, what is packed in them unpacked, and each record's payload."""
    found = {}
    with zipfile.ZipFile(wacz) as package:
        for name in package.namelist():
            found[name] = gunzipped(package.read(name))
            if name.startswith("archive/"):
                for number, (_, payload) in enumerate(records_in(package.read(name))):
                    found[f"{name}#{number}"] = payload
    return found


def gunzipped(content: bytes) -> bytes:
    """Return all members of a gzip file, unpacked; other bytes as they are."""
    parts = []
    while content[:2] == b"\x1f\x8b":
        decoder = zlib.decompressobj(31)
        parts.append(decoder.decompress(content))
        content = decoder.unused_data
    return b"".join([*parts, content])


def records_in(content: bytes) -> list[tuple[Any, bytes]]:
    """Return the records of a WARC file, as warcio reads them, each with its payload without content coding."""
    found = []
    for record in ArchiveIterator(io.BytesIO(content)):
        found.append((record, record.content_stream().read()))
    return found


def with_words(files: dict[str, bytes], words: Iterable[str]) -> dict[str, list[str]]:
    """Return every file in which one of some words stands."""
    wanted = list(words)
    found = {name: [word for word in wanted if word.encode() in content] for name, content in files.items()}
    return {name: hits for name, hits in found.items() if hits}
