"""The demo as it is served, and a real browser that opens it: Debian's Chromium, which asks nobody but our server."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.demo_archive import ROOT, DemoArchive, command, environment
from tests.served_releases import two_ports

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WIDE, NARROW = {"width": 1200, "height": 900}, {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def demo_site(demo_made: DemoArchive) -> Iterator[str]:
    """Serve the demo's archive by the command line, and give its address."""
    with served(demo_made.path) as address:
        yield address


@contextmanager
def served(archive: Path, **more: str) -> Iterator[str]:
    """Serve an archive by the command line; `more` is added to its environment."""
    port, replay_port = two_ports()
    server = subprocess.Popen(
        command("serve", "--archive", archive, "--port", port, "--replay-port", replay_port),
        cwd=ROOT, env=environment(**more), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"nothing answers at {address}")


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """Start the Chromium at a path."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@contextmanager
def opened(browser: Browser, site: str, **options: object) -> Iterator[Page]:
    """Open a page in a browser of its own; at the end it fails the test if it asked anybody but our server, or if a
    policy stopped something."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    asked, said = list[str](), list[str]()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert [url for url in asked if not url.startswith((site, "data:", "blob:"))] == []
    assert [text for text in said if "status of 4" not in text] == []


def check_draft(page: Page) -> None:
    """On /quotes, send docs/example-draft.md as a reader pastes it, and wait for what comes back."""
    page.locator("#text").fill((ROOT / "docs" / "example-draft.md").read_text("utf-8"))
    page.get_by_role("button", name="Check the quotations").click()
    page.locator("#quotation-4").wait_for()
