"""Where a crawl stops: hosts that are not its source's, and redirects that lead nowhere; each stop is put on record.

Scrapy's own middlewares drop such requests without a word: a redirect to another host, one that goes in a circle.
"""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from archive.model import Finding
from pipelines.address_guard import AddressGuard
from pipelines.session import Session
from pipelines.transport import AddressRefused

# Marks an error whose outcome is on record.
NAMED = "named"


class NamedOffsite(OffsiteMiddleware):
    """Refuses requests outside the hosts of their source, when they are scheduled and when they are asked."""

    def process_request(self, request: Request) -> None:  # type: ignore[override]
        """Raise IgnoreRequest for a host that is not the source's."""
        try:
            super().process_request(request)
        except IgnoreRequest as refused:
            _name(self.crawler, refused, Finding(*_refusal(self.crawler, request.url, str(refused))))
            raise


class NamedRedirects(RedirectMiddleware):
    """Follows redirects until they come back to an address that they began with, or are too many."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Return the response, or the request for where it leads. Raises IgnoreRequest for a circle."""
        if len(places := response.headers.getlist("Location")) > 1:
            # Scrapy follows the last of them; on record, and followed, is the first.
            response.headers["Location"] = places[0]
        try:
            answer = super().process_response(request, response)
            if isinstance(answer, Request) and answer.url in answer.meta.get("redirect_urls", ()):
                raise IgnoreRequest(f"it leads back to {answer.url[:300]}")
        except IgnoreRequest as ended:
            _name(self.crawler, ended, Finding("redirect-loop", request.url, str(ended)))
            raise
        return answer

    def handle_referer(self, request: Request, response: Response) -> None:
        """Send none."""
        request.headers.pop("Referer", None)

    def _engine_started(self) -> None:
        """Scrapy would warn here that nothing sets a Referer."""


def _refusal(crawler: Crawler, url: str, words: str) -> tuple[str, str, str]:
    try:
        AddressGuard.from_settings(crawler.settings).check(url)
    except AddressRefused as refused:
        return "address-refused", url, str(refused)
    return "not-allowed-host", url, words


def _name(crawler: Crawler, error: Exception, finding: Finding) -> None:
    error.add_note(NAMED)
    Session.of(crawler).note(finding)
