"""Pictures of pages, the words over them, and quotations: asked of the release each time, and never an error."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner
from PIL import Image

import oversight as program
from archive.kept_pictures import DRAWN, FOLDER, KeptPictures, forget_pictures
from archive.mementos.stored_bytes import read_capture
from archive.research.page_parts import running_text_of
from archive.research.reading import find_text
from archive.site.pictures import WIDTHS, NoPicture, PageOfFile, Pictures
from archive.site.server import ArchiveDatasette, open_archive
from archive.site.whole_files import disposition
from samples.documents import PIA_039A, file_at
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive, rows
from tests.figures import figure

PAGE = "/d/dhs-ice-pia-039a@239d076958/p3"
DIGEST = "239d076958"


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> ArchiveDatasette:
    return open_archive(demo_made.path)


def text_of(site: ArchiveDatasette, page: str = PAGE) -> str:
    return str(get(site, f"{page}.json").json()["page"]["text"])


@pytest.mark.parametrize("width", [None, *WIDTHS])
def test_a_page_has_pictures_of_few_widths(site: ArchiveDatasette, width: int | None) -> None:
    address = f"{PAGE}.png" + (f"?width={width}" if width else "")
    answer = get(site, address)
    picture = Image.open(io.BytesIO(answer.content))
    assert (answer.status_code, answer.headers["content-type"], picture.format) == (200, "image/png", "PNG")
    assert picture.width == (width or 1000)
    assert picture.width / picture.height == pytest.approx(612 / 792, abs=0.01)
    assert answer.headers["cache-control"] == "no-cache", "a withdrawal is in force at once"
    tag = answer.headers["etag"]
    assert not tag.startswith("W/")
    again = get(site, address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert get(site, address).content == answer.content


@pytest.mark.parametrize("width", ["100000", "1", "1000.0", "-1", "x", "１０００", "1000 "])
def test_no_other_width_is_drawn(site: ArchiveDatasette, width: str) -> None:
    assert get(site, f"{PAGE}.png?width={width}").status_code == 400


def test_words_are_those_of_the_text_with_their_places(site: ArchiveDatasette) -> None:
    told = get(site, f"{PAGE}.words.json").json()
    text = text_of(site)
    assert [word["text"] for word in told["words"]] == text.split()
    assert all(text[word["start"] : word["end"]] == word["text"] for word in told["words"])
    assert told["placed"] > 0.98 * len(told["words"])
    assert (told["width"], told["height"], told["unit"]) == (612, 792, "points")
    for word in told["words"]:
        for left, top, right, bottom in word["boxes"]:
            assert 0 <= left < right <= 612
            assert 0 <= top < bottom <= 792


def test_the_page_shows_the_picture_with_its_words_and_marks(site: ArchiveDatasette) -> None:
    page = get(site, f"{PAGE}?q=license+plate").text
    assert f'<image href="{PAGE}.png"' in page
    assert ">database</tspan>" in page
    assert page.count('class="marked"') == get(site, f"{PAGE}?q=license+plate").text.count('class="marked"') >= 3
    assert " style=" not in page
    assert 'class="marked"' not in get(site, PAGE).text


@pytest.mark.parametrize(
    ("where", "outcome"),
    [
        ("SELECT version FROM articles", "not-a-pdf"),
        ("SELECT version FROM awards", "not-a-pdf"),
        ("SELECT id FROM versions WHERE media_type = 'text/html' AND pages > 0", "not-a-pdf"),
    ],
)
def test_what_is_no_published_pdf_has_no_picture(
    site: ArchiveDatasette, demo_made: DemoArchive, where: str, outcome: str
) -> None:
    [named] = [row[0] for row in rows(demo_made.path, f"{where} LIMIT 1")]
    answer = get(site, f"/d/{named}/p1.png")
    assert (answer.status_code, answer.headers["oversight-outcome"]) == (404, outcome)
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert b"<script" not in answer.content
    told = get(site, f"/d/{named}/p1.words.json")
    assert (told.status_code, told.json()["outcome"]) == (404, outcome)
    assert get(site, f"/d/{named}/p1").status_code == 200


def test_addresses_lead_on_and_what_is_not_there_is_not_found(site: ArchiveDatasette) -> None:
    assert get(site, "/d/dhs-ice-pia-039a/p3.png").headers["location"] == f"{PAGE}.png"
    assert get(site, "/d/dhs-ice-pia-039a/p3?quote=plates").headers["location"] == f"{PAGE}?quote=plates"
    for missing in (f"{PAGE}9.png", "/d/nothing/p1.png", "/d/dhs-ice-pia-039a@0000000000/p1.words.json"):
        assert get(site, missing).status_code == 404
    version = PAGE.rpartition("/")[0]
    assert get(site, f"{version}?page=4").headers["location"] == f"{version}/p4"
    assert get(site, f"{version}?page=4").status_code == 302
    assert get(site, f"{version}?page=%3Cb%3E").status_code == 404


def quoted(site: ArchiveDatasette, words: str, page: str = PAGE) -> tuple[str, dict[str, Any]]:
    """Paste words on a page; return the address that this leads to, and what is told there."""
    answer = get(site, page, params={"quote": words})
    address = answer.headers.get("location", "")
    path, _, asked = address.partition("?")
    told = get(
        site, f"{path}.json?{asked}" if address else f"{page}.json", params=None if address else {"quote": words}
    )
    return address, told.json()["quotation"]


def test_pasted_words_lead_to_the_address_that_opens_with_them_marked(site: ArchiveDatasette) -> None:
    words = (
        "“About half of the accounts are meant for officers of Enforcement and Removal\nOperations, who arrest people”"
    )
    address, told = quoted(site, words)
    assert address == f"{PAGE}?quote=about-half-of-the...operations-who-arrest-people"
    assert told["words"].startswith("About half")
    assert told["words"].endswith("arrest people")
    page = get(site, address)
    assert page.status_code == 200
    assert '<mark id="hit">About half' in page.text
    assert 'id="picture-hit"' in page.text
    assert len(address) < 100


def test_a_quotation_goes_over_a_pages_end(site: ArchiveDatasette, demo_made: DemoArchive) -> None:
    [(version, number)] = rows(
        demo_made.path, "SELECT version, number FROM pages WHERE version LIKE 'dhs-%pia%' AND runs_on = ' ' LIMIT 1"
    )
    found = find_text(sqlite3.connect(demo_made.path / "archive.db"), version)
    assert found
    running = running_text_of(found["pages"])
    middle = next(at for at in range(len(running.text)) if running.place(at).page == number + 1)
    words = running.text[middle - 60 : middle + 60].split(" ", 1)[1].rpartition(" ")[0]
    address, told = quoted(site, words, f"/d/{version}/p{number}")
    assert told["pages"] == [number, number + 1]
    for page in (number, number + 1):
        shown = get(site, f"/d/{version}/p{page}?{urlsplit(address).query}").text
        assert re.search('<mark id="hit">', shown), page
        assert f'href="/d/{version}/p{number}?quote=' in shown


def test_words_that_are_not_there_are_said_to_be_elsewhere_or_nowhere(site: ArchiveDatasette) -> None:
    other = PAGE.replace("p3", "p4")
    words = " ".join(text_of(site, other).split()[60:75])
    told = get(site, PAGE, params={"quote": words})
    assert told.status_code == 200
    assert "These words are not on this page" in told.text
    assert f'href="{other}?quote=' in told.text
    assert "<mark" not in told.text
    nowhere = get(site, f"{PAGE}?quote=words-that-nobody-ever-wrote-here")
    assert "on no page of this version" in nowhere.text
    near = get(site, f"{PAGE}?quote=about-halve-of-the-accounts-are-meant-for-0fficers")
    assert "nearest words" in near.text
    assert "<mark" in near.text


def test_words_that_stand_there_often_each_have_an_address(site: ArchiveDatasette) -> None:
    told = get(site, f"{PAGE}.json?quote=license-plate").json()["quotation"]
    assert told["times"] >= 3
    addresses = [one["address"] for one in told["passages"]]
    assert len(set(addresses)) == told["times"]
    for one in told["passages"]:
        path, _, asked = one["address"].partition("?")
        again = get(site, f"{path}.json?{asked}").json()["quotation"]
        assert [place for found in again["passages"] for place in found["places"]] == one["places"]


@pytest.mark.parametrize(
    "words", ["", "…", "<script>alert(1)</script>", "%00", "a" * 5000, "..." * 500, "\u202e", "'\";--"]
)
def test_nothing_pasted_is_an_error_or_markup(site: ArchiveDatasette, words: str) -> None:
    for names in ({"quote": words}, {"quote": "the", "after": words, "before": words}):
        answer = get(site, PAGE, params=names)
        assert answer.status_code in (200, 302)
        assert "<script>alert" not in answer.text


def test_withdrawn_pictures_are_gone_from_the_site_and_from_the_disk(demo_made: DemoArchive, tmp_path: Path) -> None:
    # Other tests look at other files' pages in the archive that is copied.
    folder = shutil.copytree(demo_made.path, tmp_path / "archive", ignore=shutil.ignore_patterns(Path(FOLDER).name))
    site = open_archive(folder)
    png = get(site, f"{PAGE}.png")
    assert png.status_code == 200
    kept = [path for path in (folder / FOLDER).rglob("*") if path.is_file()]
    assert len(kept) >= 2
    assert all(path.name.startswith(DIGEST) and path.name.split(".")[0].isalnum() for path in kept), "digests only"
    done = CliRunner().invoke(program.main, ["--archive", str(folder), "withdraw", "dhs-ice-pia-039a",
                                             "--reason", "By order of a court.", "--json"])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert not [path for path in (folder / FOLDER).rglob("*") if path.is_file()]
    for address in (f"{PAGE}.png", f"{PAGE}.png?width=320", f"{PAGE}.words.json", f"{PAGE}?quote=plates", PAGE,
                    f"{PAGE}.png?as_of=1", FILE):  # fmt: skip
        assert get(site, address, headers={"If-None-Match": png.headers["etag"]}).status_code == 410, address
    assert not [path for path in (folder / FOLDER).rglob("*") if path.is_file()]


def test_what_is_withdrawn_while_it_is_drawn_is_neither_shown_nor_kept(demo_made: DemoArchive, tmp_path: Path) -> None:
    pictures = Pictures(tmp_path, 10_000_000)
    with closing(sqlite3.connect(demo_made.path / "archive.db")) as catalogue:
        capture, digest = catalogue.execute(
            "SELECT capture, digest FROM versions WHERE digest LIKE ?", (f"%{DIGEST}%",)
        ).fetchone()
    digest = digest.rpartition(":")[2]
    body = read_capture(demo_made.path, capture, digest).body

    def withdrawn() -> bytes:
        forget_pictures(tmp_path, [digest])
        return body

    def kept() -> list[Path]:
        return [path for path in (tmp_path / FOLDER).rglob("*") if path.is_file()]

    with pytest.raises(NoPicture, match="picture-waits"):
        asyncio.run(pictures.picture(PageOfFile(digest, 3, withdrawn)))
    assert not kept()
    assert asyncio.run(pictures.picture(PageOfFile(digest, 3, lambda: body))).startswith(b"\x89PNG")
    assert len(kept()) == 2, "a refusal isn't remembered, and the next is kept"


def test_a_server_without_the_bytes_says_so(demo_made: DemoArchive, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    shutil.copytree(demo_made.path / "releases", folder / "releases")
    shutil.copytree(demo_made.path / "journal", folder / "journal")
    site = open_archive(folder)
    answer = get(site, f"{PAGE}.png")
    assert (answer.status_code, answer.headers["oversight-outcome"]) == (404, "capture-not-held-here")
    page = get(site, PAGE)
    assert page.status_code == 200
    assert "No picture of this page" in page.text


def test_no_more_is_kept_than_may_be(tmp_path: Path) -> None:
    kept = KeptPictures(tmp_path, 10_000)
    for number in range(30):
        kept.put(f"{number:064x}", "p1.1000.png", b"x" * 1000)
    held = [path for path in (tmp_path / FOLDER).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in held) <= 10_000
    assert kept.get(f"{29:064x}", "p1.1000.png") == b"x" * 1000
    assert kept.get(f"{0:064x}", "p1.1000.png") is None
    kept.put("a" * 64, "p1.1000.png", b"x" * 5000)
    assert kept.get("a" * 64, "p1.1000.png") is None, "one picture doesn't push out all others"
    assert forget_pictures(tmp_path, [f"{29:064x}", "../../etc"]) == 1
    for wrong in ("../../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"):
        with pytest.raises(ValueError, match="no such picture"):
            kept.put(wrong, "p1.png", b"")
    with pytest.raises(ValueError, match="no such picture"):
        kept.get("a" * 64, "../p1.png")
    assert DRAWN.isdecimal()


FILE = f"{PAGE.rpartition('/')[0]}.pdf"


def test_the_file_is_given_byte_for_byte_and_can_do_nothing_here(
    site: ArchiveDatasette, demo_made: DemoArchive
) -> None:
    """XS-13: saved, never shown; no origin of its own, no sniffing, no cookie."""
    answer = get(site, FILE)
    assert answer.status_code == 200
    assert answer.content == file_at(PIA_039A, "2018-01-26")
    assert hashlib.sha256(answer.content).hexdigest().startswith(DIGEST)
    headers = answer.headers
    assert headers["content-type"] == "application/pdf"
    assert headers["content-disposition"].startswith(
        'attachment; filename="dhs-ice-pia-039a-239d076958.pdf"; filename*'
    )
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-cache")
    assert "set-cookie" not in headers
    assert get(site, FILE, headers={"If-None-Match": headers["etag"]}).status_code == 304
    part = get(site, FILE, headers={"Range": "bytes=0-4"})
    assert (part.status_code, part.content) == (206, b"%PDF-")
    assert get(site, "/d/dhs-ice-pia-039a.pdf").headers["location"] == FILE
    for where in ("SELECT version FROM articles", "SELECT version FROM awards", "SELECT version FROM notices"):
        [(version,)] = rows(demo_made.path, f"{where} LIMIT 1")
        refused = get(site, f"/d/{version}.pdf")
        assert (refused.status_code, refused.headers["oversight-outcome"]) == (404, "not-a-pdf")
    figure("XS-13", files=1, attachment=True, sandbox=True, given_of_articles_and_records=0)


@pytest.mark.parametrize(
    "title",
    ["../../etc/passwd", "a\r\nSet-Cookie: x=1", 'x"; filename=evil.exe', "\u202egpj.exe", "CON", "~/.ssh", "a" * 5000,
     "\x00", "", "Überwachung — “Kfz”"],
)  # fmt: skip
def test_a_saved_file_has_a_harmless_name(title: str) -> None:
    """PT-01, XS-10: whatever a title is, the header is one line and the name one file's."""
    version = {"id": "some-id@0123456789", "digest": "sha256:0123456789ab", "title": title, "document": "some-id"}
    told = disposition({"id": "some-id", "number": "", "title": title}, version)
    assert told.isascii()
    assert told.isprintable()
    assert told.startswith("attachment; filename=\"some-id-0123456789.pdf\"; filename*=UTF-8''")
    name = unquote(told.rpartition("''")[2])
    assert not set(name) & set('/\\:*?"<>|\r\n\0\u202e')
    assert name.endswith(" (0123456789).pdf")
    assert not name.startswith((".", "~", "-", " "))
    assert len(name) < 160
