"""Pages that scripts make, in a real Chromium: read, recorded, replayed; and what hostile ones come to."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.folder import ArchiveFolder
from archive.model import Asked
from archive.store.recording import Recording
from archive.store.store import CaptureStore
from tests.conftest import ROOT, need
from tests.demo_archive import SAMPLE, oversight, rows
from tests.scripted_server import ScriptedServer, answer

pytestmark = pytest.mark.browser

LISTING = b"""<!DOCTYPE html><html><head><title>Assessments</title><link rel="stylesheet" href="/missing.css"></head>
<body><h1>Assessments</h1><ul id="list"></ul><img src="/seal.png"><script src="/old.js"></script></body></html>"""
SCRIPT = b"""fetch("/list.json").then(answer => answer.json()).then(names => {
  for (const name of names) {
    const row = document.getElementById("list").appendChild(document.createElement("li"));
    row.innerHTML = `<a href="/${name}">${name}</a>`;
  }
});"""
# A page says something, then does something; what becomes of it is told by its outcomes.
HOSTILE: dict[str, tuple[str, list[str]]] = {
    "good": ("", ["document"]),
    "loop": ("for (;;);", ["page-hung"]),
    "alerts": ("for (;;) alert(1);", ["page-hung"]),
    "huge": ("document.body.append('x'.repeat(300000));", ["too-large"]),
    "flood": ("for (let n = 0; n < 1e6; n++) fetch('/part?' + n).catch(() => 0);", ["page-hung"]),
    "restless": ("setInterval(() => fetch('/part').catch(() => 0), 200);", ["document", "page-unsettled"]),
    "leaving": ("location.href = 'http://elsewhere.example/';", ["document", "page-left"]),
    "elsewhere": ("fetch('https://elsewhere.example/x').catch(() => 0);", ["document", "page-part-refused"]),
    "forbidden": ("fetch('/private/x').catch(() => 0);", ["document", "page-part-refused"]),
    "windows": ("for (let n = 0; n < 99; n++) open('/part?w' + n);", ["document"]),
    "download": ("const a = document.createElement('a'); a.href = '/part'; a.download = 'x'; a.click();", ["document"]),
    "private": (
        """fetch("http://VICTIM/fetched", {mode: "no-cors"}).catch(() => 0);
        new WebSocket("ws://VICTIM/socket"); new EventSource("http://VICTIM/events");
        navigator.sendBeacon("http://VICTIM/beacon", "x"); open("http://VICTIM/window");
        new Worker(URL.createObjectURL(new Blob([`new WebSocket("ws://VICTIM/worker"); fetch("http://VICTIM/w")`])));
        const turn = {urls: "turn:VICTIM?transport=tcp", username: "a", credential: "b"};
        const peer = new RTCPeerConnection({iceServers: [turn]});
        peer.createDataChannel("x"); peer.createOffer().then(offer => peer.setLocalDescription(offer));
        document.head.innerHTML += '<link rel="preconnect" href="http://VICTIM"><link rel="prefetch" href="http://VICTIM/p">';
        document.body.innerHTML += '<iframe src="http://VICTIM/frame"></iframe><object data="http://VICTIM/o"></object>';""",
        ["document", "page-part-refused"],
    ),
}  # fmt: skip


# Takes a second for it, and four where three tests run on two slow processors: it has a crawl, and time, of its own.
TAKES_ALL_MEMORY = "for (const all = [];;) all.push(new Array(1e6).fill(Math.random()));"


def page(name: str, script: str) -> bytes:
    return (
        f"<!DOCTYPE html><title>{name}</title><body><h1>The page {name}</h1><p>Before. <p id=made></p><script>"
        f"document.getElementById('made').textContent = 'Made by a script for {name}.'; {script}</script>"
    ).encode()


@dataclass(frozen=True)
class Crawled:
    archive: Path
    server: ScriptedServer
    victim: ScriptedServer

    def rows(self, query: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self.archive / "archive.db")) as connection:
            return connection.execute(query, values).fetchall()


def crawl(archive: Path, server: ScriptedServer, replay: Path | None = None, **settings: object) -> None:
    """Crawl the server, or a recording of it, in a process of its own."""
    ours = {
        "SPIDER_MODULES": ["tests.hostile.walked"], "ADDRESS_GUARD_ADMIT": server.host, "DOWNLOAD_TIMEOUT": 20,
        "SOURCE_ARGUMENTS": {"walked": {"listing": f"{server.url}/"}}, "BROWSER_SOURCES": ["walked"],
        "BROWSER_PATH": need("chromium", "chromium"), "BROWSER_SECONDS": 4, "BROWSER_CHARACTERS": 200_000,
        "BROWSER_REQUESTS": 30, **settings,
    }  # fmt: skip
    told = {"archive": str(archive), "source": "walked", "settings": ours, "replay": str(replay or "")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.live", json.dumps(told)], cwd=ROOT, capture_output=True, timeout=240,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:].decode()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    archive = tmp_path_factory.mktemp("rendered") / "archive"
    with ScriptedServer({}) as victim, ScriptedServer({}) as server:
        server.scripts = {
            "/": answer(LISTING, Content_Type="text/html"),
            "/old.js": answer(b"", "301 Moved Permanently", Location="/app.js"),
            "/app.js": answer(SCRIPT, Content_Type="text/javascript", Link="</pushed.js>; rel=preload; as=script"),
            "/list.json": answer(json.dumps(list(HOSTILE)).encode(), Content_Type="application/json"),
            "/part": answer(b"a part", Content_Type="text/plain"),
            "/robots.txt": answer(b"User-agent: *\nDisallow: /private/\n", Content_Type="text/plain"),
        }
        for name, (script, _) in HOSTILE.items():
            server.scripts[f"/{name}"] = answer(
                page(name, script.replace("VICTIM", victim.host)), Content_Type="text/html"
            )
        crawl(archive, server)
        yield Crawled(archive, server, victim)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_page_does_has_a_name(name: str, crawled: Crawled) -> None:
    found = crawled.rows("SELECT outcome FROM outcomes WHERE subject = ?", f"{crawled.server.url}/{name}")
    assert sorted(outcome for (outcome,) in found) == sorted([*HOSTILE[name][1], "page-part"])


def test_a_page_that_takes_all_memory_crashes_by_name(tmp_path: Path) -> None:
    listing = b'<html><h1>Assessments</h1><ul><li><a href="/memory">memory</a></li></ul>'
    with ScriptedServer({}) as server:
        server.scripts = {
            "/": answer(listing, Content_Type="text/html"),
            "/memory": answer(page("memory", TAKES_ALL_MEMORY), Content_Type="text/html"),
        }
        crawl(tmp_path / "archive", server, BROWSER_SECONDS=30)
        found = rows(tmp_path / "archive", "SELECT outcome FROM outcomes WHERE subject = ?", f"{server.url}/memory")
    assert sorted(found) == [("page-crashed",), ("page-part",)]


def test_what_scripts_made_is_what_is_read(crawled: Crawled) -> None:
    found = crawled.rows(
        "SELECT kind, fidelity, status, media_type, callback, outcome FROM captures WHERE url = ? ORDER BY kind",
        f"{crawled.server.url}/",
    )
    assert found == [
        ("conversion", "rendered", 200, "text/html", "parse_listing", "listing"),
        ("response", "wire", 200, "text/html", "", "page-part"),
    ]
    assert crawled.rows("SELECT count(*) FROM statements WHERE body LIKE '%Made by a script for good.%'") == [(1,)]
    parts = crawled.rows(
        "SELECT substr(url, length(?) + 1), status, json_extract(arguments, '$.part_of') = ? || '/' FROM captures"
        " WHERE callback = '' AND url LIKE '%.%' AND json_extract(arguments, '$.part_of') LIKE '%/' ORDER BY 1",
        *[crawled.server.url] * 2,
    )
    assert parts[1:] == [("/app.js", 200, 1), ("/list.json", 200, 1), ("/missing.css", 404, 1), ("/old.js", 301, 1)]


def test_the_browser_itself_reached_nothing(crawled: Crawled) -> None:
    """Every request that the server saw is on record, and one that wasn't answered by us connected to nobody."""
    assert crawled.victim.connections == 0
    asked = {request.split(b" ")[1].decode() for request in crawled.server.requests}
    recorded = crawled.rows("SELECT url FROM captures WHERE kind = 'response'")
    assert {url.removeprefix(crawled.server.url) for (url,) in recorded} == asked
    assert crawled.server.connections == len(crawled.server.requests)
    assert b"GET /seal.png" not in b"".join(crawled.server.requests), "nobody reads pictures"


def test_other_programs_read_the_record(crawled: Crawled) -> None:
    seen: dict[str, list[Any]] = {"response": [], "conversion": []}
    for file in (crawled.archive / "warc").iterdir():
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                if record.rec_type in seen:
                    seen[record.rec_type].append(record.rec_headers)
                    record.content_stream().read()
    made_from = [headers.get_header("WARC-Refers-To") for headers in seen["conversion"]]
    assert made_from
    assert set(made_from) <= {headers.get_header("WARC-Record-ID") for headers in seen["response"]}


def told(archive: Path) -> list[Any]:
    with closing(sqlite3.connect(archive / "archive.db")) as connection:
        return connection.execute(
            "SELECT statements.kind, body, url FROM statements JOIN sightings ON statement = statements.id"
            " JOIN captures ON captures.id = capture ORDER BY 1, 2, 3"
        ).fetchall()


def test_a_replay_reads_what_the_browser_made_then(crawled: Crawled, tmp_path: Path) -> None:
    """No browser is started, and none could: a second replay adds nothing."""
    (warc,) = (crawled.archive / "warc").iterdir()
    before = len(crawled.server.requests)
    for _ in range(2):
        crawl(tmp_path / "again", crawled.server, warc, BROWSER_PATH="/bin/false")
    assert told(tmp_path / "again") == told(crawled.archive) != []
    assert len(crawled.server.requests) == before
    with closing(sqlite3.connect(tmp_path / "again" / "archive.db")) as connection:
        ((rendered,),) = connection.execute("SELECT count(*) FROM captures WHERE kind = 'conversion'")
    assert rendered == crawled.rows("SELECT count(*) FROM captures WHERE kind = 'conversion'")[0][0]


def wire_only(warc: Path, folder: Path) -> Path:
    """Make a recording of what went over the wire, as other programs have it."""
    recording = Recording(warc)
    archive = ArchiveFolder.open(folder)
    store: CaptureStore = archive.store
    for entry in recording.entries:
        if not entry.rendered and not any(name in entry.url for name in HOSTILE if name != "good"):
            store.add(recording.exchange_of(entry), Asked("walked", entry.run))
    archive.close()
    (made,) = (folder / "warc").iterdir()
    return made


def test_a_recording_without_it_is_opened_again_and_answers_every_request(crawled: Crawled, tmp_path: Path) -> None:
    (warc,) = (crawled.archive / "warc").iterdir()
    before = len(crawled.server.requests)
    crawl(tmp_path / "again", crawled.server, wire_only(warc, tmp_path / "recording"))
    assert len(crawled.server.requests) == before
    good = [said for said in told(crawled.archive) if said[2].endswith("/good") or said[0] in ("index", "listed")]
    assert [said for said in told(tmp_path / "again") if said in good] == good != []


def test_a_rebuild_reads_the_same_bytes(crawled: Crawled) -> None:
    before = told(crawled.archive)
    code = (
        "import sys; from pathlib import Path; from pipelines.plan import project_settings;"
        "from pipelines.rebuild import rebuild; folder = Path(sys.argv[1]); settings = project_settings(folder);"
        "settings.set('SPIDER_MODULES', ['tests.hostile.walked']);"
        "found = rebuild(folder, settings).findings; sys.exit(str(found) if found else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(crawled.archive)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert told(crawled.archive) == before != []


def test_without_a_browser_it_is_said_before_anything_is_done(tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text("[sources.dhs_pia]\nbrowser = true\n")
    refused = oversight(
        "crawl", "dhs_pia", "--replay", SAMPLE, "--archive", tmp_path / "archive",
        OVERSIGHT_SOURCES=str(sources), PATH=str(tmp_path),
    )  # fmt: skip
    assert refused.returncode == 2
    assert "dhs_pia opened in a browser: install" in refused.stderr
    assert not list((tmp_path / "archive").glob("warc/*"))
