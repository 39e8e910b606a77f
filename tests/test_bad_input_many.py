"""A page that names itself, and one that names a hundred thousand numbers: bounded, in linear time (HT-07)."""

from __future__ import annotations

import time
from itertools import pairwise

from scrapy.http import HtmlResponse

from archive.catalog.references import MOST_PER_PAGE
from archive.identifiers import find_identifiers
from pipelines.items import Article, PageLink, WebPage
from spiders._articles import MOST_LINKS
from spiders.news import News
from tests.evidence import Captured, World, night, prose
from tests.figures import figure

SELF = "https://news.example/2018/01/26/plates"
MANY = 100_000
LINKS = 20_000


def numbers(count: int) -> str:
    return " ".join(f"70CDCR18P{number:08}" for number in range(count))


def test_an_article_that_quotes_and_links_to_itself_refers_to_nothing_else() -> None:
    links = tuple(PageLink(f"{SELF}{end}", "here") for end in ("", "?utm_source=feed", "#top"))
    text = prose("plates are read and kept")
    said = Article(outlet="news", headline="Plates", canonical=SELF, links=links)
    world = World(Captured(SELF, night(1), (said,), "body", (f"{text}\n\n{text}",), source="news")).settle()
    assert len(world.ids()) == 1
    assert [row for row in world.rows("references") if row["target_document"]] == []
    once = world.dump()
    assert world.settle().dump() == once


def test_a_page_of_thousands_of_links_is_cut_by_name() -> None:
    body = f"<html><body><h1>Plates</h1><article>{f'<a href={SELF}>x</a>' * LINKS}</article></body></html>".encode()
    said = list(News().parse_article(HtmlResponse(SELF, body=body), "news", ["news.example"], 1))
    (article,) = (one for one in said if isinstance(one, Article))
    assert [link.url for link in article.links] == [SELF]
    body = b"".join(b"<a href=/%d>x</a>" % number for number in range(LINKS))
    page = b"<html><body><h1>Plates</h1><article>" + body + b"</article></body></html>"
    said = list(News().parse_article(HtmlResponse(SELF, body=page), "news", ["news.example"], 1))
    (article,) = (one for one in said if isinstance(one, Article))
    assert len(article.links) == MOST_LINKS
    assert f"{LINKS - MOST_LINKS} links" in repr(said)


def settled(count: int) -> tuple[int, float]:
    """Return how many references a page of so many numbers has, and the processor time that settling took."""
    page = WebPage("page", "Plates", tuple(numbers(count).split("\n")))
    world = World(Captured("https://www.dhs.gov/plates", night(1), (page,)))
    began = time.process_time()
    world.settle()
    return len(world.rows("references")), time.process_time() - began


def test_a_page_of_a_hundred_thousand_numbers_is_bounded() -> None:
    """No time is asserted, only said; what is kept is the same for any number beyond the bound."""
    sizes = (MANY // 2, MANY)
    measured = [settled(size) for size in sizes]
    assert {kept for kept, _ in measured} == {MOST_PER_PAGE}
    growth = [later / before for (_, before), (_, later) in pairwise(measured)]
    found = []
    for size in sizes:
        began = time.process_time()
        assert len(find_identifiers(numbers(size))) == size
        found.append(time.process_time() - began)
    figure(
        "HT-07", numbers=MANY, references=MOST_PER_PAGE, settle_seconds=round(measured[-1][1], 2),
        settle_growth_of_2n=round(max(growth), 2), find_growth_of_2n=round(found[-1] / found[-2], 2),
    )  # fmt: skip
