"""Covers of privacy impact assessments of all years, and documents that have none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.text.cover import cover_facts, without_cover
from pipelines.text.pdf import read_pdf
from pipelines.text.reading import OutlineEntry, Part, TextPage
from samples.documents import CBP_049A, PIA_039A, PIA_039B, USCIS_056, file_at, justification

OLD = """Homeland
Security
Privacy Impact Assessment
for the

Use of a Database
from a Commercial Service

DHS/ICE/PIA-039

March 19, 2015

Contact Point
First Last
Privacy Officer
U.S. Immigration and Customs
Enforcement
(202) 555-0100

Reviewing Official
Second Last
Chief Privacy Officer
Department of Homeland Security
(202) 555-0101"""
NEW = """Privacy Impact Assessment Update
for the
License Plate Reader Technology
DHS Reference No. DHS/CBP/PIA-049(a)
July 6, 2020"""
END = """more words
Contact Official
Privacy Officer
U.S. Customs and Border Protection
1300 Pennsylvania Avenue NW
Washington, DC 20229
office@example.gov
Responsible Official
Executive Director
Approval Signature
Original, signed copy on file with the DHS Privacy Office.
________________________________
Third Last
Chief Privacy Officer
Department of Homeland Security"""


def facts_of(*texts: str) -> dict[str, tuple[str, int]]:
    facts = cover_facts([TextPage(number, "", text) for number, text in enumerate(texts, start=1)])
    assert len({fact.name for fact in facts}) == len(facts)
    return {fact.name: (fact.value, fact.page) for fact in facts}


def test_an_older_cover_names_its_officials_without_how_to_reach_them() -> None:
    assert facts_of("", OLD, "words") == {
        "kind": ("Privacy Impact Assessment", 2),
        "number": ("DHS/ICE/PIA-039", 2),
        "component": ("ICE", 2),
        "title": ("Use of a Database from a Commercial Service", 2),
        "date": ("March 19, 2015", 2),
        "contact": ("First Last, Privacy Officer, U.S. Immigration and Customs Enforcement", 2),
        "reviewing-official": ("Second Last, Chief Privacy Officer, Department of Homeland Security", 2),
    }


def test_a_newer_one_has_them_on_its_last_pages() -> None:
    assert facts_of(NEW, "words", END) == {
        "kind": ("Privacy Impact Assessment Update", 1),
        "number": ("DHS/CBP/PIA-049(a)", 1),
        "component": ("CBP", 1),
        "title": ("License Plate Reader Technology", 1),
        "date": ("July 6, 2020", 1),
        "contact": ("Privacy Officer, U.S. Customs and Border Protection", 3),
        "reviewing-official": ("Third Last, Chief Privacy Officer, Department of Homeland Security", 3),
    }


def test_a_way_to_reach_somebody_ends_a_block() -> None:
    text = "Privacy Impact Assessment\nContact Point\nPrivacy Officer\n(202) 555-0100\nfooter words"
    assert facts_of(text)["contact"] == ("Privacy Officer", 1)


def test_the_last_four_pages_are_looked_through() -> None:
    assert facts_of(NEW, END, "a", "b", "c")["contact"][1] == 2
    assert "contact" not in facts_of(NEW, END, "a", "b", "c", "d")


def test_headers_and_notes_are_no_part_of_an_official() -> None:
    text = "Running Header\nApproval Signature\nChief Privacy Officer\n1 A note"
    parts = (Part("header", 0, 14), Part("text", 15, 55), Part("note", 56, len(text)))
    facts = cover_facts([TextPage(1, "", NEW), TextPage(2, "1", text, parts=parts)])
    assert [fact.value for fact in facts if fact.name == "reviewing-official"] == ["Chief Privacy Officer"]


@pytest.mark.parametrize(
    ("lines", "name", "value"),
    [
        ("Privacy Impact Assessment for the\nThing\nMay 2021", "title", "Thing"),
        ("PRIVACY IMPACT ASSESSMENT\nfor\nThing\nMay 2021", "title", "Thing"),
        ("Privacy Impact Assessment (PIA) for the Long\nThing\nMay 1, 2021", "title", "Long Thing"),
        ("Privacy Impact Assessment\nfor the Thing\nDHS/ICE/PIA – 001(a)", "number", "DHS/ICE/PIA – 001(a)"),
        ("Privacy Impact Assessment\nfor the\nThing\nDHS/USCIS/PIA-\n056", "number", "DHS/USCIS/PIA- 056"),
        ("Privacy Impact Assessment\nfor the\nThing\nDHS/NPPD/US-VISIT/PIA-004", "component", "NPPD/US-VISIT"),
        ("Privacy Threshold Analysis (PTA)\nContact Point: The Office", "contact", "The Office"),
        ("Privacy Threshold Analysis\nDate: 03/19/2015\nReviewing Official\nX", "date", "03/19/2015"),
    ],
)
def test_other_ways_to_print_it(lines: str, name: str, value: str) -> None:
    assert facts_of(lines)[name] == (value, 1)


def test_what_is_not_printed_is_no_fact() -> None:
    assert facts_of("Privacy Impact Assessment\nfor the\nThing") == {"kind": ("Privacy Impact Assessment", 1)}
    assert set(facts_of("Privacy Impact Assessment\nDHS/ICE/PIA-039\nwords")) == {"kind", "number", "component"}
    assert set(facts_of("Privacy Impact Assessment\nContact Point\n(202) 555-0100")) == {"kind"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Privacy Impact Assessment",
        "Privacy Impact Assessment Guidance\nContact Point\nX",
        "Privacy Impact Assessments: The Privacy Office Official Guidance",
        "The Privacy Impact Assessment for the Thing of March 19, 2015\nDHS/ICE/PIA-039",
        "words\n" * 20 + OLD,
    ],
    ids=range(6),
)
def test_what_does_not_say_that_it_is_one_has_no_facts(text: str) -> None:
    assert facts_of(text) == {}


@pytest.mark.parametrize(
    ("url", "number", "date"),
    [
        (PIA_039A, "DHS/ICE/PIA-039(a)", "December 27, 2017"),
        (PIA_039B, "DHS/ICE/PIA-039(b)", "May 2021"),
        (CBP_049A, "DHS/CBP/PIA-049(a)", "July 6, 2020"),
        (USCIS_056, "DHS/USCIS/PIA-056", "May 17, 2016"),
    ],
    ids=["039a", "039b", "049a", "056"],
)
def test_the_samples_have_all_facts(url: str, number: str, date: str) -> None:
    facts = {fact.name: fact.value for fact in cover_facts(read_pdf(file_at(url, "2018-01-09")).pages)}
    assert set(facts) == {"kind", "number", "component", "title", "date", "contact", "reviewing-official"}
    assert (facts["number"], facts["date"]) == (number, date)


def test_a_justification_is_no_assessment() -> None:
    assert cover_facts(read_pdf(justification()).pages) == ()


def test_no_real_directive_is_one(corpus: Path) -> None:
    for name in ("bod-15-01.pdf", "ed-20-02.pdf"):
        assert cover_facts(read_pdf((corpus / "pdf/gov/dhs-directives" / name).read_bytes()).pages) == ()


PIECES = ["Privacy Impact Assessment", "for the", "DHS/ICE/PIA-039", "May 2021", "Contact Point", "Reviewing Official",
          "(202) 555-0100", "a@example.gov", "Words", "", "Approval Signature", "____"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=14), max_size=4))
def test_any_pages_have_facts_that_are_printed_and_say_no_way_to_reach_anybody(pages: list[list[str]]) -> None:
    texts = ["\n".join(lines) for lines in pages]
    for fact in cover_facts([TextPage(number, "", text) for number, text in enumerate(texts, start=1)]):
        assert 1 <= fact.page <= len(pages)
        assert fact.value
        assert "555-01" not in fact.value
        assert "@example" not in fact.value


@pytest.mark.parametrize("piece", ["for the ", "DHS/ICE/", "Contact Point ", "_", "1 a ", "signature "])
def test_long_lines_take_no_longer_than_they_are(piece: str) -> None:
    cover_facts(
        [TextPage(1, "", f"Privacy Impact Assessment\nfor the\n{piece * 20_000}\nContact Point\n{piece * 20_000}")]
    )


def test_a_cover_heads_no_section_but_one_with_the_abstract_under_it_does() -> None:
    cover = TextPage(1, "", OLD, parts=(Part("heading", 0, len(OLD)),))
    abstract = "The system keeps records of what was asked of it and by whom. " * 5
    together = TextPage(
        1,
        "",
        OLD + "\n\n" + abstract,
        parts=(Part("heading", 0, len(OLD)), Part("text", len(OLD) + 2, len(OLD) + 2 + 310)),
    )
    outline = (
        OutlineEntry(1, "", "for the", 1),
        OutlineEntry(1, "1.0", "Authorities", 1),
        OutlineEntry(1, "", "Abstract", 2),
    )
    assert without_cover(outline, [cover, TextPage(2, "1", "words")]) == outline[1:]
    assert without_cover(outline, [together, TextPage(2, "1", "words")]) == outline
    assert without_cover(outline, [TextPage(1, "", "Report"), TextPage(2, "1", "words")]) == outline
