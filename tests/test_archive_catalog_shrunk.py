"""A list that suddenly shows less than half fails its run and takes nothing off; the next walk like it is believed."""

from __future__ import annotations

from typing import Any

import pytest

from archive.catalog.runs import fold
from pipelines.items import Index, Listed, WebPage
from tests.evidence import Captured, World, night
from tests.figures import figure
from tests.test_archive_catalog_reports import journal

LIST = "https://www.dhs.gov/list"


def walk(day: int, shown: int, *, rows: int | None = None) -> list[Captured]:
    urls = [f"https://www.dhs.gov/publication/{n}" for n in range(shown)]
    listed = [Listed(LIST, url, f"Title of {url}") for url in urls]
    pages = [Captured(url, night(day, 1), (WebPage("page", f"Title of {url}", ()),)) for url in urls]
    return [Captured(LIST, night(day), (Index(LIST, 0, shown if rows is None else rows, True), *listed)), *pages]


def settled(*nights: int) -> World:
    world = World(*[captured for day, shown in enumerate(nights, 1) for captured in walk(day, shown)])
    events: list[Any] = []
    for day in range(1, len(nights) + 1):
        date = f"2018-01-{day:02}"
        events += journal(f"library-{date}", night=date, at=night(day))
    world.runs = fold(events)
    return world.settle()


def delisted(world: World) -> int:
    return sum(row["state"] == "delisted" for row in world.rows("listings"))


def doubted(world: World) -> list[str]:
    return [row["subject"] for row in world.rows("outcomes", "outcome = 'list-shrunk'")]


@pytest.mark.parametrize("left", [0, 1, 19])
def test_a_list_that_loses_more_than_half_is_doubted(left: int) -> None:
    world = settled(40, left)
    assert (delisted(world), doubted(world)) == (0, [LIST])
    (run,) = world.rows("runs", "id = 'library-2018-01-02'")
    assert run["status"] == "failed"


@pytest.mark.parametrize("left", [20, 39, 40, 80])
def test_one_that_loses_less_is_believed(left: int) -> None:
    world = settled(40, left)
    assert (delisted(world), doubted(world)) == (max(0, 40 - left), [])


def test_the_second_walk_that_finds_as_little_is_believed() -> None:
    world = settled(40, 10, 10)
    assert (delisted(world), doubted(world)) == (30, [LIST])
    figure("SV-14", rows_before=40, rows_after=10, nights_until_marked=2, wrong_deletions_on_the_first=0)


def test_a_list_that_comes_back_is_as_before() -> None:
    world = settled(40, 10, 40, 10)
    assert (delisted(world), len(doubted(world))) == (0, 2)


def test_a_short_list_is_believed() -> None:
    world = settled(9, 1)
    assert (delisted(world), doubted(world)) == (8, [])
