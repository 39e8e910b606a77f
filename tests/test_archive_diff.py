"""The comparison of two versions: pages by content, words with their places on both sides, cells, fields."""

from __future__ import annotations

from archive.diff.compare import compare
from archive.diff.model import Page, Side

TEXTS = (
    "The office keeps each read for five years.\nNobody may copy it.",
    "A vendor gives the data to the field offices.\nThey ask by plate or by place.",
    "The records are then deleted by the vendor.",
)


def side(*texts: str, digest: str = "") -> Side:
    """Return a version with these pages."""
    return Side(digest=digest or " ".join(texts), pages=tuple(Page(n, text) for n, text in enumerate(texts, 1)))


def test_a_word_is_marked_on_both_sides() -> None:
    told = compare(side(*TEXTS), side(TEXTS[0], TEXTS[1].replace("field", "regional"), TEXTS[2]))
    (edit,) = told.edits
    assert (edit.op, edit.removed, edit.added, told.kind) == ("changed", "field", "regional", "real")
    assert [TEXTS[1][start:end] for start, end, _ in told.marks_before(2)] == ["field"]
    assert [(pair.before, pair.after, pair.state) for pair in told.pages] == [
        (1, 1, "same"), (2, 2, "changed"), (3, 3, "same")]  # fmt: skip
    assert told.summary == "1 word added and 1 word removed on 1 page (2)."


def test_an_inserted_page_marks_itself_only() -> None:
    told = compare(side(*TEXTS), side(TEXTS[0], "Wholly new words stand here.", *TEXTS[1:]))
    assert [(pair.before, pair.after, pair.state) for pair in told.pages] == [
        (1, 1, "same"), (None, 2, "added"), (2, 3, "same"), (3, 4, "same")]  # fmt: skip
    assert {place.page for edit in told.edits for place in (*edit.before, *edit.after)} == {2}


def test_words_of_a_page_that_is_gone_are_told_by_the_earlier_version() -> None:
    told = compare(side(*TEXTS), side(TEXTS[0], TEXTS[2]))
    assert told.summary == "1 page removed (2), 16 words removed on 1 page of the earlier version (2)."
    both = compare(side(*TEXTS), side(TEXTS[0], TEXTS[2].replace("deleted", "kept")))
    assert both.summary.endswith(" on 1 page (2) and on 1 page of the earlier version (2)."), both.summary


def test_the_same_is_the_same_and_a_resaved_file_is_cosmetic() -> None:
    assert compare(side(*TEXTS), side(*TEXTS)).kind == "same"
    told = compare(side(*TEXTS), side(*TEXTS, digest="other bytes"))
    assert (told.kind, told.score, told.summary) == ("cosmetic", 0.0, "Nothing that is read changed (re-saved).")


def test_a_sentence_that_is_written_anew_is_one_edit() -> None:
    """What it has in common with the old one, “the” and “of”, is there by chance."""
    old = "They keep it. The vendor of the data keeps the reads of the plates for the agency by the terms of its award."
    new = "They keep it. The office asks the courts of the district whether the search of the phones was by the law."
    told = compare(side(old), side(new))
    assert len(told.edits) == 1, told.edits
    assert told.edits[0].removed.startswith("vendor of")
    apart = compare(side(old), side(old.replace("vendor", "seller").replace("terms", "words")))
    assert [(edit.removed, edit.added) for edit in apart.edits] == [("vendor", "seller"), ("terms", "words")]


def test_what_is_not_known_is_not_called_cosmetic() -> None:
    """A scan that nobody read: its bytes are others, and nobody knows its words."""
    pages = (Page(1, TEXTS[0]), Page(2, "", readable=False))
    told = compare(Side(digest="one", pages=pages), Side(digest="two", pages=pages))
    assert (told.kind, told.doubts) == ("unread", ("unread",))
    read = (Page(1, TEXTS[0]), Page(2, TEXTS[1], origin="ocr"))
    assert compare(Side(digest="one", pages=read), Side(digest="two", pages=read)).doubts == ("ocr",)


def test_a_hyphen_within_a_line_and_a_blank_within_a_word_are_real() -> None:
    for before, after in (("They re-sign it.", "They resign it."), ("It is now here.", "It is nowhere."),
                          ("Of 10 20 remain.", "Of 1020 remain.")):  # fmt: skip
        assert compare(side(before), side(after)).kind == "real", (before, after)
    assert compare(side("They keep surveil-\nlance."), side("They keep surveillance.")).why[0] == "hyphenation"


def test_a_page_that_is_not_read_on_one_side_is_neither_added_nor_removed() -> None:
    """A scan that was replaced by a file with text, in part: what isn't known isn't told as a change."""
    scan = (Page(1, TEXTS[0]), Page(2, "", readable=False), Page(3, TEXTS[2]))
    read = tuple(Page(n, text) for n, text in enumerate(TEXTS, 1))
    told = compare(Side(digest="scan", pages=scan), Side(digest="text", pages=read))
    assert [(pair.before, pair.after, pair.state) for pair in told.pages] == [
        (1, 1, "same"), (2, 2, "unread"), (3, 3, "same")]  # fmt: skip
    assert (told.kind, told.counts.words_added) == ("unread", 0)
    changed = (*read[:2], Page(3, TEXTS[2].replace("vendor", "office")))
    told = compare(Side(digest="scan", pages=scan), Side(digest="text", pages=changed))
    assert told.kind == "real"
    both = (*read[:1], Page(2, TEXTS[1]), Page(3, "All of this page is another now."))
    told_apart = compare(Side(digest="text", pages=both), Side(digest="scan", pages=scan))
    real = [edit for edit in told_apart.edits if not edit.why]
    assert {place.page for edit in real for place in edit.before} == {3}, "what stands beside the scan is none of it"
    assert told.summary == "1 page can't be compared (2), 1 word added and 1 word removed on 1 page (3)."
