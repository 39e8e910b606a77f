"""Gathers exchanges that wait to be written, and has the archive keep them together; it knows no crawl."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from archive.model import Asked, Capture, Exchange
from archive.store.errors import StoreFailed, StoreFull
from archive.store.group import Described
from archive.store.store import CaptureStore

# Of what waits, so much is written at once; a larger exchange is written by itself.
GROUP_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """An exchange, who asked for it, and where to tell that it is kept, or why not."""

    exchange: Exchange
    asked: Asked
    kept: asyncio.Future[Capture]


def take_group(waiting: deque[Waiting]) -> list[Waiting]:
    """Take the next to be written from the queue, in order; none where none waits."""
    group: list[Waiting] = []
    room = GROUP_BYTES
    while waiting and (not group or len(waiting[0].exchange.response) <= room):
        group.append(waiting.popleft())
        room -= len(group[-1].exchange.response)
    return group


def keep_together(store: CaptureStore, exchanges: Sequence[tuple[Exchange, Asked]]) -> list[Capture | Exception]:
    """Keep exchanges; return of each its capture, or why it isn't acknowledged.

    What the disk refuses is refused to all; what is wrong with one exchange fails that one alone.
    """
    results: dict[int, Capture | Exception] = {}
    described: dict[int, Described] = {}
    for number, (exchange, asked) in enumerate(exchanges):
        try:
            described[number] = store.describe(exchange, asked)
        except Exception as error:  # whatever one exchange holds, the others are kept
            results[number] = error
    try:
        results |= dict(zip(described, store.add_all(list(described.values())), strict=True))
    except (StoreFull, StoreFailed) as error:
        results |= {number: type(error)(*error.args) for number in described}
    except Exception:  # raised before anything is written: who of them it was shows one by one
        results |= {number: _keep_one(store, one) for number, one in described.items()}
    return [results[number] for number in range(len(exchanges))]


def _keep_one(store: CaptureStore, one: Described) -> Capture | Exception:
    try:
        return store.add_all([one])[0]
    except Exception as error:
        return error
