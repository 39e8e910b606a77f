"""Paths that lead elsewhere, wherever a name may stand (PT-01, PT-02): no file outside of the archive is touched."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from tests.conftest import need
from tests.demo_archive import rows
from tests.figures import figure
from tests.file_touches import outside, process_at, touched
from tests.served_releases import served

UP = "../" * 12
CANARY = "outside-of-it"
# Each holds the path of a file that is there, beside the archive's folder: {0} with its first slash, {1} without.
NAMES = [
    f"{UP}{{1}}", "{0}", "../../outside-of-it/canary.png", f"{UP}{{1}}\0.png", f"{UP}{{1}}%00.pdf",
    "..\\..\\outside-of-it\\canary.png", "%2e%2e/" * 12 + "{1}", "%252e%252e%252f" * 12 + "{1}", "..%2f" * 12 + "{1}",
    "~2E~2E~2F" * 12 + "{1}", "..;/" * 12 + "{1}", "....//" * 12 + "{1}", "%c0%ae%c0%ae/" * 12 + "{1}",
    "．．／" * 12 + "{1}", "file://{0}", "file:{0}?mode=rwc", "C:\\outside-of-it\\canary.png",
    "\\\\?\\C:\\outside-of-it", "CON", "aux.png", "canary.png. .", "~root/outside-of-it", "-outside-of-it",
    "@{0}", "|cat {0}", "$(cat {0})",
    "a\ncanary", "\u202egnp.yranac", "outside-of-it" * 25, ".", "..", "", "/", "%", "*", "{0}/",
]  # fmt: skip
PLACES = """
/d/{} /d/{}.pdf /d/{}/p1 /d/{}@0123456789/p1.png /d/{}.bib /d/DOCUMENT@{} /d/DOCUMENT@{}.pdf /d/DOCUMENT@{}/p1.png
/d/DOCUMENT@{}.citations.json /d/VERSION/p{}.png /d/VERSION/p1.png?width={} /d/VERSION/{} /d/VERSION/p1.{}
/d/VERSION/p1/t{}.csv /d/DOCUMENT/diff/{} /d/DOCUMENT?on={} /d/DOCUMENT?as_of={} /n/{} /n.json?number={} /cite?url={}
/cite.json?url=https://{} /search?q={} /search.csv?q={} /search/time?q={} /absence?q={} /search/batch?file={}
/dashboard/{}.svg /dashboard?{}=1 /releases/{}.json /releases/{}.tsr /releases/{} /release-{}/documents /web/{}
/web/20180126000000/{} /captures/{} /timegate/{} /timemap/json/{} /-/static/{} /-/static/%2e%2e/{} /-/static-plugins/{}
/-/static-plugins/oversight/{} /-/oversight/{} /-/oversight/site.css/{} /-/{} /archive/{} /archive/documents/{}
/archive/documents/{}.blob?_blob_column=id /archive.json?sql={} /archive/documents.csv?_header={} /{}
/{}.db /changes?kind={}
""".split()  # noqa: SIM905


def ask_raw(address: str, request: bytes) -> bytes:
    """Send a request as it is, and return the whole answer."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as asked:
        asked.sendall(request)
        found = b""
        while part := asked.recv(1 << 16):
            found += part
        return found


def _of(place: str, name: str) -> bytes:
    """Return a request line for a place with a name in it: as bytes of its own where it may be, escaped where not."""
    path = place.replace("{}", quote(name, safe="/\\%.~:;@$()*?=|-"))
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()


def _sent(name: str) -> bytes:
    """Return a batch of searches in a file of that name, whose lines are it, too."""
    shown = name.replace("\n", "%0A").replace("\0", "%00")
    body = (f'--x\r\nContent-Disposition: form-data; name="file"; filename="{shown}"\r\n\r\nquery\r\n'
            f"{name}\r\n--x--\r\n").encode()  # fmt: skip
    return (b"POST /search/batch.csv HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
            b"multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n" % len(body)) + body  # fmt: skip


def _requests(archive: Path, canary: Path, every: int) -> Iterator[bytes]:
    [(version, document)] = rows(archive, "SELECT id, document FROM versions WHERE reader LIKE 'pdf%' LIMIT 1")
    names = [name.replace("{0}", str(canary)).replace("{1}", str(canary)[1:]) for name in NAMES]
    for number, place in enumerate(PLACES):
        for name in names[number % every :: every]:
            yield _of(place.replace("VERSION", version).replace("DOCUMENT", document), name)
    yield from (_sent(name) for name in names[::every])


def nothing_outside(archive: Path, every: int) -> None:
    """Ask each place for every so-many-th name, and look at each file that is touched."""
    need("strace", "strace")
    canary = archive.parent / CANARY / "canary.png"
    canary.parent.mkdir()
    canary.write_text("the contents of the canary")
    found, told = Counter[int](), list[bytes]()
    with served(archive) as site:
        drawn = rows(archive, "SELECT id FROM versions WHERE reader LIKE 'pdf%' LIMIT 1")[0][0]
        ask_raw(site, _of(f"/d/{drawn}/p1.png", ""))  # so that what draws is there, with all that it needs
        with touched(process_at(site), archive.parent / "touched.log") as paths:
            for request in _requests(archive, canary, every):
                answer = ask_raw(site, request)
                found[int(answer.split(b" ", 2)[1])] += 1
                if b"contents of the canary" in answer or b"root:x:0" in answer:
                    told.append(request)
            ask_raw(site, _of(f"/d/{drawn}/p1.png", ""))
    alien = outside(paths, archive)
    figure("PT-02", names=len(NAMES), places=len(PLACES) + 1, asked=found.total(), files_touched=len(set(paths)),
           outside=len(alien), answers=dict(sorted(found.items())))  # fmt: skip
    assert any("/cache/pictures/" in path for path in paths), "what the server itself touches is seen"
    assert (alien, told) == ([], [])
    assert not [status for status in found if status >= 500 and status != 503]
    assert canary.read_text() == "the contents of the canary"


def test_pt_02_no_path_leads_out_of_the_archive(demo_archive: Path) -> None:
    nothing_outside(demo_archive, 6)


@pytest.mark.soak
def test_pt_02_no_name_in_any_place_leads_out_of_the_archive(demo_archive: Path) -> None:
    nothing_outside(demo_archive, 1)


def test_a_file_outside_is_seen(tmp_path: Path) -> None:
    """The control: a program that opens what such a path names, and one that only looks whether it is there."""
    (tmp_path / "archive").mkdir()
    (tmp_path / CANARY).write_text("x")
    for does in ("open(name).read()", "os.stat(name)", "os.path.realpath(name)"):
        program = f"import os, sys\nfor line in sys.stdin:\n    name = line.rstrip()\n    {does}\n    print(flush=True)"
        with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as child:  # fmt: skip
            assert child.stdin is not None
            assert child.stdout is not None
            with touched(child.pid, tmp_path / "touched.log") as paths:
                child.stdin.write(f"{tmp_path}/archive/../{CANARY}\n")
                child.stdin.flush()
                child.stdout.readline()
            child.stdin.close()
        assert str(tmp_path / CANARY) in outside(paths, tmp_path / "archive"), does
