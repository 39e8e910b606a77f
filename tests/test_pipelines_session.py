"""A run's record: what is kept is on the disk, and a replay done again adds no line to the journal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from archive.catalog.runs import fold
from archive.folder import ArchiveFolder
from archive.model import Exchange, Finding
from pipelines.clock import now
from pipelines.session import Run, Session, callback_name

RUN = Run("dhs_pia-2018-01-26-abc", "dhs_pia", "2018-01-26", "2018-01-26T00:00:00Z", replay=True, minimum=1, maximum=9)
AT = "2018-01-26T15:00:00Z"
REFUSED = Finding("address-refused", "https://x.example/", "not public")


def exchange(url: str = "https://www.dhs.gov/x", at: str = AT) -> Exchange:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n"
    return Exchange(url, at, b"GET /x HTTP/1.1\r\nHost: www.dhs.gov\r\n\r\n", head + b"Plate", status=200)


class Source:
    """Has a callback that a request can name."""

    def parse_publication(self, response: Response) -> None:
        """Read nothing."""


def session(folder: Path, run: Run = RUN) -> Session:
    return Session(ArchiveFolder.open(folder), run)


def test_an_exchange_is_kept_with_who_asked_before_anything_reads_it(tmp_path: Path) -> None:
    one = session(tmp_path)
    request = Request("https://www.dhs.gov/x", Source().parse_publication, cb_kwargs={"page": 3})
    capture = asyncio.run(one.keep(exchange(), request))
    other = ArchiveFolder.open(tmp_path)
    stored = other.store.read(capture.id)
    assert (stored.body, stored.capture.run, stored.capture.source) == (b"Plate", RUN.id, "dhs_pia")
    assert (stored.capture.callback, dict(stored.capture.arguments)) == ("parse_publication", {"page": 3})
    other.close()
    one.end("finished")


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (Request("https://a.example/"), "parse"),
        (Request("https://a.example/robots.txt", NO_CALLBACK), ""),
        (Request("https://a.example/", Source().parse_publication), "parse_publication"),
    ],
)
def test_the_callback_is_known_by_its_name(request_: Request, name: str) -> None:
    assert callback_name(request_) == name


def replayed(folder: Path, reason: str | None = "finished") -> Path:
    one = session(folder)
    one.note(REFUSED)
    one.note(REFUSED)
    asyncio.run(one.keep(exchange(), Request("https://www.dhs.gov/x")))
    if reason is None:
        one.archive.close()
    else:
        one.end(reason)
    return folder / "journal" / "journal.jsonl"


def test_a_replay_done_again_adds_no_line(tmp_path: Path) -> None:
    before = replayed(tmp_path).read_bytes()
    assert replayed(tmp_path).read_bytes() == before
    assert before.count(b"address-refused") == 1


def test_a_replay_ends_at_the_recorded_time(tmp_path: Path) -> None:
    replayed(tmp_path)
    archive = ArchiveFolder.open(tmp_path)
    run = fold(archive.journal.read())[RUN.id]
    assert (run.started, run.finished, run.status) == (RUN.at, AT, "finished")
    assert list(run.findings) == [REFUSED]
    archive.close()


def test_a_killed_run_is_interrupted_until_it_is_done_again(tmp_path: Path) -> None:
    for reason, status in ((None, "interrupted"), ("finished", "finished")):
        replayed(tmp_path, reason)
        archive = ArchiveFolder.open(tmp_path)
        assert fold(archive.journal.read())[RUN.id].status == status
        assert archive.connection.execute("SELECT count(*) FROM captures").fetchone()[0] == 1
        archive.close()


def test_now_is_utc_to_the_second() -> None:
    assert len(now()) == 20
    assert now().endswith("Z")
