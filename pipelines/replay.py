"""Replay: answers the production sources' requests from a recording (any WARC file) in place of the network."""

from __future__ import annotations

from pathlib import Path

from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from archive.model import Exchange
from archive.store.http import entity, parse_message
from archive.store.recording import open_recording
from pipelines.transport import Fetched

NOT_IN_RECORDING = "not-in-recording"


class ReplayTransport:
    """Plays back one night of a recording; what it gives carries the recorded time."""

    def __init__(self, recording: str | Path, night: str) -> None:
        self.recording = open_recording(Path(recording))
        self.night = night

    async def fetch(self, request: Request) -> Fetched:
        """Return the recorded exchange, or a 404 that is flagged as not in the recording."""
        exchange = self.recording.exchange(self.night, request.method, request.url, request.body)
        if exchange is None:
            absent = Response(request.url, status=404, flags=[NOT_IN_RECORDING], request=request)
            return Fetched(Exchange(request.url, f"{self.night}T00:00:00Z", b"", b""), response=absent)
        if exchange.truncated:
            return Fetched(exchange, error=ResponseDataLossError(exchange.truncated))
        return Fetched(exchange, response=_response(request, exchange))

    async def close(self) -> None:
        """Nothing is held open."""


def _response(request: Request, exchange: Exchange) -> Response:
    """Make the response that Scrapy's own handler makes of the same bytes: chunking removed, coding kept.

    A file that was recorded without an HTTP answer is given as a good one.
    """
    if exchange.kind == "resource":
        kind = responsetypes.from_args(url=request.url, body=exchange.response)
        return kind(url=request.url, status=200, body=exchange.response, request=request)
    message = parse_message(exchange.response)
    body, _ = entity(message)
    headers = Headers()
    for name, value in message.headers:
        if name.lower() != "transfer-encoding":
            headers.appendlist(name, value)
    kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
    made: Response = kind(url=request.url, status=message.status, headers=headers, body=body, request=request)
    return made
