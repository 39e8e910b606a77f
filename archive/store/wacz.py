"""A WACZ package (a zip of WARC files with a list of what is in it): checks its layout, and gives its recordings.

A zip is hostile until it is looked at: nothing is unpacked under a name of its own, nothing larger than what it
announces, and a package that does what no honest one does (paths outside, links, doubled or overlapping entries,
encryption) is refused whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from archive.model import Finding

PREFIX = ".unpacking-"
RECORDINGS = (".warc", ".warc.gz", ".arc", ".arc.gz")
# The list of a zip's entries is held in memory: 16 MB of it are some 150,000 entries, and a package has a few hundred.
MOST_LISTED = 16 << 20
MOST_ENTRIES = 20_000
MOST_JSON = 16 << 20
# What honest packages unpack to, at most: WARC files are packed already, plain ones to a tenth or so.
MOST_UNPACKED = 100
SLACK = 64 << 20
PIECE = 1 << 20

_END = struct.Struct("<4s4H2LH")
_LOCAL_HEAD = 30
_UTF_8 = 0x800  # the flag that says so (APPNOTE 4.4.4, bit 11); without it, a name is in whatever its writer used
_UNICODE_PATH = 0x7075
_HOW = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class PackageError(Exception):
    """A package, or a part of one, that must not be taken in; the words say why."""


def is_package(path: Path) -> bool:
    """Say whether a file begins as a zip does."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def recordings_in(path: Path, folder: Path) -> Iterator[tuple[str, Path] | Finding]:
    """Yield each recording of a package, unpacked to a file in `folder` that lasts until the next is asked for.

    Yields a Finding, under the package's name and the entry's, for what is refused. Raises OSError.
    """
    for left in folder.glob(f"{PREFIX}*"):  # by a process that was killed
        left.unlink(missing_ok=True)
    try:
        _check_end(path)
        with zipfile.ZipFile(path) as package:
            entries = _checked(package, path.stat().st_size)
            listed = _list_of(package, entries)
            for name in sorted(listed.keys() - entries.keys()):
                yield Finding("package-altered", f"{path.name}!{name}", "listed, and not in the package")
            for name, entry in entries.items():
                if name.startswith("archive/") and name.lower().endswith(RECORDINGS):
                    yield from _unpacked(package, entry, listed, path.name, folder)
    except (PackageError, zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, ValueError) as error:
        yield Finding("package-refused", path.name, str(error)[:300])


def _unpacked(
    package: zipfile.ZipFile, entry: zipfile.ZipInfo, listed: Mapping[str, str], name: str, folder: Path
) -> Iterator[tuple[str, Path] | Finding]:
    descriptor, made = tempfile.mkstemp(prefix=PREFIX, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            digest = _copy(package, entry, file)
        if listed.get(entry.filename) != digest:
            why = "its digest is not the one listed" if entry.filename in listed else "datapackage.json doesn't list it"
            yield Finding("package-altered", f"{name}!{entry.filename}", why)
        else:
            yield entry.filename, Path(made)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        yield Finding("package-altered", f"{name}!{entry.filename}", str(error)[:300])
    finally:
        Path(made).unlink(missing_ok=True)


def _copy(package: zipfile.ZipFile, entry: zipfile.ZipInfo, into: BinaryIO | None = None) -> str:
    """Unpack an entry, piece by piece, and return its SHA-256; never more than it announces."""
    digest = hashlib.sha256()
    left = entry.file_size
    with package.open(entry) as packed:
        while piece := packed.read(min(PIECE, left + 1)):
            left -= len(piece)
            if left < 0:
                raise zipfile.BadZipFile("it unpacks to more than it announces")
            digest.update(piece)
            if into is not None:
                into.write(piece)
    if left:
        raise zipfile.BadZipFile(f"it unpacks to {left} bytes less than it announces")
    return f"sha256:{digest.hexdigest()}"


def _check_end(path: Path) -> None:
    """Read how long the list of entries is before anything holds it in memory. Raises PackageError."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END.size - 0xFFFF))
        tail = file.read()
        place = tail.rfind(b"PK\x05\x06")
        if place < 0 or len(tail) - place < _END.size:
            raise PackageError("not a zip file, or one that was cut off")
        _, _, _, _, count, listed, _, _ = _END.unpack_from(tail, place)
        far = tail.rfind(b"PK\x06\x06", 0, place)  # zip64's own end, where numbers are too large for the other
        if (count == 0xFFFF or listed == 0xFFFFFFFF) and far >= 0 and place - far >= 56:
            count, listed = struct.unpack_from("<QQ", tail, far + 32)
    if listed > min(MOST_LISTED, size) or count > MOST_ENTRIES:
        raise PackageError(f"{count} entries, where a package has a few hundred")


def _checked(package: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """Return the entries by name. Raises PackageError for a layout that no honest package has."""
    entries: dict[str, zipfile.ZipInfo] = {}
    infos = package.infolist()
    if len(infos) > MOST_ENTRIES:
        raise PackageError(f"{len(infos)} entries")
    folded = set()
    for entry in infos:
        if reason := _odd(entry):
            raise PackageError(f"{reason}: {entry.orig_filename[:200]!r}")
        name = unicodedata.normalize("NFC", entry.filename).casefold()
        if name in folded:
            raise PackageError(f"two entries of one name: {entry.filename[:200]!r}")
        folded.add(name)
        entries[entry.filename] = entry
    if sum(entry.file_size for entry in infos) > MOST_UNPACKED * size + SLACK:
        raise PackageError("it announces to unpack to more than a hundred times its size")
    end = 0
    for entry in sorted(infos, key=lambda one: one.header_offset):
        if entry.header_offset < end:
            raise PackageError(f"entries overlap: {entry.filename[:200]!r}")
        end = entry.header_offset + _LOCAL_HEAD + len(entry.orig_filename.encode("utf-8", "replace"))
        end += entry.compress_size
    if end > package.start_dir:
        raise PackageError("an entry lies over the list of entries")
    return entries


def _odd(entry: zipfile.ZipInfo) -> str:
    """Return what makes an entry one that no honest package has, or ""."""
    name, mode = entry.orig_filename, entry.external_attr >> 16
    parts = re.split(r"[/\\]", name)
    if not name or re.search(r"[\x00-\x1f\x7f\\:]", name) or name != entry.filename or len(name) > 500:
        return "a name that is no plain path"
    unsure = not name.isprintable() or not (name.isascii() or entry.flag_bits & _UTF_8)
    if unsure or _other_name(entry.extra, name):
        return "a name that others read as another"
    if name.startswith("/") or ".." in parts or "." in parts:
        return "a path outside the package"
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "a link or a device"
    if entry.flag_bits & 0x1 or entry.flag_bits & 0x40:
        return "an encrypted entry"
    return "" if entry.compress_type in _HOW else "packed in a way that WACZ doesn't know"


def _other_name(extra: bytes, name: str) -> bool:
    """Tell whether an Info-ZIP Unicode path (APPNOTE 4.6.9, 0x7075) says another name: some tools unpack under that."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == _UNICODE_PATH and extra[9 : 4 + length] != name.encode("utf-8"):
            return True
        extra = extra[4 + length :]
    return False


def _list_of(package: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> dict[str, str]:
    """Return the digests of the recordings that datapackage.json lists (WACZ 1.1.1, 5.2.2). Raises PackageError."""
    listing = _json(package, entries, "datapackage.json")
    if "datapackage-digest.json" in entries:
        told = _json(package, entries, "datapackage-digest.json")
        if told.get("hash") not in (None, _copy(package, entries["datapackage.json"])):
            raise PackageError("datapackage.json is not what datapackage-digest.json says")
    resources = listing.get("resources")
    if not isinstance(resources, list) or not all(isinstance(one, dict) for one in resources):
        raise PackageError("datapackage.json has no list of resources")
    return {
        str(one.get("path")): str(one.get("hash", "")).lower()
        for one in resources
        if str(one.get("path")).startswith("archive/")
    }


def _json(package: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], name: str) -> dict[str, Any]:
    entry = entries.get(name)
    if entry is None:
        raise PackageError(f"it has no {name}")
    if entry.file_size > MOST_JSON:
        raise PackageError(f"{name} has {entry.file_size} bytes")
    with contextlib.suppress(ValueError, RecursionError):
        read = json.loads(package.read(entry))
        if isinstance(read, dict):
            return read
    raise PackageError(f"{name} is not an object in JSON")
