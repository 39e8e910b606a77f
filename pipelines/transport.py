"""What a source of exchanges is; it must not know whether the network or a recording answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from scrapy.exceptions import DownloadFailedError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from archive.model import Exchange


class AddressRefused(Exception):  # noqa: N818 (named like the outcome it becomes)
    """Not http or https, ambiguous, or not on the public internet: nothing was sent."""


class TlsFailed(DownloadFailedError):  # noqa: N818
    """The server's certificate did not hold, or no safe connection came about; nothing was read."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of one request: the exact bytes, and the response Scrapy would have made of them.

    `error` says why the answer is not whole; `response` is then None, and `exchange.truncated` is set.
    """

    exchange: Exchange
    response: Response | None = None
    error: Exception | None = None


class Transport(Protocol):
    """Fetches one request at a time, however many at once."""

    async def fetch(self, request: Request) -> Fetched:
        """Return what came. Raises AddressRefused, or Scrapy's own exceptions where not one byte came."""

    async def close(self) -> None:
        """Let go of connections and files."""
