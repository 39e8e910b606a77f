"""Programs of others take our exports: validators, pywb, and ReplayWeb.page in a real browser (`make interop`)."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

from archive.catalog.opening import open_catalogue
from archive.export import wacz
from tests.conftest import ROOT, need
from tests.demo_archive import DemoArchive
from tests.exported import exported, gunzipped
from tests.figures import figure
from tests.test_export_site import FLAGS, PAYLOAD
from tests.test_interop import THEIRS, Kept, every_kind, pywb, replayed

REPLAYWEB = ROOT / ".venv-interop" / "replayweb"
pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def made(demo_made: DemoArchive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the demo's release in each form that another program checks."""
    if not (THEIRS / "frictionless").exists():
        pytest.skip("the other programs aren't installed: `make interop`")
    folder = tmp_path_factory.mktemp("exports")
    exported(demo_made.path, "wacz", folder / "all.wacz")
    exported(demo_made.path, "package", folder / "package")
    return folder


def run(*line: object) -> tuple[int, str]:
    done = subprocess.run([*map(str, line)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_validators_take_them(made: Path, tmp_path: Path) -> None:
    valid = run(THEIRS / "wacz", "validate", "-f", made / "all.wacz")
    package = run(THEIRS / "frictionless", "validate", made / "package" / "datapackage.json")
    assert (valid[0], "the passed WACZ is valid" in valid[1]) == (0, True), valid[1]
    assert package[0] == 0, package[1]
    harmed = Path(shutil.copytree(made / "package", tmp_path / "harmed"))
    table = harmed / "tables" / "documents.csv"
    table.write_bytes(table.read_bytes().replace(b"listed", b"lifted", 1))
    refused = run(THEIRS / "frictionless", "validate", harmed / "datapackage.json")
    assert refused[0] == 1, "the control: an altered table is found"
    bad = tmp_path / "bad.wacz"
    bad.write_bytes((made / "all.wacz").read_bytes().replace(b"json-pages-1.0", b"json-pages-9.9"))
    assert run(THEIRS / "wacz", "validate", "-f", bad)[0] != 0, "the control: an altered entry is found"
    figure("CO-15", exports=["wacz", "data package"], tools=["wacz validate", "frictionless validate"], rejects=0)


def entries(file: Path, folder: str) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(file) as package:
        yield from ((name, package.read(name)) for name in package.namelist() if name.startswith(folder))


def test_the_index_is_that_of_another_program(made: Path, tmp_path: Path) -> None:
    for name, content in entries(made / "all.wacz", "archive/"):
        (tmp_path / name.rpartition("/")[2]).write_bytes(content)
    warcs = sorted(tmp_path.glob("*.warc.gz"))
    line = [THEIRS / "cdxj-indexer", "--sort", "--records", "response,revisit,resource", *warcs]
    theirs = [_told(one) for one in run(*line)[1].splitlines()]
    packed = [content for _, content in entries(made / "all.wacz", "indexes/index.cdx.gz")]
    ours = [_told(one) for one in gunzipped(packed[0]).decode().splitlines()]
    assert sorted(ours) == sorted(theirs)
    assert len(ours) > 100
    assert run(Path(sys.executable).with_name("warcio"), "check", *warcs) == (0, "")


def _told(line: str) -> tuple[Any, ...]:
    """Return what both say: the key, the instant, and where the record lies.

    In an address within an address cdxj-indexer takes one of two slashes away, and ReplayWeb.page doesn't.
    """
    key, instant, told = line.split(" ", 2)
    facts = json.loads(told)
    places = tuple(int(facts[name]) for name in ("offset", "length"))
    return key.replace("//", "/"), instant, facts["url"], facts["filename"], *places, facts["mime"] == "warc/revisit"


def test_pywb_replays_what_is_in_it(made: Path, tmp_path: Path, demo_made: DemoArchive) -> None:
    (tmp_path / "files").mkdir()
    for name, content in entries(made / "all.wacz", "archive/"):
        (tmp_path / "files" / name.rpartition("/")[2]).write_bytes(content)
    wanted = []
    with closing(open_catalogue(demo_made.path / "archive.db")) as catalogue:
        source = wacz.Source(demo_made.path, catalogue)
        for _, content in entries(made / "all.wacz", "pages/"):
            for line in content.splitlines()[1:]:
                page = json.loads(line)
                asked = "SELECT id FROM captures WHERE url = ? AND captured_at = ? AND status = 200"
                held = catalogue.execute(asked, (page["url"], page["ts"])).fetchone()
                wanted.append(Kept(page["url"], page["ts"], source.store().payload(held[0])))
    (tmp_path / "pywb").mkdir()
    with pywb(sorted((tmp_path / "files").iterdir()), tmp_path / "pywb") as port:
        wrong = [one.url for one in wanted if replayed(port, one) != one.payload]
    figure("ME-05", program="pywb", of="WACZ", pages=len(wanted), other=len(wrong))
    assert (wrong, len(wanted) > 30) == ([], True)


class _Ranges(http.server.SimpleHTTPRequestHandler):
    """Serves files, and parts of them where a part is asked for."""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range") or "")
        path = Path(self.translate_path(self.path))
        if asked is None or not path.is_file():
            super().do_GET()
            return
        content = path.read_bytes()
        start = int(asked[1]) if asked[1] else max(0, len(content) - int(asked[2]))
        end = min(int(asked[2]) if asked[1] and asked[2] else len(content) - 1, len(content) - 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{end}/{len(content)}")
        self.send_header("Content-Length", str(end - start + 1))
        self.end_headers()
        self.wfile.write(content[start : end + 1])


@contextmanager
def replayweb(file: Path, folder: Path) -> Iterator[tuple[str, BrowserContext, list[str]]]:
    """Serve ReplayWeb.page, as it comes, with a WACZ file beside it; give its address, a browser, what was asked."""
    if not REPLAYWEB.exists():
        pytest.skip("ReplayWeb.page isn't here: `make interop`, where npm is installed")
    site = Path(shutil.copytree(REPLAYWEB, folder / "site"))
    shutil.copyfile(file, site / "the.wacz")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Ranges, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    asked: list[str] = []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=need("chromium", "chromium"), args=FLAGS)
            context = browser.new_context()
            context.on("request", lambda request: asked.append(request.url))
            yield f"http://127.0.0.1:{server.server_port}", context, asked
            browser.close()
    finally:
        server.shutdown()
        server.server_close()


def shown(page: Page, address: str, one: dict[str, str], words: str) -> str:
    """Open a page of the WACZ in ReplayWeb.page, and return what its frame shows once some words are there."""
    instant = "".join(filter(str.isdigit, one["ts"]))
    page.goto(f"{address}/index.html?source=/the.wacz#view=pages&url={quote(one['url'], safe='')}&ts={instant}")
    text = ""
    for _ in range(60):
        page.wait_for_timeout(500)
        frames = [frame for frame in page.frames if "/w/" in frame.url and "mp_/" in frame.url]
        for frame in frames:
            text = str(frame.evaluate("document.body ? document.body.innerText : ''"))
            if words in " ".join(text.split()):
                return text
    return text


def test_replayweb_page_shows_each_pages_own_text(made: Path, tmp_path: Path, demo_made: DemoArchive) -> None:
    listed = [json.loads(line) for _, content in entries(made / "all.wacz", "pages/") for line in content.splitlines()]
    html = [one for one in listed[1:] if not one["url"].endswith(".pdf")]
    wrong, tried = [], 0
    with closing(open_catalogue(demo_made.path / "archive.db")) as catalogue:
        asked = (
            "SELECT substr(p.text, 1, 4000) FROM captures AS c JOIN versions AS v ON v.capture = c.id"
            " JOIN pages AS p ON p.version = v.id WHERE c.url = ? AND c.captured_at = ? AND c.media_type = 'text/html'"
            " ORDER BY length(p.text) DESC"
        )
        texts = {one["id"]: catalogue.execute(asked, (one["url"], one["ts"])).fetchone() for one in html}
    with replayweb(made / "all.wacz", tmp_path) as (address, context, asked_for):
        page = context.new_page()
        for one in [one for one in html if texts[one["id"]]][:8]:
            lines = [line for line in texts[one["id"]][0].split("\n") if len(line) > 40]
            words = " ".join(max(lines, key=len).split()[:8]) if lines else ""
            tried += 1
            if not words or words not in " ".join(shown(page, address, one, words).split()):
                wrong.append((one["url"], words))
        own = [url for url in asked_for if url.startswith("http") and not url.startswith(address)]
    figure("ME-05", program="ReplayWeb.page 2.5.3", pages=tried, other=len(wrong), asked_elsewhere=len(own))
    assert (wrong, own, tried > 4) == ([], [], True)


def test_titles_in_a_wacz_run_nowhere(tmp_path: Path) -> None:
    """XS-17 for WACZ: a payload in the title of the file and of each page, shown by ReplayWeb.page."""
    (tmp_path / "kinds").mkdir()
    folder = every_kind(tmp_path / "kinds")
    with closing(open_catalogue(folder / "archive.db")) as catalogue, (tmp_path / "x.wacz").open("w+b") as file:
        rows = catalogue.execute("SELECT id, url, captured_at FROM captures ORDER BY captured_at").fetchall()
        pages = [wacz.Page(url, at, PAYLOAD.format(n=number)) for number, (_, url, at) in enumerate(rows)]
        told = wacz.Told(PAYLOAD.format(n=98), PAYLOAD.format(n=99), "2018-01-26T15:00:00Z")
        names = [row[0] for row in rows]
        wacz.write_wacz(file, wacz.Source(folder, catalogue), names, pages, told, lambda *_: None)
    with replayweb(tmp_path / "x.wacz", tmp_path) as (address, context, _):
        page, said = context.new_page(), list[str]()
        page.on("dialog", lambda dialog: said.append(dialog.message))
        ran, seen = 0, ""
        for view in ("pages", "resources", "info"):
            page.goto(f"{address}/index.html?source=/the.wacz&{view}#view={view}")
            page.wait_for_timeout(6_000)
            ran += page.title().startswith("run-")
            seen += str(page.evaluate(_TEXT))
    figure("XS-17", export="wacz", program="ReplayWeb.page 2.5.3", payloads=len(pages) + 2,
           shown=sum(f"run-{number}'" in seen for number in range(len(pages))), executions=ran)  # fmt: skip
    assert (ran, said) == (0, [])
    assert "run-0'" in seen, "the control: titles are shown"


# The text of all shadow trees.
_TEXT = """() => { const all = node => [...(node.childNodes || [])].map(one =>
  (one.nodeType === 3 ? one.data : '') + (one.shadowRoot ? all(one.shadowRoot) : '') + all(one)).join(' ');
  return all(document.body); }"""
