"""Datasette's own pages as strangers may ask them: what of a question is left out, and in which form CSV goes out."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from archive.table_csv import table_csv

# They would show what was asked of SQLite, and have a cache keep an answer.
_LEFT_OUT = frozenset({"_trace", "_ttl"})
# Numbers, or Datasette trips over them.
_NUMBERS = frozenset({"_timelimit"})
_NUMBER = re.compile(r"[0-9]{1,9}")
# So many rows of a table, or of an answer to SQL, are made into HTML, in the one thread that answers everybody; as data
# there are more.
MOST_SHOWN = 100
_DATA = re.compile(r"\.(?:json|jsono|csv|blob)$")
# One cell of a table may be as long as a text is.
csv.field_size_limit(1 << 30)


class CutShortError(Exception):
    """An answer ended before its end, after its beginning was sent: the connection has to tell that."""


def heeded(query: bytes, path: str = "") -> bytes:
    """Return what Datasette is asked of a question: neither traces, nor what is no number in a number's place.

    Of a table as a page no more than MOST_SHOWN rows are asked for.
    """
    if not any(name.encode() in query for name in _LEFT_OUT | _NUMBERS | {"_size"}):
        return query
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    kept = [(name, value) for name, value in pairs if name not in _LEFT_OUT and _is_sound(name, value)]
    if is_page(path, query):
        kept = [(name, str(MOST_SHOWN) if name == "_size" and _is_more(value) else value) for name, value in kept]
    return urlencode(kept, encoding="latin-1").encode()


def is_page(path: str, query: bytes) -> bool:
    """Tell whether HTML is asked for, and not data."""
    return not _DATA.search(path) and b"_format=" not in query


def _is_more(size: str) -> bool:
    return size == "max" or (_NUMBER.fullmatch(size) is not None and int(size) > MOST_SHOWN)


def _is_sound(name: str, value: str) -> bool:
    return name not in _NUMBERS or _NUMBER.fullmatch(value) is not None


def is_csv(scope: Any, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Tell whether Datasette answers a question with CSV, which it calls plain text."""
    asked = scope["path"].endswith(".csv") or b"_format=csv" in scope["query_string"]
    return asked and any(name.lower() == b"content-type" and value.startswith((b"text/plain", b"text/csv"))
                         for name, value in headers)  # fmt: skip


class HarmlessCsv:
    """A stream of CSV on its way out; `broke` when it was cut: what Datasette writes then is no row."""

    broke = False

    def row(self, written: bytes) -> bytes:
        """Return a row that Datasette wrote, as no spreadsheet calculates it; nothing where it is no row."""
        if not written:
            return written
        if not written.endswith(b"\n"):
            self.broke = True
            return b""
        return table_csv(csv.reader([written.decode()], strict=True)).encode()
