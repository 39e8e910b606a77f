"""What a night says to do about a source: about what went wrong there, not about what follows from that."""

from __future__ import annotations

from typing import Any

import pytest

from archive.outcomes import OUTCOMES
from console.night_needs import needs_of


@pytest.mark.parametrize(
    ("failed", "cause"),
    [
        ({"name-not-resolved": 1, "robots-unreachable": 1, "below-expected": 1}, "name-not-resolved"),
        ({"below-expected": 1, "robots-unreachable": 3, "connection-failed": 1}, "connection-failed"),
        ({"server-error": 1, "timed-out": 4, "below-expected": 9}, "timed-out"),
        ({"below-expected": 1, "layout-changed": 1}, "layout-changed"),
        ({"below-expected": 1}, "below-expected"),
        ({"robots-unreachable": 1}, "robots-unreachable"),
    ],
)
def test_what_to_do_is_about_the_cause(failed: dict[str, int], cause: str) -> None:
    (need,) = needs_of(told({"dhs_pia": failed}))
    assert need.do == OUTCOMES[cause].remedy


def told(sources: dict[str, dict[str, int]], captures: int = 0) -> dict[str, Any]:
    runs = [
        {"source": name, "status": "failed" if failed else "finished", "failures": sum(failed.values()),
         "failed": failed, "captures": captures} for name, failed in sources.items()
    ]  # fmt: skip
    return {"serves": "", "release": None, "steps": [], "delivered": None, "expiries": [], "runs": runs}


def names(told: dict[str, Any]) -> list[str]:
    return [need.name for need in needs_of(told)]


def test_without_a_network_one_thing_is_said_and_not_one_of_each_source() -> None:
    down = {"name-not-resolved": 1, "robots-unreachable": 1, "below-expected": 1}
    both = {"dhs_pia": down, "news": {**down, "name-not-resolved": 9}}
    (need,) = needs_of(told(both))
    assert (need.name, need.do) == ("network", OUTCOMES["name-not-resolved"].remedy)
    assert names(told({**both, "references": {}})) == ["network"], "it had nothing to ask"
    assert names(told({**both, "references": {}}, captures=9)) == ["dhs_pia", "news"], "dead links"
    for more in ({"server-error": 1}, {**down, "server-error": 1}):
        assert names(told({**both, "sam_notices": more})) == ["dhs_pia", "news", "sam_notices"]
    assert names(told({"dhs_pia": down})) == ["dhs_pia"]
