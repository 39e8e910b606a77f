"""WCAG 2.2 AA, as far as a program can tell: axe-core finds nothing on any kind of page, in light and dark, wide and
narrow, and nothing stands beyond a narrow screen's edge."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browsers import NARROW, WIDE, check_draft, chromium, opened
from tests.conftest import need
from tests.figures import figure

pytestmark = pytest.mark.browser

# Our pages, by their kinds; then Datasette's own.
PIA, PAGE = "/d/dhs-ice-pia-039a", "/d/dhs-ice-pia-039a@239d076958/p3"
CHANGED = "/d/dhs-uscis-pia-056/diff"
HELD = "https://www.dhs.gov/sites/default/files/publications/privacy-pia-ice-lpr-january2018.pdf"
OURS = {
    "home": "/",
    "search": "/search?q=license+plate",
    "search by number": "/search?q=PIA-039(a)",
    "nothing asked": "/search",
    "nothing found": "/search?q=zyzzyva",
    "as of a release": "/search?q=plate&as_of=1",
    "filtered": "/search?q=plate&kind=article",
    "search in removed": "/search?q=fifteen&in=removed",
    "an absence": "/absence?q=submarine",
    "no absence": "/absence?q=plate",
    "no absence asked": "/absence",
    "over time": "/search/time?q=license+plate",
    "document": PIA,
    "notice": "/d/notice-hscecr-14-q-00006",
    "award": "/d/contract-70cdcr18p00000017",
    "article": "/d/thinkprogress-org-license-plate-tracking-ice-system-bd76f18f676e",
    "delisted": "/d/dhs-usss-pia-009",
    "page": PAGE,
    "page, marked": f"{PAGE}?q=license+plate",
    "page, not on it": f"{PAGE}?q=zyzzyva",
    "page with a table": f"{PIA}@239d076958/p5",
    "difference": CHANGED,
    "difference in one text": f"{CHANGED}?view=inline",
    "changes": "/changes",
    "no changes": "/changes?kind=gone&since=2030-01-01",
    "sources": "/sources",
    "dashboard": "/dashboard",
    "citations": f"{PAGE}/cite",
    "a quotation": f"{PAGE}?quote=license-plate-reader",
    "many searches": "/search/batch",
    "quotations": "/quotes",
    "cited and not held": "/unmatched",
    "series": "/gaps",
    "gaps": "/gaps/pia-ice",
    "no such series": "/gaps/pia-none",
    "places": "/places",
    "a place": "/places/us-mn-eagan",
    "a place nobody names": "/places/us-ca-nowhere",
    "search by place": "/search?q=place:Eagan",
    "chain": "/chain/70CDCR18P00000017",
    "no chain": "/chain/70CDCR18P00009999",
    "chains": "/chain",
    "vendors": "/vendors",
    "vendor": "/vendors/west-publishing-corporation",
    "no such vendor": "/vendors/none",
    "timeline of a number": "/timeline?of=70CDCR18P00000017",
    "timeline of a vendor": "/timeline?of=vendor:west",
    "timeline of a phrase": "/timeline?of=%22license+plate+reader%22",
    "timeline of a document": "/timeline?of=dhs-ice-pia-039a",
    "timeline of nothing": "/timeline?of=zyzzyva",
    "timelines": "/timeline",
    "a capture": f"/captures/20180126060000/{HELD}",
    "releases": "/releases",
    "withdrawals": "/withdrawals",
    "about": "/about",
    "data for programs": "/api",
    "look up": "/cite",
    "address held": f"/cite?url={HELD}",
    "address not held": "/cite?url=https://www.dhs.gov/nowhere",
    "numbers": "/n/PIA-049",
    "no such number": "/n/PIA-999",
    "not found": "/nowhere",
    "not answerable": "/changes?since=soon",
}
THEIRS = {
    "database": "/archive",
    "table": "/archive/documents",
    "facets": "/archive/documents?_facet=collection&_facet=listing",
    "table search": "/archive/pages?_search=plate&_size=5",
    "filtered rows": "/archive/documents?kind=article&_sort=title",
    "canned query": "/archive/taken_off_a_list",
    "row": "/archive/documents/dhs-ice-pia-039a",
    "query": "/archive?sql=select+id,+title+from+documents+limit+5",
    "no rows": "/archive?sql=select+1+where+0",
    "wrong query": "/archive?sql=select+x",
    "parameters": "/archive?sql=select+title+from+documents+where+kind+%3D+%3Akind&kind=article",
}
# What comes back for a draft: no address leads there.
CHECKED = "quotations of a draft"
# What `make test` has the time for; the whole walk is a soak.
SOME = ("home", "search", "document", "page, marked", "difference", "filtered rows", "chain")
# What a reader may set, and nothing may be lost by (WCAG 2.2, 1.4.12).
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
  return document.documentElement.scrollWidth;
}"""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(need("chromium", "chromium")) as started:
        yield started


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide-light", "narrow-dark"])
def test_axe_finds_nothing(browser: Browser, demo_site: str, size: dict[str, int], scheme: str) -> None:
    pages = {**OURS, **THEIRS}
    _walk(browser, demo_site, size, scheme, {name: pages[name] for name in SOME})


@pytest.mark.soak
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing_anywhere(browser: Browser, demo_site: str, size: dict[str, int], scheme: str) -> None:
    _walk(browser, demo_site, size, scheme, {**OURS, **THEIRS})


def _walk(browser: Browser, site: str, size: dict[str, int], scheme: str, paths: dict[str, str]) -> None:
    began, found, beyond = time.monotonic(), dict[str, list[str]](), list[str]()
    with opened(browser, site, viewport=size, color_scheme=scheme, reduced_motion="reduce") as page:
        for name, path in {**paths, CHECKED: "/quotes"}.items():
            page.goto(site + path, wait_until="load")
            if name == CHECKED:
                check_draft(page)
            if told := _violations(page):
                found[name] = told
            if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                beyond.append(name)
            if page.evaluate(SPACED) > size["width"]:
                beyond.append(f"{name}, with wider letters")
    figure("axe", pages=len(paths) + 1, violations=sum(map(len, found.values())), beyond_the_edge=len(beyond),
           width=size["width"], scheme=scheme, seconds=round(time.monotonic() - began))  # fmt: skip
    assert (found, beyond) == ({}, [])


def _violations(page: Page) -> list[str]:
    """Return what axe-core finds: the rule, and where."""
    response = Axe().run(page, options={**RULES, "resultTypes": ["violations"]}).response
    return [
        f"{rule['id']}: {node['target']} {node['html'][:120]} {node['failureSummary'][:200]}"
        for rule in response["violations"]
        for node in rule["nodes"][:3]
    ]
