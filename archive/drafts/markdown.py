"""The text of a draft in Markdown, or of plain text, each character with its place in the file.

Only what parts words from marks is read: blocks, links, notes, emphasis, code, comments. No parser of Markdown
tells where in the file a character of a paragraph stood, and an annotated copy needs that. Every step is linear in
the file.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import accumulate

from archive.drafts.draft import Block, Text

_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_NOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,80})\]:[ \t]?")
_REFERENCE = re.compile(r" {0,3}\[([^\]^][^\]]{0,200})\]:\s*<?(\S{1,2000}?)>?(?:\s+[\"'(].*)?\s*$")
_QUOTED = re.compile(r" {0,3}>[ \t]?")
_HEAD = re.compile(r" {0,3}(?:#{1,6}\s+|[-+*]\s+(?=\S)|\d{1,9}[.)]\s+)")
_RULE = re.compile(r" {0,3}(?:[-_*][ \t]*){3,}$")
_INLINE = re.compile(
    r"(?P<escaped>\\[!-/:-@\[-`{-~])"
    r"|(?P<code>(?P<ticks>`+)(?!`)[^`\n]{1,2000}(?P=ticks)(?!`))"
    r"|(?P<comment><!--)"
    r"|(?P<auto><(?:https?://|mailto:)[^\s<>]{1,2000}>)"
    r"|(?P<tag></?[A-Za-z][A-Za-z0-9-]{0,20}(?:\s[^<>\n]{0,500})?/?>)"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<note>\[\^(?P<label>[^\]\s]{1,80})\])"
    r"|(?P<omission>\*(?:[ \t]\*){2,})"
    r"|(?P<stars>\*{1,3})"
    r"|(?P<bars>(?<![^\W_])_{1,3}(?=[^\s_])|(?<=[^\s_])_{1,3}(?![^\W_]))"
    r"|(?P<struck>~~)"
)
_LINK_END = re.compile(
    r"\]\(\s{0,20}<?([^\s()<>]{0,2000}(?:\([^\s()]{0,500}\)[^\s()<>]{0,500}){0,20})>?"
    r"(?:\s{1,20}[\"'][^\"'\n]{0,500}[\"'])?\s{0,20}\)"
)
_LINK_BY_NAME = re.compile(r"\]\[([^\]\n]{0,200})\]")


def read_markdown(source: str) -> Text:
    """Return the text of Markdown. Any string is answered."""
    blocks: list[Block] = []
    notes: dict[str, Block] = {}
    references = _references(source)
    for label, quoted, lines in _blocks(source):
        block = _inline(source, lines, quoted, references)
        if label:
            notes.setdefault(label, block)
        elif block.text.strip():
            blocks.append(block)
    return Text(tuple(blocks), notes, source)


def read_plain(source: str) -> Text:
    """Return the text of a plain file: its paragraphs, and lines that begin with ">" as quoted."""
    blocks = []
    for _, quoted, lines in _blocks(source, plain=True):
        places = tuple(place for start, end in lines for place in range(start, end))
        text = "".join(source[start:end] for start, end in lines)
        if text.strip():
            blocks.append(Block(text, quoted, places=places))
    return Text(tuple(blocks), {}, source)


_Lines = list[tuple[int, int]]


def _blocks(source: str, *, plain: bool = False) -> Iterator[tuple[str, int, _Lines]]:
    """Yield each block: the label of the note that it is, the number of the block quotation, its lines."""
    label, quoted, number = "", 0, 0
    lines: _Lines = []
    for start, end in lines_outside_code(source, plain=plain):
        inside = _behind_marks(source, start, end)
        is_quoted, rest = inside > start, source[inside:end]
        noted = None if plain or is_quoted else _NOTE.match(rest)
        head = None if plain or noted else _HEAD.match(rest)
        if lines and (not rest.strip() or noted or head or is_quoted != bool(quoted)):
            yield label, quoted, lines
            lines = []
        if not rest.strip() and not is_quoted:
            continue
        if noted:
            label = noted[1]
        elif not lines and not source.startswith((" ", "\t"), start):
            label = ""
        number += is_quoted and not quoted
        quoted = number if is_quoted else 0
        if rest.strip() and (plain or not (_REFERENCE.match(rest) or (_RULE.match(rest) and not is_quoted))):
            skipped = noted or head
            lines.append((inside + (skipped.end() if skipped else 0), end))
    if lines:
        yield label, quoted, lines


def lines_outside_code(source: str, *, plain: bool = False) -> Iterator[tuple[int, int]]:
    """Yield where each line starts and ends; none of a program, between fences."""
    fence, at = "", 0
    for line in source.splitlines(keepends=True):
        start, at = at, at + len(line)
        fenced = None if plain else _FENCE.match(line)
        if fenced and not fence:
            fence = fenced[1]
        elif fenced and fenced[1].startswith(fence) and not line.strip(" `~\r\n"):
            fence = ""
        elif not fence:
            yield start, at


def _behind_marks(source: str, start: int, end: int) -> int:
    """Return where a line begins behind the marks of block quotations."""
    for _ in range(9):
        mark = _QUOTED.match(source, start, end)
        if not mark:
            break
        start = mark.end()
    return start


def _references(source: str) -> dict[str, str]:
    """Return the addresses that are given apart from their links, by name."""
    found = (_REFERENCE.match(line) for line in source.splitlines() if line.lstrip().startswith("["))
    return {match[1].casefold(): match[2] for match in found if match}


def _inline(source: str, lines: _Lines, quoted: int, references: dict[str, str]) -> Block:
    """Return the text of some lines, without what is written for the eye."""
    raw = "".join(source[start:end] for start, end in lines)
    return _Inline(raw, [place for start, end in lines for place in range(start, end)], references).block(quoted)


class _Inline:
    """The lines of a block while their marks are taken out; `text` has a character, or "", for each of `places`."""

    def __init__(self, raw: str, held: list[int], references: dict[str, str]) -> None:
        self.raw, self.held, self.references = raw, held, references
        self.text: list[str] = []
        self.places: list[int] = []
        self.links: list[tuple[int, int, str]] = []
        self.notes: list[tuple[int, str]] = []
        self.opened: list[int] = []

    def block(self, quoted: int) -> Block:
        at = 0
        while at < len(self.raw):
            at = self._step(at)
        moved = list(accumulate((len(piece) for piece in self.text), initial=0))
        links = tuple((moved[start], moved[end], address) for start, end, address in self.links)
        notes = tuple((moved[place], label) for place, label in self.notes)
        places = tuple(place for place, piece in zip(self.places, self.text, strict=True) if piece)
        return Block("".join(self.text), quoted, links, notes, places)

    def _put(self, text: str, at: int) -> None:
        for character in text:
            self.text.append(character)
            self.places.append(self.held[at])

    def _step(self, at: int) -> int:
        """Read what stands at a place, and return the next one."""
        character = self.raw[at]
        if character == "[" and not self.raw.startswith("[^", at):
            self.opened.append(len(self.text))
        elif character == "]" and self.opened:
            begun = self.opened.pop()
            end, address = _link(self.raw, at, self.references)
            if end > at:
                self.text[begun] = ""
                self.links.append((begun, len(self.text), address))
                return end
        elif character in "\\`<&[*_~" and (match := _INLINE.match(self.raw, at)):
            return self._mark(match)
        self._put(character, at)
        return at + 1

    def _mark(self, match: re.Match[str]) -> int:
        """Put what a mark stands for, and return the place behind it."""
        said, at, end = match[0], match.start(), match.end()
        if match["escaped"]:
            self._put(said[1], at + 1)
        elif match["entity"]:
            self._put(html.unescape(said), at)
        elif match["auto"]:
            self.links.append((len(self.text), len(self.text) + len(said) - 2, said[1:-1]))
            self._put(said[1:-1], at)
        elif match["note"]:
            self.notes.append((len(self.text), match["label"]))
        elif match["omission"]:
            self._put("…", at)
        elif match["code"]:
            self._put("\ufffc", at)
        elif match["comment"]:
            found = self.raw.find("-->", at)
            return len(self.raw) if found < 0 else found + 3
        elif match["tag"] and re.match(r"</?q[\s>]", said, re.IGNORECASE):
            self._put("”" if said[1] == "/" else "“", at)
        elif match["stars"] and self.raw[at - 1 : at].isspace() and self.raw[end : end + 1].isspace():
            self._put("*", at)
        return end


def _link(raw: str, at: int, references: dict[str, str]) -> tuple[int, str]:
    """Return where a link ends whose words end at `at`, and its address; `at` where it is none."""
    if match := _LINK_END.match(raw, at):
        return match.end(), match[1]
    if (match := _LINK_BY_NAME.match(raw, at)) and match[1].casefold() in references:
        return match.end(), references[match[1].casefold()]
    return at, ""
