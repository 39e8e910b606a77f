"""Bounded absence on the site and as a command: stated, pinned to a release, linked from where nothing is found."""

from __future__ import annotations

import html
import json

import pytest
from datasette.app import Datasette

from archive.site.server import open_archive
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive, oversight


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> Datasette:
    return open_archive(demo_made.path)


def test_a_search_that_finds_nothing_leads_to_the_statement(site: Datasette) -> None:
    page = get(site, "/search?q=submarine&kind=article").text
    assert 'href="/absence?q=submarine&amp;kind=article"' in page
    assert "/absence" not in get(site, "/search?q=plate").text


def test_the_statement_can_be_cited_and_asked_again(site: Datasette) -> None:
    told = get(site, "/absence.json?q=submarine").json()
    assert told["outcome"] == "absent"
    assert told["address"] == "/absence?q=submarine&as_of=1"
    assert told["sentence"] in told["citation"]
    assert told["citation"].endswith(told["address"])
    again = get(site, told["address"].replace("/absence?", "/absence.json?")).json()
    assert again == told
    page = get(site, told["address"]).text
    assert html.escape(told["sentence"]) in page
    assert 'data-copy="#absence-citation"' in page
    assert told["caution"] in html.unescape(page)


def test_what_matches_is_linked_and_nothing_is_stated(site: Datasette) -> None:
    page = get(site, "/absence?q=%22license+plate%22").text
    assert "absence-sentence" not in page
    assert 'href="/search?q=%22license+plate%22"' in page
    assert page.count("/d/") >= 5
    told = get(site, "/absence.json?q=%22license+plate%22").json()
    assert (told["outcome"], told["citation"]) == ("found", "")


def test_the_command_answers_with_its_exit_status(demo_made: DemoArchive) -> None:
    done = oversight("absence", "PIA-077", "--json", "--archive", demo_made.path)
    told = json.loads(done.stdout)
    assert (done.returncode, told["outcome"], told["release"]) == (0, "absent", 1)
    assert told["identifiers"] == {"PIA-077": ["PIA-077"]}
    assert oversight("absence", "plate", "--archive", demo_made.path).returncode == 1
    unsaid = oversight("absence", "xylo*", "--working", "--archive", demo_made.path)
    assert unsaid.returncode == 2
    assert "Write the words out" in unsaid.stdout
