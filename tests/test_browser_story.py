"""The January 2018 story as a reader finds it, in a real browser, against the demo as it is served."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from samples.documents import KEY_PAGE, KEY_SENTENCE
from tests.conftest import need
from tests.demo_archive import ROOT, DemoArchive, command, environment

pytestmark = pytest.mark.browser

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# Set to a folder, this keeps the pictures that the README shows (make pictures).
PICTURES = os.environ.get("OVERSIGHT_PICTURES", "")


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> Iterator[str]:
    """Serve the demo's archive by the command line, and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        command("serve", "--archive", demo_made.path, "--port", port),
        cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"nothing answers at {address}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=need("chromium", "chromium"), args=FLAGS)
        yield started
        started.close()


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
    _keep(page, "document-page")
    page.get_by_role("link", name=f"Page {KEY_PAGE} ").first.click()
    assert KEY_SENTENCE in " ".join(page.locator("main").inner_text().split())
    assert f"/p{KEY_PAGE}" in page.url
    _keep(page, "page")


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


def _keep(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", clip={"x": 0, "y": 0, "width": 1200, "height": 900})
