"""Takes a content stream apart into operators and their operands; it knows nothing of what they do to a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pdfminer.pdfinterp import PDFContentParser
from pdfminer.pdftypes import PDFStream
from pdfminer.psparser import LIT, PSEOF, PSKeyword, PSSyntaxError


class Operation(NamedTuple):
    """An operator (b"" for operands at the end that have none) and its operands as pdfminer's parser has them.

    `plain` says that the operands are numbers only, one string (of Tj and ') or one array of strings and numbers (TJ).
    """

    operator: bytes
    operands: list[Any]
    plain: bool


# How pdfminer takes bytes apart (ISO 32000-1, 7.2 and 7.3), for well-formed operations. Nothing here can backtrack.
# `(?!)` gives up where it begins: see pipelines/markup.py on possessive repeats before Python 3.11.5.
_NUMBER = rb"[-+]?+(?:\d{1,30}+(?:\.\d{0,30}+)?+|\.\d{1,30}+)"
_STRING = rb"\(([^()\\]*+(?:(?:\\[\s\S]|\([^()\\]*+\))[^()\\]*+|(?!))*+)\)"
_HEX = rb"<([0-9A-Fa-f\s]*+)>"
_NAME = rb"/([^#/%\[\]()<>{}\s]++)"
_NUMBERS = rb"((?:" + _NUMBER + rb"\s++|(?!))*+)"
_END = rb"(?![^#/%\[\]()<>{}\s])"
# Two words that pdfminer takes for values, and the beginning of an inline image.
_KEYWORD = rb"(?!(?:true|false|BI|ID)" + _END + rb")([A-Za-z][^#/%\[\]()<>{}\s]*+)"
_UNGROUPED_STRING, _UNGROUPED_HEX = (part.replace(b"(", b"(?:", 1) for part in (_STRING[2:], _HEX))
_ELEMENT = rb"\s++|\(" + _UNGROUPED_STRING + rb"|" + _NUMBER + rb"(?=[\s(<\]])|" + _UNGROUPED_HEX

_OPERATION = re.compile(
    rb"\s*+(?:"
    + _NUMBERS + _KEYWORD  # 1, 2
    + rb"|" + _STRING + rb"\s*+(Tj" + _END + rb"|')"  # 3, 4
    + rb"|\[((?:" + _ELEMENT + rb"|(?!))*+)\]\s*+TJ" + _END  # 5
    + rb"|" + _HEX + rb"(?!>)\s*+(Tj" + _END + rb"|')"  # 6, 7
    + rb"|" + _NAME + rb"\s++" + _NUMBERS + _KEYWORD  # 8, 9, 10
    + rb"|" + _NAME + rb"\s*+<<\s*+/MCID\s++(\d{1,9}+)\s*+>>\s*+BDC" + _END  # 11, 12
    + rb"|([\s\S]))"  # 13
)  # fmt: skip
_ODD = 13
_OPENS = ord("(")
_PARENTHESIS = re.compile(rb"\\[\s\S]|[()]")
# A string that doesn't end takes the rest: arrays that were matched have none, and no text is looked through twice.
_ELEMENTS = re.compile(_STRING + rb"|" + _HEX + rb"|(" + _NUMBER + rb")|\([\s\S]*+")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|[\s\S])")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"(": b"(", b")": b")", b"\\": b"\\"}


def operations(content: bytes) -> Iterator[Operation]:
    """Yield the operations of content streams that were joined by line ends (ISO 32000-1, 7.8.2).

    Well-formed operations are taken by one regular expression each; the others (inline images, dictionaries,
    comments, whatever is malformed) by pdfminer's own parser, so that its objects are everywhere the same. Two
    differences: an octal escape above 377 loses its high bit (7.3.4.2), and a dictionary that is none is dropped.
    """
    content = content.rstrip()
    # An inline image ends at "EI" and white space.
    rest = _Rest(content + b"\n")
    before: list[Any] = []
    position = 0
    while position < len(content):
        found = _OPERATION.match(content, position)
        if found is None:
            break
        kind = found.lastindex
        if kind != _ODD:
            position = found.end()
            operation = _TAKEN[kind](found)
            if before:
                yield Operation(operation.operator, before + operation.operands, False)
                before = []
            else:
                yield operation
            continue
        start = found.start(_ODD)
        objects, position = _nested(content, start) if content[start] == _OPENS else rest.taken(start)
        for one in objects:
            if isinstance(one, PSKeyword):
                yield Operation(one.name, before, False)
                before = []
            else:
                before.append(one)
    if before:
        yield Operation(b"", before, False)


def _nested(content: bytes, start: int) -> tuple[list[Any], int]:
    """Return the string that starts here, and the position behind it; one that doesn't end has what is left."""
    depth = 0
    for found in _PARENTHESIS.finditer(content, start):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if depth == 0:
            return [_string(content[start + 1 : found.start()])], found.end()
    return [], len(content)


def _array(inner: bytes) -> list[Any]:
    return [
        float(number) if number else _string(string) if string else _hexadecimal(digits)
        for string, digits, number in _ELEMENTS.findall(inner)
    ]


def _string(inner: bytes) -> bytes:
    return _ESCAPE.sub(_unescaped, inner) if b"\\" in inner else inner


def _unescaped(found: re.Match[bytes]) -> bytes:
    escaped = found[1]
    if escaped[0] in b"01234567":
        return bytes((int(escaped, 8) & 0xFF,))
    return _ESCAPED.get(escaped, b"")


def _hexadecimal(digits: bytes) -> bytes:
    digits = b"".join(digits.split())
    if len(digits) % 2:
        # pdfminer's reading; the standard would put the 0 behind.
        digits = digits[:-1] + b"0" + digits[-1:]
    return bytes.fromhex(digits.decode())


def _name(name: bytes) -> Any:
    try:
        return LIT(name.decode())
    except UnicodeDecodeError:
        return LIT(name)


# By the last group of the expression that took part.
_TAKEN: dict[int | None, Callable[[re.Match[bytes]], Operation]] = {
    2: lambda found: Operation(found[2], list(map(float, found[1].split())), True),
    4: lambda found: Operation(found[4], [_string(found[3])], True),
    5: lambda found: Operation(b"TJ", [_array(found[5])], True),
    7: lambda found: Operation(found[7], [_hexadecimal(found[6])], True),
    10: lambda found: Operation(found[10], [_name(found[8]), *map(float, found[9].split())], False),
    12: lambda found: Operation(b"BDC", [_name(found[11]), {"MCID": int(found[12])}], False),
}


class _Rest:
    """pdfminer's parser over the content, which is set on where it is needed."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._parser: PDFContentParser | None = None

    def taken(self, position: int) -> tuple[list[Any], int]:
        """Return the objects from a position up to the next operator, and the position behind it."""
        if self._parser is None:
            self._parser = PDFContentParser([PDFStream({}, self._content)])
        parser = self._parser
        objects: list[Any] = []
        try:
            parser.seek(position)
            while parser.results or not (objects and isinstance(objects[-1], PSKeyword)):
                try:
                    objects.append(parser.nextobject()[1])
                except PSSyntaxError:
                    continue
        except PSEOF:
            return objects, len(self._content)
        return objects, parser.bufpos + parser.charpos
