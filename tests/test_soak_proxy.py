"""The settings of docs/serving.md in a real nginx before the site: slow readers, ranges, two in one (SQ-14)."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo_archive import ROOT
from tests.figures import figure
from tests.served_releases import an_archive, ask_over_http, publish, served, two_ports

SLOW = 200
MORE = b"GET /cite HTTP/1.1\r\nHost: x\r\n\r\n"
TWO_IN_ONE = (
    b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + MORE,
    b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nplateX",
    b"X: a\r\n Content-Length: 6\r\n\r\n" + MORE,
)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    nginx = shutil.which("nginx")
    if nginx is None:  # the archive doesn't need it: it is no package of docs/system-packages.txt
        pytest.skip("nginx is not installed (Debian package nginx-light)")
    told = re.search(r"nginx:\n\n```\n(.*?)```", (ROOT / "docs" / "serving.md").read_text(), re.DOTALL)
    assert told
    releases, port = an_archive(tmp_path / "archive"), two_ports()[0]
    publish(releases, 1)
    with served(releases.archive) as site:
        own = told[1].replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
        own = own.replace("127.0.0.1:8001", site.removeprefix("http://")).replace("held 20", f"held {SLOW + 20}")
        places = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in
                         ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
        (tmp_path / "logs").mkdir()
        (tmp_path / "nginx.conf").write_text(
            f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/errors; events {{ worker_connections 2000; }}\n"
            f"http {{ access_log off; {places}\n{own} }}"
        )
        with subprocess.Popen([nginx, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]) as proxy:
            time.sleep(1)
            yield port
            proxy.terminate()


@pytest.mark.soak
def test_sq_14_the_documented_proxy(port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    with contextlib.ExitStack() as held:
        for _ in range(SLOW):
            slow = held.enter_context(socket.create_connection(("127.0.0.1", port)))
            slow.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
        began = time.monotonic()
        assert ask_over_http(f"{address}/cite")[0] == 200
        beside = time.monotonic() - began
    flood = "bytes=" + ",".join(f"{one}-{one + 1}" for one in range(500))
    status, headers, _ = ask_over_http(f"{address}/search.json?q=plate", {"Range": flood})
    assert (status, "default-src 'none'" in headers["Content-Security-Policy"]) == (200, True)
    answers = [_statuses(port, rest) for rest in TWO_IN_ONE]
    figure("SQ-14", proxy="nginx", slow=SLOW, beside_s=round(beside, 3), two_in_one=answers)
    assert beside < 1
    assert answers == [["400"]] * len(TWO_IN_ONE)


def _statuses(port: int, rest: bytes) -> list[str]:
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=3) as asked, contextlib.suppress(OSError):
        asked.sendall(b"POST /search/batch.csv HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n" + rest)
        while part := asked.recv(1 << 16):
            answer += part
    return [line.split()[1].decode() for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
