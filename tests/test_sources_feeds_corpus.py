"""The real feeds and sitemaps, and the real government pages, read whole: each entry, counted twice."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse, Response

from pipelines.items import Listed, Problem
from pipelines.screening import screen
from spiders._feeds import Entries, read_feed, read_sitemap
from spiders._file_lists import collection_rows
from spiders._library import rows
from spiders._markup import blocks, body_of, frame_of
from spiders.news import News

URL = "https://www.example.com/"


def read(path: Path) -> Entries:
    response = Response(URL, body=path.read_bytes())
    return read_feed(response) if "feed" in path.name else read_sitemap(response)


def counted(path: Path) -> int:
    """Count entries as a text search does, without any of the source's code."""
    body = path.read_bytes()
    text = (gzip.decompress(body) if path.suffix == ".gz" else body).decode()
    if path.suffix == ".json":
        return len(json.loads(text)["items"])
    return len(re.findall(r"<(?:item|entry|url|sitemap)>", text))


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("feed.json", 25),
        ("feed1.atom", 2),
        ("feed2.rss", 1),
        ("sitemap-hreflang.xml", 4),
        ("sitemap.xml", 84),
        ("sitemap.xml.gz", 84),
        ("sitemap2.xml", 2),
    ],
)
def test_every_entry_is_read(corpus: Path, name: str, count: int) -> None:
    path = corpus / "feeds" / "trafilatura" / name
    callback = getattr(News, "parse_feed" if "feed" in name else "parse_sitemap")
    assert screen(200, "", path.read_bytes(), callback.accepted) is None
    found = read(path)
    assert counted(path) == len(found.entries) == count
    assert not [one for one in found.said if isinstance(one, Problem)]
    assert all(entry.url.startswith("http") for entry in found.entries)
    has_dates = name != "sitemap-hreflang.xml"
    assert all(bool(entry.day) == has_dates for entry in found.entries)
    assert all(entry.words for entry in found.entries) == ("feed" in name)


def test_what_the_sitemaps_hold_beside(corpus: Path) -> None:
    """Pages in other languages (`xhtml:link`) are not entries; a `sitemap` among addresses is known as one."""
    found = read(corpus / "feeds" / "trafilatura" / "sitemap-hreflang.xml")
    assert [entry.is_sitemap for entry in found.entries] == [False, False, False, True]
    assert read(corpus / "feeds" / "trafilatura" / "sitemap2.xml").is_index


@pytest.mark.parametrize("name", ["sitemap.xml", "robots.txt"])
def test_a_template_is_no_sitemap(corpus: Path, name: str) -> None:
    """These two of open.gsa.gov are what its pages are made from, with the marks of a template still in them."""
    path = corpus / "feeds" / "open.gsa.gov" / name
    refused = screen(200, "", path.read_bytes(), News.parse_sitemap.accepted)  # type: ignore[attr-defined]
    assert refused is not None
    assert refused.outcome == "wrong-media-type"
    found = read(path)
    assert [one.outcome for one in found.said if isinstance(one, Problem)] == ["malformed-xml"]
    assert not found.entries


def test_rows_of_a_view(corpus: Path) -> None:
    """The newsroom of uscis.gov, two of its rows: the first link of each, of either sort of listing."""
    url = "https://www.uscis.gov/newsroom/all-news"
    page = HtmlResponse(url, body=(corpus / "html/gov/uscis.gov/newsroom-views-rows-2026-09-13.html").read_bytes())
    main = body_of(page)
    printed = [anchor.attrib["href"] for anchor in page.css("h3 a")]
    assert len(printed) == page.text.count('class="views-row"') == 2
    found = list(rows(main, url, "h3 a", url))
    assert [getattr(one, "url", None) for one in found] == [f"https://www.uscis.gov{href}" for href in printed]
    dated = list(collection_rows(main, url, url, re.compile("newsroom")))
    assert [one.dates[0].words for one in dated if isinstance(one, Listed)] == [
        "September 11, 2026",
        "September 04, 2026",
    ]


def test_the_pages_of_ice_have_a_heading_and_text(corpus: Path) -> None:
    """Ten pages of Drupal 11: each has its heading, a main part and words of its own, without its menus."""
    pages = sorted((corpus / "html/gov/ice.gov/ice-nodes").glob("*.html"))
    assert len(pages) == 10
    for path in pages:
        page = HtmlResponse(f"https://www.ice.gov/node/{path.stem}", body=path.read_bytes())
        title, main = frame_of(page)
        assert main is not None
        assert title
        assert title in page.css("title::text").get("")
        text = [block.text for block in blocks(main, page.url)]
        assert title in text
        assert not any("official website" in words or "Return to top" in words for words in text)
        assert len(text) >= 6
