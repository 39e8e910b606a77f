"""What is worth another try: what is cited and not held, what was asked for in vain, and what no longer is."""

from __future__ import annotations

from archive.catalog.runs import fold
from archive.model import Finding
from archive.research.lookups import captures_of_address
from archive.research.wanted import asked_in_vain, cited_and_not_held, copies_held, was_asked, worth_a_look
from pipelines.items import Article, PageLink, WebPage
from tests.evidence import Captured, World, night, prose
from tests.test_archive_catalog_listings import FILES, files, walk
from tests.test_archive_catalog_reports import journal

STORY = "https://paper.example/2018/plates"
CITED = "https://www.ice.gov/doclib/guidance.pdf"


def story(day: int, *links: str) -> Captured:
    article = Article("paper", "Plates", links=tuple(PageLink(url, "it") for url in links))
    return Captured(
        f"{STORY}-{day}", night(day), (article,), f"body {day}", (f"{prose(f'plates day{day}')} 81 FR 72080",)
    )


def test_what_most_documents_cite_comes_first_and_later_nights_do_not_count() -> None:
    world = World(story(1, CITED), story(2, CITED, "https://other.example/x"), story(5, "https://late.example/"))
    world.settle()
    wanted = cited_and_not_held(world.connection, "2018-01-03")
    assert wanted == [("fr-citation", "81 FR 72080"), ("link", CITED), ("link", "https://other.example/x")]
    assert ("link", "https://late.example/") in cited_and_not_held(world.connection, "2018-01-05")


def test_what_is_held_is_not_wanted() -> None:
    world = World(story(1, CITED), Captured(CITED, night(1, 5), (WebPage("page", "Guidance", ("words",)),)))
    assert ("link", CITED) not in cited_and_not_held(world.settle().connection, "2018-01-03")


def test_what_was_taken_off_its_list_is_looked_at_again() -> None:
    world = World(walk(1, *FILES), *files(1), walk(2, *FILES[1:]), walk(4, *FILES)).settle()
    wanted = {night: worth_a_look(world.connection, f"2018-01-0{night}") for night in (1, 2, 3, 4)}
    assert wanted == {1: [], 2: [("link", FILES[0])], 3: [("link", FILES[0])], 4: []}


def test_asked_in_vain_until_it_is_answered_well() -> None:
    world = World(Captured(CITED, night(1), outcome="blocked"), Captured(STORY, night(1, 1), outcome="document"))
    assert asked_in_vain(world.settle().connection, "2018-01-01") == [("copy", CITED)]
    assert asked_in_vain(world.connection, "2017-12-31") == []
    world.take(Captured(CITED, night(2), (WebPage("page", "Guidance", ("words",)),)))
    assert asked_in_vain(world.settle().connection, "2018-01-02") == []


def test_a_request_that_left_nothing_to_capture_was_asked_too() -> None:
    world = World()
    world.runs = fold(journal())
    world.runs["library-2018-01-01"].findings[Finding("name-not-resolved", CITED, "")] = None
    world.settle()
    assert asked_in_vain(world.connection, "2018-01-01") == [("copy", CITED)]
    assert was_asked(world.connection, CITED, "2018-01-01")
    assert not was_asked(world.connection, CITED, "2018-01-02")


def test_what_robots_txt_forbids_is_not_asked_for_elsewhere() -> None:
    world = World()
    world.runs = fold(journal())
    world.runs["library-2018-01-01"].findings[Finding("robots-disallowed", CITED, "")] = None
    assert asked_in_vain(world.settle().connection, "2018-01-01") == []


def test_a_copy_is_found_under_its_original_address_and_not_fetched_again() -> None:
    keeper = "https://web.archive.org/web/20160704081500id_/http://www.ice.gov/doclib/guidance.pdf"
    world = World(Captured(keeper, night(3), (WebPage("page", "Guidance", ("words",)),)))
    with world.connection:
        world.connection.execute(
            "UPDATE captures SET original_url = ?, original_at = ?, provenance = 'Internet Archive'",
            ("http://www.ice.gov/doclib/guidance.pdf", "2016-07-04T08:15:00Z"),
        )
    (found,) = captures_of_address(world.connection, "https://ice.gov/doclib/guidance.pdf")
    assert (found["captured_at"], found["provenance"]) == ("2016-07-04T08:15:00Z", "Internet Archive")
    assert copies_held(world.connection, night(3)) == []
    assert copies_held(world.connection, night(4)) == [keeper]
