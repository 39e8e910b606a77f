"""The sample's story: each article's quotation leads to its page, and the page's document says who quotes it."""

from __future__ import annotations

import html

import pytest
from datasette.app import Datasette

from archive.site.server import open_archive
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive

PIA = "dhs-ice-pia-039a"


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> Datasette:
    return open_archive(demo_made.path)


def test_each_article_leads_to_the_page_that_it_quotes_and_back(site: Datasette) -> None:
    articles = [row["id"] for row in get(site, "/search.json?kind=article").json()["results"]]
    assert len(articles) == 4
    quoted = get(site, f"/d/{PIA}.json").json()["quoted"]
    assert {one["article"] for one in quoted} == set(articles)
    for article in articles:
        told = get(site, f"/d/{article}.json").json()["quotes"]
        found = [one for one in told if one["outcome"] == "exact"]
        assert [one["sources"][0]["document"] for one in found] == [PIA]
        address = found[0]["sources"][0]["address"]
        assert address in [one["address"] for one in quoted]
        page = html.unescape(get(site, f"/d/{article}").text)
        assert f'href="{address}"' in page
        assert "<mark" in get(site, address).text
    page = get(site, f"/d/{PIA}").text
    assert 'id="quoted"' in page
    assert all(f'href="/d/{article}"' in page for article in articles)


def test_it_is_a_question_that_anybody_can_ask_in_sql(site: Datasette) -> None:
    rows = get(site, "/archive/quoted_by_the_press.json?_shape=array").json()
    assert {row["number"] for row in rows} == {"DHS/ICE/PIA-039(a)"}
    assert all(row["address"].startswith(f"/d/{PIA}@") for row in rows)
