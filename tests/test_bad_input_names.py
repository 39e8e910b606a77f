"""Names in a package in two encodings (HT-11): refused, or one name for everybody; nothing is written under one."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from archive.model import Finding
from tests.figures import figure
from tests.test_archive_store_wacz import WARC, package, taken

PLAIN = "archive/data.warc.gz"
SAME = "archive/d\u00e4ta.warc.gz"


def renamed(content: bytes, old: bytes, new: bytes, *, local: bool = True, listed: bool = True) -> bytes:
    """Return a package with other bytes in place of a name (as long as it) in its two heads, or in one of them."""
    assert len(old) == len(new)
    listing = content.find(b"PK\x01\x02")
    heads, rest = content[:listing], content[listing:]
    return (heads.replace(old, new) if local else heads) + (rest.replace(old, new) if listed else rest)


def unflagged(content: bytes, *, local: bool = True, listed: bool = True) -> bytes:
    """Return a package that no longer says that names are in UTF-8."""
    made = bytearray(content)
    for mark, place, wanted in ((b"PK\x03\x04", 6, local), (b"PK\x01\x02", 8, listed)):
        at = made.find(mark) if wanted else -1
        while at >= 0:
            made[at + place + 1] &= ~0x08
            at = made.find(mark, at + 4)
    return bytes(made)


def with_path(name: str, *, said: str = PLAIN) -> bytes:
    """Return a package whose recording has a Unicode path of Info-ZIP beside its name."""
    resources = [{"path": said, "hash": f"sha256:{hashlib.sha256(WARC).hexdigest()}"}]
    made = io.BytesIO(package({}, resources=resources))
    with zipfile.ZipFile(made, "a") as file:
        entry = zipfile.ZipInfo(said)
        body = b"\x01" + b"\x00" * 4 + name.encode("utf-8", "surrogatepass")
        entry.extra = struct.pack("<HH", 0x7075, len(body)) + body
        file.writestr(entry, WARC)
    return made.getvalue()


def two(first: str, second: str) -> bytes:
    return package({first: WARC, second: b"other"})


REFUSED: dict[str, Callable[[], bytes]] = {
    "not said to be UTF-8": lambda: unflagged(package({SAME: WARC})),
    "in the list not said to be UTF-8": lambda: unflagged(package({SAME: WARC}), local=False),
    "said to be UTF-8 in the list alone": lambda: unflagged(package({SAME: WARC}), listed=False),
    "said to be UTF-8, in Latin-1": lambda: renamed(package({SAME: WARC}), "ä".encode(), b"\xe4a"),
    "overlong slash": lambda: renamed(package({SAME: WARC}), "ä".encode(), b"\xc0\xaf"),
    "lone surrogate": lambda: renamed(package({"archive/\u20ac.warc": WARC}), "€".encode(), b"\xed\xa0\x80"),
    "another name in its own head": lambda: renamed(package(), b"data.warc", b"dato.warc", listed=False),
    "a path outside in its own head": lambda: renamed(package(), PLAIN.encode(), b"../../.ssh/authorise", listed=False),
    "a second name by Info-ZIP": lambda: with_path("archive/other.warc.gz"),
    "a second name outside by Info-ZIP": lambda: with_path("../../outside.warc.gz"),
    "a second name by Info-ZIP, cut": lambda: with_path(""),
    "composed and decomposed": lambda: two(SAME, "archive/da\u0308ta.warc.gz"),
    "capitals beyond ASCII": lambda: two(SAME, "archive/D\u00c4TA.warc.gz"),
    "sharp s and ss": lambda: two("archive/\u00df.warc", "archive/ss.warc"),
    "read from right to left": lambda: package({"archive/\u202ezg.craw.warc": WARC}),
    "zero width": lambda: two(PLAIN, "archive/da\u200bta.warc.gz"),
    "C1 control": lambda: package({"archive/a\x9b31m.warc": WARC}),
    "line separator": lambda: package({"archive/a\u2028b.warc": WARC}),
}  # fmt: skip
ONE_NAME: dict[str, Callable[[], bytes]] = {
    PLAIN: lambda: with_path(PLAIN),
    SAME: lambda: package({SAME: WARC}),
    "archive/\uff0e\uff0e\uff0fx.warc": lambda: package({"archive/\uff0e\uff0e\uff0fx.warc": WARC}),
}


def test_a_name_in_two_encodings_is_refused_or_one_name(tmp_path: Path) -> None:
    for name, make in REFUSED.items():
        found = taken(tmp_path, make())
        assert found, name
        assert all(isinstance(one, Finding) and one.outcome.startswith("package-") for one in found), (name, found)
    for name, make in ONE_NAME.items():
        given = [one[0] for one in taken(tmp_path, make()) if not isinstance(one, Finding)]
        assert given == [name]
    outside = [one for one in tmp_path.rglob("*") if one.name not in ("archive", "some.wacz")]
    figure("HT-11", packages=len(REFUSED) + len(ONE_NAME), refused=len(REFUSED), written_outside=len(outside))
    assert not outside
