"""The sample's FedBizOpps answers what its source asks for, and holds as many notices as it says."""

from __future__ import annotations

import asyncio

from scrapy.http import HtmlResponse, Request

from pipelines.items import Notice, Problem
from samples import fbo
from spiders.fbo_notices import FboNotices


def test_the_source_finds_what_the_sample_says() -> None:
    async def first() -> list[Request]:
        return [request async for request in FboNotices(**fbo.ARGUMENTS).start()]

    answers = {answer.url: answer for answer in fbo.answers_on("2018-01-26")}
    requests = asyncio.run(first())
    assert {request.url for request in requests} == {url for url in answers if not url.endswith("robots.txt")}
    for request in requests:
        assert request.callback is not None
        said = list(request.callback(HtmlResponse(request.url, body=answers[request.url].body)))
        assert not [one for one in said if isinstance(one, Problem)]
        assert sum(isinstance(one, Notice) for one in said) == answers[request.url].items
    assert not list(fbo.answers_on("2021-07-24")), "the site is gone"
