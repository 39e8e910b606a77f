"""One attribute of many megabytes (HT-01): refused by name, or cheap in whatever attribute it stands."""

from __future__ import annotations

import time

import pytest
from scrapy.http import HtmlResponse

from pipelines.screening import screen
from spiders._markup import blocks, body_of
from spiders._platform import web_address
from tests.figures import figure

SIZE = 10_000_000
READ = 4_000_000
START = b"<html><body><h1>Top</h1>"


def attributes(size: int) -> dict[str, bytes]:
    return {
        "title": b'<p title="' + b"x" * size + b'">words',
        "style of entities": b'<p style="' + b"&amp;" * (size // 5) + b'">words',
        "class": b'<p class="' + b"x y " * (size // 4) + b'">words',
        "picture": b'<img src="data:image/png;base64,' + b"A" * size + b'"><p>words',
        "link to a picture": b'<p><a href="data:image/png;base64,' + b"A" * size + b'">words</a>',
        "link that climbs": b'<p><a href="' + b"../" * (size // 3) + b'x">words</a>',
        "link of blanks": b'<p><a href="' + b" " * size + b'/x">words</a>',
        "link with a fragment": b'<p><a href="/x#' + b"a" * size + b'">words</a>',
    }


ONE = attributes(READ)
TEXT = b"<p>" + b"word " * (READ // 5)


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
    figure("HT-01", attribute=name, MB=READ // 10**6, ms=round(spent * 1000), as_text_ms=round(of_text * 1000))


@pytest.mark.parametrize("name", ONE)
def test_one_attribute_of_10_mb_is_refused_before_a_parser_sees_it(name: str) -> None:
    body = START + attributes(SIZE)[name]
    began = time.process_time()
    found = screen(200, "text/html", body, frozenset({"html"}))
    spent = time.process_time() - began
    assert found is not None
    assert found.outcome == "hostile-markup"
    figure("HT-01", attribute=name, MB=SIZE // 10**6, refused_ms=round(spent * 1000))


def test_a_link_is_not_taken_apart_beyond_what_an_address_can_be() -> None:
    assert web_address("https://www.example.gov/a", "/x#" + "a" * 20_000) == "https://www.example.gov/x"
    assert web_address("https://www.example.gov/a", "/x#" + "a" * 70_000) == ""
