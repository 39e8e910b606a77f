"""robots.txt by RFC 9309: one that can't be had forbids everything, one that isn't there nothing; keeps no record."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any, ClassVar

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser, RobotParser
from scrapy.utils.httpobj import urlparse_cached

from pipelines.politeness import Politeness
from pipelines.transport import AddressRefused

# RFC 9309 2.5 asks for 500 kibibytes at least to be read; a longer file is cut at the end of a line.
MOST_READ = 500 << 10
MOST_FETCHED = 20 << 20


class RobotsUnreachable(IgnoreRequest):
    """A request that isn't sent, because nobody could say whether it may be."""

    outcome: ClassVar[str] = "robots-unreachable"


class KnownRobots(RobotsTxtMiddleware):
    """Scrapy's middleware, with the answers of RFC 9309 2.3.1 in place of its own.

    A recording has no server to obey: of it only what was read counts.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._politeness = Politeness.of(crawler)
        self._replay = bool(crawler.settings["REPLAY_FILE"])
        self._longest = crawler.settings.getfloat("ROBOTS_MAX_AGE")
        self._read: dict[str, tuple[float, asyncio.Future[RobotParser | None]]] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules of a request's site, None where there are none. Raises RobotsUnreachable."""
        parts = urlparse_cached(request)
        site = f"{parts.scheme}://{parts.netloc}"
        at, held = self._read.get(site, (0.0, None))
        if held is None or (held.done() and monotonic() - at > self._longest and not self._replay):
            held = asyncio.ensure_future(self._rules_of(site, parts.hostname or ""))
            held.add_done_callback(lambda done: done.exception())
            self._read[site] = (monotonic(), held)
        return await asyncio.shield(held)

    async def _rules_of(self, site: str, host: str) -> RobotParser | None:
        meta = {"dont_obey_robotstxt": True, "allow_offsite": True, "download_maxsize": MOST_FETCHED}
        asked = Request(f"{site}/robots.txt", NO_CALLBACK, priority=self.DOWNLOAD_PRIORITY, meta=meta)
        engine: Any = self.crawler.engine
        try:
            response = await engine.download_async(asked)
        except (IgnoreRequest, AddressRefused):
            return None  # it leads in a circle, or nowhere that may be asked
        except Exception as error:  # whatever goes wrong on the network
            if self._replay:
                return None
            raise RobotsUnreachable(f"robots.txt of {site}: {type(error).__name__}") from error
        return self._parsed(response, site, host)

    def _parsed(self, response: Response, site: str, host: str) -> RobotParser | None:
        if not self._replay and (response.status >= 500 or response.status == 429):
            raise RobotsUnreachable(f"robots.txt of {site}: status {response.status}")
        if not 200 <= response.status < 300:
            return None
        parser = ProtegoRobotParser.from_crawler(self.crawler, _beginning(response.body))
        self._politeness.take_crawl_delay(host, parser.crawl_delay(str(self._robotstxt_useragent)))
        return parser


def _beginning(body: bytes) -> bytes:
    return body if len(body) <= MOST_READ else body[: body.rfind(b"\n", 0, MOST_READ) + 1]
