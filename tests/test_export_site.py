"""A site without a server: every link leads to a file, nothing runs, names are safe everywhere, all of it is listed."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from archive.catalog.opening import open_catalogue
from archive.export.about import Named, exported
from archive.release.folder import Releases
from archive.release.tables import PUBLISHED
from archive.site.offline import write_site
from archive.site.offline_names import file_of, with_files
from tests.conftest import need
from tests.demo_archive import DemoArchive, oversight
from tests.figures import figure
from tests.served_releases import an_archive, publish

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
LINK = re.compile(r'(?:href|src)="([^"]*)"')
# What Windows, macOS and Linux all take, whatever case they tell apart.
SAFE = re.compile(r"(?:SHA256SUMS|[a-z0-9][a-z0-9-]{0,63}(?:\.[a-z]{3,4})?)")


@pytest.fixture(scope="module")
def written(demo_made: DemoArchive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the demo's release by the command, with the original files."""
    folder = tmp_path_factory.mktemp("site") / "site"
    done = oversight("--archive", demo_made.path, "export", "site", folder, "--with-files")
    assert done.returncode == 0, done.stderr
    return folder


def pages_of(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def wrong_links(folder: Path) -> tuple[int, list[str]]:
    """Return how many links lead within the site, and those that lead to nothing."""
    texts = {page: page.read_text() for page in pages_of(folder)}
    held = {str(file) for file in folder.rglob("*") if file.is_file()}
    links, wrong = 0, []
    for page, text in texts.items():
        for link in map(unescape, LINK.findall(text)):
            if link.startswith(("https://", "http://")):
                continue
            links += 1
            path, _, anchor = link.partition("#")
            target = os.path.normpath(page.parent / path) if path else str(page)
            if target not in held or (anchor and f'id="{anchor}"' not in texts[Path(target)]):
                wrong.append(f"{page.relative_to(folder)}: {link}")
    return links, wrong


def test_every_link_leads_to_a_file_and_every_document_is_reached(written: Path) -> None:
    links, wrong = wrong_links(written)
    assert (wrong, links > 1000) == ([], True)
    reached, waiting = set(), [written / "index.html"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".html":
            continue
        reached.add(page)
        found = [unescape(link).partition("#")[0] for link in LINK.findall(page.read_text())]
        waiting += [Path(os.path.normpath(page.parent / link)) for link in found if link and "://" not in link]
    assert reached == set(pages_of(written))


def test_names_are_safe_on_every_file_system(written: Path) -> None:
    """PT-06: one case, short, no name that a system keeps for itself, few files to a folder."""
    names = [file.relative_to(written) for file in written.rglob("*")]
    folded = {str(name).casefold() for name in names}
    odd = [str(name) for name in names if not all(SAFE.fullmatch(part) for part in name.parts)]
    longest = max(len(str(name)) for name in names)
    figure("PT-06", files=len(names), odd=len(odd), collisions=len(names) - len(folded), longest=longest)
    assert (odd, len(folded), longest < 100) == ([], len(names), True)


def test_every_file_is_listed_with_its_digest(written: Path) -> None:
    lines = (line.split("  ") for line in (written / "SHA256SUMS").read_text().splitlines())
    listed = {name: digest for digest, name in lines}
    held = {str(file.relative_to(written)) for file in written.rglob("*") if file.is_file()} - {"SHA256SUMS"}
    assert listed.keys() == held
    for name, digest in listed.items():
        assert hashlib.sha256((written / name).read_bytes()).hexdigest() == digest
    if program := shutil.which("sha256sum"):
        assert subprocess.run([program, "-c", "--quiet", "SHA256SUMS"], cwd=written, check=False).returncode == 0


def test_what_stands_in_the_archive_stands_there(written: Path, demo_made: DemoArchive) -> None:
    with closing(Releases(demo_made.path).open(1)) as release:
        texts = {row[0] for row in release.execute("SELECT title FROM documents")}
        texts |= {f"/d/{row[0]}" for row in release.execute("SELECT id FROM versions")}
        digests = {row[0].rpartition(":")[2] for row in release.execute("SELECT digest FROM versions")}
        lines = {line for row in release.execute("SELECT text FROM pages") for line in row[0].split("\n")}
    whole = unescape("\n".join(page.read_text() for page in pages_of(written)))
    for text in texts | digests:
        assert text in whole, text
    assert [line for line in lines if line.strip() and line not in whole] == []
    front = (written / "index.html").read_text()
    assert "Sample." in front
    assert all("Sample." in page.read_text() for page in pages_of(written))
    originals = {file.stem for file in (written / "files").rglob("*.pdf")}
    assert originals
    assert all(
        hashlib.sha256(file.read_bytes()).hexdigest() == file.stem for file in (written / "files").rglob("*.pdf")
    )


def test_the_same_release_gives_the_same_bytes(written: Path, demo_made: DemoArchive, tmp_path: Path) -> None:
    again = tmp_path / "again"
    (tmp_path / "again").mkdir()  # an empty folder may be there
    assert oversight("--archive", demo_made.path, "export", "site", again, "--with-files").returncode == 0
    assert (again / "SHA256SUMS").read_bytes() == (written / "SHA256SUMS").read_bytes()
    refused = oversight("--archive", demo_made.path, "export", "site", again)
    assert (refused.returncode, "is there already" in refused.stderr) == (2, True)


def test_addresses_and_files() -> None:
    assert file_of("/d/a") == file_of("/d/a#cite")
    page = file_of("/d/a@0123456789/p21")
    assert page is not None
    assert page.endswith("-0000021.html#p21")
    assert (file_of("/d/a@0123456789.txt") or "").endswith("-0000001.html")
    for nothing in ("/search?q=x", "/n/PIA-1", "/archive/documents", "/d/a.json", "/d/a@0123456789/p1.json", "/d/"):
        assert file_of(nothing) is None
    turned = with_files('<a href="/d/a">x</a><a class="y" href="/n/1">z</a>', "d/abc/def/index.html", "")
    assert turned == f'<a href="../../../{file_of("/d/a")}">x</a><a class="y">z</a>'
    assert 'href="https://archive.example/n/1"' in with_files(
        '<a href="/n/1">z</a>', "a.html", "https://archive.example"
    )


PAYLOAD = (
    "\"'><script>document.title='run-{n}'</script><img src=x onerror=\"document.title='run-{n}'\">"
    "<svg onload=document.title='run-{n}'>{{{{7*7}}}}</style></title>\u2028"
    "<a href=\"javascript:document.title='run-{n}'\">"
)
# Columns that programs read: keys, words of ours, JSON and digests. In a cell of a table, strangers' words stand too.
_OURS = {
    "id", "key", "digest", "parts", "runs_on", "leaf", "capture", "version", "document", "newest_version", "source",
    "arguments", "scheme", "role", "value", "url_key", "run", "name", "obligated", "hash", "outcome", "origin",
    "total_obligated",
}  # fmt: skip


def hostile(folder: Path) -> tuple[Releases, int]:
    """Make a release with a payload of its own in every column that says a stranger's words."""
    releases, number = an_archive(folder), 0
    with closing(open_catalogue(folder / "archive.db")) as catalogue:
        for table in PUBLISHED:
            columns = [row for row in catalogue.execute(f'PRAGMA table_info("{table}")') if row[2] == "TEXT"]
            for column in [row[1] for row in columns if not row[5] and row[1] not in _OURS]:
                number += 1
                if column == "cells":
                    cell = PAYLOAD.format(n=number).replace('"', '\\"') + '"]'
                    catalogue.execute("UPDATE page_tables SET cells = replace(cells, '\"]', ?)", (cell,))
                else:
                    catalogue.execute(f'UPDATE "{table}" SET "{column}" = "{column}" || ?', (PAYLOAD.format(n=number),))
        catalogue.commit()
    publish(releases, 1)
    return releases, number


def site_of(releases: Releases, folder: Path) -> Path:
    folder.mkdir()
    with closing(releases.open(1)) as release:
        told = exported(release, Named("A name <script>", "mailto:x", ""), 1, releases.manifest(1), "0" * 64)
        write_site(folder, release, releases, told, lambda _: None, lambda *_: None)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=need("chromium", "chromium"), args=FLAGS)
        yield started
        started.close()


class Watched:
    """A page that counts what runs, what is asked for, and what the policy stopped."""

    def __init__(self, browser: Browser) -> None:
        self.page: Page = browser.new_page()
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))

    def visit(self, file: Path) -> bool:
        """Open a file; tell whether something in it ran."""
        self.page.goto(file.as_uri())
        return self.page.title().startswith("run-")


@pytest.mark.browser
def test_no_payload_runs_in_any_page(tmp_path: Path, browser: Browser) -> None:
    """XS-17, with the control that payloads do run where nothing is escaped and no policy stands."""
    releases, payloads = hostile(tmp_path / "archive")
    folder, watched = site_of(releases, tmp_path / "site"), Watched(browser)
    ran = [str(page) for page in pages_of(folder) if watched.visit(page)]
    outside = [url for url in watched.asked if not url.startswith(folder.as_uri())]
    whole = "".join(page.read_text() for page in pages_of(folder)).replace('<script type="application/ld+json">', "")
    shown = {number for number in range(1, payloads + 1) if f"run-{number}&#39;" in whole}
    raw = [name for name in ("<script", "<img", "<svg onload", 'href="javascript') if name in whole]
    figure("XS-17", pages=len(pages_of(folder)), payloads=payloads, shown=len(shown), executions=len(ran),
           asked_elsewhere=len(outside), stopped_by_the_policy=len(watched.said))  # fmt: skip
    assert (ran, outside, watched.said, raw) == ([], [], [], [])
    assert len(shown) > 30, "the control: they are on the pages"
    assert "<form" not in whole
    assert wrong_links(folder)[1] == []
    control = tmp_path / "control.html"
    control.write_text(f"<title>x</title>{PAYLOAD.format(n=1)}")
    assert watched.visit(control), "the control: unescaped, they run"
    control.write_text(unescape(whole).partition("<title>")[0] + PAYLOAD.format(n=1))
    assert not watched.visit(control), "the policy alone stops them"


@pytest.mark.browser
def test_it_is_read_from_a_disk_without_scripts(written: Path, browser: Browser) -> None:
    """SS-10 too: nothing is asked for but these files."""
    context = browser.new_context(java_script_enabled=False)
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto((written / "index.html").as_uri())
    page.get_by_role("link", name="Titles: D").or_(page.get_by_role("link", name="D", exact=True)).first.click()
    page.get_by_role("link", name="DHS/ICE/PIA-039(a)").first.click()
    assert "Permanent address: /d/dhs-ice-pia-039a" in page.inner_text("main")
    page.get_by_role("link", name="Page 3", exact=False).first.click()
    assert "license plate" in page.inner_text("main")
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px", "its style sheet is taken"
    foreign = [url for url in asked if not url.startswith(written.as_uri())]
    figure("SS-10", opened=len(asked), foreign=len(foreign))
    assert foreign == []
    context.close()


def test_long_lists_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.site.offline_lists.ENTRIES_A_LIST", 1)
    monkeypatch.setattr("archive.site.offline_lists.FILES_A_FOLDER", 2)
    releases = an_archive(tmp_path / "archive")
    publish(releases, 1)
    folder = site_of(releases, tmp_path / "site")
    assert wrong_links(folder)[1] == []
    assert max(sum(1 for _ in one.iterdir()) for one in (folder / "lists").iterdir()) == 2
    with closing(releases.open(1)) as release:
        (documents,) = release.execute("SELECT count(*) FROM documents").fetchone()
    assert len(list((folder / "lists").glob("c*/*.html"))) == documents
