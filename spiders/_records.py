"""Reads JSON and CSV that strangers wrote, strictly: what is wrong is said, never guessed at; it knows no site."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

# Python's own limit is 128 KB a field, and a notice's description can be longer. It is one number for the process, and
# others set it too: so it is out of the way here, and what is too long is told by this module.
csv.field_size_limit(1 << 30)

_LONGEST_FIELD = 8 << 20
_DEEPEST = 60


class MalformedError(ValueError):
    """The bytes are not what they should be; the message says what is wrong with them."""


def read_json(body: bytes) -> Any:
    """Return parsed JSON, with fractions as they are printed. Raises MalformedError.

    Refused are what RFC 8259 leaves to each reader to guess: a name twice in one object (section 4), numbers that are
    none (6), more digits than a number of 64 bits has, another encoding than UTF-8 (8.1), and nesting deeper than in
    any source.
    """
    try:
        value = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_int=_whole_number,
            parse_float=str,
            parse_constant=_no_number,
        )
    except RecursionError:
        raise MalformedError("nested too deeply") from None
    except ValueError as error:
        raise MalformedError(str(error)[:200]) from None
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
    if level:
        raise MalformedError(f"nested more than {_DEEPEST} levels deep")
    return value


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise MalformedError(f"the name {name[:80]!r} twice in one object")
        made[name] = value
    return made


def _whole_number(digits: str) -> int:
    if len(digits.lstrip("-")) > 19:
        raise MalformedError(f"a number of {len(digits)} digits")
    return int(digits)


def _no_number(word: str) -> NoReturn:
    raise MalformedError(f"{word} is no number")


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    """What Windows-1252 leaves undefined stays the control character that it is in Latin-1, as browsers read it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("oversight-latin-1", _as_latin_1)
_WINDOWS_1252 = ("cp1252", "oversight-latin-1")
_MARK = codecs.BOM_UTF8


def decoded(body: bytes) -> str:
    """Return text: read as UTF-8 where it is that, else as Windows-1252."""
    return body.decode("utf-8-sig") if _is_utf_8(body) else body.removeprefix(_MARK).decode(*_WINDOWS_1252)


def read_csv(body: bytes, record_starts: re.Pattern[str]) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each row of a CSV file, numbered from 0 (the header), or what is wrong with it in words.

    A line that matches `record_starts` begins a record even inside quotes: so a quotation mark that is never closed
    costs one record and not the rest of the file. Read as UTF-8 where it is that, else as Windows-1252.
    """
    encoding, errors = ("utf-8", "strict") if _is_utf_8(body) else _WINDOWS_1252
    bytes_of = io.BytesIO(body)
    bytes_of.seek(len(_MARK) if body.startswith(_MARK) else 0)
    lines = io.TextIOWrapper(bytes_of, encoding, errors, newline="")
    number = 0
    for chunk in _chunks(lines, record_starts):
        try:
            rows = [row for row in csv.reader(chunk, strict=True) if row]
        except csv.Error as error:
            yield number, str(error)
            number += 1
            continue
        for row in rows:
            longest = max(map(len, row))
            yield number, row if longest <= _LONGEST_FIELD else f"a field of {longest:,} characters"
            number += 1


def _chunks(lines: Iterator[str] | io.TextIOWrapper, record_starts: re.Pattern[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for line in lines:
        if chunk and record_starts.match(line):
            yield chunk
            chunk = []
        chunk.append(line)
    if chunk:
        yield chunk


def _is_utf_8(body: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(body), 1 << 20):
            decoder.decode(body[start : start + (1 << 20)])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
