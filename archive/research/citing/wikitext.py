"""A citation as a template of the English Wikipedia: {{cite report}}, {{cite web}}, {{cite news}} or {{cite journal}}.

https://en.wikipedia.org/wiki/Help:Citation_Style_1 says what the parameters mean, and which forms of a date it takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.addresses import is_web_address
from archive.research.citation import SAMPLE_NOTICE
from archive.research.citing.files import in_address
from archive.research.citing.item import Cited, date_parts

_TEMPLATES = {"report": "cite report", "article-journal": "cite journal", "article-newspaper": "cite news",
              "webpage": "cite web"}  # fmt: skip
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
# What would end a parameter or a template, begin a link, a tag, a signature or a magic word.
_SIGNS = re.compile(r"[|{}\[\]<>~_]|''+|://|&(?=#?\w+;)")


def wikitext(cited: Cited) -> str:
    """Return the template in one line, with every value as it will be read."""
    told = " ".join(f"|{name}={value}" for name, value in _parameters(cited))
    mark = f" [{SAMPLE_NOTICE}]" if cited.sample else ""
    return f"{{{{{_TEMPLATES[cited.item['type']]} {told}}}}}{mark}"


def _parameters(cited: Cited) -> Iterator[tuple[str, str]]:
    item = cited.item
    if cited.institution:
        yield "author", _text(cited.institution.levels[-1])
    yield "title", _text(item["title"])
    if date := _date(item.get("issued", {}).get("date-parts", [[]])[0]):
        yield "date", date
    named = {"genre": "type", "volume": "volume", "container-title": _container(item["type"])}
    for name, parameter in named.items():
        if name in item:
            yield parameter, _text(item[name])
    if cited.institution and cited.institution.above:
        yield "publisher", _text(cited.institution.above)
    if "number" in item and item["type"] == "report":
        yield "id", _text(item["number"])
    if page := cited.part.page or item.get("page", ""):
        yield "page", _text(page)
    yield from _addresses(cited)
    if cited.part.quote:
        yield "quote", _text(cited.part.quote)


def _addresses(cited: Cited) -> Iterator[tuple[str, str]]:
    """Yield the original address with the archived one; where only one is known, that one."""
    original = cited.item.get("URL", "")
    archived = cited.archived if is_web_address(cited.archived) else ""
    if original or archived:
        yield "url", in_address(original or archived)
    if original and archived and cited.archived_on:
        yield "archive-url", in_address(archived)
        yield "archive-date", _date(date_parts(cited.archived_on))
        yield "url-status", "dead" if cited.gone else "live"
    if cited.accessed and (original or archived):
        yield "access-date", _date(date_parts(cited.accessed))


def _container(kind: str) -> str:
    return {"article-journal": "journal", "article-newspaper": "work"}.get(kind, "website")


def _date(parts: list[int]) -> str:
    """Return a date as the templates take it: with no more parts than it has ("May 2021" is one, "2021-05" isn't)."""
    if len(parts) < 2:
        return "".join(map(str, parts))
    day = f" {parts[2]}," if len(parts) == 3 else ""
    return f"{_MONTHS[parts[1] - 1]}{day} {parts[0]}"


def _text(text: str) -> str:
    """Return a text that a wiki shows as it is."""
    return _SIGNS.sub(lambda found: "".join(f"&#{ord(letter)};" for letter in found[0]), text)
