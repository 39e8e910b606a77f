"""A run that is not as it should be is marked failed, keeps what it captured, and takes nothing from what was good."""

from __future__ import annotations

from typing import Any

import pytest

from archive.catalog.runs import fold
from pipelines.items import Index, Listed, Notice, PrintedDate, WebPage
from tests.evidence import Captured, World, night
from tests.test_archive_catalog_reports import journal

LIST = "https://www.dhs.gov/list"
PAGES = [f"https://www.dhs.gov/publication/{n}" for n in range(6)]


def walk(day: int, urls: list[str]) -> list[Captured]:
    listed = [Listed(LIST, url, f"Title {url[-1]}") for url in urls]
    pages = [Captured(url, night(day, 1), (WebPage("page", f"Title {url[-1]}", ()),)) for url in urls]
    return [Captured(LIST, night(day), (Index(LIST, 0, len(urls), True), *listed)), *pages]


def two_nights(second: list[str], **expected: Any) -> World:
    world = World(*walk(1, PAGES), *walk(2, second))
    again = journal("library-2018-01-02", night="2018-01-02", at=night(2), **expected)
    world.runs = fold([*journal(), *again])
    return world.settle()


def states(world: World) -> list[str]:
    return [row["state"] for row in world.rows("listings")]


def test_a_run_below_its_minimum_delists_nothing_and_keeps_what_it_captured() -> None:
    world = two_nights(PAGES[:1], minimum=3)
    assert states(world) == ["listed"] * 6
    (run,) = world.rows("runs", "id = 'library-2018-01-02'")
    assert (run["status"], run["captures"], run["documents"], run["minimum"]) == ("failed", 2, 1, 3)
    assert run["failures"] == 1


def test_a_run_within_its_bounds_delists() -> None:
    world = two_nights(PAGES[:3], minimum=3)
    assert states(world) == ["listed"] * 3 + ["delisted"] * 3


def test_a_run_above_its_maximum_has_failed() -> None:
    world = two_nights(PAGES, minimum=1, maximum=5)
    (row,) = world.rows("outcomes", "outcome = 'above-expected'")
    assert (row["severity"], row["detail"]) == ("failure", "6 documents, at most 5 expected")


@pytest.mark.parametrize(
    ("item", "field", "says"),
    [
        (Notice("a" * 32, {"title": "Plates"}), "notice.title", True),
        (Notice("a" * 32, {"title": "Plates"}), "notice.posted", False),
        (WebPage("page", "Title", ("words",)), "web-page.text", True),
        (WebPage("page", "Title", ()), "web-page.text", False),
        (WebPage("page", "Title", (), (PrintedDate("published", "2018"),)), "web-page.published", True),
        (WebPage("page", "Title", (), (PrintedDate("updated", "2018"),)), "web-page.published", False),
    ],
)
def test_the_share_of_records_that_say_a_field(item: Notice | WebPage, field: str, says: bool) -> None:
    world = World(Captured(PAGES[0], night(1), (item,)))
    world.runs = fold(journal(fields={field: 0.5}))
    details = [row["detail"] for row in world.settle().rows("outcomes", "outcome = 'fields-missing'")]
    assert details == ([] if says else [f"{field}: 0 of 1 say it, 50% expected"])


def test_half_of_the_records_are_enough_where_half_are_expected() -> None:
    pages = [
        Captured(url, night(1, n), (WebPage("page", "T", ("words",) if n % 2 else ()),)) for n, url in enumerate(PAGES)
    ]
    for share, failed in ((0.5, 0), (0.51, 1)):
        world = World(*pages)
        world.runs = fold(journal(fields={"web-page.text": share}))
        assert len(world.settle().rows("outcomes", "outcome = 'fields-missing'")) == failed
