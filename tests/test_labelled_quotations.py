"""More than 400 labelled quotations against the sample: precision and recall of each outcome, and that none is called
exact that was altered or made up."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.research.quotes.checking import Checker, check
from archive.research.quotes.outcomes import ABSENT, ELSEWHERE, EXACT, NEAR, OUTCOMES, Checked, Wanted
from tests.demo_archive import DemoArchive
from tests.figures import figure

TABLE = Path(__file__).parent / "labelled_quotations.tsv"


class Labelled(NamedTuple):
    """One row: a quotation with what is cited for it, and what is to come of it. The outcome is one of OUTCOMES,
    "found" (exact or near: read by OCR) or "not exact" (near or absent: of two passages spliced, nobody says which
    it is)."""

    kind: str
    quotation: str
    cited_document: str
    cited_version: str
    cited_page: str
    outcome: str
    document: str
    page: str

    @property
    def wanted(self) -> Wanted:
        words = self.quotation.replace("\\n", "\n")
        return Wanted(words, self.cited_document, self.cited_version, self.cited_page)


LABELLED = [Labelled(*line.split("\t")) for line in TABLE.read_text("utf-8").splitlines()[1:]]
TRUE = {EXACT, "found", ELSEWHERE}


@pytest.fixture(scope="module")
def checker(catalogue: sqlite3.Connection) -> Checker:
    return Checker(catalogue)


@pytest.fixture(scope="module")
def catalogue(demo_made: DemoArchive) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{demo_made.path / 'archive.db'}?mode=ro", uri=True)) as connection:
        yield connection


def is_found(label: Labelled, found: Checked) -> bool:
    """Tell whether a true quotation leads to its document and page."""
    place = found.place
    return place is not None and place.document == label.document and label.page in {"", *map(str, place.pages)}


def is_right(label: Labelled, found: Checked) -> bool:
    if label.outcome == "not exact":
        return found.outcome in {NEAR, ABSENT}
    if label.outcome == "found":
        return found.outcome in {EXACT, NEAR} and is_found(label, found)
    return found.outcome == label.outcome and (label.outcome == ABSENT or not label.document or is_found(label, found))


def test_precision_and_recall_of_each_outcome(catalogue: sqlite3.Connection) -> None:
    found = check(catalogue, [label.wanted for label in LABELLED])
    pairs = list(zip(LABELLED, found, strict=True))
    wrong = [(label, one) for label, one in pairs if not is_right(label, one)]
    shown = [f"{label.kind}: {one.outcome}, not {label.outcome}: {label.quotation}" for label, one in wrong]
    for outcome in OUTCOMES:
        asked = [(label, one) for label, one in pairs if label.outcome == outcome]
        said = [(label, one) for label, one in pairs if one.outcome == outcome]
        figure(
            f"quotations {outcome}",
            labelled=len(asked),
            said=len(said),
            precision=round(sum(is_right(*one) for one in said) / len(said), 4),
            recall=round(sum(is_right(*one) for one in asked) / len(asked), 4),
        )
    altered = [label for label, one in pairs if label.outcome not in TRUE and one.outcome == EXACT]
    ocr = [is_found(*one) for one in pairs if one[0].kind.startswith("OCR")]
    digital = [is_found(*one) for one in pairs if one[0].outcome in TRUE and not one[0].kind.startswith("OCR")]
    figure(
        "quotations",
        labelled=len(pairs),
        by_kind=dict(Counter(label.kind for label in LABELLED)),
        altered_called_exact=len(altered),
        found_born_digital=f"{sum(digital)} of {len(digital)}",
        found_ocr=f"{sum(ocr)} of {len(ocr)}",
        wrong=len(wrong),
    )
    assert len(pairs) >= 300
    assert altered == []
    assert sum(digital) >= 0.99 * len(digital), shown
    assert sum(ocr) >= 0.95 * len(ocr), shown
    assert len(wrong) <= 0.01 * len(pairs), shown


def test_an_altered_quotation_shows_the_altered_words(checker: Checker) -> None:
    for label in LABELLED[::2]:
        if label.outcome == NEAR and "dropped" not in label.kind:
            found = checker.check(label.wanted)
            assert found.differing, label.quotation
            assert len(found.differing) <= 3, label.quotation


_EXACT = [label for label in LABELLED if label.kind == "exact" and not label.cited_document][:40]
_WORDS = st.one_of(
    st.sampled_from(["not", "no", "never", "may", "all", "five", "2018", "the", "a", "of", "and", "zebra", "ICE"]),
    st.from_regex(r"[a-z]{1,9}", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}", fullmatch=True),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(label=st.sampled_from(_EXACT), at=st.integers(0, 60), word=_WORDS, way=st.sampled_from(["for", "before", "cut"]))
def test_any_one_word_changed_is_never_exact(checker: Checker, label: Labelled, at: int, word: str, way: str) -> None:
    words = label.quotation.split()
    at = 1 + at % (len(words) - 2)  # within: what stands at an end is left out by whoever quotes less
    altered = words[:at] + ([word] if way != "cut" else []) + words[at + (way != "before") :]
    if [re.sub(r"\W", "", one) for one in altered] == [re.sub(r"\W", "", one) for one in words]:
        return
    assert checker.check(Wanted(" ".join(altered))).outcome != EXACT, altered
