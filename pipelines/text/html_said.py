"""Reads what a page says of its article in its markup: headline, byline, dates; it knows no outlet and no response.

It says what is there, as it is there: schema.org's JSON-LD, then Open Graph's meta elements, then microdata, then
what is printed. No date is worked out and no name is made out of an address.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pipelines.text.cleaning import clean_line
from pipelines.text.html_blocks import words_in

MOST_BLOCKS = 50  # JSON-LD scripts on one page; a page with a shop behind it has about ten
LONGEST_BLOCK = 2_000_000
MOST_NAMES = 50
_DEEPEST_GRAPH = 4
_MOST_OBJECTS = 10_000
_LONGEST = 500
_TYPES = re.compile(r"(?:.*Article|.*BlogPosting|Report)\Z", re.DOTALL)
_WRAPPED = re.compile(r"^(?:<!--|(?://)?\s{0,9}<!\[CDATA\[)|(?:-->|(?://)?\s{0,9}\]\]>)$")


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says of its article, "" where it says nothing; `headlines` are all the forms of its headline, and
    `skipped` says which JSON-LD could not be read."""

    headline: str
    bylines: tuple[str, ...]
    published: str
    updated: str
    headlines: tuple[str, ...]
    skipped: tuple[str, ...]


def said_of(root: Any) -> Said:
    """Return what the page with this root element (lxml) says."""
    data, skipped = _json_ld(root)
    metas = _metas(root)
    headings = [words_in(heading) for heading in islice(root.iter("h1"), 20)]
    titles = [words_in(title) for title in islice(root.iter("title"), 1)]
    headlines = [_line(data.get("headline")), metas.get("og:title", ""), *headings, *titles]
    return Said(
        headline=_first(*headlines),
        bylines=_names(data.get("author")) or _printed_byline(root, metas),
        published=_first(
            _line(data.get("datePublished")), metas.get("article:published_time"), *_dates(root, "datePublished")
        ),
        updated=_first(
            _line(data.get("dateModified")), metas.get("article:modified_time"), *_dates(root, "dateModified")
        ),
        headlines=tuple(dict.fromkeys(filter(None, (*headlines, metas.get("twitter:title", ""))))),
        skipped=skipped,
    )


def _first(*values: str | None) -> str:
    return next((value for value in values if value), "")


def _line(value: object) -> str:
    """Return a text of the JSON-LD on one line; many pages write their entities into it."""
    return clean_line(html.unescape(value[: 4 * _LONGEST]), _LONGEST) if isinstance(value, str) else ""


def _metas(root: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").strip().lower()
        if content := clean_line(meta.get("content") or "", _LONGEST):
            found.setdefault(name[:100], content)
    return found


def _dates(root: Any, role: str) -> Iterator[str]:
    """Yield the page's dates for this role as microdata has them; for publication, also its first <time> element."""
    for element in islice(root.xpath("//*[@itemprop=$role]", role=role), 5):
        yield clean_line(element.get("content") or element.get("datetime") or words_in(element), _LONGEST)
    if role == "datePublished":
        for element in islice(root.xpath("//article//time[@datetime] | //time[@datetime]"), 1):
            yield clean_line(element.get("datetime"), _LONGEST)


def _printed_byline(root: Any, metas: Mapping[str, str]) -> tuple[str, ...]:
    named = _first(metas.get("author"), metas.get("article:author"))
    if named:
        return () if named.startswith("http") else (named,)
    marked = '//*[@itemprop="author"] | //a[@rel="author"] | //*[contains(concat(" ", @class, " "), " byline ")]'
    found = (re.sub(r"^by:?\s+", "", words_in(one), flags=re.IGNORECASE) for one in islice(root.xpath(marked), 1))
    return tuple(name for name in found if 0 < len(name) <= 200)


def _names(authors: Any) -> tuple[str, ...]:
    """Return the names in schema.org's forms of `author`: texts, persons, lists of either; addresses are no names."""
    names: dict[str, None] = {}
    for person in (authors if isinstance(authors, list) else [authors])[:MOST_NAMES]:
        told = person.get("name") if isinstance(person, dict) else person
        for name in (told if isinstance(told, list) else [told])[:MOST_NAMES]:
            if (line := _line(name)) and not line.startswith("http"):
                names[line] = None
    return tuple(names)[:MOST_NAMES]


def _json_ld(root: Any) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return the first article among the page's JSON-LD objects, and what of them could not be read."""
    scripts = root.xpath('//script[starts-with(normalize-space(@type), "application/ld+json")]')
    skipped = [f"{len(scripts)} JSON-LD blocks; {MOST_BLOCKS} are read"] if len(scripts) > MOST_BLOCKS else []
    objects: list[dict[str, Any]] = []
    for place, script in enumerate(scripts[:MOST_BLOCKS], 1):
        text = "".join(script.itertext()).strip()
        if len(text) > LONGEST_BLOCK:
            skipped.append(f"JSON-LD block {place}: {len(text)} characters")
            continue
        try:
            objects += islice(_objects(json.loads(_WRAPPED.sub("", text).strip(), strict=False)), _MOST_OBJECTS)
        except (ValueError, RecursionError) as error:
            skipped.append(f"JSON-LD block {place}: {type(error).__name__}")
    article = next((one for one in objects if any(map(_TYPES.match, _types(one)))), {})
    # An author may be named elsewhere on the page: {"@id": "#somebody"}. One look-up, so that a circle ends.
    by_id = {name: one for one in reversed(objects) if isinstance(name := one.get("@id"), str)}
    author = article.get("author")
    authors = [_found(one, by_id) for one in (author if isinstance(author, list) else [author])[:MOST_NAMES]]
    return {**article, "author": authors}, tuple(skipped)


def _objects(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    for inner in value if isinstance(value, list) else [value]:
        if isinstance(inner, dict):
            yield inner
            if depth < _DEEPEST_GRAPH:
                yield from _objects(inner.get("@graph") or [], depth + 1)


def _found(author: Any, by_id: Mapping[str, Any]) -> Any:
    named = author.get("@id") if isinstance(author, dict) and "name" not in author else None
    return by_id.get(named, author) if isinstance(named, str) else author


def _types(value: Mapping[str, Any]) -> list[str]:
    """Return an object's types by their own names: "NewsArticle" of "https://schema.org/NewsArticle"."""
    kinds = value.get("@type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return [re.split("[/:#]", kind[:200])[-1] for kind in named[:MOST_NAMES] if isinstance(kind, str)]
