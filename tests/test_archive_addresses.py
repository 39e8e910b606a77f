"""Addresses: one key for the spellings of one page, no secret in any key, no crash on any string."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.addresses import SECRET_PARAMETERS, is_web_address, slug, url_key, without_secrets

COLLECTION = "https://www.dhs.gov/publications-library/collections/privacy-impact-assessments-"
REASON = "https://reason.com/2018/01/26/trumps-immigration-crackdown-means-ice-w/"

SAME = [
    (COLLECTION + "(pia)", COLLECTION + "%28pia%29", COLLECTION + "%2528pia%2529", COLLECTION + "%2528pia)/"),
    ("https://www.dhs.gov/p/x", "http://dhs.gov:80/p/x/", "HTTPS://DHS.GOV.:443/p/x#top"),
    ("https://a.gov/x.pdf", "https://a.gov/x.pdf?utm_source=chatgpt.com", "https://a.gov/x.pdf?fbclid=1&gclid=2"),
    (REASON, REASON + "?comments=true", REASON + "?CMP=share"),
    ("https://hill.com/x/", "https://hill.com/x/amp", "https://amp.hill.com/x", "hill.com/x?amp=1"),
    ("https://www.courthousenews.com/a/", "courthousenews.com/a/?amp=1", "courthousenews.com/a?amp"),
    ("https://h.us/a/", "https://h.us/a/?source=post_page-----", "https://h.us/a?oref=ng-next"),
    ("https://w.com/a/?itid=lk_inline_manual_9", "https://w.com/a?outputType=amp"),
    ("https://a.gov/?b=2&a=1", "https://a.gov?a=1&b=2", "https://a.gov/?a=%31&&b=2"),
    ("https://a.gov/PPGM%202017-01.pdf", "https://a.gov/PPGM 2017-01.pdf", "https://a.gov/PPGM%25202017-01.pdf"),
    ("https://a.gov/x?q=one+two", "https://a.gov/x?q=one%20two"),
    ("https://a.gov/a/b", "https://a.gov/a/./c/../b", "https://a.gov/a/%2e/c/%2E%2e/b"),
    ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC", "https://BÜCHER.example/%c3%bc"),
    ("https://api.sam.gov/x?a=1", "https://api.sam.gov/x?api_key=S&a=1", "https://api.sam.gov/x?a=1&API-Key=S"),
]  # fmt: skip

APART = [
    ("https://a.gov/x?page=1", "https://a.gov/x?page=2"),
    ("https://a.gov/x", "https://a.gov/X"),
    ("https://a.gov/x?key=1", "https://a.gov/x?key=2"),
    ("https://a.gov/a%2Fb", "https://a.gov/a/b"),
    ("https://a.gov/x?a=1%26b=2", "https://a.gov/x?a=1&b=2"),
    ("https://a.gov/x?q=a%2Bb", "https://a.gov/x?q=a+b"),
    ("https://a.gov/x%3Fy", "https://a.gov/x?y"),
    ("https://a.gov:8443/x", "https://a.gov/x"),
    ("https://amp.dev/", "https://dev/"),
    ("https://a.gov/amp", "https://a.gov/"),
    ("https://dhs.gov.evil.example/x", "https://dhs.gov/x"),
    ("ftp://a.gov/x", "https://a.gov/x"),
]


@pytest.mark.parametrize("spellings", SAME)
def test_spellings_of_one_page_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({url_key(url) for url in spellings}) == 1, [url_key(url) for url in spellings]


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_pages_have_different_keys(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


def test_keys_as_they_are_stored() -> None:
    assert url_key(COLLECTION + "%2528pia%2529?page=51") == (
        "dhs.gov/publications-library/collections/privacy-impact-assessments-(pia)?page=51"
    )
    assert url_key("https://www.dhs.gov/") == "dhs.gov"
    assert url_key("not an address") == "not an address"
    assert url_key("") == ""


def test_every_address_seen_at_dhs_is_one(corpus: Path) -> None:
    facts = json.loads((corpus / "facts" / "dhs-gov-layouts.json").read_text())
    seen = facts["pdf_urls_seen"] + facts["listing_urls_seen"] + facts["archived_copies_seen"]
    assert all(is_web_address(url) and url_key(url_key(url)) == url_key(url) for url in seen)
    collection = [
        url_key(url).partition("?")[0] for url in facts["listing_urls_seen"] if "pia%" in url or "(pia" in url
    ]
    assert len(set(collection)) == 1


# Pieces that addresses are spelled with, so that strange neighbours meet often.
# fmt: off
PIECES = st.sampled_from([
    "http://", "https://", "www.", "amp.", "a.gov", "dhs.gov", ":80", ":443", ":8000", "/", "//", "..", ".",
    "amp", "?", "&", "=", "#", "+", "%", "%25", "%2", "5", "28", "%28", "%2F", "%3F", "%26", "%3D", "é",
    "%00", "api_key", "token", "utm_x", "comments=true", "page=1", " ", ";", "@", ":", "[::1]", "\\", "\x00",
    "\ud800",
])
# fmt: on
NEARLY = st.builds("".join, st.lists(PIECES, max_size=12))
ADDRESS = st.builds(lambda tail: "https://www.a.gov" + tail, NEARLY)


@settings(max_examples=600, deadline=None)
@given(st.one_of(NEARLY, ADDRESS, st.text(max_size=60)))
@example("https://a.gov/x?y=%3%66token=S")
@example("https://a.gov/x&token=S&w=2")
@example("https://a.gov/x%3%66token=S")
@example("https://www.www.a.gov/x/amp/amp/")
def test_a_key_is_its_own_key(url: str) -> None:
    key = url_key(url)
    assert url_key(key) == key
    assert without_secrets(without_secrets(url)) == without_secrets(url)
    slug(url)


@settings(max_examples=300, deadline=None)
@given(ADDRESS)
def test_encoding_once_more_changes_no_key(url: str) -> None:
    if is_web_address(url):
        again = re.sub("%(?=(?:25)*[0-9A-Fa-f]{2})", "%25", url)
        assert url_key(again) == url_key(url)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(SECRET_PARAMETERS)), NEARLY, NEARLY, st.booleans())
def test_no_secret_is_left_in_an_address(name: str, before: str, after: str, packed: bool) -> None:
    secret = "cA9-nary~7"
    inner = f"https://a.gov/x?{name}={secret}"
    if packed:
        inner = "https://b.gov/?to=" + inner.replace(":", "%3A").replace("?", "%3F").replace("=", "%3D")
    url = inner + "&" + after
    for text in (
        without_secrets(url),
        url_key(url),
        url_key(f"https://a.gov/{before}&{name}={secret}&{after}"),
    ):
        assert secret not in text


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://a.gov/?api_key=S%26T&b=1", "https://a.gov/?api_key=REDACTED&b=1"),
        ("https://a.gov/?API%2Dkey=S#x", "https://a.gov/?API%2Dkey=REDACTED#x"),
        ("https://a.gov/?api%255Fkey=S", "https://a.gov/?api%255Fkey=REDACTED"),
        ("https://a.gov/#access_token=S", "https://a.gov/#access_token=REDACTED"),
        ("https://u:S@a.gov/x@y:z", "https://u:REDACTED@a.gov/x@y:z"),
        ("https://a.gov/?api_key=null&token=", "https://a.gov/?api_key=REDACTED&token="),
        ("https://a.gov/?monkey=1&tokens=2&B%2F=x", "https://a.gov/?monkey=1&tokens=2&B%2F=x"),
        ("https://a.gov/?api_key=a=b?c;d e", "https://a.gov/?api_key=REDACTED"),
    ],
)
def test_secrets_are_cut_and_nothing_else(url: str, clean: str) -> None:
    assert without_secrets(url) == clean


@pytest.mark.parametrize(
    "url",
    ["https://dhs.gov", "http://127.0.0.1:8001/x", "https://[2001:db8::1]:8000/", "HTTP://A.gov?x", "https://a_b.gov./",
     "https://bücher.example/", "https://a.gov/PPGM 2017.pdf", "https://a.gov/" + "x" * 7_900],
)  # fmt: skip
def test_sane_addresses(url: str) -> None:
    assert is_web_address(url)


@pytest.mark.parametrize(
    "url",
    ["", "dhs.gov", "//dhs.gov/x", "ftp://a.gov", "file:///etc/passwd", "javascript:alert(1)", "https://", "https:///x",
     "https://a b.gov/", "https://a.gov\\@b.gov/", "https://a@b.gov/", "https://a@b@c.gov/", "https://a.gov:99999/",
     "https://a.gov:8a/", "https://a..gov/", "https://-a.gov/", "https://[::1", "https://[fe80::1%eth0]/",
     "https://a%2f@b/", "https://①②⑦.0.0.1/", "https://a.gov/\x00", "https://a.gov/\r\nX: y", "https://a.\tgov/",
     " https://a.gov/", "https://a.gov/\u202egpj.exe", "https://a.gov/\ud800",
     "https://" + "a" * 64 + ".gov/", "https://a.gov/" + "x" * 8_000, "https://" + "ü" * 300 + ".gov/", "https://a.gov:١/"],
)  # fmt: skip
def test_what_is_no_sane_address(url: str) -> None:
    assert not is_web_address(url)


def test_slugs_are_plain_words_cut_between_words() -> None:
    assert slug("ICE's  Café — Data & Tools") == "ices-cafe-data-tools"
    assert slug("https://www.axios.com/ice-gains/?utm_source=x") == "axios-com-ice-gains"
    assert slug("one two three", limit=9) == "one-two"
    assert slug("one two three", limit=7) == "one-two"
    assert slug("x" * 200) == "x" * 80
    assert slug("日本語") == ""


@given(st.text(max_size=200), st.integers(1, 90))
def test_any_text_gives_a_plain_slug(text: str, limit: int) -> None:
    made = slug(text, limit)
    assert re.fullmatch("(?:[a-z0-9]+(?:-[a-z0-9]+)*)?", made)
    assert len(made) <= limit
    assert slug(made, limit) == made
