"""The sample's story closes: from each article's quotations to their pages, and from any number to the whole chain."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.folder import CATALOGUE
from archive.release.folder import Releases
from archive.research.chain_records import read_chain
from archive.site.server import ArchiveDatasette, open_archive
from samples.documents import KEY_PAGE
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive
from tests.figures import figure

ARTICLES = ("thinkprogress", "commondreams", "cdt", "theverge")
PIID, CONTRACT = "70CDCR18P00000017", "contract-70cdcr18p00000017"
ASSESSMENT = "dhs-ice-pia-039a"


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> ArchiveDatasette:
    return open_archive(demo_made.path)


@pytest.fixture
def release(demo_made: DemoArchive) -> Iterator[sqlite3.Connection]:
    with closing(Releases(demo_made.path).open(1)) as connection:
        yield connection


@pytest.mark.parametrize("name", ARTICLES)
def test_every_quotation_of_each_article_leads_to_its_page(
    demo_made: DemoArchive, site: ArchiveDatasette, name: str
) -> None:
    """The words that all four quote stand on page 3 of the assessment."""
    with closing(sqlite3.connect(demo_made.path / CATALOGUE)) as catalogue:
        told = catalogue.execute(
            "SELECT q.words, q.outcome, q.held_document, q.page, q.address FROM quotations AS q JOIN documents AS d"
            " ON d.id = q.document AND d.newest_version = q.version WHERE d.kind = 'article' AND d.id LIKE ?",
            (f"{name}%",),
        ).fetchall()
    assert told
    assert {outcome for _, outcome, *_ in told} == {"exact"}
    assert (ASSESSMENT, KEY_PAGE) in {(document, page) for _, _, document, page, _ in told}
    for *_, address in told:
        assert "<mark" in get(site, address).text
    figure("ST-01", article=name, quotations=len(told), found=len(told))


def test_award_solicitation_and_modifications_are_one_chain(release: sqlite3.Connection) -> None:
    chain = read_chain(release, PIID)
    kinds = [step["kind"] for step in chain["steps"]]
    assert {"solicitation", "notice", "award", "modification", "attached file", "spending page"} == set(kinds)
    assert kinds.count("modification") == 4
    assert {link["confidence"] for link in chain["links"]} == {"fact of the record"}
    # All of it hangs together: from the award each step is reached by links.
    reached, edges = {f"award {CONTRACT}"}, [(link["one"], link["other"]) for link in chain["links"]]
    for _ in edges:
        reached |= {end for edge in edges for end in edge if set(edge) & reached}
    assert reached == {step["name"] for step in chain["steps"]}
    assert chain["money"]["dollars"] == "2,100,000.00"


def test_the_claim_is_shown_as_a_claim_and_no_record_says_it(
    site: ArchiveDatasette, release: sqlite3.Connection
) -> None:
    (claim,) = read_chain(release, PIID)["claims"]
    assert claim["subject"] == "Vigilant Solutions"
    assert not claim["broken"]
    assert [one["by"] for one in claim["evidence"]] == ["theverge", "U.S. General Services Administration"]
    for one in claim["evidence"]:
        # Of an article no words are told that its excerpt doesn't hold.
        assert ("Vigilant Solutions" in one["words"]) == (one["by"] != "theverge")
        page = get(site, one["address"])
        assert page.status_code == 200
        assert one["excerpted"] == (one["by"] == "theverge")
        assert one["excerpted"] or "<mark" in page.text
    records = release.execute("SELECT * FROM awards").fetchall() + release.execute("SELECT * FROM notices").fetchall()
    assert "vigilant" not in repr([tuple(row) for row in records]).lower()
    for path in (f"/chain/{PIID}", f"/d/{CONTRACT}", "/vendors/west-publishing-corporation"):
        text = get(site, path).text
        assert "Vigilant Solutions" in text, path
        assert text.index("What is claimed") < text.index("Vigilant Solutions"), path
    links = json.dumps(read_chain(release, PIID)["links"])
    assert "Vigilant" not in links


def test_its_curation_comes_with_the_demo_and_is_accepted(demo_made: DemoArchive, tmp_path: Path) -> None:
    held = sorted(path.name for path in (demo_made.path / "curation").rglob("*.toml"))
    assert held == ["claims.toml", "license-plate-readers.toml", "vendors.toml"]
    journal = "".join(path.read_text() for path in (demo_made.path / "journal").glob("*") if path.is_file())
    assert journal.count("curation-accepted") == 3


def test_a_number_of_a_missing_assessment_is_mentioned(release: sqlite3.Connection) -> None:
    """What the gap report has to name: numbers that the sample prints and doesn't hold."""
    rows = release.execute("SELECT DISTINCT target FROM \"references\" WHERE kind = 'pia' AND target_document IS NULL")
    assert {"DHS/ICE/PIA-015(d)", "DHS/ICE/PIA-032"} <= {row[0] for row in rows}
