"""Items as statements: canonical, named by what they say, and always storable."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.items import Article, Expect, File, Item, Listed, Notice, Problem, WebPage
from pipelines.statements import statement_of, statements_of


def test_the_same_item_is_the_same_statement_in_whatever_order_it_was_made() -> None:
    one = Notice("a", {"title": "Plates", "type": "Award Notice"})
    other = Notice("a", {"type": "Award Notice", "title": "Plates"})
    assert statement_of(one) == statement_of(other)


def test_items_that_say_something_else_are_other_statements() -> None:
    items: list[Item] = [
        File(),
        File("html"),
        Problem("trap", "x"),
        Problem("trap", "y"),
        Listed("i", "u", "t"),
        Listed("i", "u", "t", "sorn"),
    ]
    assert len({one.id for one in statements_of(items)}) == len(items)


def test_what_is_said_twice_is_one_statement_at_its_first_place() -> None:
    said = statements_of([Problem("trap", "x"), File(), Problem("trap", "x")])
    assert [one.kind for one in said] == ["problem", "file"]


@given(st.text(st.characters(), max_size=20), st.text(st.characters(categories=["Cs", "Cc", "Lu"]), max_size=5))
def test_any_text_can_be_stored_and_read_back(text: str, odd: str) -> None:
    body = statement_of(WebPage("page", text, (odd,))).body
    with sqlite3.connect(":memory:") as connection:
        held = connection.execute("SELECT ?", (body,)).fetchone()[0]
    assert held == body
    read = json.loads(held)
    assert (len(read["title"]), len(read["text"][0])) == (len(text), len(odd))


@pytest.mark.parametrize("item", [{"title": "a dict"}, None, "text", Expect()])
def test_what_is_no_item_is_refused(item: Any) -> None:
    with pytest.raises(TypeError, match="is no item"):
        statement_of(item)


def test_a_problem_under_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="no outcome is called 'odd-thing'"):
        statement_of(Problem("odd-thing", "x"))


@pytest.mark.parametrize("value", [b"bytes", float("nan")])
def test_what_json_has_no_form_for_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        statement_of(Article(value, "headline"))
