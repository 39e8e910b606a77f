"""What every test shares: no network but loopback, and the corpus of real files where there is one."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from datasette.plugins import pm

from tests import compiled_templates
from tests.browsers import demo_site
from tests.demo_archive import demo_archive, demo_made
from tests.one_night import forked, night

__all__ = ["demo_archive", "demo_made", "demo_site", "forked", "night"]

ROOT = Path(__file__).parent.parent
# A page of each file takes OCR two seconds: the tests of that say so (tests/test_hostile_disagreeing.py).
os.environ["OVERSIGHT_COMPARE"] = "no"
pm.register(compiled_templates)
CORPUS = ROOT.parent / "shared" / "corpus"


# A file is tested by one process. Those that take a minute or more come first, so that none of them is begun when all
# others are done; the longest, first.
LONGEST = (
    "withdrawal_sweep", "sixty_nights", "faults_at_calls", "bad_input_replay", "oversight_killed", "oversight_commands",
    "bad_input_patterns", "pipelines_conditional", "oversight_at_once", "pipelines_politeness", "upgrades",
    "browser_captures", "pipelines_rendering", "oversight_rebuild", "archive_release_crashes", "pipelines_resume",
    "pipelines_importing", "proof_rows", "faults_killed", "archive_site_rot", "oversight_deposit", "bad_server_nights",
    "browser_reading_room", "oversight_replay", "browser_accessible", "archive_research_quotes", "faults_disks",
    "oversight_nightly", "bad_server_pages", "faults_stopped", "faults_backup",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    order = {f"test_{name}": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""
    real_connect = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(("127.", "::1", "localhost")):
            raise AssertionError(f"a test tried to reach {address}")
        real_connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real files; a test that needs it is skipped where it is absent."""
    if not CORPUS.is_dir():
        pytest.skip("no ../shared/corpus beside the checkout: tests on real files are left out")
    return CORPUS


def need(program: str, package: str) -> str:
    """Return the path of a program, or skip the test with one line that names the Debian package it is in.

    Where OVERSIGHT_NEED_PACKAGES is set, as it is in CI, its absence is a failure.
    """
    found = shutil.which(program)
    if found is None and os.environ.get("OVERSIGHT_NEED_PACKAGES"):
        pytest.fail(f"{program} is not installed (Debian package {package})")
    if found is None:
        pytest.skip(f"{program} is not installed (Debian package {package})")
    return found
