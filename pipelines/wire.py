"""Asks the network, and keeps the exact bytes that were sent and received; knows no store and no source.

Scrapy's own download handler asks and parses. Every exchange has a connection of its own, so that no bytes of
one can pass for another's.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from OpenSSL.SSL import Error as OpenSslError
from scrapy.core.downloader.handlers import http11
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Headers
from scrapy.signalmanager import SignalManager
from service_identity import VerificationError
from twisted.internet.error import ConnectionDone, ConnectionLost

from archive.model import Exchange
from archive.store.http import parse_message
from pipelines.address_guard import AddressGuard, GuardedResolver, Target, withheld_answers
from pipelines.clock import steady_clock
from pipelines.credentials import Credential, Credentials
from pipelines.tape import LONGEST_HEAD, Tape, taped_pool
from pipelines.transport import AddressRefused, Fetched, TlsFailed

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_SCRAPYS_OWN = (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
    AddressRefused,
)


class MoreThanSaidError(ResponseDataLossError):
    """More bytes came than the answer's own Content-Length says: one of the two is wrong."""


class WireTransport:
    """The transport of a crawl.

    Settings: DOWNLOAD_TIMEOUT (seconds of silence), DOWNLOAD_DEADLINE (seconds for a whole exchange),
    DOWNLOAD_MAXSIZE, ADDRESS_GUARD_ADMIT and CREDENTIALS_ADMIT (both for tests), TWISTED_DNS_RESOLVER.
    """

    def __init__(
        self,
        crawler: Crawler,
        guard: AddressGuard,
        credentials: Credentials,
        clock: Callable[[], datetime] = steady_clock,
    ) -> None:
        self._handler = http11.HTTP11DownloadHandler(crawler)
        self._crawler = crawler
        self._guard = guard
        self._credentials = credentials
        self._clock = clock
        self._silence = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._deadline = crawler.settings.getfloat("DOWNLOAD_DEADLINE", 300.0)
        self._maxsize = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler, clock: Callable[[], datetime] = steady_clock) -> WireTransport:
        """Read the settings and, this once, the environment's keys. Raises ValueError for senseless ones."""
        guard = AddressGuard.from_settings(crawler.settings)
        return cls(crawler, guard, Credentials.from_environment(crawler.settings), clock)

    async def fetch(self, request: Request) -> Fetched:
        """Ask, and return what came. Raises AddressRefused, or Scrapy's exceptions where not one byte came."""
        target = self._guard.check(request.url)
        if request.meta.get("proxy"):
            raise AddressRefused(f"behind a proxy the peer can't be checked: {request.url[:200]!r}")
        if not target.is_literal:
            _require_guarded_resolver()
        tape = Tape(self._guard, target, self._credential_for(request, target), self._maxsize_of(request))
        captured_at = self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        result = _develop(request, captured_at, tape, await self._download(request, tape))
        if isinstance(result, Exception):
            raise result
        return result

    async def close(self) -> None:
        """Let go of Scrapy's handler."""
        await self._handler.close()

    def _credential_for(self, request: Request, target: Target) -> Credential | None:
        # robots.txt is nobody's business but the public's (RFC 9309 2.3): it is asked for without a key.
        return None if urlsplit(request.url).path == "/robots.txt" else self._credentials.find(target)

    def _maxsize_of(self, request: Request) -> int:
        return int(request.meta.get("download_maxsize", self._maxsize))

    async def _download(self, request: Request, tape: Tape) -> Response | Exception:
        """Return a response or what went wrong, within the time allowed."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._deadline
        silence = float(request.meta.get("download_timeout") or self._silence)
        tape.last_heard = loop.time()
        withheld: list[str] = []
        withheld_answers.set(withheld)
        # Scrapy's own timeout counts from the start and knows no silence: ours strikes first.
        meta = {"download_timeout": self._deadline + 5, "download_fail_on_dataloss": True}
        asked = request.replace(meta={**request.meta, **meta})
        task = asyncio.ensure_future(self._handler_for(tape).download_request(asked))
        try:
            while not task.done():
                left = min(end, tape.last_heard + silence) - loop.time()
                if left <= 0:
                    tape.stopped = "time"
                    break
                await asyncio.wait({task}, timeout=left)
        finally:
            tape.finished = True
            task.cancel()
        if "download_latency" in asked.meta:
            request.meta["download_latency"] = asked.meta["download_latency"]
        return await _result_of(task, request, tape, withheld)

    def _handler_for(self, tape: Tape) -> http11.HTTP11DownloadHandler:
        # Twisted installs the default reactor at the first import of it, so it is imported late.
        from twisted.internet import reactor  # noqa: PLC0415

        handler = copy.copy(self._handler)
        handler._pool = taped_pool(reactor, tape)
        if tape.credential is not None:
            # Scrapy's signals carry the bytes as they come, with an echoed key in them.
            handler._crawler = SimpleNamespace(  # type: ignore[assignment]
                settings=self._crawler.settings, signals=SignalManager(), spider=None
            )
        return handler


async def _result_of(
    task: asyncio.Task[Response], request: Request, tape: Tape, withheld: list[str]
) -> Response | Exception:
    if tape.stopped == "time":
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        return DownloadTimeoutError(f"no whole answer within the time allowed: {request.url}")
    error = task.exception()
    return task.result() if error is None else _named(error, request, tape, withheld)


def _named(error: BaseException, request: Request, tape: Tape, withheld: list[str]) -> Exception:
    """Return one of Scrapy's or our own exceptions for whatever went wrong below."""
    if tape.refused is not None:
        return AddressRefused(str(tape.refused))
    if isinstance(error, CannotResolveHostError) and withheld:
        return AddressRefused(f"{request.url[:200]!r} leads to {', '.join(withheld[:5])}")
    if tape.stopped == "length":
        return DownloadCancelledError(f"larger than is allowed: {request.url}")
    if _is_tls(error) and not tape.received.tell():
        return TlsFailed(tape.distrust or str(error))
    if isinstance(error, _SCRAPYS_OWN):
        return error
    return DownloadFailedError(f"{type(error).__name__}: {error}")


def _reasons(error: BaseException) -> list[BaseException]:
    """Return what Twisted says were the reasons, of an error that Scrapy wrapped."""
    found = getattr(error.__cause__, "reasons", None) or ()
    return [reason.value for reason in found]


def _is_tls(error: BaseException) -> bool:
    return any(isinstance(reason, (OpenSslError, VerificationError)) for reason in _reasons(error))


def _truncation(error: Exception | None, tape: Tape) -> str:
    """Return the WARC-Truncated token (ISO 28500 5.13) for an answer that ended in `error`."""
    if error is None or tape.stopped:
        return tape.stopped
    if isinstance(error, DownloadCancelledError):
        return "length"
    if isinstance(error, MoreThanSaidError):
        return "unspecified"
    if isinstance(error, DownloadTimeoutError):
        return "time"
    ended = any(isinstance(reason, (ConnectionDone, ConnectionLost)) for reason in _reasons(error))
    return "disconnect" if ended or error.__cause__ is None else "unspecified"


def _has_more_than_said(response: Response, tape: Tape) -> bool:
    """Tell whether bytes follow a body of a known length; some servers end it with a line of their own."""
    message = parse_message(tape.received.getvalue())
    if message.chunked or not message.header("Content-Length") or not response.body:
        return False
    return bool(message.body[len(response.body) :].strip())


def _develop(request: Request, captured_at: str, tape: Tape, result: Response | Exception) -> Fetched | Exception:
    """Make the record of an exchange, without keys; or the error alone, where nothing had come."""
    error = result if isinstance(result, Exception) else None
    response = None if isinstance(result, Exception) else result
    if response is not None and "partial" in response.flags and not isinstance(tape.lost, ConnectionDone):
        # A body that lasts until the connection ends is whole only if it was ended, not broken (RFC 9112 8).
        error = ResponseDataLossError(f"the connection broke: {request.url}")
    elif response is not None and _has_more_than_said(response, tape):
        error = MoreThanSaidError(f"more came than was said: {request.url}")
    exchange = Exchange(
        url=urldefrag(request.url)[0],
        captured_at=captured_at,
        request=tape.sent.getvalue(),
        response=tape.received.getvalue(),
        method=request.method,
        ip_address=tape.peer,
        truncated=_truncation(error, tape),
    )
    tape.erase()
    if tape.credential is not None:
        exchange, response, error = _without_key(tape.credential, exchange, response, error)
    if error is not None and not exchange.response:
        return error
    status = parse_message(exchange.response[:LONGEST_HEAD]).status
    return Fetched(replace(exchange, status=status), None if error else response, error)


def _without_key(
    credential: Credential, exchange: Exchange, response: Response | None, error: Exception | None
) -> tuple[Exchange, Response | None, Exception | None]:
    cleaned = credential.cut_from_response(exchange.response)
    exchange = replace(
        exchange,
        url=credential.shown_in(exchange.url),
        request=credential.cut_from(exchange.request),
        response=cleaned.raw,
        truncated=exchange.truncated or ("" if cleaned.whole else "unspecified"),
        fidelity="redacted",
    )
    if error is not None:
        error = type(error)(credential.cut_from_text(str(error)))
    elif not cleaned.whole:
        error = DownloadFailedError("the body's coding can't be undone, so the key can't be looked for in it")
    if response is not None:
        response = _response_without_key(credential, response, cleaned.entity)
    return exchange, response, error


def _response_without_key(credential: Credential, response: Response, entity: bytes | None) -> Response:
    headers = Headers()
    for name, values in response.headers.items():
        headers[credential.cut_from(name)] = [credential.cut_from(value) for value in values]
    if entity is None:
        return response.replace(headers=headers)
    headers.pop(b"Content-Encoding", None)
    headers[b"Content-Length"] = str(len(entity))
    return response.replace(headers=headers, body=entity)


def _require_guarded_resolver() -> None:
    from twisted.internet import reactor  # noqa: PLC0415

    if not isinstance(reactor.nameResolver, GuardedResolver):
        raise RuntimeError(
            "names are looked up past the address guard: set TWISTED_DNS_RESOLVER to"
            " pipelines.address_guard.GuardedResolver"
        )
