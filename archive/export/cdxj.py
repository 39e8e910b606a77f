"""The index of a WACZ file: lines of CDXJ in packed blocks, with a list of the blocks (WACZ 1.1.1, 5.1.2; ZipNum)."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

BLOCK = 1024
NAME = "index.cdx.gz"
_WWW = re.compile(r"^(https?://)www\d*\.")


def sort_key(url: str) -> str:
    """Return what an address is sorted by: its host from the end, then its path ("gov,example)/a?b=c", SURT).

    As ReplayWeb.page makes it, which looks for an address under exactly this; what is no web address stays as it is.
    """
    if not url.lower().startswith(("http://", "https://")):
        return url
    try:
        parts = urlsplit(_WWW.sub(r"\1", url.lower()))
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    named = "" if port in (None, 80, 443) else f":{port}"
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True), key=lambda pair: pair[0]))
    return f"{','.join(reversed(host.split('.')))}{named}){parts.path or '/'}{f'?{query}' if query else ''}"


class Lines:
    """Lines of an index while they are gathered; they are kept on the disk, however many there are."""

    def __init__(self) -> None:
        self._kept = sqlite3.connect("")
        self._kept.execute("CREATE TABLE lines (line TEXT PRIMARY KEY) WITHOUT ROWID")

    def add(self, url: str, captured_at: str, facts: dict[str, Any]) -> None:
        """Add a line for a capture of an address at an instant; `facts` are its fields."""
        instant = re.sub(r"\D", "", captured_at)[:14]
        told = json.dumps({"url": url, **facts}, ensure_ascii=True)
        key = sort_key(url).replace(" ", "%20")
        self._kept.execute("INSERT OR IGNORE INTO lines VALUES (?)", (f"{key} {instant} {told}\n",))

    def sorted(self) -> Iterator[str]:
        """Yield the lines in the order of their bytes."""
        return (row[0] for row in self._kept.execute("SELECT line FROM lines ORDER BY line"))

    def close(self) -> None:
        self._kept.close()


def blocks(lines: Iterable[str]) -> Iterator[tuple[bytes, str]]:
    """Yield each packed block of lines, with its line in the list of blocks."""
    offset, held = 0, []
    for line in lines:
        held.append(line)
        if len(held) == BLOCK:
            packed, told = _block(held, offset)
            yield packed, told
            offset, held = offset + len(packed), []
    if held:
        yield _block(held, offset)


def head() -> str:
    """Return the first line of the list of blocks."""
    return f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': NAME})}\n"


def _block(lines: list[str], offset: int) -> tuple[bytes, str]:
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress("".join(lines).encode("utf-8", "replace")) + packer.flush()
    begins = lines[0].split(" {", 1)[0]
    return packed, f"{begins} {json.dumps({'offset': offset, 'length': len(packed)})}\n"
