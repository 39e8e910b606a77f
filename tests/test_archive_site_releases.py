"""The site serves releases: which one answers, how a newer one takes its place, and what an older one is asked."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.folder import CATALOGUE
from archive.release.checked import ReleaseRefused
from archive.release.folder import Releases
from archive.research.asking import ask
from archive.site.server import METADATA, ArchiveDatasette
from tests.asking_the_site import get
from tests.catalogue_rows import PIA, PIA_URL
from tests.figures import figure
from tests.served_releases import ADDRESSES, an_archive, copy_of, publish, site_of


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    releases = an_archive(tmp_path_factory.mktemp("published") / "archive")
    publish(releases, 1)
    publish(releases, 2, "DELETE FROM pages WHERE number = 3")
    publish(releases, 3)
    releases.put(releases.timestamp_path(2), b"a time-stamp")
    return releases


@pytest.fixture
def releases(published: Releases, tmp_path: Path) -> Releases:
    return copy_of(published, tmp_path / "archive")


@pytest.fixture(scope="module")
def site(published: Releases) -> ArchiveDatasette:
    return site_of(published)


def test_until_there_is_a_release_the_catalogue_is_served_and_the_first_takes_its_place(tmp_path: Path) -> None:
    releases = an_archive(tmp_path)
    site = site_of(releases)
    page = get(site, "/")
    assert page.headers["oversight-release"] == "working"
    assert "nothing has been released yet" in page.text
    assert "release" not in get(site, "/search.json?q=plate").json()
    publish(releases, 1)
    page = get(site, "/")
    assert page.headers["oversight-release"] == "1"
    assert "[of 1]" in page.text
    assert get(site, "/search.json?q=plate").json()["release"] == 1


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_is_from_the_newest_release_and_says_so(site: ArchiveDatasette, path: str) -> None:
    answer = get(site, path)
    assert answer.status_code == 200
    assert answer.headers["oversight-release"] == "3"
    assert not set(re.findall(r"\[of (\d+)\]", answer.text)) - {"3"}
    if "html" in answer.headers["content-type"]:
        assert ">release 3</a>, built 2026-11-04 00:00 UTC" in answer.text
        assert "As of" not in answer.text
    elif path.endswith(".json") and not path.startswith("/archive"):
        assert answer.json()["release"] == 3


def test_a_table_that_few_may_see_is_so_at_every_address(published: Releases) -> None:
    """An operator's rule for a table holds for every release, whichever was asked first and how often."""
    rules = json.loads(METADATA.read_text("utf-8"))
    rules["databases"]["archive"]["tables"]["pages"]["allow"] = {"id": "nobody"}
    site = site_of(published, metadata=rules)
    for _ in range(2):
        for path in ("/archive/pages", "/release-2/pages", "/release-2/pages.json"):
            assert get(site, path, follow_redirects=True).status_code == 403, path
        for path in ("/archive/documents", "/release-2/documents"):
            assert get(site, path, follow_redirects=True).status_code == 200, path


def test_search_gives_what_it_gives_on_the_command_line(site: ArchiveDatasette, published: Releases) -> None:
    with closing(sqlite3.connect(published.database(2))) as release:
        expected = json.loads(json.dumps(ask(release, "plate")))
    assert get(site, "/search.json?q=plate&as_of=2").json() == {**expected, "release": 2}


@pytest.mark.parametrize(
    "path",
    ["/search?q=plate&as_of=2", "/search.json?q=plate&as_of=2", f"/d/{PIA}?as_of=2", "/sources?as_of=2", "/release-2",
     "/release-2/documents", "/release-2/documents.json", f"/release-2/documents/{PIA}", "/release-2/pages.csv",
     "/release-2.json?sql=select+title+from+documents", "/release-2/numbers.json?number=PIA-039"],
)  # fmt: skip
def test_an_older_release_answers_what_it_answered(site: ArchiveDatasette, path: str) -> None:
    answer = get(site, path)
    assert answer.status_code in {200, 404}, answer.text
    assert answer.headers["oversight-release"] == "2"
    assert not set(re.findall(r"\[of (\d+)\]", answer.text)) - {"2"}
    if "html" in answer.headers["content-type"]:
        assert "As of release 2" in answer.text
        assert ">The same of release 3</a>" in answer.text
        leading = re.findall(r'(?:href|action)="/archive[^>]*>([^<]*)', answer.text)
        assert set(leading) <= {"The same of release 3"}, "its tables lead to its tables"


def test_from_an_older_release_to_the_present_and_from_a_figure_to_its_release(site: ArchiveDatasette) -> None:
    for path, present in (("/search?q=a+%26+b&as_of=2&sort=date", "/search?q=a+%26+b&amp;sort=date"),
                          ("/release-2/documents?_size=1", "/archive/documents?_size=1"),
                          ("/release-2", "/archive")):  # fmt: skip
        assert f'<a href="{present}">The same of release 3</a>' in get(site, path).text, path
    page = get(site, "/search?q=plate&sort=date").text
    assert '<a href="/search?q=plate&amp;sort=date&amp;as_of=3">This search, as of release 3</a>' in page


def test_counts_belong_to_their_release(site: ArchiveDatasette) -> None:
    def pages(database: str) -> Any:
        told = get(site, f"/{database}.json").json()
        return {table["name"]: table["count"] for table in told["tables"]}["pages"]

    assert pages("archive") == pages("release-3") == pages("release-1")
    assert pages("release-2") < pages("archive")
    assert get(site, "/release-2/pages.json?_size=0").json()["filtered_table_rows_count"] == pages("release-2")


def test_what_leads_on_from_an_older_release_stays_with_it(site: ArchiveDatasette) -> None:
    page = get(site, "/search?q=plate&as_of=2").text
    present, *links = re.findall(r'href="(/search\?[^"]+)"', page)
    assert present == "/search?q=plate"
    assert links
    assert all("as_of=2" in link for link in links), links
    assert '<input type="hidden" name="as_of" value="2">' in page
    assert "as_of=2" in re.findall(r'href="(/search\.json[^"]*)"', page)[0]


UNKNOWN = ["/release-9", "/release-9/documents.json", "/search?q=x&as_of=9", "/search.json?as_of=9", "/d/x?as_of=1e3",
           "/search?as_of=two", "/search.json?as_of=-1", "/search?as_of=0", "/search?as_of=9999999999999"]  # fmt: skip


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_or_pruned_release_is_told(site: ArchiveDatasette, path: str) -> None:
    answer = get(site, path)
    assert answer.status_code == 404
    assert "No such release" in answer.text
    assert str(site.serving.releases.archive) not in answer.text if site.serving else True
    if ".json" in path:
        assert answer.json()["ok"] is False


def test_rs_08_a_figure_as_of_a_release_is_the_same_after_later_ones(releases: Releases) -> None:
    site = site_of(releases)
    asked = ["/search.json?q=plate&as_of=2", "/search.json?q=%22license+plate%22&as_of=2&collection=News",
             "/release-2.json?sql=select+count(*)+from+pages", "/release-2/documents.json?_size=2",
             "/release-2/pages.json?_search=plate&_facet=document", f"/d/{PIA}.json?as_of=2"]  # fmt: skip
    figures = [_figures(site, path) for path in asked]
    for number in range(4, 10):
        publish(releases, number, f"DELETE FROM pages WHERE number > {number % 3}")
        assert [_figures(site, path) for path in asked] == figures
    assert get(site, "/").headers["oversight-release"] == "9"
    figure("RS-08", figures=len(asked), later_releases=6, different=0)


def _figures(site: ArchiveDatasette, path: str) -> Any:
    """Return an answer's data, without what no two answers have in common."""
    told = get(site, path).json()
    return {name: value for name, value in told.items() if name not in {"query_ms", "citation"}}


def test_an_older_release_that_is_made_again_is_followed(releases: Releases) -> None:
    site = site_of(releases)
    assert get(site, "/search.json?q=plate&as_of=1").json()["total"] == 3
    publish(releases, 1, "DELETE FROM pages WHERE document <> 'x'", "DELETE FROM documents", current=False)
    assert get(site, "/search.json?q=plate&as_of=1").json()["total"] == 0
    publish(releases, 3, "UPDATE documents SET title = 'made again'")
    assert "made again" in get(site, f"/d/{PIA}").text, "the current one is, too"


def test_an_older_release_that_is_broken_is_told_and_costs_the_others_nothing(releases: Releases) -> None:
    site = site_of(releases)
    whole = releases.database(1).read_bytes()
    releases.database(1).write_bytes(whole[:-1])
    for path in ("/search.json?q=plate&as_of=1", "/release-1/documents"):
        answer = get(site, path)
        assert answer.status_code == 503
        assert "Other releases can be read" in answer.text
    assert get(site, "/search.json?q=plate&as_of=2").status_code == 200
    releases.database(1).write_bytes(whole)
    assert get(site, "/release-1/documents").status_code == 200


@pytest.mark.parametrize("harm", ["half a file", "another's manifest", "no file", "nonsense named", "none named"])
def test_rs_03_a_release_that_is_not_what_it_says_never_takes_the_place(releases: Releases, harm: str) -> None:
    site = site_of(releases)
    publish(releases, 4, current=False)
    if harm == "half a file":
        releases.database(4).write_bytes(releases.database(4).read_bytes()[:5000])
    elif harm == "another's manifest":
        releases.manifest_path(4).write_text(
            releases.manifest_path(3).read_text().replace('"number": 3', '"number": 4')
        )
    elif harm == "no file":
        releases.database(4).unlink()
    named = {"nonsense named": b"four\n", "none named": None}.get(harm, b"4\n")
    releases.put(releases.folder / "current", named) if named else (releases.folder / "current").unlink()
    for path in ADDRESSES:
        assert get(site, path).headers["oversight-release"] == "3", path
    told = get(site, "/releases")
    assert "A newer release isn’t served." in told.text
    assert "oversight release build" in told.text
    assert str(releases.archive) not in told.text
    assert get(site, "/releases.json").json()["refused"]
    with pytest.raises(ReleaseRefused, match="oversight release build"):
        site_of(releases)
    publish(releases, 5)
    assert get(site, "/").headers["oversight-release"] == "5"
    assert get(site, "/releases.json").json()["refused"] == ""
    figure("RS-03", harm=harm, served_wrongly=0)


def test_one_release_can_be_served_whatever_is_the_newest(releases: Releases) -> None:
    site = site_of(releases, only=2)
    publish(releases, 4)
    answer = get(site, "/archive/documents.json")
    assert answer.headers["oversight-release"] == "2"
    assert "[of 2]" in answer.text
    publish(releases, 2, "UPDATE documents SET title = 'made again'")
    assert "made again" in get(site, "/archive/documents.json").text
    assert get(site, "/search.json?as_of=4").headers["oversight-release"] == "4"
    with pytest.raises(ReleaseRefused, match="There are: 1, 2, 3, 4"):
        site_of(releases, only=9)


def test_the_working_archive_is_shown_to_this_machine_only(releases: Releases) -> None:
    site = site_of(releases, working=True)
    publish(releases, 4)
    for path in (*ADDRESSES, "/nothing"):
        answer = get(site, path)
        assert answer.headers["oversight-release"] == "working"
        assert answer.headers["cache-control"].endswith("no-store")
        assert "[of " not in answer.text
        if "html" in answer.headers["content-type"]:
            assert "Working archive." in answer.text
        elif path.endswith(".json") and not path.startswith("/archive"):
            assert answer.json()["working"] is True
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-For": "192.0.2.1"}, {"Forwarded": "for=192.0.2.1"},
                    {"Host": "127.0.0.1.evil.example"}, {"Host": "localhost:8001@evil.example"}):  # fmt: skip
        answer = get(site, f"/d/{PIA}", headers=headers)
        assert answer.status_code == 403
        assert "plate" not in answer.text
    for host in ("127.0.0.1:8001", "localhost", "[::1]:8001"):
        assert get(site, "/", headers={"Host": host}).status_code == 200


def test_a_page_of_the_working_archive_is_of_one_state(releases: Releases) -> None:
    """A night that writes while a page asks changes nothing of that page, and all of the next."""
    path = releases.archive / CATALOGUE
    with closing(sqlite3.connect(path, check_same_thread=False)) as writer:
        assert writer.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
        site = site_of(releases, working=True)

        def titles(connection: sqlite3.Connection) -> list[Any]:
            return connection.execute("SELECT title FROM documents ORDER BY id").fetchall()

        def twice(connection: sqlite3.Connection) -> tuple[list[Any], list[Any]]:
            before = titles(connection)
            with writer:
                writer.execute("UPDATE documents SET title = title || ' (renamed)'")
            return before, titles(connection)

        async def asked(fn: Any) -> Any:
            assert site.serving is not None
            async with site.serving.pinned(None):
                return await site.get_database("archive").execute_fn(fn)

        before, after = asyncio.run(asked(twice))
        assert before == after != []
        assert all(title.endswith("(renamed)") for (title,) in asyncio.run(asked(titles)))


def test_the_list_of_releases(site: ArchiveDatasette, published: Releases) -> None:
    page, told = get(site, "/releases").text, get(site, "/releases.json").json()
    assert [row["number"] for row in told["releases"]] == [3, 2, 1]
    assert told["current"] == 3
    assert told["releases"][1]["more"]["pages"] == -1
    assert told["releases"][1]["timestamp"] is True
    for row in told["releases"]:
        assert row["manifest_sha256"] in page
        assert row["digest"] in page
        manifest = get(site, f"/releases/{row['number']}.json")
        assert manifest.content == published.manifest_path(row["number"]).read_bytes()
    assert "Release 3 <span" in page
    assert get(site, "/releases/2.tsr").content == b"a time-stamp"
    for path in ("/releases/1.tsr", "/releases/9.json", "/releases/0.json", "/releases/2.db", "/releases/current"):
        assert get(site, path).status_code == 404, path


def test_many_releases_are_leafed_through(releases: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.site.release_views.PAGE_SIZE", 2)
    site = site_of(releases)
    first, second = get(site, "/releases").text, get(site, "/releases?before=2").text
    assert re.findall(r'id="release-(\d+)"', first) == ["3", "2"]
    assert 'href="/releases?before=2"' in first
    assert re.findall(r'id="release-(\d+)"', second) == ["1"]
    assert 'rel="next"' not in second
    assert get(site, "/releases?before=x%27").status_code == 200
    assert len(get(site, "/releases.json").json()["releases"]) == 3


def test_what_was_withdrawn_since_is_counted(releases: Releases) -> None:
    table = "CREATE TABLE withdrawals (number INTEGER PRIMARY KEY, at TEXT, reason TEXT, undone TEXT)"
    rows = "INSERT INTO withdrawals VALUES (1, '2026-11-02T12:00:00Z', '', NULL), (2, '2026-11-04T12:00:00Z', '', ''), "
    publish(releases, 4, table, f"{rows} (3, '2026-11-04T12:00:00Z', '', '2026-11-05T00:00:00Z')")
    told = get(site_of(releases), "/releases.json").json()
    assert {row["number"]: row["withdrawn_since"] for row in told["releases"]} == {4: 0, 3: 1, 2: 1, 1: 2}


FORGED = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "192.0.2.1",
    "Forwarded": "host=evil.example;proto=https",
    "X-Forwarded-Prefix": "/evil.example",
    "X-Original-Host": "evil.example",
}
HOSTED = [*ADDRESSES, "/nothing", "/d/", "/d/nope/", "/archive/documents/", "/n/PIA-039(a)", f"/d/{PIA}/p1",
          f"/cite?url={PIA_URL}", f"/cite.json?url={PIA_URL}", "/archive/documents.json?_size=1&_facet=collection",
          "/archive/documents?_size=1&_facet=collection&_sort_desc=id", f"/archive/documents/{PIA}.json",
          "/archive/documents.csv?_size=1", "/archive.csv?sql=select+x'00ff'+as+b", "/release-2/documents.json?_size=1",
          "/archive/pages?_search=plate", "/-/metadata.json", "/-/versions", "/archive/documents%2f/", "/releases.json",
          "/:memory:", "/-/config", "/archive/no%20such"]  # fmt: skip


@pytest.mark.parametrize("path", HOSTED)
def test_xs_15_no_address_comes_from_the_request(site: ArchiveDatasette, path: str) -> None:
    answer = get(site, path, headers=FORGED)
    told = answer.text + repr(answer.headers)
    assert "evil.example" not in told
    assert "localhost" not in told
    assert not re.match(r"(https?:)?//|/\\", answer.headers.get("location", "/"))


def test_xs_15_next_pages_have_the_public_address_or_none(published: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/archive/documents.json?_size=1&_facet=collection"
    told = get(site_of(published), path, headers=FORGED).json()
    assert told["next_url"].startswith("/archive/documents.json?_size=1")
    monkeypatch.setenv("ARCHIVE_ADDRESS", "https://archive.example/")
    public = site_of(published)
    told = get(public, path, headers=FORGED).json()
    assert told["next_url"].startswith("https://archive.example/archive/documents.json?")
    assert told["facet_results"]["collection"]["results"][0]["toggle_url"].startswith(
        "https://archive.example/archive/"
    )
    page = get(public, path.replace(".json", ""), headers=FORGED)
    assert "https://archive.example/archive" not in page.text, "on pages a path is enough, wherever they are looked at"
    blob = get(public, "/archive.csv?sql=select+x'00ff'+as+b").text
    assert "https://archive.example/archive.blob?" in blob


def test_xs_15_a_whole_address_in_place_of_a_path_leads_nowhere(site: ArchiveDatasette) -> None:
    for raw in (b"http://evil.example/", b"evil.example/"):
        scope = {"type": "http", "method": "GET", "path": raw.decode(), "raw_path": raw, "query_string": b"",
                 "headers": [(b"host", b"x")], "scheme": "http"}  # fmt: skip
        sent: list[Any] = []

        async def ask(scope: Any = scope, sent: list[Any] = sent) -> None:
            async def send(message: Any) -> None:
                sent.append(message)

            await site.client.app(scope, None, send)

        asyncio.run(ask())
        assert sent[0]["status"] == 404


def test_wd_12_answers_are_asked_for_anew_and_cheaply(releases: Releases) -> None:
    site = site_of(releases)
    for path in ADDRESSES:
        answer = get(site, path + ("&" if "?" in path else "?") + "_ttl=31536000")
        assert answer.headers["cache-control"] in {"no-cache", "private, no-store"}, path
    for path in ("/nothing", "/archive/nothing", "/d/nope", "/release-99"):
        assert get(site, path).headers["cache-control"] == "no-cache"
    first = get(site, f"/d/{PIA}")
    held = {"If-None-Match": first.headers["etag"]}
    again = get(site, f"/d/{PIA}", headers=held)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["oversight-release"] == "3"
    assert "content-security-policy" in again.headers
    publish(releases, 4, "UPDATE documents SET title = 'Another title'")
    assert "Another title" in get(site, f"/d/{PIA}", headers=held).text
    old = get(site, f"/d/{PIA}?as_of=3", headers=held)
    assert old.status_code == 304, "what was release 3's is release 3's"
    assert "etag" not in get(site, "/archive/documents").headers
    assert "etag" not in get(site, "/releases").headers
    assert get(site, "/-/oversight/site.css").headers["cache-control"] == "public, max-age=3600"


def test_who_the_archive_is(published: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = get(site_of(published), "/about")
    assert "none is set" in plain.text
    monkeypatch.setenv("ARCHIVE_NAME", "Plates <Watch>\n ")
    monkeypatch.setenv("ARCHIVE_CONTACT", "https://archive.example/contact")
    monkeypatch.setenv("ARCHIVE_ADDRESS", "https://archive.example")
    site = site_of(published)
    for path in ("/", "/about", "/nothing", "/archive/documents", "/search?q=plate"):
        page = get(site, path).text
        assert "Plates &lt;Watch&gt;" in page, path
        assert 'href="https://archive.example/contact"' in page, path
    assert "<title>About · Plates &lt;Watch&gt;</title>" in get(site, "/about").text
    told = get(site, "/about.json").json()
    assert (told["name"], told["contact"], told["address"], told["release"]) == (
        "Plates <Watch>", "https://archive.example/contact", "https://archive.example", 3,
    )  # fmt: skip
    monkeypatch.setenv("ARCHIVE_CONTACT", "javascript:alert(1)")
    assert 'href="javascript' not in get(site_of(published), "/about").text
