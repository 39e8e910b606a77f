"""References with their evidence: where they stand, where names lead, what people decide, and what is missing."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.catalog.link_corrections import LinkCorrections
from archive.catalog.reference_rules import FOUND, LED, confidence
from archive.links_file import EVENT, LINKS, are_news, event_of_links, links_in_force, parse_links, read_links
from archive.proof.curation import check_curation_file
from archive.research.gaps import list_series, read_series
from archive.research.links import references_from, references_to
from archive.research.unmatched import Wanted, list_unmatched
from archive.series import missing_between
from oversight import main
from pipelines.items import File
from tests.demo_archive import ROOT, DemoArchive, oversight, rows
from tests.evidence import Captured, World, night
from tests.figures import figure

MEMO = "dhs-gov-memo-pdf"
BY_HAND = """
[[link]]
document = "dhs-gov-memo-pdf"
target = "PIA 39"
to = "dhs-cbp-pia-039"
reason = "The memorandum is about the border"

[[unlink]]
document = "dhs-gov-memo-pdf"
target = "DHS/ICE/PIA-045"
from = "dhs-ice-pia-045"
reason = "An older <b>numbering</b>"
"""


def pdf(name: str, text: str, *more: str, at: str = night(1)) -> Captured:
    url = f"https://www.dhs.gov/{name}.pdf"
    return Captured(url, at, (File(),), url + text + "".join(more), (text, *more))


def assessment(number: str, title: str, date: str) -> Captured:
    cover = f"Privacy Impact Assessment\nfor the\n{title}\n{number}\n{date}\n"
    return pdf(re.sub(r"\W", "", number), cover, f"What {title} does.")


PLATES = "Acquisition and Use of License Plate Reader Data"
HELD = (
    assessment("DHS/ICE/PIA-039", PLATES, "March 19, 2015"),
    assessment("DHS/ICE/PIA-039(a)", PLATES, "December 27, 2017"),
    assessment("DHS/ICE/PIA-045", "ICE Investigative Case Management", "June 16, 2016"),
    assessment("DHS/CBP/PIA-039", "Border Cameras", "December 1, 2017"),
)


def memo(*pages: str, links: LinkCorrections = LinkCorrections()) -> World:  # noqa: B008 (frozen)
    world = World(*HELD, pdf("memo", *pages))
    world.links = links
    return world.settle()


def referred(world: World, document: str = MEMO) -> list[dict[str, Any]]:
    return sorted(world.rows("references", "document = ?", document), key=lambda row: (row["page"], row["place"]))


def led(text: str) -> str | None:
    (row,) = referred(memo(text))
    assert row["kind"] == "named", row
    lead: str | None = row["target_document"]
    return lead


def test_a_reference_says_what_it_rests_on() -> None:
    world = memo("One two three four five six seven eight nine. It fol\u00adlows DHS/ICE/PIA-045 there.")
    (row,) = referred(world)
    (page,) = world.rows("pages", "document = ?", MEMO)
    assert page["text"][row["place"] :].startswith("DHS/ICE/PIA-045"), "offsets are those of the catalogue's text"
    assert row["words"] == "four five six seven eight nine. It follows DHS/ICE/PIA-045 there."
    assert (row["rule"], row["leads_by"], row["confidence"]) == ("number", "own-number", 0.99)


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("ICE's December 2017 privacy impact assessment says so.", "dhs-ice-pia-039a"),
        (f"the March 2015 privacy impact assessment for the {PLATES}", "dhs-ice-pia-039"),
        ("CBP's privacy impact assessment of December 1, 2017", "dhs-cbp-pia-039"),
        ("ICE published a privacy impact assessment in June 2016", "dhs-ice-pia-045"),
        ("ICE's privacy impact assessment for the ICE Investigative Case Management", "dhs-ice-pia-045"),
        # Two have the title; two are of that month, and nobody says whose is meant; the year alone is too little.
        (f"ICE's privacy impact assessment for the {PLATES}", None),
        ("the privacy impact assessment dated December 2017", None),
        ("ICE's 2016 privacy impact assessment", None),
        ("ICE's December 2017 privacy impact assessment for the ICE Investigative Case Management", None),
        ("FEMA's December 2017 privacy impact assessment", None),
    ],
)
def test_a_name_leads_somewhere_only_where_all_agrees(text: str, document: str | None) -> None:
    assert led(text) == document


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("It is called “ICE Investigative Case Management Handbook”.", "dhs-gov-handbook-pdf"),
        ('As "ICE Investigative Case\nManagement Handbook" says,', "dhs-gov-handbook-pdf"),
        ("It is called “ICE Investigative Case Management Handbook II”.", None),
        ("“Two Documents Have This Title”", None),
    ],
)
def test_a_title_leads_somewhere_only_where_one_document_has_it(text: str, document: str | None) -> None:
    named = {"handbook": "ICE Investigative Case Management Handbook", "a": "Two Documents Have This Title",
             "b": "Two Documents Have This Title"}  # fmt: skip
    told = [replace(pdf(name, name), metadata={"Title": title}) for name, title in named.items()]
    world = World(*told, pdf("memo", text)).settle()
    (row,) = referred(world)
    assert (row["kind"], row["target_document"]) == ("title", document)
    assert list_unmatched(world.connection)["total"] == 0, "what no document is called is no reference"


@pytest.mark.parametrize(
    "text", ["“we took what was there in March”", "“Plates”", "“Read by ICE and by nobody at all”"]
)
def test_what_people_say_is_no_title(text: str) -> None:
    assert referred(memo(text)) == []


def test_what_a_cover_says_is_its_own_name() -> None:
    world = memo("Nothing.")
    assert [row for row in world.rows("references") if row["document"].startswith("dhs-ice")] == []


def test_what_only_the_document_itself_answers_to_is_not_missing() -> None:
    world = World(assessment("DHS/ICE/PIA-062", "Alternatives", "June 5, 2023"))
    text = "Privacy Impact Assessment\nDHS/ICE/PIA-045\nJune 16, 2016\n"
    world.take(pdf("own", text, "ICE's June 2016 privacy impact assessment")).settle()
    (row,) = referred(world, "dhs-ice-pia-045")
    assert (row["target_document"], row["leads_by"]) == (None, "itself")
    assert list_unmatched(world.connection)["total"] == 0


def test_a_finder_that_changed_finds_anew_and_touches_no_page() -> None:
    world = memo("See DHS/ICE/PIA-045.")
    before = world.dump()
    with world.connection:
        world.connection.execute("UPDATE texts SET linked = 'older'")
        world.connection.execute('DELETE FROM "references"')
    changes = world.connection.total_changes
    world.settle()
    assert world.dump() == before
    assert world.connection.total_changes - changes < 20


def test_a_person_says_where_a_reference_leads_and_it_stays_so() -> None:
    text = "See PIA-039 and DHS/ICE/PIA-045."
    world = memo(text, links=parse_links(BY_HAND))
    assert world.links.problems == ()
    for again in range(3):
        (document,) = world.rows("documents", "id = ?", MEMO)
        one, other = (row for row in referred(world) if row["version"] == document["newest_version"])
        assert (one["target_document"], one["leads_by"], one["confidence"]) == ("dhs-cbp-pia-039", "by-hand", 1.0)
        assert one["corrected"] == "The memorandum is about the border"
        assert (other["target_document"], other["leads_by"]) == (None, "by-hand")
        # A new version of the memorandum says it again, on another page.
        world.take(pdf("memo", f"Version {again}.", text, at=night(2 + again))).settle()
    world.links = LinkCorrections()
    world.settle()
    assert {row["leads_by"] for row in referred(world)} == {"own-number", ""}, "taken back: two numbers end in PIA-039"


def test_a_correction_may_be_of_one_page() -> None:
    links = parse_links(BY_HAND.replace('target = "PIA 39"', 'target = "PIA 39"\npage = 2'))
    first, second = referred(memo("See PIA-039.", "See PIA-039.", links=links))
    assert (first["target_document"], second["target_document"]) == (None, "dhs-cbp-pia-039")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[[link]]\ndocument = "a"\ntarget = "b"\nto = "c"\n', 1),
        ('# one\n[[unlink]]\ndocument = "a b"\ntarget = "b"\nreason = "r"', 2),
        ('[[link]]\ndocument = "a"\ntarget = "b"\nreason = "r"', 1),
        ('[[link]]\ndocument = "a"\ntarget = "b"\nto = "c"\nreason = "r"\npage = "2"', 1),
        ('[[link]]\ndocument = "a"\ntarget = "b"\nto = "c"\nreason = "r"\nfrom = "d"', 1),
        ('\n\n[[links]]\nreason = "r"', 3),
        ('[[link]]\ndocument = "a', 2),
        ("link = 5", 1),
    ],
)
def test_what_is_not_understood_is_named_with_its_line(text: str, line: int) -> None:
    found = parse_links(text)
    (problem,) = found.problems
    assert (problem.outcome, problem.subject) == ("curation-unreadable", "curation/links.toml")
    assert f"line {line}" in problem.detail
    assert found.held == ()


def test_a_broken_or_missing_file_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / LINKS).parent.mkdir()
    (tmp_path / LINKS).write_text(BY_HAND)
    told = links_in_force(tmp_path, [])
    events: list[Mapping[str, Any]] = [{"event": EVENT, **event_of_links(told)}]
    assert are_news(told, [])
    assert not are_news(told, events)
    for broken in (BY_HAND + "\n[[", "\ufeff[[link]]"):
        (tmp_path / LINKS).write_text(broken)
        found = links_in_force(tmp_path, events)
        assert (found.held, len(found.problems)) == (told.held, 1)
        assert read_links(tmp_path).problems
        damages = check_curation_file(tmp_path, LINKS.name, {}).damages
        assert "curation-unreadable" in {one.outcome for one in damages}
    (tmp_path / LINKS).unlink()
    assert links_in_force(tmp_path, events).held == told.held
    (tmp_path / LINKS).write_text("")
    assert links_in_force(tmp_path, events) == LinkCorrections(), "taken back"
    figure("CO-09", file="links.toml", broken=2, gone=1, in_force_changed=0)


def test_gaps_of_a_series() -> None:
    world = memo("See DHS/ICE/PIA-041(c), DHS/ICE/PIA-041(a) and PIA-077.", "DHS/ICE/PIA-045 again, and OIG-18-02.")
    found = read_series(world.connection, "pia-ice")
    assert found is not None
    states = {row["number"]: row["state"] for row in found["numbers"]}
    assert states == {
        "DHS/ICE/PIA-039": "held", "DHS/ICE/PIA-039(a)": "held", "DHS/ICE/PIA-041(a)": "mentioned",
        "DHS/ICE/PIA-041(c)": "mentioned", "DHS/ICE/PIA-045": "held",
    }  # fmt: skip
    assert (found["held"], found["mentioned"], found["highest"]) == (3, 2, 45)
    assert [(one["first"], one["last"]) for one in found["never_seen"]] == [(1, 38), (40, 40), (42, 44)]
    assert found["updates_never_seen"] == ["DHS/ICE/PIA-041(b)"]
    (place,) = found["numbers"][2]["places"]
    assert (place["document"], place["page"]) == (MEMO, 1)
    assert "DHS/ICE/PIA-041(a)" in place["words"]
    assert place["address"].endswith("/p1?quote=dhs-ice-pia-041-a")
    assert {row["series"] for row in list_series(world.connection)} == {"pia-ice", "pia-cbp", "oig-18"}
    assert read_series(world.connection, "pia-fema") is None


def test_gaps_however_large_cost_nothing() -> None:
    assert missing_between([5, 99_999_999, 2], 1) == [(1, 1), (3, 4), (6, 99_999_998)]
    assert missing_between([], 1) == []


def test_what_most_documents_cite_comes_first_and_laws_only_when_asked_for() -> None:
    world = World(
        pdf("one", "DHS/FEMA/PIA-001, DHS/FEMA/PIA-002 and 5 U.S.C. § 552a"),
        pdf("two", "DHS/FEMA/PIA-002"),
        pdf("three", "5 U.S.C. § 552a(b)"),
    ).settle()
    found = list_unmatched(world.connection)
    assert [(row["target"], row["documents"]) for row in found["references"]] == [
        ("DHS/FEMA/PIA-002", 2), ("DHS/FEMA/PIA-001", 1)
    ]  # fmt: skip
    assert (found["total"], found["kinds"]) == (2, {"pia": 2, "usc": 1})
    (law,) = list_unmatched(world.connection, Wanted("usc"))["references"]
    assert (law["target"], law["documents"], law["tried"]) == ("5 U.S.C. 552a", 2, None)


def test_five_hundred_mentions_are_one_entry() -> None:
    world = World(*HELD, pdf("memo", *(f"Page {n}: DHS/ICE/PIA-045." for n in range(500)))).settle()
    (version,) = world.rows("versions", "document = ?", MEMO)
    (entry,) = references_from(world.connection, version)
    assert (entry["target_document"], entry["mentions"], len(entry["evidence"])) == ("dhs-ice-pia-045", 500, 3)
    (back,) = references_to(world.connection, "dhs-ice-pia-045")
    assert (back["document"], back["mentions"], len(back["evidence"])) == (MEMO, 500, 3)


def test_the_rules_are_those_of_the_documentation() -> None:
    text = (ROOT / "docs" / "links.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `([a-z-]+)` \|.*\| ([01]\.[0-9]+) \|$", text, re.MULTILINE))
    assert told == {name: f"{rule.confidence:.2f}" for name, rule in {**FOUND, **LED}.items()}
    assert confidence("short-number", "only-one") == round(0.95 * 0.9, 2)


def test_of_articles_no_words_are_published_that_their_excerpts_lack(demo_made: DemoArchive) -> None:
    release = max(demo_made.path.glob("releases/*.db"))
    with closing(sqlite3.connect(f"{release.as_uri()}?mode=ro", uri=True)) as released:
        found = released.execute(
            'SELECT r.words, p.text FROM "references" AS r JOIN versions AS v ON v.id = r.version'
            " JOIN pages AS p ON p.version = r.version AND p.number = r.page WHERE v.outcome = 'excerpt'"
        ).fetchall()
    assert any(words for words, _ in found)
    assert [words for words, text in found if words not in " ".join(text.split())] == []


def test_the_commands_say_what_the_site_says(demo_made: DemoArchive) -> None:
    def said(*arguments: str) -> Any:
        done = CliRunner().invoke(main, [*arguments, "--archive", str(demo_made.path)])
        assert done.exit_code == 0, done.output
        return json.loads(done.output) if "--json" in arguments else done.output

    links = said("links", "PIA-039(a)", "--json")
    assert {row["target_document"] for row in links["refers_to"]} >= {"dhs-ice-pia-039", "dhs-ice-011"}
    named = next(row for row in links["refers_to"] if row["target_document"] == "dhs-ice-pia-039")
    assert "named" in named["kinds"], "the assessment of March 2015, which its update names by its date alone"
    assert all(
        one["address"].startswith("/d/dhs-ice-pia-039a@") for row in links["refers_to"] for one in row["evidence"]
    )
    unmatched = said("links", "--unmatched", "--json")
    assert unmatched["references"][0]["documents"] == max(row["documents"] for row in unmatched["references"])
    assert said("links", "--unmatched", "--csv").startswith("kind,target,documents,mentions,tried,document,")
    series = {row["series"]: row for row in said("gaps", "--json")["series"]}
    assert series["sorn-cbp"]["mentioned"] >= 2
    assert said("gaps", "sorn-cbp", "--json")["never_seen"][0] == {"first": 1, "last": 5}
    assert "DHS/CBP-006" in said("gaps", "sorn-cbp")
    for wrong in (["links"], ["links", "PIA-039", "--unmatched"], ["links", "PIA-039", "--csv"]):
        assert CliRunner().invoke(main, wrong).exit_code == 2
    assert CliRunner().invoke(main, ["gaps", "pia-none", "--archive", str(demo_made.path)]).exit_code == 1


def test_of_a_release_from_before_there_was_evidence_the_rest_is_told() -> None:
    world = memo("See DHS/ICE/PIA-045 and DHS/ICE/PIA-046.")
    (version,) = world.rows("versions", "document = ?", MEMO)
    with world.connection as connection:
        connection.execute("DROP INDEX references_unmatched")
        for column in ("rule", "leads_by", "confidence", "words", "place", "corrected"):
            connection.execute(f'ALTER TABLE "references" DROP COLUMN {column}')
    held, missing = references_from(world.connection, version)
    assert (held["target_document"], held["evidence"]) == ("dhs-ice-pia-045", [])
    assert missing["target"] == "DHS/ICE/PIA-046"
    assert [row["document"] for row in references_to(world.connection, "dhs-ice-pia-045")] == [MEMO]
    assert list_unmatched(world.connection)["references"] == []
    series = {row["series"]: row for row in list_series(world.connection)}
    assert series["pia-ice"]["held"] == 3
    assert all(read_series(world.connection, name) for name in series)


def test_what_was_decided_is_in_force_after_a_rebuild(demo_archive: Path) -> None:
    (demo_archive / LINKS).parent.mkdir(exist_ok=True)
    (demo_archive / LINKS).write_text(
        '[[link]]\ndocument = "dhs-cbp-pia-022"\ntarget = "DHS/CBP-006"\nto = "dhs-ice-011"\nreason = "tried"\n'
    )
    done = oversight("rebuild", "--archive", demo_archive)
    assert done.returncode == 0, done.stderr
    asked = "SELECT target_document, leads_by, corrected FROM \"references\" WHERE document = 'dhs-cbp-pia-022'"
    assert ("dhs-ice-011", "by-hand", "tried") in rows(demo_archive, asked)
    assert '"links-used"' in (demo_archive / "journal" / "journal.jsonl").read_text("utf-8")
