"""The grammar of search: what is typed means what it says, held against an evaluation in plain Python; all else that
can be typed is no error."""

from __future__ import annotations

import itertools
import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.research.filters import NO_FILTERS, Filters
from archive.research.query import MOST_CHARACTERS, MOST_PREFIXES, MOST_TERMS, parse_query
from archive.research.query_expression import expression
from archive.research.query_tokens import MOST_DEPTH, MOST_DISTANCE
from archive.research.query_tree import AllOf, Near, Term
from tests.figures import figure
from tests.test_bad_input_naughty import NAUGHTY

# Words that the stemmer leaves as they are (a test looks), and no operator.
VOCABULARY = ("kiwi", "plum", "zebu", "ohm", "ox", "oxbow", "plumb")


@dataclass(frozen=True, slots=True)
class Said:
    """A part of a question as it may be typed, with what it means for the words of a page."""

    text: str
    holds: Callable[[tuple[str, ...]], bool]


def places(words: tuple[str, ...], phrase: tuple[str, ...], *, prefix: bool = False) -> list[int]:
    """Return where a phrase begins on a page."""
    found = []
    for at in range(len(words) - len(phrase) + 1):
        held = words[at : at + len(phrase)]
        last = held[-1].startswith(phrase[-1]) if prefix else held[-1] == phrase[-1]
        if held[:-1] == phrase[:-1] and last:
            found.append(at)
    return found


def near(words: tuple[str, ...], phrases: tuple[tuple[str, ...], ...], distance: int) -> bool:
    """Tell whether phrases stand together: at most so many words between each one's end and the last one's begin."""
    choices = itertools.product(*(places(words, phrase) for phrase in phrases))
    return any(
        all(max(choice) - (at + len(phrase)) <= distance for at, phrase in zip(choice, phrases, strict=True))
        for choice in choices
    )


def _word(word: str, star: bool) -> Said:
    return Said(word + "*" * star, lambda page: bool(places(page, (word,), prefix=star)))


def _phrase(words: list[str], star: bool) -> Said:
    return Said(f'"{" ".join(words)}"' + "*" * star, lambda page: bool(places(page, tuple(words), prefix=star)))


def _near(words: list[str], distance: int, form: int) -> Said:
    told = f" NEAR/{distance} ".join(words[:2]) if form else f"NEAR({' '.join(words)}, {distance})"
    meant = tuple((word,) for word in (words[:2] if form else words))
    return Said(told, lambda page: near(page, meant, distance))


def _all_of(parts: list[Said], without: list[Said], joint: str, form: int) -> Said:
    told = joint.join(_grouped(part) for part in parts)
    for part in without:
        told += (f" -{_grouped(part)}", f" NOT {_grouped(part)}", f" AND NOT {_grouped(part)}")[form]
    return Said(told, lambda page: all(part.holds(page) for part in parts)
                and not any(part.holds(page) for part in without))  # fmt: skip


def _any_of(parts: list[Said]) -> Said:
    return Said(f"({' OR '.join(part.text for part in parts)})", lambda page: any(part.holds(page) for part in parts))


_ONE = re.compile(r'[^\s()"]+|"[^"]*"\*?|(?:NEAR)?\([^()]*\)')


def _grouped(part: Said) -> str:
    """Put brackets around what is more than a word, a phrase or one pair of brackets."""
    return part.text if _ONE.fullmatch(part.text) else f"({part.text})"


words = st.sampled_from(VOCABULARY)
operands = st.one_of(
    st.builds(_word, words, st.booleans()),
    st.builds(_phrase, st.lists(words, min_size=1, max_size=3), st.booleans()),
    st.builds(_near, st.lists(words, min_size=2, max_size=3, unique=True), st.integers(0, 4), st.integers(0, 1)),
)
questions = st.recursive(
    operands,
    lambda inner: st.one_of(
        st.builds(_all_of, st.lists(inner, min_size=1, max_size=3), st.lists(inner, max_size=2),
                  st.sampled_from([" ", " AND "]), st.integers(0, 2)),
        st.builds(_any_of, st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=8,
)  # fmt: skip
pages = st.lists(st.lists(words, max_size=9).map(tuple), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            'CREATE VIRTUAL TABLE held USING fts5(text, also, broken, tokenize="porter unicode61 remove_diacritics 2")'
        )
        connection.execute("CREATE VIRTUAL TABLE stems USING fts5vocab(held, 'row')")
        yield connection


def found_by_fts5(index: sqlite3.Connection, pages: list[tuple[str, ...]], question: str) -> set[int]:
    index.execute("DELETE FROM held")
    index.executemany("INSERT INTO held(rowid, text) VALUES (?, ?)", [(n, " ".join(p)) for n, p in enumerate(pages)])
    match = expression(parse_query(question).tree)
    return {row[0] for row in index.execute("SELECT rowid FROM held WHERE held MATCH ?", (match,))} if match else set()


def test_the_oracles_words_are_their_own_stems(index: sqlite3.Connection) -> None:
    found_by_fts5(index, [VOCABULARY], "x")
    assert {row[0] for row in index.execute("SELECT term FROM stems")} == set(VOCABULARY)


@given(pages, questions)
@settings(max_examples=200, deadline=None)
def test_what_is_typed_means_what_it_says(
    index: sqlite3.Connection, pages: list[tuple[str, ...]], question: Said
) -> None:
    meant = {number for number, page in enumerate(pages) if question.holds(page)}
    assert found_by_fts5(index, pages, question.text) == meant, question.text
    assert not parse_query(question.text).notes


@pytest.mark.soak
def test_what_is_typed_means_what_it_says_a_hundred_times_as_often(index: sqlite3.Connection) -> None:
    asked = 0

    @given(pages, questions)
    @settings(max_examples=20_000, deadline=None, database=None)
    def ask(pages: list[tuple[str, ...]], question: Said) -> None:
        nonlocal asked
        asked += 1
        assert found_by_fts5(index, pages, question.text) == {n for n, page in enumerate(pages) if question.holds(page)}

    ask()
    figure("SQ-01", questions_against_the_oracle=asked, that_mean_something_else=0)


PIECES = (
    *'"“”()*-+:^.\\/{}[]~?!,;\0\t\n\u202e\u200b\ufeff',
    *(
        "AND",
        "OR",
        "NOT",
        "NEAR",
        "NEAR(",
        "NEAR/3",
        "NEAR/9999999999",
        "-(",
        '-"',
        "*",
        '""',
        "text:",
        "title:",
        "on:",
    ),
    *("component:", "component:ICE", "-type:award", "after:", "after:2017-12", "on:2018-01-26", "year:x", "foo:bar"),
    *(
        "license",
        "plate",
        "PIA-039(a)",
        "PIA",
        "39",
        "(a)",
        "81 FR 72080",
        "70CDCR18P00000017",
        "https://x.example/a?b",
    ),
    *(" ", "  ", "e*", "ab*", "12:30", "287(g)", "''", "%", "_", "\ud800", "日本語", "ﬁ", "مرحبا", "é" * 3, "x" * 50),
)


def random_question(rng: random.Random) -> str:
    """Return something to type: operators, words and signs in any order, and now and then any characters at all."""
    pieces = [
        rng.choice(PIECES) if rng.random() < 0.85 else chr(rng.randrange(0x20, rng.choice([0x7F, 0x3000, 0x20000])))
        for _ in range(rng.randrange(14))
    ]
    return rng.choice(["", " "]).join(pieces)


def answer_every(index: sqlite3.Connection, asked: list[str]) -> dict[str, int | float]:
    """Ask the index every question; return how many were errors, or asked for nothing and didn't say so."""
    errors = silent = notes = 0
    slowest = 0.0
    for question in asked:
        began = time.perf_counter()
        query = parse_query(question)
        match = expression(query.tree)
        slowest = max(slowest, time.perf_counter() - began)
        try:
            if match:
                index.execute("SELECT rowid FROM held WHERE held MATCH ? LIMIT 1", (match,)).fetchall()
        except sqlite3.Error:
            errors += 1
        notes += bool(query.notes)
        silent += _is_silent(query.text) and not match and not query.filters and not query.notes
    return {"asked": len(asked), "errors": errors, "silent": silent, "with_a_hint": notes,
            "slowest_ms": round(1000 * slowest)}  # fmt: skip


def _is_silent(text: str) -> bool:
    return any(map(str.isalnum, text))


def test_no_question_is_an_error(index: sqlite3.Connection) -> None:
    found_by_fts5(index, [VOCABULARY], "x")
    rng = random.Random(20180126)
    operators = [
        "AND",
        "OR",
        "NOT",
        "NEAR",
        "-",
        "*",
        '"',
        '""',
        "(",
        ")",
        "()",
        "NEAR(",
        "NEAR()",
        "^",
        "+",
        ":",
        "{a}:",
    ]
    mixed = [" ".join(pair) for pair in itertools.product(operators, repeat=2)]
    asked = [*operators, *mixed, *NAUGHTY, *(random_question(rng) for _ in range(4000))]
    told = answer_every(index, asked)
    figure("SQ-01", **told)
    assert not told["errors"]
    assert not told["silent"]


@pytest.mark.soak
def test_none_of_a_hundred_thousand_questions_is_an_error(index: sqlite3.Connection) -> None:
    found_by_fts5(index, [VOCABULARY], "x")
    rng = random.Random(1)
    told = answer_every(index, [random_question(rng) for _ in range(100_000)])
    figure("SQ-01", **told)
    assert not told["errors"]
    assert not told["silent"]


HUGE = {
    "100,000 characters": "plate " * 17_000,
    "100,000 characters of one word": "p" * 100_000,
    "10,000 terms": " ".join(f"w{n}" for n in range(10_000)),
    "300 brackets": "(" * 300 + "plate" + ")" * 300,
    "300 brackets of alternatives": "(a OR " * 300 + "b" + ")" * 300,
    "300 brackets in a word": "a(" * 300,
    "2,000 prefixes": " ".join(f"ab{n}*" for n in range(2_000)),
    "an asterisk": "*",
    "no phrase": '""',
    "NUL": "\0plate\0",
    "right to left": "\u202eplate\u202c",
    "marks only": "-+*()\"':;^",
    "NEAR far": "NEAR(plate reader, 1000000)",
    "NEAR of many": f"NEAR({' '.join(f'w{n}' for n in range(200))}, 5)",
    "300 minus": "-" * 300 + "a",
    "300 NOT": "NOT " * 240 + "a",
    "300 filters": " ".join(f"component:c{n}" for n in range(70)),
}
TOLD = {"100,000 characters", "100,000 characters of one word", "10,000 terms", "300 brackets", "2,000 prefixes",
        "300 brackets of alternatives", "300 brackets in a word", "NEAR far", "NEAR of many",
        "300 filters"}  # fmt: skip


def test_caps_are_kept_and_said(index: sqlite3.Connection) -> None:
    slowest = 0.0
    for name, question in HUGE.items():
        began = time.perf_counter()
        query = parse_query(question)
        match = expression(query.tree)
        if match:
            index.execute("SELECT rowid FROM held WHERE held MATCH ?", (match,)).fetchall()
        slowest = max(slowest, time.perf_counter() - began)
        assert len(query.text) <= MOST_CHARACTERS
        assert len(query.terms) <= MOST_TERMS
        assert sum(term.prefix for term in query.terms) <= MOST_PREFIXES
        assert bool(query.notes) == (name in TOLD) or not match, (name, query.notes)
    figure("SQ-02", questions=len(HUGE), with_a_cap_said=len(TOLD), errors=0, slowest_ms=round(1000 * slowest))
    assert parse_query("NEAR(a b, 1000000)").tree == Near((Term("a"), Term("b")), MOST_DISTANCE)
    assert parse_query("(" * MOST_DEPTH + "a" + ")" * MOST_DEPTH).notes == ()


@pytest.mark.parametrize(
    ("question", "wanted", "excluded"),
    [
        ("component:ICE", Filters(components=("ICE",)), NO_FILTERS),
        ("COMPONENT:ICE,CBP component:TSA", Filters(components=("ICE", "CBP", "TSA")), NO_FILTERS),
        ("component:(ICE OR CBP)", Filters(components=("ICE", "CBP")), NO_FILTERS),
        ('vendor:"west publishing"', Filters(vendors=("west publishing",)), NO_FILTERS),
        ("-type:award NOT component:CBP", NO_FILTERS, Filters(kinds=("award",), components=("CBP",))),
        ("after:2017-12 before:2018-02", Filters(after="2017-12", before="2018-02"), NO_FILTERS),
        ('after:"December 27, 2017"', Filters(after="2017-12-27"), NO_FILTERS),
        ("after:12/27/2017 after:2018", Filters(after="2017-12-27"), NO_FILTERS),
        ("-after:2018", Filters(before="2018"), NO_FILTERS),
        ("on:2018-01-26", Filters(on="2018-01-26"), NO_FILTERS),
        ("year:2016-2018", Filters(years=("2016", "2017", "2018")), NO_FILTERS),
        ("number:PIA-039(a)", Filters(numbers=("PIA-039(a)",)), NO_FILTERS),
        ('(number:"81 FR 72080")', Filters(numbers=("81 FR 72080",)), NO_FILTERS),
        ("title:border source:dhs_pia listing:delisted collection:news outlet:example",
         Filters(titles=("border",), sources=("dhs_pia",), listings=("delisted",), collections=("news",),
                 outlets=("example",)), NO_FILTERS),
    ],
)  # fmt: skip
def test_fields(question: str, wanted: Filters, excluded: Filters) -> None:
    query = parse_query(question)
    assert (query.filters, query.excluded, query.tree) == (wanted, excluded, None)
    assert bool(query.notes) == (not wanted)


@pytest.mark.parametrize("question", ["foo:bar", "https://x.example/a", "12:30", "a:", ":b", "::", "component : ICE"])
def test_what_is_no_field_is_looked_for_as_words(question: str) -> None:
    query = parse_query(question)
    assert not query.filters
    assert query.tree or not any(map(str.isalnum, question))


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("component: ICE", "blank behind its colon"),
        ("(component:)", "behind the colon"),
        ("after:yesterday x", "no date"),
        ("on:2018 x", "names no day"),
        ("year:soon x", "no year"),
        ("year:1800-2100 x", "span"),
        ("-on:2018-01-26 x", "one day"),
        ("on:2018-01-26 on:2018-01-27 x", "one day"),
        ("component:ICE OR plate", "no side of OR"),
        ("plate OR component:ICE", "no side of OR"),
        ("plate OR -reader", "only leaves out"),
        ("-plate", "leave out"),
        ("surv*lance", "end of a word"),
        ("NOT", "quotation marks"),
        ("NEAR()", "quotation marks"),
        ("-type:award", "leave out"),
        ("NEAR(a (b c))", "Within NEAR"),
        ("a NEAR (b OR c)", "NEAR joins"),
        ("a -(-b)", "left out within"),
    ],
)
def test_what_cannot_be_asked_for_is_told(question: str, told: str) -> None:
    assert any(told in note for note in parse_query(question).notes), parse_query(question).notes


def test_two_components_on_the_sides_of_or_are_what_they_look_like() -> None:
    query = parse_query("component:ICE OR component:CBP plate")
    assert (query.filters.components, query.notes) == (("ICE", "CBP"), ())


NUMBERS = {
    "DHS/ICE/PIA-039(a)": ("DHS/ICE/PIA-039(a)", "PIA-039(a)", "PIA 39 (a)", "pia039a", "dhs-ice-pia-039a",
                           "PIA–039(a)", "DHS ICE PIA 039(a)"),
    "81 FR 72080": ("81 FR 72080", "81 F.R. 72,080", "81 Fed. Reg. 72080", "81-FR-72080"),
    "70CDCR18P00000017": ("70CDCR18P00000017", "70CDCR-18-P-00000017", "70cdcr 18 p 00000017"),
    "DHS/ICE-011": ("DHS/ICE-011", "dhs-ice-011", "ICE-011", "DHS/ICE/SORN-011"),
    "2016-25197": ("2016-25197", "FR Doc. 2016-25197"),
    "OIG-18-53": ("OIG-18-53", "oig 18-53"),
}  # fmt: skip


@pytest.mark.parametrize("spelling", [spelling for spellings in NUMBERS.values() for spelling in spellings])
def test_a_number_in_any_spelling_is_one_thing_to_look_for(spelling: str) -> None:
    assert parse_query(spelling).tree == Term(spelling)
    assert parse_query(f"“{spelling}”").tree == Term(spelling)
    beside = parse_query(f"privacy {spelling} (plate OR reader)").tree
    assert isinstance(beside, AllOf)
    assert beside.parts[:2] == (Term("privacy"), Term(spelling))
