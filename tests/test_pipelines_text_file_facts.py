"""The facts of a PDF as a file: hostile ones, and the real ones."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfplumber.pdf import PDF

from pipelines.text import pdf_attached
from pipelines.text.file_facts import file_facts, revisions
from pipelines.text.reading import Fact
from tests.hostile import pdf as hostile


def facts_of(body: bytes, last_page: int = 100) -> tuple[tuple[Fact, ...], dict[str, str]]:
    return file_facts(PDF.open(io.BytesIO(body), raise_unicode_errors=False), body, last_page)


def made(
    catalog: bytes = b"", *, annotations: bytes = b"", page: bytes = b"", info: bytes = b"", **more: bytes
) -> bytes:
    """Two pages, the second with what is given; `_20=...` is object 20."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Count 2 /Kids [10 0 R 11 0 R] >>",
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        4: b"<< %s >>" % info,
        10: hostile.page(b""),
        11: hostile.page(b"/Annots [%s] %s" % (annotations, page)),
    }
    return hostile.assembled(objects | {int(name[1:]): body for name, body in more.items()}, b"/Root 1 0 R /Info 4 0 R")


def named(body: bytes, name: str) -> list[tuple[str, int]]:
    return [(fact.value, fact.page) for fact in facts_of(body)[0] if fact.name == name]


def test_a_plain_file_has_no_facts() -> None:
    assert facts_of(made()) == ((), {"PDF version": "1.7"})


def test_metadata_is_what_the_file_says_cleaned_and_cut() -> None:
    body = made(
        b"/Lang (en-US) /MarkInfo << /Marked true >> /Version /2.0",
        info=b"/Title (<b>A\\000 title</b> %s) /Author (Privacy Office, office@example.gov) /Producer 7 "
        b"/CreationDate (D:99999%s) /Creator <FEFF202E0041> /Secret (not listed)" % (b"x" * 9000, b"9" * 90),
    )
    metadata = facts_of(body)[1]
    assert metadata["Title"].startswith("<b>A title</b> xxx")
    assert len(metadata["Title"]) == 500
    assert len(metadata["CreationDate"]) == 60
    del metadata["Title"], metadata["CreationDate"]
    assert metadata == {
        "Author": "Privacy Office", "Creator": "\u202eA", "Language": "en-US", "PDF version": "2.0", "Tagged": "yes",
    }  # fmt: skip


def test_a_file_that_opens_with_an_empty_password_says_so() -> None:
    assert facts_of(hostile.encrypted())[1]["encrypted"] == "opens with an empty password"


def test_embedded_files_are_listed_by_their_names_and_not_opened() -> None:
    body = made(
        b"/Names << /EmbeddedFiles << /Names [(a) 20 0 R (b) 21 0 R (again) 20 0 R] >> >> /AF [20 0 R]",
        annotations=b"<< /Subtype /FileAttachment /FS (memo.doc) >>",
        _20=b"<< /F (../../etc/pass\\000wd) /EF << /F 22 0 R >> >>",
        _21=b"<< >>",
        _22=hostile.stream(b"not deflate", b"/Filter /FlateDecode /Params << /Size 1234567 >>"),
    )
    assert named(body, "embedded-file") == [
        ("../../etc/passwd (1,234,567 bytes, as the file says)", 0),
        ("a file without a name", 0),
        ("memo.doc", 2),
    ]


def test_ten_thousand_attachments_are_counted() -> None:
    names = b" ".join(b"(n%d) << /F (file %d.exe) >>" % (number, number) for number in range(10_000))
    listed = named(made(b"/Names << /EmbeddedFiles << /Names [%s] >> >>" % names), "embedded-file")
    assert len(listed) == 201
    assert listed[0] == ("file 0.exe", 0)
    assert listed[-1] == ("and 9,800 more", 0)


def test_whatever_a_viewer_would_do_is_named() -> None:
    body = made(
        b"/OpenAction << /S /JavaScript /JS (app.alert) /Next [<< /S /Launch /Win << /F (cmd.exe) >> >>] >> "
        b"/AA << /WC << /S /URI /URI (https://example.gov/beacon) >> >> "
        b"/Names << /JavaScript << /Names [(init) << /S /JavaScript >>] >> >> /AcroForm << /XFA [(form) 20 0 R] >> "
        b"/Outlines 21 0 R",
        page=b"/AA << /O << /S /JavaScript >> >>",
        _21=b"<< /First 22 0 R >>",
        _22=b"<< /Title (Go) /A << /S /Launch /F (run.exe) >> >>",
        annotations=b"<< /Subtype /Link /A << /S /URI /URI (https://example.gov/plain) >> >>"
        b"<< /Subtype /Link /A << /S /GoToR /F (other.pdf) >> >>"
        b"<< /Subtype /Link /A << /S /SubmitForm /F << /FS /URL /F (https://example.gov/post) >> >> >>"
        b"<< /Subtype /RichMedia >> << /Subtype /Widget /AA << /K << /S /JavaScript >> >> >>",
        _20=hostile.stream(b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"),
    )
    assert named(body, "javascript") == [
        ("when the file is opened: init", 0),
        ("when the file is opened", 0),
        ("on an event of the page", 2),
        ("on an event of a field", 2),
    ]
    assert named(body, "action") == [
        ("Launch when the file is opened: cmd.exe", 0),
        ("URI on an event of the file: https://example.gov/beacon", 0),
        ("Launch on a click: run.exe", 0),
        ("GoToR on a click: other.pdf", 2),
        ("SubmitForm on a click: https://example.gov/post", 2),
        ("RichMedia on the page", 2),
    ]
    assert [value[:13] for value, _ in named(body, "xfa")] == ["a form in XML"]


def test_turning_to_a_page_is_no_action() -> None:
    assert facts_of(made(b"/OpenAction [10 0 R /Fit]"))[0] == ()
    assert facts_of(made(b"/OpenAction << /S /GoTo /D [10 0 R /Fit] >>"))[0] == ()


def test_actions_in_a_circle_are_named_once() -> None:
    body = made(
        b"/OpenAction 20 0 R",
        _20=b"<< /S /Launch /F (a) /Next 21 0 R >>",
        _21=b"<< /S /Launch /F (b) /Next [20 0 R 21 0 R] >>",
    )
    assert [value for value, _ in named(body, "action")] == [
        "Launch when the file is opened: a", "Launch when the file is opened: b",
    ]  # fmt: skip


def test_signatures_are_told_as_the_file_states_them() -> None:
    body = made(
        b"/AcroForm << /Fields [20 0 R 25 0 R 20 0 R 26 0 R] >>",
        annotations=b"21 0 R 26 0 R",
        _26=b"<< /FT /Sig /V 22 0 R >>",
        _20=b"<< /FT /Sig /T (Signature1) /V 22 0 R /Kids [21 0 R 20 0 R] >>",
        _21=b"<< /Subtype /Widget /Parent 20 0 R >>",
        _22=b"<< /Type /Sig /Name (An Office) /M (D:20180108120000Z) /Reason (I approve, call 202-555-0100) "
        b"/ContactInfo (office@example.gov) >>",
        _25=b"<< /FT /Sig /T (Unsigned) >>",
    )
    assert named(body, "signature") == [
        ("signed by An Office, at D:20180108120000Z, reason: I approve, call (as the file says; not verified)", 2)
    ]


def test_remarks_on_pages_are_listed_without_how_to_reach_anybody() -> None:
    body = made(
        annotations=b"<< /Subtype /Text /T (login7) /Contents (Is this right?\\nAsk 202-555-0100) >>"
        b"<< /Subtype /Popup /Contents (twice) >> << /Subtype /Highlight /Contents () >>"
        b"<< /Subtype /Link /Contents (no) >>"
    )
    assert named(body, "comment") == [("Text: Is this right? Ask", 2)]


def test_a_count_of_pages_that_is_wrong_is_told() -> None:
    assert named(hostile.page_shared(5), "page-count") == [("the file says 1000000000; 1 were found", 0)]


def test_what_stands_on_a_page_that_was_not_read_stands_on_none() -> None:
    facts, _ = facts_of(made(annotations=b"<< /Subtype /RichMedia >>"), last_page=1)
    assert facts == (Fact("action", "RichMedia on the page", 0),)


def test_earlier_revisions_are_counted() -> None:
    first = made()
    start = int(first.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    added = b"5 0 obj\n(new)\nendobj\n"
    table = b"xref\n5 1\n%010d 00000 n \ntrailer\n<< /Size 12 /Root 1 0 R /Prev %d >>\n" % (len(first), start)
    second = first + added + table + b"startxref\n%d\n%%%%EOF\n" % (len(first) + len(added))
    assert revisions(first) == []
    assert revisions(second) == [Fact("earlier-revision", f"1 in the file, ending after {len(first) - 1:,} bytes")]
    # The last table of a file that Word wrote, an embedded file's end, and a linearized file's first part.
    empty = b"xref\n0 0\ntrailer\n<< /Size 12 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (start, len(first))
    assert revisions(first + empty) == []
    assert revisions(b"%PDF-1.7\nstartxref\n0\n%%EOF\nstream startxref\n3\n%%EOF" + first) == []


def test_bytes_around_the_file_are_told() -> None:
    body = b"MZ junk " + made() + b"\0\r\n" + b"PK\x03\x04 and more"
    assert [(fact.name, fact.value) for fact in revisions(body)] == [
        ("bytes-before-start", "8 bytes before the PDF begins"),
        ("bytes-after-end", "13 bytes after the PDF's end"),
    ]
    assert revisions(made() + b"\0\n\x1a") == []
    assert revisions(b"") == []


def test_what_cannot_be_looked_into_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("pipelines.text.file_facts.embedded_files", broken)
    assert facts_of(made())[0] == (Fact("unreadable", "embedded files: RecursionError"),)


def test_annotations_beyond_the_cap_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_attached, "_MOST_ANNOTATIONS", 3)
    assert len(named(made(annotations=b"<< /Subtype /Text /Contents (a) >>" * 9), "comment")) == 3


WHOLE = made(
    b"/OpenAction << /S /JavaScript /Next 21 0 R >> /Names << /EmbeddedFiles << /Kids [20 0 R] >> >> "
    b"/AcroForm << /Fields [22 0 R] >> /PageLabels << /Nums [0 << /S /r >>] >>",
    annotations=b"<< /Subtype /Text /Contents (a) >> 22 0 R",
    info=b"/Title (t)",
    _20=b"<< /Names [(x) << /F (f) /EF << /F 23 0 R >> >>] >>",
    _21=b"<< /S /Launch /F (p) >>",
    _22=b"<< /FT /Sig /V << /Name (n) >> /Parent 22 0 R >>",
    _23=hostile.stream(b"zz", b"/Params << /Size 2 >>"),
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_leaves_facts_that_can_be_kept(data: st.DataObject) -> None:
    whole = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    body = bytes(whole[: data.draw(st.integers(len(whole) // 2, len(whole)))])
    try:
        pdf = PDF.open(io.BytesIO(body), raise_unicode_errors=False)
    except Exception:
        return
    facts, metadata = file_facts(pdf, body, 100)
    assert all(len(fact.value) <= 4000 and fact.name and 0 <= fact.page <= 100 for fact in facts)
    assert all(len(value) <= 500 for value in metadata.values())
    assert file_facts(PDF.open(io.BytesIO(body), raise_unicode_errors=False), body, 100) == (facts, metadata)


def test_the_real_agreements_tell_their_signature_and_remark(corpus: Path) -> None:
    folder = corpus / "pdf/gov/ice-287g-moa/agreements_20250519_024922/ALABAMA/Etowah_County_Sheriff_s_Office"
    facts, _ = facts_of((folder / "287gJEM__20etowahCoAL_06-09-2020.pdf").read_bytes())
    signed = [fact for fact in facts if fact.name == "signature"]
    assert [fact.page for fact in signed] == [7]
    assert "at D:20200609143827-04'00' (as the file says; not verified)" in signed[0].value


def test_real_files_have_facts_of_known_names(corpus: Path) -> None:
    names: dict[str, int] = {}
    for path in sorted((corpus / "pdf/gov/dhs-directives").glob("*.pdf")):
        facts, metadata = facts_of(path.read_bytes())
        assert metadata["PDF version"] >= "1.3"
        for name in {fact.name for fact in facts}:
            names[name] = names.get(name, 0) + 1
    assert set(names) <= {"earlier-revision", "signature", "comment"}
    assert names["earlier-revision"] >= 5
