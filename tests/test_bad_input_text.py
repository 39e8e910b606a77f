"""Strange letters and links of pages: none gets into an address, none makes two numbers one, a link leads where a
browser would go or has no address (HT-03, HT-12, HT-13)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse

from archive.identifiers import find_identifiers, parse_identifier
from pipelines.text.cleaning import clean_line, clean_text
from spiders._markup import blocks, body_of
from spiders._platform import web_address
from tests.figures import figure

URL = "https://www.example.gov/a/page"
LINKS = {
    "/b": "https://www.example.gov/b",
    "  /b\n": "https://www.example.gov/b",
    "/b\tc\r\nd": "https://www.example.gov/bcd",
    "//other.example/x": "https://other.example/x",
    "?q=1": "https://www.example.gov/a/page?q=1",
    "../../../x": "https://www.example.gov/x",
    "javascript:alert(1)": "",
    "java\tscript:alert(1)": "",
    "\x01javascript:alert(1)": "",
    "data:text/html,<script>x</script>": "",
    "data:application/pdf;base64," + "A" * 50_000_000: "",
    "file:///etc/passwd": "",
    "mailto:nobody@example.gov": "",
    "http://user:secret@www.example.gov/": "",
    "http://": "",
    "http://[::1": "",
    "http://a.example:99999/": "",
    "https://www.example.gov/" + "x" * 9_000: "",
}


def test_links_lead_where_a_browser_goes_or_have_no_address() -> None:
    for href, address in LINKS.items():
        assert web_address(URL, href) == address, href[:60]
    figure(
        "XS-03",
        links=len(LINKS),
        other_than_http=sum(bool(one) and not one.startswith("http") for one in LINKS.values()),
    )
    figure("HT-03", links=len(LINKS), without_an_address=sum(not address for address in LINKS.values()))


SHOWN = {
    "noscript": "<noscript><a href='/hidden'>x</a></noscript>",
    "template": "<template><a href='/hidden'>x</a></template>",
    "svg": "<svg><a href='/hidden'>x</a><script>x</script></svg>",
    "svg in a style": "<svg><style><a href='/hidden'>x</a></style></svg>",
    "conditional comment": "<!--[if IE]><a href='/hidden'>x</a><![endif]-->",
    "textarea": "<textarea><a href='/hidden'>x</a></textarea>",
    "script": "<script><a href='/hidden'>x</a></script>",
}


@pytest.mark.parametrize("name", SHOWN)
def test_links_that_no_reader_sees_are_none(name: str) -> None:
    page = HtmlResponse(URL, body=f"<html><body><p><a href='/seen'>one</a></p>{SHOWN[name]}<p>end".encode())
    said = blocks(body_of(page), page.url)
    assert [link.url for block in said for link in block.links] == ["https://www.example.gov/seen"]
    assert said[-1].text == "end"


@pytest.mark.parametrize("tag", ["<a\x00 href='/b'>x</a>", "<\x00a href='/b'>x</a>", "<a hr\x00ef='/b'>x</a>"])
def test_nul_in_a_tag_hides_nothing_and_stops_nothing(tag: str) -> None:
    page = HtmlResponse(URL, body=f"<html><body><p>before</p><p>{tag}</p><p>after".encode())
    said = blocks(body_of(page), page.url)
    assert (said[0].text, said[-1].text) == ("before", "after")
    assert {link.url for block in said for link in block.links} <= {"https://www.example.gov/b"}


STRANGE = (
    *map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0)]), "\u202e", "\u2066", "\u2069", "\u200b", "\u200e", "\ufeff",
    "\U000e0041", "\ue000", "\ufdd0", "\ufffe", "\U0010ffff", "\ud800", "\udfff", "\x1b[31m", "e" + "\u0301" * 1000,
)  # fmt: skip


@pytest.mark.parametrize("strange", STRANGE, ids=[repr(one)[:12] for one in STRANGE])
def test_strange_letters_are_stored_as_text_or_taken_out_and_counted(strange: str) -> None:
    text, removed = clean_text(f"se{strange}en")
    text.encode("utf-8")
    assert all(unicodedata.category(letter) not in ("Cc", "Cs") or letter in "\n\t" for letter in text)
    if removed:
        assert text + "x" * removed != f"se{strange}en"
        assert len(text) + removed == len(f"se{strange}en")
    assert "\n" not in clean_line(f"a{strange}b", 100)
    address = web_address(URL, f"/x{strange}y")
    assert not any(ord(letter) < 0x21 or 0xD800 <= ord(letter) < 0xE000 for letter in address)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=60) | st.text(st.sampled_from("".join(STRANGE)), max_size=30))
def test_any_text_cleaned_is_text_and_clean(text: str) -> None:
    cleaned, _ = clean_text(text)
    cleaned.encode("utf-8")
    assert clean_text(cleaned) == (cleaned, 0)


ONE = "DHS/ICE/PIA-039"
SAME = (
    "DHS/ICE/PIA\u2011039", "DHS/ICE/PIA\u2013039", "DHS/ICE/PIA\u2212039", "ＤＨＳ／ＩＣＥ／ＰＩＡ－０３９",
    "DHS/ICE/PIA-\u00ad039", "DHS\u2044ICE\u2044PIA-039", "DHS/ICE/PIA\u200b-039", "dhs/ice/pia-039",
)  # fmt: skip
OTHER = (
    "DHS/ІСЕ/PIA-039", "DHS/ICE/РІА-039", "DHS/ICE/PIA-٠٣٩", "DHS/İCE/PIA-039", "DHS/ıCE/PIA-039",
    "DHS/ICE/PIA-039(а)", "DHS/ICE/PIA-0\u0663\u0669", "DHS/IⅭE/PIA-039", "DHS/I\u0421E/PIA-039",
    "DHS/ICE/PIA-039\u0661",
)  # fmt: skip


def test_look_alikes_are_one_number_or_two_on_purpose() -> None:
    for printed in SAME:
        (found,) = find_identifiers(f"See {printed} here")
        assert (found.identifier.value, found.identifier.printed) == (ONE, printed)
    merged = []
    for printed in OTHER:
        for form in ("NFC", "NFD"):
            text = unicodedata.normalize(form, printed)
            merged += [text for found in find_identifiers(f"See {text} here") if found.identifier.value == ONE]
            typed = parse_identifier(text)
            merged += [text] if typed is not None and typed.value == ONE else []
    figure("HT-13", one_number=len(SAME), kept_apart=len(OTHER), false_merges=len(merged))
    assert merged == []
