"""Credentials: the key reaches one server and nothing else, in whatever spelling that server sends it back."""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import json
import logging
import types
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request, signals
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.settings import Settings

from archive.store.http import decoded, parse_message
from pipelines.address_guard import Target
from pipelines.credentials import Credential, Credentials
from pipelines.transport import Fetched
from tests import wire_rig
from tests.scripted_server import Script, ScriptedServer, answer

KEY = "SAM-4f9c2e-Canary_71.zQ~8"
API = Target("https", "api.sam.gov", 443)


def percent(text: str) -> str:
    return "".join(f"%{ord(char):02X}" for char in text)


def spellings(key: str) -> dict[str, str]:
    """Name the spellings that a server may echo a key in."""
    once = percent(key)
    found = {
        "plain": key,
        "upper": key.upper(),
        "lower": key.lower(),
        "percent": once,
        "percent, small": once.lower(),
        "percent, of small letters": percent(key.lower()),
        "percent, in part": quote(key, safe="").replace("c", "%63"),
        "percent, twice": quote(once, safe=""),
        "percent, three times": quote(quote(once, safe=""), safe=""),
        "decimal entities": "".join(f"&#{ord(char)};" for char in key),
        "hexadecimal entities": "".join(f"&#x{ord(char):x};" for char in key),
        "padded entities, no semicolon": "".join(f"&#00{ord(char)}" for char in key),
        "named entities": key.replace("_", "&lowbar;").replace(".", "&period;"),
        "html": html.escape(key),
        "JSON": "".join(f"\\u{ord(char):04x}" for char in key),
        "JSON in JSON": json.dumps("".join(f"\\u{ord(char):04X}" for char in key)),
        "script": "".join(f"\\x{ord(char):02x}" for char in key),
        "hexadecimal": key.encode().hex(),
        "hexadecimal, capital": key.encode().hex().upper(),
        "hexadecimal, apart": key.encode().hex(" "),
        "hexadecimal, colons": binascii.hexlify(key.encode(), ":").decode(),
        "utf-16": key.encode("utf-16-le").decode("latin-1"),
        "utf-16, the other way": key.encode("utf-16-be").decode("latin-1"),
    }
    for before in ("", "u", "us", "use", "user:"):
        for after in ("", "x", "xy"):
            text = f"{before}{key}{after}".encode()
            found[f"base64 {before}|{after}"] = base64.b64encode(text).decode()
            found[f"base64, url {before}|{after}"] = base64.urlsafe_b64encode(text).decode().rstrip("=")
    found["base64, lines"] = base64.encodebytes(b"x" * 50 + key.encode() + b"x" * 50).decode()
    found["base64, upper"] = base64.b64encode(key.upper().encode()).decode()
    return found


SPELLINGS = spellings(KEY)


def traces_in(text: bytes) -> set[str]:
    """Name what is left of the key in `text`, which is also searched unpacked."""
    found = set()
    for layer in unpacked(text):
        plain = layer.decode("latin-1")
        found |= {name for name, spelling in SPELLINGS.items() if spelling in plain or core(spelling) in plain}
    return found


def core(spelling: str) -> str:
    """The middle of a spelling, which no neighbour has a share in."""
    return spelling[8:-8] if len(spelling) > 30 else spelling


def unpacked(text: bytes, depth: int = 0) -> Iterator[bytes]:
    yield text
    if depth == 4 or len(text) < 8:
        return
    message = parse_message(text)
    for packed in (text, message.body, decoded(message)[0]):
        # These take what begins well and is cut off, too.
        for unpack in (
            zlib.decompressobj(47).decompress, brotli.Decompressor().process, zstd.ZstdDecompressor().decompress
        ):  # fmt: skip
            try:
                inner = unpack(packed)
            except (zlib.error, brotli.error, zstd.ZstdError):
                continue
            yield from unpacked(inner, depth + 1)
    if message.status:
        yield decoded(message)[0]


def keyed(script: Script, request: str = "/search?q=1", **meta: Any) -> tuple[Fetched | Exception, ScriptedServer]:
    with ScriptedServer({}, default=script) as server:
        (result,) = wire_rig.fetch_all(
            [Request(server.url + request, meta=meta)], ADDRESS_GUARD_ADMIT=server.host, CREDENTIALS_ADMIT=server.host
        )
    return result, server


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAM_API_KEY", KEY)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_each_spelling_is_cut_out(spelling: str) -> None:
    text = f"before {SPELLINGS[spelling]} after".encode("latin-1")
    assert traces_in(text)
    clean = Credential("api_key", KEY).cut_from(text)
    assert traces_in(clean) == set()
    assert clean.startswith(b"before ")
    assert clean.endswith(b" after")
    assert b"REDACTED" in clean


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60),
    st.sampled_from(list(SPELLINGS)),
    st.binary(max_size=30),
)
@settings(max_examples=150, deadline=None)
def test_any_key_is_cut_out(key: str, spelling: str, around: bytes) -> None:
    echo = spellings(key)[spelling].encode("latin-1")
    if spelling in ("html", "named entities", "percent, in part") and echo.decode() != key and len(set(key)) < 4:
        return
    clean = Credential("api_key", key).cut_from(around + b"\n" + echo + b"\n" + around)
    assert echo not in clean or echo in around


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_text_without_the_key_stays_the_same_object(text: bytes) -> None:
    assert Credential("api_key", KEY).cut_from(text) is text


def codings() -> dict[str, tuple[str, Any]]:
    return {
        "gzip": ("gzip", gzip.compress),
        "deflate": ("deflate", zlib.compress),
        "br": ("br", brotli.compress),
        "zstd": ("zstd", zstd.compress),
        "two": ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
        "unlabelled": ("", gzip.compress),
        "unlabelled, twice": ("", lambda body: zstd.compress(gzip.compress(body))),
        "none": ("", bytes),
    }


def coded(body: bytes, coding: str, *, chunked: bool = False) -> bytes:
    name, pack = codings()[coding]
    packed: bytes = pack(body)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + (
        f"Content-Encoding: {name}\r\n".encode() if name else b""
    )
    if not chunked:
        return head + b"Content-Length: %d\r\n\r\n" % len(packed) + packed
    # Small chunks, so that the key itself lies in several of them.
    pieces = [packed[start : start + 7] for start in range(0, len(packed), 7)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("coding", codings())
def test_a_key_within_a_coding_is_cut_out(coding: str, chunked: bool) -> None:
    body = b'{"error": "key %s is spent", "n": 1}' % KEY.encode()
    result, server = keyed(coded(body, coding, chunked=chunked))
    assert isinstance(result, Fetched)
    assert KEY.encode() in server.requests[0]
    assert result.response is not None
    clean = body.replace(KEY.encode(), b"REDACTED")
    assert result.response.body == clean
    assert decoded(parse_message(result.exchange.response)) == (clean, "")
    assert parse_message(result.exchange.response).header("Content-Length") == str(len(clean))
    assert parse_message(result.exchange.response).header("Content-Encoding") == ""
    assert result.exchange.fidelity == "redacted"
    assert_clean(result, server)


@pytest.mark.parametrize("coding", codings())
def test_an_answer_without_the_key_is_kept_as_it_came(coding: str) -> None:
    sent = coded(b'{"n": 1}', coding, chunked=True)
    result, server = keyed(sent)
    assert isinstance(result, Fetched)
    assert result.exchange.response == sent
    assert result.exchange.url == f"{server.url}/search?q=1&api_key=REDACTED"
    assert result.exchange.request.startswith(b"GET /search?q=1&api_key=REDACTED HTTP/1.1\r\n")
    assert server.requests[0].startswith(f"GET /search?q=1&api_key={KEY} HTTP/1.1\r\n".encode())
    assert result.response is not None
    middleware = HttpCompressionMiddleware.from_crawler(wire_rig.crawler_with())
    if coding not in ("unlabelled", "unlabelled, twice"):
        assert middleware.process_response(Request(server.url), result.response).body == b'{"n": 1}'


def echoes(body: bytes) -> dict[str, bytes]:
    key = KEY.encode()
    return {
        "everywhere": b"HTTP/1.1 200 %s\r\nX-%s: 1\r\nX-Echo: %s\r\nSet-Cookie: k=%s\r\nContent-Length: %d\r\n\r\n%s"
        % (key, key, body.replace(b"\n", b" "), percent(KEY).encode(), len(body), body),
        "redirect": answer(b"", "302 Found", Location=f"/next?api_key={KEY}&b=1", Refresh=f"0; url=/?k={KEY}"),
        "bad header line": b"HTTP/1.1 200 OK\r\n" + key + b"\r\nContent-Length: 2\r\n\r\nhi",
        "bad status": b"HTTP/1.1 " + key + b" x\r\n\r\n",
        "bad version": b"HTTP/" + key + b" 200 OK\r\n\r\n",
        "bad length": b"HTTP/1.1 200 OK\r\nContent-Length: " + key + b"\r\n\r\nhi",
        "bad coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + key + b"\r\n\r\nhi",
        "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + key + b"\r\n",
        "extension": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;k="
        + key
        + b"\r\nhi\r\n0\r\nX: "
        + key
        + b"\r\n\r\n",
        "not HTTP": key + b" " + body,
        "cut": b"HTTP/1.1 500 Oops\r\nContent-Length: 99999\r\n\r\n" + body,
        "hints": b"HTTP/1.1 103 Hints\r\nLink: " + key + b"\r\n\r\n" + answer(b"hi"),
        "broken gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(body)[:-20],
        "broken br": b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n" + brotli.compress(body * 2)[:-9],
        "broken zstd": b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n" + zstd.compress(body * 2)[:-9],
        "unlabelled broken gzip": b"HTTP/1.1 200 OK\r\n\r\n" + gzip.compress(body)[:-20],
        "unknown coding": b"HTTP/1.1 200 OK\r\nContent-Encoding: rot13\r\n\r\n" + body,
        "after the end": answer(b"hi") + key,
        "too long": answer(body + b"x" * 300_000),
        "nothing": b"",
    }


@pytest.mark.parametrize("case", echoes(b""))
def test_no_byte_of_the_key_comes_out(case: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = "\n".join(SPELLINGS.values()).encode("latin-1")
    request = "/search?api_key=REDACTED&API_KEY=old&q=1"
    result, server = keyed(echoes(body)[case], request, download_maxsize=200_000)
    assert server.requests[0].split()[1] == f"/search?q=1&api_key={KEY}".encode()
    assert_clean(result, server)
    assert traces_in(caplog.text.encode()) == set()
    assert not [record for record in caplog.records if traces_in(repr(vars(record)).encode())]


def assert_clean(result: Fetched | Exception, server: ScriptedServer) -> None:
    """Search every byte that can come out of a fetch, and what a traceback would show of its frames."""
    places: list[Any] = [repr(result)]
    error = result if isinstance(result, Exception) else result.error
    if isinstance(result, Fetched):
        places += [result.exchange.request, result.exchange.response, result.exchange.url, repr(result.exchange)]
        assert result.exchange.fidelity == "redacted"
        if result.response is not None:
            response = result.response
            places += [response.url, response.body, repr(response.headers.to_unicode_dict()), repr(vars_of(response))]
    while error is not None:
        places += [str(error), repr(error), repr(error.args), *frames_of(error.__traceback__)]
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    for place in places:
        text = place if isinstance(place, bytes) else str(place).encode("utf-8", "surrogateescape")
        assert traces_in(text) == set(), text[:2000]


def vars_of(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in dir(value) if name in ("flags", "protocol", "ip_address", "status")}


def frames_of(trace: types.TracebackType | None) -> Iterator[str]:
    """Yield what a traceback with local variables would print, and the bytes held by what it names."""
    while trace is not None:
        if "/pipelines/" in trace.tb_frame.f_code.co_filename or "/scrapy/" in trace.tb_frame.f_code.co_filename:
            for value in trace.tb_frame.f_locals.values():
                yield repr(value)
                parts = {name: part for name, part in getattr(value, "__dict__", {}).items() if name[0] != "_"}
                yield repr(
                    {name: part.getvalue() if isinstance(part, BytesIO) else part for name, part in parts.items()}
                )
        trace = trace.tb_next


def test_a_redirect_carries_no_key_and_its_next_hop_gets_it_again() -> None:
    with ScriptedServer({"/a": answer(b"", "302 Found", Location=f"/b?api_key={KEY}"), "/b": answer(b"hi")}) as server:
        admit = {"ADDRESS_GUARD_ADMIT": server.host, "CREDENTIALS_ADMIT": server.host}
        first = wire_rig.fetch(f"{server.url}/a", **admit).response
        assert first is not None
        location = first.headers[b"Location"].decode()  # type: ignore[union-attr]
        assert location == "/b?api_key=REDACTED"
        second = wire_rig.fetch(server.url + location, **admit)
        assert second.exchange.url == f"{server.url}/b?api_key=REDACTED"
        assert server.requests[1].startswith(f"GET /b?api_key={KEY} ".encode())


def test_extensions_hear_nothing_of_a_keyed_answer() -> None:
    heard: list[object] = []

    def listen(**signal: object) -> None:
        heard.append(signal)

    with ScriptedServer({}, default=answer(KEY.encode())) as server:
        crawler = wire_rig.crawler_with(ADDRESS_GUARD_ADMIT=server.host, CREDENTIALS_ADMIT=server.host)
        for signal in (signals.headers_received, signals.bytes_received):
            crawler.signals.connect(listen, signal=signal)
        assert isinstance(wire_rig.fetch_with(crawler, [Request(server.url)])[0], Fetched)
    assert heard == []


@pytest.mark.parametrize("value", ["", "   ", None])
def test_without_a_key_nothing_is_added(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if value is None:
        monkeypatch.delenv("SAM_API_KEY")
    else:
        monkeypatch.setenv("SAM_API_KEY", value)
    result, server = keyed(answer(b"hi"))
    assert isinstance(result, Fetched)
    assert server.requests[0].startswith(b"GET /search?q=1 HTTP/1.1\r\n")
    assert result.exchange.url == f"{server.url}/search?q=1"
    assert result.exchange.fidelity == "wire"


def test_robots_txt_is_asked_for_without_a_key() -> None:
    result, server = keyed(answer(b"User-agent: *"), "/robots.txt")
    assert isinstance(result, Fetched)
    assert server.requests[0].startswith(b"GET /robots.txt HTTP/1.1\r\n")
    assert result.exchange.fidelity == "wire"


@pytest.mark.parametrize("value", ["short", "two words here", "line\nbreak-long", "schlüssel-lang", "nul\x00nul-long"])
def test_what_cannot_be_a_key_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(ValueError, match="SAM_API_KEY") as caught:
        Credentials.from_environment(Settings(), {"SAM_API_KEY": value})
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    "target",
    [
        Target("http", "api.sam.gov", 80),
        Target("http", "api.sam.gov", 443),
        Target("https", "api.sam.gov.", 443),
        Target("https", "sam.gov", 443),
        Target("https", "www.api.sam.gov", 443),
        Target("https", "api.sam.gov.example.com", 443),
        Target("https", "api-alpha.sam.gov", 443),
        Target("https", "127.0.0.1", 8000, admitted=True),
    ],
)
def test_a_key_goes_to_its_host_alone(target: Target) -> None:
    credentials = Credentials.from_environment(Settings(), {"SAM_API_KEY": KEY})
    assert credentials.find(API) is not None
    assert credentials.find(target) is None


def test_a_key_is_sent_as_one_parameter_whatever_letters_it_has() -> None:
    key = "a&b=c#d?e%f+g/h"
    credential = Credential("api_key", key)
    sent = credential.added_to(b"/search?q=1&Api%5Fkey=old&api_key=x")
    assert sent == b"/search?q=1&api_key=a%26b%3Dc%23d%3Fe%25f%2Bg%2Fh"
    assert credential.cut_from(sent) == b"/search?q=1&api_key=REDACTED"


def test_a_key_is_not_printed() -> None:
    credentials = Credentials.from_environment(Settings(), {"SAM_API_KEY": KEY})
    credential = credentials.find(API)
    assert credential is not None
    credential.cut_from(b"x")
    assert KEY not in f"{credentials!r} {credential!r} {vars(credential)!r}"
