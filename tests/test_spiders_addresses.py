"""One listing has one name, whatever stands in its address; a session is nobody's page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders._addresses import index_address, page_address, search_address, without_session
from spiders._dhs import PIA_COLLECTION, assessment_search
from spiders._library import one_spelling, page_number
from spiders.dhs_pia import DhsPia

LIST = "https://www.dhs.gov/publications"


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("?page=3", ""),
        ("?combine=&field_taxonomy_topics_tid=All&items_per_page=50&page=4", ""),
        ("?combine=&field_collections_target_id=All&field_taxonomy_topics_target_id=All&items_per_page=10", ""),
        (
            "?sort_bef_combine=field_last_update_date_value_DESC&sort_by=field_last_update_date_value&sort_order=DESC",
            "",
        ),
        (
            "?combine=&published_at=&items_per_page=10&sort_bef_combine=published_at_DESC&created=&sort_by=published_at",
            "",
        ),
        ("?order=field_issue_date&sort=desc", ""),
        ("?utm_source=x&PHPSESSID=12ab", ""),
        ("?combine=DHS%2FICE%2FPIA-062&items_per_page=50", "?combine=DHS/ICE/PIA-062"),
        ("?field_taxonomy_topics_target_id=7&field_collections_target_id=3", None),
        ("?field_dhs_agency_target_id=3&field_oversight_area=All&field_fy_value=All", "?field_dhs_agency_target_id=3"),
    ],
)
def test_the_name_of_a_listing(query: str, kept: str | None) -> None:
    expected = "?field_collections_target_id=3&field_taxonomy_topics_target_id=7" if kept is None else kept
    assert index_address(LIST + query) == LIST + expected
    assert index_address(LIST + expected) == LIST + expected


@given(st.text(max_size=60), st.integers(0, 10**6))
def test_any_address_has_a_name_and_its_pages_have_that_name(query: str, page: int) -> None:
    index = index_address(f"{LIST}?{query.replace('#', '')}")
    assert index_address(index) == index
    assert page_number(page_address(index, page)) == (page if page < 10**6 else 0)
    assert index_address(page_address(index, page)) == index


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://a.example/x;jsessionid=9A8B?page=1", "https://a.example/x?page=1"),
        ("https://a.example/x;JSESSIONID=9A8B/y", "https://a.example/x/y"),
        ("https://a.example/(S(lit3py55t21z5v55vlm25s55))/x", "https://a.example/x"),
        ("https://a.example/x?sid=1&PHPSESSID=2&id=3", "https://a.example/x?id=3"),
        ("https://a.example/x?SESS0123456789abcdef0123456789abcdef=1", "https://a.example/x"),
        ("https://a.example/x?presidents=1&inside=2", "https://a.example/x?presidents=1&inside=2"),
    ],
)
def test_sessions(url: str, plain: str) -> None:
    assert without_session(url) == plain
    assert without_session(plain) == plain


@pytest.mark.parametrize(
    "url",
    [
        "http://dhs.gov/publication/x",
        "https://www.dhs.gov./publication/x/",
        "https://www.dhs.gov/index.php/publication/x?utm_source=a#top",
        "https://www.dhs.gov/publication/x;jsessionid=12?sid=4",
    ],
)
def test_spellings_of_a_page(url: str) -> None:
    assert one_spelling(url, "www.dhs.gov") == "https://www.dhs.gov/publication/x"


def test_where_a_number_is_looked_for() -> None:
    assert assessment_search("DHS/ICE/PIA-039(a)") == f"{PIA_COLLECTION}?combine=DHS/ICE/PIA-039(a)"
    assert DhsPia().address_of("pia", "DHS/ICE/PIA-062") == search_address(PIA_COLLECTION, "DHS/ICE/PIA-062")
    assert DhsPia().address_of("sorn", "DHS/ICE-011") == ""
    request = DhsPia().request_for(assessment_search("DHS/ICE/PIA-062"))
    assert request is not None
    assert request.url == f"{PIA_COLLECTION}?combine=DHS/ICE/PIA-062&page=0"
    assert request.cb_kwargs == {"index": f"{PIA_COLLECTION}?combine=DHS/ICE/PIA-062", "page": 0}
    assert search_address(PIA_COLLECTION, "a&b=c#d").endswith("?combine=a%26b%3Dc%23d")
