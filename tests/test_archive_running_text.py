"""The running text: what is in it and what isn't, and that every character leads back to the page that holds it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.running_text import RUNNING, OnPage, Place, RunningText, running_text
from pipelines.text.reading import PART_KINDS, Part, TextPage
from pipelines.text.reading import RUNNING as RUNNING_FOR_READERS


def made_page(number: int, *pieces: tuple[str, str], runs_on: str = "") -> TextPage:
    """Return a page of (kind, text) pieces, a blank line between them."""
    text, parts = "", []
    for kind, piece in pieces:
        text += "\n\n" if text else ""
        parts.append(Part(kind, len(text), len(text) + len(piece)))
        text += piece
    return TextPage(number, "", text, parts=tuple(parts), runs_on=runs_on)


TWO_PAGES = (
    ("header", "Privacy Impact Assessment\nPage 1"),
    ("heading", "2.1 Retention"),
    ("text", "ICE keeps what it asked for. The vendor"),
    ("side-note", "See 2.3"),
    ("note", "1 Not counted."),
    ("footer", "1"),
)


@pytest.mark.parametrize(
    ("text", "runs_on", "overleaf", "whole"),
    [
        ("The vendor", " ", "keeps it.", "The vendor keeps it."),
        ("The surveil-", "-", "lance is kept.", "The surveillance is kept."),
        ("The surveil\u2010", "-", "lance is kept.", "The surveillance is kept."),
        ("The vendor", "-", "keeps it.", "The vendor keeps it."),  # it says a hyphen, and there is none
        ("The end.", "", "A beginning.", "The end.\n\nA beginning."),
    ],
)
def test_how_a_text_goes_on_overleaf(text: str, runs_on: str, overleaf: str, whole: str) -> None:
    first = made_page(1, ("header", "PIA"), ("text", text), ("note", "1 A note."), runs_on=runs_on)
    second = made_page(2, ("header", "PIA"), ("text", overleaf), ("footer", "2"))
    running = running_text([first, second])
    assert running.text == whole
    last = len(whole) - 1
    assert running.place(last) == Place(2, second.text.index(overleaf) + len(overleaf) - 1)


def test_a_quotation_over_two_pages_leads_to_both() -> None:
    first, second = made_page(7, *TWO_PAGES, runs_on=" "), made_page(8, ("header", "PIA"), ("text", "keeps the rest."))
    running = running_text([first, second])
    assert running.text == "2.1 Retention\n\nICE keeps what it asked for. The vendor keeps the rest."
    start = running.text.index("The vendor")
    on_pages = running.on_pages(start, start + len("The vendor keeps"))
    assert [one.page for one in on_pages] == [7, 8]
    assert [(first, second)[one.page - 7].text[one.start : one.end] for one in on_pages] == ["The vendor", "keeps"]


def test_what_is_between_the_pages() -> None:
    """A page of which nothing was read parts paragraphs; one that holds only a table doesn't."""
    first, last = made_page(1, ("text", "The vendor"), runs_on=" "), made_page(3, ("text", "keeps it."))
    unread = TextPage(2, "", "", "no-text-layer", runs_on=" ")
    assert running_text([first, unread, last]).text == "The vendor\n\nkeeps it."
    assert running_text([first, made_page(2, ("table", "a b\nc d")), last]).text == "The vendor keeps it."


def test_a_page_without_parts_is_all_running_text() -> None:
    assert running_text([TextPage(1, "", "One.\n\nTwo.\n"), TextPage(2, "", "Three.")]).text == "One.\n\nTwo.\n\nThree."
    assert running_text([made_page(1, ("footer", "1"))]) == running_text([]) == RunningText("")


def test_an_offset_outside_is_an_error() -> None:
    running = running_text([TextPage(1, "", "One.")])
    for offset in (-1, 4):
        with pytest.raises(IndexError, match="not an offset in a text of 4 characters"):
            running.place(offset)
    assert running.on_pages(0, 99) == [OnPage(1, 0, 4)]
    assert running.on_pages(4, 4) == []


def test_readers_and_archive_mean_the_same_by_running_text() -> None:
    assert RUNNING == RUNNING_FOR_READERS


PIECES = st.tuples(st.sampled_from(PART_KINDS), st.text(alphabet="ab -\n\u2010é\U0001f600", min_size=1, max_size=8))
PAGES = st.lists(st.tuples(st.lists(PIECES, max_size=4), st.sampled_from(["", " ", "-"])), max_size=5)


@given(PAGES)
@example([([("text", "-")], "-"), ([("text", "-")], "-"), ([("text", "a")], "")])
def test_every_character_leads_back_to_the_page_that_holds_it(drawn: list[tuple[list[tuple[str, str]], str]]) -> None:
    pages = {n: made_page(n, *pieces, runs_on=runs_on) for n, (pieces, runs_on) in enumerate(drawn, 1)}
    running = running_text(pages.values())
    last = Place(0, 0)
    for offset, character in enumerate(running.text):
        place = running.place(offset)
        assert last <= place, "in reading order"
        last = place
        held = pages[place.page]
        assert place.offset <= len(held.text)
        if held.text[place.offset : place.offset + 1] != character:
            assert character in " \n", "only blanks are put in"
            continue
        if not character.isspace():
            assert any(p.kind in RUNNING and p.start <= place.offset < p.end for p in held.parts)
    quoted = "".join(pages[one.page].text[one.start : one.end] for one in running.on_pages(0, len(running.text)))
    assert "".join(quoted.split()) == "".join(running.text.split())


@given(PAGES)
def test_nothing_of_the_running_text_is_lost(drawn: list[tuple[list[tuple[str, str]], str]]) -> None:
    """All letters of headings and text are there, in order; at most a page's last hyphen is gone."""
    pages = [made_page(n, *pieces, runs_on=runs_on) for n, (pieces, runs_on) in enumerate(drawn, 1)]
    letters = [c for pieces, _ in drawn for kind, text in pieces if kind in RUNNING for c in text if c.isalnum()]
    assert [c for c in running_text(pages).text if c.isalnum()] == letters
