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


def test_every_source_gave_what_was_expected_of_it(demo_made: DemoArchive) -> None:
    states = {
        one["name"]: one for one in json.loads(oversight("sources", "--json", "--archive", demo_made.path).stdout)
    }
    assert {"deposit", "import"} == {name for name, state in states.items() if state["health"] == "never run"}
    assert {state["health"] for name, state in states.items() if name not in ("deposit", "import")} == {"ok"}
    assert [name for name, state in states.items() if state["run"] and state["expected"] is None] == []
    assert [name for name, state in states.items() if state["run"] and not state["documents"]] == ["web_archive"], (
        "copies are documents of the sources that read them"
    )


def test_what_an_article_cites_and_no_list_shows_came_in(demo_made: DemoArchive) -> None:
    url = "https://www.ice.gov/doclib/news/library/reports/lpr-guidance-2018.pdf"
    ((name, source, listing, first_seen),) = rows(
        demo_made.path,
        "SELECT id, source, listing, documents.first_seen FROM documents JOIN addresses ON document = id"
        " WHERE addresses.url = ?",
        url,
    )
    assert (source, listing, first_seen[:10]) == ("references", "unlisted", "2018-02-08")
    assert [how for _, how in _references(demo_made.path, "target_document", name, other='"references".document')] == [
        "link"
    ]


def test_copies_are_versions_of_their_own_time(demo_made: DemoArchive) -> None:
    found = rows(
        demo_made.path,
        "SELECT document, first_seen, provenance <> '' FROM versions JOIN captures ON captures.id = versions.capture"
        " WHERE original_at <> '' ORDER BY first_seen",
    )
    assert [(seen, whose) for _, seen, whose in found] == [("2016-07-04T08:15:00Z", 1), ("2018-02-01T09:30:00Z", 1)]
    assert found[1][0] == "dhs-cbp-pia-049"


def test_the_contract_has_its_history(demo_made: DemoArchive) -> None:
    told = rows(demo_made.path, "SELECT modification, change FROM awards WHERE modification <> '' ORDER BY action_date")
    assert [number for number, _ in told] == ["0", "P00001", "P00002", "P00003", "P00004"]
    assert ("P00002", "adds scope") in told


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
    assert "nothing is new since release 1\n" in again.stdout
    assert "nothing was added: all of this was held already\n" in again.stdout
    assert differences(before, dump(demo_archive)) == {}
    assert files_of(demo_archive, "warc", "journal") == files
