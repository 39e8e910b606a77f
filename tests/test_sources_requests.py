"""What each source asks for first, which addresses it knows, and that no answer is too broken for it."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse, Request

from archive.outcomes import OUTCOMES
from pipelines.following import read_following
from pipelines.items import Problem, WebPage
from pipelines.screening import screen
from spiders._platform import Source
from spiders.dhs_pia import COLLECTION, DhsPia
from spiders.news import News
from spiders.sam_notices import SamNotices
from tests.conftest import ROOT
from tests.test_sources import CASES, answer

FOLLOWING = read_following(ROOT / "sources.toml")
OUTLETS = FOLLOWING.arguments["news"]["outlets"]


def first_requests(source: Source) -> list[Request]:
    async def gather() -> list[Request]:
        return [request async for request in source.start()]

    return asyncio.run(gather())


def asked(source: Source, url: str) -> tuple[str, str] | None:
    request = source.request_for(url)
    assert request is None or request.callback is not None
    return None if request is None else (request.url, request.callback.__name__)  # type: ignore[union-attr]


def test_dhs_starts_at_its_listings() -> None:
    first = first_requests(DhsPia())
    assert first[0].url == f"{COLLECTION}?page=0"
    assert first[0].cb_kwargs == {"index": COLLECTION, "page": 0}
    assert "https://www.dhs.gov/privacy-documents-ice" in [request.url for request in first]
    spellings = [COLLECTION.replace("(pia)", pia) for pia in ("(pia)", "%28pia%29", "%2528pia%2529")]
    other = [f"{url.replace('https://www.', 'http://')}?combine=&items_per_page=10&page=0" for url in spellings]
    assert {request.url for request in first_requests(DhsPia(listings=[*spellings, *other]))} == {
        f"{COLLECTION}?page=0"
    }


def test_dhs_knows_its_addresses(corpus: Path) -> None:
    """Every address that was seen is one of ours, each kind read by its own callback."""
    facts = json.loads((corpus / "facts" / "dhs-gov-layouts.json").read_text("utf-8"))
    source = DhsPia()
    assert {asked(source, url)[1] for url in facts["pdf_urls_seen"]} == {"parse_file"}  # type: ignore[index]
    assert {asked(source, page["url"])[1] for page in facts["publication_pages"]} == {"parse_publication"}  # type: ignore[index]
    assert len({asked(source, page["url"]) for page in facts["publication_pages"]}) == 2
    known = {url: asked(source, url) for url in facts["listing_urls_seen"]}
    unknown = [url for url, request in known.items() if request is None]
    assert unknown == ["https://www.dhs.gov/system-records-notices-sorns"]
    asked_for = {known[url] for url in facts["listing_urls_seen"] if "assessments-" in url}
    assert {url.partition("?")[0] for url, _ in filter(None, asked_for)} == {COLLECTION}, "one listing, however spelled"


@pytest.mark.parametrize(
    ("url", "callback"),
    [
        ("https://www.federalregister.gov/documents/2016/10/19/2016-25197/privacy-act-of-1974", "parse_record"),
        ("https://www.govinfo.gov/content/pkg/FR-2016-10-19/html/2016-25197.htm", "parse_body"),
        ("https://www.govinfo.gov/content/pkg/FR-2016-10-19/pdf/2016-25197.pdf", "parse_file"),
        ("https://www.federalregister.gov/agencies/homeland-security-department", None),
        ("https://www.dhs.gov/", None),
        ("https://www.ice.gov/doclib/x.pdf", None),
        ("https://www.dhs.gov.example.com/publication/x", None),
    ],
)
def test_dhs_and_other_sites(url: str, callback: str | None) -> None:
    request = DhsPia().request_for(url)
    assert (request.callback.__name__ if request and request.callback else None) == callback


def test_sam_with_a_key_asks_by_the_calendar_and_never_shows_a_key() -> None:
    windows = [request.url for request in first_requests(SamNotices(key=True, since="2016-12-30", until="2018-01-26"))]
    assert windows == [
        f"https://api.sam.gov/opportunities/v2/search?postedFrom={since}&postedTo={until}"
        "&organizationCode=070&limit=1000&offset=0"
        for since, until in (
            ("01/01/2018", "01/26/2018"),
            ("01/01/2017", "12/31/2017"),
            ("12/30/2016", "12/31/2016"),
        )
    ]
    (only,) = first_requests(SamNotices(key=True, since="2018-01-01", until="2018-01-26"))
    assert only.cb_kwargs == {"since": "2018-01-01", "until": "2018-01-26"}
    two_years = first_requests(SamNotices(key=True, until="2018-12-31"))
    assert [request.cb_kwargs["since"] for request in two_years] == ["2018-01-01", "2017-01-01"]
    with pytest.raises(ValueError, match="Invalid isoformat"):
        first_requests(SamNotices(key=True))


def test_sam_without_a_key_asks_for_the_daily_file() -> None:
    (only,) = first_requests(SamNotices())
    assert only.url.endswith("/Contract%20Opportunities/datagov/ContractOpportunitiesFullCSV.csv?privacy=Public")
    assert only.meta["download_maxsize"] == 600 << 20
    file = "https://sam.gov/api/prod/opps/v3/opportunities/resources/files/871b323b06e14812991b90cbdd95416b/download"
    assert asked(SamNotices(), file) == (file, "parse_attachment")
    assert asked(SamNotices(), "https://sam.gov/opp/871b323b06e14812991b90cbdd95416b/view") is None


def test_news_starts_at_the_feeds_and_sitemaps_of_its_outlets() -> None:
    first = first_requests(News(outlets=OUTLETS))
    assert [request.url for request in first] == [
        url for outlet in OUTLETS for url in outlet["feeds"] + outlet["sitemaps"]
    ]
    assert first_requests(News()) == []


def test_outlets_file() -> None:
    assert all(term == term.lower() for term in FOLLOWING.shared["terms"])
    names = [outlet["name"] for outlet in OUTLETS]
    assert len(names) == len(set(names))
    for outlet in OUTLETS:
        assert outlet.keys() <= {"name", "title", "domains", "feeds", "sitemaps", "article_pattern"}
        assert outlet["title"]
        assert outlet["domains"]
        assert outlet["feeds"] + outlet["sitemaps"]


def test_news_knows_the_articles_of_its_outlets_under_one_address_each(corpus: Path) -> None:
    facts = json.loads((corpus / "facts" / "news-lpr-2018.json").read_text("utf-8"))
    source = News(outlets=OUTLETS)
    for url in facts["urls"]:
        request = source.request_for(url)
        if any(domain in url for outlet in OUTLETS for domain in outlet["domains"]):
            assert request is not None, url
            assert "?" not in request.url
            assert not request.url.rstrip("/").endswith("/amp")
        else:
            assert request is None, url
    assert source.request_for("https://www.theverge.com/about") is None


def broken(body: bytes) -> list[bytes]:
    """Return the body cut off, with bytes overwritten, with its tags, digits or quotation marks gone, and twice."""
    chance = random.Random(body)
    made = [body[: len(body) * part // 8] for part in range(8)]
    for _ in range(8):
        changed = bytearray(body)
        for _ in range(1 + len(body) // 200):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        made.append(bytes(changed))
    swaps = [
        (b"h1", b"h9"),
        (b"<a ", b"<b "),
        (b'"', b""),
        (b"</", b"<"),
        (b"<main", b"<app"),
        (b":", b""),
        (b"1", b""),
    ]
    return [*made, *(body.replace(*swap) for swap in swaps), body + body]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_no_broken_answer_stops_a_source(case: Path) -> None:
    """Whatever passes the screening gives items, requests or outcomes that have a name; never an exception."""
    callback, response, arguments = answer(case)
    for body in broken(response.body):
        if screen(200, "", body, callback.accepted) is None:  # type: ignore[attr-defined]
            said = list(callback(response.replace(body=body), **arguments))
            assert {one.outcome for one in said if isinstance(one, Problem)} <= OUTCOMES.keys()


@pytest.mark.parametrize(
    ("gone", "outcome"),
    [
        (["<h1", "<title"], "layout-changed"),
        (["<main", 'role="main"'], "layout-changed"),
        (["<th>Attachment", "Last Updated"], "layout-changed"),
        (["href"], "missing-field"),
    ],
)
def test_a_changed_layout_is_noticed(gone: list[str], outcome: str) -> None:
    """Take off the page what it can't do without: the source says so, and doesn't guess."""
    callback, response, _ = answer(ROOT / "tests" / "sources" / "dhs_pia" / "publication-2022")
    text = response.body.decode()
    for part in gone:
        assert part in text
        text = text.replace(part, "<x" if part.startswith("<") else "x")
    said = list(callback(HtmlResponse(response.url, body=text.encode())))
    assert outcome in {one.outcome for one in said if isinstance(one, Problem)}
    assert not any(isinstance(one, WebPage) for one in said) or outcome != "layout-changed"
