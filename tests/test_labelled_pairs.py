"""At least 200 labelled pairs: is it one document or two, is the change real or cosmetic; with precision and recall."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from archive.catalog.alike import Text, alike
from archive.diff.compare import compare
from archive.diff.model import Page, Side
from pipelines.text.pdf import read_pdf
from tests.figures import figure
from tests.make_pairs import Pages, edited, labelled

PAIRS = labelled()
# What a careful judge leaves to people: a figure that was corrected may as well be another document's.
LEFT_TO_PEOPLE = frozenset({"corrected-figure"})


def side(pages: Sequence[str]) -> Side:
    return Side(digest="\f".join(pages), pages=tuple(Page(number, text) for number, text in enumerate(pages, 1)))


def test_one_document_or_two() -> None:
    found: Counter[tuple[str, str]] = Counter()
    wrong, missed = [], []
    for pair in (pair for pair in PAIRS if pair.asked == "document"):
        (title, pages), (other_title, other_pages) = edited(pair.base, pair.edit)
        verdict = alike(Text(title, pages), Text(other_title, other_pages))
        assert verdict[:2] == alike(Text(other_title, other_pages), Text(title, pages))[:2], "in either order"
        said = "same" if verdict.same else "different"
        found[pair.answer, said] += 1
        if pair.answer == "different" and verdict.same:
            wrong.append(f"{pair.name} {pair.base} {pair.edit}: {verdict.why}")
        elif pair.answer == "same" and not verdict.same and pair.edit not in LEFT_TO_PEOPLE:
            missed.append(f"{pair.name} {pair.base} {pair.edit}: {verdict.why}")
    joined, same = (
        found["same", "same"] + found["different", "same"],
        found["same", "same"] + found["same", "different"],
    )
    figure(
        "D2 one document or two",
        pairs=sum(found.values()),
        different_joined=found["different", "same"],
        precision=round(found["same", "same"] / joined, 4),
        recall=round(found["same", "same"] / same, 4),
    )
    assert wrong == []
    assert missed == []
    assert sum(found.values()) >= 200


def test_real_or_cosmetic() -> None:
    found: Counter[tuple[str, str]] = Counter()
    wrong = []
    for pair in (pair for pair in PAIRS if pair.asked == "change"):
        (_, before), (_, after) = edited(pair.base, pair.edit)
        said = compare(side(before), side(after)).kind
        found[pair.answer, said] += 1
        if said != pair.answer:
            wrong.append(f"{pair.name} {pair.base} {pair.edit}: {said}")
    called_real = sum(number for (_, said), number in found.items() if said == "real")
    real = sum(number for (answer, _), number in found.items() if answer == "real")
    figure(
        "D3 real or cosmetic",
        pairs=sum(found.values()),
        precision=round(found["real", "real"] / called_real, 4),
        recall=round(found["real", "real"] / real, 4),
    )
    assert wrong == []


@pytest.mark.corpus
def test_real_agreements_on_one_form_are_each_their_own_document(corpus: Path) -> None:
    """ICE's 287(g) memoranda: the same form, under the same title, with sixteen parties."""
    files = sorted((corpus / "pdf/gov/ice-287g-moa").rglob("*.pdf"))
    texts: list[Pages] = [tuple(page.text for page in read_pdf(file.read_bytes()).pages) for file in files]
    pairs = list(itertools.combinations(range(len(files)), 2))
    verdicts = {pair: alike(*(Text("Memorandum of Agreement", texts[place]) for place in pair)) for pair in pairs}
    joined = [(files[one].name, files[other].name) for (one, other), told in verdicts.items() if told.same]
    alike_but_apart = sum(told.score >= 0.7 for told in verdicts.values())
    figure("D2 forms", files=len(files), pairs=len(pairs), joined=len(joined), share_most_of_their_text=alike_but_apart)
    assert alike_but_apart
    assert joined == []
