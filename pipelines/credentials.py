"""Puts an API's key on the wire and cuts it out of all that comes back; nothing behind this module ever sees one.

A key is found by its value, in every spelling that a server may echo it in: plain (upper and lower case, also
UTF-16), percent-encoded any number of times, HTML entities, JSON escapes, hexadecimal, base64 at each alignment.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html.entities import html5
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

from archive.store.http import Message, decoded, entity, parse_message

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from pipelines.address_guard import Target

# Exact host -> (query parameter, environment variable).
CREDENTIALS: Mapping[str, tuple[str, str]] = {"api.sam.gov": ("api_key", "SAM_API_KEY")}
REDACTED = "REDACTED"
SHORTEST_KEY = 8

# A body that unpacks to more, or is packed more often, isn't searched, and so isn't kept.
MOST_OPENED = 256 << 20
MOST_LAYERS = 4
_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_DESCRIBES_BODY = re.compile(rb"(?:content-length|content-encoding|transfer-encoding|trailer)[ \t]*:", re.IGNORECASE)


class Credential:
    """One key. It prints as the name of its parameter: tracebacks and logs show what they hold."""

    def __init__(self, parameter: str, value: str) -> None:
        self.parameter = parameter
        self._value = _Hidden(value)

    def __repr__(self) -> str:
        return f"<credential {self.parameter}>"

    def added_to(self, address: bytes) -> bytes:
        """Return `address` (or a request target) with the key as its parameter, in place of any that it had."""
        return _with_parameter(address, self.parameter, quote(self._value.text, safe=""))

    def shown_in(self, url: str) -> str:
        """Return `url` as it is recorded: with REDACTED where the key was."""
        return _with_parameter(url.encode(), self.parameter, REDACTED).decode()

    def cut_from(self, text: bytes) -> bytes:
        """Return `text` with REDACTED in place of the key in each of its spellings; the same object if none."""
        for spelling in self._spellings:
            if spelling.search(text):
                text = spelling.sub(REDACTED.encode(), text)
        return text

    def cut_from_text(self, text: str) -> str:
        """As cut_from(), for text."""
        return self.cut_from(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def cut_from_response(self, raw: bytes) -> Cleaned:
        """Cut the key out of a whole HTTP response, also where a transfer or content coding hides it."""
        message = parse_message(raw)
        head = self.cut_from(message.head)
        plain = _opened(message)
        if plain is None:
            return Cleaned(_without_codings(head, b""), whole=False, entity=b"")
        clean = self.cut_from(plain)
        if clean is plain and (plain is message.body or self.cut_from(message.body) is message.body):
            return Cleaned(raw if head is message.head else head + message.body, whole=True)
        return Cleaned(_without_codings(head, clean), whole=True, entity=clean)

    @cached_property
    def _spellings(self) -> tuple[_Spelling, ...]:
        value = self._value.text
        cases = tuple(dict.fromkeys((value, value.lower(), value.upper())))
        encoded = {part for case in cases for part in _base64_parts(case)}
        return (
            _Spelling(b"\x00?".join(_letter(letter) for letter in value)),
            _Spelling(b"[ :]?".join(_hexadecimal(letter) for letter in value)),
            # A MIME body breaks base64 into lines; inside JSON their ends are escaped.
            _Spelling(b"|".join(rb"(?:[\r\n]|\\[rn])*".join(map(_verbatim, part)) for part in sorted(encoded))),
        )


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A response without the key. `entity` is its body, where that had to be changed; it then has no coding.

    `whole` is false where the body's coding could not be undone: it can't be searched, so it was left out.
    """

    raw: bytes
    whole: bool
    entity: bytes | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """The keys that this run has, by host. `admit` is a loopback host and port that gets all of them, in tests."""

    by_host: Mapping[str, Credential] = field(default_factory=dict)
    admit: str = ""

    @classmethod
    def from_environment(cls, settings: BaseSettings, environment: Mapping[str, str] = os.environ) -> Credentials:
        """Read each key once. Raises ValueError, without the key, for one that can't be a key."""
        held = {}
        for host, (parameter, variable) in CREDENTIALS.items():
            value = environment.get(variable, "").strip()
            if value:
                if len(value) < SHORTEST_KEY or not value.isascii() or not value.isprintable() or " " in value:
                    raise ValueError(f"{variable} does not hold a key: at least 8 letters without a space")
                held[host] = Credential(parameter, value)
        return cls(held, str(settings.get("CREDENTIALS_ADMIT") or ""))

    def find(self, target: Target) -> Credential | None:
        """Return the key that a request to `target` carries: https and the exact host, or the admitted port."""
        if target.admitted and self.admit == f"{target.host}:{target.port}":
            return next(iter(self.by_host.values()), None)
        if target.scheme != "https" or target.port != 443:
            return None
        return self.by_host.get(target.host)


class _Hidden:
    """Text that debuggers and tracebacks with local variables don't print."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return "<hidden>"


class _Spelling:
    """A compiled pattern; a plain one would print the key that it looks for."""

    def __init__(self, pattern: bytes) -> None:
        compiled = re.compile(pattern)
        self.search = compiled.search
        self.sub = compiled.sub

    def __repr__(self) -> str:
        return "<spelling>"


def _opened(message: Message) -> bytes | None:
    """Return the body without any coding, named in the head or not, or None where one can't be undone."""
    plain, cut_off = entity(message)
    if message.codings("Content-Encoding"):
        plain, reason = decoded(message, MOST_OPENED)
        if reason != cut_off:
            return None
    for _ in range(MOST_LAYERS):
        coding = next((coding for start, coding in _COMPRESSED.items() if plain.startswith(start)), "")
        if not coding:
            return plain
        inner = replace(message, headers=(("Content-Encoding", coding),), body=plain)
        plain, reason = decoded(inner, MOST_OPENED)
        if reason:
            return None
    return None


def _without_codings(head: bytes, body: bytes) -> bytes:
    """Put a response together again whose body now has no coding (RFC 9112 6, RFC 9110 8.4)."""
    if not head:
        return body
    kept: list[bytes] = []
    dropping = False
    for line in head.splitlines(keepends=True):
        dropping = dropping if line[:1] in b" \t" else _DESCRIBES_BODY.match(line) is not None
        if not dropping:
            kept.append(line)
    return b"".join([*kept[:-1], b"Content-Length: %d\r\n" % len(body), b"\r\n", body])


def _with_parameter(address: bytes, parameter: str, value: str) -> bytes:
    address, hash_mark, fragment = address.partition(b"#")
    path, _, query = address.partition(b"?")
    others = [
        part
        for part in query.split(b"&")
        if part and unquote_plus(part.partition(b"=")[0].decode("latin-1")).lower() != parameter.lower()
    ]
    others.append(f"{parameter}={value}".encode())
    return path + b"?" + b"&".join(others) + hash_mark + fragment


def _verbatim(code: int) -> bytes:
    return re.escape(bytes([code]))


def _letter(letter: str) -> bytes:
    """A pattern for one letter of a key, in either case.

    Each branch starts with a literal, so that the search skips ahead to the few places where one can begin.
    """
    cases = sorted({letter.lower(), letter.upper()})
    codes = "|".join(f"{ord(case):x}" for case in cases)
    codes = "|".join(_hex_digits(code) for code in codes.split("|"))
    decimal = "|".join(str(ord(case)) for case in cases)
    names = "|".join(name for name, value in html5.items() if value in cases and name.endswith(";"))
    branches = [
        *(re.escape(case) for case in cases),
        f"%(?:25){{0,8}}(?:{codes})",
        f"&#0{{0,8}}(?:{decimal});?",
        f"&#[xX]0{{0,8}}(?:{codes});?",
        rf"\\{{1,4}}(?:u00|x)(?:{codes})",
    ]
    if names:
        branches.append(f"&(?:{names})")
    return f"(?:{'|'.join(branches)})".encode()


def _hex_digits(code: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in code)


def _hexadecimal(letter: str) -> bytes:
    codes = (_hex_digits(f"{ord(case):02x}") for case in sorted({letter.lower(), letter.upper()}))
    return f"(?:{'|'.join(codes)})".encode()


def _base64_parts(value: str) -> Iterator[bytes]:
    """Yield what the base64 of any text with `value` in it must contain, in both alphabets (RFC 4648)."""
    octets = value.encode()
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + octets)
        certain = slice((0, 2, 3)[shift], (shift + len(octets)) * 8 // 6)
        yield encoded[certain]
        yield encoded[certain].translate(bytes.maketrans(b"+/", b"-_"))
