"""From the home page to marked words on a page and their Bluebook citation, in a real browser.

By mouse and by keyboard, on a wide and a narrow screen; what is printed says where it is from; and the pictures that
docs/ and the README show are taken here.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pdfplumber
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from samples.documents import KEY_PAGE, KEY_SENTENCE
from tests.browsers import NARROW, WIDE, check_draft, chromium, opened, served
from tests.conftest import need
from tests.demo_archive import DemoArchive
from tests.figures import figure

pytestmark = pytest.mark.browser

QUERY = '"license plate reader database"'
DOCUMENT = "DHS/ICE/PIA-039(a) Acquisition and Use"
ADDRESS = "https://archive.example.org"
# Set to a folder, this keeps the pictures that docs/ and the README show (make pictures).
PICTURES = os.environ.get("OVERSIGHT_PICTURES", "")
LARGEST = 250_000
# Where each letter of a sentence stands on the screen: its first and its last, for a mouse to be drawn over.
ENDS = """(sentence) => {
  const walker = document.createTreeWalker(document.querySelector('.sheet'), NodeFilter.SHOW_TEXT);
  const letters = [];
  while (walker.nextNode()) for (let i = 0; i < walker.currentNode.length; i += 1)
    if (/\\S/.test(walker.currentNode.data[i])) letters.push([walker.currentNode, i]);
  const text = letters.map(([node, i]) => node.data[i]).join(''), wanted = sentence.replace(/\\s/g, '');
  const start = text.indexOf(wanted);
  const box = ([node, i]) => {
    const range = document.createRange();
    range.setStart(node, i); range.setEnd(node, i + 1);
    return range.getBoundingClientRect();
  };
  letters[start][0].parentElement.scrollIntoView({block: 'center'});
  const first = box(letters[start]), last = box(letters[start + wanted.length - 1]);
  return [first.left + 1, first.top + first.height / 2, last.right - 0.5, last.top + last.height / 2];
}"""
# The words of a page's picture under its marks.
COVERED = """() => {
  const marks = [...document.querySelectorAll('.page-picture .marked')].map((mark) => mark.getBoundingClientRect());
  const under = (word) => {
    const box = word.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
    return marks.some((mark) => mark.left < x && x < mark.right && mark.top < y && y < mark.bottom);
  };
  return [...document.querySelectorAll('.page-picture tspan')].filter(under).map((word) => word.textContent).join('');
}"""
# Whether who moves by keyboard sees where they are: an outline, on the screen, with nothing over it.
SEEN = """(wanted) => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const over = document.elementFromPoint(box.left + Math.min(box.width / 2, 40), box.top + box.height / 2);
  return {outline: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none',
          inside: box.top >= -1 && box.left >= -1 && box.bottom <= innerHeight + 1 && box.right <= innerWidth + 1,
          clear: !!over && (element.contains(over) || over.contains(element)), there: element === wanted};
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(need("chromium", "chromium")) as started:
        yield started


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def page(browser: Browser, demo_site: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    allowed = ["clipboard-read", "clipboard-write"]
    with opened(browser, demo_site, viewport=request.param, permissions=allowed) as page:
        yield page
        assert page.evaluate("document.documentElement.scrollWidth") <= request.param["width"]


def test_by_mouse_from_the_home_page_to_a_marked_quotation_and_its_citation(page: Page, demo_site: str) -> None:
    page.goto(demo_site)
    page.get_by_role("searchbox").first.fill(QUERY)
    page.get_by_role("button", name="Search").first.click()
    hit = page.locator(".hits > li", has=page.get_by_role("link", name=DOCUMENT)).get_by_role(
        "link", name=f"Page {KEY_PAGE}"
    )
    hit.first.click()
    expect(page.locator("#hit")).to_be_visible()
    assert page.evaluate(COVERED) == "licenseplatereaderdatabase", "the words are marked on the picture too"
    _draw_over(page, KEY_SENTENCE)
    page.locator(".cite-selection").click()
    _is_quoted(page)
    assert "U.S. Immigr. & Customs Enf’t" in _copied(page, page.get_by_role("button", name="Bluebook"))
    whole = _copied(page, page.locator("[data-copy='#quotation-address']"))
    assert whole.startswith(f"{demo_site}/d/")
    assert "?quote=" in whole


def test_by_keyboard_alone(page: Page, demo_site: str) -> None:
    page.goto(demo_site)
    page.keyboard.press("/")
    expect(page.locator("main input[type=search]")).to_be_focused()
    page.keyboard.type(QUERY)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    stops = _tab_to(page, page.locator(".hits > li", has_text=DOCUMENT).get_by_role("link", name=f"Page {KEY_PAGE}"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/p{KEY_PAGE}?**")
    stops += _tab_to(page, page.locator("#quote"))
    page.keyboard.type(KEY_SENTENCE)
    page.keyboard.press("Enter")
    page.wait_for_url("**quote=**")
    _is_quoted(page)
    button = page.get_by_role("button", name="Bluebook")
    stops += _tab_to(page, button)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    assert "quote=" in page.evaluate("navigator.clipboard.readText()")
    figure("keyboard", stops=stops, width=page.evaluate("innerWidth"))


def test_keys_leave_who_types_alone_and_can_be_turned_off(browser: Browser, demo_site: str) -> None:
    with opened(browser, demo_site, viewport=WIDE) as page:
        page.goto(f"{demo_site}/d/dhs-ice-pia-039a@239d076958/p2")
        page.keyboard.press("ArrowRight")
        page.wait_for_url("**/p3")
        page.locator("#top-q").fill("one/two")
        page.keyboard.press("/")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#top-q")).to_have_value("one/two/")
        assert page.url.endswith("/p3")
        page.get_by_role("button", name="Turn keys off").click()
        page.reload()
        page.keyboard.press("/")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#top-q")).not_to_be_focused()
        assert page.url.endswith("/p3")


def test_a_page_without_script_has_no_dead_button(browser: Browser, demo_site: str) -> None:
    with opened(browser, demo_site, viewport=WIDE, java_script_enabled=False) as page:
        page.goto(f"{demo_site}/d/dhs-ice-pia-039a")
        assert page.locator("[data-copy]").count() > 0
        assert all(not button.is_visible() for button in page.locator("[data-copy]").all())


def test_what_is_printed_says_what_it_is_and_where(browser: Browser, demo_made: DemoArchive) -> None:
    with served(demo_made.path, ARCHIVE_ADDRESS=ADDRESS) as site, opened(browser, site, viewport=WIDE) as page:
        for path in ("/d/dhs-ice-pia-039a", f"/d/dhs-ice-pia-039a@239d076958/p{KEY_PAGE}"):
            page.goto(site + path)
            cited = page.locator("#citation-bluebook").inner_text()
            with pdfplumber.open(io.BytesIO(page.pdf(format="A4"))) as printed:
                text = _letters("".join(sheet.extract_text() or "" for sheet in printed.pages))
            assert _letters(ADDRESS + path) in text, "its address"
            assert _letters(cited) in text, "its citation"
            for left_out in ("Skip to the content", "Withdrawals", "Turn keys off"):
                assert _letters(left_out) not in text


def _letters(text: str) -> str:
    return re.sub(r"\s", "", text)


def _draw_over(page: Page, sentence: str) -> None:
    """Select a sentence of the text as a reader does, with the mouse."""
    page.evaluate(ENDS, sentence)
    left, top, right, bottom = page.evaluate(ENDS, sentence)
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(right, bottom, steps=4)
    page.mouse.up()


def _is_quoted(page: Page) -> None:
    """The words that were chosen, and no others, are marked in the text and on the picture."""
    expect(page.get_by_role("heading", name="Quoted from this page")).to_be_visible()
    assert "quote=" in page.url
    marked = " ".join(page.locator(".sheet mark").all_inner_texts())
    assert _letters(KEY_SENTENCE).rstrip(".") in _letters(marked)
    assert _letters(KEY_SENTENCE) == page.evaluate(COVERED)


def _copied(page: Page, button: Locator) -> str:
    button.click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    return str(page.evaluate("navigator.clipboard.readText()"))


def _tab_to(page: Page, wanted: Locator, most: int = 120) -> int:
    """Press Tab until something has the focus, which is seen at every stop; return how many it took."""
    goal = wanted.first.element_handle()
    for stops in range(1, most):
        page.keyboard.press("Tab")
        seen = page.evaluate(SEEN, goal)
        there = seen.pop("there")
        assert all(seen.values()), (seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
        if there:
            return stops
    pytest.fail(f"{most} times Tab never came there")


# Each picture, what is opened for it, and what has to be there by then.
SHOWN = {
    "home": ("/", "#new"),
    "search": ("/search?q=license+plate", ".hits .snippet mark"),
    "document-page": ("/d/dhs-ice-pia-039a", "#cite"),
    "page": (f"/d/dhs-ice-pia-039a@239d076958/p{KEY_PAGE}?q=license+plate", ".page-picture .marked"),
    "quotation": (f"/d/dhs-ice-pia-039a@239d076958/p{KEY_PAGE}?quote={KEY_SENTENCE}", ".quotation blockquote"),
    "diff": ("/d/dhs-uscis-pia-056/diff", ".sides del"),
    "sources": ("/sources", ".source"),
    "dashboard": ("/dashboard", ".plotted svg"),
    "quotes": ("/quotes", "#text"),
    "chain": ("/chain/70CDCR18P00000017", ".lanes svg"),
    "timeline": ("/timeline?of=70CDCR18P00000017", ".lanes svg"),
}
# Only these are taken where some are named (OVERSIGHT_PICTURES_OF="chain quotes").
ONLY = os.environ.get("OVERSIGHT_PICTURES_OF", "").split()


def test_pictures_can_be_taken(browser: Browser, demo_site: str) -> None:
    taken = dict[str, bytes]()
    with opened(browser, demo_site, viewport=WIDE) as page:
        for name, (path, there) in SHOWN.items():
            page.goto(demo_site + path, wait_until="networkidle" if PICTURES else "load")
            expect(page.locator(there).first).to_be_visible()
            if name == "quotes":
                check_draft(page)
            taken[name] = page.screenshot()
    assert all(picture.startswith(b"\x89PNG") for picture in taken.values())
    if PICTURES:
        small = {name: _small(picture) for name, picture in taken.items() if name in (ONLY or SHOWN)}
        assert {name: len(picture) for name, picture in small.items() if len(picture) > LARGEST} == {}
        for name, picture in small.items():
            (Path(PICTURES) / f"{name}.png").write_bytes(picture)


def _small(picture: bytes) -> bytes:
    """Return a picture of a screen in 256 colours."""
    written = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()
