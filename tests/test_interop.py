"""Programs of others accept every WARC file that is written, index it and replay it (CO-15): `make interop`.

They live in a virtual environment of their own, so that what they need is none of our business.
"""

from __future__ import annotations

import gzip
import http.client
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from archive.catalog.opening import open_catalogue
from archive.model import Asked, Exchange
from archive.store.erasing import erase_captures
from archive.store.journal import Journal
from archive.store.store import CaptureStore
from tests.conftest import ROOT
from tests.demo_archive import DemoArchive
from tests.figures import figure

THEIRS = ROOT / ".venv-interop" / "bin"
ASKED = Asked("dhs_pia", "dhs_pia-2018-01-26", "parse_publication", {"page": 2})
PAGE = b"<html><head><title>Plates</title></head><body><p>Read here.</p></body></html>"


@dataclass(frozen=True)
class Kept:
    """A capture as a stranger asks for it, and what it is to be answered with."""

    url: str
    captured_at: str
    payload: bytes

    @property
    def instant(self) -> str:
        return "".join(part for part in self.captured_at if part.isdigit())


def _message(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", "Content-Type: text/html", *headers, "", "")).encode() + body


def _exchange(name: str, second: int, response: bytes, **facts: object) -> Exchange:
    request = f"GET /{name} HTTP/1.1\r\nHost: example.gov\r\n\r\n".encode()
    given = {"url": f"https://example.gov/{name}", "captured_at": f"2018-01-26T15:00:{second:02}Z", "status": 200}
    return Exchange(**{**given, "request": request, "response": response, **facts})  # type: ignore[arg-type]


def every_kind(folder: Path) -> Path:
    """Make an archive with a record of each kind that we write; one that was taken out again lay among them."""
    with (
        closing(open_catalogue(folder / "archive.db")) as connection,
        CaptureStore.open(folder, connection, Journal(folder)) as store,
    ):
        packed = gzip.compress(PAGE * 20, mtime=0)
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (packed[:40], packed[40:], b""))
        plain = store.add(_exchange("plain", 0, _message(PAGE, f"Content-Length: {len(PAGE)}")), ASKED)
        coded = _message(chunks, "Content-Encoding: gzip", "Transfer-Encoding: chunked")
        store.add(_exchange("coded", 1, coded), ASKED)
        erased = store.add(_exchange("erased", 2, _message(b"zyx" * 900)), ASKED)
        store.add(_exchange("plain", 3, _message(PAGE, f"Content-Length: {len(PAGE)}")), ASKED)
        same = _message(b"", 'ETag: "1"', status="304 Not Modified")
        store.add(_exchange("plain", 4, same, status=304, confirms=plain.id), ASKED)
        post = (
            b"POST /search HTTP/1.1\r\nHost: example.gov\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n"
        )
        found = _exchange("search", 5, _message(b"found"), request=post + b'{"a":1}', method="POST")
        store.add(found, replace(ASKED, arguments={"page": 3}))
        store.add(_exchange("missing", 6, _message(b"no such page", status="404 Not Found"), status=404), ASKED)
        made = _exchange("plain", 7, PAGE + b"<p>By a script.</p>", kind="conversion", fidelity="rendered")
        store.add(replace(made, request=b"", made_from=plain.id), ASKED)
        handed_in = _exchange(
            "handed-in.pdf", 8, b"%PDF-1.4 handed in", kind="resource", fidelity="deposited", status=0
        )
        store.add(replace(handed_in, request=b"", file_name="handed-in.pdf"), replace(ASKED, run="deposit-2018-01-26"))
        store.add(_exchange("empty", 9, _message(b"", "Content-Length: 0")), ASKED)
        erase_of = erased.id
    with closing(open_catalogue(folder / "archive.db")) as connection:
        erase_captures(folder, connection, Journal(folder), {erase_of: {}}, {"at": "2018-01-27T00:00:00Z"})
    return folder


def kept(folder: Path) -> list[Kept]:
    """Return what another program is asked for: all captures but what a browser made of a page, which nobody sent."""
    found = []
    with closing(open_catalogue(folder / "archive.db")) as connection, CaptureStore.open(folder, connection) as store:
        for (name,) in connection.execute("SELECT id FROM captures WHERE kind != 'conversion'").fetchall():
            one = store.read(name)
            # That the server said "not modified" is replayed as just that.
            found.append(Kept(one.capture.url, one.capture.captured_at, b"" if one.unchanged else one.body))
    return found


@contextmanager
def pywb(warcs: list[Path], folder: Path) -> Iterator[int]:
    """Serve a collection of files by pywb as it comes, and give the port."""
    manager = [THEIRS / "wb-manager"]
    subprocess.run([*manager, "init", "coll"], cwd=folder, check=True, capture_output=True)
    subprocess.run([*manager, "add", "coll", *warcs], cwd=folder, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    line = [str(THEIRS / "wayback"), "-b", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(line, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=10)


def replayed(port: int, one: Kept) -> bytes:
    """Return the bytes of a capture as pywb replays them, unaltered. Answers to a POST stand at their address, too."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", f"/coll/{one.instant}id_/{one.url}")
    with closing(connection):
        answer = connection.getresponse()
        body = answer.read()
        return gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body


def _refused(warcs: Sequence[Path]) -> list[str]:
    """Return what `warcio check` says against files."""
    line = [str(Path(sys.executable).parent / "warcio"), "check", *map(str, warcs)]
    checked = subprocess.run(line, capture_output=True, text=True, check=False)
    return [checked.stdout + checked.stderr] if checked.returncode or checked.stdout else []


def _wrong(folder: Path, at: Path) -> tuple[list[str], int, int]:
    """Return what other programs make of an archive otherwise than we do; how many files and captures they had."""
    warcs, wanted = sorted((folder / "warc").glob("*.warc.gz")), kept(folder)
    wrong = _refused(warcs)
    line = [str(THEIRS / "cdxj-indexer"), "--records", "response,revisit,resource", *map(str, warcs)]
    indexed = subprocess.run(line, capture_output=True, text=True, check=False)
    if (indexed.returncode, len(indexed.stdout.splitlines())) != (0, len(wanted)):
        wrong.append(f"cdxj-indexer: {indexed.returncode}, {len(indexed.stdout.splitlines())} of {len(wanted)}")
    at.mkdir()
    with pywb(warcs, at) as port:
        wrong += [f"pywb: {one.instant} {one.url}" for one in wanted if replayed(port, one) != one.payload]
    return wrong, len(warcs), len(wanted)


@pytest.mark.soak
def test_other_programs_take_what_we_write(demo_made: DemoArchive, tmp_path: Path) -> None:
    if not (THEIRS / "wayback").exists():
        pytest.skip("the other programs aren't installed: `make interop`")
    (tmp_path / "kinds").mkdir()
    demo = Path(shutil.copytree(demo_made.path, tmp_path / "demo"))
    wrong: list[str] = []
    files = captures = 0
    for number, folder in enumerate((every_kind(tmp_path / "kinds"), demo)):
        found, warcs, held = _wrong(folder, tmp_path / f"theirs-{number}")
        wrong, files, captures = wrong + found, files + warcs, captures + held
    figure("CO-15", files=files, captures=captures, tools=["warcio check", "cdxj-indexer", "pywb"], rejects=len(wrong))
    assert wrong == []
    harmed = next((tmp_path / "kinds" / "warc").glob("dhs_pia*"))
    content = harmed.read_bytes()
    harmed.chmod(0o600)
    harmed.write_bytes(content[:-400] + content[-300:])
    assert _refused([harmed]), "what is damaged is refused"


def test_every_file_of_the_demo_passes_warcio(demo_made: DemoArchive, tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    made = every_kind(tmp_path / "kinds")
    assert _refused([*(demo_made.path / "warc").glob("*.gz"), *(made / "warc").glob("*.gz")]) == []
    with closing(sqlite3.connect(tmp_path / "kinds" / "archive.db")) as catalogue:
        kinds = {row[0] for row in catalogue.execute("SELECT kind FROM captures")}
        again = catalogue.execute("SELECT count(*) FROM records WHERE revisit_of != ''").fetchone()[0]
    assert (kinds, again) == ({"response", "resource", "conversion"}, 2), "of each kind there is one"
