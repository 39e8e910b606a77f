"""SS-08: whatever a real file says, reading it reaches nobody; counted at the system calls, and without a network."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import ROOT, need
from tests.demo_archive import command, environment, run
from tests.figures import figure
from tests.hostile.pdf import lines, written

OUTWARD = re.compile(r"\b(?:connect|sendto|sendmsg)\(.*AF_INET")
CALLS = "trace=connect,sendto,sendmsg"


def attempts(line: list[str], folder: Path) -> int:
    """Run a program under strace, in a namespace without a network; return how often it tried to get out."""
    strace, unshare = need("strace", "strace"), need("unshare", "util-linux")
    if run([unshare, "-rn", "true"]).returncode or run([strace, "-f", "-o", str(folder / "none"), "true"]).returncode:
        pytest.skip("neither a network namespace nor strace can be had here")
    log = folder / "calls"
    traced = [unshare, "-rn", strace, "-f", "--seccomp-bpf", "-e", CALLS, "-o", str(log), *line]
    done = subprocess.run(
        traced, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=1100, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    return len(OUTWARD.findall(log.read_text()))


def deposited(files: list[Path], folder: Path) -> tuple[int, int]:
    """Hand files in; return how many were read, and the tries to get out."""
    tried = attempts(command("deposit", "--archive", folder / "archive", *files), folder)
    with closing(sqlite3.connect(folder / "archive" / "archive.db")) as catalogue:
        ((held,),) = catalogue.execute("SELECT count(*) FROM captures").fetchall()
    return held, tried


def test_the_control_is_counted(tmp_path: Path) -> None:
    code = "import socket; socket.socket().connect_ex(('192.0.2.1', 9))"
    assert attempts([sys.executable, "-c", code], tmp_path) == 1


def test_a_file_that_names_addresses_reaches_none(tmp_path: Path) -> None:
    named = tmp_path / "named.pdf"
    named.write_bytes(written(lines("See http://127.0.0.1:9/canary for more.", "And file:///etc/passwd, too.")))
    page = tmp_path / "page.html"
    page.write_text('<!DOCTYPE html SYSTEM "http://127.0.0.1:9/x.dtd"><html><img src="http://127.0.0.1:9/i"><p>Words')
    assert deposited([named, page], tmp_path) == (2, 0)


@pytest.mark.corpus
@pytest.mark.timeout(1200)
def test_no_real_file_reaches_anybody(corpus: Path, tmp_path: Path) -> None:
    files = sorted(path for kind in ("pdf", "html") for path in (corpus / kind).rglob("*") if path.is_file())
    held, tried = deposited(files, tmp_path)
    figure("SS-08", files=len(files), captures=held, attempts=tried)
    assert held > 0
    assert tried == 0
