"""A document keeps its identity: renamed and edited, joined and parted by hand; and says why."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from archive.catalog.joined import Corrections
from archive.joins_file import JOINS, corrections_in_force, event_of, is_news, parse_corrections, read_corrections
from archive.proof.curation import check_curation_file
from pipelines.items import File, Index, Listed
from tests.demo_archive import oversight, rows
from tests.evidence import Captured, World, night
from tests.figures import figure

LIST = "https://www.dhs.gov/list"
OLD, NEW, THIRD = (f"https://www.dhs.gov/files/{name}.pdf" for name in ("guide", "guide-final-2", "else"))
SENTENCE = "Records are kept for as long as a case needs them and are then deleted by the system without being asked. "
TEXT = f"Guide to Records\n\nMade by the Office of Records.\n\n{SENTENCE * 2}" + "".join(
    f"In step {word} the officer looks at the record and writes down what was seen and why it was kept. "
    for word in ("one", "two", "three", "four", "five", "six", "seven", "eight")
)
EDITED = TEXT.replace("without being asked", "within a week")


def walk(number: int, *shown: tuple[str, str]) -> Captured:
    listed = (Listed(LIST, url, title) for url, title in shown)
    return Captured(f"{LIST}?page=0", night(number), (Index(LIST, 0, len(shown), True), *listed))


def pdf(url: str, number: int, text: str, second: int = 9) -> Captured:
    return Captured(url, night(number, second), (File(),), text, (text,))


def renamed(title: str = "Guide to Records", new_title: str = "", text: str = EDITED) -> list[Captured]:
    return [
        walk(1, (OLD, title), (THIRD, "Another")), pdf(OLD, 1, TEXT), pdf(THIRD, 1, "Another paper of few words", 10),
        walk(2, (NEW, new_title or title), (THIRD, "Another")), pdf(NEW, 2, text),
    ]  # fmt: skip


def ids(*captured: Captured) -> dict[str, int]:
    return {row["id"]: row["versions"] for row in World(*captured).settle().rows("documents")}


def test_a_file_that_was_renamed_and_edited_is_one_document() -> None:
    world = World(*renamed()).settle()
    assert {row["id"]: row["versions"] for row in world.rows("documents")} == {
        "dhs-gov-files-guide-pdf": 2,
        "dhs-gov-files-else-pdf": 1,
    }
    (join,) = world.rows("joins")
    assert (join["rule"], join["url"], join["other_url"]) == ("similar", NEW, OLD)
    assert "the same title" in join["evidence"]
    assert 0.7 < join["score"] < 1
    assert [row["document"] for row in world.rows("aliases", "alias = 'dhs-gov-files-guide-final-2-pdf'")] == [
        "dhs-gov-files-guide-pdf"
    ]
    assert {row["kind"] for row in world.rows("changes")} == {"new", "renamed", "replaced"}


@pytest.mark.parametrize("word", ["one", "two", "three", "four", "five", "six"])
def test_a_list_and_what_it_leads_to_may_be_captured_within_one_second(word: str) -> None:
    """Of two captures of one second the digest says which stands first, and that says nothing of which came first."""
    text = TEXT.replace("without being asked", f"within {word} weeks")
    world = World(*renamed()[:4], pdf(NEW, 2, text, 0)).settle()
    assert [row["rule"] for row in world.rows("joins")] == ["similar"]


@pytest.mark.parametrize(
    "captured",
    [
        renamed(new_title="Guide to Records of Cameras"),
        renamed(text=TEXT.replace("Office of Records", "Office of Roads")),
        renamed(text=f"Revised March 3, 2017\n{TEXT}"),
        renamed(text="Quite another text. " * 30),
        renamed(title="DHS/ICE/PIA-039 Guide"),
        [*renamed(), walk(3, (OLD, "Guide to Records"), (NEW, "Guide to Records"))],
        [*renamed()[:3], walk(2, (OLD, "Guide to Records"), (NEW, "Guide to Records")), pdf(NEW, 2, EDITED)],
        [walk(1, (OLD, "Guide to Records"), (THIRD, "Guide to Records")), pdf(OLD, 1, TEXT),
         walk(2, (NEW, "Guide to Records"), (THIRD, "Guide to Records")), pdf(NEW, 2, EDITED)],
    ],
    ids=["another title", "another name on the first page", "a date on one of them", "another text", "a number",
         "the first is listed again", "both were listed", "a third of that title"],
)  # fmt: skip
def test_what_may_be_two_documents_stays_two(captured: list[Captured]) -> None:
    found = ids(*captured)
    assert any("guide-final-2" in name for name in found) or "dhs-ice-pia-039" in found
    assert World(*captured).settle().rows("joins", "rule = 'similar'") == []


def test_joins_do_not_depend_on_the_order_of_evidence() -> None:
    whole = World(*renamed()).settle().dump()
    for seed in range(3):
        shuffled = random.Random(seed).sample(renamed(), 5)
        world = World(*shuffled[:2]).settle().take(*shuffled[2:]).settle()
        assert world.dump() == whole


def test_a_person_joins_and_parts() -> None:
    text = f"""
[[join]]
addresses = ["{NEW}", "{THIRD}"]
reason = "The same guide in two layouts"

[[apart]]
address = "{NEW}"
from = "{OLD}"
reason = "The second is another office's"
"""
    world = World(*renamed())
    world.corrections = parse_corrections(text)
    assert world.corrections.problems == ()
    world.settle()
    assert {row["id"]: row["versions"] for row in world.rows("documents")} == {
        "dhs-gov-files-guide-pdf": 1,
        "dhs-gov-files-else-pdf": 2,
    }
    (join,) = world.rows("joins")
    assert (join["rule"], join["evidence"]) == ("curated", "put together by hand: The same guide in two layouts")
    assert [row["document"] for row in world.rows("aliases", "alias = 'dhs-gov-files-guide-final-2-pdf'")] == [
        "dhs-gov-files-else-pdf"
    ], "the old address leads on"


def test_one_content_of_an_address_is_parted_by_its_digest() -> None:
    first, second = pdf(OLD, 1, TEXT), pdf(OLD, 2, "Another paper, put in the place of the first by mistake")
    text = f'[[apart]]\naddress = "sha256:{second.digest}"\nfrom = "{OLD}"\nreason = "Put there by mistake"\n'
    world = World(first, second)
    world.corrections = parse_corrections(text)
    assert sorted(world.settle().ids()) == ["dhs-gov-files-guide-pdf", f"file-{second.digest[:10]}"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[[join]]\naddresses = ["https://a.example/x"]\nreason = "one"', 1),
        ('\n\n[[join]]\naddresses = ["https://a.example/x", "https://a.example/y"]', 3),
        ('[[apart]]\naddress = "javascript:alert(1)"\nfrom = "https://a.example/x"\nreason = "no address"', 1),
        ('[[join]]\naddresses = ["https://a.example/x", 3]\nreason = "a number"', 1),
        ('[[apart]]\naddress = "https://a.example/x"\nfrom = "sha256:12"\nreason = "short"', 1),
        ('# first\n[[joins]]\nreason = "misspelt"', 2),
        ('[[join]]\naddresses = ["https://a.example/x", "https://a.example/y"]\nreason = "r"\nwhy = "x"', 1),
        ("join = 3", 1),
        ("[[join", 1),
        ("\x00", 1),
        ("a = " + "[" * 100_000, 0),
    ],
)
def test_an_error_in_the_file_is_named_with_its_line(text: str, line: int) -> None:
    found = parse_corrections(text)
    assert found.held == ()
    (problem,) = found.problems
    assert (problem.outcome, problem.subject) == ("curation-unreadable", "curation/joins.toml")
    assert f"line {line}" in problem.detail or not line


def test_what_is_right_beside_an_error_counts(tmp_path: Path) -> None:
    assert read_corrections(tmp_path) == parse_corrections("")
    good = f'[[join]]\naddresses = ["{OLD}", "{NEW}"]\nreason = "r"\n'
    (tmp_path / JOINS).parent.mkdir()
    (tmp_path / JOINS).write_text(f"{good}[[apart]]\nreason = 'nothing named'\n")
    found = read_corrections(tmp_path)
    assert (len(found.held), len(found.problems)) == (1, 1)
    told = check_curation_file(tmp_path, "joins.toml", {"joins.toml": "0" * 64})
    assert "curation-unreadable" in {one.outcome for one in told.damages}
    (tmp_path / JOINS).write_bytes(b"\xff\xfe")
    assert [one.detail for one in read_corrections(tmp_path).problems] == ["line 1: it is no UTF-8"]


def test_a_file_that_is_broken_or_gone_leaves_in_force_what_was(tmp_path: Path) -> None:
    """CO-09: nothing of it is taken in part, since what documents are called hangs on it."""
    good = f'[[join]]\naddresses = ["{OLD}", "{NEW}"]\nreason = "r"\n'
    (tmp_path / JOINS).parent.mkdir()
    (tmp_path / JOINS).write_text(good)
    told = corrections_in_force(tmp_path, [])
    assert (len(told.held), told.problems, is_news(told, [])) == (1, (), True)
    events = [{"event": "joins-used", **event_of(told)}]
    assert not is_news(told, events)
    more = f'[[apart]]\naddress = "{OLD}"\nfrom = "{THIRD}"\nreason = "r"\n'
    for broken in (good + more + "[[join", good + more + "[[apart]]\nreason = 'nothing named'\n", "\x00"):
        (tmp_path / JOINS).write_text(broken)
        found = corrections_in_force(tmp_path, events)
        assert (found.held, len(found.problems), is_news(found, events)) == (told.held, 1, False), broken
    (tmp_path / JOINS).unlink()
    found = corrections_in_force(tmp_path, events)
    assert (found.held, "gone" in found.problems[0].detail) == (told.held, True)
    assert corrections_in_force(tmp_path, []) == Corrections(), "there never was one"
    (tmp_path / JOINS).write_text("# nothing any more\n")
    assert corrections_in_force(tmp_path, events) == Corrections(), "taken back"
    figure("CO-09", file="joins.toml", broken=3, gone=1, in_force_changed=0)


def test_a_correction_is_in_force_after_a_rebuild_and_is_verified(demo_archive: Path) -> None:
    files = "https://www.dhs.gov/sites/default/files/publications"
    one, other = (f"{files}/sample-plate-searches-{year}.pdf" for year in (2017, 2018))
    text = f'[[join]]\naddresses = ["{one}", "{other}"]\nreason = "One report"\n'
    (demo_archive / JOINS).write_text(text)
    assert oversight("accept", "curation/joins.toml", "--reason", "tried", "--archive", demo_archive).returncode == 0
    assert oversight("rebuild", "--archive", demo_archive).returncode == 0
    found = rows(demo_archive, "SELECT document, rule FROM joins WHERE url = ?", other)
    assert found == [("dhs-gov-sites-default-files-publications-sample-plate-searches-2017-pdf", "curated")]
    built = oversight("release", "build", "--archive", demo_archive)
    assert built.returncode == 0, "every address that release 1 answered for leads on"
    checked = oversight("verify", "--archive", demo_archive)
    assert checked.returncode == 0, checked.stdout
    (demo_archive / JOINS).write_text(text + "[[join")
    again = oversight("rebuild", "--archive", demo_archive)
    assert "curation-unreadable" in again.stdout, again.stdout
    assert rows(demo_archive, "SELECT document, rule FROM joins WHERE url = ?", other) == found
