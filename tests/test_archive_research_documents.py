"""What hangs on a document: who refers to it where two bear its number, and that its own number is no reference."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from archive.folder import CATALOGUE
from archive.research.documents import list_versions
from archive.research.links import references_from, references_to
from archive.site.rendering import in_words
from tests.demo_archive import DemoArchive

NUMBER = "70CDCR18P00000017"


@pytest.fixture
def catalogue(demo_made: DemoArchive) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{(demo_made.path / CATALOGUE).as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


def test_what_prints_a_number_that_two_documents_bear_refers_to_both(catalogue: sqlite3.Connection) -> None:
    bearers = catalogue.execute("SELECT document FROM identifiers WHERE value = ? AND role = 'own'", (NUMBER,))
    contract, notice = (
        {row["document"] for row in references_to(catalogue, document)} for (document,) in sorted(bearers, reverse=True)
    )
    printing = catalogue.execute('SELECT DISTINCT document FROM "references" WHERE target = ?', (NUMBER,)).fetchall()
    assert contract == {document for (document,) in printing}
    assert contract <= notice


def test_the_number_under_which_a_file_is_listed_is_not_missing_from_the_archive(
    catalogue: sqlite3.Connection,
) -> None:
    document, version = catalogue.execute(
        "SELECT id, newest_version FROM documents WHERE number = '2018-ICLI-00035'"
    ).fetchone()
    said = references_from(catalogue, {"id": version, "document": document})
    assert {row["target"] for row in said} == {"DHS/ICE/PIA-039(a)", NUMBER}


def test_a_version_that_came_as_a_copy_says_whose(catalogue: sqlite3.Connection) -> None:
    (version,) = list_versions(catalogue, "dhs-cbp-pia-049")
    assert version["provenance"] == "as captured by Internet Archive at 2018-02-01T09:30:00Z"
    (own,) = list_versions(catalogue, "dhs-ice-pia-039a")
    assert own["provenance"] == ""


def test_names_of_collections_are_written_as_everybody_writes_them() -> None:
    assert in_words("foia-library") == "FOIA library"
    assert in_words("federal-register") == "Federal Register"
    assert in_words("news-articles") == "News articles"
