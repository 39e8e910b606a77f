"""docs/promises.md names every promise, and tests that are there."""

from __future__ import annotations

import re

from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "promises.md").read_text("utf-8")


def test_every_promise_has_its_section() -> None:
    assert re.findall(r"^## P(\d+) ", TEXT, re.MULTILINE) == [str(number) for number in range(1, 18)]


def test_every_file_that_is_named_is_there() -> None:
    named = re.findall(r"`((?:tests|pipelines|archive)/[a-z_/]+\.py)`", TEXT)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).is_file()] == []
