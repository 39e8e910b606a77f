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

# Before the first there was no such program; whole days that a clock may be behind the archive's last run, and ahead.
EARLIEST, LATEST = "2026-01-01", "2100-01-01"
MOST_BEHIND, MOST_AHEAD = timedelta(days=1), timedelta(days=366)


class ClockImplausible(Exception):  # noqa: N818
    """The machine's clock can't be right; the message says why, and what to do."""


def require_plausible(at: str, last: str, *, believed: bool = False) -> None:
    """Raise ClockImplausible where the instant `at` can't be now; `last` is when the archive's last run was, or "".

    What is captured under a wrong clock is wrong evidence, and for good the newest or the oldest. A clock that somebody
    looked at is `believed`, within the bounds of this program's time.
    """
    said = f"This machine's clock says {at}"
    if not EARLIEST <= at < LATEST:
        raise ClockImplausible(f"{said}. Nothing is captured before it is set right.")
    if not last or believed:
        return
    passed = datetime.fromisoformat(at) - datetime.fromisoformat(last)
    if passed < -MOST_BEHIND or passed > MOST_AHEAD:
        raise ClockImplausible(
            f"{said}, and the last run was at {last}. Have it set right; or, where it is, say so once with "
            "OVERSIGHT_CLOCK=right."
        )


def now() -> str:
    """Return the present instant, UTC, to the second: the resolution of Memento and of WARC-Date."""
    return steady_clock().strftime("%Y-%m-%dT%H:%M:%SZ")
