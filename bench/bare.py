"""Bare Scrapy, to compare with: follows every link by its defaults, and stores nothing (`python -m bench.bare URL`)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, ClassVar

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import HtmlResponse, Response


class Bare(scrapy.Spider):
    """A spider as the tutorial has it."""

    name = "bare"
    got: ClassVar[set[str]] = set()

    def parse(self, response: Response, **_: Any) -> Iterator[scrapy.Request]:
        """Remember, and follow the links."""
        Bare.got.add(response.url)
        if isinstance(response, HtmlResponse):
            for href in response.css("a::attr(href)").getall():
                yield response.follow(href)


def main() -> None:
    """Crawl, then print how many answers there were."""
    # The defaults, but for the log: a line for each request would be measured with them.
    process = CrawlerProcess({"LOG_LEVEL": "WARNING", "ROBOTSTXT_OBEY": False})
    process.crawl(Bare, start_urls=[sys.argv[1]])
    process.start()
    json.dump({"got": len(Bare.got)}, sys.stdout)


if __name__ == "__main__":
    main()
