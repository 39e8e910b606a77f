"""What all sources share: addresses, requests, and what the settings hand in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.settings import Settings

from pipelines.items import PageLink
from spiders._platform import Source, is_on, once, printed, web_address, without_tracking

PAGE = "https://www.dhs.gov/publication/one?page=2"


class Sample(Source):
    name = "sample"

    def __init__(self, outlets: object = None, since: str = "", until: str = "", **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.handed = (outlets, since, until)

    def parse_page(self, response: Response) -> None: ...


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("/a b.pdf#page=3", "https://www.dhs.gov/a%20b.pdf"),
        (" //dhs.gov/x\n", "https://dhs.gov/x"),
        ("?page=3", "https://www.dhs.gov/publication/one?page=3"),
        ("HTTP://DHS.gov/x(h).pdf", "http://DHS.gov/x(h).pdf"),
        ("java\tscript:alert(1)", ""),
        ("mailto:office@example.gov", ""),
        ("file:///etc/passwd", ""),
        ("data:text/html,x", ""),
        ("http://", ""),
        ("http://[broken", ""),
        ("http://host:99999/", ""),
        ("http://user:word@host/", ""),
        ("https://host\\@other/", "https://host/@other/"),
        ("https://host/\x00", ""),
        ("https://host/\ud800", ""),
        ("https://host/" + "x" * 8000, ""),
    ],
)
def test_web_address(href: str, address: str) -> None:
    assert web_address(PAGE, href) == address


@given(st.text(max_size=60) | st.from_regex(r"(https?:)?//[ -~]{0,40}", fullmatch=True))
def test_a_web_address_can_always_be_asked_for(href: str) -> None:
    address = web_address(PAGE, href)
    if address:
        request = Sample().ask(address, Sample().parse_page)
        assert request.url.startswith(("http://", "https://"))
        assert web_address(PAGE, address) == address
        assert isinstance(is_on(address, ["dhs.gov"]), bool)
        assert without_tracking(without_tracking(address)) == without_tracking(address)


def test_ask_sends_an_address_as_it_is_printed() -> None:
    sample = Sample()
    assert sample.ask("https://a.example/x(h)%2528.pdf", sample.parse_page).meta == {}
    request = sample.ask("https://a.example/x|y.pdf?a[]=1", sample.parse_page, page=1)
    assert (request.url, request.meta) == ("https://a.example/x|y.pdf?a[]=1", {"verbatim_url": True})
    assert (request.callback, request.cb_kwargs) == (sample.parse_page, {"page": 1})
    assert sample.ask('https://a.example/"<é>', sample.parse_page).url == "https://a.example/%22%3C%C3%A9%3E"


def test_arguments_come_from_the_settings_and_the_caller_goes_first() -> None:
    handed: dict[str, dict[str, Any]] = {
        "SHARED_ARGUMENTS": {"until": "2020-01-01", "terms": ["plates"]},
        "SOURCE_ARGUMENTS": {"sample": {"since": "2018-01-01"}, "other": {"x": 1}},
    }
    assert Sample.from_crawler(Crawler(Sample, Settings(handed))).handed == (None, "2018-01-01", "2020-01-01")
    handed["SOURCE_ARGUMENTS"]["sample"]["until"] = "2018-01-26"
    crawler = Crawler(Sample, Settings(handed))
    assert Sample.from_crawler(crawler).handed == (None, "2018-01-01", "2018-01-26")
    assert Sample.from_crawler(crawler, until="2019-01-01").handed == (None, "2018-01-01", "2019-01-01")
    assert Sample().handed == (None, "", "")
    assert Sample().request_for(PAGE) is None


def test_an_argument_that_no_one_takes_is_refused_with_those_that_are_taken() -> None:
    handed = {"SOURCE_ARGUMENTS": {"sample": {"sinse": "2018-01-01"}}}
    with pytest.raises(TypeError, match="sample takes no sinse; it takes: outlets, since, until"):
        Sample.from_crawler(Crawler(Sample, Settings(handed)))


def test_domains() -> None:
    assert is_on("https://www.dhs.gov/x", ["dhs.gov"])
    assert is_on("https://DHS.GOV./x", ["dhs.gov"])
    assert not is_on("https://evildhs.gov/x", ["dhs.gov"])
    assert not is_on("https://dhs.gov.evil.example/x", ["dhs.gov"])


def test_tracking_goes_and_the_rest_stays_in_order() -> None:
    url = "https://a.example/x?b=2&utm_source=chatgpt.com&a=1&source=post_page-----&source=library&itid=lk#part"
    assert without_tracking(url) == "https://a.example/x?b=2&a=1&source=library"


def test_once() -> None:
    links = [PageLink("a", "first"), PageLink("", "none"), PageLink("b", "x"), PageLink("a", "second")]
    assert once(links) == [PageLink("a", "first"), PageLink("b", "x")]
    assert once([Request("https://a.example/")])[0].url == "https://a.example/"


@given(st.text())
def test_printed_text_can_be_stored(text: str) -> None:
    assert "\x00" not in printed(text)
    printed(text).encode("utf-8")


def test_printed_values() -> None:
    assert [printed(value) for value in (None, 0, False, " x ", "\ud800y")] == ["", "0", "False", "x", "\ufffdy"]
