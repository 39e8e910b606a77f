"""Listed, unlisted, delisted: what lists say of documents, night by night."""

from __future__ import annotations

import pytest

from pipelines.items import Article, File, Index, Item, Listed, Notice, Problem, WebPage
from tests.evidence import Captured, World, night, prose

LIST = "https://www.dhs.gov/list"
COMPONENT = "https://www.dhs.gov/privacy-documents-ice"
PAGE = "https://www.dhs.gov/publication/plates"
FILES = [f"https://www.dhs.gov/files/{name}.pdf" for name in "abc"]


def walk(number: int, *urls: str, page: int = 0, last: bool = True, run: str = "") -> Captured:
    listed = (Listed(LIST, url, f"Title of {url}") for url in urls)
    return Captured(f"{LIST}?page={page}", night(number, page), (Index(LIST, page, len(urls), last), *listed), run=run)


def files(*numbers: int) -> list[Captured]:
    return [Captured(url, night(number, 9), (File(),), url, (prose(url),)) for number in numbers for url in FILES]


def publication(number: int, *attached: str, url: str = PAGE) -> Captured:
    said = WebPage("publication page", "Plates", (prose("plates"),))
    listed = (Listed(url, file, "Plates (PDF)", "attachment") for file in attached)
    return Captured(url, night(number, 5), (*listed, said))


def component(number: int, listed: tuple[str, ...], earlier: tuple[str, ...] = ()) -> Captured:
    shown = [Listed(COMPONENT, url, "Plates") for url in listed]
    older = [Listed(COMPONENT, url, "Plates", "earlier") for url in earlier]
    found: list[Item] = [*shown, *older] or [Problem("empty-listing", COMPONENT)]
    page = WebPage("component page", "ICE", (prose("component"),))
    return Captured(COMPONENT, night(number), (Index(COMPONENT, 0, len(shown) + len(older), True), *found, page))


def states(*captured: Captured) -> dict[str, str]:
    """Settle, and return each document's state by its address."""
    return {row["url"]: row["listing"] for row in World(*captured).settle().rows("documents")}


def test_what_a_list_shows_is_listed_and_what_none_shows_unlisted() -> None:
    assert states(walk(1, FILES[0]), *files(1)) == {FILES[0]: "listed", FILES[1]: "unlisted", FILES[2]: "unlisted"}


def test_an_entry_that_the_latest_whole_walk_did_not_show_is_delisted() -> None:
    world = World(walk(1, *FILES), *files(1), walk(2, *FILES[1:]))
    assert states(*[walk(1, *FILES), *files(1), walk(2, *FILES[1:])])[FILES[0]] == "delisted"
    (entry,) = world.settle().rows("listings", "url = ?", FILES[0])
    assert (entry["state"], entry["first_seen"], entry["last_seen"]) == ("delisted", night(1), night(1))
    assert entry["document"] == "dhs-gov-files-a-pdf"


def test_an_entry_that_comes_back_is_listed_again_since_its_first_sight() -> None:
    world = World(walk(1, *FILES), *files(1), walk(2, *FILES[1:]), walk(3, *FILES)).settle()
    (entry,) = world.rows("listings", "url = ?", FILES[0])
    assert (entry["state"], entry["first_seen"], entry["last_seen"]) == ("listed", night(1), night(3))


@pytest.mark.parametrize(
    "partial",
    [
        [walk(2, FILES[1], last=False)],
        [walk(2, FILES[1], page=1)],
        [walk(2, FILES[1], last=False), walk(2, page=2)],
        [walk(2)],
        [walk(2, FILES[1], run="one", last=False), walk(2, FILES[2], page=1, run="another")],
        [Captured(LIST, night(2), outcome="server-error")],
    ],
    ids=["last page not reached", "only the last page", "a page left out", "no row at all", "two runs", "an error"],
)
def test_a_partial_walk_delists_nothing(partial: list[Captured]) -> None:
    assert set(states(walk(1, *FILES), *files(1), *partial).values()) == {"listed"}


def test_pages_of_one_walk_count_together() -> None:
    world = [walk(1, *FILES), *files(1), walk(2, FILES[0], last=False), walk(2, FILES[1], page=1)]
    assert states(*world) == {FILES[0]: "listed", FILES[1]: "listed", FILES[2]: "delisted"}


def test_a_walk_whose_end_has_no_row_counts() -> None:
    assert states(walk(1, *FILES), *files(1), walk(2, *FILES[1:], last=False), walk(2, page=1))[FILES[0]] == "delisted"


def test_files_follow_the_page_that_attaches_them() -> None:
    first = [walk(1, PAGE), publication(1, *FILES[:2]), *files(1)]
    assert states(*first) == {PAGE: "listed", FILES[0]: "listed", FILES[1]: "listed", FILES[2]: "unlisted"}
    changed = states(*first, publication(2, FILES[0]))
    assert (changed[FILES[0]], changed[FILES[1]]) == ("listed", "delisted")
    off = states(*first, walk(2, "https://www.dhs.gov/publication/other"))
    assert (off[PAGE], off[FILES[0]], off[FILES[1]]) == ("delisted",) * 3


def test_files_of_a_page_that_no_list_shows_are_unlisted() -> None:
    assert set(states(walk(1, FILES[2]), publication(1, *FILES[:2]), *files(1)).values()) == {"listed", "unlisted"}


def test_one_list_of_two_is_enough() -> None:
    world = [walk(1, *FILES), component(1, (FILES[0],)), *files(1), walk(2, FILES[1])]
    assert states(*world)[FILES[0]] == "listed"
    assert states(*world, component(3, (FILES[1],)))[FILES[0]] == "delisted"


def test_earlier_versions_on_a_component_page_are_listed() -> None:
    world = [component(1, (FILES[0],), (FILES[1],)), *files(1)]
    assert states(*world) == {COMPONENT: "", FILES[0]: "listed", FILES[1]: "listed", FILES[2]: "unlisted"}
    assert states(*world, component(2, (FILES[0],)))[FILES[1]] == "delisted"


def test_a_component_page_that_came_empty_delists_nothing() -> None:
    world = [component(1, (FILES[0],), (FILES[1],)), *files(1), component(2, ())]
    assert states(*world)[FILES[0]] == "listed"


def test_an_entry_leads_through_a_redirect_to_its_document() -> None:
    moved = "https://www.dhs.gov/old.pdf"
    assert states(walk(1, moved), Captured(moved, night(1, 3), location=FILES[0]), *files(1))[FILES[0]] == "listed"


def test_a_redirect_counts_only_while_it_lasts() -> None:
    away = Captured(FILES[0], night(1, 3), location="https://www.dhs.gov/maintenance")
    assert states(walk(1, *FILES), away, *files(2))[FILES[0]] == "listed"


def test_a_redirect_to_https_hides_no_other() -> None:
    moved = "https://www.dhs.gov/old.pdf"
    world = [
        Captured(moved, night(1, 3), location=FILES[0]),
        Captured("http://dhs.gov/old.pdf", night(1, 4), location=moved),
    ]
    assert states(walk(1, moved), *world, *files(1))[FILES[0]] == "listed"


def test_feeds_notices_and_notices_attachments_have_no_state() -> None:
    feed, story, table = "https://one.example/feed", "https://one.example/story", "https://sam.gov/csv"
    said = Notice("a" * 32, {"type": "Solicitation"}, (FILES[0],))
    world = [
        Captured(feed, night(1), (Index(feed, 0, 1, True),), source="news"),
        Captured(story, night(1), (Article("One", "Story"),), "story", (prose("story"),), source="news"),
        Captured(table, night(1), (said, Index(table, 0, 1, True)), source="notices"),
        *files(1)[:1],
    ]
    assert set(states(*world).values()) == {""}


def test_notices_of_the_register_that_a_page_names_have_no_state() -> None:
    register = "https://www.federalregister.gov/documents/2016/10/19/2016-25197/plates"
    page = publication(1)
    named = Captured(page.url, page.at, (*page.items, Listed(PAGE, register, "Plates", "sorn")))
    notice = Captured(register, night(1), (WebPage("system of records notice", "Plates", (prose("register"),)),))
    assert states(walk(1, PAGE), named, notice)[register] == ""


def test_an_entry_points_at_the_document_that_its_address_held_last() -> None:
    cover = "Privacy Impact Assessment\nDHS/ICE/PIA-{}\n"
    for one, other in ((1, 2), (2, 1)):
        numbered = [
            Captured(FILES[0], night(at, 9), (File(),), f"{n}", (cover.format(f"00{n}"),))
            for at, n in ((1, one), (2, other))
        ]
        (entry,) = World(walk(1, FILES[0]), *numbered).settle().rows("listings")
        assert entry["document"] == f"dhs-ice-pia-00{other}"
