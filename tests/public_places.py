"""Every public place of an archive: what a walk of its site, its routes, its exports, its files and SQL give."""

from __future__ import annotations

import html
import itertools
import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from archive.release.folder import Releases
from archive.release.tables import INDEXES
from archive.site.routes import ROUTES
from archive.site.server import ArchiveDatasette
from tests.asking_the_site import get

_HREF = re.compile(r'href="([^"]+)"')
# Of older releases one is walked. The same rows and pages come sorted, filtered and counted in a hundred ways.
_LEFT_OUT = re.compile(r"//|/-/static|/release-[2-9]|/(?:archive|release-1)/tombstones/")
_WITH_QUERY = ("/search", "/cite", "/n")
ENDS = 3
QUESTIONS = (
    "select hex(block) from pages_fts_data", "select * from pages_fts_docsize", "select * from pages_fts_config",
    "select * from pages_fts_idx", "select * from pages_fts", "select * from sqlite_master", "select leaf from leaves",
    "select hex(block) from changed_passages_fts_data", "select * from changed_passages_fts",
    "select snippet(pages_fts, 0, '[', ']', '…', 20) from pages_fts where pages_fts match 'it OR the OR plate'",
)  # fmt: skip


@dataclass(slots=True)
class Places:
    """What was found at each address, by its path and query: status and text."""

    found: dict[str, tuple[int, str]] = field(default_factory=dict)

    def ask(self, site: ArchiveDatasette, address: str) -> list[str]:
        """Ask an address; return those that its page leads to."""
        answer = get(site, address)
        self.found[address] = (answer.status_code, answer.text)
        links = _HREF.findall(answer.text) if "html" in answer.headers.get("content-type", "") else []
        links += [answer.headers["location"]] if "location" in answer.headers else []
        return [shortened for link in links if (shortened := _own(html.unescape(link)))]

    def with_words(self, words: Sequence[str]) -> dict[str, list[str]]:
        """Return the addresses at which one of the words stands, short of those that the question itself brought."""
        return {
            address: hits for address, (_, text) in self.found.items() if (hits := _in(_without(text, address), words))
        }


def _in(said: str, words: Iterable[str]) -> list[str]:
    """Return which of some words a text has, in letters or as SQL's hex(); there without their beginning.

    An index keeps of a word only what the word before doesn't begin with too.
    """
    return [word for word in words if word.lower() in said or word[ENDS:].lower().encode().hex() in said]


def _own(link: str) -> str:
    if not link.startswith("/") or _LEFT_OUT.match(link):
        return ""
    path, _, query = link.partition("#")[0].partition("?")
    return f"{path}?{query}" if query and path in _WITH_QUERY and "&" not in query else path


def _without(text: str, address: str) -> str:
    """Return what an answer says beside the question, which it may show again, in lower case."""
    said = html.unescape(unquote(text)).lower()
    asked = unquote(address.partition("?")[2].replace("+", " ")).lower()
    values = [one.partition("=")[2] for one in asked.split("&")]
    # A search shows its question in parts too: as filters, as suggestions. What it finds is WD-04's to tell apart.
    words = [word for value in values for word in re.split(r'[\s":]+', value)] if address.startswith("/search") else []
    for part in (unquote(address).lower(), *values, *words):
        said = said.replace(part, "") if len(part) > 4 else said
    return said


def walk(site: ArchiveDatasette, also: Iterable[str] = (), most: int = 30_000) -> Places:
    """Follow every link from the front page, and from the addresses that are given."""
    places, left = Places(), ["/", *also]
    while left and len(places.found) < most:
        address = left.pop()
        if address not in places.found:
            left += [link for link in places.ask(site, address) if link not in places.found]
    assert not left, "the site has no end"
    return places


def routes_walked(places: Places) -> set[str]:
    """Return the patterns of the routes table that no address fits that was asked."""
    paths = [address.partition("?")[0] for address in places.found]
    return {pattern.pattern for pattern, _ in ROUTES if not any(pattern.match(path) for path in paths)}


def exports(site: ArchiveDatasette) -> list[str]:
    """Return every address at which data is given out whole: tables as CSV and JSON, SQL, the lists of the archive."""
    names = [one["name"] for one in get(site, "/archive.json").json()["tables"]]
    shadows = [f"{index}_{part}" for index in INDEXES for part in ("data", "idx", "docsize", "config")]
    return [
        *(f"/archive/{name}.csv?_stream=1" for name in names),
        *(f"/archive/{name}.json?_size=max&_shape=array" for name in [*names, *shadows]),
        *(f"/archive.json?sql={quote(sql)}&_shape=array" for sql in QUESTIONS),
        *(f"{path}.json" for path in ("/releases", "/withdrawals", "/about", "/cite", "/search", "/watches")),
        "/watches", "/watches/all", "/watches/all.json", "/watches/all.atom",
        "/openapi.json", "/api", "/sources.json",
        "/releases/1.json", "/-/databases", "/-/databases.json", "/-/threads", "/-/oversight/site.css",
        "/-/oversight/site.js", "/cite", "/n", "/diff", "/search?q=license", "/search.json?q=license",
        "/search.csv?q=license", "/search.atom?q=license", "/search/batch", "/search/batch.csv", "/quotes",
        "/sources", "/releases", "/withdrawals", "/about", "/chain.json", "/chain", "/vendors", "/vendors.json",
        "/timeline", "/timeline.json", "/timeline.csv", "/timeline.svg",
    ]  # fmt: skip


def of_documents(path: Path) -> dict[str, list[str]]:
    """Return, by document of an archive's newest release, every address that leads to it or to a part of it."""
    release = Releases(path)
    addresses: dict[str, list[str]] = {}
    with closing(release.open(max(release.numbers()))) as catalogue:
        for (document,) in catalogue.execute("SELECT id FROM documents").fetchall():
            addresses[document] = list(_of_document(catalogue, document))
    return addresses


def _of_document(catalogue: sqlite3.Connection, document: str) -> Iterable[str]:
    names = [document] + [
        row[0] for row in catalogue.execute("SELECT alias FROM aliases WHERE document = ?", (document,))
    ]
    versions = catalogue.execute("SELECT id, digest FROM versions WHERE document = ?", (document,)).fetchall()
    pages = catalogue.execute("SELECT id, version, number FROM pages WHERE document = ?", (document,)).fetchall()
    for name in names:
        yield from (f"/d/{name}", f"/d/{name.upper()}", f"/d/{name}.json", f"/d/{name}.txt", f"/d/{name}?q=it")
        for version, digest in versions:
            yield from (f"/d/{name}@{digest[:length]}" for length in (6, 24, 64))
            tail = version.rpartition("@")[2]
            yield from (f"/d/{name}@{tail}{end}" for end in ("", ".json", ".txt", ".pdf", "/p1"))
    yield from _differences(names, [version for version, _ in versions])
    for key, version, number in pages:
        address = f"/d/{version}/p{number}"
        yield from (f"{address}.png", f"{address}.png?width=320", f"{address}.words.json", f"{address}?quote=the")
        yield from (address, f"{address}.json", f"{address}.txt", f"{address}/t1.csv", f"/archive/pages/{key}")
        yield f"/archive/pages/{key}.json"
    yield from (f"/archive/documents/{quote(document)}", f"/archive/documents/{quote(document)}.json")
    yield from (f"/archive/versions/{_tilde(version)}" for version, _ in versions)
    sql = "SELECT url FROM addresses WHERE document = ?"
    for (url,) in catalogue.execute(sql, (document,)):
        spellings = (url, url.replace("https://www.", "http://"), f"{url}?utm_source=a", f"{url}#page=2")
        yield from (f"/cite{end}?url={quote(one, safe='')}" for one in spellings for end in ("", ".json"))
        routes = ("web", "web/2018", "timegate", "timemap/link", "timemap/json", "captures")
        yield from (f"/{route}/{spellings[-1]}" for route in routes)
    yield from _of_captures(catalogue, document)
    sql = "SELECT value FROM identifiers WHERE role = 'own' AND document = ?"
    for (value,) in catalogue.execute(sql, (document,)):
        spellings = (value, value.lower(), value.replace("DHS/TSA/", ""), value.replace("/", "-"))
        yield from (f"/n/{quote(one, safe='/')}" for one in spellings)
        yield f"/n?number={quote(value, safe='')}"


def of_captures(path: Path) -> list[str]:
    """Return where each capture of an archive's newest release is shown: lists, feeds and redirects among them."""
    release = Releases(path)
    with closing(release.open(max(release.numbers()))) as catalogue:
        sql = "SELECT url, captured_at, id FROM captures WHERE original_url = '' AND method = 'GET' ORDER BY id"
        rows = catalogue.execute(sql).fetchall()
    return [address for row in rows for address in _of_capture(*row)]


def _of_capture(url: str, at: str, capture: str) -> Iterable[str]:
    digits = re.sub(r"\D", "", at)
    yield from (f"/web/{digits}/{url}", f"/web/{digits}-{capture[:10]}/{url}", f"/captures/{digits}/{url}")


def _of_captures(catalogue: sqlite3.Connection, document: str) -> Iterable[str]:
    """Yield where the captures at a document's addresses are shown, and those with the bytes of its versions."""
    sql = (
        "SELECT url, captured_at, id FROM captures WHERE method = 'GET' AND original_url = '' AND (url_key IN"
        " (SELECT url_key FROM addresses WHERE document = ?1) OR content_digest IN"
        " (SELECT digest FROM versions WHERE document = ?1))"
    )
    for row in catalogue.execute(sql, (document,)).fetchall():
        yield from _of_capture(*row)


def _differences(names: Sequence[str], versions: Sequence[str]) -> Iterable[str]:
    """Yield every address at which two versions of a document are compared."""
    ends = ("", ".json", ".txt")
    yield from (f"/d/{name}/diff{end}" for name in names for end in ends)
    for before, after in itertools.pairwise(versions):
        tails = "..".join(version.rpartition("@")[2] for version in (before, after))
        yield from (f"/d/{name}/diff/{tails}{end}" for name in names for end in (*ends, "?view=inline"))
        yield from (f"/diff{end}?a={before}&b={after}" for end in ends)


def _tilde(text: str) -> str:
    return text.replace("@", "~40")


def files_with(path: Path, words: Iterable[str]) -> dict[str, list[str]]:
    """Return the public files in whose bytes one of the words stands, and the releases in which SQL finds one."""
    found: dict[str, list[str]] = {}
    wanted = list(words)
    for file in sorted((path / "releases").iterdir()):
        content = file.read_bytes().lower()
        found[file.name] = [word for word in wanted if word[ENDS:].lower().encode() in content]
        if file.suffix == ".db":
            said = _all_values(file)
            found[f"{file.name} (SQL)"] = [word for word in wanted if word[ENDS:].lower() in said]
    return {name: hits for name, hits in found.items() if hits}


def _all_values(file: Path) -> str:
    """Return every value of every table of a file, shadow tables too, and every term of its index."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        for index in INDEXES:
            connection.execute(f"CREATE VIRTUAL TABLE temp.terms_of_{index} USING fts5vocab(main, {index}, row)")
        names = [row[0] for row in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        rows = [
            row
            for name in [*names, *(f"terms_of_{index}" for index in INDEXES)]
            for row in connection.execute(f'SELECT * FROM "{name}"')
        ]
    values = [value.decode("latin-1") if isinstance(value, bytes) else str(value) for row in rows for value in row]
    return "\0".join(values).lower()
