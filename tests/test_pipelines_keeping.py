"""Exchanges that wait at the same time are kept together; what is wrong with one is told to that one alone."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from dataclasses import replace
from pathlib import Path

import pytest
from scrapy.http import Request

from archive.folder import ArchiveFolder
from archive.model import Asked, Capture
from archive.store.errors import StoreFull
from archive.store.fixity import check_store
from archive.store.unit import unit_bytes
from pipelines.keeping import GROUP_BYTES, Waiting, keep_together, take_group
from pipelines.session import Session
from tests.test_pipelines_session import RUN, exchange

ASKED = Asked("dhs_pia", RUN.id)


def test_a_group_is_taken_in_order_and_has_a_size() -> None:
    loop = asyncio.new_event_loop()
    sizes = [10, GROUP_BYTES - 10, 1, GROUP_BYTES + 1, GROUP_BYTES + 1, 5]
    queue = deque(Waiting(replace(exchange(), response=bytes(size)), ASKED, loop.create_future()) for size in sizes)
    taken = []
    while group := take_group(queue):
        taken.append([len(one.exchange.response) for one in group])
    loop.close()
    assert taken == [sizes[:2], sizes[2:3], sizes[3:4], sizes[4:5], sizes[5:]]


def test_one_bad_exchange_fails_alone(tmp_path: Path) -> None:
    archive = ArchiveFolder.open(tmp_path)
    bad = exchange(at="yesterday")
    results = keep_together(archive.store, [(exchange(), ASKED), (bad, ASKED), (exchange("https://b.example/"), ASKED)])
    assert [type(result) for result in results] == [Capture, ValueError, Capture]
    assert archive.connection.execute("SELECT count(*) FROM captures").fetchone()[0] == 2
    archive.close()


def test_one_that_cannot_be_laid_out_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = ArchiveFolder.open(tmp_path)

    def picky(capture: Capture, *rest: object, **named: object) -> object:
        if capture.url.endswith("/bad"):
            raise UnicodeError(capture.url)
        return unit_bytes(capture, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("archive.store.group.unit_bytes", picky)
    urls = ["https://a.example/", "https://a.example/bad", "https://b.example/"]
    results = keep_together(archive.store, [(exchange(url), ASKED) for url in urls])
    assert [type(result) for result in results] == [Capture, UnicodeError, Capture]
    assert check_store(tmp_path, archive.connection) == []
    archive.close()


def test_waiting_together_costs_one_sync_and_nobody_goes_on_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(ArchiveFolder.open(tmp_path), RUN)
    steps: list[str] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        sync(descriptor)
        steps.append("synced")

    async def one(number: int) -> None:
        url = f"https://www.dhs.gov/{number}"
        capture = await session.keep(exchange(url), Request(url))
        assert await session.look_up(session.archive.store.payload, capture.id) == b"Plate"
        steps.append("told")

    async def all_at_once() -> None:
        await asyncio.gather(*(one(number) for number in range(12)))

    monkeypatch.setattr(os, "fsync", noted)
    asyncio.run(all_at_once())
    assert steps.index("told") > steps.index("synced")
    assert steps.count("told") == 12
    assert steps.count("synced") < 12
    session.end("finished")


def test_a_full_disk_is_told_to_all_who_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(ArchiveFolder.open(tmp_path), RUN)

    def full(*_: object) -> None:
        raise StoreFull("make room")

    async def all_at_once() -> list[Capture | BaseException]:
        urls = [f"https://www.dhs.gov/{number}" for number in range(5)]
        return await asyncio.gather(
            *(session.keep(exchange(url), Request(url)) for url in urls), return_exceptions=True
        )

    with monkeypatch.context() as patched:
        patched.setattr("archive.store.store.append", full)
        assert [type(result) for result in asyncio.run(all_at_once())] == [StoreFull] * 5
    assert session.captures == 0
    assert [type(result) for result in asyncio.run(all_at_once())] == [Capture] * 5
    session.end("finished")
