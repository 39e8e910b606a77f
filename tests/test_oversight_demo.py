"""The demo, by its command: the January 2018 story is found, and doing it again does nothing."""

from __future__ import annotations

import json
from pathlib import Path

from samples.documents import KEY_PAGE, KEY_SENTENCE
from tests.demo_archive import SAMPLE, DemoArchive, differences, dump, files_of, oversight, rows

KEY_DOCUMENT = "dhs-ice-pia-039a"


def test_the_story_is_found(demo_made: DemoArchive) -> None:
    found = json.loads(oversight("search", '"license plate"', "--json", "--archive", demo_made.path).stdout)
    result = next(result for result in found["results"] if result["id"] == KEY_DOCUMENT)
    assert result["identifier"] == "DHS/ICE/PIA-039(a)"
    assert KEY_PAGE in [page["number"] for page in result["pages"]]
    quoted = json.loads(oversight("search", f'"{KEY_SENTENCE}"', "--json", "--archive", demo_made.path).stdout)
    pages = {result["id"]: [page["number"] for page in result["pages"]] for result in quoted["results"]}
    assert pages.pop(KEY_DOCUMENT) == [KEY_PAGE]
    assert pages, "the articles quote it"


def test_the_page_says_it(demo_made: DemoArchive) -> None:
    told = oversight("text", "PIA-039(a)", "--page", str(KEY_PAGE), "--archive", demo_made.path).stdout
    assert KEY_SENTENCE in " ".join(told.split())


def test_the_page_leads_to_the_award_and_articles_lead_to_the_page(demo_made: DemoArchive) -> None:
    award = rows(demo_made.path, "SELECT document FROM identifiers WHERE value = '70CDCR18P00000017' AND role = 'own'")
    assert (award[0][0], "piid") in _references(demo_made.path, '"references".document', KEY_DOCUMENT)
    referring = _references(demo_made.path, "target_document", KEY_DOCUMENT, other='"references".document')
    by_article = {name for name, how in referring if how == "link"} & _articles(demo_made.path)
    assert len(by_article) == 4
    assert {(name, "pia") for name in by_article} <= referring, "by their links and by the number"
    to_award = _references(demo_made.path, "target_document", award[0][0], other='"references".document')
    assert {"link", "piid"} <= {how for name, how in to_award if name in by_article}


def _articles(path: Path) -> set[str]:
    return {name for (name,) in rows(path, "SELECT id FROM documents WHERE kind = 'article'")}


def _references(path: Path, where: str, what: str, other: str = "target_document") -> set[tuple[str, str]]:
    return set(rows(path, f'SELECT {other}, "references".kind FROM "references" WHERE {where} = ?', what))


def test_it_is_marked_as_a_sample(demo_made: DemoArchive) -> None:
    about = dict(rows(demo_made.path, "SELECT key, value FROM about"))
    assert about["sample"] == "yes"
    assert "written for a demonstration" in about["notice"]
    assert rows(demo_made.path, "SELECT count(*) FROM documents WHERE NOT sample") == [(0,)]


def test_a_second_call_does_nothing(demo_archive: Path) -> None:
    before, files = dump(demo_archive), files_of(demo_archive, "warc", "journal")
    again = oversight("demo", "--no-serve", "--archive", demo_archive)
    assert (again.returncode, again.stdout) == (0, "")
    assert differences(before, dump(demo_archive)) == {}
    assert files_of(demo_archive, "warc", "journal") == files


def test_the_same_nights_again_add_nothing(demo_archive: Path) -> None:
    before, files = dump(demo_archive), files_of(demo_archive, "warc", "journal")
    again = oversight("nightly", "--replay", SAMPLE, "--archive", demo_archive)
    assert again.returncode == 0, again.stderr
    assert differences(before, dump(demo_archive)) == {}
    assert files_of(demo_archive, "warc", "journal") == files
