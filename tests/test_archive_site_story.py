"""A document's story on its page: one picture that needs no script and no colour, the same as a table and as data."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from datasette.app import Datasette

import oversight
from archive.site.story_picture import WORDS, picture
from tests.asking_the_site import get, open_site
from tests.demo_archive import DemoArchive, rows

FILES = "https://www.dhs.gov/sites/default/files/publications"
# What became of each of the sample's papers, in the order of time.
STORIES = {
    f"{FILES}/sample-keeping-plate-records.pdf": ["new", "renamed"],
    "https://www.dhs.gov/xlibrary/assets/privacy/sample-logs-of-searches.pdf": ["new", "moved"],
    f"{FILES}/sample-where-cameras-stand.pdf": ["new", "replaced", "renamed"],
    "https://www.dhs.gov/publication/sample-papers-privacy-office": ["new", "replaced", "replaced", "renamed"],
    f"{FILES}/sample-misread-plates.pdf": ["new", "re-saved", "replaced"],
    f"{FILES}/sample-telling-drivers.pdf": ["new", "delisted", "listed again"],
    f"{FILES}/sample-sharing-between-towns.pdf": ["new", "gone", "back"],
    f"{FILES}/sample-drafts.pdf": ["new", "unlisted", "listed"],
    f"{FILES}/sample-plate-searches-2017.pdf": ["new", "delisted"],
    f"{FILES}/sample-plate-searches-2018.pdf": ["new"],
    f"{FILES}/privacy-pia-uscis-elis-may2016.pdf": ["new", "replaced"],
    f"{FILES}/privacy_pia_CBP_BSS_August2014.pdf": ["new", "unlisted"],
}


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> Datasette:
    return open_site(demo_made.path / "archive.db")


def document_at(path: Path, url: str) -> str:
    ((document,),) = rows(path, "SELECT DISTINCT document FROM addresses WHERE url = ?", url)
    return str(document)


@pytest.mark.parametrize("url", STORIES)
def test_each_story_of_the_sample_is_told(demo_made: DemoArchive, site: Datasette, url: str) -> None:
    document = document_at(demo_made.path, url)
    story = get(site, f"/d/{document}.json").json()["story"]
    told = [event["kind"] for event in story["events"]]
    assert (told[-1], sorted(told)) == (STORIES[url][0], sorted(STORIES[url]))
    page = get(site, f"/d/{document}").text
    drawn = ElementTree.fromstring(re.findall(r"<svg.*?</svg>", page, re.DOTALL)[0])
    states = [one.get("class") for one in drawn.iter("rect") if one.get("class") != "tick"]
    spans = [*story["listing"], *(span for address in story["addresses"] for span in address["spans"])]
    assert states == [f"s-{span['state']}" for span in spans]
    assert len([one for one in drawn.iter("rect") if one.get("class") == "tick"]) == len(story["versions"])
    table = page.split("The same as a table")[1].split("</table>")[0]
    assert table.count("<tr><td>") == len(spans)
    for span in spans:
        assert span["since"][:10] in table
        assert f"/archive/captures/{span['first_capture']}" in table


def test_a_story_that_has_more_than_a_beginning_stands_before_the_text(demo_made: DemoArchive, site: Datasette) -> None:
    moved = document_at(demo_made.path, f"{FILES}/sample-camera-places-508.pdf")
    for document, first in ((moved, True), ("dhs-ice-pia-039a", False)):
        page = get(site, f"/d/{document}").text
        assert page.count('<h2 id="story">') == page.count('href="#story"') == 1
        assert (page.index('<h2 id="story">') < page.index('<h2 id="pages">')) == first
        assert (page.index('href="#story"') < page.index('href="#pages"')) == first
    page = get(site, f"/d/{moved}").text
    assert "No document in this archive refers to it" in page
    assert "0 documents" not in page, "nothing leads to what isn't there"


def test_the_page_says_why_two_addresses_are_one_document(demo_made: DemoArchive, site: Datasette) -> None:
    document = document_at(demo_made.path, f"{FILES}/sample-camera-places-508.pdf")
    page = get(site, f"/d/{document}").text.split("Why these addresses are one document")[1].split("</ul>")[0]
    for words in ("sample-where-cameras-stand.pdf", "sample-camera-places-508.pdf", "took its place in the same list"):
        assert words in page
    assert get(site, "/d/dhs-gov-sites-default-files-publications-sample-camera-places-508-pdf").status_code == 301
    versions = get(site, f"/d/{document}").text.split('<h2 id="versions">')[1].split("</ol>")[0]
    assert [name in versions for name in ("sample-camera-places-508.pdf", "sample-where-cameras-stand.pdf")] == [
        True
    ] * 2
    years = {document_at(demo_made.path, f"{FILES}/sample-plate-searches-{year}.pdf") for year in (2017, 2018)}
    assert len(years) == 2, "two years of one report are two documents"


def test_the_picture_needs_no_script_no_style_and_no_colour(demo_made: DemoArchive, site: Datasette) -> None:
    document = document_at(demo_made.path, f"{FILES}/sample-sharing-between-towns.pdf")
    answer = get(site, f"/d/{document}")
    (drawn,) = re.findall(r"<svg.*?</svg>", answer.text, re.DOTALL)
    assert not re.search(r"style=|<script|<style|\son\w+=|href", drawn)
    assert 'role="img" aria-labelledby="story-title story-desc"' in drawn
    assert "<desc" in drawn
    assert "gone: seen 2019-05-14" in drawn
    style = Path("archive/site/static/site.css").read_text()
    told = {
        state: rule
        for names, rule in re.findall(r"^((?:\.story rect\.s-\w+(?:, )?)+) \{([^}]*)\}", style, re.MULTILINE)
        for state in re.findall(r"s-(\w+)", names)
    }
    dashed = {state: "stroke-dasharray" in told[state] for state in ("listed", "answers", "delisted", "missing")}
    assert dashed == {"listed": False, "answers": False, "delisted": True, "missing": True}


def test_command_and_page_say_the_same(demo_made: DemoArchive, site: Datasette) -> None:
    document = document_at(demo_made.path, f"{FILES}/sample-telling-drivers.pdf")
    done = asked("history", document, "--json", "--archive", str(demo_made.path))
    assert json.loads(done.output)["story"] == get(site, f"/d/{document}.json").json()["story"]
    words = asked("history", f"{FILES}/sample-telling-drivers.pdf", "--archive", str(demo_made.path)).output
    assert "2018-01-26 to 2018-02-08  delisted  (not yet on 2018-01-10)" in words
    assert asked("history", "nothing-of-that-name", "--archive", str(demo_made.path)).exit_code == 1


def asked(*arguments: str) -> Result:
    """Return how a command ended that only reads, in this process."""
    return CliRunner().invoke(oversight.main, list(arguments), prog_name="oversight")


def story(**given: Any) -> dict[str, Any]:
    return {"listing": [], "addresses": [], "versions": [], "joins": [], "events": [], **given}


def span(state: str, since: str, until: str) -> dict[str, str]:
    return {"state": state, "since": since, "until": until}


def test_whatever_stands_in_a_story_the_picture_is_sound() -> None:
    hostile = '"><script>alert(1)</script>\x0b\U0001f600'
    odd = story(
        listing=[span("listed", "2018-01-01T00:00:00Z", "2018-01-01T00:00:00Z"), span(hostile, "soon", "never")],
        addresses=[
            {"url": hostile, "url_key": hostile + "/x" * 300, "spans": [span(state, "2018-01-02", "2018-01-03")]}
            for state in [*WORDS] * 3
        ],
        versions=[{"ordinal": n, "first_seen": f"2018-01-{n:02}T00:00:00Z"} for n in range(1, 29)],
    )
    drawn = picture(odd, hostile)
    assert "<script>" not in drawn
    ElementTree.fromstring(drawn.replace("\x0b", ""))
    widths = [float(number) for number in re.findall(r' x="([\d.-]+)"', drawn)]
    assert 0 <= min(widths) <= max(widths) <= 520
    assert "more addresses" in drawn
    assert picture(story(), "nothing") == ""
    one_day = picture(story(listing=[span("listed", "2018-01-01T00:00:00Z", "2018-01-01T00:00:00Z")]), "one look")
    assert one_day.count("<rect") == 1
