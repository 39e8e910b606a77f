"""Spans as rows of the catalogue's tables; functions, without a connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archive.catalog.server_spans import Address
from archive.catalog.span import Span

Row = dict[str, Any]


def listing_span_rows(spans: Mapping[str, Sequence[Span]]) -> Iterator[Row]:
    """Yield the listing states of each document, by its id, numbered in order."""
    for document, held in spans.items():
        for ordinal, span in enumerate(held, 1):
            yield {"document": document, "ordinal": ordinal, **_told(span)}


def server_span_rows(addresses: Mapping[str, Sequence[Address]]) -> Iterator[Row]:
    """Yield what the server said at each address of each document, numbered in order."""
    for document, held in addresses.items():
        for address in held:
            for ordinal, span in enumerate(address.spans, 1):
                where = {"document": document, "url_key": address.key, "ordinal": ordinal, "url": address.url}
                yield {**where, "status": span.status, **_told(span)}


def _told(span: Span) -> Row:
    return {
        "state": span.state,
        "since": span.since,
        "until": span.until,
        "not_before": span.not_before or None,
        "looks": span.looks,
        "first_capture": span.first.capture or None,
        "last_capture": span.last.capture or None,
        "first_run": span.first.run,
        "last_run": span.last.run,
    }
