"""Pages that a site gives in place of many others are quarantined, and nothing else is."""

from __future__ import annotations

import pytest

from archive.catalog.repeated import MANY
from pipelines.items import Article, WebPage
from tests.evidence import Captured, World, night, prose

SITE = "https://www.dhs.gov/publication"


def page(number: int, text: str, title: str = "Sorry", **facts: str) -> Captured:
    return Captured(f"{SITE}/{number}", night(1, number), (WebPage("page", title, (text,), **facts),))  # type: ignore[arg-type]


def found(world: World) -> tuple[int, int]:
    """Return how many documents there are, and how many captures are called repeated."""
    world.settle()
    return len(world.rows("documents")), len(world.rows("outcomes", "outcome = 'repeated-page'"))


@pytest.mark.parametrize(
    ("pages", "documents", "repeated"), [(MANY - 1, 1, 0), (MANY, 0, MANY), (3 * MANY, 0, 3 * MANY)]
)
def test_the_same_words_at_many_addresses_are_no_document(pages: int, documents: int, repeated: int) -> None:
    world = World(*(page(number, prose("we can not find it")) for number in range(pages)))
    assert found(world) == (documents, repeated)
    assert {row["severity"] for row in world.rows("outcomes", "outcome = 'repeated-page'")} <= {"failure"}


def test_an_error_page_that_names_what_it_cannot_find_is_recognised_too() -> None:
    pages = [page(n, f"We looked for /publication/{n} in vain. {prose('so sorry')}") for n in range(100, 107)]
    assert found(World(*pages)) == (0, 7)


def test_pages_that_only_their_titles_tell_apart_stay() -> None:
    pages = [
        Captured(f"{SITE}/dhs-ice-pia-0{n}", night(1, n), (WebPage("page", f"dhs-ice-pia-0{n}", ("More below.",)),))
        for n in range(40, 50)
    ]
    assert found(World(*pages)) == (10, 0)


def test_pages_of_their_own_words_stay() -> None:
    assert found(World(*(page(n, prose(f"words {n}")) for n in range(20)))) == (20, 0)


def test_many_addresses_of_one_canonical_page_are_that_page() -> None:
    pages = (page(n, prose("words"), canonical=f"{SITE}/the-one") for n in range(20))
    assert found(World(*pages)) == (1, 0)


def test_an_article_that_stands_everywhere_is_a_wall() -> None:
    def article(number: int, headline: str) -> Captured:
        url = f"https://paper.example/2018/{number}"
        return Captured(url, night(2, number), (Article("paper", headline),), "wall", (prose("subscribe to read"),))

    assert found(World(*(article(n, "Subscribe") for n in range(MANY)))) == (0, MANY)
    assert found(World(*(article(n, f"Story {n}") for n in range(MANY)))) == (MANY, 0)


def test_the_order_in_which_they_came_does_not_show() -> None:
    pages = [page(n, prose("we can not find it")) for n in range(MANY)]
    early = World(*pages[:-1]).settle().take(pages[-1]).settle()
    assert early.dump() == World(*reversed(pages)).settle().dump()
