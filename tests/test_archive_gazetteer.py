"""Which places a text names, held against sentences that were labelled by hand, half of them traps."""

from __future__ import annotations

import time
from random import Random

import pytest

from archive.gazetteer.mentions import find_mentions
from archive.gazetteer.names import gazetteer
from tests.conftest import ROOT
from tests.figures import figure

LABELLED = [line.split("\t") for line in (ROOT / "tests" / "labelled_places.tsv").read_text("utf-8").splitlines()]


def found_in(sentence: str) -> set[str]:
    return {one.place.id for one in find_mentions(sentence, gazetteer())}


def within(places: set[str]) -> set[str]:
    """Return places without the states that only stand behind a city or a county: naming these names them too."""
    return {one for one in places if len(one) > 5 or not any(other.startswith(one + "-") for other in places)}


def test_labelled_sentences() -> None:
    right = wrong = missed = 0
    told = []
    for sentence, names in LABELLED:
        wanted, found = within(set(names.split())), within(found_in(sentence))
        right += len(wanted & found)
        wrong += len(found - wanted)
        missed += len(wanted - found)
        if wanted != found:
            told.append((sentence, sorted(wanted - found), sorted(found - wanted)))
    precision, recall = right / (right + wrong), right / (right + missed)
    figure("PL-01", sentences=len(LABELLED), precision=round(precision, 4), recall=round(recall, 4), wrong=wrong,
           missed=missed)  # fmt: skip
    assert len(LABELLED) >= 120
    assert precision >= 0.99, told
    assert recall >= 0.9, told


def test_every_place_of_the_labels_is_in_the_gazetteer() -> None:
    assert all(gazetteer().find(name) for _, names in LABELLED for name in names.split())


def test_words_of_a_mention_are_those_of_the_text() -> None:
    for sentence, _ in LABELLED:
        for one in find_mentions(sentence, gazetteer()):
            assert one.place.own.split()[-1].lower()[:3] in sentence[one.start : one.end].lower().replace(
                "saint", "st."
            )


@pytest.mark.parametrize("text", ["A " * 50_000, "San " * 50_000, "New York, " * 20_000, ("," * 9 + "\n") * 9_000])
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    find_mentions(text, gazetteer())
    assert time.process_time() - began < 10


def test_cost_of_a_page() -> None:
    """A page of 3,000 letters, made of the labelled sentences: many more names than pages have."""
    drawn = Random(1)
    pages = [" ".join(sentence for sentence, _ in drawn.sample(LABELLED, 60)) for _ in range(50)]
    began = time.process_time()
    found = sum(len(find_mentions(page, gazetteer())) for page in pages)
    figure("PL-02", pages=len(pages), letters=sum(map(len, pages)) // len(pages), found=found,
           ms_a_page=round((time.process_time() - began) * 1000 / len(pages), 2))  # fmt: skip
