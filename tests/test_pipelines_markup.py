"""Hostile pages (HT-01, HT-02, HT-07): what they cost before a source sees them, and that no parser cuts one off
without a word."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from scrapy.http import HtmlResponse

from pipelines.markup import hostile_markup
from pipelines.screening import screen
from spiders._markup import blocks, body_of, heading_of
from tests.figures import figure

HTML = frozenset({"html"})
START = b"<html><body><h1>Top</h1>"
FIRST, LAST = "where it begins", "where it ends"


def attributes(count: int) -> bytes:
    return START + b"<a " + b" ".join(b"a%d=1" % number for number in range(count)) + b">"


# Each of them is refused by name, at a cost that is measured: n and 2n.
REFUSED: dict[str, Callable[[int], bytes]] = {
    "attributes": lambda n: attributes(n // 8),
    "attributes in UTF-16": lambda n: attributes(n // 16).decode().encode("utf-16"),
    "an attribute never closed": lambda n: START + b'<a href="' + b"x" * n,
    "paragraphs": lambda n: START + b"<p>" * (n // 3),
    "siblings": lambda n: START + b"<b></b>" * (n // 7),
    "links": lambda n: START + b"<a href=/story>x</a>" * (n // 20),
    "links to itself": lambda n: START + b"<a href=#>x</a>" * (n // 15),
    "an unclosed comment of tags": lambda n: START + b"<!--" + b"a <p>" * (n // 5),
    "an unclosed script of tags": lambda n: START + b"<script>" + b"a <p>" * (n // 5),
    "unclosed CDATA of tags": lambda n: START + b"<![CDATA[" + b"a <p>" * (n // 5),
    "plaintext of tags": lambda n: START + b"<plaintext>" + b"a <p>" * (n // 5),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_costs_too_much_is_refused_at_little_cost(name: str) -> None:
    costs = []
    size = 10_000_000
    for body in (REFUSED[name](size), REFUSED[name](2 * size)):
        measured = []
        for _ in range(3):
            began = time.process_time()
            found = screen(200, "text/html", body, HTML)
            measured.append(time.process_time() - began)
        assert found is not None
        assert found.outcome == "hostile-markup"
        costs.append(min(measured))
    group = "HT-01" if "attribute" in name else "HT-07" if "link" in name else "HT-02"
    figure(group, case=name, MB=20, ms=round(costs[1] * 1000), growth_of_2n=round(costs[1] / costs[0], 1))
    # A tenth of a second for 10 MB, with room for a machine that is busy; bare, its parser takes from 1 s to minutes.
    assert costs[0] < 0.5


@pytest.mark.parametrize("count", [80_000, 200_000])
def test_the_tags_that_blocked_for_seconds(count: int) -> None:
    body = attributes(count)
    began = time.process_time()
    assert hostile_markup(body)
    spent = time.process_time() - began
    figure("HT-01", attributes=count, ms=round(spent * 1000))
    assert spent < 0.3


def levels(count: int, tag: str = "div") -> bytes:
    return START + f"<p>{FIRST}</p>".encode() + f"<{tag}>".encode() * count + f"<p>{LAST}".encode()


@pytest.mark.parametrize("tag", ["div", "b", "span", "custom-tag", "section", "ul"])
@pytest.mark.parametrize("count", [100, 256, 1_000, 1_990, 2_060, 5_000, 50_000])
def test_no_page_is_cut_off_without_a_word(count: int, tag: str) -> None:
    """What is read is read to its end, and what its parser would not read to its end is refused by name."""
    body = levels(count, tag)
    found = screen(200, "text/html", body, HTML)
    if found is not None:
        assert found.outcome == "hostile-markup"
        assert count > 2_000
        return
    page = HtmlResponse("https://www.example.gov/a", body=body)
    text = "".join(page.selector.root.itertext())
    assert FIRST in text
    assert LAST in text


LONG = {
    "a text of 12 MB": b"<p>" + b"word " * 2_400_000,
    "an attribute of 4 MB": b'<p title="' + b"x" * 4_000_000 + b'">x</p><p>',
    "a comment of 12 MB": b"<!--" + b"x" * 12_000_000 + b"--><p>",
    "a picture in an address of 4 MB": b'<img src="data:image/png;base64,' + b"A" * 4_000_000 + b'"><p>',
    "a script of 12 MB": b"<script>" + b"x" * 12_000_000 + b"</script><p>",
    "40,000 paragraphs": b"<p>x" * 40_000 + b"<p>",
}


@pytest.mark.parametrize("name", LONG)
def test_what_is_long_is_read_to_its_end(name: str) -> None:
    """libxml2's limit of 10 MB on one node holds no more; this is the test that says when it comes back."""
    body = START + LONG[name] + LAST.encode() + b"<h2>After</h2></body></html>"
    assert screen(200, "text/html", body, HTML) is None
    page = HtmlResponse("https://www.example.gov/a", body=body)
    said = blocks(body_of(page), page.url)
    assert heading_of(page) == "Top"
    assert said[-1].text == "After"
    assert said[-2].text.endswith(LAST)


@pytest.mark.parametrize(("opening", "seen"), [
    (b"<!--", False), (b"<script>", False), (b"<style>", False), (b"<textarea>", False),
    (b"<plaintext>", True), (b"<![CDATA[", False),
])  # fmt: skip
def test_what_is_never_closed_takes_the_rest_as_in_a_browser(opening: bytes, seen: bool) -> None:
    page = HtmlResponse("https://www.example.gov/a", body=START + b"<p>first</p>" + opening + b"hidden words")
    assert screen(200, "text/html", page.body, HTML) is None
    text = " ".join(block.text for block in blocks(body_of(page), page.url))
    assert "first" in text
    assert ("hidden words" in text) is seen


@pytest.mark.parametrize(
    ("declared", "refused"),
    [("cp037", True), ("cp500", True), ("utf-8", False), ("iso-8859-1", False), ("windows-1252", False),
     ("shift_jis", False), ("gb18030", False), ("utf-16", False), ("utf-7", True), ("x-no-such", False),
     ("unicode_escape", True), ("rot13", True), ("zlib_codec", True), ("undefined", True), ("big5", False),
     ("euc-kr", False), ("iso-2022-jp", False), ("koi8-r", False), ("macintosh", False)],
)  # fmt: skip
def test_a_page_may_not_hide_its_markup_in_another_alphabet(declared: str, refused: bool) -> None:
    body = f'<html><head><meta charset="{declared}"></head><body><h1>x</h1><p>words'.encode()
    assert (screen(200, "text/html", body, HTML) is not None) is refused
    if not refused and declared != "utf-16":  # that is read as it is said to be, and gives no words
        assert "words" in HtmlResponse("https://www.example.gov/a", body=body).text
