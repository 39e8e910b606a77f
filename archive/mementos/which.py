"""Which captures are mementos: states of what stood at an address, as a server gave them. Knows no policy, no file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archive.addresses import url_key

# What says something of the resource: it, where it went, or that there is none. Trouble of a server's (5xx, 408, 429)
# and parts of an answer (204 to 206) say nothing of it.
_NOT_OF_IT = frozenset({408, 429})
_WHOLE = frozenset({200, 203})


def is_memento(capture: Mapping[str, Any]) -> bool:
    """Tell whether a row of `captures` is a state of what stood at its address.

    A POST says in its body what it asked for; a file that was handed in and a browser's document were sent by no
    server. "Not modified" is one where it confirms something (outcome "unchanged"): that, at its own time.
    """
    status = int(capture["status"])
    if capture["kind"] != "response" or capture["method"] != "GET":
        return False
    if status == 304:
        return str(capture["outcome"]) == "unchanged"
    return status in _WHOLE or (300 <= status < 500 and status not in _NOT_OF_IT)


def place_of(capture: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return under which key a capture counts, its address and its instant; a copy counts where it was copied from."""
    if capture["original_url"]:
        return url_key(capture["original_url"]), capture["original_url"], capture["original_at"]
    return capture["url_key"], capture["url"], capture["captured_at"]
