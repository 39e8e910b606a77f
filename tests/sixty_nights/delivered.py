"""Holds what receivers of webhooks and mail took against the messages that were made: none lost, none told twice under
another id, none out of order, and nothing in any of them that didn't happen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.mail_server import Kept
from tests.sixty_nights.held import name_in
from tests.sixty_nights.loopback import Told
from tests.sixty_nights.truth import Change

BUSY = "451 4.3.2 not now"
# What a hit on a contract is called, and what it is.
CALLED = {"award": "new", "modification": "amended"}
SEEN = ("ok", "never run")


class Post(Kept):
    """A mail server that takes nothing while nobody hears."""

    deaf = False

    def _answer(self, command: str, good: str) -> str:
        return BUSY if self.deaf and command == "MAIL" else super()._answer(command, good)


def wrongly_delivered(
    made: Mapping[str, Mapping[str, Any]], told: Sequence[Told], again: int, *, deaf: bool
) -> Iterator[str]:
    """Yield what is wrong with webhooks: `made` are the messages' lines by their ids, `again` how many may have come
    twice since the command was killed behind them."""
    ids = [one.message for one in told]
    if len(ids) - len(set(ids)) > again:
        yield f"{len(ids) - len(set(ids))} came twice, and {again} commands were killed"
    for one in told:
        if one.body["data"]["id"] != one.message or one.message not in made:
            yield f"{one.watch}: {one.message} was never made, or says that it is another"
    for watch in {str(line["watch"]) for line in made.values()}:
        wanted = [name for name, line in made.items() if line["watch"] == watch]
        came = list(dict.fromkeys(one.message for one in told if one.watch == watch))
        if came != (wanted[: len(came)] if deaf else wanted):
            yield f"{watch}: {len(wanted)} were made, and {len(came)} came, in their order or not"


def told_in(body: Mapping[str, Any], names: Sequence[str]) -> tuple[frozenset[Change], frozenset[str]]:
    """Return what a webhook tells: what became of which documents, and which sources can't be seen."""
    data = body["data"]
    hits = [
        (hit["at"][:10], CALLED.get(hit["kind"], hit["kind"]), name_in(hit["title"], names)) for hit in data["hits"]
    ]
    return frozenset(hits), frozenset(one["name"] for one in data["sources"] if one["health"] not in SEEN)


def wrongly_mailed(kept: Kept, told: Sequence[Told], again: int, *, deaf: bool) -> Iterator[str]:
    """Yield what is wrong with mails: as many came as webhooks, each with an id of its own."""
    mails = Counter(str(mail["Message-ID"]) for mail in kept.read)
    if sum(mails.values()) - len(mails) > again:
        yield f"{sum(mails.values()) - len(mails)} mails came twice, and {again} commands were killed"
    if len(mails) != len({one.message for one in told}) and not deaf:
        yield f"{len(mails)} mails, and {len({one.message for one in told})} webhooks"
