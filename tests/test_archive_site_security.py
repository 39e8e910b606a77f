"""What the site is held to: headers, escaping, addresses and SQL of strangers, and errors without innards."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from datasette.app import Datasette

from archive.catalog.opening import open_catalogue
from archive.site.rendering import marked, web_link
from tests.asking_the_site import METADATA, OUR_PATHS, THEIR_PATHS, address_of, get, has_foreign_script, open_site
from tests.catalogue_rows import AWARD, PIA, PIA_URL, SCAN, STORY, make_catalogue
from tests.figures import figure


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    return open_site(make_catalogue(tmp_path_factory.mktemp("site") / "archive.db"))


NAUGHTY = [
    "/d/nope", f"/d/{PIA}@ffffffffff", f"/d/{PIA}@", f"/d/{PIA}@%", f"/d/{PIA}/p0", f"/d/{PIA}/p999", f"/d/{PIA}/p-1",
    f"/d/{PIA}/p99999999999999999999", "/d/%00", "/d/..%2f..%2fetc%2fpasswd", "/d/../../etc/passwd", "/d/%ff%fe", "/d/",
    "/d/'%20OR%201=1--", "/d/%3Cscript%3Ealert(1)%3C/script%3E", "/d/@@@", "/d/" + "a" * 5000, f"/d/{PIA}.exe",
    f"/d/{PIA}@%D9%A1", "/d/a%0d%0aSet-Cookie:%20x=1", "/n/%00", "/n/" + "9" * 3000, "/n/%0d%0aX:%20y",
    "/n/%F0%9F%98%80", "/nothing", "/archive/nothing", "/archive/documents/nothing", "/archive?sql=select+nothing",
    "/-/threads.json",
]  # fmt: skip


@pytest.mark.parametrize("path", NAUGHTY)
def test_naughty_addresses_are_answered_plainly(site: Datasette, path: str) -> None:
    page = get(site, path)
    assert page.status_code in {302, 400, 404}, page.text
    assert "Set-Cookie" not in page.headers
    assert "<script>alert" not in page.text
    assert "Traceback" not in page.text
    assert str(site.databases["archive"].path) not in page.text


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example/%2e%2e/", "/\\evil.example/", "/n//evil.example"])
def test_no_redirect_leaves_the_site(site: Datasette, path: str) -> None:
    async def ask() -> Any:
        return await site.client.request("GET", "http://localhost" + path, avoid_path_rewrites=True)

    page = asyncio.run(ask())
    assert not re.match(r"(https?:)?//|/\\", page.headers.get("location", ""))


@pytest.mark.parametrize("path", OUR_PATHS + THEIR_PATHS)
def test_headers_on_every_answer(site: Datasette, path: str) -> None:
    page = get(site, path)
    policy = page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy.replace("https://", "http://")
    if path in OUR_PATHS:
        assert "script-src 'self';" in policy
        assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
        assert "unsafe" not in policy
        if "html" in page.headers["content-type"]:
            assert not has_foreign_script(page.text)
            assert not re.search(r"\sstyle=|\son\w+=", page.text)


@pytest.mark.parametrize("path", [path for path in THEIR_PATHS if "." not in path])
def test_every_script_of_datasettes_own_pages_is_allowed_by_its_hash(site: Datasette, path: str) -> None:
    page = get(site, path)
    allowed = page.headers["content-security-policy"]
    scripts = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in allowed, script
    assert "'unsafe-inline'" not in allowed.partition("script-src")[2].partition(";")[0]


def test_only_reading_is_allowed(site: Datasette) -> None:
    async def ask(method: str) -> Any:
        return await site.client.request(method, f"/d/{PIA}")

    assert asyncio.run(ask("HEAD")).status_code == 200
    for method in ("PUT", "DELETE", "PATCH"):
        answer = asyncio.run(ask(method))
        assert answer.status_code == 405
        assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    "sql",
    [
        "select * from pragma_database_list",
        "select file from pragma_database_list()",
        "select fts3_tokenizer('simple')",
        "select load_extension('x')",
        "select length(hex(zeroblob(150000000)))",
        "select sqlite_source_id()",
        "attach database ':memory:' as x",
    ],
)
def test_sql_of_strangers_is_held_in(site: Datasette, sql: str) -> None:
    page = get(site, "/archive.json", params={"sql": sql})
    assert page.status_code == 400, page.text
    assert str(site.databases["archive"].path) not in page.text


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("printf('%.*c', 300000000, 'x')", None),
        ("format('%300000000d', 1)", None),
        ("printf('%,d of %.2f %s', 1234567, 1.5, 'x')", "1,234,567 of 1.50 x"),
        ("printf()", None),
    ],
)
def test_printf_has_no_room_for_gigabytes(site: Datasette, sql: str, answer: str | None) -> None:
    assert get(site, "/archive.json", params={"sql": f"select {sql}"}).json()["rows"] == [[answer]]


def test_a_failure_is_told_without_its_innards(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_connection: Any) -> None:
        raise RuntimeError("secret innards")

    monkeypatch.setattr("archive.site.front_views.list_sources", fail)
    page = get(site, "/sources")
    assert page.status_code == 500
    assert "secret innards" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


CANARY = "\"'><script>alert({n})</script><img src=x onerror=alert({n})>&amp;{{{{7777*7}}}}"


def test_marks_and_links_are_the_only_markup_that_data_can_get() -> None:
    assert marked("<b>&x<i>", [(3, 5)], "hit") == '&lt;b&gt;<mark id="hit">&amp;x</mark>&lt;i&gt;'
    assert marked("<b>", []) == "&lt;b&gt;"
    assert marked("abc", [(0, 2), (1, 3), (2, 9)]) == "<mark>ab</mark>c"
    for hostile in ("javascript:alert(1)", "data:text/html,x", "java\tscript:x", "//evil.example", 'x" onclick="y'):
        assert "href" not in web_link(hostile)
    assert web_link('https://a.example/"><script>').count("<") == 2
    assert 'href="https://a.example/x"' in web_link("https://a.example/x")


def test_script_in_any_column_comes_out_as_text(tmp_path: Path) -> None:
    path = make_catalogue(tmp_path / "archive.db", sample=True)
    with closing(open_catalogue(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = off")
        planted = _plant_canaries(connection)
    site = open_site(path)
    seen: set[str] = set()
    paths = ["/", "/sources", f"/cite?url={quote(PIA_URL)}", "/n/PIA-039(a)", "/search?q=license+OR+plate+OR+award"]
    paths += [f"/d/{name}" for name in (PIA, AWARD, STORY, SCAN)]
    paths += [f"/d/{name}{ending}" for name in (PIA, AWARD, STORY) for ending in ("/cite", ".citations.json")]
    paths += [f"/d/{PIA}.json", "/search.json?q=plate", f"/cite.json?url={quote(PIA_URL)}"]
    paths += [f"{address_of(site, name)}/p1?q={quote(CANARY)}" for name in (PIA, AWARD, STORY)]
    paths += [f"{route}{quote(CANARY.format(n=1), safe='')}" for route in ("/d/", "/n/", "/cite?url=", "/search?q=")]
    paths += [f"/search?q=plate&{name}={quote(CANARY)}" for name in ("sort", "collection", "kind", "year")]
    for address in paths:
        text = get(site, address, follow_redirects=True).text
        assert "<script>alert" not in text, address
        assert "<img src=x" not in text, address
        assert "54439" not in text, address
        if ".json" in address:
            assert "<" not in text
        assert not re.search(r'href="\s*(javascript|data|vbscript):', text, re.IGNORECASE), address
        seen.update(re.findall(r"alert\((\d+)\)", text))
    figure("XS-04", columns=planted, columns_shown=len(seen), pages=len(paths), unescaped=0)
    assert len(seen) > planted / 3, "canaries that no page shows prove nothing"


def _plant_canaries(connection: sqlite3.Connection) -> int:
    """Put a numbered canary into every text column that isn't a key, a digest or a date; return how many."""
    number = 0
    held = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table, described in METADATA["databases"]["archive"]["tables"].items():
        if table in {
            "_sqlite_migrations",
            "pages_fts",
            "changed_passages_fts",
            "records",
            "statements",
            "sightings",
            "readings",
            "texts",
        }:
            continue
        if table not in held:  # a release's own
            continue
        kept = {row[1] for row in connection.execute(f'PRAGMA table_xinfo("{table}")') if row[5] or row[2] != "TEXT"}
        kept |= {row[3] for row in connection.execute(f'PRAGMA foreign_key_list("{table}")')}
        kept |= {"digest", "newest_version", "url_key", "value", "version", "status", "night", "number"}
        kept |= {"parts", "cells"}  # JSON of ours
        kept |= {row[1] for row in connection.execute(f'PRAGMA table_xinfo("{table}")') if row[6]}  # made by SQLite
        for column in set(described["columns"]) - kept:
            number += 1
            where = " WHERE document <> ?" if (table, column) == ("pages", "text") else " WHERE ? <> ''"
            connection.execute(
                f'UPDATE "{table}" SET "{column}" = "{column}" || ?{where}', (CANARY.format(n=number), PIA)
            )
    return number
