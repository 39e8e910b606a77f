"""One story is one document under each address that it was seen under; what was changed in it is a version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from scrapy.http import HtmlResponse, Request

from archive.addresses import url_key
from pipelines.items import Article, Item, Problem
from pipelines.text.html import read_article
from spiders._articles import MOST_BLOCKS, MOST_LINKS, canonical_of, facts_of
from spiders.news import News
from tests.evidence import Captured, World, night, prose
from tests.test_pipelines_text_html import PARAGRAPHS, story

TOLD = [f"{paragraph} {prose('made up words of this story', 12)}." for paragraph in PARAGRAPHS]


def news_for(url: str) -> News:
    """Return the source as it is for the outlet of an address, whatever that is."""
    host = (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("digital-release.")
    return News(outlets=[{"name": "outlet", "title": "Outlet", "domains": [host], "article_pattern": "/"}])


def captured(url: str, at: str, body: bytes, source: News | None = None) -> Captured:
    """Return the capture of an article as the source and the article reader tell of it."""
    asked = (source or news_for(url)).request_for(url)
    assert asked is not None
    assert asked.callback is not None
    said = [
        one for one in asked.callback(HtmlResponse(url, body=body), **asked.cb_kwargs) if not isinstance(one, Request)
    ]
    reading = read_article(body, url)
    return Captured(
        url, at, tuple(said), body.decode(), tuple(page.text for page in reading.pages), source="news"
    )  # fmt: skip


def page(*paragraphs: str, title: str = "A headline", canonical: str = "", around: str = "") -> bytes:
    link = f'<link rel=canonical href="{canonical}">' if canonical else ""
    body = story(*paragraphs, title=title).decode()
    return body.replace("</head>", f"{link}</head>").replace("<aside>", f"{around}<aside>").encode()


def documents(*captures: Captured) -> dict[str, int]:
    return {row["id"]: row["versions"] for row in World(*captures).settle().rows("documents")}


# Each as somebody linked to it, and as its outlet gives it.
SAME = [
    ("https://digital-release.thehill.com/homenews/administration/370855-ice-to-gain-access/amp",
     "https://thehill.com/homenews/administration/370855-ice-to-gain-access/"),
    ("https://reason.com/2018/01/26/trumps-immigration-crackdown-means-ice-w/?comments=true",
     "https://reason.com/2018/01/26/trumps-immigration-crackdown-means-ice-w/"),
    ("https://www.hstoday.us/uncategorized/ice-acquires/?source=post_page---------------------------",
     "https://www.hstoday.us/uncategorized/ice-acquires/"),
    ("https://www.courthousenews.com/aclu-feds-using-license-plates-to-track-immigrants/?amp=1",
     "https://www.courthousenews.com/aclu-feds-using-license-plates-to-track-immigrants/"),
    ("https://www.washingtonpost.com/technology/2019/03/13/ice-is-tapping/?itid=lk_inline_manual_9",
     "https://www.washingtonpost.com/technology/2019/03/13/ice-is-tapping/"),
    ("https://www.nextgov.com/analytics-data/2020/07/customs-expand/166841/?oref=ng-next-story",
     "https://www.nextgov.com/analytics-data/2020/07/customs-expand/166841/"),
    ("https://commondreams.org/news/2018/01/26/sparking-far-reaching-rights-concerns",
     "https://www.commondreams.org/news/2018/01/26/sparking-far-reaching-rights-concerns"),
    ("https://cdt.org/blog/ice-accesses-commercial-license-plate-reader-database/",
     "https://cdt.org/insights/ice-accesses-commercial-license-plate-reader-database/"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("linked", "own", "canonical"),
    # Two hosts that give the same text are two documents, unless the page says otherwise: so the first only so.
    [(*pair, pair[1]) for pair in SAME] + [(*pair, "") for pair in SAME[1:]],
)
def test_two_addresses_of_a_story_are_one_document(linked: str, own: str, canonical: str) -> None:
    """Where the page names its own address, and where it doesn't: then the same host must give the same text."""
    body = page(*TOLD, canonical=canonical)
    assert len(documents(captured(linked, night(1), body), captured(own, night(2), body))) == 1
    assert len(documents(captured(own, night(1), body), captured(linked, night(2), body))) == 1


def test_two_hosts_with_one_text_stay_two_documents_where_neither_says_more() -> None:
    captures = [captured(url, night(place + 1), page(*TOLD)) for place, url in enumerate(SAME[0])]
    assert len(documents(*captures)) == 2


def test_every_address_seen_is_asked_for_plainly_and_is_a_story_of_its_own(corpus: Path) -> None:
    facts = json.loads((corpus / "facts" / "news-lpr-2018.json").read_text("utf-8"))
    keys: dict[str, str] = {}
    for url in facts["urls"]:
        request = news_for(url).request_for(url)
        assert request is not None
        assert not {"amp", "comments", "source", "itid", "oref"} & set(
            urlsplit(request.url).query.replace("=", "&").split("&")
        )
        assert not request.url.rstrip("/").endswith("/amp")
        assert url_key(request.url) == url_key(url), "the catalogue knows it under every one of these addresses"
        keys.setdefault(url_key(url), url)
    assert len(keys) == len(facts["urls"])
    bodies = [page(prose(f"story number {place}", 90)) for place in range(len(keys))]
    stories = [captured(url, night(1), body) for url, body in zip(facts["urls"], bodies, strict=True)]
    assert len(documents(*stories)) == len(keys)
    for first, second in facts["same_article_two_urls"]:
        same = page(*TOLD)
        assert len(documents(captured(first, night(1), same), captured(second, night(2), same))) == 1
        moved = Captured(first, night(3), location=second, source="news")
        edited = captured(second, night(4), page(*TOLD[:3], "Another ending."))
        assert list(documents(captured(first, night(1), same), moved, edited).values()) == [2]


def test_an_address_of_another_outlet_is_not_believed() -> None:
    url = "https://one.example/story-of-plates/"
    capture = captured(url, night(1), page(*TOLD, canonical="https://two.example/story-of-plates/"))
    assert [one.canonical for one in capture.items if isinstance(one, Article)] == [""]
    assert [one.outcome for one in capture.items if isinstance(one, Problem)] == ["link-dropped"]
    told, elsewhere = canonical_of(
        HtmlResponse(url, body=b'<link rel=canonical href="http://[broken">'), ["one.example"]
    )
    assert (told, elsewhere) == ("", [])


URL = "https://one.example/2018/story-of-plates"
NOTICES = [
    "Correction: An earlier version of this story misstated how long records are kept.",
    "Update: The agency has answered since this story was published.",
    "This article has been updated with a statement of the company.",
]


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize("place", [0, len(TOLD)], ids=["above", "below"])
def test_a_correction_is_a_version_and_its_notice_stands_in_the_text(notice: str, place: int) -> None:
    corrected = [*TOLD[:place], notice, *TOLD[place:]]
    corrected = [one.replace("five years", "ten years") for one in corrected]
    first, second = (captured(URL, night(n), page(*said)) for n, said in ((1, TOLD), (2, corrected)))
    assert list(documents(first, second).values()) == [2]
    assert notice in (second.pages or ("",))[0]
    assert documents(second, first) == documents(first, second)


def test_a_silent_edit_is_a_version() -> None:
    edited = [one.replace("nationwide", "regional") for one in TOLD]
    world = World(captured(URL, night(1), page(*TOLD)), captured(URL, night(2), page(*edited))).settle()
    (document,) = world.rows("documents")
    assert document["versions"] == 2
    assert len({row["digest"] for row in world.rows("versions")}) == 2


def test_what_stands_around_a_story_makes_no_version() -> None:
    around = '<div class="ad">Buy one, get one</div><script>var at = 1517000000</script>'
    first, second = (captured(URL, night(n), page(*TOLD, around=said)) for n, said in ((1, ""), (2, around)))
    assert list(documents(first, second).values()) == [1]


def test_an_edit_undone_is_no_third_version() -> None:
    edited = [one.replace("nationwide", "regional") for one in TOLD]
    captures = [captured(URL, night(n), page(*said)) for n, said in ((1, TOLD), (2, edited), (3, TOLD))]
    assert list(documents(*captures).values()) == [2]


def said_of(body: bytes, **arguments: Any) -> list[Item | Request]:
    source = News(outlets=[{"name": "o", "title": "O", "domains": ["one.example"], "article_pattern": "/story"}])
    told = {"outlet": "o", "domains": ["one.example"], "step": 0, **arguments}
    return list(source.parse_article(HtmlResponse(URL, body=body), **told))


def test_links_are_followed_one_step() -> None:
    body = page(*TOLD, "A <a href='/story-2'>link</a> and <a href='/story-2#part'>again</a>, <a href='/about'>us</a>.")
    assert [one.url for one in said_of(body) if isinstance(one, Request)] == ["https://one.example/story-2"]
    (request,) = (one for one in said_of(body) if isinstance(one, Request))
    assert request.cb_kwargs["step"] == 1
    assert not [one for one in said_of(body, step=1) if isinstance(one, Request)]
    named = news_for(URL).request_for(URL)
    assert named is not None
    assert named.cb_kwargs["step"] == 1, "what is asked for by its address leads no further"


def test_a_story_of_very_many_links() -> None:
    links = "".join(f'<a href="/story-{number}">x</a> ' for number in range(MOST_LINKS + 10))
    said = said_of(page(*TOLD, links))
    (article,) = (one for one in said if isinstance(one, Article))
    assert len(article.links) == MOST_LINKS
    assert [one.detail for one in said if isinstance(one, Problem)] == [f"10 links after the first {MOST_LINKS}"]
    assert sum(isinstance(one, Request) for one in said) == MOST_LINKS


def described(*blocks: str) -> HtmlResponse:
    scripts = "".join(f'<script type="application/ld+json">{block}</script>' for block in blocks)
    return HtmlResponse(URL, body=f"<html><head>{scripts}</head><body><h1>Printed</h1></body></html>".encode())


GOOD = '{"@type": "NewsArticle", "headline": "Told", "author": "A Reporter", "datePublished": "2018-01-26"}'


@pytest.mark.parametrize(
    ("blocks", "headline", "skipped"),
    [
        ([GOOD], "Told", 0),
        (["{" * 100_000, GOOD], "Told", 1),
        (["[" * 100_000 + "]" * 100_000, GOOD], "Told", 1),
        (['{"@graph": ' * 40 + GOOD + "}" * 40], "Printed", 0),
        ([f'{{"@graph": [[{GOOD}], {GOOD}]}}'], "Told", 0),
        (['{"@type": {"a": "NewsArticle"}, "headline": "No"}', "7", '"text"', "null", "[null, [], 3]"], "Printed", 0),
        (['{"@type": "NewsArticle", "headline": {"@value": "No"}}'], "Printed", 0),
        (['{"@type": "NewsArticle", "headline": 9, "datePublished": [[]], "author": true}'], "Printed", 0),
        (['{"@type": "NewsArticle", "headline": "A <b>&amp;</b>"}'], "A <b>&amp;</b>", 0),
        (['{"@type": "NewsArticle", "headline": "a", "headline": "b"}'], "Printed", 1),
        (["<!-- " + GOOD + " -->"], "Told", 0),
        (['{"@type": "http://schema.org/Article", "headline": "Told"}'], "Told", 0),
        (["", "  "], "Printed", 2),
    ],
)
def test_strange_descriptions_of_a_page(blocks: list[str], headline: str, skipped: int) -> None:
    facts = facts_of(described(*blocks))
    assert facts.headline == headline
    assert len(facts.skipped) == skipped


def test_ten_thousand_descriptions() -> None:
    facts = facts_of(described(*(['{"@type": "Thing"}'] * 9_999), GOOD))
    assert facts.headline == "Printed"
    assert facts.skipped == ("10000 JSON-LD blocks",)
    assert facts_of(described(*(['{"@type": "Thing"}'] * (MOST_BLOCKS - 1)), GOOD)).headline == "Told"


def test_authors_that_name_each_other() -> None:
    circle = (
        '{"@graph": [{"@type": "NewsArticle", "headline": "H", "author": {"@id": "#a"}},'
        ' {"@id": "#a", "author": {"@id": "#b"}}, {"@id": "#b", "author": {"@id": "#a"}}]}'
    )
    assert facts_of(described(circle)).byline == ""
    named = circle.replace('{"@id": "#a", "author"', '{"@id": "#a", "name": "A Reporter", "author"')
    assert facts_of(described(named)).byline == "A Reporter"


def test_a_description_that_cannot_be_read_is_named_and_the_page_is_kept() -> None:
    body = page(*TOLD).decode().replace("</head>", '<script type="application/ld+json">{</script></head>').encode()
    said = said_of(body)
    assert [one.outcome for one in said if isinstance(one, Problem)] == ["metadata-skipped"]
    assert any(isinstance(one, Article) for one in said)
