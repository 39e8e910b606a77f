"""The page of an award: its history as a table, a mark where scope was added, and the record of each action."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest
from datasette.app import Datasette

from tests.asking_the_site import get, open_site
from tests.evidence import World
from tests.test_archive_catalog_awards import FUNDED, LPR, MADE, SUMMARY, WIDENED, action, captured

AWARD = "contract-70cdcr18p00000017"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    path = tmp_path_factory.mktemp("site") / "archive.db"
    taken_back = action(
        "P00003", "2018-04-02", "(1,234.5)", action_code="M", action_type="OTHER <ADMINISTRATIVE> ACTION"
    )
    world = World(captured(1, SUMMARY, MADE, FUNDED, WIDENED, taken_back)).settle()
    with closing(sqlite3.connect(path)) as file:
        world.connection.backup(file)
    return open_site(path)


def rows_of(text: str) -> list[list[str]]:
    (table,) = re.findall(r'<table class="actions">.*?</table>', text, re.DOTALL)
    cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in table.split("<tr")[2:]]
    return [[" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_the_history_is_a_table_with_a_mark_where_scope_was_added(site: Datasette) -> None:
    page = get(site, f"/d/{AWARD}")
    assert page.status_code == 200
    words = "IGF::CL::IGF ACCESS TO LICENSE PLATE READER DATABASE"
    assert rows_of(page.text) == [
        ["December 22, 2017", "0", "The award itself", "961,000.00", words],
        ["January 24, 2018", "P00001", "FUNDING ONLY ACTION", "450,000.00", words],
        ["March 1, 2018", "P00002", f"{WIDENED.record['action_type']} adds scope; description changed",
         "444,000.00", "ACCESS TO A DATABASE AND ALERTS"],
        ["April 2, 2018", "P00003", "OTHER &lt;ADMINISTRATIVE&gt; ACTION description changed", "-1,234.50", words],
    ]  # fmt: skip
    assert '<a href="#actions">4 actions</a>' in page.text


def test_each_action_has_its_own_page_and_record(site: Datasette) -> None:
    data = get(site, f"/d/{AWARD}.json").json()
    assert [row["modification"] for row in data["actions"]] == ["0", "P00001", "P00002", "P00003"]
    assert data["award"]["modification"] == "P00003"
    widened = get(site, data["actions"][2]["address"])
    assert widened.status_code == 200
    assert "What modification P00002 says, as printed" in widened.text
    assert "WEST PUBLISHING CORPORATION" in widened.text
    assert "adds scope" in widened.text


def test_questions_about_awards(site: Datasette) -> None:
    done = get(site, "/archive/contracts_of.json?_shape=array&name=west").json()
    assert [(row["modification"], row["obligated"]) for row in done] == [
        ("0", "961000.00"), ("P00001", "450000.00"), ("P00002", "444000.00"), ("P00003", "-1234.50")
    ]  # fmt: skip
    added = get(site, "/archive/scope_added.json?_shape=array").json()
    assert [row["modification"] for row in added] == ["P00003", "P00002"]


@pytest.mark.parametrize("asked", [LPR, LPR.lower(), "70CDCR18P00000017", "70CDCR-18-P-00000017"])
def test_its_numbers_lead_to_it(site: Datasette, asked: str) -> None:
    page = get(site, f"/n/{asked}", follow_redirects=True)
    assert page.status_code == 200
    assert f"/d/{AWARD}" in str(page.url)


def test_its_address_at_the_publisher_leads_to_it(site: Datasette) -> None:
    page = get(site, f"/cite?url=https://www.usaspending.gov/award/{LPR}", follow_redirects=True)
    assert AWARD in page.text
    found = get(site, '/search.json?q="license plate reader database"').json()
    assert [row["id"] for row in found["results"]] == [AWARD]
