"""A backup to a server that speaks S3, and back (`make interop`): another program, and what others made to speak to it.

The server is moto's; the program runs in a virtual environment of its own, with the older date library that what speaks
to S3 wants (requirements/s3.txt).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from archive.copies.backup import journal_files
from tests.conftest import ROOT
from tests.demo_archive import differences, dump, environment
from tests.figures import figure
from tests.small_archive import make_small_archive

SERVER = Path(os.environ.get("OVERSIGHT_MOTO") or ROOT / ".venv-interop" / "bin" / "moto_server")
PROGRAM = Path(os.environ.get("OVERSIGHT_S3") or ROOT / ".venv-s3" / "bin" / "oversight")
SECRET = "S3-secret-canary-4f9c2e71"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIACANARY0000000001", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1"}

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]


@pytest.fixture
def endpoint() -> Iterator[str]:
    if not (SERVER.exists() and PROGRAM.exists()):
        pytest.skip("`make interop` sets up the server and the program")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [str(SERVER), "-p", str(port)], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as server:
        url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            with suppress(OSError), urllib.request.urlopen(url, timeout=2):
                break
            time.sleep(0.2)
        with urllib.request.urlopen(urllib.request.Request(f"{url}/bucket", method="PUT")):
            yield url
        server.terminate()


def oversight(archive: Path, *line: str, **told: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), "--archive", str(archive), *line], env=environment(**told), cwd=ROOT, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


def test_a_server_that_speaks_s3(endpoint: str, tmp_path: Path) -> None:
    told = {**KEYS, "FSSPEC_S3_ENDPOINT_URL": endpoint, "OVERSIGHT_BACKUP": "s3://bucket/archive"}
    archive = make_small_archive(tmp_path / "archive")
    first = oversight(archive, "backup", "--check", "--json", **told)
    assert first.returncode == 0, first.stderr
    again = oversight(archive, "backup", "--json", **told)
    # The journal has a line more by then: that there was a backup.
    sent, twice = json.loads(first.stdout)["copied"], json.loads(again.stdout)["copied"] - len(journal_files(archive))
    # The program here is of the same checkout; only the date library is an older one.
    back = oversight(tmp_path / "new", "restore", **told)
    assert back.returncode == 0, back.stderr
    assert differences(dump(archive), dump(tmp_path / "new")) == {}
    assert oversight(tmp_path / "new", "verify").returncode == 0
    refused = [
        oversight(archive, "backup", **{**told, "OVERSIGHT_BACKUP": "s3://no-such-bucket/x"}),
        oversight(archive, "backup", **{**told, "FSSPEC_S3_ENDPOINT_URL": "http://127.0.0.1:9"}),
    ]
    for done in refused:
        assert (done.returncode, "can't be used" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
    said = "".join(done.stdout + done.stderr for done in (first, again, back, *refused))
    figure("CR-14 S3", sent=sent, sent_again=twice, refused_by_name=len(refused), secrets_told=SECRET in said)
    assert twice == 0
    assert SECRET not in said
