"""A release with a payload in every column, walked in a real browser: nothing of it runs (XS-01 to XS-04)."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Page, Response

from tests.browsers import chromium
from tests.conftest import need
from tests.demo_archive import DemoArchive
from tests.figures import figure
from tests.planted import CANARY, Planted, planted
from tests.served_releases import served

pytestmark = pytest.mark.browser

TYPED = quote(CANARY.format(n=999), safe="")
_IN_TEXT, _IN_NAME = TYPED.replace("%27", "%27%27"), TYPED.replace("%22", "%22%22")
STARTS = [
    "/",
    "/dashboard",
    "/archive",
    "/archive/awards",
    "/archive/notices",
    "/about",
    "/diff",
    "/releases",
    "/withdrawals",
    "/changes?kind=new",
    "/search?q=license",
    f"/absence?q={TYPED}",
    *(f"/{route}{TYPED}" for route in ("search?q=", "search/time?q=", "d/", "n/", "cite?url=", "-/", "web/2018/")),
    *(f"/{route}{TYPED}" for route in ("changes?kind=", "archive/", "archive/documents/", "archive?sql=")),
    f"/captures/20180126000000/https://{TYPED}/",
    f"/search?q=plate&collection={TYPED}&kind={TYPED}&sort={TYPED}",
    f"/archive?sql=select+%27{_IN_TEXT}%27+as+%22{_IN_NAME}%22",
    "/archive?sql=select+1&_trace=1",
    *(f"/archive/documents?{name}={TYPED}" for name in ("_where", "_sort", "_facet", "title__contains", "_next")),
    f"/archive/documents?{TYPED}=1",
    "/archive/documents?_facet=title&_facet=kind&_facet=url",
    "/archive/versions?_facet=document&_labels=on",
    f"/archive/pages?_search={TYPED}",
    f"/archive/who_refers_to?number={TYPED}",
]
# A page of each kind, however many there are: what varies in an address is left out of its kind.
_VARIES = re.compile(r"(?<=/d/)[^/@?.]+|@[0-9a-f]+|[0-9a-f]{10,}|\d+|(?<=archive/)[a-z_]+/[^?]+|=[^&]*")
# Files, captures (they have an origin of their own), and what is only another form of a page.
_NO_PAGE = re.compile(r"\.(?:csv|json|atom|bib|ris|txt|pdf|css|js|svg|png|tsr|blob)\b|/web/|_stream=|/timemap/")
# What the page is asked for: its links.
_LINKS = "found => found.map(one => String(one.href || one.src || one.action || ''))"
WATCH = """
window.alert = number => console.error('CANARY ' + number);
document.addEventListener('securitypolicyviolation', event =>
  console.error('CSP ' + event.violatedDirective + ' ' + event.blockedURI));
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(need("chromium", "chromium")) as started:
        yield started


class Walk:
    """Goes from page to page of one site, and keeps what a page did that it may not."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site, self.found = page, site, Counter[str]()
        self.bad: list[str] = []
        self.shown: set[str] = set()
        page.on("dialog", self.spoke)
        page.on("console", lambda message: self.tell(f"console {message.text}") if message.type == "error" else None)
        page.on("pageerror", lambda error: self.tell(f"error {error}"))
        page.on("request", lambda request: self.ask(request.url))
        page.on("response", self.answered)

    def spoke(self, dialog: Dialog) -> None:
        self.tell(f"dialog {dialog.message}")
        dialog.dismiss()

    def tell(self, what: str) -> None:
        if "Failed to load resource" not in what:  # an address that isn't there
            self.bad.append(f"{self.page.url[:120]}: {what[:300]}")

    def ask(self, url: str) -> None:
        if not url.startswith((self.site + "/", "data:")):
            self.tell(f"asked {url[:200]}")

    def answered(self, response: Response) -> None:
        headers = response.headers
        policy = headers.get("content-security-policy", "")
        if response.url.startswith(self.site):
            self.found["answers"] += 1
            theirs = "/archive" in response.url or "/release-" in response.url or "/-/" in response.url
            if "default-src 'none'" not in policy or ("'unsafe" in policy and not theirs):
                self.tell(f"policy {policy} of {response.url}")
            if headers.get("x-content-type-options") != "nosniff":
                self.tell(f"sniffed: {response.url}")

    def go(self, path: str) -> list[str]:
        """Open a page, and return the paths that its links lead to."""
        self.page.goto(self.site + path, wait_until="load")
        self.found["pages"] += 1
        links: list[str] = self.page.eval_on_selector_all("[href], [src], [action]", _LINKS)
        bad = [link for link in links if not re.match(r"https?://|mailto:|$", str(link))]
        self.bad += [f"{path}: link {link[:100]}" for link in bad]
        text = self.page.content()
        self.shown |= set(re.findall(r"alert\((\d+)\)", text))
        if "54439" in text:
            self.bad.append(f"{path}: a template was filled")
        if "&amp;amp;amp;" in text:
            self.bad.append(f"{path}: encoded twice")
        return [
            link.removeprefix(self.site).partition("#")[0] for link in links if str(link).startswith(self.site + "/")
        ]


def walk(browser: Browser, site: str, most: int, *, kinds: bool) -> Walk:
    """Walk from the starts, at most so many pages; of each kind of page one, or all."""
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    context.add_init_script(WATCH)
    page = context.new_page()
    walked, seen, waiting = Walk(page, site), set[str](), deque(STARTS)
    while waiting and walked.found["pages"] < most:
        path = waiting.popleft()
        name = _VARIES.sub("*", path) if kinds and path not in STARTS else path
        if name in seen or _NO_PAGE.search(path):
            continue
        seen.add(name)
        waiting.extend(walked.go(path))
    context.close()
    return walked


def tell(name: str, made: Planted, walked: Walk) -> None:
    figure(name, columns=len(made.columns), columns_shown=len(walked.shown & {str(n) for n in made.columns}),
           pages=walked.found["pages"], answers=walked.found["answers"], executions=len(walked.bad))  # fmt: skip


def test_xs_01_nothing_in_any_column_runs(browser: Browser, demo_made: DemoArchive, tmp_path: Path) -> None:
    made = planted(demo_made.path, tmp_path / "archive")
    with served(made.folder) as site:
        walked = walk(browser, site, 50, kinds=True)
    tell("XS-01", made, walked)
    assert walked.bad == []
    assert len(walked.shown) > len(made.columns) / 4, "canaries that no page shows prove nothing"


@pytest.mark.soak
@pytest.mark.parametrize("everywhere", [False, True])
def test_xs_01_nothing_runs_on_any_page(
    browser: Browser, demo_made: DemoArchive, tmp_path: Path, everywhere: bool
) -> None:
    made = planted(demo_made.path, tmp_path / "archive", everywhere=everywhere)
    with served(made.folder) as site:
        walked = walk(browser, site, 1500, kinds=False)
    tell("XS-01", made, walked)
    assert walked.bad == []


def test_xs_01_the_watch_sees_what_runs(browser: Browser) -> None:
    page = browser.new_page()
    walked = Walk(page, "http://127.0.0.1:1")
    page.add_init_script(WATCH)
    page.goto("data:text/html,<script>alert(5)</script><img src=http://127.0.0.1:2/x>")
    page.evaluate("console.error('CSP')")
    assert [what.partition(": ")[2][:10] for what in walked.bad if "CANARY 5" in what or "asked" in what]
