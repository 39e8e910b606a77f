"""Which runs may go on at a time, and how the hosts stand that they ask: a host is asked by one run at a time.

So all that holds for a host in one process (its delay, its robots.txt, how long it wants to be left alone, its budget)
holds over a whole cluster. It knows hosts by name, and no network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from pipelines.derive import Sources
from pipelines.plan import Plan

# Of a source that doesn't say which hosts it may ask.
ANY = ("",)


def domains_of(plan: Plan, sources: Sources) -> tuple[str, ...]:
    """Return the domains whose hosts a run may ask; none where a recording answers."""
    if plan.run.replay:
        return ()
    return tuple(getattr(sources.made(plan.run.source), "allowed_domains", None) or ANY)


def share_hosts(one: Sequence[str], other: Sequence[str]) -> bool:
    """Say whether two runs might ask the same host."""
    return any(_is_within(mine, theirs) or _is_within(theirs, mine) for mine in one for theirs in other)


def _is_within(domain: str, wider: str) -> bool:
    return not wider or domain == wider or domain.endswith(f".{wider}")


class Standing:
    """How hosts stand, as the runs that asked them say at their end (pipelines/politeness.py, `standing`)."""

    def __init__(self) -> None:
        self._hosts: dict[str, tuple[float, float]] = {}

    def take(self, hosts: Mapping[str, Any]) -> None:
        """Note what a run says that has ended just now."""
        at = monotonic()
        for name, (ago, held) in hosts.items():
            asked, until = self._hosts.get(name, (0.0, 0.0))
            self._hosts[name] = max(asked, at - float(ago)), max(until, at + float(held))

    def told(self) -> dict[str, tuple[float, float]]:
        """Return it for a run that begins now."""
        at = monotonic()
        return {name: (at - asked, max(0.0, until - at)) for name, (asked, until) in self._hosts.items()}
