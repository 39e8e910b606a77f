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


def test_the_same_is_the_same_and_a_resaved_file_is_cosmetic() -> None:
    assert compare(side(*TEXTS), side(*TEXTS)).kind == "same"
    told = compare(side(*TEXTS), side(*TEXTS, digest="other bytes"))
    assert (told.kind, told.score, told.summary) == ("cosmetic", 0.0, "Nothing that is read changed (re-saved).")
