"""Names in a package that lead out of it (PT-05): refused, or harmless since nothing is unpacked under its name."""

from __future__ import annotations

import io
import json
import os
import warnings
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from tests.demo_archive import oversight, rows
from tests.figures import figure
from tests.test_archive_store_wacz import WARC, package, refused
from tests.test_pipelines_importing import http, response

GOOD = response(http(b"<p>A page</p>"), "https://example.org/page")
UP = "../" * 12
# As conformance suites have them, and what a program on some system takes for the way out. "\x00" is put in by hand.
REFUSED = (
    "../archive/x.warc", "archive/../../x.warc", f"archive/{UP}tmp/x.warc", "/etc/x.warc", "/archive/x.warc",
    "//host/x.warc", "..\\x.warc", "archive\\..\\..\\x.warc", "\\\\host\\share\\x.warc", "C:\\x.warc", "C:x.warc",
    "c:/x.warc", "archive/x.warc:stream", "archive/./x.warc", "./x.warc", "..", "archive/..", "~/../x",
    "archive/x\x01.warc", "archive/x\n.warc", "archive/x\x7f.warc", "archive/x\x00.warc", "../x\x00.warc",
    "archive/\u202ecraw.x", "archive/x\u200b\u2028.warc", "file:///etc/x.warc", "archive/" + "x" * 500 + ".warc",
)  # fmt: skip
# Plain names here, whatever another program would make of them: they are read, and nothing is called after them.
HARMLESS = (
    "archive/%2e%2e/%2e%2e/x.warc", "archive/..%2f..%2fx.warc", "archive/%252e%252e%252fx.warc", "archive/~/x.warc",
    "archive/~root.warc", "archive/....//x.warc", "archive/-rf.warc", "archive/@x.warc", "archive/CON.warc",
    "archive/a b;id.warc", "archive/$(id).warc", "archive/%00.warc", "archive/．．／x.warc",
)  # fmt: skip
NOT_LOOKED_AT = ("~/x.warc", "%2e%2e/x.warc", "%2e%2e%2fx.warc", "~root/.ssh/authorized_keys", "-rf", "@x")


def _named(name: str, body: bytes) -> bytes:
    """Return a package with a recording of that name; a zip's writer would end a name at its NUL."""
    return package({name.replace("\0", "\x02"): body}).replace(name.replace("\0", "\x02").encode(), name.encode())


def _with(name: str, mode: int = 0, extra: bytes = b"") -> bytes:
    """Return a good package to which an entry was added that is a link, or called as another is."""
    made = io.BytesIO(package({"archive/data.warc": GOOD}))
    entry = zipfile.ZipInfo(name)
    entry.external_attr, entry.extra = mode << 16, extra
    with zipfile.ZipFile(made, "a") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "Duplicate name"
        file.writestr(entry, "/etc/passwd")
    return made.getvalue()


OTHERWISE = {
    "a link to a file": _with("archive/link.warc", 0o120777), "a link to a folder": _with("archive", 0o120777),
    "a device": _with("archive/device.warc", 0o020666), "a pipe": _with("archive/pipe.warc", 0o010666),
    "one name twice": _with("archive/data.warc"), "one name in two cases": _with("ARCHIVE/Data.warc"),
    "the list twice": _with("datapackage.json"),
    "another name beside": _with("archive/b.warc", extra=b"up\x0d\x00\x01\0\0\0\0../x.warc"[:17]),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in REFUSED if "\0" not in name and len(name) < 200])
def test_paths_outside_are_refused_by_name(tmp_path: Path, name: str) -> None:
    assert repr(name)[1:5] in refused(tmp_path, package({"archive/data.warc.gz": WARC, name: WARC}))


def _around(place: Path, archive: Path) -> set[Path]:
    """Return each file beside an archive, and in the folders where the names would lead."""
    beside = {path for path in place.rglob("*") if archive not in (path, *path.parents)}
    return beside | {path for path in (Path("/x.warc"), Path("/etc/x.warc"), Path("/tmp/x.warc")) if path.exists()}


def test_pt_05_no_name_leads_out_of_a_package(tmp_path: Path) -> None:
    home, archive = tmp_path / "home", tmp_path / "archive"
    home.mkdir()
    made = {f"refused-{n:02}.wacz": _named(name, GOOD) for n, name in enumerate(REFUSED)}
    made |= {f"refused-as-{n:02}.wacz": body for n, body in enumerate(OTHERWISE.values())}
    made |= {f"harmless-{n:02}.wacz": _named(name, GOOD) for n, name in enumerate(HARMLESS)}
    made |= {f"ignored-{n:02}.wacz": _named(name, GOOD) for n, name in enumerate(NOT_LOOKED_AT)}
    for name, body in made.items():
        (tmp_path / name).write_bytes(body)
    before = _around(tmp_path, archive)
    done = oversight("import", *(tmp_path / name for name in made), "--json", "--archive", archive, HOME=str(home))
    assert "Traceback" not in done.stderr, done.stderr
    told = {Path(one["file"]).name: one["outcomes"] for one in json.loads(done.stdout)["files"]}
    assert told.keys() == made.keys()
    for name, outcomes in told.items():
        if name.startswith("refused"):
            assert outcomes == {"package-refused": 1}, (name, made[name][-300:])
        else:
            assert outcomes == {"not-a-recording" if name.startswith("ignored") else _good(outcomes): 1}, name
    assert _around(tmp_path, archive) == before
    inside = {os.path.relpath(path, archive) for path in archive.rglob("*") if path.is_file()}
    assert not [path for path in inside if "x.warc" in path or path.endswith(("~", "-rf.warc", "CON.warc"))]
    assert rows(archive, "SELECT count(DISTINCT content_digest) FROM captures") == [(1,)]
    counted = Counter(name.partition("-")[0] for name in told)
    figure("PT-05", packages=len(made), **counted, written_outside=0)


def _good(outcomes: dict[str, int]) -> str:
    """Return the outcome of a recording that was taken in, or known from the package before."""
    return next((one for one in ("no-source", "already-held") if one in outcomes), "taken in")
