"""A quotation's address: short, made of its words, and good for another reading of the same page."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from time import process_time
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.research.quotations import (
    Quoted,
    find_quotation,
    is_in_address,
    parse_quotation,
    quotation_address,
    quoted_of,
    slug,
)
from archive.research.quoted_places import EXACT, MOST_ADDRESSED, find_places, nearest

VERSION = {"id": "dhs-ice-pia-039a@0a1b2c3d4e", "document": "dhs-ice-pia-039a", "digest": "sha256:0a1b2c3d4e5f"}
PAGE = (
    "The Department’s contractor keeps the plates. ICE will query a commercial license plate reader database, and\n"
    "may keep what it finds. The vendor keeps the plates too; the “hot list” is governed by the agency’s con-\n"
    "tract. ICE will query nothing else, and the vendor keeps the plates for five years, as any vendor\nmay."
)


def opened(address: str, text: str) -> list[str]:
    """Open an address, and return what is marked in a text."""
    asked = parse_qs(urlsplit(address).query)
    quoted = parse_quotation(asked["quote"][0], asked.get("after", [""])[0], asked.get("before", [""])[0])
    assert quoted is not None
    return [text[start:end] for start, end in find_quotation(text, quoted)]


def address_of(passage: str, text: str = PAGE, nth: int = 0) -> str:
    start = -1
    for _ in range(nth + 1):
        start = text.index(passage, start + 1)
    return quotation_address(VERSION, 7, start, start + len(passage), text)


def test_an_address_is_short_and_holds_the_words() -> None:
    path = "/d/dhs-ice-pia-039a@0a1b2c3d4e/p7"
    assert address_of("commercial license plate reader") == f"{path}?quote=commercial-license-plate-reader"
    long = PAGE[PAGE.index("ICE will") : PAGE.index(" The vendor")]
    assert address_of(long) == f"{path}?quote=ice-will-query-a...keep-what-it-finds"
    assert opened(address_of(long), PAGE) == [long[:-1]]


def test_a_word_that_stands_everywhere_costs_no_more_than_to_find_it() -> None:
    """Each place had an address of its own made, and each address read the whole page fifteen times."""
    page = {"number": 7, "text": "In a plate a reader sees a plate, and a plate. " * 1_000}
    quoted = parse_quotation("a")
    assert quoted is not None
    began = process_time()
    with closing(sqlite3.connect(":memory:")) as nothing:
        found = find_places(nothing, VERSION, page, quoted)
    assert process_time() - began < 5
    assert (found.state, len(found.passages)) == (EXACT, 1_000)
    assert len([one for one in found.passages if one.address]) == MOST_ADDRESSED


@pytest.mark.parametrize("nth", [0, 1, 2])
def test_words_that_stand_more_than_once_are_told_apart(nth: int) -> None:
    start = -1
    for _ in range(nth + 1):
        start = PAGE.index("keeps the plates", start + 1)
    address = quotation_address(VERSION, 7, start, start + 16, PAGE)
    asked = parse_qs(urlsplit(address).query)
    quoted = parse_quotation(asked["quote"][0], asked["after"][0], asked.get("before", [""])[0])
    assert quoted
    assert find_quotation(PAGE, quoted) == [(start, start + 16)]
    # Where the words around it are read otherwise, each place is shown, and none is chosen.
    assert len(find_quotation(PAGE.replace("contractor", "contractors").replace("vendor", "vendors"), quoted)) == 3


@pytest.mark.parametrize(
    "other",
    [
        PAGE.replace("con-\ntract", "contract"),
        PAGE.upper(),
        PAGE.replace("’", "'").replace("“", '"').replace("”", '"'),
        PAGE.replace(" ", "\n"),
        PAGE.replace("fi", "ﬁ"),
        f"A header\n{PAGE}",
    ],
)
def test_an_address_outlives_another_reading(other: str) -> None:
    for passage in ("governed by the agency’s con-\ntract", "may keep what it finds", PAGE[50:300]):
        [found] = opened(address_of(passage), other)
        assert slug(found).replace("-", "") in slug(other).replace("-", "")
        assert slug(found).replace("-", "")[1:-1] in slug(PAGE).replace("-", "")


def test_a_word_that_is_cut_is_taken_whole() -> None:
    start = PAGE.index("mercial")
    assert opened(quotation_address(VERSION, 1, start, start + 20, PAGE), PAGE) == ["commercial license plate"]


def test_what_has_no_word_has_no_address() -> None:
    with pytest.raises(ValueError, match="no word"):
        quotation_address(VERSION, 1, 0, 3, "... and more")
    assert parse_quotation(" …“”  ... ") is None


def test_what_is_pasted_is_read_with_its_omissions() -> None:
    assert parse_quotation("“ICE will query . . . the plates”") == Quoted(("ice-will-query", "the-plates"))
    assert parse_quotation("A [...] b … c") == Quoted(("a", "b", "c"))
    assert opened("?quote=ICE+will+query+…+what+it+finds", PAGE) == [
        PAGE[PAGE.index("ICE") : PAGE.index(". The vendor")]
    ]


TEXTS = st.one_of(
    st.text(max_size=80), st.lists(st.sampled_from(["the", "plate", "con-\ntract", "é", "“ICE”", "\n"])).map(" ".join)
)


@given(TEXTS, st.integers(0, 80), st.integers(0, 80))
def test_any_passage_of_any_text_leads_to_itself(text: str, one: int, other: int) -> None:
    start, end = min(one, other), max(one, other)
    try:
        quoted = quoted_of(text, start, end)
    except ValueError:
        assert not any(map(str.isalnum, slug(text[start:end])))
        return
    assert all(is_in_address(part) for part in quoted.parts)
    told = {slug(text[a:b]) for a, b in find_quotation(text, quoted)}
    assert any(slug(text[start:end]) in one for one in told)


@given(st.text(max_size=200))
def test_nothing_that_is_pasted_is_an_error(words: str) -> None:
    quoted = parse_quotation(words, words, words)
    if quoted:
        find_quotation(PAGE, quoted)
        assert parse_quotation("...".join(quoted.parts)) == Quoted(quoted.parts)


def test_the_nearest_words_are_found_where_a_reading_differs() -> None:
    other = PAGE.replace("commercial", "commerc1al").replace("reader", "render")
    [words] = [PAGE[PAGE.index("a commercial") : PAGE.index(", and")]]
    quoted = parse_quotation(words)
    assert quoted
    assert not find_quotation(other, quoted)
    found = nearest(other, quoted)
    assert found
    assert other[slice(*found)].strip() == "a commerc1al license plate render database"
    assert nearest(PAGE, Quoted(("an-entirely-different-sentence",))) is None
