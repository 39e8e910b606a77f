"""Listings, publication pages and running text: what the saved responses don't show by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from scrapy.http import HtmlResponse, Response

from pipelines.items import Index, PrintedDate, Problem, WebPage
from spiders._articles import canonical_of, facts_of, plain_article
from spiders._feeds import read_feed
from spiders._library import listing, publication
from spiders._markup import Block, blocks, body_of, main_of
from spiders._notices import leaves
from spiders._sam_fields import api_records
from spiders.dhs_pia import DhsPia

INDEX = "https://www.dhs.gov/publications-library/collections/privacy-impact-assessments-(pia)"


def page(body: str, url: str = f"{INDEX}?page=3") -> HtmlResponse:
    return HtmlResponse(url, body=f"<html><body>{body}</body></html>".encode(), encoding="utf-8")


@pytest.mark.parametrize(
    ("href", "follows"),
    [
        ("?page=4", True),
        ("?combine=&page=4", True),
        (INDEX.replace("(pia)", "%2528pia%2529") + "?page=4", True),
        (INDEX.replace("(pia)", "%28pia%29") + "/?page=4", True),
        ("?page=2", False),
        ("?page=5", False),
        ("?page=3", False),
        ("?page=4x", False),
        ("/publications-library/other?page=4", False),
        ("https://[broken?page=4", False),
    ],
)
def test_a_page_follows_where_a_link_leads_to_it(href: str, follows: bool) -> None:
    row = '<h3><a href="/publication/x">X</a></h3>'
    read = listing(page(f'<main>{row}<a href="{href}">Next</a></main>'), INDEX, 3, "h3 a", 200)
    assert read.said[0] == Index(INDEX, 3, 1, last=not follows)
    assert read.next_page == (4 if follows else None)


def test_an_empty_page_before_the_last_is_noticed_and_ends_the_listing() -> None:
    read = listing(page('<main><a href="?page=4">Next</a></main>'), INDEX, 3, "h3 a", 200)
    assert read.said == (Index(INDEX, 3, 0, last=False), Problem("empty-listing", INDEX, "page 3"))
    assert read.next_page is None
    assert listing(page("<main></main>"), INDEX, 3, "h3 a", 200).said == (Index(INDEX, 3, 0, last=True),)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Words about the system. December 2017", "December 2017"),
        ("May 2021", "May 2021"),
        ("(as amended) June 2011.", "June 2011"),
        ("The contract was signed in December 2017", None),
        ("Signed in December 2017.", None),
        ("December 2017 was cold.", None),
        ("words. Smarch 2017", None),
    ],
)
def test_the_bare_month_at_the_end(text: str, month: str | None) -> None:
    read = publication([Block("p", "May 2009 is not the last."), Block("p", text)], "Title")
    assert read.dates == ((PrintedDate("published", month),) if month else ())


def test_a_table_of_attachments_alone_is_a_known_layout() -> None:
    table = "<table><tr><th>Attachment</th></tr><tr><td><a href='/x.pdf'>X</a></td></tr></table>"
    said = list(DhsPia().parse_publication(page(f"<main><h1>T</h1><p>Words</p>{table}</main>")))
    assert [one.text for one in said if isinstance(one, WebPage)] == [("Words",)]


def test_blocks_are_the_text_of_one_part_in_order() -> None:
    body = (
        "<main>a<b>b</b><!-- no --><p>one<br>two</p><script>no</script>c<nav>no</nav>d"
        "<ul><li>x <a href='mailto:y'>y</a><a href='#z'>z</a></ul>"
        "<div class='usa-breadcrumb__list'>no</div><p>&nbsp; \n</p></main> behind"
    )
    part = main_of(page(body))
    assert part is not None
    read = blocks(part, INDEX)
    assert [(block.tag, block.text) for block in read] == [
        ("main", "ab"), ("p", "one"), ("p", "two"), ("main", "cd"), ("li", "x yz")
    ]  # fmt: skip
    assert [(link.url, link.text) for link in read[-1].links] == [("", "y")]
    assert [block.text for block in blocks(body_of(page("<p>a</p>")), INDEX)] == ["a"]
    assert blocks(body_of(HtmlResponse(INDEX, body=b"")), INDEX) == []


def test_deep_and_broad_pages_are_read() -> None:
    assert blocks(body_of(page("<div>" * 1_000 + "x")), INDEX)
    assert blocks(body_of(page("<div>" * 50_000 + "x")), INDEX) == [], "lxml leaves out what lies so deep"
    many = "".join(f"<p><a href='/{number}'>x</a>" for number in range(20_000))
    assert len(blocks(body_of(page(many)), INDEX)) == 20_000


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://a.example/story/amp", "https://a.example/story"),
        ("https://a.example/story/amp/", "https://a.example/story"),
        ("https://a.example/story/?amp=1&x=2", "https://a.example/story/?x=2"),
        ("https://a.example/story?amp&comments=true", "https://a.example/story"),
        ("https://amp.a.example/story?outputType=amp", "https://www.a.example/story"),
        ("https://amp.dev/story", "https://amp.dev/story"),
        ("https://a.example/amp", "https://a.example/amp"),
        ("https://a.example/vamp?ample=1", "https://a.example/vamp?ample=1"),
    ],
)
def test_plain_article(url: str, plain: str) -> None:
    assert plain_article(url) == plain
    assert plain_article(plain) == plain


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ('"A Reporter"', "A Reporter"),
        ('["A Reporter", {"name": "B"}]', "A Reporter, B"),
        ('"https://a.example/people/1"', ""),
        ('{"name": ["A", {"no": "text"}, "B", "A"]}', "A, B"),
        ('[{"@type": "Person", "name": "A"}, {"@type": "Organization", "name": null}, 7]', "A"),
        ("[[]]", ""),
        ("null", ""),
    ],
)
def test_byline_of_json_ld(author: str, byline: str) -> None:
    data = f'{{"@type": "NewsArticle", "headline": "H", "author": {author}}}'
    assert facts_of(page(f'<script type="application/ld+json">{data}</script>')).byline == byline


def test_canonical_address_is_the_outlets_own() -> None:
    read = page('<link rel="canonical" href="/a?utm_source=x"><meta property="og:url" content="https://b.example/">')
    assert canonical_of(read, ["dhs.gov"]) == ("https://www.dhs.gov/a", ["https://b.example/"])
    assert canonical_of(page("<p>none</p>"), ["dhs.gov"]) == ("", [])


def test_a_feed_that_names_a_file_opens_nothing(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text("<rss version='2.0'><channel><item><title>x</title></item></channel></rss>")
    read = read_feed(Response("https://a.example/feed", body=str(file).encode()))
    assert {one.outcome for one in read.said if isinstance(one, Problem)} == {"malformed-xml", "empty-listing"}


@pytest.mark.parametrize(
    ("name", "code", "parts"),
    [
        ("HOMELAND SECURITY, DEPARTMENT OF", "070", ("HOMELAND SECURITY, DEPARTMENT OF", "", "")),
        ("DHS.U.S. COAST GUARD", "070.7008", ("DHS", "U.S. COAST GUARD", "")),
        ("DHS.U.S. COAST GUARD.BASE", "070.7008.70Z0", ("DHS", "U.S. COAST GUARD", "BASE")),
        ("DHS.ICE.A.B", "070.7012.X.Y", ("DHS", "ICE.A", "B")),
        (None, None, ("", "", "")),
    ],
)
def test_organization_path(name: str | None, code: str | None, parts: tuple[str, str, str]) -> None:
    (read,) = api_records([{"fullParentPathName": name, "fullParentPathCode": code}], INDEX)
    assert tuple(read.record.get(part, "") for part in ("department", "sub_tier", "office")) == parts
    assert not read.unmapped


def test_leaves_keep_every_value() -> None:
    value = {"a": {"b": [1, {"c": None}], "d": {}}, "e": [], "f": [[2]]}
    assert list(leaves(value)) == [("a.b[]", 1), ("a.b[].c", None), ("a.d", None), ("e", None), ("f[][]", 2)]
