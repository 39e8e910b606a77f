"""Write HTTP exchanges into one WARC file, byte for byte the same each time; knows nothing of what they say."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

REASONS = {200: "OK", 301: "Moved Permanently", 403: "Forbidden", 404: "Not Found"}
ABOUT = "urn:oversight:recording"
INFO = (
    b"software: samples/build.py\r\n"
    b"format: WARC File Format 1.1\r\n"
    b"description: Its text was written for it; addresses, titles and contract numbers follow the public record.\r\n"
)
BASE = uuid.UUID("6d0c1c1e-0a3f-5d6b-9b1e-201801260000")


@dataclass(frozen=True)
class Answer:
    """What a server answered to one GET: `headers` beside Content-Type and Content-Length, in their order. Where
    `asked` holds JSON, it was a POST that asked for that.

    `items` is how many documents (files, pages, articles, notices) its source finds in it.
    """

    url: str
    body: bytes
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunked: bool = False
    items: int = 0
    asked: bytes = b""


def write_recording(metadata: Mapping[str, object], nights: Mapping[str, Iterable[Answer]]) -> bytes:
    """Return a WARC 1.1 file: warcinfo, the metadata record, then each night's exchanges a few seconds apart.

    Raises ValueError when a night holds an address twice: a replay could give only one of them.
    """
    output = io.BytesIO()
    writer = WARCWriter(output, gzip=True, warc_version="1.1")
    before = f"{min(nights)}T05:59:00Z"
    description = writer.create_warc_record(
        "", "warcinfo", io.BytesIO(INFO), len(INFO), "application/warc-fields", _headers("warcinfo", "", before)
    )
    description.rec_headers.remove_header("WARC-Target-URI")
    writer.write_record(description)
    text = json.dumps(metadata, ensure_ascii=False, indent=1).encode()
    headers = _headers("metadata", ABOUT, before)
    record = writer.create_warc_record(ABOUT, "metadata", io.BytesIO(text), len(text), "application/json", headers)
    writer.write_record(record)
    for night, answers in sorted(nights.items()):
        _write_night(writer, night, answers)
    return output.getvalue()


def _write_night(writer: WARCWriter, night: str, answers: Iterable[Answer]) -> None:
    asked: set[tuple[str, bytes]] = set()
    for number, answer in enumerate(answers):
        if (answer.url, answer.asked) in asked:
            raise ValueError(f"{answer.url} twice on {night}")
        asked.add((answer.url, answer.asked))
        instant = f"{night}T06:{number * 4 // 60:02}:{number * 4 % 60:02}Z"
        response = _headers("response", answer.url, instant)
        head, body = _response(answer)
        _write(writer, "response", answer, response, head, body)
        request = _headers("request", answer.url, instant) | {"WARC-Concurrent-To": response["WARC-Record-ID"]}
        _write(writer, "request", answer, request, _request(answer), answer.asked)


def _headers(kind: str, url: str, instant: str) -> dict[str, str]:
    record_id = uuid.uuid5(BASE, f"{kind} {url} {instant}")
    return {"WARC-Date": instant, "WARC-Record-ID": f"<urn:uuid:{record_id}>"}


def _write(
    writer: WARCWriter,
    kind: str,
    answer: Answer,
    headers: Mapping[str, str],
    head: StatusAndHeaders,
    body: bytes = b"",
) -> None:
    record = writer.create_warc_record(
        answer.url, kind, io.BytesIO(body), len(body), warc_headers_dict=dict(headers), http_headers=head
    )
    writer.write_record(record)


def _request(answer: Answer) -> StatusAndHeaders:
    parts = urlsplit(answer.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fields = [("Host", parts.netloc), ("Accept", "*/*"), ("User-Agent", "sample")]
    if answer.asked:
        fields += [("Content-Type", "application/json"), ("Content-Length", str(len(answer.asked)))]
    method = "POST" if answer.asked else "GET"
    return StatusAndHeaders(f"{method} {target} HTTP/1.1", fields, is_http_request=True)


def _response(answer: Answer) -> tuple[StatusAndHeaders, bytes]:
    fields = {"Content-Type": answer.media_type, **answer.headers}
    body = answer.body
    if answer.chunked:
        fields["Transfer-Encoding"] = "chunked"
        pieces = [body[start : start + 1000] for start in range(0, len(body), 1000)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])
    else:
        fields["Content-Length"] = str(len(body))
    return StatusAndHeaders(f"{answer.status} {REASONS[answer.status]}", list(fields.items()), "HTTP/1.1"), body
