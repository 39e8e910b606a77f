"""Feeds and sitemaps: every format, broken, in strange encodings, and far larger than they may be."""

from __future__ import annotations

import gzip
import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import Request, Response

from archive.outcomes import OUTCOMES
from pipelines.items import Index, Item, Problem
from pipelines.screening import screen
from spiders._feeds import LARGEST_SITEMAP, MOST_ENTRIES, MOST_LOCATIONS, Entries, read_feed, read_sitemap
from spiders.news import MOST_ARTICLES, MOST_SITEMAPS, News
from tests.figures import figure

FEED = "https://news.example/feed"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
OUTLET = {"name": "example", "title": "The Example", "domains": ["news.example"], "article_pattern": "/story"}
NEWS = News(terms=["plates"], outlets=[OUTLET])


def feed(body: str | bytes) -> Entries:
    return read_feed(Response(FEED, body=body.encode() if isinstance(body, str) else body))


def sitemap(body: str | bytes) -> Entries:
    return read_sitemap(Response(FEED, body=body.encode() if isinstance(body, str) else body))


def outcomes(read: Entries) -> list[str]:
    return [one.outcome for one in read.said if isinstance(one, Problem)]


def told(entries: Entries) -> list[tuple[str, str, str]]:
    return [(entry.url, entry.words.strip(), entry.day) for entry in entries.entries]


RSS = (
    "<rss version='2.0'><channel><item><title>Plätes</title><link>/story-1</link>"
    "<pubDate>Fri, 26 Jan 2018 23:04:00 -0500</pubDate></item></channel></rss>"
)
ATOM = (
    "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>Plätes</title><link rel='self' href='/story-1'/>"
    "<updated>2018-01-27T04:04:00Z</updated></entry></feed>"
)
RDF = (
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/'><channel rdf:about='x'><title>T</title></channel>"
    "<item rdf:about='/story-1'><title>Plätes</title><link>/story-1</link>"
    "<dc:date>2018-01-27T04:04:00Z</dc:date></item></rdf:RDF>"
)
JSON = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [
    {"id": "1", "url": "/story-1", "title": "Plätes", "date_published": "2018-01-27T04:04:00Z"}]})  # fmt: skip


@pytest.mark.parametrize("body", [RSS, ATOM, RDF, JSON], ids=["rss", "atom", "rdf", "json"])
def test_every_format_says_the_same(body: str) -> None:
    assert screen(200, "", body.encode(), News.parse_feed.accepted) is None  # type: ignore[attr-defined]
    read = feed(body)
    assert outcomes(read) == []
    assert told(read) == [("https://news.example/story-1", "Plätes", "2018-01-27")]


@pytest.mark.parametrize("body", [RSS, ATOM, RDF], ids=["rss", "atom", "rdf"])
@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("utf-8", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-8", "utf-16"),
        ("iso-8859-1", "iso-8859-1"),
        ("windows-1252", "cp1252"),
        ("utf-8", "cp1252"),  # as many servers do
        ("iso-8859-1", "utf-8-sig"),  # a mark that contradicts what is declared: the mark is right
    ],
)
def test_encodings(body: str, declared: str, encoding: str) -> None:
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else "<?xml version='1.0'?>"
    raw = (head + body).encode(encoding)
    assert screen(200, "", raw, {"xml"}) is None
    assert told(feed(raw)) == [("https://news.example/story-1", "Plätes", "2018-01-27")]


def test_an_entry_that_names_nothing_is_counted() -> None:
    read = feed(
        "<rss version='2.0'><channel><item><title>x</title></item><item><link>ftp://x/</link></item></channel></rss>"
    )
    assert read.said[0] == Index(FEED, 0, 2, last=True)
    assert read.entries == ()


def test_the_address_behind_a_counting_service() -> None:
    read = feed(
        "<rss version='2.0' xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'><channel><item>"
        "<link>https://feeds.example/~r/1</link><feedburner:origLink>https://news.example/story</feedburner:origLink>"
        "</item></channel></rss>"
    )
    assert [entry.url for entry in read.entries] == ["https://news.example/story"]


@pytest.mark.parametrize(
    "body",
    ['{"items": 3}', '{"items": [1, null, {"url": 4}, {"url": "javascript:x"}]}', "[]", '{"a": 1, "a": 2}', "{}"],
)
def test_strange_json_feeds(body: str) -> None:
    read = feed(body)
    assert read.entries == ()
    assert set(outcomes(read)) <= {"malformed-json", "empty-listing"}


BOMB = (
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True))
    + "<!ENTITY file SYSTEM 'file:///etc/hostname'><!ENTITY net SYSTEM 'http://127.0.0.1:9/x'>]>"
)


@pytest.mark.parametrize(
    "body",
    [
        f"{BOMB}<urlset {NS}><url><loc>https://news.example/story-&i;</loc></url></urlset>",
        f"{BOMB}<urlset {NS}><url><loc>https://news.example/&file;&net;</loc></url></urlset>",
        f"{BOMB}<sitemapindex {NS}><sitemap><loc>https://news.example/&i;</loc></sitemap></sitemapindex>",
    ],
)
def test_entities_of_a_sitemap_are_not_expanded(body: str) -> None:
    tracemalloc.start()
    read = sitemap(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 << 20
    assert all(len(entry.url) < 100 for entry in read.entries)
    assert set(outcomes(read)) <= OUTCOMES.keys()


@pytest.mark.parametrize("entity", ["&i;", "&file;", "&net;"])
def test_entities_of_a_feed_are_not_expanded(entity: str) -> None:
    tracemalloc.start()
    read = feed(
        f"{BOMB}<rss version='2.0'><channel><item><title>{entity}</title><link>/story</link></item></channel></rss>"
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 << 20
    assert outcomes(read) == ["hostile-markup"]
    figure("SV-17", bomb=entity[:20], peak_MB=round(peak / 2**20, 1))


def test_a_feed_of_a_million_items_is_cut() -> None:
    item = "<item><title>plates</title><link>/story-{}</link></item>"
    body = "<rss version='2.0'><channel>" + "".join(map(item.format, range(20_000))) + "</channel></rss>"
    for raw in (body.encode(), body.encode("utf-16")):
        read = feed(raw)
        assert outcomes(read) == ["trap"]
        assert len(read.entries) == MOST_ENTRIES
    figure("SV-17", entries=20_000, read=MOST_ENTRIES, outcome="trap")
    many = json.dumps({"items": [{"url": f"/story-{number}"} for number in range(MOST_ENTRIES + 1)]})
    assert outcomes(feed(many)) == ["trap"]


LOCATION = "<url><loc>https://news.example/story-{}-plates</loc><lastmod>2018-01-{:02}</lastmod></url>"


def big_sitemap(count: int) -> str:
    return f"<urlset {NS}>" + "".join(LOCATION.format(n, n % 28 + 1) for n in range(count)) + "</urlset>"


def said_of(body: str | bytes, depth: int = 0, until: str = "") -> list[Item | Request]:
    raw = body.encode() if isinstance(body, str) else body
    return list(NEWS.parse_sitemap(Response(FEED, body=raw), depth=depth, until=until))


def problems(said: list[Item | Request]) -> list[tuple[str, str]]:
    return [(one.outcome, one.detail) for one in said if isinstance(one, Problem)]


def test_sitemaps_of_more_than_they_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the index the newest few are asked for, of each of them the newest articles; what is left has its names.

    Full size, 50,000 addresses, takes about 7 s; here the limits are a tenth.
    """
    monkeypatch.setattr("spiders._feeds.MOST_LOCATIONS", MOST_LOCATIONS // 10)
    monkeypatch.setattr("spiders.news.MOST_ARTICLES", MOST_ARTICLES // 10)
    most = MOST_LOCATIONS // 10
    location = "<sitemap><loc>https://news.example/sitemap-{}.xml</loc></sitemap>"
    index = f"<sitemapindex {NS}>" + "".join(map(location.format, range(most + 5))) + "</sitemapindex>"
    said = said_of(index)
    assert problems(said) == [
        ("trap", f"more than {most} addresses"),
        ("out-of-scope", f"{most - MOST_SITEMAPS} older sitemaps"),
    ]
    assert sum(isinstance(one, Request) for one in said) == MOST_SITEMAPS
    said = said_of(big_sitemap(most + 5), depth=1)
    assert problems(said) == [
        ("trap", f"more than {most} addresses"),
        ("trap", f"{most} articles on our terms"),
    ]
    requests = [one for one in said if isinstance(one, Request)]
    assert len(requests) == MOST_ARTICLES // 10
    figure("SV-17", sitemaps_in_the_index=most + 5, asked_for=MOST_SITEMAPS, articles_asked_for=MOST_ARTICLES // 10)


def test_the_newest_articles_are_asked_for_and_none_of_the_future_before_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiders.news.MOST_ARTICLES", 200)
    body = big_sitemap(400).replace("</urlset>", LOCATION.format("future", 1).replace("2018", "2099") + "</urlset>")
    said = said_of(body, until="2018-02-08")
    assert problems(said)[0] == ("invalid-date", "1 entries dated after 2018-02-08")
    requests = [one.url for one in said if isinstance(one, Request)]
    assert len(requests) == 200
    assert "https://news.example/story-27-plates" in requests
    assert "https://news.example/story-0-plates" not in requests
    assert "https://news.example/story-future-plates" not in requests


def test_a_feed_from_the_future_is_read_and_its_dates_are_not_believed() -> None:
    body = RSS.replace("2018", "2031").replace("Plätes", "Plates")
    said = list(NEWS.parse_feed(Response(FEED, body=body.encode()), until="2018-02-08"))
    assert [one.outcome for one in said if isinstance(one, Problem)] == ["invalid-date"]
    (request,) = (one for one in said if isinstance(one, Request))
    assert "listed" not in request.cb_kwargs
    (request,) = (one for one in NEWS.parse_feed(Response(FEED, body=body.encode())) if isinstance(one, Request))
    assert request.cb_kwargs["listed"] == "Fri, 26 Jan 2031 23:04:00 -0500"


def test_sitemaps_in_a_circle_end() -> None:
    """An index that names itself, or one that names the first again, is asked for once more at most."""
    index = f"<sitemapindex {NS}><sitemap><loc>{FEED}</loc></sitemap></sitemapindex>"
    (again,) = (one for one in said_of(index) if isinstance(one, Request))
    assert again.cb_kwargs == {"depth": 1}
    said = said_of(index, depth=1)
    assert problems(said) == [("trap", "an index of sitemaps inside another")]
    assert not any(isinstance(one, Request) for one in said)


def test_a_sitemap_that_mixes_addresses_and_sitemaps() -> None:
    mixed = f"<urlset {NS}><url><loc>/story-plates</loc></url><sitemap><loc>/more.xml.gz</loc></sitemap></urlset>"
    assert [one.url for one in said_of(mixed) if isinstance(one, Request)] == [
        "https://news.example/more.xml.gz",
        "https://news.example/story-plates",
    ]


def test_news_sitemaps_have_titles_and_dates() -> None:
    read = sitemap(
        f"<urlset {NS} xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>/story</loc>"
        "<news:news><news:publication><news:name>The Example</news:name></news:publication>"
        "<news:publication_date>2018-01-26T10:00:00-05:00</news:publication_date><news:title>Plates</news:title>"
        "<news:keywords>readers</news:keywords></news:news><lastmod>2019-01-01</lastmod></url></urlset>"
    )
    (entry,) = read.entries
    assert (entry.words, entry.published, entry.day) == ("Plates readers", "2018-01-26T10:00:00-05:00", "2018-01-26")


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        (gzip.compress(big_sitemap(3).encode())[:-20], "truncated"),
        (gzip.compress(big_sitemap(3).encode())[:12] + b"garbage", "decode-failed"),
        (gzip.compress(b"a" * (LARGEST_SITEMAP + 10)), "too-large"),
        (gzip.compress(gzip.compress(big_sitemap(3).encode())), "wrong-media-type"),
        (gzip.compress(b"<html><p>no</p></html>"), "wrong-media-type"),
        (gzip.compress(f"<urlset {NS} {' '.join(f'a{n}=1' for n in range(80_000))}/>".encode()), "hostile-markup"),
    ],
    ids=["cut", "garbage", "bomb", "twice", "a page", "a tag"],
)
def test_gzipped_sitemaps_that_go_wrong(raw: bytes, outcome: str) -> None:
    assert outcome in outcomes(sitemap(raw))


def test_gzipped_sitemaps() -> None:
    half = big_sitemap(2).encode()
    raw = gzip.compress(half[:40]) + gzip.compress(half[40:]) + b"\x00\x00"
    assert screen(200, "", raw, News.parse_sitemap.accepted) is None  # type: ignore[attr-defined]
    assert len(sitemap(raw).entries) == 2


def test_a_sitemap_that_breaks_off_gives_what_came() -> None:
    read = sitemap(big_sitemap(3)[:-40])
    assert outcomes(read) == ["malformed-xml"]
    assert len(read.entries) == 2


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([RSS, ATOM, RDF, JSON, big_sitemap(2)]), st.data())
def test_nothing_that_is_broken_stops_them(body: str, data: st.DataObject) -> None:
    raw = bytearray(body.encode())
    for _ in range(data.draw(st.integers(0, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(raw[: data.draw(st.integers(1, len(raw)))])
    for read in (feed(cut), sitemap(cut)):
        assert set(outcomes(read)) <= OUTCOMES.keys()
