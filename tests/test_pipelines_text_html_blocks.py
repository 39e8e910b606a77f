"""A page's blocks: its words in reading order, each once, with its links and lines; nothing that isn't shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HTMLParser, document_fromstring

from pipelines.text.html_blocks import Block, blocks_of


def tree(markup: str) -> Any:
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    return document_fromstring(f"<html><body>{markup}</body></html>".encode(), parser=parser)


def blocks(markup: str) -> list[Block]:
    return blocks_of(tree(markup))


@pytest.mark.parametrize(
    ("markup", "texts"),
    [
        ("<p>One</p><p>two</p>", ["One", "two"]),
        ("<p>One <b>t</b>wo\n\n  three</p>", ["One two three"]),
        ("<div>Before<p>one</p>after</div>", ["Before", "one", "after"]),
        ("<p>One<br>two</p>", ["One\ntwo"]),
        ("<p>One<br><br> two<br></p>", ["One", "two"]),
        ("<table><tr><td>One</td><td>two</td></tr><tr><td>three</td></tr></table>", ["One\ttwo", "three"]),
        ("<p>One<script>two</script><style>p{}</style> three<!-- four --></p>", ["One three"]),
        ("<p>One</p><p hidden>two</p><div style='color:red; display: none'>three</div><p>four", ["One", "four"]),
        ("<template><p>One</p></template><noscript>two</noscript><p>three</p>", ["three"]),
        ("<ul><li>One<ul><li>two</li></ul>three</li></ul>", ["One", "two", "three"]),
        ("<p>\xa0</p><p> </p>", []),
    ],
)
def test_texts(markup: str, texts: list[str]) -> None:
    assert [block.text for block in blocks(markup)] == texts


def test_links_cover_their_words() -> None:
    markup = "<p>See <a href='/a'> the <b>first</b></a>, <a href=#x>none</a> and <a href=' b '>two</a>.</p>"
    (block,) = blocks(markup)
    assert block.text == "See the first, none and two."
    assert [(block.text[a.start : a.end], a.href) for a in block.anchors] == [("the first", "/a"), ("two", "b")]
    assert block.linked == pytest.approx(12 / 28)


def test_a_link_around_blocks_covers_each() -> None:
    found = blocks("<a href=/a><p>One</p><p>two</p></a><p>three</p>")
    assert [(block.text, [anchor.href for anchor in block.anchors]) for block in found] == [
        ("One", ["/a"]), ("two", ["/a"]), ("three", [])
    ]  # fmt: skip


def test_what_a_list_or_a_quotation_holds_is_at_home_around_it() -> None:
    markup = "<div class='story  text'><p>a</p><ul><li>b</li></ul><blockquote><p>c</p></blockquote></div><p>d</p>"
    a, b, c, d = blocks(markup)
    assert a.home == b.home == c.home != d.home
    assert {a.kind_of_home, b.kind_of_home, c.kind_of_home} == {"div story text"}
    assert [block.quoted for block in (a, b, c, d)] == [False, False, True, False]


@pytest.mark.parametrize("element", ["aside", "figcaption", "figure", "footer", "form", "nav"])
def test_beside(element: str) -> None:
    inside, after = blocks(f"<{element}><p>a</p></{element}><p>b</p>")
    assert (inside.beside, after.beside) == (True, False)


_TAGS = st.sampled_from(
    ["p", "div", "b", "a href=x", "ul", "li", "td", "tr", "table", "br", "h2", "blockquote", "span"]
)
_MARKUP = st.lists(
    st.one_of(_TAGS.map(lambda tag: f"<{tag}>"), _TAGS.map(lambda tag: f"</{tag.split()[0]}>"), st.just(" word "))
)


@settings(max_examples=200, deadline=None)
@given(_MARKUP)
def test_every_word_once_and_links_inside(pieces: list[str]) -> None:
    numbered = [f" w{number} " if piece == " word " else piece for number, piece in enumerate(pieces)]
    root = tree("".join(numbered))
    found = blocks_of(root)
    assert " ".join(block.text for block in found).split() == "".join(root.itertext()).split()
    for block in found:
        assert all(0 <= anchor.start < anchor.end <= len(block.text) for anchor in block.anchors)
