"""Tests that quotations are found in drafts of every format, with what is cited for each; and that no draft does
harm."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.drafts.annotating import annotate
from archive.drafts.apart import read_apart
from archive.drafts.draft import Draft, DraftRefused
from archive.drafts.reading import format_of, read_draft
from archive.outcomes import OUTCOMES
from tests import made_drafts
from tests.figures import figure
from tests.made_drafts import BLOCK, HTML, MARKDOWN, OTHER, WORDS, docx, paragraph


def said(draft: Draft) -> list[str]:
    return [" ".join(one.words.split()) for one in draft.quotations]


def cited(draft: Draft, number: int) -> list[tuple[str, str]]:
    return [(cite.kind, cite.said) for cite in draft.quotations[number].cites]


def markdown(text: str) -> Draft:
    return read_draft(text.encode(), "md")


@pytest.mark.parametrize(
    ("name", "body"), [("a.md", MARKDOWN.encode()), ("a.html", HTML.encode()), ("a.docx", docx())],
    ids=["md", "html", "docx"],
)  # fmt: skip
def test_each_format_gives_the_same_quotations_and_cites(name: str, body: bytes) -> None:
    draft = read_apart(body, name)
    assert said(draft) == [WORDS, BLOCK, OTHER]
    assert [one.shape for one in draft.quotations] == ["marks", "block", "marks"]
    assert ("number", "DHS/ICE/PIA-039(a)") in cited(draft, 0)
    assert ("page", "7") in cited(draft, 0)
    assert cited(draft, 1) == [("number", "DHS/ICE/PIA-039(a)"), ("page", "4")]
    assert cited(draft, 2) == [("address", "https://example.org/story")]


def test_a_pdf_is_read_by_the_reader_of_files() -> None:
    assert said(read_apart(made_drafts.in_pdf(), "a.pdf")) == [WORDS]


def test_what_is_skipped_is_named() -> None:
    draft = markdown(MARKDOWN)
    assert [words for words, _ in draft.skipped] == ["“no more", "scare"]
    assert cited(draft, 0)[:2] == [("number", "DHS/ICE/PIA-039(a)"), ("page", "7")], "the nearest first"
    assert ("address", "https://example.org/note") in cited(draft, 0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("„Worte, die zitiert werden“ und «des mots cités ici» und »auch diese drei Worte«", 3),
        ("It's the users' data; ’tis the ’90s, said 'the man of the hour', didn't he", 1),
        ("He said ‘that the “inner” words count’, and “that the ‘inner’ words count”.", 2),
        ("“A paragraph of some words.\n\n“Another one that ends it.” And “one more of them”.", 2),
        ("“one that is never closed\n\nAnd text, “one that is closed”", 1),
        ('"a quotation in straight marks," he said, "and its second half."', 2),
        ("> a block of words\n> and its second line\n\ntext\n\n> another block of words", 2),
        ("“it said * * * that all . . . is [sic] well”", 1),
        ('a 5" and a 6" screen', 0),
        ("<q>a quotation in a tag</q> &ldquo;and one in entities&rdquo; <!-- “and one in a comment” -->", 2),
        ("", 0),
    ],
)
def test_marks_of_every_kind(text: str, found: int) -> None:
    assert len(markdown(text).quotations) == found, said(markdown(text))


def test_emphasis_goes_and_omissions_stay() -> None:
    draft = markdown("“the *agency* will **not** keep _any_ \\*data\\* * * * snake_case [words](https://e.org/a_(b))”")
    assert said(draft) == ["the agency will not keep any *data* … snake_case words"]
    assert cited(draft, 0) == [("address", "https://e.org/a_(b)")]


_REGISTER = {("number", "81 FR 72080"), ("page", "72081")}
_OURS = "/d/dhs-ice-pia-039a@239d076958/p3?quote=words"


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("As PIA-039(a) at 7 says, “words that are quoted here”.", {("number", "PIA-039(a)")}),
        ("“words that are quoted here” (pp. 7–8).", {("page", "7")}),
        ("“Words that are quoted here.” (81 FR 72080, at 72081.) More of PIA-045.", _REGISTER),
        ("“words that are quoted here” at 3 p.m. on page 4", {("page", "4")}),
        ("“words of the first one”, PIA-045; “words of the second one”, PIA-009", {("number", "PIA-045")}),
        (f"[“words that are quoted here”]({_OURS})", {("address", _OURS)}),
        ("One of PIA-045. “Words that are quoted here.” Another of PIA-009.", set()),
    ],
)
def test_what_is_cited_for_a_quotation(text: str, cites: set[tuple[str, str]]) -> None:
    found = set(cited(markdown(text), 0))
    assert {cite for cite in found if cite[0] != "page"} >= {cite for cite in cites if cite[0] != "page"}
    assert {cite[1] for cite in found if cite[0] == "page"} >= {cite[1] for cite in cites if cite[0] == "page"}
    assert cites or not found


def test_the_annotated_copy_repeats_the_draft_letter_for_letter() -> None:
    draft = markdown(MARKDOWN)
    copy = annotate(draft, ["one", "two", "three"])
    bare = copy
    for number in (1, 2, 3):
        bare = bare.replace(f"[^q{number}]", "", 1)
    assert bare.startswith(MARKDOWN.rstrip("\n"))
    assert f"{WORDS}”[^q1] (DHS" in copy
    assert f'{OTHER}"[^q3]*' in copy
    assert copy.endswith("\n[^q1]: one\n[^q2]: two\n[^q3]: three\n")
    apart = annotate(read_draft(HTML.encode(), "html"), ["one", "two", "three"])
    assert f"“{WORDS}”[^q1]" in apart


HOSTILE = {
    "empty": (b"", "a.md"),
    "no docx": (b"PK\x03\x04 no", "a.docx"),
    "a zip of nothing": (docx().replace(b"document.xml", b"dokument.xml"), "a.docx"),
    "a document type": (docx(None, **{"word__styles.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "a.docx"),
    "outside": (docx(None, **{"word__styles.xml": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'}), "a.docx"),
    "a bomb": (docx(None, **{"word__styles.xml": b" " * 90_000_000}), "a.docx"),
    "deep": (docx("<w:tbl>" * 5_000), "a.docx"),
    "deep page": (b"<div>" * 200_000 + b"<q>words in a quotation", "a.html"),
    "one tag": (b"<p " + b" ".join(b"a%d=1" % n for n in range(60_000)) + b">", "a.html"),
    "no pdf": (b"%PDF-1.7 nothing", "a.pdf"),
    "nul": (b"\0\1\2" * 500, "a.txt"),
    "a word processor": (b"\xd0\xcf\x11\xe0" + b"a" * 99, "a.doc"),
    "large": (b"a" * 10_000_001, "a.txt"),
    "long": ("“two words” ".encode() * 200_000, "a.txt"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_draft_has_a_named_end(name: str) -> None:
    if name in {"empty", "deep page"}:
        assert len(read_apart(*HOSTILE[name], seconds=30).quotations) <= 1
        return
    with pytest.raises(DraftRefused) as refused:
        read_apart(*HOSTILE[name], seconds=30)
    assert OUTCOMES[refused.value.outcome].remedy


SLOW = [
    "“", '"', "[", "[a](", "`", "*", "_a", "> ", "<!--", "<q>", "'a b c d", "“a b c ”", "[^1]", "a. A", "\n\n“a",
    "PIA-039 at 7 “a b c” ", "[a]: b\n", "&a", "p. ",
]  # fmt: skip


@pytest.mark.parametrize("piece", SLOW)
def test_reading_is_linear(piece: str) -> None:
    """SQ-11: what could be slow takes four times as long where it is four times as much, not sixteen times."""

    def seconds(size: int) -> float:
        began = time.process_time()
        read_draft((piece * (size // len(piece))).encode(), "md")
        return time.process_time() - began

    took = [min(seconds(size) for _ in range(2)) for size in (15_000, 60_000)]  # a busy machine can double one of them
    assert took[1] < 9 * took[0] + 0.2


def test_formats_are_told_by_content_before_name() -> None:
    assert format_of("a.txt", b"%PDF-1.4") == "pdf"
    assert format_of("-", b"<!DOCTYPE html><p>") == "html"
    assert format_of("-", b"# text") == "md"
    with pytest.raises(DraftRefused):
        format_of("a.docx", b"text")
    figure("HP drafts", hostile=len(HOSTILE), named=True)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab \n“”\"'‘’[]()*_`>#<!-&;^1:.…/PIA039", max_size=200))
def test_any_text_is_read(text: str) -> None:
    for form in ("md", "txt"):
        draft = read_draft(text.encode("utf-8", "replace"), form)
        for one in draft.quotations:
            assert 0 <= one.behind <= len(draft.source)
        annotate(draft, ["note"] * len(draft.quotations))


def test_what_a_change_deleted_is_no_text() -> None:
    body = (
        paragraph("“words that stand there”")
        + "<w:p><w:del><w:r><w:delText>“words that are gone”</w:delText></w:r></w:del></w:p>"
    )
    assert said(read_draft(docx(body), "docx")) == ["words that stand there"]


def test_a_symbol_of_a_font_is_no_word_that_may_go() -> None:
    symbol = '<w:p><w:r><w:t>“An error of </w:t></w:r><w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>'
    draft = read_draft(docx(f"{symbol}<w:r><w:t> 5 points was seen”</w:t></w:r></w:p>"), "docx")
    assert draft.quotations[0].words == "An error of \ufffc 5 points was seen"
