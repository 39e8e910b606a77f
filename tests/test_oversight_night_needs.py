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
    told: dict[str, Any] = {
        "serves": "", "release": None, "steps": [], "delivered": None, "expiries": [],
        "runs": [{"source": "dhs_pia", "status": "failed", "failures": sum(failed.values()), "failed": failed}],
    }  # fmt: skip
    (need,) = needs_of(told)
    assert need.do == OUTCOMES[cause].remedy
