"""Pages whose records are made by scripts: fetches and keeps all that a page asks for, and what the browser made of it.

The wire's bytes of the page, and of every part, are captures that nothing reads; the document that the browser had in
the end is one of its own (kind "conversion", fidelity "rendered"), and that is what the source's callback reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin, urlsplit

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Request, Response
from scrapy.http.request import NO_CALLBACK

from archive.model import RENDERED_TYPE, Capture, Exchange, Finding
from archive.store.http import Message, decoded, parse_message
from archive.store.recording import RENDERED
from pipelines.boundaries import NAMED, NamedOffsite
from pipelines.clock import now
from pipelines.politeness import HostRefused, Politeness
from pipelines.replay import ReplayTransport
from pipelines.screening import content_kind, screen
from pipelines.session import Session, callback_name
from pipelines.transport import AddressRefused, Fetched, Transport

if TYPE_CHECKING:
    from pipelines.browser import Answer, Browser, Opened, Part

# What no list is made of.
UNWANTED_KINDS = frozenset(
    {"image", "media", "font", "texttrack", "ping", "prefetch", "manifest", "cspviolationreport"}
)
METHODS = ("GET", "POST")
MOST_REDIRECTS = 5
# Bytes that one part of a page may have.
LARGEST_PART = 10 << 20
# Handed on from a page's request; all else is what our own requests say.
HANDED_ON = ("accept", "content-type", "x-requested-with")
# Of an answer's head, what would make the browser ask for more, unpack again, or keep something.
NOT_GIVEN = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie", "link", "nel", "report-to",
     "reporting-endpoints", "alt-svc", "refresh", "content-security-policy-report-only", "content-disposition"}
)  # fmt: skip

Keep = Callable[[Exchange, Request], Awaitable[Capture]]


class Rendering:
    """Opens the pages of one source's run in a browser."""

    def __init__(self, crawler: Crawler, session: Session, transport: Transport) -> None:
        self._crawler, self._session, self._transport = crawler, session, transport
        self._browser: Browser | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, session: Session, transport: Transport) -> Rendering | None:
        """Return what opens this source's pages, or None where they need no browser."""
        wanted = session.run.source in crawler.settings.getlist("BROWSER_SOURCES")
        return cls(crawler, session, transport) if wanted else None

    def may_open(self, request: Request) -> bool:
        """Tell whether what is asked for is to be opened, should it be a page."""
        accepted = getattr(request.callback, "accepted", ())
        return request.method == "GET" and callback_name(request) != "" and (not accepted or "html" in accepted)

    def opens(self, request: Request, fetched: Fetched) -> bool:
        """Tell whether an answer is a page to be opened: whole, asked for by a callback that reads pages, no wall."""
        if fetched.response is None or fetched.exchange.status != 200 or not self.may_open(request):
            return False
        accepted = getattr(request.callback, "accepted", ())
        body, problem = decoded(parse_message(fetched.exchange.response))
        return not problem and content_kind(body) == "html" and screen(200, "", body, accepted) is None

    async def open(self, request: Request, fetched: Fetched) -> Response:
        """Return the page as the browser had it, once all of it is on the disk.

        Raises IgnoreRequest, with the outcome on record, where the browser has nothing to give.
        """
        wire = await self._session.keep(fetched.exchange, _part_request(request, request.url, fetched.exchange.url))
        held = self._recorded(request)
        if held is None:
            html = await self._opened(request, fetched)
            body = html.encode("utf-8", "replace")
            if body == decoded(parse_message(fetched.exchange.response))[0]:
                body += b"\n"  # in the same second, the same bytes would be the same capture
            at = fetched.exchange.captured_at if isinstance(self._transport, ReplayTransport) else now()
            held = Exchange(
                wire.url, at, b"", body, status=200, kind="conversion", fidelity="rendered", sample=wire.sample
            )
        await self._session.keep(replace(held, made_from=wire.id), request)
        headers = {"Content-Type": RENDERED_TYPE}
        return HtmlResponse(request.url, 200, headers, held.response, ["rendered"], request)

    async def close(self) -> None:
        """Stop the browser, if there was a page for it."""
        if self._browser is not None:
            await self._browser.close()

    def _recorded(self, request: Request) -> Exchange | None:
        """Return what a browser made of the page when it was recorded: it isn't opened twice."""
        if not isinstance(self._transport, ReplayTransport):
            return None
        return self._transport.recording.exchange(self._transport.night, RENDERED, request.url)

    async def _opened(self, request: Request, fetched: Fetched) -> str:
        # An optional extra, and half a second: only where it is needed.
        from pipelines.browser import PageFailed  # noqa: PLC0415

        parts = _Parts(self._crawler, self._session, self._transport, request)
        night = fetched.exchange.captured_at if isinstance(self._transport, ReplayTransport) else ""
        document = _answer(parse_message(fetched.exchange.response))
        try:
            opened: Opened = await self._started().open(urldefrag(request.url)[0], document, parts.answer, night)
        except PageFailed as failed:
            self._session.note(Finding(failed.outcome, request.url, str(failed)))
            error = IgnoreRequest(f"{failed.outcome}: {failed}")
            error.add_note(NAMED)
            raise error from failed
        finally:
            await parts.finish()
        for outcome, detail in {**parts.notes(), **opened.notes}.items():
            self._session.note(Finding(outcome, request.url, detail))
        return opened.html

    def _started(self) -> Browser:
        from pipelines.browser import Browser, Limits  # noqa: PLC0415

        if self._browser is None:
            settings = self._crawler.settings
            limits = Limits(
                settings.getfloat("BROWSER_SECONDS"), settings.getfloat("BROWSER_QUIET"),
                settings.getfloat("BROWSER_LONGEST"), settings.getint("BROWSER_REQUESTS"),
                settings.getint("BROWSER_CHARACTERS"),
            )  # fmt: skip
            self._browser = Browser(
                settings["BROWSER_PATH"], settings["USER_AGENT"], limits, sandbox=settings.getbool("BROWSER_SANDBOX")
            )
        return self._browser


class _Parts:
    """What one page asks for: fetched one after the other, from hosts of its source, where robots.txt lets us."""

    def __init__(self, crawler: Crawler, session: Session, transport: Transport, page: Request) -> None:
        self._crawler, self._session, self._transport, self._page = crawler, session, transport, page
        self._hosts = set(crawler.settings.getdict("BROWSER_HOSTS").get(session.run.source, ()))
        self._refused: set[str] = set()
        self._one = asyncio.Lock()
        self._under_way: set[asyncio.Task[Fetched | None]] = set()
        self._finished = False

    def notes(self) -> dict[str, str]:
        """Return what was refused; hosts by name, so that the same page gives the same words."""
        return {"page-part-refused": f"at {', '.join(sorted(self._refused))[:400]}"} if self._refused else {}

    async def finish(self) -> None:
        """Ask for nothing more, and wait for what is on the wire: what was asked for is kept."""
        self._finished = True
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def answer(self, part: Part) -> Answer | None:
        """Return what stands at the address of a part; None where it isn't asked for, or doesn't answer."""
        if part.kind in UNWANTED_KINDS or part.method not in METHODS:
            return None
        url, method, body = urldefrag(part.url)[0], part.method, part.body
        for _ in range(MOST_REDIRECTS + 1):
            fetched = await self._fetched(url, method, body, part)
            if fetched is None or fetched.response is None:
                return None
            message = parse_message(fetched.exchange.response)
            if not (300 <= message.status < 400 and message.header("Location")):
                return _answer(message)
            url = urldefrag(urljoin(url, message.header("Location")))[0]
            if message.status not in (307, 308):  # RFC 9110 15.4.8: these two alone keep the method
                method, body = "GET", b""
        return None

    async def _fetched(self, url: str, method: str, body: bytes, part: Part) -> Fetched | None:
        """Fetch and keep one part, whether or not the page waits for it to the end."""
        task = asyncio.ensure_future(self._kept(url, method, body, part))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _kept(self, url: str, method: str, body: bytes, part: Part) -> Fetched | None:
        try:
            request = _part_request(self._page, url, self._page.url, method=method, body=body)
            for name in HANDED_ON:
                if name in part.headers:
                    request.headers[name] = part.headers[name]
            if not await self._may_ask(request):
                return None
            fetched = await self._in_turn(request)
            if fetched is None:
                return None
        except IgnoreRequest as refused:
            why = str(refused) if isinstance(refused, HostRefused) else f"{urlsplit(url).hostname} (robots.txt)"
            self._refused.add(why)
            return None
        except Exception as error:  # whatever an address does, the page goes on without that part
            self._refused.add(f"{(urlsplit(url).hostname or url[:80])} ({type(error).__name__})")
            return None
        if not fetched.exchange.response:
            self._session.note(Finding("not-in-recording", fetched.exchange.url))
            return None
        await self._session.keep(fetched.exchange, request)
        return fetched

    async def _in_turn(self, request: Request) -> Fetched | None:
        politeness = Politeness.of(self._crawler)
        async with self._one:
            if self._finished:
                return None
            async with politeness.turn(request):
                try:
                    fetched = await self._transport.fetch(request)
                except AddressRefused:
                    raise
                except Exception:
                    politeness.heed(request, None)
                    raise
                politeness.heed(request, fetched.exchange)
        return fetched

    async def _may_ask(self, request: Request) -> bool:
        host = (urlsplit(request.url).hostname or "").lower()
        offsite: Any = self._crawler.get_downloader_middleware(NamedOffsite)
        if host not in self._hosts and not offsite.should_follow(request, self._crawler.spider):
            self._refused.add(host or request.url[:80])
            return False
        robots: Any = self._crawler.get_downloader_middleware(RobotsTxtMiddleware)
        if robots is not None:
            await robots.process_request(request)
        return True


def _part_request(page: Request, url: str, of: str, method: str = "GET", body: bytes = b"") -> Request:
    """Return the request for a part of a page: no callback reads it."""
    return Request(
        url, NO_CALLBACK, method=method, headers=page.headers, body=body, cb_kwargs={"part_of": of},
        meta={"download_maxsize": LARGEST_PART, "verbatim_url": True},
    )  # fmt: skip


def _answer(message: Message) -> Answer:
    from pipelines.browser import Answer  # noqa: PLC0415

    body, _ = decoded(message)
    headers = {name.lower(): value for name, value in message.headers if name.lower() not in NOT_GIVEN}
    return Answer(message.status, headers, body)
