"""The sample's inspector general and FOIA library are what their production sources ask for, night by night."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy.http import HtmlResponse, Request, Response

from pipelines.items import File, Item, Listed, Problem
from pipelines.screening import screen
from samples import foia, oversight_reports
from samples.publications import NIGHTS
from samples.recording import Answer
from spiders._platform import Source
from spiders.dhs_oig import DhsOig
from spiders.ice_foia_library import IceFoiaLibrary
from tests.test_sources_requests import first_requests

SOURCES: list[tuple[type[Any], Any]] = [(DhsOig, oversight_reports), (IceFoiaLibrary, foia)]


def crawl(source: Source, answers: dict[str, Answer]) -> tuple[list[Item], set[str]]:
    """Ask until nothing is left to ask; return what was said, and which addresses were asked for."""
    said: list[Item] = []
    waiting, asked = first_requests(source), set[str]()
    while waiting:
        request = waiting.pop()
        if request.url in asked:
            continue
        asked.add(request.url)
        answer = answers[request.url]
        if answer.status != 200:
            continue
        kind = HtmlResponse if "html" in answer.media_type else Response
        assert request.callback is not None
        assert screen(200, answer.media_type, answer.body, request.callback.accepted) is None  # type: ignore[attr-defined]
        for one in request.callback(kind(request.url, body=answer.body), **request.cb_kwargs):
            (waiting if isinstance(one, Request) else said).append(one)
    return said, asked


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize(("source", "sample"), SOURCES, ids=["dhs_oig", "ice_foia_library"])
def test_a_night(source: type[Any], sample: Any, night: str) -> None:
    answers = {answer.url: answer for answer in sample.answers_on(night)}
    said, asked = crawl(source(**sample.ARGUMENTS), answers)
    assert {url for url in answers if not url.endswith("/robots.txt")} == asked
    assert not [one for one in said if isinstance(one, Problem)]
    assert sum(isinstance(one, File) for one in said) == sum(answer.items for answer in answers.values()) > 0
    assert all(one.title and one.heading and one.dates for one in said if isinstance(one, Listed))
