"""Outlines of assessments, reports and briefs, of their text, their tables of contents and their bookmarks."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfplumber.pdf import PDF

from pipelines.text.bookmarks import bookmarks_of
from pipelines.text.outline import outline_of
from pipelines.text.page_labels import printed_labels
from pipelines.text.pdf import read_pdf
from pipelines.text.pdf_labels import iter_pages
from pipelines.text.reading import OutlineEntry, Part, TextPage
from samples.documents import PIA_039A, file_at

OVERHEAD = "Privacy Impact Assessment\nDHS/ICE/PIA-039, A System\nPage {n}\n"
ASSESSMENT = (
    "Privacy Impact Assessment\nfor the\nSystem\nDHS/ICE/PIA-039\nMarch 19, 2015",
    "Abstract\nIt says what the system is.\nOverview\nIt holds 1.1 million records.\nSection 208 of the Act\nasks.",
    """Section 1.0 Authorities and Other Requirements
1.1 What specific legal authorities and/or agreements permit and
define the collection of information by the
project in question?
Those of Title 8.
1.2 What Privacy Act System of Records Notice(s) (SORN(s)) apply to the
information?
1.5 percent of them.
2.1 See below.
Section 2.0 Characterization of the
Information
2.1 Identify the information the project collects, uses, or maintains""",
    "9.9 Things\n2.2 Privacy Impact Analysis: Related to Notice\nPrivacy Risk: There is one.\nResponsible Officials\n"
    "X\nApproval Signature\n____",
)


def pages_of(*texts: str, labels: list[str] | None = None) -> list[TextPage]:
    return [TextPage(n, labels[n - 1] if labels else "", text) for n, text in enumerate(texts, start=1)]


def told(entries: tuple[OutlineEntry, ...]) -> list[tuple[int, str, str, int]]:
    return [(entry.level, entry.number, entry.title, entry.page) for entry in entries]


def test_an_assessment_has_its_sections_and_questions() -> None:
    texts = [text if not n else OVERHEAD.format(n=n) + text for n, text in enumerate(ASSESSMENT)]
    assert told(outline_of(pages_of(*texts))) == [
        (1, "", "Abstract", 2),
        (1, "", "Overview", 2),
        (1, "1.0", "Authorities and Other Requirements", 3),
        (2, "1.1", "What specific legal authorities and/or agreements permit and define the collection of "
         "information by the project in question?", 3),
        (2, "1.2", "What Privacy Act System of Records Notice(s) (SORN(s)) apply to the information?", 3),
        (1, "2.0", "Characterization of the Information", 3),
        (2, "2.1", "Identify the information the project collects, uses, or maintains", 3),
        (2, "2.2", "Privacy Impact Analysis: Related to Notice", 4),
        (1, "", "Responsible Officials", 4),
        (1, "", "Approval Signature", 4),
    ]  # fmt: skip


def with_parts(*stretches: tuple[str, str]) -> TextPage:
    text, parts = "", []
    for kind, words in stretches:
        parts.append(Part(kind, len(text), len(text) + len(words)))
        text += words + "\n\n"
    return TextPage(1, "", text, parts=tuple(parts))


def test_parts_say_what_is_a_heading() -> None:
    page = with_parts(
        ("header", "1.0 Not this"),
        ("heading", "Section 1.0 A Title\nOver Two Lines"),
        ("text", "words. Then\nConclusion"),
        ("heading", "A smaller one"),
        ("text", "1. A first point\n\n2. A second point\n\n3. Another point"),
        ("table", "4.0 Not This Either"),
        ("heading", "B. lower case"),
        ("note", "1.1 Nor This"),
    )
    assert told(outline_of([page])) == [
        (1, "1.0", "A Title Over Two Lines", 1),
        (1, "", "Conclusion", 1),
        (2, "", "A smaller one", 1),
        (1, "B", "lower case", 1),
    ]


def test_levels_come_from_the_order_of_styles() -> None:
    lines = ["I. First Part", "A. Its First Half", "1. A Detail", "2. Another Detail", "B. Its Second Half",
             "II. Second Part", "CONCLUSION", "H. Not in Order"]  # fmt: skip
    found = told(outline_of(pages_of(*(f"{line}\nwords of {line}" for line in lines))))
    assert [entry[:2] for entry in found] == [
        (1, "I"), (2, "A"), (3, "1"), (3, "2"), (2, "B"), (1, "II"), (1, ""),
    ]  # fmt: skip


def test_lists_rows_and_sentences_are_no_headings() -> None:
    text = """1. Apples
2. Pears
3. Plums
A. Reports issued during the period 11 $1,059
words
words
1. Use the gained knowledge to assess the technical trade between products
words"""
    assert outline_of(pages_of(text)) == ()


CONTENTS = (
    "TABLE OF CONTENTS\nARGUMENT ........ 1\nI. A Title That Ends\nWith a Period. ........ 1\nCONCLUSION ........ 2"
)


def test_entries_of_a_table_of_contents_stand_where_the_heading_stands() -> None:
    pages = pages_of(
        CONTENTS,
        "ARGUMENT\nwords\nI. A Title That Ends With\na Period.\nwords",
        "CONCLUSION\nwords",
        labels=["i", "1", "2"],
    )
    assert told(outline_of(pages)) == [
        (1, "", "ARGUMENT", 2),
        (2, "I", "A Title That Ends With a Period", 2),
        (1, "", "CONCLUSION", 3),
    ]


def test_bookmarks_are_taken_where_they_cover_the_document() -> None:
    pages = pages_of("Abstract\nSome words", "Section 1.0 Uses\nwords", "Section 2.0 Notice\nwords\nConclusion")
    marks = [
        OutlineEntry(1, "", "Abstract", 1),
        OutlineEntry(3, "", "1.0 Uses", 2),
        OutlineEntry(1, "", "2.0 Notice", 3),
    ]
    found = outline_of(pages, marks)
    assert told(found) == [(1, "", "Abstract", 1), (3, "1.0", "Uses", 2), (1, "2.0", "Notice", 3)]
    wrong = [mark._replace(page=1) for mark in marks]
    assert [entry.page for entry in outline_of(pages, wrong)] == [1, 2, 3, 3], "titles that aren't where they lead"
    assert len(outline_of(pages, marks[:1])) == 4, "too few"
    assert len(outline_of(pages, [OutlineEntry(1, "", f"scan{n}.pdf", n) for n in (1, 2, 3)])) == 4, "not in the text"
    assert len(outline_of(pages, [mark._replace(page=9) for mark in marks])) == 4, "not in the file"


def test_titles_that_all_lead_to_the_first_page_are_looked_up() -> None:
    pages = pages_of("Background\nwords", "words\nRequired Steps\nwords", "words\nReporting and More\nwords")
    marks = [OutlineEntry(1, "", title, 1) for title in ("Background", "Required Steps", "Reporting and More")]
    assert told(outline_of(pages, [*marks[:1], *(mark._replace(level=2) for mark in marks[1:])])) == [
        (1, "", "Background", 1),
        (2, "", "Required Steps", 2),
        (2, "", "Reporting and More", 3),
    ]


def test_a_table_of_contents_that_is_not_of_this_text_is_left() -> None:
    contents = "CONTENTS\nARGUMENT ...... 1\nCONCLUSION ...... 1\nUses ...... 1" + "".join(
        f"\nPart {n} Elsewhere ...... 9" for n in range(9)
    )
    found = told(outline_of(pages_of(contents, "Abstract\nARGUMENT\nUses\nwords\nCONCLUSION")))
    assert [entry[2] for entry in found] == ["Abstract", "ARGUMENT", "CONCLUSION"]


def test_a_running_header_is_no_heading() -> None:
    pages = pages_of(*(f"Summary\nwords of page {n}\nmore words" for n in "abc"), "Conclusion\nwords")
    assert told(outline_of(pages)) == [(1, "", "Conclusion", 4)]


def test_a_heading_that_is_printed_again_is_one() -> None:
    pages = pages_of("Appendix A: Data\nwords", "Appendix A: Data\nother words")
    assert told(outline_of(pages)) == [(1, "", "Appendix A: Data", 1)]


def test_no_pages_have_no_outline() -> None:
    assert outline_of([]) == outline_of(pages_of("", "")) == ()


def test_the_sample_has_the_sections_of_its_text() -> None:
    found = outline_of(read_pdf(file_at(PIA_039A, "2018-01-09")).pages)
    assert ("", "Reason for the PIA Update", 3) in [entry[1:] for entry in found]
    assert [entry.number for entry in found if entry.number] == [f"{n}.0" for n in range(1, 9)]


def real(path: Path) -> tuple[list[TextPage], list[OutlineEntry]]:
    body = path.read_bytes()
    pages = read_pdf(body).pages
    labels = printed_labels([page.text.split("\n") for page in pages])
    document = PDF.open(io.BytesIO(body)).doc
    plain = [TextPage(page.number, label, page.text) for page, label in zip(pages, labels, strict=True)]
    return plain, bookmarks_of(document, [page.pageid for page in iter_pages(document)])


def test_a_real_brief_has_one_outline_by_its_bookmarks_and_by_its_contents(corpus: Path) -> None:
    pages, marks = real(corpus / "pdf/gov/foia-ice-cbp/aclu-v-ice-2018/4_Dist_Court_Briefing_Govt_MSJ_Dkt_31.pdf")
    marked, listed = outline_of(pages, marks)[2:], outline_of(pages)
    assert len(marked) == 12
    assert [(entry.level, entry.number, entry.page) for entry in marked] == [
        (entry.level, entry.number, entry.page) for entry in listed
    ]


def test_a_real_statement_of_work_has_its_numbered_sections(corpus: Path) -> None:
    path = corpus / "pdf/gov/gsa-rfq/solicitation_documents/Attachment-A-PWS-cloud.gov-support-services.pdf"
    assert [(entry.level, entry.number, entry.page) for entry in outline_of(real(path)[0])] == [
        (1, "1.0", 1), (1, "2.0", 2), (1, "3.0", 3), (2, "3.1", 3), (2, "3.2", 5), (1, "4.0", 6), (1, "5.0", 6),
        (1, "6.0", 7),
    ]  # fmt: skip


LINES = st.sampled_from(
    ["Abstract", "Section 1.0 Uses", "1.1 What is", "it?", "I. Facts", "A. More Facts", "Contents", "Uses ...... 1",
     "words", "Appendix A: Data", ""]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(LINES | st.text(max_size=15), max_size=12), max_size=5),
    st.lists(
        st.tuples(st.integers(1, 9), st.sampled_from(["Abstract", "1.0 Uses", "x", ""]), st.integers(-1, 9)), max_size=6
    ),
)
def test_any_pages_have_an_outline_that_can_be_kept(texts: list[list[str]], marks: list[tuple[int, str, int]]) -> None:
    pages = pages_of(*("\n".join(lines) for lines in texts))
    for entry in outline_of(pages, [OutlineEntry(level, "", title, page) for level, title, page in marks]):
        assert 1 <= entry.level <= 9
        assert 1 <= entry.page <= len(pages)
        assert entry.title
        assert len(entry.title) <= 500
        assert len(entry.number) <= 20


@pytest.mark.parametrize("line", ["1. Title\nwords\nwords\n", "Section 1.0 of the\n", "ARGUMENT ...... 1\n", "A B\n"])
def test_pages_without_end_take_no_longer_than_they_are(line: str) -> None:
    outline_of(pages_of(*[line * 300] * 100))
