"""Write HTTP exchanges into one WARC file, byte for byte the same each time; knows nothing of what they say."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import BufferWARCWriter

REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 404: "Not Found"}
BASE = uuid.UUID("6d0c1c1e-0a3f-5d6b-9b1e-201801260000")


@dataclass(frozen=True)
class Answer:
    """What a server answered to one GET: `headers` beside Content-Type and Content-Length, in their order.

    `items` is how many documents (files, pages, articles, notices) its source finds in it.
    """

    url: str
    body: bytes
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunked: bool = False
    items: int = 0


def write_recording(metadata: Mapping[str, object], nights: Mapping[str, Iterable[Answer]]) -> bytes:
    """Return a WARC 1.1 file: warcinfo, the metadata record, then each night's exchanges a few seconds apart.

    Raises ValueError when a night holds an address twice: a replay could give only one of them.
    """
    writer = BufferWARCWriter(gzip=True, warc_version="1.1")
    first = min(nights)
    _write(writer, "warcinfo", "", f"{first}T05:59:00Z", _warcinfo(), "application/warc-fields")
    text = json.dumps(metadata, ensure_ascii=False, indent=1).encode()
    _write(writer, "metadata", "urn:oversight:recording", f"{first}T05:59:00Z", text, "application/json")
    for night, answers in sorted(nights.items()):
        asked: set[str] = set()
        for number, answer in enumerate(answers):
            if answer.url in asked:
                raise ValueError(f"{answer.url} twice on {night}")
            asked.add(answer.url)
            instant = f"{night}T06:{number * 4 // 60:02}:{number * 4 % 60:02}Z"
            _write_exchange(writer, answer, instant)
    contents: bytes = writer.get_contents()
    return contents


def _warcinfo() -> bytes:
    return (
        b"software: samples/build.py\r\nformat: WARC File Format 1.1\r\n"
        b"description: The text of this sample was written for it; only addresses, dates and numbers follow the "
        b"public record.\r\n"
    )


def _write_exchange(writer: BufferWARCWriter, answer: Answer, instant: str) -> None:
    response = _response(answer)
    concurrent = _record_id("response", answer.url, instant)
    kind = "application/http; msgtype=response"
    _write(writer, "response", answer.url, instant, response, kind, {"WARC-Record-ID": concurrent})
    extra = {"WARC-Concurrent-To": concurrent}
    _write(writer, "request", answer.url, instant, _request(answer), "application/http; msgtype=request", extra)


def _record_id(kind: str, url: str, instant: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(BASE, f'{kind} {url} {instant}')}>"


def _write(
    writer: BufferWARCWriter,
    kind: str,
    url: str,
    instant: str,
    block: bytes,
    media_type: str,
    extra: Mapping[str, str] | None = None,
) -> None:
    headers = {"WARC-Date": instant, "WARC-Record-ID": _record_id(kind, url, instant), **(extra or {})}
    http = None
    if kind in {"request", "response"}:
        head, _, block = block.partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        fields = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
        protocol, _, statusline = first.partition(" ")
        http = StatusAndHeaders(statusline, fields, protocol, is_http_request=kind == "request")
        if kind == "request":
            http = StatusAndHeaders(first, fields, is_http_request=True)
    record = writer.create_warc_record(
        url or "sample",
        kind,
        payload=io.BytesIO(block),
        length=len(block),
        warc_content_type=media_type,
        warc_headers_dict=headers,
        http_headers=http,
    )
    if not url:
        record.rec_headers.remove_header("WARC-Target-URI")
        record.rec_headers.add_header("WARC-Filename", "january-2018.warc.gz")
    writer.write_record(record)


def _request(answer: Answer) -> bytes:
    parts = urlsplit(answer.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = (f"GET {target or '/'} HTTP/1.1", f"Host: {parts.netloc}", "Accept: */*", "User-Agent: sample")
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n"


def _response(answer: Answer) -> bytes:
    headers = {"Content-Type": answer.media_type, **answer.headers}
    body = answer.body
    if answer.chunked:
        headers["Transfer-Encoding"] = "chunked"
        pieces = [body[start : start + 1000] for start in range(0, len(body), 1000)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])
    else:
        headers["Content-Length"] = str(len(body))
    lines = [f"HTTP/1.1 {answer.status} {REASONS[answer.status]}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body
