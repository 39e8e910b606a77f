"""How gently each host is asked, and what a server's own wish to be left alone means; plain values, no network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

ALL_OTHERS = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """Seconds between two requests to a host, how many at a time, and how many a night (0: as many as there are)."""

    delay: float
    concurrency: int
    requests_a_night: int = 0


# Where nothing is said of a host, nor of all others.
GENTLE = Rule(delay=2.0, concurrency=1)


def rule_for(host: str, rules: Mapping[str, Mapping[str, Any]]) -> Rule:
    """Return the rule of a host: what is said of it, or of it without "www.", then of all others, then GENTLE."""
    said: dict[str, Any] = {}
    for name in (ALL_OTHERS, host.removeprefix("www."), host):
        said |= rules.get(name, {})
    return Rule(
        float(said.get("delay", GENTLE.delay)),
        int(said.get("concurrency", GENTLE.concurrency)),
        int(said.get("requests_a_night", GENTLE.requests_a_night)),
    )


def retry_after(value: str, now: datetime) -> float | None:
    """Return how many seconds a server asks us to wait (RFC 9110 10.2.3): a number, or until a date.

    None for what is neither; a date that is past is no wait at all. Not bounded: a year is a year.
    """
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,12}", value):
        return float(value)
    if len(value) > 40 or not re.match(r"[A-Za-z]{3}", value):
        return None
    try:
        until = parsedate_to_datetime(value)
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
