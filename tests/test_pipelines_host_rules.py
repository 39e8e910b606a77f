"""What is said of a host, and what a server's own wish means, whatever it sends (RFC 9110 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.host_rules import Rule, retry_after, rule_for

NOW = datetime(2018, 1, 26, 15, 0, 0, tzinfo=UTC)
RULES: dict[str, dict[str, float]] = {
    "*": {"delay": 2.0, "requests_a_night": 900},
    "dhs.gov": {"delay": 10},
    "www.ice.gov": {"concurrency": 2},
}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("315360000", 315360000),
        ("Fri, 26 Jan 2018 15:02:00 GMT", 120),
        ("Friday, 26-Jan-18 15:02:00 GMT", 120),
        ("Fri Jan 26 15:02:00 2018", 120),
        ("Fri, 26 Jan 2018 14:00:00 GMT", 0),
        ("Sat, 26 Jan 2028 15:00:00 GMT", 315532800),
        ("-1", None),
        ("1.5", None),
        ("", None),
        ("soon", None),
        ("Fri, 99 Foo 2018 15:02:00 GMT", None),
        ("9" * 400, None),
        ("Fri, 26 Jan 2018 15:02:00 " + "x" * 400, None),
    ],
)
def test_how_long_a_server_asks_us_to_wait(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[A-Z][a-z]{2},? .{0,36}", fullmatch=True)))
def test_any_value_is_a_wait_or_none(value: str) -> None:
    found = retry_after(value, NOW)
    assert found is None or found >= 0


@pytest.mark.parametrize(
    ("host", "rule"),
    [
        ("example.org", Rule(2.0, 1, 900)),
        ("dhs.gov", Rule(10.0, 1, 900)),
        ("www.dhs.gov", Rule(10.0, 1, 900)),
        ("www.ice.gov", Rule(2.0, 2, 900)),
        ("ice.gov", Rule(2.0, 1, 900)),
    ],
)
def test_the_rule_of_a_host(host: str, rule: Rule) -> None:
    assert rule_for(host, RULES) == rule


def test_without_a_rule_a_host_is_asked_gently() -> None:
    assert rule_for("example.org", {}) == Rule(2.0, 1, 0)
