"""Words that are selected on a page have an address that opens with them marked, at their place on the picture."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pdfplumber
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from samples.documents import PIA_039A, file_at
from tests.conftest import need
from tests.figures import figure

pytestmark = pytest.mark.browser

PAGE = "/d/dhs-ice-pia-039a@239d076958/p3"
POINTS = 2.0
WORDS = ("sighting", "of", "its")
# Selects words in an element, as a person does who drags over them: from the first word's letters to the last's.
SELECT = """([where, first, last]) => {
  const root = document.querySelector(where), walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const range = document.createRange(); let begun = false;
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const at = begun ? -1 : node.data.indexOf(first);
    if (at >= 0) { range.setStart(node, at); begun = true; }
    const end = begun ? node.data.indexOf(last, at > 0 ? at : 0) : -1;
    if (end >= 0) { range.setEnd(node, end + last.length); break; }
  }
  const selection = getSelection(); selection.removeAllRanges(); selection.addRange(range);
  return selection.toString();
}"""
MARKS = """() => { const view = document.querySelector('.page-picture').getBoundingClientRect();
  return [...document.querySelectorAll('.page-picture .marked')].map((mark) => mark.getBoundingClientRect())
    .map((box) => [box.left - view.left, box.top - view.top, box.right - view.left, box.bottom - view.top]
      .map((side, at) => side / view[at % 2 ? 'height' : 'width'])); }"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        started = playwright.chromium.launch(executable_path=need("chromium", "chromium"), args=flags)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    yield context.new_page()
    context.close()


def place_of(words: tuple[str, ...]) -> list[float]:
    """Return the box of words that stand on one line of the page, as pdfplumber has it, in shares of the page."""
    with pdfplumber.open(io.BytesIO(file_at(PIA_039A, "2018-01-26"))) as pdf:
        shown = pdf.pages[2]
        found = shown.extract_words()
        said = [word["text"].strip(".,") for word in found]
        start = next(at for at in range(len(said)) if tuple(said[at : at + len(words)]) == words)
        inside = found[start : start + len(words)]
        box = [min(one["x0"] for one in inside), min(one["top"] for one in inside),
               max(one["x1"] for one in inside), max(one["bottom"] for one in inside)]  # fmt: skip
        return [side / (shown.height if at % 2 else shown.width) for at, side in enumerate(box)]


@pytest.mark.parametrize("where", [".sheet", ".page-picture"])
def test_selected_words_open_marked_at_their_place_on_the_picture(page: Page, demo_site: str, where: str) -> None:
    page.goto(f"{demo_site}{PAGE}")
    selected = page.evaluate(SELECT, [where, WORDS[0], WORDS[-1]])
    assert tuple(selected.split()) == WORDS
    button = page.locator(".cite-selection")
    button.wait_for(state="visible")
    assert button.get_attribute("href") == f"{PAGE}?quote=sighting-of-its"
    button.click()
    page.wait_for_url("**?quote=sighting-of-its")
    assert page.locator("mark#hit").text_content() == "sighting of its"
    [marked] = page.evaluate(MARKS)
    expected = place_of(WORDS)
    apart = [
        abs(one - other) * (792 if at % 2 else 612)
        for at, (one, other) in enumerate(zip(marked, expected, strict=True))
    ]
    figure("quotation", selected_in=where, points_from_pdfplumber=[round(one, 2) for one in apart])
    assert max(apart) < POINTS
