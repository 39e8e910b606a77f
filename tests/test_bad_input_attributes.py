"""One attribute of many megabytes (HT-01): it costs less than as much text, in whatever attribute it stands."""

from __future__ import annotations

import time

import pytest
from scrapy.http import HtmlResponse

from pipelines.screening import screen
from spiders._markup import blocks, body_of
from spiders._platform import web_address
from tests.figures import figure

SIZE = 10_000_000
START = b"<html><body><h1>Top</h1>"
ONE = {
    "title": b'<p title="' + b"x" * SIZE + b'">words',
    "style of entities": b'<p style="' + b"&amp;" * (SIZE // 5) + b'">words',
    "class": b'<p class="' + b"x y " * (SIZE // 4) + b'">words',
    "picture": b'<img src="data:image/png;base64,' + b"A" * SIZE + b'"><p>words',
    "link to a picture": b'<p><a href="data:image/png;base64,' + b"A" * SIZE + b'">words</a>',
    "link that climbs": b'<p><a href="' + b"../" * (SIZE // 3) + b'x">words</a>',
    "link of blanks": b'<p><a href="' + b" " * SIZE + b'/x">words</a>',
    "link with a fragment": b'<p><a href="/x#' + b"a" * SIZE + b'">words</a>',
}
TEXT = b"<p>" + b"word " * (SIZE // 5)


def cost(body: bytes) -> tuple[float, list[str], list[str]]:
    """Return the seconds that screening and reading a page take, its texts and the addresses of its links."""
    began = time.process_time()
    assert screen(200, "text/html", body, frozenset({"html"})) is None
    page = HtmlResponse("https://www.example.gov/a", body=body)
    said = blocks(body_of(page), page.url)
    spent = time.process_time() - began
    return spent, [block.text for block in said], [link.url for block in said for link in block.links]


@pytest.fixture(scope="module")
def of_text() -> float:
    return min(cost(START + TEXT)[0] for _ in range(2))


@pytest.mark.parametrize("name", ONE)
def test_one_long_attribute_is_cheap_and_hides_no_words(name: str, of_text: float) -> None:
    spent, texts, links = min(cost(START + ONE[name]) for _ in range(2))
    assert texts[-1] == "words"
    assert set(links) <= {""}
    figure("HT-01", attribute=name, MB=SIZE // 10**6, ms=round(spent * 1000), as_text_ms=round(of_text * 1000))


def test_a_link_is_not_taken_apart_beyond_what_an_address_can_be() -> None:
    assert web_address("https://www.example.gov/a", "/x#" + "a" * 20_000) == "https://www.example.gov/x"
    assert web_address("https://www.example.gov/a", "/x#" + "a" * 70_000) == ""
