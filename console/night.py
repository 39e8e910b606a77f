"""A night that is under way, as its steps and its summary share it; nothing is done here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.store.recording import Recording
from archive.watches.news import Made
from console.steps import Steps
from pipelines.clock import now
from pipelines.crawl import Crawled
from pipelines.delivery.queue import Delivered
from pipelines.due import Due
from pipelines.plan import Plan

if TYPE_CHECKING:
    from pipelines.cluster.engine import Cluster
    from pipelines.expiries import Expiry


@dataclass(frozen=True, slots=True)
class Asked:
    """What a night is asked for: these `sources` whether or not they are due, or `everything`, or what is due; from a
    `recording` in place of the network, and of that one `night` or all."""

    sources: tuple[str, ...] = ()
    everything: bool = False
    recording: Recording | None = None
    night: str | None = None


@dataclass(slots=True)
class Night:
    """A night that is under way: what was asked for, which steps were taken, and what they gave."""

    folder: Path
    settings: Any
    asked: Asked
    due: list[Due]
    plans: list[Plan]
    began: str = field(default_factory=now)
    steps: Steps = field(default_factory=Steps)
    before: dict[str, int] = field(default_factory=dict)
    stood: int | None = None
    crawled: Crawled = field(default_factory=lambda: Crawled((), 0))
    cluster: Cluster | None = None
    alone: list[str] = field(default_factory=list)
    release: dict[str, Any] | None = None
    begun: Sequence[str] = ()
    made: Made | None = None
    delivered: Delivered | None = None
    ends: list[Expiry] = field(default_factory=list)
    serves: str = ""

    @property
    def day(self) -> str:
        """Return the night's UTC day: of a replay that of the last night that is played."""
        return max((plan.run.night for plan in self.plans if plan.run.replay), default=self.began[:10])
