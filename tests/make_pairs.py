"""Makes the second text of each labelled pair (tests/labelled_pairs.tsv) from the first, by the edit that it names."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from samples.texts import Block, plain, read_document

TABLE = Path(__file__).parent / "labelled_pairs.tsv"
WORDS = {
    "asked": "People who live nearby are seldom asked.", "checks": "A supervisor looks at one alert in ten.",
    "year": "2017", "date": "January 8, 2018", "count": "41,206", "officers": "118", "years": "fifteen",
    "action": "taken", "individuals": "People.", "records": "Records.", "uses": "Uses.", "change": "Changed.",
    "detail": "More.",
    "inserted": "!page", "key": "It neither owns that database nor adds records to it.",
}  # fmt: skip
Pages = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """One row: what is asked ("document": one or two? "change": real or cosmetic?), of which text, and the answer."""

    name: str
    asked: str
    base: str
    edit: str
    answer: str
    what: str


def labelled() -> list[Pair]:
    """Return the table's rows."""
    lines = TABLE.read_text("utf-8").splitlines()[1:]
    return [Pair(*line.split("\t")) for line in lines]


@cache
def base(name: str) -> tuple[str, Pages]:
    """Return a text of the sample: its title, and its pages of about 200 words."""
    document = read_document(name, **WORDS)
    title = document.title.format(**WORDS)
    facts = "\n".join(value.format(**WORDS) for value in document.facts.values())
    pages, held = [f"{title}\n{facts}"], 0
    for block in document.blocks:
        text = _text(block)
        if held + len(text.split()) > 200:
            pages, held = [*pages, ""], 0
        pages[-1] = f"{pages[-1]}\n\n{text}".strip()
        held += len(text.split())
    return title, tuple(pages)


def _text(block: Block) -> str:
    return "\n".join(" ".join(row) for row in block.rows) if block.rows else plain(block.text)


def edited(name: str, edit: str) -> tuple[tuple[str, Pages], tuple[str, Pages]]:
    """Return both texts of a pair."""
    title, pages = base(name)
    other, _, argument = edit.partition(" ")
    return (title, pages), EDITS[other](title, pages, argument)


def _each(change: Callable[[str], str]) -> Callable[[str, Pages, str], tuple[str, Pages]]:
    return lambda title, pages, _: (title, tuple(map(change, pages)))


def _last(pages: Pages, change: Callable[[str], str]) -> Pages:
    return (*pages[:-1], change(pages[-1]))


def _without_sentence(text: str) -> str:
    """Leave out the last sentence without a number or a name."""
    found = [one for one in re.findall(r"(?<=[.!?] )[A-Z][a-z ,]+[a-z]\.", text) if one.count(" ") > 4]
    return text.replace(f" {found[-1]}", "", 1) if found else text.removesuffix(".")


def _reworded(text: str) -> str:
    """Put another word in the place of the last long one that is all small letters."""
    words = re.findall(r"(?<= )[a-z]{6,}(?= )", text)
    return f"{text[: text.rfind(words[-1])]}otherwise{text[text.rfind(words[-1]) + len(words[-1]) :]}"


def _reflowed(text: str) -> str:
    return "\n".join("\n".join(textwrap.wrap(line, 60, break_on_hyphens=False)) for line in text.split("\n"))


def _hyphened(text: str) -> str:
    """Break a word of twelve letters or more at the end of a line."""
    return re.sub(r"(?<= )([a-z]{6})([a-z]{6,})(?= )", "\\1-\n\\2", text, count=1)


def _years(text: str) -> str:
    return re.sub(r"\b(19|20)(\d\d)\b", lambda year: str(int(year[0]) + 1), text)


def _dates(text: str) -> str:
    return re.sub(r"\b(January|March|June|July|August|December|December|May|November) (\d{1,2})",
                  lambda day: f"{'April' if day[1] != 'April' else 'May'} {int(day[2]) % 27 + 1}", text)  # fmt: skip


def _numbers(text: str) -> str:
    """Count every number on by one."""
    return re.sub(r"\d+", lambda number: str(int(number[0]) + 1).zfill(len(number[0])), text)


def _party(text: str) -> str:
    """Name another party: the form stays."""
    named = {
        "U.S. Immigration and Customs Enforcement": "The Harbor Board of Essex County", "DHS": "HBE", "ICE": "HBE",
        "Department": "Board", "U.S.": "Essex", "CBP": "HBE", "Homeland Security": "Harbors",
        "Written for the sample": "Written for Essex County", "USCIS": "HBE", "FEMA": "HBE",
    }  # fmt: skip
    for one, other in named.items():
        text = re.sub(rf"\b{re.escape(one)}(?!\w)", other, text)
    return text


EDITS: Mapping[str, Callable[[str, Pages, str], tuple[str, Pages]]] = {
    "same": _each(str),
    "reflowed": _each(_reflowed),
    "hyphened": _each(_hyphened),
    "blanks": _each(lambda text: text.replace(" ", "  ")),
    "reworded": lambda title, pages, _: (title, _last(pages, _reworded)),
    "sentence-dropped": lambda title, pages, _: (title, _last(pages, _without_sentence)),
    "sentence-added": lambda title, pages, _: (
        title, _last(pages, lambda text: f"{text} What was said here was looked at again, and it still holds."),
    ),
    "page-added": lambda title, pages, _: (
        title, (*pages, "What follows was written later. It says how the rules were kept since, by whom they were "
                "broken, and what was done about it. Nothing that was said above is taken back."),
    ),
    "negated": lambda title, pages, _: (title, _last(pages, _negated)),
    "corrected-figure": lambda title, pages, _: (title, _last(pages, lambda text: _once(text, r"\d+", "7913"))),
    "next-year": lambda title, pages, _: (_years(title), tuple(map(_years, pages))),
    "next-year-same-title": lambda title, pages, _: (title, tuple(map(_years, pages))),
    "other-dates": lambda title, pages, _: (title, tuple(map(_dates, pages))),
    "other-numbers": lambda title, pages, _: (title, tuple(map(_numbers, pages))),
    "other-party": lambda title, pages, _: (title, tuple(map(_party, pages))),
    "other-title": lambda title, pages, _: (f"{title}, Annex", pages),
    "other-text": lambda title, pages, argument: (title, base(argument)[1]),
    "cut": lambda title, pages, _: (title, (" ".join(pages[0].split()[:40]),)),
}  # fmt: skip


def _negated(text: str) -> str:
    return _once(text, r"(?<= )(is|are|was|may)(?= )", r"\1 not")


def _once(text: str, pattern: str, by: str) -> str:
    return re.sub(pattern, by, text, count=1)
