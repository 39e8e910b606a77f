"""The web archive's source: what it asks for, which rows it believes, which copies it chooses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, TextResponse

from archive.addresses import is_web_address, url_key
from archive.outcomes import OUTCOMES
from pipelines.items import Copy, Problem
from spiders.web_archive import FIELDS, MOST_ROWS, Row, WebArchive, chosen, instant, read_index
from tests.test_sources_requests import asked, first_requests

PAGE = "https://www.dhs.gov/publication/dhs-ice-pia-039"
DIGEST = "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
COPY = f"https://web.archive.org/web/20180126150000id_/{PAGE}"


def index(*rows: Any) -> bytes:
    return json.dumps([list(FIELDS), *rows]).encode()


def row(timestamp: str = "20180126150000", original: str = PAGE, digest: str = DIGEST) -> list[str]:
    return [timestamp, original, "text/html", "200", digest, "1"]


def read(*rows: Any, whole: bool = False) -> list[Row | Problem]:
    return list(read_index(index(*rows), PAGE, whole=whole))


def test_it_looks_up_what_is_wanted_and_what_is_configured_each_once() -> None:
    source = WebArchive(
        wanted=[PAGE, "file:///etc/passwd", "https://web.archive.org/web/2018/https://a.example/", f"{PAGE}#part"],
        pages=[PAGE, "http://www.dhs.gov/xlibrary/a b.pdf"],
        prefixes=["https://www.fbo.gov/notices/"],
    )
    urls = [request.url for request in first_requests(source)]
    assert urls == [
        "https://web.archive.org/cdx/search/cdx?url=https%3A%2F%2Fwww.dhs.gov%2Fpublication%2Fdhs-ice-pia-039&output=json"
        f"&filter=statuscode:200&collapse=digest&fl={','.join(FIELDS)}&limit={MOST_ROWS}",
        *urls[1:],
    ]
    assert "a%2520b.pdf" in urls[1]
    assert "notices%2F&matchType=prefix&" in urls[2]
    assert len(urls) == 3
    assert source.address_of("copy", PAGE) == urls[0]
    assert source.address_of("link", PAGE) == source.address_of("copy", COPY) == source.address_of("copy", "x") == ""


def test_a_copy_that_a_person_names_is_asked_for_as_it_was_captured() -> None:
    for mark in ("", "id_", "if_"):
        assert asked(WebArchive(), COPY.replace("id_", mark)) == (COPY, "parse_copy")
    for no_copy in (
        PAGE, "https://web.archive.org/", "https://web.archive.org/web/2018/https://a.example/",
        "https://web.archive.org/web/20180231000000/https://a.example/", f"https://web.archive.org/web/20180126150000/{COPY}",
        "https://web.archive.org/web/20180126150000/javascript:alert(1)",
    ):  # fmt: skip
        assert asked(WebArchive(), no_copy) is None, no_copy


def test_rows_are_believed_only_for_the_address_that_was_asked_for() -> None:
    spellings = ("http://dhs.gov/publication/dhs-ice-pia-039/", "https://www.dhs.gov:443/Publication/dhs%2Dice-pia-039")
    assert [one.original for one in read(*(row(original=url) for url in spellings)) if isinstance(one, Row)] == [
        *spellings
    ]
    for other in (
        "https://www.dhs.gov/publication/other", "ftp://www.dhs.gov/publication/dhs-ice-pia-039", "//evil.example/",
        "https://www.dhs.gov@evil.example/publication/dhs-ice-pia-039", f"{PAGE}\r\nHost: evil.example", f"{PAGE}\x00",
        "https://www.dhs.gov.evil.example/publication/dhs-ice-pia-039", f"{PAGE}?other=1", "http://[::1", "", "x",
        f"{PAGE}\x80",
    ):  # fmt: skip
        (one,) = read(row(original=other))
        assert isinstance(one, Problem), other
        assert one.outcome == "link-dropped"
    below = read(row(original=f"{PAGE}/part"), row(original="https://www.dhs.gov/other"), whole=True)
    assert [type(one) for one in below] == [Row, Problem]


@pytest.mark.parametrize(
    "timestamp",
    ["20180231000000", "2018", "", "20180126256000", "20180126150060", "00000000000000", "99991231235959",
     "2018012615000x", "２０１８0126150000", " 2018012615000", "201801261500001", "-2018012615000"],
)  # fmt: skip
def test_no_instant_is_made_of_what_is_none(timestamp: str) -> None:
    (one,) = read(row(timestamp))
    assert isinstance(one, Problem)
    assert one.outcome == "invalid-date"


_cells = st.one_of(st.none(), st.integers(), st.text(max_size=30), st.lists(st.text(max_size=3), max_size=2))
_rows = st.lists(
    st.one_of(
        st.lists(_cells, max_size=8),
        st.tuples(
            st.one_of(st.just("20180126150000"), st.text("0123456789", min_size=14, max_size=14)),
            st.one_of(st.just(PAGE), st.text(max_size=30), st.text(max_size=10).map(lambda text: PAGE + text)),
            st.just("text/html"), st.sampled_from(["200", "404", "-"]), st.sampled_from([DIGEST, "", "x"]),
            st.just("1"),
        ).map(list),
    ),
    max_size=8,
)  # fmt: skip


@given(_rows, st.booleans())
@settings(max_examples=150, deadline=None)
def test_whatever_the_index_says_is_a_row_or_has_a_name(rows: list[list[Any]], whole: bool) -> None:
    found = read(*rows, whole=whole)
    assert len(found) <= len(rows)
    for one in found:
        if isinstance(one, Row):
            assert instant(one.timestamp)
            assert is_web_address(one.original)
            assert whole or url_key(one.original) == url_key(PAGE)
        else:
            assert one.outcome in OUTCOMES
    rows_alone = [one for one in found if isinstance(one, Row)]
    picked = chosen(rows_alone, 3)
    assert set(picked) <= set(rows_alone)


@given(st.binary(max_size=200), st.integers(0, 400))
@settings(max_examples=100, deadline=None)
def test_whatever_bytes_it_sends(noise: bytes, cut: int) -> None:
    for body in (noise, index(row())[:cut], index(row())[:cut] + noise):
        for one in read_index(body, PAGE, whole=False):
            assert isinstance(one, Row) or one.outcome in OUTCOMES


def test_hundreds_of_thousands_of_rows_are_a_trap() -> None:
    body = b"[" + json.dumps(list(FIELDS)).encode() + b"," + b",".join([json.dumps(row()).encode()] * 200_000) + b"]"
    found = list(read_index(body, PAGE, whole=False))
    assert [type(one) for one in found] == [Row, Problem]
    assert isinstance(found[1], Problem)
    assert found[1].outcome == "trap"


def test_many_bad_rows_are_counted_not_listed() -> None:
    source = WebArchive()
    response = TextResponse("https://web.archive.org/cdx/search/cdx", body=index(*([row("2018")] * 1000)))
    said = list(source.parse_index(response, address=PAGE, whole=False))
    assert len(said) == 51
    assert isinstance(said[-1], Problem)
    assert said[-1].detail == "and 950 more such rows"


def test_the_oldest_and_the_newest_are_among_the_chosen() -> None:
    rows = [
        Row(f"20{year:02}0101000000", PAGE, DIGEST.replace("3", letter)) for year, letter in enumerate("ABCDEFGHIJ", 10)
    ]
    assert [one.timestamp[:4] for one in chosen(rows, 4)] == ["2010", "2013", "2016", "2019"]
    assert [one.timestamp[:4] for one in chosen(rows, 1)] == ["2019"]
    assert chosen(rows, 100) == rows
    again = [*rows, Row("20200101000000", PAGE, rows[0].digest)]
    assert chosen(again, 100) == rows, "a content that came back is one content"
    assert chosen([], 5) == []


def test_the_time_that_counts_is_that_of_the_address_in_the_end() -> None:
    source = WebArchive()
    headers = {"Memento-Datetime": "Fri, 26 Jan 2018 15:00:00 GMT"}
    response = HtmlResponse(COPY, body=b"<html></html>", headers=headers)
    said = list(source.parse_copy(response, timestamp="20170101000000", original=PAGE, digest=DIGEST))
    assert said == [Copy(PAGE, "2018-01-26T15:00:00Z", "Internet Archive")]
    for url in (
        "https://web.archive.org/web/20180231000000id_/" + PAGE,
        "https://web.archive.org/",
        COPY.replace(PAGE, COPY),
    ):
        (one,) = source.parse_copy(response.replace(url=url), timestamp="20170101000000", original=PAGE, digest=DIGEST)
        assert isinstance(one, Problem)
        assert one.outcome == "not-a-copy"
