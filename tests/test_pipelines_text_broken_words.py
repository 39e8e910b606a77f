"""Words that a hyphen broke at a line's end: which lose it, which keep it, and that no letter is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.text.broken_words import Joint, Words, joined_lines

NOTHING_KNOWN = Words([])


def joined(line: str, after: str, *known: str) -> str | None:
    joint = Words(known).join(line, after)
    return None if joint is None else f"{joint.line}|{joint.rest}"


def test_a_joint_holds_both_forms_and_the_rest_of_the_line() -> None:
    assert NOTHING_KNOWN.join("under (surveil-", "lance), and more") == Joint(
        "under (surveillance),", "surveil-lance", "and more", hyphened=False
    )
    assert NOTHING_KNOWN.join("the non-", "Federal part") == Joint(
        "the non-Federal", "nonFederal", "part", hyphened=True
    )


@pytest.mark.parametrize("hyphen", ["-", "‐", "\u00ad"])
def test_every_hyphen_breaks_a_word(hyphen: str) -> None:
    assert joined(f"infor{hyphen}", "mation") == "information|"


@pytest.mark.parametrize(
    ("line", "after"),
    [("ends here", "and"), ("a dash -", "and"), ("2019-", "based"), ("self-", "2019"), ("self-", "(not)"), ("", "a"),
     ("-", "a"), ("self-", ""), ("self- ", "made")],
)  # fmt: skip
def test_what_is_no_broken_word(line: str, after: str) -> None:
    assert joined(line, after) is None


@pytest.mark.parametrize(
    ("line", "after", "known", "whole"),
    [
        ("long-", "term plans", ["a long-term plan"], "long-term|plans"),
        ("Long-", "term plans", ["a long plan", "in terms"], "Long-term|plans"),
        ("wire-", "less", ["by wire", "less", "wireless"], "wireless|"),
        ("wire-", "less", ["by wire", "less"], "wire-less|"),
        ("inter-", "ested", ["inter", "they interest us"], "interested|"),
        ("self-", "service", [], "self-service|"),
        ("self-", "ish", [], "selfish|"),
        ("three-and-", "twenty", [], "three-andtwenty|"),
        ("case-by-", "case use", ["on a case-by-case basis"], "case-by-case|use"),
        ("and/or-", "der", [], "and/order|"),
        ("state-of-", "the", ["of the state"], "state-of-the|"),
    ],
)
def test_the_document_tells_whether_the_hyphen_stays(line: str, after: str, known: list[str], whole: str) -> None:
    assert joined(line, after, *known) == whole


def test_the_parts_of_broken_words_are_no_words_of_the_document() -> None:
    assert joined("risk-", "based work", "at risk-", "based on") == "riskbased|work"
    assert joined("risk-", "based work", "an aste-", "risk by") == "riskbased|work"
    assert joined("risk-", "based work", "at risk", "based on") == "risk-based|work"
    assert joined("risk-", "based work", "at no-risk sites", "level-based") == "risk-based|work"


def test_lines_are_joined_as_often_as_a_word_is_broken() -> None:
    assert joined_lines(["an un-", "constitu-", "tional act", "end"], NOTHING_KNOWN) == (
        ["an unconstitutional", "act", "end"],
        ["un-constitu", "unconstitu-tional"],
    )
    assert joined_lines(["a word-", "count"], NOTHING_KNOWN) == (["a wordcount"], ["word-count"])
    assert joined_lines([], NOTHING_KNOWN) == ([], [])


def test_a_chain_of_broken_words_is_none() -> None:
    lines, also = joined_lines(["abcde-"] * 500, NOTHING_KNOWN)
    assert max(map(len, lines)) < 120
    assert max(map(len, also)) < 120
    assert NOTHING_KNOWN.join("x" * 200 + "-", "y") is None


LINES = st.lists(st.text("ab1A -‐'/(é²😀", max_size=12).map(str.strip), max_size=8)


@settings(max_examples=200, deadline=None)
@given(LINES, LINES)
def test_joining_loses_nothing_but_hyphens(lines: list[str], known: list[str]) -> None:
    made, also = joined_lines(lines, Words(known))

    def letters(some: list[str]) -> str:
        return "".join("".join(some).replace("-", "").replace("‐", "").split())

    assert letters(made) == letters(lines)
    assert len(made) <= max(len(lines), 1)
    assert all(form and " " not in form for form in also)
