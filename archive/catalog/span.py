"""A stretch of time in which looks showed one state: since and until when it was seen, and by which looks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Look:
    """One look at a list or an address: when, in which run, and the capture that shows it ("" where it left none)."""

    at: str
    capture: str
    run: str


@dataclass(frozen=True, slots=True)
class Span:
    """A state from the first look that showed it to the last.

    What lies between two spans isn't known: the state changed after `not_before`, the last look that showed another
    ("" where there was none), and no later than the first look of this span. `looks` counts those that are evidence
    of it, `status` is what the server said last (0 where the state isn't a server's, or nothing was said).
    """

    state: str
    first: Look
    last: Look
    not_before: str = ""
    looks: int = 1
    status: int = 0

    @property
    def since(self) -> str:
        """When it was first seen."""
        return self.first.at

    @property
    def until(self) -> str:
        """When it was last seen; it may have lasted longer."""
        return self.last.at
