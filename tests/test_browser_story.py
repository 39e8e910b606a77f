"""The January 2018 story as a reader finds it, in a real browser, against the demo as it is served."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from samples.documents import KEY_PAGE, KEY_SENTENCE
from tests.browsers import chromium
from tests.conftest import need

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(demo_site: str) -> str:
    return demo_site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(need("chromium", "chromium")) as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1200, "height": 900}, java_script_enabled=False)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, site: str) -> Iterator[Page]:
    """A page without JavaScript; it fails the test if it asks anybody but our server for anything."""
    asked: list[str] = []
    opened = context.new_page()
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    foreign = [url for url in asked if not url.startswith((site, "data:"))]
    assert not foreign, foreign


def test_from_the_claim_to_the_page(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_role("searchbox").first.fill('"license plate reader database"')
    page.get_by_role("button", name="Search").first.click()
    page.get_by_role("link", name="DHS/ICE/PIA-039(a) Acquisition and Use").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("DHS/ICE/PIA-039(a)")
    page.get_by_role("link", name=f"Page {KEY_PAGE} ").first.click()
    assert KEY_SENTENCE in " ".join(page.locator("main").inner_text().split())
    assert f"/p{KEY_PAGE}" in page.url


@pytest.mark.parametrize("width", [360, 1200])
def test_no_page_of_changes_stands_beyond_the_edge(page: Page, site: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site}/changes?kind=renamed")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="Sample Paper on Where Cameras Stand").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    list_column = page.locator("#listings ~ .scroll td").first.bounding_box()
    assert list_column
    assert list_column["width"] > 60, "addresses can be read"


def test_the_award_and_the_articles_refer_to_the_assessment(page: Page, site: str) -> None:
    page.goto(f"{site}/n/PIA-039(a)")
    assert page.url.endswith("/d/dhs-ice-pia-039a")
    referring = page.locator("main")
    for headline in ("Immigration agents can now look up", "With one contract", "ICE reads the plates", "A California"):
        expect(referring.get_by_role("link", name=headline).first).to_be_visible()
    page.get_by_role("link", name="ACCESS TO LICENSE PLATE READER DATABASE").first.click()
    expect(page.locator("main")).to_contain_text("WEST PUBLISHING CORPORATION")
    expect(page.get_by_role("link", name="Immigration agents can now look up").first).to_be_visible()


def test_every_page_says_that_it_is_a_sample(page: Page, site: str) -> None:
    paths = ["/", "/search?q=plate", "/d/dhs-ice-pia-039a", "/sources", "/archive", "/archive/documents", "/nowhere"]
    for path in paths:
        page.goto(site + path)
        expect(page.get_by_text("was written for the sample").first).to_be_visible()


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("dark", [False, True])
def test_what_changed_can_be_read_at_any_width_and_without_colour(
    page: Page, site: str, width: int, dark: bool
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.goto(f"{site}/d/dhs-uscis-pia-056")
    page.get_by_role("link", name="What changed").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("USCIS ELIS")
    removed, added = page.locator("del", has_text="fifteen"), page.locator("ins", has_text="twenty-five")
    for words, line in ((removed, "line-through"), (added, "underline")):
        expect(words).to_be_visible()
        assert line in words.evaluate("words => getComputedStyle(words).textDecorationLine")
        assert _contrast(words) > 4.5
    beside = removed.bounding_box(), added.bounding_box()
    assert beside[0]
    assert beside[1]
    assert (beside[0]["x"] + 200 < beside[1]["x"]) == (width > 1000), "side by side where there is room"
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing stands beyond the edge"
    page.get_by_role("link", name="In one text").click()
    expect(page.locator("main")).to_contain_text("for fifteen twenty-five years")
    page.get_by_role("link", name="page 5 → page 6").click()
    assert page.url.endswith("#p6")
    assert said == []


def test_from_a_document_to_the_words_that_changed_in_it(page: Page, site: str) -> None:
    page.goto(f"{site}/changes?kind=amended")
    page.get_by_role("link", name="DHS/ICE–009 External Investigations").first.click()
    page.locator(".events").get_by_role("link", name="what changed").first.click()
    expect(page.locator("del", has_text="contractors")).to_be_visible()
    expect(page.locator("ins", has_text="sightings")).to_be_visible()
    page.get_by_role("link", name="What became of it").click()
    assert page.url.endswith("/d/dhs-ice-009#story")


def _contrast(words: Locator) -> float:
    """Return how text stands out from what is behind it (WCAG 2.2, 1.4.3)."""
    colours = words.evaluate("words => [getComputedStyle(words).color, getComputedStyle(words).backgroundColor]")
    light, dark = sorted((_luminance(colour) for colour in colours), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall("[0-9]+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
