"""Which blocks are the article: what the extractor took, what belongs between, and nothing that only points away."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from pipelines.text.html_article import story_of
from pipelines.text.html_blocks import blocks_of

FIRST = "The agency has signed a contract for access to a nationwide database of license plates, records show."
SECOND = "The assessment, which was published in December, says that records are kept for five years at most."
THIRD = "A spokesman declined to say how often the database has been asked, or by how many of its officers."


def story(markup: str, *extracted: str, headlines: tuple[str, ...] = ()) -> list[str]:
    blocks = blocks_of(document_fromstring(f"<html><body>{markup}</body></html>"))
    return [blocks[place].text for place in story_of(blocks, "\n".join(extracted), headlines)]


@pytest.mark.parametrize(
    ("markup", "extracted", "found"),
    [
        (f"<div><p>{FIRST}</p><p>Short.</p><p>{SECOND}</p></div>", (FIRST, SECOND), [FIRST, "Short.", SECOND]),
        (f"<div><p>{FIRST}</p><h2>Over</h2><ul><li>a</li></ul><p>{SECOND}</p></div>", (FIRST, SECOND),
         [FIRST, "Over", "a", SECOND]),
        (f"<div><p>{FIRST}</p><div><blockquote>Hm.</blockquote></div><p>{SECOND}</p></div>", (FIRST, SECOND),
         [FIRST, "Hm.", SECOND]),
        (f"<div>{THIRD}<p>x</p><p>{FIRST}</p><p>{SECOND}</p></div>", (FIRST, SECOND), [THIRD, FIRST, SECOND]),
        (f"<div class=a><p>{FIRST}</p><p>{SECOND}</p></div><div class=a><p>{THIRD}</p></div><div><p>{THIRD}!</p></div>",
         (FIRST, SECOND), [FIRST, SECOND, THIRD]),
        (f"<aside><p>{FIRST}</p></aside><div><p>{FIRST}</p><p>{SECOND}</p></div>", (FIRST, SECOND), [FIRST, SECOND]),
        (f"<div><p>{FIRST}</p><aside><p>Ten gadgets</p></aside><p>{SECOND}</p></div>", (FIRST, SECOND),
         [FIRST, SECOND]),
        (f"<p>{FIRST}</p>", (FIRST, "Words that no block has, however many there are."), [FIRST]),
        (f"<p>{FIRST} {SECOND}</p>", (FIRST, SECOND), [f"{FIRST} {SECOND}"]),
        (f"<p>{FIRST}</p>", (), []),
    ],
    ids=["short", "heading", "quoted", "before", "like", "teaser", "aside", "invented", "joined", "nothing"],
)  # fmt: skip
def test_chosen(markup: str, extracted: tuple[str, ...], found: list[str]) -> None:
    assert story(markup, *extracted) == found


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (
            "<p>Related: <a href=/x>Ten cameras that see in the dark</a></p>",
            "Related: Ten cameras that see in the dark",
        ),
        ("<p>READ MORE: <a href=/x>Ten cameras that see</a></p>", "READ MORE: Ten cameras that see"),
        (
            "<p><a href=/x>Sign up</a> for the newsletter that has it all.</p>",
            "Sign up for the newsletter that has it all.",
        ),
        ("<h3>Something to consider</h3>", "Something to consider"),
        ("<p>A headline</p>", "A headline"),
    ],
)
def test_left_out(markup: str, words: str) -> None:
    assert story(f"<div><p>{FIRST}</p>{markup}</div>", FIRST, words, headlines=("A  Headline",)) == [FIRST]


def test_lists_of_links_are_left_out() -> None:
    items = "<li><a href=/x>One of them</a></li><li><a href=/y>Another of them</a></li>"
    taken = (FIRST, "One of them", "Another of them", SECOND)
    assert story(f"<div><p>{FIRST}</p><ul>{items}</ul><p>{SECOND}</p></div>", *taken) == [FIRST, SECOND]
    mixed = f"<div><p>{FIRST}</p><ul>{items}<li>a third without a link</li></ul><p>{SECOND}</p></div>"
    assert len(story(mixed, *taken)) == 5


def test_what_only_sounds_like_it_stays() -> None:
    last = "The agency's newsletter says that officers can sign up for it."
    linked = "Related offices, such as <a href=/x>the one that keeps the records of it</a>, did not answer."
    told = "Related offices, such as the one that keeps the records of it, did not answer."
    assert story(f"<p>{FIRST}</p><p>{linked}</p><p>{last}</p>", FIRST, told, last) == [FIRST, told, last]
