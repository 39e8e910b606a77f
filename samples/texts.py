"""Read the sample's texts, one file a document, in a small markup; knows nothing of PDF, HTML or addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"

COMPONENTS = {
    "ICE": "U.S. Immigration and Customs Enforcement",
    "CBP": "U.S. Customs and Border Protection",
    "USCIS": "U.S. Citizenship and Immigration Services",
    "USSS": "The United States Secret Service",
    "FEMA": "The Federal Emergency Management Agency",
}


@dataclass(frozen=True)
class Block:
    """One piece of a document: `kind` is "section", "subsection", "paragraph", "table" or "break" (a new page)."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Document:
    """A text with its cover: `facts` are the lines before the first section, by name."""

    facts: Mapping[str, str]
    blocks: tuple[Block, ...]

    @property
    def title(self) -> str:
        return self.facts.get("title") or f"{self.facts['id']} {self.facts['system']}"

    def section(self, heading: str) -> tuple[str, ...]:
        """Return the paragraphs of the section of that heading, without notes and links; empty when absent."""
        found: list[str] = []
        inside = False
        for block in self.blocks:
            if block.kind == "section":
                inside = block.text == heading
            elif inside and block.kind == "paragraph":
                found.append(plain(block.text))
        return tuple(found)


def plain(text: str) -> str:
    """Return a paragraph without its notes, and its links as their words."""
    return re.sub(r"\[([^\]]+)\]\(\S+?\)", r"\1", re.sub(r"\^\[[^\]]*\]", "", text))


def text_of(name: str) -> str:
    """Return texts/<name>.txt as it stands."""
    return (FOLDER / f"{name}.txt").read_text("utf-8")


def read_document(name: str, **words: str) -> Document:
    """Read texts/<name>.txt; `{word}` in it is replaced from `words`. Raises KeyError for a word not given."""
    head, _, body = text_of(name).partition("\n\n")
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    main, *additions = re.split(r"^@ ", body, flags=re.M)
    blocks = list(_iter_blocks(main.format(**words)))
    if facts.get("common") == "yes":
        blocks += _common_blocks(facts, [text.format(**words) for text in additions])
    return Document(facts, tuple(blocks))


def _common_blocks(facts: Mapping[str, str], additions: list[str]) -> Iterator[Block]:
    """Give the sections that every assessment has, each addition at the start of the subsection it names."""
    by_number = dict(addition.split("\n", 1) for addition in additions)
    component = facts["component"]
    words = {"component": component, "component_name": COMPONENTS[component]}
    for block in _iter_blocks(text_of("common").format(short=facts["short"], sorns=facts["sorns"], **words)):
        yield block
        if block.kind == "subsection":
            yield from _iter_blocks(by_number.pop(block.text.split()[0], ""))
    assert not by_number, f"no subsection {sorted(by_number)}"


def _iter_blocks(text: str) -> Iterator[Block]:
    """Give the blocks of a text: a heading is a line of its own, the lines up to an empty one are a paragraph."""
    for piece in filter(None, (part.strip() for part in _spaced(text).split("\n\n"))):
        if piece.startswith("# "):
            yield Block("section", piece[2:])
        elif piece.startswith("== "):
            yield Block("subsection", piece[3:])
        elif piece == "!page":
            yield Block("break")
        elif piece.startswith("|"):
            rows = (line.strip("| ").split(" | ") for line in piece.splitlines())
            yield Block("table", rows=tuple(tuple(row) for row in rows))
        else:
            yield Block("paragraph", " ".join(piece.splitlines()))


def _spaced(text: str) -> str:
    return re.sub(r"^(#|==) .*$", lambda match: match[0] + "\n", text, flags=re.M)
