"""What is said of documents: title, kind, component, dates and numbers, each from the best of its sources."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.items import File, Index, Listed, Notice, PrintedDate, WebPage
from tests.evidence import Captured, World, night

URL = "https://www.dhs.gov/files/pia%20030.pdf"
LIST = "https://www.dhs.gov/list"
COVER = "Privacy Impact Assessment\nDHS/ICE/PIA-039(b)\nJanuary 5, 2018\n"


def document(*captured: Captured) -> dict[str, Any]:
    (row,) = World(*captured).settle().rows("documents")
    return row


def listed(title: str, *dates: PrintedDate) -> Captured:
    return Captured(LIST, night(1), (Index(LIST, 0, 1, True), Listed(LIST, URL, title, dates=dates)))


def file(cover: str, **facts: Any) -> Captured:
    return Captured(URL, night(1, 1), (File(),), "bytes", (cover,), **facts)


@pytest.mark.parametrize(
    ("captured", "title"),
    [
        ([listed("Plates"), file(COVER, metadata={"Title": "Word - x.doc"})], "Plates"),
        ([listed(" "), file(COVER, metadata={"Title": "Readers"})], "Readers"),
        ([file(COVER)], "pia 030.pdf"),
    ],
)
def test_a_files_title_is_the_listed_one_else_its_own_else_its_name(captured: list[Captured], title: str) -> None:
    assert document(*captured)["title"] == title


def test_a_file_is_what_its_number_says() -> None:
    row = document(file(COVER))
    assert (row["kind"], row["component"], row["number"]) == ("privacy impact assessment", "ICE", "DHS/ICE/PIA-039(b)")
    assert (document(file("A memorandum"))["kind"], document(file("A memorandum"))["component"]) == ("file", "")


def test_a_number_that_a_list_gives_wrongly_leads_to_the_document_all_the_same() -> None:
    world = World(listed("DHS/ICE/PIA-030(b) Plates"), file(COVER)).settle()
    assert {(row["value"], row["role"]) for row in world.rows("identifiers")} == {
        ("DHS/ICE/PIA-039(b)", "own"),
        ("DHS/ICE/PIA-030(b)", "listed"),
    }


def test_a_files_date_is_the_covers_its_posting_the_lists() -> None:
    row = document(listed("Plates", PrintedDate("posted", "2018-01")), file(COVER))
    assert (row["published"], row["published_precision"], row["published_words"]) == (
        "2018-01-05",
        "day",
        "January 5, 2018",
    )
    assert (row["posted"], row["posted_precision"]) == ("2018-01", "month")


def test_no_date_is_made_of_when_it_was_seen() -> None:
    row = document(listed("Plates", PrintedDate("published", "31/31/2018")), file("No date, February 30, 2018"))
    assert (row["published"], row["posted"]) == (None, None)


def test_a_pages_number_is_one_that_it_is_about() -> None:
    page = WebPage("publication page", "DHS/CBP/PIA-049 Borders", ("Text",))
    world = World(Captured("https://www.dhs.gov/publication/x", night(1), (page,))).settle()
    (row,) = world.rows("documents")
    assert (row["kind"], row["component"], row["number"]) == ("publication page", "CBP", "DHS/CBP/PIA-049")
    assert [row["role"] for row in world.rows("identifiers")] == ["about"]


def test_a_pages_own_numbers_come_before_those_of_its_title() -> None:
    own = ("2016-25197", "81 FR 72080", "FR Doc. 03-27101", "no number")
    page = WebPage("notice", "DHS/ICE-011 Arrests", ("It replaces 75 FR 9238, and is 81 FR 72080.",), numbers=own)
    world = World(Captured("https://www.example.gov/a.xml", night(1), (page,))).settle()
    assert world.rows("documents")[0]["number"] == "2016-25197"
    assert {(row["scheme"], row["value"], row["role"]) for row in world.rows("identifiers")} == {
        ("fr-document", "2016-25197", "own"),
        ("fr-citation", "81 FR 72080", "own"),
        ("fr-document", "03-27101", "own"),
        ("sorn", "DHS/ICE-011", "about"),
    }
    assert {row["target"] for row in world.rows("references")} == {"75 FR 9238", "DHS/ICE-011"}


def test_a_notice_is_known_by_its_numbers() -> None:
    record = {
        "type": "Award Notice", "award_number": "70CDCR18P00000017", "solicitation": "70CDCR18Q00000005",
        "sub_tier": "US IMMIGRATION AND CUSTOMS ENFORCEMENT", "posted": "2018-01-08", "award_date": "nothing",
    }  # fmt: skip
    world = World(Captured("https://sam.gov/csv", night(1), (Notice("A" * 32, record),), source="notices")).settle()
    (row,) = world.rows("documents")
    assert (row["kind"], row["component"], row["number"]) == ("award notice", "ICE", "70CDCR18P00000017")
    assert (row["published"], row["title"], row["listing"]) == ("2018-01-08", "A" * 32, "")
    assert {(row["value"], row["role"]) for row in world.rows("identifiers")} == {
        ("70CDCR18P00000017", "own"),
        ("70CDCR18Q00000005", "about"),
        ("a" * 32, "own"),
    }
