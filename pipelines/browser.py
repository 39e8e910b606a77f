"""Has a browser show one page at a time, cut off from every network; it knows no source, no archive and no transport.

All that a page asks for is handed to the caller, who answers or refuses. Nothing else gets out: names aren't resolved,
connections go to a proxy that doesn't exist, and WebRTC, which minds neither, is told to use that proxy only.
Of scrapy-playwright this takes what starts and stops the browser (docs/design.md says why not its handler).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeVar

from playwright.async_api import BrowserContext, Dialog, Page, Route
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Request as Asked
from scrapy_playwright.provider import PlaywrightBrowserProvider

T = TypeVar("T")

OFFLINE = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=socks5://offline.invalid:1",
    "--proxy-bypass-list=<-loopback>",  # a proxy isn't asked for loopback addresses, unless that is taken back
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    "--disable-quic",
    "--no-pings",
    "--disable-domain-reliability",
)
# A page that wants more memory than this, in MB, crashes.
HEAP = 512
FLAGS = (*OFFLINE, "--disable-gpu", f"--js-flags=--max-old-space-size={HEAP}")
# A page that asks for so many times what it may is not waited for.
FLOOD = 5
# Seconds between two looks at a page.
STEP = 0.05
# Seconds within which what has gone wrong must be cleared away, or the whole browser is.
CLEARING = 5.0

_CLOCK = """
(() => { const Real = Date, ahead = Real.parse(%s) - Real.now();
  window.Date = class Date extends Real {
    constructor(...told) { told.length ? super(...told) : super(Real.now() + ahead); }
    static now() { return Real.now() + ahead; } }; })();
"""
# Run in a world of its own, so that the page's scripts don't say what the page holds.
_DOCUMENT = """
(() => { const told = document.doctype ? new XMLSerializer().serializeToString(document.doctype) + "\\n" : "";
  const whole = told + (document.documentElement ? document.documentElement.outerHTML : "");
  return whole.length > %d ? null : whole; })()
"""


class PageFailed(Exception):  # noqa: N818
    """The browser has nothing to give; `outcome` is a name from archive/outcomes.py."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Limits:
    """What a page may take: seconds in which it doesn't wait for an answer, seconds without a request after which it
    has settled, seconds in all, requests, and characters that its document may come to."""

    seconds: float = 30.0
    quiet: float = 0.75
    longest: float = 300.0
    requests: int = 100
    characters: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """What a page asks for. `kind` is the browser's word for what it is to be ("script", "fetch", "image", …)."""

    url: str
    method: str
    headers: dict[str, str]
    body: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page is given: a body without coding, and headers without what would make the browser ask for more."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Opened:
    """A page as the browser had it: its document as HTML, and what else happened, by outcome."""

    html: str = ""
    notes: dict[str, str] = field(default_factory=dict)


Answering = Callable[[Part], Awaitable[Answer | None]]


class Browser:
    """One browser, started at the first page; each page has a profile of its own, and leaves nothing behind."""

    def __init__(self, path: str, agent: str, limits: Limits, *, sandbox: bool = True) -> None:
        self._agent, self._limits = agent, limits
        launch = {
            "executable_path": path,
            "args": list(FLAGS),
            "chromium_sandbox": sandbox,
            # With this flag of Playwright's a page may open windows as it likes.
            "ignore_default_args": ["--disable-popup-blocking"],
            "handle_sigint": False,
            "handle_sigterm": False,
            "handle_sighup": False,
        }
        self._config = SimpleNamespace(
            browser_type_name="chromium", cdp_url=None, connect_url=None, launch_options=launch
        )
        self._provider: Any = None
        self._browser: Any = None
        self._one = asyncio.Lock()

    async def open(self, url: str, document: Answer, answer: Answering, night: str = "") -> Opened:
        """Show `document` as what stands at `url`, let its scripts work, and return what came of it.

        `night` is the instant at which the page's clock starts (ISO 8601), where that isn't now. Raises PageFailed.
        """
        async with self._one:
            context = await self._context(night)
            visit = _Visit(context, url, document, answer, self._limits)
            exhausted = True
            try:
                opened = await visit.carry_out()
                exhausted = visit.flooded.is_set()
                return opened
            except TimeoutError:
                raise PageFailed("page-hung", "it computes without end") from None
            except PlaywrightError as error:
                raise PageFailed("page-crashed", error.message.partition("\n")[0][:300]) from error
            finally:
                await visit.stop()
                # What has run wild may go on for a while behind a page that is closed.
                await (self.close() if exhausted else self._clear(context))

    async def close(self) -> None:
        """Stop the browser."""
        provider, self._provider, self._browser = self._provider, None, None
        if provider is not None:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(CLEARING):
                    await provider.close()

    async def _context(self, night: str) -> BrowserContext:
        try:
            if self._browser is None or not self._browser.is_connected():
                await self.close()
                self._provider = PlaywrightBrowserProvider(self._config)
                await self._provider.start()
                self._browser = await self._provider.launch_browser()
            context: BrowserContext = await self._browser.new_context(
                user_agent=self._agent,
                locale="en-US",
                timezone_id="UTC",
                service_workers="block",
                accept_downloads=False,
            )
            if night:
                await context.add_init_script(_CLOCK % json.dumps(night))
        except PlaywrightError as error:
            raise PageFailed("page-crashed", f"the browser doesn't start: {error.message[:300]}") from error
        return context

    async def _clear(self, context: BrowserContext) -> None:
        """Let go of a page; a browser that can't is stopped, and started anew for the next one."""
        try:
            async with asyncio.timeout(CLEARING):
                await context.close()
        except (PlaywrightError, TimeoutError):
            await self.close()


class _Visit:
    """One page, from the first request to the document that it became."""

    def __init__(self, context: BrowserContext, url: str, document: Answer, answer: Answering, limits: Limits) -> None:
        self._context, self._url, self._document = context, url, document
        self._answer, self._limits = answer, limits
        self._opened = Opened()
        self._given = False
        self._asked = 0
        self._under_way = 0
        self._stopped = False
        self._last = 0.0
        self._crashed = asyncio.Event()
        self.flooded = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def carry_out(self) -> Opened:
        """Return the page as it is when it has settled, or when its time is up. Raises TimeoutError where it can't
        be asked for what it holds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._limits.longest
        await self._context.route("**/*", self._route)
        page = await self._context.new_page()
        page.on("crash", lambda _: self._crashed.set())
        page.on("dialog", lambda dialog: self._later(_dismiss(dialog)))
        self._context.on("page", lambda other: self._later(_close(other)))
        with suppress(PlaywrightError):  # the time allowed; a document that the browser takes for a download
            await page.goto(self._url, wait_until="commit", timeout=self._limits.seconds * 1000)
        self._last = max(self._last, loop.time())
        left = self._limits.seconds
        while not self._is_over() and left > 0 and loop.time() < end:
            await asyncio.sleep(STEP)
            left -= 0 if self._under_way else STEP
        if not self._is_over():
            self._opened.notes["page-unsettled"] = f"it has {self._limits.seconds:.0f} seconds"
        async with asyncio.timeout(max(left, self._limits.seconds / 2)):
            self._opened.html = await self._unless_crashed(self._read(page))
        return self._opened

    def _is_over(self) -> bool:
        """Tell whether the page has settled, or can't be waited for."""
        if self._crashed.is_set() or self.flooded.is_set():
            return True
        quiet = asyncio.get_running_loop().time() - self._last
        return self._under_way == 0 and quiet >= self._limits.quiet

    async def _unless_crashed(self, reading: Any) -> str:
        """Return what is read; a page that crashed never answers."""
        read, crashed = asyncio.ensure_future(reading), asyncio.ensure_future(self._crashed.wait())
        try:
            await asyncio.wait({read, crashed}, return_when=asyncio.FIRST_COMPLETED)
            if self._crashed.is_set():
                raise PageFailed("page-crashed", f"it crashed, or wanted more than {HEAP} MB")
            return str(read.result())
        finally:
            for task in (read, crashed):
                task.cancel()
            await asyncio.gather(read, crashed, return_exceptions=True)

    async def _read(self, page: Page) -> str:
        session = await self._context.new_cdp_session(page)
        frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]
        if frame["url"].partition("#")[0] != self._url.partition("#")[0]:
            raise PageFailed("page-crashed", f"the browser shows {frame['url'][:200]} in its place")
        world = await session.send("Page.createIsolatedWorld", {"frameId": frame["id"]})
        told = await session.send(
            "Runtime.evaluate",
            {"expression": _DOCUMENT % self._limits.characters, "contextId": world["executionContextId"],
             "returnByValue": True},
        )  # fmt: skip
        html = told["result"].get("value")
        if not isinstance(html, str):
            raise PageFailed("too-large", f"the page came to more than {self._limits.characters} characters")
        return html

    async def _route(self, route: Route, asked: Asked) -> None:
        """Answer a request of the page, or refuse it; whatever happens, the browser doesn't ask by itself."""
        self._under_way += 1
        try:
            answering = self._later(self._answered(asked))
            await asyncio.wait({answering})
            answer = None if self._stopped or answering.cancelled() else answering.result()
            if answer is None:
                # Any other reason would put an error page in the page's place.
                await route.abort("aborted" if asked.is_navigation_request() else "blockedbyclient")
            else:
                await route.fulfill(status=answer.status, headers=answer.headers, body=answer.body)
        except PlaywrightError:
            pass  # the page is gone
        finally:
            self._under_way -= 1
            self._last = asyncio.get_running_loop().time()

    async def _answered(self, asked: Asked) -> Answer | None:
        if self._stopped:
            return None
        self._asked += 1
        if self._asked > FLOOD * self._limits.requests:
            self.flooded.set()
        if asked.is_navigation_request() and asked.frame.parent_frame is None:
            return self._navigated(asked)
        if self._asked > self._limits.requests + 1:
            self._opened.notes["page-part-refused"] = f"more than {self._limits.requests} requests"
            return None
        return await self._answer(
            Part(asked.url, asked.method, dict(asked.headers), asked.post_data_buffer or b"", asked.resource_type)
        )

    def _navigated(self, asked: Asked) -> Answer | None:
        """The page itself is given once; where it leads from there is for the source to say."""
        if self._given:
            self._opened.notes["page-left"] = f"to {asked.url[:300]}"
            return None
        self._given = True
        return self._document

    def _later(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """Answer nothing any more."""
        self._stopped = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _dismiss(dialog: Dialog) -> None:
    with suppress(PlaywrightError):
        await dialog.dismiss()


async def _close(page: Page) -> None:
    """A window that a page opened is shut; but the first is our own."""
    with suppress(PlaywrightError):
        if await page.opener() is not None:
            await page.close()
