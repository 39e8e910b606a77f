"""SV-01 to SV-05 and SV-11 through the whole chain: what a server sends has one name, and is never taken for a whole.

One crawl of loopback by the production handler; what it kept is then read once more by a rebuild.
"""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from pipelines.plan import project_settings
from pipelines.rebuild import rebuild
from tests.conftest import ROOT
from tests.demo_archive import environment, rows
from tests.figures import figure
from tests.hostile.server import DEADLINE, FAULTS, GOOD
from tests.scripted_server import Script, ScriptedServer, answer

GOOD_PAGES = 20
LARGEST = 2_000_000
HOPS = 100


@dataclass
class Crawled:
    """What the crawl left: `seconds` that each path's connection lasted, as the server saw it."""

    archive: Path
    report: Mapping[str, Any]
    server: ScriptedServer
    victim: ScriptedServer
    seconds: Mapping[str, float] = field(default_factory=dict)

    def outcomes_of(self, path: str) -> list[str]:
        found = rows(self.archive, "SELECT outcome FROM outcomes WHERE subject = ?", self.server.url + path)
        return [name for (name,) in found]


def timed(script: Script, path: str, seconds: dict[str, float]) -> Script:
    def run(connection: socket.socket) -> None:
        began = time.monotonic()
        try:
            connection.sendall(script) if isinstance(script, bytes) else script(connection)
        finally:
            seconds[path] = time.monotonic() - began

    return run


def onward(connection: socket.socket) -> None:
    """Lead to an address that nobody had heard of."""
    onward.hops += 1  # type: ignore[attr-defined]
    connection.sendall(answer(b"", "302 Found", Location=f"/onward?{onward.hops}"))  # type: ignore[attr-defined]


def scripts_of(victim: ScriptedServer, seconds: dict[str, float]) -> dict[str, Script]:
    onward.hops = 0  # type: ignore[attr-defined]
    scripts = {path: timed(one.script, path, seconds) for path, one in FAULTS.items()}
    for number in range(GOOD_PAGES):
        scripts[f"/good-{number}.pdf"] = answer(GOOD + b"%% %d" % number, Content_Type="application/pdf")
    scripts |= {f"/hop-{hop}": answer(b"", "302 Found", Location=f"/hop-{hop + 1}") for hop in range(HOPS)}
    scripts["/onward"] = onward
    for number, (status, to) in enumerate(outside(victim)):
        scripts[f"/out-{number}"] = answer(b"", f"{status} Moved", Location=to)
    return scripts


def outside(victim: ScriptedServer) -> list[tuple[int, str]]:
    """SS-02: the victim's address in many spellings, behind each kind of redirect."""
    port = victim.port
    targets = [
        f"http://127.0.0.1:{port}/", f"//127.0.0.1:{port}/", f"http://user:word@127.0.0.1:{port}/",
        f"https://127.0.0.1:{port}/", f"http://localhost:{port}/", f"http://0x7f.1:{port}/",
        f"http://[::ffff:127.0.0.1]:{port}/", f"http://127.0.0.1.:{port}/", f"http:/\\127.0.0.1:{port}/",
    ]  # fmt: skip
    return [(status, to) for status in (301, 302, 303, 307, 308) for to in targets]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    folder = tmp_path_factory.mktemp("server")
    seconds: dict[str, float] = {}
    with ScriptedServer({}) as victim, ScriptedServer({}) as server:
        misbehave(server, victim, seconds)
        yield Crawled(folder / "archive", crawl(folder, server), server, victim, seconds)


def misbehave(server: ScriptedServer, victim: ScriptedServer, seconds: dict[str, float]) -> None:
    """Have a server answer in every way, and link to all of it."""
    server.scripts.update(scripts_of(victim, seconds))
    links = [link for link in server.scripts if not link.startswith("/hop-") or link == "/hop-0"]
    page = "<html><body>" + "".join(f'<p><a href="{link}">A link</a></p>' for link in links)
    server.scripts["/"] = answer(page.encode(), Content_Type="text/html")


def crawl(folder: Path, server: ScriptedServer) -> Mapping[str, Any]:
    """Crawl the server in a process, and return the run's report."""
    told = {"archive": str(folder / "archive"), "source": "links", "settings": {
        "ADDRESS_GUARD_ADMIT": server.host, "SOURCE_ARGUMENTS": {"links": {"listing": f"{server.url}/"}},
        "HOST_RULES": {"*": {"delay": 0, "concurrency": 8}}, "DOWNLOAD_TIMEOUT": 2.0,
        "DOWNLOAD_DEADLINE": DEADLINE, "DOWNLOAD_MAXSIZE": LARGEST, "LOG_LEVEL": "INFO",
    }}  # fmt: skip
    with (folder / "log").open("wb") as log:
        done = subprocess.run(
            [sys.executable, "-m", "tests.hostile.live", json.dumps(told)], cwd=ROOT, stdout=subprocess.PIPE,
            stderr=log, check=False, timeout=240, env=environment(),
        )  # fmt: skip
    written = (folder / "log").read_text()
    assert done.returncode == 0, written[-3000:]
    assert not [words for words in ("Spider error", "Unhandled", "CRITICAL") if words in written], written[-3000:]
    report: Mapping[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.parametrize("path", FAULTS)
def test_each_fault_has_one_name(path: str, crawled: Crawled) -> None:
    named = [outcome for outcome in crawled.outcomes_of(path) if outcome not in ("text", "redirect-loop")]
    assert len(named) == 1
    assert set(named) <= FAULTS[path].outcomes


def test_the_good_pages_come_meanwhile_and_nothing_takes_longer_than_it_may(crawled: Crawled) -> None:
    """SV-01. The control run is within: twenty good files beside all that."""
    good = [crawled.outcomes_of(f"/good-{number}.pdf") for number in range(GOOD_PAGES)]
    assert all("document" in names for names in good)
    slow = {path: crawled.seconds[path] for path, one in FAULTS.items() if one.group == "SV-01"}
    assert len(slow) == 6
    longest = max(slow.values())
    figure("SV-01", faults=len(slow), seconds_until_given_up=round(longest, 1), allowed=DEADLINE, good=GOOD_PAGES)


def test_what_never_ends_is_cut_and_the_cut_is_marked(crawled: Crawled) -> None:
    """SV-02: the part that came is kept, with the reason (ISO 28500 5.13)."""
    endless = [path for path, one in FAULTS.items() if one.group == "SV-02"]
    taken = []
    for path in endless:
        ((cut, length),) = rows(
            crawled.archive, "SELECT truncated, payload_bytes FROM captures WHERE url = ?", crawled.server.url + path
        )
        assert cut, path
        taken.append(length)
    assert max(taken) <= LARGEST + (1 << 20)
    peak = crawled.report["peak_MB"]
    figure("SV-02", faults=len(endless), most_bytes_kept=max(taken), allowed=LARGEST, peak_MB_of_the_crawl=peak)
    assert peak < 600


def test_nothing_broken_is_a_whole_document(crawled: Crawled) -> None:
    """SV-03 and SV-04: a document is only what came whole."""
    broken = [
        path for path, one in FAULTS.items() if one.group in ("SV-03", "SV-04") and "document" not in one.outcomes
    ]
    urls = [crawled.server.url + path for path in broken]
    documents = {url for (url,) in rows(crawled.archive, "SELECT url FROM documents")}
    wrongly = documents.intersection(urls)
    assert not wrongly
    kept = {url for (url,) in rows(crawled.archive, "SELECT url FROM captures WHERE payload_bytes > 0")}
    assert set(urls) <= kept, "what came is kept"
    figure("SV-03", cases=len(broken), wrongly_whole=len(wrongly))


def test_redirects_end_and_none_leads_out(crawled: Crawled) -> None:
    """SV-05 and SS-02."""
    assert crawled.victim.connections == 0
    hops = [one for one in crawled.server.requests if one.startswith((b"GET /hop-", b"GET /onward"))]
    assert len(hops) <= 2 * 21
    kept = rows(crawled.archive, "SELECT count(*) FROM captures WHERE url LIKE '%/hop-%' OR url LIKE '%/onward%'")
    assert kept == [(len(hops),)], "each hop is on record"
    ended = rows(crawled.archive, "SELECT count(*) FROM outcomes WHERE outcome = 'redirect-loop'")
    assert ended >= [(3,)]
    asked = b"\r\n".join(crawled.server.requests).lower()
    assert b"/never" not in asked, "neither Refresh nor a page's own refresh is followed"
    assert b"\nx-injected" not in asked
    outs = len(outside(crawled.victim))
    figure("SV-05", hops_asked=len(hops), chains=2, allowed_each=20, connections_outside=crawled.victim.connections)
    figure("SS-02", redirects_out=outs, connections_at_victim=crawled.victim.connections)


def test_a_redirect_out_is_named(crawled: Crawled) -> None:
    """Once for each address, however many lead there; a password that stands in one isn't written down."""
    named = dict(rows(crawled.archive, "SELECT subject, outcome FROM outcomes WHERE outcome = 'address-refused'"))
    port = crawled.victim.port
    hosts = ["127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]", "127.0.0.1.", "user:REDACTED@127.0.0.1"]
    assert {f"http://{host}:{port}/" for host in hosts} <= named.keys()
    assert rows(crawled.archive, "SELECT count(*) FROM outcomes WHERE subject || detail LIKE '%user:word%'") == [(0,)]


def test_what_is_followed_is_what_is_on_record(crawled: Crawled) -> None:
    """Of two places that an answer names the first is followed, as the catalogue says."""
    assert "redirect" in crawled.outcomes_of("/to-two")
    assert crawled.outcomes_of("/b") == ["not-found"]


def test_heads_are_kept_byte_for_byte_or_refused(crawled: Crawled) -> None:
    """SV-11: what was sent of a head that was understood stands in the WARC file as it was sent."""
    heads = {path: one.script for path, one in FAULTS.items() if one.group == "SV-11"}
    whole = [path for path in heads if "document" in crawled.outcomes_of(path)]
    held = b"".join(gzip.decompress(file.read_bytes()) for file in crawled.archive.rglob("*.warc.gz"))
    for path in whole:
        head = heads[path].partition(b"\r\n\r\n")[0]  # type: ignore[union-attr]
        assert head in held, path
    refused = len(heads) - len(whole)
    figure("SV-11", cases=len(heads), kept_byte_for_byte=len(whole), refused_by_name=refused, crashes=0)


def test_a_rebuild_gives_each_the_same_name(crawled: Crawled) -> None:
    def held() -> list[Any]:
        return sorted(rows(crawled.archive, "SELECT subject, outcome FROM outcomes"))

    before = held()
    settings: Settings = project_settings(crawled.archive)
    settings.set("SPIDER_MODULES", ["tests.hostile.sources"], priority="cmdline")
    rebuild(crawled.archive, settings)
    assert held() == before


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_every_night_for_a_week(tmp_path: Path) -> None:
    """What is wrong with a server has its name each night, and nothing that came before is lost or written over."""
    archive, runs, documents, kept = tmp_path / "archive", set[str](), set[str](), dict[Path, bytes]()
    with ScriptedServer({}) as victim, ScriptedServer({}) as server:
        misbehave(server, victim, {})
        for night in range(7):
            onward.hops = 0  # type: ignore[attr-defined]
            crawl(tmp_path, server)
            (run,) = {name for (name,) in rows(archive, "SELECT id FROM runs")} - runs
            runs.add(run)
            for path, one in FAULTS.items():
                named = rows(
                    archive, "SELECT outcome FROM outcomes WHERE run = ? AND subject = ?", run, server.url + path
                )
                names = {name for (name,) in named} - {"text", "redirect-loop"}
                assert len(names) == 1, (night, path, names)
                assert names <= one.outcomes, (night, path, names)
            held = {name for (name,) in rows(archive, "SELECT id FROM documents")}
            assert documents <= held, night
            documents = held
            files = {file: file.read_bytes() for file in archive.rglob("*.warc.gz")}
            assert all(files[file].startswith(content) for file, content in kept.items()), night
            kept = files
            time.sleep(1 - time.time() % 1)
        assert victim.connections == 0
    figure("SV week", nights=7, faults=len(FAULTS), documents=len(documents), lost=0)
