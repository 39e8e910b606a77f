"""What a page says of its article in its markup: the best witness first, hostile JSON-LD skipped by name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml.html import document_fromstring

from pipelines.text.html_said import LONGEST_BLOCK, MOST_BLOCKS, MOST_NAMES, Said, said_of

STORY = {
    "@type": "NewsArticle", "headline": "Cameras &amp; records", "datePublished": "2018-01-26T10:00:00-05:00",
    "dateModified": "2018-01-29", "author": [{"@type": "Person", "name": "A. Writer"}, "B. Writer"],
}  # fmt: skip
OPEN_GRAPH = (
    '<meta property="og:title" content="Cameras and records"><meta property="article:published_time" content="2018-02">'
    '<meta property="article:modified_time" content="2018-03"><meta name="author" content="C. Writer">'
)
PRINTED = (
    "<h1>Cameras,  again</h1><p class='the byline'>By D. Writer</p>"
    "<article><time datetime=2018-04>April</time></article>"
)


def said(*scripts: Any, head: str = "", body: str = "<p>Text</p>") -> Said:
    blocks = "".join(
        f'<script type="application/ld+json">{one if isinstance(one, str) else json.dumps(one)}</script>'
        for one in scripts
    )
    return said_of(
        document_fromstring(f"<html><head><title>Title</title>{head}{blocks}</head><body>{body}</body></html>")
    )


def test_json_ld_comes_first() -> None:
    found = said({"@type": "WebSite"}, STORY, head=OPEN_GRAPH, body=PRINTED)
    assert (found.headline, found.bylines) == ("Cameras & records", ("A. Writer", "B. Writer"))
    assert (found.published, found.updated) == ("2018-01-26T10:00:00-05:00", "2018-01-29")
    assert found.headlines == ("Cameras & records", "Cameras and records", "Cameras, again", "Title")
    assert found.skipped == ()


def test_then_open_graph_then_what_is_printed() -> None:
    found = said(head=OPEN_GRAPH, body=PRINTED)
    assert (found.headline, found.bylines) == ("Cameras and records", ("C. Writer",))
    assert (found.published, found.updated) == ("2018-02", "2018-03")
    found = said(body=PRINTED)
    assert (found.headline, found.bylines) == ("Cameras, again", ("D. Writer",))
    assert (found.published, found.updated) == ("2018-04", "")
    found = said(body="<time itemprop=dateModified datetime=2019></time><b itemprop=datePublished>May 4</b>")
    assert (found.headline, found.published, found.updated) == ("Title", "May 4", "2019")


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ({"name": ["A", "B"]}, ("A", "B")),
        ({"@id": "#a"}, ("Found",)),
        ({"@id": "#circle"}, ()),
        ({"name": "https://news.example/a"}, ()),
        ([None, 7, [], {}, {"name": {"name": "A"}}], ()),
        ([{"name": "A"}, "A"], ("A",)),
        (["A"] + [f"B{number}" for number in range(1000)], ("A", *(f"B{number}" for number in range(MOST_NAMES - 1)))),
    ],
    ids=["list", "elsewhere", "circle", "address", "wrong-types", "twice", "many"],
)
def test_authors(author: Any, names: tuple[str, ...]) -> None:
    graph = [{"@id": "#a", "name": "Found"}, {"@id": "#circle", "author": {"@id": "#circle"}}]
    assert said({"@graph": [*graph, {**STORY, "author": author}]}).bylines == names


@pytest.mark.parametrize("kind", ["NewsArticle", ["Thing", "https://schema.org/BlogPosting"], "schema:Report"])
def test_kinds_of_article(kind: Any) -> None:
    assert said({**STORY, "@type": kind}).headline == "Cameras & records"


@pytest.mark.parametrize(
    "block",
    ["", "{", "[" * 100_000, "NaN", '"' * 1000, "9" * 100_000, "</b>", json.dumps({"@type": 7}), "null", "[[[]]]",
     json.dumps({"@type": "NewsArticle", "headline": ["a"], "author": 3, "datePublished": {}})],
    ids=range(11),
)  # fmt: skip
def test_hostile_json_ld_costs_itself_alone(block: str) -> None:
    found = said(block, STORY if "Article" not in block else {}, head=OPEN_GRAPH)
    assert found.headline in ("Cameras & records", "Cameras and records")


def test_what_was_skipped_is_named() -> None:
    assert said("{", STORY).skipped == ("JSON-LD block 1: JSONDecodeError",)
    assert said(" " * 10 + "x" * (LONGEST_BLOCK + 1)).skipped == (f"JSON-LD block 1: {LONGEST_BLOCK + 1} characters",)
    assert said(*[{}] * 10_000).skipped == (f"10000 JSON-LD blocks; {MOST_BLOCKS} are read",)
    assert said("<!-- \n" + json.dumps(STORY) + "\n-->").headline == "Cameras & records"


def test_a_bomb_of_objects() -> None:
    graph: Any = {"@graph": [{"a": 1}] * 20_000}
    assert said({"@graph": [graph] * 3}, STORY).skipped == ()
