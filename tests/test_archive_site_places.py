"""By place: a filter, a facet and a look-up; of an article only places that stand in what is published of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.catalog.opening import open_catalogue
from archive.catalog.place_rows import sync_places
from archive.release.build import copy_published
from archive.release.policies import AS_PUBLISHED, Policies
from archive.release.withheld import Withheld
from archive.research.asking import ask
from archive.research.by_place import read_place
from archive.site.server import open_archive
from tests.asking_the_site import get
from tests.catalogue_rows import PIA, STORY, Rows, make_catalogue
from tests.demo_archive import DemoArchive


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = make_catalogue(tmp_path / "archive.db")
    with closing(open_catalogue(path)) as connection:
        rows = Rows(connection)
        rows.page_ids = 100
        with connection:
            rows.document("guide", "dhs_pia", ["Police in Tiburon, California.", "San Diego County and Boise, Idaho."])
            story = "SELECT newest_version FROM documents WHERE id = ?"
            version = connection.execute(story, (STORY,)).fetchone()[0]
            connection.execute(
                "UPDATE pages SET text = 'The police of Reno, Nevada, said it. ' || ? || ' It goes on in Guam.'"
                " WHERE version = ?", ("They keep plates for long. " * 40, version)
            )  # fmt: skip
            connection.execute("INSERT OR IGNORE INTO texts(version, made_of) SELECT id, 'made' FROM versions")
            sync_places(connection)
        yield connection


def names(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute("SELECT * FROM page_places ORDER BY version, page, place")]


def test_filters_and_a_facet(catalogue: sqlite3.Connection) -> None:
    for question in ("police state:CA", 'place:"San Diego County"', "place:tiburon", "state:california"):
        assert [row["id"] for row in ask(catalogue, question)["results"]] == ["guide"], question
    assert ask(catalogue, "police -state:CA")["total"] == 1
    found = ask(catalogue, "police")
    assert {one["value"]: one["documents"] for one in found["facets"]["state"]} == {
        "California": 1, "Idaho": 1, "Nevada": 1, "Guam": 1}  # fmt: skip
    assert "Nearest" in ask(catalogue, "state:Californa")["notes"][0]


def test_only_new_text_is_looked_through_and_the_rows_are_the_same(catalogue: sqlite3.Connection) -> None:
    before, ticks = names(catalogue), list[int]()
    sync_places(catalogue, lambda: ticks.append(1))
    assert (names(catalogue), len(ticks)) == (before, 0)
    with catalogue:
        catalogue.execute("UPDATE texts SET made_of = 'anew' WHERE version IN (SELECT min(version) FROM texts)")
        sync_places(catalogue, lambda: ticks.append(1))
    assert len(ticks) == 1
    with catalogue:
        catalogue.execute("DELETE FROM placed")
        catalogue.execute("DELETE FROM page_places")
        catalogue.execute("DELETE FROM places")
        sync_places(catalogue)
    assert names(catalogue) == before


def test_a_place_with_its_documents_and_pages(catalogue: sqlite3.Connection) -> None:
    place = read_place(catalogue, "us-ca-tiburon")
    assert place is not None
    assert [(row["id"], [page["number"] for page in row["pages"]]) for row in place["documents"]] == [("guide", [1])]
    state = read_place(catalogue, "us-ca")
    assert state is not None
    assert {one["id"] for one in state["within"]} == {"us-ca-tiburon", "us-ca-san-diego-county"}
    assert read_place(catalogue, "us-nv-las-vegas") is None


def test_an_article_tells_only_what_stands_in_its_excerpt(catalogue: sqlite3.Connection, tmp_path: Path) -> None:
    def of_story(policies: Policies, withheld: Withheld, name: str) -> set[str]:
        copy_published(catalogue, tmp_path / name, policies, withheld)
        with closing(sqlite3.connect(tmp_path / name)) as release:
            told = {row[0] for row in release.execute("SELECT place FROM page_places WHERE document = ?", (STORY,))}
            held = {row[0] for row in release.execute("SELECT id FROM places")}
        assert told <= held
        return told

    everything = {"us-nv", "us-nv-reno", "us-gu"}
    assert of_story(AS_PUBLISHED, Withheld(), "1.db") == everything, "the control"
    assert not of_story(Policies({}), Withheld(), "2.db") & everything
    versions = frozenset(row[0] for row in catalogue.execute("SELECT id FROM versions WHERE document = 'guide'"))
    out = Withheld(documents=frozenset({"guide"}), versions=versions)
    assert of_story(AS_PUBLISHED, out, "3.db") == everything
    with closing(sqlite3.connect(tmp_path / "3.db")) as release:
        assert not release.execute("SELECT count(*) FROM places WHERE id LIKE 'us-ca%'").fetchone()[0]


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> Datasette:
    return open_archive(demo_made.path)


def test_the_look_up_on_the_site(site: Datasette) -> None:
    listed = get(site, "/places.json?q=Eagan").json()["places"]
    assert [one["id"] for one in listed] == ["us-mn-eagan"]
    page = get(site, "/places").text
    assert 'href="/places/us-mn-eagan"' in page
    place = get(site, "/places/us-mn-eagan").text
    assert "/d/" in place
    assert get(site, "/places/us-mn-eagan.json").json()["total"] == listed[0]["documents"]
    assert get(site, "/places/us-zz-nowhere").status_code == 404
    found = get(site, "/search.json?state=Minnesota").json()
    assert found["total"] == get(site, "/places/us-mn.json").json()["total"]
    assert any(one["value"] == "Minnesota" for one in found["facets"]["state"])
    assert get(site, f"/d/{PIA}").status_code == 200
