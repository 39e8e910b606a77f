"""Why a message was not delivered, in words that hold no address, no secret and nothing that a server said."""

from __future__ import annotations


class NotDelivered(Exception):  # noqa: N818
    """A try failed; another may not.

    `reason` is ours, and goes into the journal. `said` is the server's own words, for whoever looks on, and goes
    nowhere else. `wait` is how many seconds the receiver asks to be left alone; `stop` says that it wants no more.
    """

    def __init__(self, reason: str, said: str = "", *, wait: float | None = None, stop: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.said, self.wait, self.stop = reason, said, wait, stop


class NotSet(Exception):  # noqa: N818
    """What sending takes isn't set on this machine; nothing was tried, and nothing is held against the receiver."""
