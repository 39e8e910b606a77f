"""Writes a message as a webhook's body: JSON as docs/watches.md and docs/webhook.schema.json describe it.

It signs nothing, and knows no address of a receiver.
"""

from __future__ import annotations

import json
from typing import Any

from archive.watches.model import Hit, Message, Place, SourceState
from archive.watches.written.words import in_turn, kind_of, linked, plain, source_lines, subject


def webhook_body(message: Message, *, name: str = "", site: str = "") -> bytes:
    """Return a message as JSON in ASCII; the same message gives the same bytes."""
    told = {
        "type": f"watch.{kind_of(message)}",
        "timestamp": message.at,
        "data": {
            "id": message.id,
            "archive": plain(name, 200),
            "watch": plain(message.watch, 200),
            "title": plain(message.title, 300),
            "subject": subject(message),
            "release": message.release,
            "address": linked(site, str(message.facts.get("address", ""))),
            "hits": [_hit(hit, site) for _, hit, _ in in_turn(message.hits)],
            "more": message.more,
            "sources": [_source(one) for one in message.sources],
            "sources_told": source_lines(message),
            "notices": [plain(notice) for notice in message.notices],
        },
    }
    return json.dumps(told, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")


def _hit(hit: Hit, site: str) -> dict[str, Any]:
    words = ("id", "kind", "at", "document", "title", "number", "collection", "source", "version", "before", "summary")
    return {
        **{name: plain(getattr(hit, name)) for name in words},
        "address": linked(site, hit.address),
        "difference": linked(site, hit.difference),
        "places": [_place(place, site) for place in hit.places],
        "more": hit.more,
    }


def _place(place: Place, site: str) -> dict[str, Any]:
    return {
        "term": plain(place.term),
        "page": place.page,
        "address": linked(site, place.address),
        "words": plain(place.words),
        "change": plain(place.change),
    }


def _source(state: SourceState) -> dict[str, Any]:
    return {
        "name": plain(state.name),
        "title": plain(state.title),
        "health": plain(state.health),
        "last_good": plain(state.last_good),
        "sentence": plain(state.sentence),
    }
