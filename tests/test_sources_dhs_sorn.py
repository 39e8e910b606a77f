"""Where the notices' source starts, which addresses it knows, and that its entries keep number, name and citation."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse, Request

from pipelines.items import Listed
from spiders._dhs import SORN_COLLECTION
from spiders.dhs_sorn import LIST, DhsSorn


def first_requests(source: DhsSorn) -> list[Request]:
    async def gather() -> list[Request]:
        return [request async for request in source.start()]

    return asyncio.run(gather())


def test_it_starts_at_the_collection_and_the_list() -> None:
    assert [request.url for request in first_requests(DhsSorn())] == [f"{SORN_COLLECTION}?page=0", LIST]
    spellings = [SORN_COLLECTION.replace("(sorns)", one) for one in ("(sorns)", "%28sorns%29", "%2528sorns%2529")]
    other = [f"{url.replace('https://www.', 'http://')}?combine=&items_per_page=10" for url in spellings]
    assert {one.url for one in first_requests(DhsSorn(listings=[*spellings, *other]))} == {f"{SORN_COLLECTION}?page=0"}


def test_the_addresses_that_were_seen(corpus: Path) -> None:
    facts = json.loads((corpus / "facts" / "dhs-gov-layouts.json").read_text("utf-8"))
    known = [url for url in facts["listing_urls_seen"] if DhsSorn().request_for(url)]
    assert known == [
        "https://www.dhs.gov/publications-library/collections/system-of-records-notices-%28sorns%29",
        "https://www.dhs.gov/system-records-notices-sorns",
    ]


@pytest.mark.parametrize(
    ("kind", "target", "asked"),
    [
        ("sorn", "DHS/ICE-011", f"{SORN_COLLECTION}?combine=DHS/ICE-011"),
        ("fr-citation", "81 FR 72080", "https://www.federalregister.gov/citation/81-FR-72080"),
        ("link", "https://www.dhs.gov/publication/x", "https://www.dhs.gov/publication/x"),
        ("link", "https://www.dhs.gov/news", ""),
        ("pia", "DHS/ICE/PIA-039", ""),
    ],
)
def test_what_is_wanted_has_an_address(kind: str, target: str, asked: str) -> None:
    assert DhsSorn().address_of(kind, target) == asked
    assert not asked or DhsSorn().request_for(asked)


def entry(text: str, link: str) -> tuple[str, str, list[str]]:
    url = "https://www.federalregister.gov/d/2008-12345"
    inner = f"<main><h1>SORNs</h1><ul><li>{text.replace(link, f'<a href={url!r}>{link}</a>')}</li></ul></main>"
    said = DhsSorn().parse_list(HtmlResponse(LIST, body=f"<html><body>{inner}</body></html>".encode()))
    (listed,) = (one for one in said if isinstance(one, Listed))
    return listed.title, listed.note, [date.words for date in listed.dates]


@pytest.mark.parametrize(
    ("text", "title", "citation"),
    [
        (
            "DHS/CBP-005 - Passengers (APIS) November 18, 2008, 73 FR 68435",
            "DHS/CBP-005 - Passengers (APIS)",
            "73 FR 68435",
        ),
        ("Final Rule for Exemptions November 18, 2008 73 FR 68291", "Final Rule for Exemptions", "73 FR 68291"),
        ("DHS/ICE–011 Plates (November 18, 2008, 73 FR 68,435)", "DHS/ICE–011 Plates", "73 FR 68435"),
        ("DHS/ICE–011 Plates, 73 FR 68435, November 18, 2008", "DHS/ICE–011 Plates", "73 FR 68435"),
        ("DHS/ICE–011 Plates", "DHS/ICE–011 Plates", ""),
    ],
)
def test_entries_are_read_whichever_words_are_linked(text: str, title: str, citation: str) -> None:
    for link in {text, title, text.partition(" ")[0]}:
        assert entry(text, link) == (title, citation, ["November 18, 2008"] if citation else [])
