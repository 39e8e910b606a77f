"""The site's pages through Datasette's own client: the story end to end, look-ups, data, and the sample's mark."""

from __future__ import annotations

import copy
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette
from datasette.plugins import pm

from archive.catalog.opening import open_catalogue
from archive.release import leaves, searching, shown, withheld
from archive.release.tables import INDEXES
from archive.research.asking import ask
from archive.research.filters import Filters
from archive.site import plugin
from archive.site.rendering import with_code
from archive.watches import public
from tests.asking_the_site import METADATA, METADATA_FILE, OUR_PATHS, THEIR_PATHS, address_of, get, open_site
from tests.catalogue_rows import AWARD, PIA, PIA_URL, SCAN, STORY, make_catalogue


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    return open_site(make_catalogue(tmp_path_factory.mktemp("site") / "archive.db"))


OF_A_RELEASE = withheld.TABLES + leaves.TABLE + shown.TABLE + searching.TABLES + public.TABLES


def test_front_page(site: Datasette) -> None:
    page = get(site, "/")
    assert page.status_code == 200
    for part in ("Use of Plate Readers", "Privacy impact assessments", "sources</a>", 'role="search"'):
        assert part in page.text


def test_metadata_describes_every_table_and_column(tmp_path: Path) -> None:
    with closing(open_catalogue(tmp_path / "archive.db")) as connection:
        connection.executescript(OF_A_RELEASE)
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        shadows = tuple(
            f"{index}_{part}" for index in INDEXES for part in ("data", "idx", "content", "docsize", "config")
        )
        held = {
            name: [row[1] for row in connection.execute(f'PRAGMA table_xinfo("{name}")') if row[6] != 1]
            for name in names
            if name not in shadows
        }
    described = METADATA["databases"]["archive"]["tables"]
    assert {name: sorted(table["columns"]) for name, table in described.items()} == {
        name: sorted(columns) for name, columns in held.items()
    }
    for name, table in described.items():
        assert table["title"], name
        assert table["description"], name
        assert all(table["columns"].values()), name
        assert set(table.get("facets", [])) <= set(held[name])
        assert {table[key] for key in ("sort_desc", "label_column") if key in table} <= set(held[name])


def test_what_is_missing_is_told_apart_from_what_is_held(site: Datasette) -> None:
    version = address_of(site, PIA)
    for path, says in {
        "/d/no-such-document": "no document at this address",
        f"/d/{PIA}@0000000000": "no version of it whose digest begins with “0000000000”",
        f"{version}/p999": "page 999 isn’t one of them",
    }.items():
        page = get(site, path)
        assert page.status_code == 404, path
        assert says in page.text, path
        assert (f'href="/d/{PIA}' in page.text) == (PIA in path), path


def test_a_page_without_letters_says_so_and_leads_to_the_original(site: Datasette) -> None:
    page = get(site, f"{address_of(site, SCAN)}/p1")
    assert "a picture of text" in page.text
    assert "See the original" in page.text
    assert "Mark words" not in page.text, "there is nothing to mark"


def test_commands_in_running_text_stand_as_code() -> None:
    assert with_code("hand it in with `oversight <x>`") == "hand it in with <code>oversight &lt;x&gt;</code>"


OF_THE_SAMPLE = {"awards_by_vendor_and_year", "money_by_vendor", "delisted_in_month", "versions_of_document",
                 "changes_by_week", "largest_changes"}  # fmt: skip


@pytest.mark.parametrize("name", list(METADATA["databases"]["archive"]["queries"]))
def test_canned_queries_answer(site: Datasette, name: str) -> None:
    page = get(site, f"/archive/{name}.json?_shape=array&words=license+plate&number=DHS/ICE/PIA-039(a)"
                     "&component=ice&name=west&address=dhs")  # fmt: skip
    assert page.status_code == 200, page.text
    # Of what this catalogue has no rows the sample is asked (test_archive_site_awards, test_archive_site_dashboard).
    if name not in {"failures", "delisted", "contracts_of", "scope_added", "quoted_by_the_press", *OF_THE_SAMPLE}:
        assert page.json(), name


def test_the_story_from_search_to_what_refers_to_the_page(site: Datasette) -> None:
    results = get(site, "/search?q=license+plate").text
    link = re.search(r'href="(/d/dhs-ice-pia-039a@[0-9a-f]{10}/p2)\?q=license\+?(%20)?plate#hit"', results)
    assert link, results
    assert "<mark>license</mark> <mark>plate</mark>" in results
    page = get(site, link[1] + "?q=license+plate")
    assert '<mark id="hit">license plate</mark> data' in page.text
    assert "<mark>license\nplate</mark> reader" in page.text
    assert "December 27, 2017" in page.text
    assert f"{link[1]}, accessed 20" in page.text, "the citation gives the page's own address"
    document = get(site, f"/d/{PIA}").text
    referring = document[document.index('id="referred-by"') : document.index('id="refers-to"')]
    assert f'href="/d/{STORY}"' in referring
    assert f'href="/d/{AWARD}"' in referring
    award = get(site, f"/d/{AWARD}").text
    assert f'href="/d/{STORY}"' in award[award.index('id="referred-by"') : award.index('id="refers-to"')]
    assert f'href="/d/{PIA}"' in award[award.index('id="refers-to"') :]


def test_document_page_tells_what_is_known(site: Datasette) -> None:
    page = get(site, f"/d/{PIA}").text
    digest = get(site, f"/d/{PIA}.json").json()["version"]["sha256"]
    for part in (digest, "DHS/ICE/PIA-039(a)", "listed", "https://www.dhs.gov/pias", "DHS/ICE-011", "Version 1"):
        assert part in page
    assert page.count("<h1") == 1
    assert 'href="#main"' in page
    scan = get(site, f"/d/{SCAN}").text
    assert "June 2018" in scan
    assert "(to the month)" in scan
    assert "taken off its list" in scan
    assert "no text layer" in scan
    story = get(site, f"/d/{STORY}").text
    assert "Example Outlet · A Reporter" in story
    award = get(site, f"/d/{AWARD}").text
    assert "West Publishing Corporation" in award
    assert "6,100,000" in award, "what the modification changed"


def test_a_version_keeps_its_own_page(site: Datasette) -> None:
    older = get(site, address_of(site, PIA, 1))
    assert older.status_code == 200
    assert "This is version 1 of 2" in older.text
    assert "This is version" not in get(site, address_of(site, PIA)).text
    digest = get(site, f"/d/{PIA}.json").json()["versions"][1]["digest"]
    assert get(site, f"/d/{PIA}@{digest}").status_code == 200
    assert "An older text" in get(site, address_of(site, PIA, 1) + "/p2").text


def test_pages_lead_to_their_neighbours(site: Datasette) -> None:
    page = get(site, address_of(site, PIA) + "/p2?q=five").text
    assert f'rel="prev" href="{address_of(site, PIA)}/p1?q=five"' in page
    assert f'rel="next" href="{address_of(site, PIA)}/p3?q=five"' in page
    assert "Not on this page" in get(site, address_of(site, PIA) + "/p1?q=five").text


def test_data_and_text(site: Datasette) -> None:
    record = get(site, f"/d/{PIA}.json")
    assert record.headers["content-type"].startswith("application/json")
    facts = record.json()
    assert (facts["id"], facts["identifier"], facts["version"]["ordinal"]) == (PIA, "DHS/ICE/PIA-039(a)", 2)
    assert {row["document"] for row in facts["referred_by"]} == {AWARD, STORY}
    assert [page["number"] for page in facts["pages"]] == [1, 2, 3]
    page = get(site, address_of(site, PIA) + "/p2.json").json()
    assert page["page"]["text"].startswith("ICE may query")
    text = get(site, f"/d/{PIA}.txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "----- page 2 -----\n\nICE may query" in text.text
    assert "Assessment for" not in get(site, address_of(site, PIA) + "/p2.txt").text


def test_search_json_is_what_search_gives(site: Datasette) -> None:
    answer = get(site, "/search.json?q=%22license+plate%22&collection=News").json()
    with closing(open_catalogue(Path(site.databases["archive"].path))) as connection:
        asked = ask(connection, '"license plate"', given=Filters(collections=("News",)))
    assert answer == json.loads(json.dumps(asked))


@pytest.mark.parametrize(
    "spelling",
    ["DHS/ICE/PIA-039(a)", "DHS%2FICE%2FPIA-039%28a%29", "PIA-039(a)", "pia%20039(a)", "PIA039a", "dhs-ice-pia-039a/"],
)
def test_numbers_lead_to_the_document(site: Datasette, spelling: str) -> None:
    page = get(site, f"/n/{spelling}")
    assert (page.status_code, page.headers["location"]) == (302, f"/d/{PIA}")


def test_numbers_that_lead_nowhere_say_what_was_looked_for(site: Datasette) -> None:
    unheld = get(site, "/n/DHS/TSA/PIA-001")
    assert unheld.status_code == 404
    assert "DHS/TSA/PIA-001" in unheld.text
    cited = get(site, "/n/DHS/ICE-011")
    assert cited.status_code == 404
    assert f'href="/d/{PIA}"' in cited.text, "who refers to a number that isn't held"
    nonsense = get(site, "/n/hello%20world")
    assert nonsense.status_code == 404
    assert "hello world" in nonsense.text
    assert get(site, "/n").status_code == 200
    assert get(site, "/n?number=PIA-039(a)").status_code == 302


def test_look_up_by_original_address(site: Datasette) -> None:
    held = get(site, "/cite", params={"url": PIA_URL.replace("https://www.", "http://") + "?utm_source=x"})
    assert held.status_code == 200
    assert f'href="/d/{PIA}"' in held.text
    absent = get(site, "/cite", params={"url": "https://www.dhs.gov/absent"})
    assert absent.status_code == 404
    assert "holds no document" in absent.text
    assert "isn’t an address of the web" in get(site, "/cite", params={"url": "javascript:alert(1)"}).text
    assert get(site, "/cite").status_code == 200
    assert get(site, "/cite.json", params={"url": PIA_URL}).json()["documents"][0]["id"] == PIA


def test_old_ids_are_redirected_for_good(site: Datasette) -> None:
    page = get(site, "/d/pia-039a-old")
    assert (page.status_code, page.headers["location"]) == (301, f"/d/{PIA}")
    tail = address_of(site, PIA).partition("@")[2]
    assert get(site, f"/d/pia-039a-old@{tail}/p2.json").headers["location"] == f"/d/{PIA}@{tail}/p2.json"
    assert get(site, f"/d/{PIA.upper()}").headers["location"] == f"/d/{PIA}"
    moved = get(site, f"/d/{PIA}/p2?q=five+years")
    assert moved.headers["location"] == f"{address_of(site, PIA)}/p2?q=five%20years"


def test_the_sample_is_marked_everywhere(tmp_path: Path) -> None:
    marked = open_site(make_catalogue(tmp_path / "archive.db", sample=True))
    for path in OUR_PATHS + THEIR_PATHS + [f"/d/{PIA}/p2", "/n/PIA-999", "/-/nothing", "/-/metadata"]:
        page = get(marked, path, follow_redirects=True)
        if "text/html" in page.headers["content-type"]:
            assert "was written for the sample" in page.text, path
    for path in (f"/d/{PIA}.json", "/search.json?q=plate", f"/cite.json?url={PIA_URL}"):
        assert get(marked, path).json()["sample_notice"]
    assert "[Sample:" in get(marked, f"/d/{PIA}.txt").text
    assert "[Sample:" in get(marked, f"/d/{PIA}.json").json()["citation"]


def test_the_sample_is_not_claimed_of_a_real_archive(site: Datasette) -> None:
    for path in ("/", f"/d/{PIA}", "/archive"):
        assert "was written for the sample" not in get(site, path).text


def test_a_datasette_without_an_archive_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "search.db")) as connection:
        connection.execute("CREATE TABLE sources (name TEXT)")
    if not pm.is_registered(plugin):
        pm.register(plugin)
    other = Datasette([str(tmp_path / "search.db")])
    assert "search" in get(other, "/").text
    assert get(other, "/search").status_code == 200
    assert "sources" in get(other, "/search").text
    assert "content-security-policy" not in get(other, "/").headers
    assert get(other, "/d/x").status_code == 404
    assert "Oversight" not in get(other, "/d/x").text


@pytest.mark.parametrize(
    ("set_to", "shown"),
    [("https://archive.example", "https://archive.example/d/"), ("javascript:x", "/d/"), ("", "/d/")],
)
def test_the_public_address_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, set_to: str, shown: str
) -> None:
    monkeypatch.delenv("ARCHIVE_ADDRESS", raising=False)
    if set_to:
        monkeypatch.setenv("ARCHIVE_ADDRESS", set_to)
    public = open_site(make_catalogue(tmp_path / "archive.db"))
    assert f", {shown}{PIA}@" in get(public, f"/d/{PIA}.json").json()["citation"]


def test_an_articles_citation_names_its_outlet_and_no_time_of_day(site: Datasette) -> None:
    told = get(site, f"/d/{STORY}.json").json()
    assert told["article"]["outlet"] in told["citation"]
    assert "T" not in told["citation"].split(", version")[0].rpartition(", ")[2]


def test_the_public_address_is_a_setting_and_never_the_hosts_word(tmp_path: Path) -> None:
    path = make_catalogue(tmp_path / "archive.db")
    metadata = {**copy.deepcopy(METADATA), "plugins": {"oversight": {"address": "https://archive.example/"}}}
    public = Datasette([str(path)], metadata=metadata)
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    for address in (f"/d/{PIA}", f"/d/{PIA}.json", f"/d/{PIA}/p1"):
        assert "evil.example" not in get(public, address, headers=headers, follow_redirects=True).text
    assert f"https://archive.example/d/{PIA}@" in get(public, f"/d/{PIA}.json").json()["citation"]
    paged = get(public, "/archive/documents.json?_size=1", headers=headers).json()
    assert paged["next_url"].startswith("https://archive.example/archive/documents.json?_size=1&_next=")
    assert "evil.example" not in get(public, "/archive/documents?_size=1&_facet=kind", headers=headers).text
    assert get(public, "/search?q=plate&as_of=1").status_code == 404, "it has one file, and no releases"


def test_datasette_as_everybody_knows_it_shows_the_site(tmp_path: Path) -> None:
    path = make_catalogue(tmp_path / "archive.db")
    command = [sys.executable, "-m", "datasette", str(path), "-m", str(METADATA_FILE), "--get"]
    page = subprocess.run([*command, f"/d/{PIA}"], capture_output=True, text=True, timeout=60, check=True)
    assert "Use of Plate Readers" in page.stdout
    rows = subprocess.run(
        [*command, "/archive/documents.json?_shape=array"], capture_output=True, text=True, timeout=60, check=True
    )
    assert {row["id"] for row in json.loads(rows.stdout)} == {PIA, AWARD, STORY, SCAN}


def test_sqlite_utils_searches_the_pages(tmp_path: Path) -> None:
    path = make_catalogue(tmp_path / "archive.db")
    command = [sys.executable, "-m", "sqlite_utils", "search", str(path), "pages", "license plate"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout)
    assert {row["document"] for row in found} == {PIA, STORY}
