"""The clock of one command: what the machine's clock said when it began, gone on with by the machine's uptime.

Who sets the machine's clock meanwhile (a person, a time server, a daylight-saving night) moves nothing that a command
says: no capture of it lies before its beginning, and none in another year. It must not know what is timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def machine_clock() -> datetime:
    """Return what the machine's clock says now."""
    return datetime.now(UTC)


def uptime() -> float:
    """Return the seconds since the machine was started, those in which it slept among them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SteadyClock:
    """Called, it tells the instant, UTC."""

    def __init__(self, said: Callable[[], datetime] = machine_clock, passed: Callable[[], float] = uptime) -> None:
        self._passed = passed
        self._began, self._at = said(), passed()

    def __call__(self) -> datetime:
        return self._began + timedelta(seconds=self._passed() - self._at)


steady_clock = SteadyClock()


def now() -> str:
    """Return the present instant, UTC, to the second: the resolution of Memento and of WARC-Date."""
    return steady_clock().strftime("%Y-%m-%dT%H:%M:%SZ")
