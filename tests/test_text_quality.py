"""Our reading of documents whose truth is known never gets worse: every class against its pinned scores."""

from __future__ import annotations

import pytest

from bench.closeness import COLUMNS, INSIDE, PAGES, Quotation, Read, Scores, quotations, score
from bench.documents import CLASSES, documents
from bench.text_shown import our_scores, pinned
from bench.truth import Document

PINNED = pinned()
BROKEN = ["three-by-column", "three-by-line", "three-by-word", "gazette", "two-by-line", "kerned-three"]


@pytest.mark.parametrize("name", CLASSES)
def test_no_class_is_read_worse_than_before(name: str) -> None:
    """`python -m bench.text --pin` raises the pins; nothing lowers them but a change that says why."""
    shares = our_scores(name).shares()
    for what, share in shares.items():
        if what in {"lost", "invented"}:
            assert share <= PINNED[name][what] + 0.00001, f"{what}: see `python -m bench.text --show {name}`"
        else:
            assert share >= PINNED[name][what] - 0.00001, f"{what}: see `python -m bench.text --show {name}`"


@pytest.fixture(scope="module")
def two_columns() -> Document:
    return next(documents(["two-by-line"]))


def perfect(document: Document) -> Read:
    text = "\f".join(" ".join(page.words) for page in document.pages)
    return Read(text, "\n\n".join(" ".join(word.text for word in one) for one in document.paragraphs))


def test_the_truth_itself_scores_all(two_columns: Document) -> None:
    shares = score(two_columns, perfect(two_columns)).shares()
    assert shares == {
        "close": 1, "order": 1, "lost": 0, "invented": 0, INSIDE: 1, COLUMNS: 1, PAGES: 1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        (lambda read: Read(read.text.replace(" notice ", " "), read.flow), {"lost", "close", "order", INSIDE}),
        (lambda read: Read(f"{read.text} notice", read.flow), {"invented", "close"}),
        (lambda read: Read(read.text, ""), {COLUMNS, PAGES}),
        (lambda read: Read(" ".join(read.text.split()[::-1]), read.flow), {"close", "order", INSIDE}),
    ],
    ids=["word lost", "word invented", "no running text", "backwards"],
)
def test_each_harm_has_its_own_score(two_columns: Document, harm, what: set[str]) -> None:  # type: ignore[no-untyped-def]
    whole, harmed = (score(two_columns, read).shares() for read in (perfect(two_columns), harm(perfect(two_columns))))
    assert {name for name in whole if whole[name] != harmed[name]} == what


@pytest.mark.parametrize("name", CLASSES)
def test_documents_hold_what_they_are_for(name: str) -> None:
    document = next(documents([name]))
    kinds = [one.where for one in quotations(document)]
    assert kinds.count(INSIDE) > 400
    assert kinds.count(PAGES) >= 5
    assert (kinds.count(COLUMNS) > 0) == (CLASSES[name].columns > 1)


def test_words_are_broken_between_columns_and_between_pages() -> None:
    paragraphs = [paragraph for one in documents(BROKEN) for paragraph in one.paragraphs]
    broken = [word for paragraph in paragraphs for word in paragraph if word.begins != word.ends]
    overleaf = [word for word in broken if word.begins[0] != word.ends[0]]
    assert len(overleaf) > 3
    assert len(broken) - len(overleaf) > 3


def test_documents_are_always_the_same(two_columns: Document) -> None:
    assert next(documents(["two-by-line"])) == two_columns


def test_quotations_are_no_two_alike(two_columns: Document) -> None:
    forms = [one.forms for one in quotations(two_columns)]
    assert len(set(forms)) == len(forms)


def test_a_mark_may_hang_on_its_word_stand_behind_it_or_be_left_out(two_columns: Document) -> None:
    marked = [one for one in quotations(two_columns) if len(one.forms) == 3]
    assert marked
    assert isinstance(marked[0], Quotation)
    assert {form.count(" ") for form in marked[0].forms} == {5, 6}


def test_scores_add_up() -> None:
    assert Scores(words=1, alike=0.5) + Scores(words=2, alike=1) == Scores(words=3, alike=1.5)
