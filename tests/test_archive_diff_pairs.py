"""Pairs with known edits of every kind: every edit is found, and nothing else is marked."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

import pytest

from archive.diff.compare import compare
from archive.diff.model import MOVED, RECORD, Comparison, Page, Side
from archive.diff.words import set_as
from pipelines.text.pdf import read_pdf
from tests.changed_pairs import KINDS, Expected, Paper
from tests.figures import figure
from tests.hostile.pdf import written


def _plain(words: str) -> str:
    return set_as(" ".join(words.split()))


def found_and_wrong(told: Comparison, sides: tuple[Side, Side], expected: Expected) -> tuple[int, list[str]]:
    """Return how many of the expected edits were found, and everything that is missing or marked though nothing is."""
    real = [edit for edit in told.edits if not edit.why]
    in_table = [edit for edit in real if edit.part == "table"] if expected.cells or told.tables else []
    words = [edit for edit in real if edit.op != MOVED and edit not in in_table and sides[1].form != RECORD]
    states = {
        name: sorted((pair.before or 0, pair.after or 0) for pair in told.pages if pair.state == name)
        for name in ("added", "removed", "moved")
    }
    tables = [change for change in told.tables if not change.why]
    says: dict[str, tuple[object, object]] = {
        "kind": (told.kind, expected.kind),
        "edits": (
            Counter((_plain(one.removed), _plain(one.added)) for one in words),
            Counter((_plain(old), _plain(new)) for old, new in expected.edits),
        ),
        "pages added": (states["added"], [(0, page) for page in expected.added]),
        "pages removed": (states["removed"], [(page, 0) for page in expected.removed]),
        "pages moved": (states["moved"], expected.moved),
        "passages moved": (told.counts.passages_moved, expected.passages_moved),
        "cells": (Counter((c.before, c.after) for t in tables for c in t.cells if not c.why), Counter(expected.cells)),
        "rows": ((sum(len(t.rows_added) for t in tables), sum(len(t.rows_removed) for t in tables)),
                 (expected.rows_added, expected.rows_removed)),
        "tables": ([t.op for t in tables if t.op != "changed"], expected.tables),
        "fields": (sorted(change.name for change in told.fields if not change.why), expected.fields),
        "facts": ([change.name for change in told.metadata if not change.why], expected.facts),
        "links": ([change.op for change in told.attachments], expected.links),
        "why": (expected.why in (*told.why, ""), True),
    }  # fmt: skip
    wrong = [f"{name}: {found} and not {wanted}" for name, (found, wanted) in says.items() if found != wanted]
    wrong += _marks(told, sides)
    return int(not wrong), wrong


def _marks(told: Comparison, sides: tuple[Side, Side]) -> list[str]:
    """Return each mark that doesn't lie on its page, or says something else than its edit."""
    wrong = []
    for side, marks, said in ((sides[0], told.marks_before, "removed"), (sides[1], told.marks_after, "added")):
        for page in side.pages:
            end = 0
            for start, stop, edit in marks(page.number):
                inside = 0 <= start < stop <= len(page.text) and start >= end
                piece = page.text[start:stop]
                if not inside or _plain(piece) not in _plain(getattr(edit, said)):
                    wrong.append(f"mark {start}:{stop} on page {page.number} says {piece!r} of {edit}")
                end = stop
    return wrong


def _run(seeds: range) -> None:
    pairs, found, wrong = Counter[str](), 0, list[str]()
    for name, made in KINDS.items():
        for seed in seeds:
            before, after, expected = made(Random(f"{name} {seed}"))
            told = compare(before, after)
            good, said = found_and_wrong(told, (before, after), expected)
            pairs[name] += 1
            found += good
            wrong += [f"{name} {seed}: {one}" for one in said]
    figure("diff-pairs", kinds=len(pairs), pairs=pairs.total(), found=found, marked_for_nothing_or_missed=len(wrong))
    assert wrong == []
    assert len(pairs) == len(KINDS)


def test_every_known_edit_is_found_and_nothing_else() -> None:
    _run(range(2))


@pytest.mark.soak
def test_every_known_edit_is_found_and_nothing_else_in_a_thousand_pairs() -> None:
    _run(range(20))


_ESCAPED = str.maketrans({"(": r"\(", ")": r"\)", "\\": r"\\", "’": "'", "“": '"', "”": '"'})


def _set(page: Page) -> Iterator[bytes]:
    """Yield what draws a page's parts: its header and footer at the edges, the text between them."""
    begins = {"header": 760, "text": 710, "footer": 30}
    down = begins["text"]
    for kind, start, end in page.parts:
        said = page.text[start:end].translate(_ESCAPED).split("\n")
        shown = b" ".join(b"(%s) Tj T*" % line.encode("latin-1") for line in said)
        yield b"BT /F1 8 Tf 10 TL 72 %d Td %s ET" % (down if kind == "text" else begins[kind], shown)
        down -= 10 * (len(said) + 1) if kind == "text" else 0


def _through_a_pdf(made: Paper) -> Side:
    """Set a paper as a PDF, and read that as the archive does."""
    contents = [b"\n".join(_set(page)) for page in replace(made, tables={}, notes={}).set_pages()]
    body = written(*contents, info=b"/Title (%s)" % made.digest.encode())
    read = read_pdf(body)
    return Side("v", digest=hashlib.sha256(body).hexdigest(), pages=tuple(
        Page(page.number, page.text, tuple((part.kind, part.start, part.end) for part in page.parts), page.runs_on,
             page.label, frozenset(page.also.split()))
        for page in read.pages))  # fmt: skip


IN_PDF = (
    "word_changed", "word_inserted", "word_deleted", "not_inserted", "not_deleted", "digit_changed", "date_changed",
    "sentence_inserted", "sentence_deleted", "many_words_changed", "page_added", "page_removed", "page_moved",
    "page_added_and_word_changed", "paragraph_inserted", "paragraph_deleted", "paragraph_moved", "reflowed", "resaved",
    "blanks_changed", "date_in_footer", "numbers_shifted", "header_word_changed",
)  # fmt: skip


def _run_pdfs(names: Iterable[str], seeds: range, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Paper, "side", _through_a_pdf)
    pairs, wrong = 0, list[str]()
    for name in names:
        for seed in seeds:
            random = Random(f"{name} {seed}")
            before, after, expected = KINDS[name](random)
            told = compare(before, after)
            wrong += [f"{name} {seed}: {one}" for one in found_and_wrong(told, (before, after), expected)[1]]
            pairs += 1
    figure("diff-pairs", pdfs=2 * pairs, pairs=pairs, marked_for_nothing_or_missed=len(wrong))
    assert wrong == []


def test_known_edits_are_found_through_some_pdfs(monkeypatch: pytest.MonkeyPatch) -> None:
    _run_pdfs(("not_inserted", "page_added", "paragraph_inserted", "date_in_footer"), range(1), monkeypatch)


@pytest.mark.soak
def test_known_edits_are_found_through_real_pdfs(monkeypatch: pytest.MonkeyPatch) -> None:
    _run_pdfs(IN_PDF, range(3), monkeypatch)
