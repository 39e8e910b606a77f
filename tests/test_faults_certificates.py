"""CK-08: under a wrong clock all certificates fail at once; what is said then names the clock, and else it doesn't."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import cast

import pytest

from archive.folder import CATALOGUE
from archive.outcomes import OUTCOMES
from archive.research.clock_doubt import OUT_OF_DATE, TLS_FAILED
from archive.research.status import run_report
from pipelines.tape import missing_seams
from tests import live_crawls
from tests.counted_site import CountedSite
from tests.figures import figure
from tests.scripted_server import ScriptedServer, answer
from tests.test_pipelines_wire_tls import CERTIFICATES, Authority, authority, fetch

__all__ = ["authority"]

PAGE = answer(b"<html><body><h1>List</h1></body></html>", Content_Type="text/html")


@pytest.fixture
def servers(authority: Authority) -> Iterator[dict[str, ScriptedServer]]:
    """Servers whose certificates are judged by this machine's true clock: that is as if it were wrong."""
    contexts = {case: CERTIFICATES[case](authority) for case in ("expired", "not yet valid", "self-signed")}
    with ExitStack() as stack:
        yield {
            case: stack.enter_context(ScriptedServer({"/list-0": PAGE}, context))
            for case, context in [*contexts.items(), ("good", authority.server())]
        }


def crawled(archive: Path, server: ScriptedServer) -> str:
    """Crawl a server and return the run's id."""
    report = live_crawls.crawled(archive, cast("CountedSite", server))
    return str(report["runs"][0]["id"])


def told(archive: Path, runs: Sequence[str], change: str = "") -> str:
    """Return what is to be done of certificates that didn't hold; `change` is made before, to a copy."""
    with closing(sqlite3.connect(archive / CATALOGUE)) as kept, closing(sqlite3.connect(":memory:")) as catalogue:
        kept.backup(catalogue)
        catalogue.execute(change)
        catalogue.row_factory = sqlite3.Row
        found = {one["outcome"]: one for one in run_report(catalogue, runs)["outcomes"]}
    return str(found[TLS_FAILED]["remedy"])


def test_ck_08_the_clock_is_named_when_all_certificates_are_out_of_date_at_once(
    servers: dict[str, ScriptedServer], tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    runs = [crawled(archive, servers[case]) for case in ("expired", "not yet valid")]
    assert not servers["expired"].requests
    wrong = "The certificates of all 2 servers were expired or not yet valid: this machine's clock, which said 20"
    assert told(archive, runs).startswith(wrong)
    another = f"UPDATE outcomes SET detail = 'self-signed certificate' WHERE run = '{runs[0]}'"
    controls = [told(archive, runs[:1]), told(archive, runs[1:]), told(archive, runs, another)]
    assert controls == [OUTCOMES[TLS_FAILED].remedy] * 3
    figure("CK-08", nights_under_a_wrong_clock=1, clock_named=1, controls=len(controls), named_wrongly=0)


@pytest.mark.soak
def test_ck_08_a_server_with_a_good_certificate_clears_the_clock(
    servers: dict[str, ScriptedServer], tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    runs = {case: crawled(archive, server) for case, server in servers.items()}
    assert servers["good"].requests
    assert "clock, which said" in told(archive, [runs["expired"], runs["not yet valid"]])
    controls = (["expired", "self-signed"], ["expired", "not yet valid", "good"], [*runs])
    for cases in controls:
        assert told(archive, [runs[case] for case in cases]) == OUTCOMES[TLS_FAILED].remedy, cases
    figure("CK-08", crawls=len(runs), controls=len(controls), named_wrongly=0)


def test_a_refused_certificate_is_told_in_openssls_words(authority: Authority) -> None:
    """Which is all that the outcome says; the seam that it is read by is one of those that are looked for."""
    said = {}
    for case in CERTIFICATES:
        with ScriptedServer({}, CERTIFICATES[case](authority)) as server, pytest.raises(Exception) as refused:  # noqa: PT011
            fetch(server)
        said[case] = str(refused.value)
    assert said["expired"].startswith(OUT_OF_DATE[0])
    assert said["not yet valid"].startswith(OUT_OF_DATE[1])
    assert "issuer" in said["self-signed"]
    assert "IPAddressMismatch" in said["another name"]
    assert "protocol version" in said["TLS 1.1"]
    assert missing_seams() == []
