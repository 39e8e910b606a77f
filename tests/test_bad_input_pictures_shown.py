"""Stored bytes are never served inline (HT-14): every route of the site is asked, over texts that are pictures."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from tests.asking_the_site import get, open_site
from tests.catalogue_rows import PIA, PIA_URL, make_catalogue
from tests.figures import figure

PICTURES = (
    "data:image/png;base64,iVBORw0KGgo=",
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "data:text/html,<script>alert(1)</script>",
    '{"src": "https://www.example.gov/x.png", "img_src": "data:image/gif;base64,R0lGODlh"}',
    '<img src="https://www.example.gov/x.png">',
)
BYTES = "x'89504e470d0a1a0a'"
PAGE = f"/d/{PIA}@3316f3b6cc/p1"
ROW = f"/archive/documents/{PIA}"
ASKED = (
    "/", "/.json", "/releases", "/releases.json", "/releases/1.json", "/about", "/withdrawals",
    "/search?q=data", "/search.json?q=data", "/sources", "/n", "/n/DHS-ICE-PIA-039", "/cite",
    "/badge.svg", "/sources/news.json",
    f"/cite?url={quote(PIA_URL)}", f"/cite.json?url={quote(PIA_URL)}", f"/d/{PIA}", f"/d/{PIA}.json", f"/d/{PIA}/p1",
    "/-/oversight/site.css", "/-/oversight/site.js", "/-/oversight/datasette.css", "/-/databases.json",
    "/-/threads.json", "/favicon.ico", "/-/static/app.css", "/-/static/../../etc/passwd",
    "/:memory:", "/-/metadata", "/-/versions", "/-/plugins",
    "/-/settings", "/-/config", "/-/config.json", "/-/actor.json", "/-/auth-token", "/-/logout", "/-/permissions",
    "/-/messages", "/-/allow-debug", "/-/patterns", "/archive.db", "/archive", "/archive.json", "/archive/documents",
    "/archive/documents.json", "/archive/documents.csv", "/archive/pages", "/archive/pages_fts_data", ROW,
    f"{ROW}.json", f"{ROW}.blob?_blob_column=title", "/archive/pages_fts_data/1.blob?_blob_column=block",
    f"/archive?sql=select+{BYTES}+as+b", f"/archive.json?sql=select+{BYTES}+as+b",
    f"/archive.csv?sql=select+{BYTES}+as+b", f"/archive.blob?sql=select+{BYTES}+as+b&_blob_column=b",
    f"/archive?sql=select+{quote(repr(PICTURES[0]))}+as+b", f"/d/{PIA}/diff", f"/d/{PIA}/diff.json", "/diff",
    "/search/time?q=data", "/search/time.json?q=data", "/absence?q=data",
    "/places", "/places/us-ca", "/unmatched", "/unmatched.csv", "/gaps", "/gaps/pia-ice", "/gaps/pia-ice.csv",
    "/quotes", "/quotes.json", "/chain?number=70CDCR18P00000017", "/chain/70CDCR18P00000017",
    "/chain/70CDCR18P00000017.json", "/vendors", "/vendors/west-publishing-corporation", "/timeline?of=data",
    "/timeline.json?of=data", "/timeline.csv?of=data", "/timeline.svg?of=data",
    "/watches", "/watches.json", "/watches/license-plate-readers", "/watches/license-plate-readers.atom",
    "/changes", "/changes.json", "/changes.atom", f"/web/{PIA_URL}",
    f"/timegate/{PIA_URL}", f"/timemap/link/{PIA_URL}", f"/timemap/json/{PIA_URL}", f"/captures/{PIA_URL}",
    f"/d/{PIA}/cite", f"/d/{PIA}.citations.json", f"/d/{PIA}.bib", f"/d/{PIA}.ris", f"/d/{PIA}.csl.json",
    f"{PAGE}.png", f"{PAGE}.png?width=320", f"{PAGE}.words.json", f"/d/{PIA}.pdf", f"{PAGE}?quote=data",
    "/search.csv?q=data", "/search.atom?q=data", "/search/batch", "/search/batch.csv", "/dashboard", "/dashboard.json",
    "/openapi.json", "/api", "/about.json", "/n.json?number=PIA-039", "/-/oversight/icon.svg",
)  # fmt: skip
DOWNLOADED = (
    "application/binary",
    "application/octet-stream",
    "application/x-bibtex",
    "application/x-research-info-systems",
    "application/vnd.citationstyles.csl+json",
    "text/csv",
)
# What the site answers with, beside downloads and its own files.
SHOWN = (
    "text/html",
    "application/json",
    "text/plain",
    "text/css",
    "text/csv",
    "application/atom+xml",
    "application/link-format",
)
OWN = ("/badge.svg", "/-/oversight/", "/-/static/", "/favicon.ico", "/timeline.svg")

_PICTURE = re.compile(r"<(?:img|svg[^>]*onload|object|embed|iframe|video)\b|(?:src|href)=\"?data:")


def with_pictures(path: Path, text: str) -> Path:
    path.parent.mkdir()
    make_catalogue(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE documents SET title = ?, published_words = ?, url = ?", (text, text, text))
        connection.execute("UPDATE versions SET title = ?, url = ?", (text, text))
        connection.execute("UPDATE pages SET text = text || ' ' || ?", (text,))
        connection.execute("UPDATE captures SET media_type = 'image/svg+xml', url = ?", (text,))
    return path


def test_no_route_shows_stored_bytes_as_a_picture(tmp_path: Path) -> None:
    answers = pictures = downloads = routes = 0
    for number, text in enumerate((" ".join(PICTURES), PICTURES[2])):
        site = open_site(with_pictures(tmp_path / str(number) / "archive.db", text))
        get(site, "/")
        # A route that is added must be asked here, too.
        patterns = [pattern for pattern, _ in site._routes()]
        routes = len(patterns)
        paths = [one.partition("?")[0] for one in ASKED]
        assert not [one.pattern for one in patterns if not any(one.match(path) for path in paths)]
        for path in ASKED:
            page = get(site, path)
            answers += 1
            kind = page.headers.get("content-type", "text/plain")
            assert page.headers["x-content-type-options"] == "nosniff", path
            if "attachment" in page.headers.get("content-disposition", ""):
                downloads += 1
                assert kind.startswith(DOWNLOADED), (path, kind)
                continue
            if path.partition("?")[0].endswith(".png"):  # drawn here, or a sentence of ours
                assert kind.startswith("image/svg+xml"), (path, kind)
                assert "No picture of this page" in page.text, path
                assert not _PICTURE.findall(page.text), path
                continue
            if path.startswith(OWN):
                continue
            assert kind.startswith(SHOWN), (path, kind)
            if kind.startswith("text/html"):
                bad = _PICTURE.findall(page.text)
                pictures += len(bad)
                assert not bad, (path, bad)
                assert "img-src 'self' data:;" in page.headers["content-security-policy"]
            assert "alert(1)</script>" not in page.text or not kind.startswith("text/html"), path
    figure("HT-14", routes=routes, answers=answers, downloads=downloads, pictures_shown=pictures)
    assert downloads
