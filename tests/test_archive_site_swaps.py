"""Releases that take each other's place while they are read (RS-02, RS-05, CC-04): whole answers, nothing left open."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import shutil
import sqlite3
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from archive.release.folder import Releases
from tests.asking_the_site import get
from tests.catalogue_rows import PIA
from tests.demo_archive import oversight
from tests.figures import figure
from tests.hostile.pdf import lines, written
from tests.served_releases import an_archive, copy_of, files_held, publish, served, site_of

# A document's page and its data, a page of it, a list with what comes after it, a search, a long answer, a style sheet.
READ = (f"/d/{PIA}", f"/d/{PIA}.json", f"/d/{PIA}/p2", "/archive/documents.json?_size=2&_facet=collection", "(next)",
        "/search.json?q=plate", "/archive/pages.csv?_stream=1", "/archive", "/-/oversight/site.css")  # fmt: skip


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    releases = an_archive(tmp_path_factory.mktemp("published") / "archive")
    for number in range(1, 6):
        publish(releases, number)
    releases.set_current(1)
    return releases


@dataclass
class Read:
    """What the readers got."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    releases: set[int] = field(default_factory=set)

    def take(self, path: str, status: int, release: str, body: str) -> None:
        """Judge an answer: it is whole, and all that is in it is of the release that it says it is from."""
        if status != 200 or not release.isdecimal():
            self.wrong.append(f"{path}: {status} {release}")
            return
        self.releases.add(int(release))
        # The releases of these tests say in titles and texts which of five files each was made from.
        found = {int(number) % 5 for number in re.findall(r"\[of (\d+)\]", body)}
        if found - {int(release) % 5}:
            self.mixed.append(f"{path}: said to be of {release}, holds {found}")

    def p99(self) -> float:
        """Return the milliseconds in which 99 of 100 answers came."""
        return round(statistics.quantiles(self.seconds, n=100)[98] * 1000, 1)


class Reader(threading.Thread):
    """Somebody who goes from page to page until told to stop."""

    def __init__(self, site: str, read: Read, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
        self.read, self.stop = read, stop

    def run(self) -> None:
        following = "/archive/documents.json?_size=2"
        while not self.stop.is_set():
            for path in READ:
                asked = following if path == "(next)" else path
                body = self._ask(asked)
                if "_size=2" in asked and path != "(next)" and body.startswith("{"):
                    following = json.loads(body)["next_url"] or following
        self.connection.close()

    def _ask(self, path: str) -> str:
        began = time.monotonic()
        try:
            body, answer = self._answer(path)
        except (OSError, http.client.HTTPException) as error:
            self.read.wrong.append(f"{path}: {error!r}")
            self.connection.close()
            return ""
        self.read.seconds.append(time.monotonic() - began)
        self.read.take(path, answer.status, answer.headers["Oversight-Release"] or "", body)
        return body

    def _answer(self, path: str) -> tuple[str, http.client.HTTPResponse]:
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read().decode()
        if location := answer.headers["Location"]:
            return self._answer(location)
        return body, answer


@contextmanager
def reading(site: str, count: int) -> Iterator[Read]:
    """Have so many readers read meanwhile."""
    read, stop = Read(), threading.Event()
    readers = [Reader(site, read, stop) for _ in range(count)]
    for reader in readers:
        reader.start()
    try:
        yield read
    finally:
        stop.set()
        for reader in readers:
            reader.join(60)


def next_release(releases: Releases, number: int) -> None:
    """Publish a release whose file is a copy of one of the first five, and delete the one before the last."""
    made = releases.folder / ".new"
    shutil.copyfile(releases.folder / f"{(number - 1) % 5 + 1}.db", made)
    made.replace(releases.database(number))
    manifest = json.loads((releases.folder / f"{(number - 1) % 5 + 1}.json").read_text())
    made.write_text(json.dumps({**manifest, "number": number}))
    made.replace(releases.manifest_path(number))
    made.write_text(f"{number}\n")
    made.replace(releases.folder / "current")
    if number > 7:
        releases.manifest_path(number - 2).unlink()
        releases.database(number - 2).unlink()


def swap(site: str, releases: Releases, numbers: range, read: Read | None = None) -> list[float]:
    """Publish releases one after the other; return how many seconds each took until it was the one that answers.

    Between two, those who `read` get some answers.
    """
    probe, waited = Reader(site, Read(), threading.Event()), []
    for number in numbers:
        began = time.monotonic()
        next_release(releases, number)
        while True:
            _, answer = probe._answer("/cite")
            probe.connection.close()
            if answer.headers["Oversight-Release"] == str(number):
                break
        waited.append(time.monotonic() - began)
        answers = len(read.seconds) if read else 0
        while read and len(read.seconds) < answers + 4 and time.monotonic() < began + 20:
            time.sleep(0.005)
    return waited


def swaps_under_load(releases: Releases, swaps: int, readers: int, control: float) -> None:
    with served(releases.archive) as site:
        with reading(site, readers) as alone:
            time.sleep(control)
        swap(site, releases, range(6, 8))
        before = files_held(releases)
        with reading(site, readers) as read:
            waited = swap(site, releases, range(8, 8 + swaps), read)
        time.sleep(1.2)
        after = files_held(releases)
    figure("RS-02", swaps=swaps, readers=readers, answers=len(read.seconds), mixed=len(read.mixed),
           errors=len(read.wrong), p99_ms=read.p99(), p99_ms_without_swaps=alone.p99(),
           slowest_swap_ms=round(max(waited) * 1000, 1), releases_seen=len(read.releases))  # fmt: skip
    figure("RS-05", swaps=swaps, files_held_before=before, files_held_after=after)
    assert not read.mixed, read.mixed[:5]
    assert not read.wrong, read.wrong[:5]
    assert len(read.releases) > min(swaps, 60) / 3, "the readers read while releases were swapped"
    assert after == {f"{7 + swaps}.db": before["7.db"]}, "nothing of a release that is gone is held open"


def test_rs_02_swaps_under_load(published: Releases, tmp_path: Path) -> None:
    swaps_under_load(copy_of(published, tmp_path / "archive"), swaps=30, readers=8, control=1.0)


@pytest.mark.soak
def test_rs_02_a_thousand_swaps_under_load_of_fifty_readers(published: Releases, tmp_path: Path) -> None:
    swaps_under_load(copy_of(published, tmp_path / "archive"), swaps=1000, readers=50, control=20.0)


def test_a_request_that_began_before_a_swap_ends_with_what_it_began_with(published: Releases, tmp_path: Path) -> None:
    """All that one page asks, before and after the swap, it asks the same release; then that one is closed."""
    releases = copy_of(published, tmp_path / "archive")
    site = site_of(releases)
    assert site.serving is not None
    get(site, "/")
    began, go_on = threading.Event(), threading.Event()
    before = site.serving.current

    def slow(_connection: sqlite3.Connection) -> None:
        began.set()
        assert go_on.wait(20)

    async def one_request() -> list[str]:
        assert site.serving is not None
        async with site.serving.pinned(None):
            await site.get_database("archive").execute_fn(slow)
            found = await site.get_database("archive").execute("SELECT title FROM documents")
            return [re.findall(r"\[of (\d+)\]", row[0])[0] for row in found.rows]

    async def both() -> tuple[Any, list[str]]:
        older = asyncio.create_task(one_request())
        while not began.is_set():
            await asyncio.sleep(0.01)
        releases.set_current(2)
        newer = await site.client.get("/archive/documents.json")
        assert not before.connections.closed
        go_on.set()
        return newer, await older

    newer, older = asyncio.run(both())
    assert (newer.headers["oversight-release"], "[of 2]" in newer.text) == ("2", True)
    assert older == ["1"] * 4
    assert before.connections.closed


def test_what_goes_on_after_its_request_is_over_is_told_so_and_holds_up_nobody(
    published: Releases, tmp_path: Path
) -> None:
    releases = copy_of(published, tmp_path / "archive")
    site = site_of(releases)

    async def left_behind() -> None:
        assert site.serving is not None
        async with site.serving.pinned(None):
            database = site.get_database("archive")
        releases.set_current(2)
        assert (await site.client.get("/cite")).headers["oversight-release"] == "2"
        left = [asyncio.create_task(database.execute("SELECT 1")) for _ in range(20)]
        answers = await asyncio.wait_for(asyncio.gather(*left, return_exceptions=True), 10)
        assert all(isinstance(answer, sqlite3.ProgrammingError) for answer in answers)
        assert (await site.client.get("/archive/documents.json")).status_code == 200

    asyncio.run(left_behind())


@pytest.mark.soak
def test_cc_04_a_hundred_readers_of_the_site_meet_no_lock(demo_archive: Path, tmp_path: Path) -> None:
    """They read while files are taken in, the catalogue is made again, and releases are built and made again."""
    (tmp_path / "first.pdf").write_bytes(written(lines("A report that comes while a hundred people read.")))
    (tmp_path / "second.pdf").write_bytes(written(lines("Another one that comes while they read on.")))
    commands = (["deposit", tmp_path / "first.pdf"], ["release", "build"], ["rebuild"],
                ["deposit", tmp_path / "second.pdf"], ["release", "build"],
                ["withdraw", "dhs-cbp-pia-049", "--reason", "a test"], ["release", "build"])  # fmt: skip
    with served(demo_archive) as site, reading(site, 100) as read:
        statuses = [oversight("--archive", demo_archive, *command).returncode for command in commands]
        time.sleep(2)
    figure("CC-04", readers=100, answers=len(read.seconds), errors=len(read.wrong), releases=sorted(read.releases),
           p99_ms=read.p99(), statuses=statuses)  # fmt: skip
    assert not read.wrong, read.wrong[:5]
    assert len(read.releases) > 2
