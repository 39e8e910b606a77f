"""What deploy/ says holds in real programs: nginx and Caddy before the site with certificates, the units' system calls,
and Litestream beside a night that is killed (CR-14)."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import ROOT, need
from tests.demo_archive import SAMPLE, command, differences, dump, environment, oversight
from tests.figures import figure
from tests.served_releases import an_archive, publish, served, two_ports
from tests.test_deploy_units import DEPLOY, UNITS, values

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
NAMES = {"archive.example.org", "captures.example-captures.org"}


def program(name: str, package: str) -> str:
    """Return a program that the archive doesn't need: where it isn't installed, the test is left out."""
    found = shutil.which(name) or os.environ.get(f"OVERSIGHT_{name.upper()}", "")
    if not found:
        pytest.skip(f"{name} is not installed (Debian package {package})")
    return found


def ask(port: int, host: str, path: str) -> tuple[int, dict[str, str]]:
    """Ask a proxy on this machine for a path at a host, over TLS; return the status and the headers."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=host) as connection,
    ):
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while part := connection.recv(1 << 16):
            answer += part
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in head[1:])
    return int(head[0].split()[1]), {name.lower(): value for name, _, value in pairs}


@contextlib.contextmanager
def site_behind(folder: Path) -> Iterator[tuple[str, str]]:
    """Serve a small archive; give the two places where it answers on this machine."""
    releases = an_archive(folder / "archive")
    publish(releases, 1)
    replay = str(two_ports()[0])
    with served(releases.archive, "--replay-port", replay) as site:
        yield site.removeprefix("http://"), f"127.0.0.1:{replay}"


def _wait(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError("the proxy didn't start")


def _look(port: int, proxy: str) -> None:
    answers = {}
    for host in sorted(NAMES):
        status, headers = ask(port, host, "/about.json" if host.startswith("archive") else "/web/20180126/https://x/")
        answers[host] = status
        assert "strict-transport-security" in headers, (host, headers)
        assert "content-security-policy" in headers, (host, headers)
        assert "set-cookie" not in headers
    assert ask(port, "archive.example.org", "/about.json")[1]["oversight-release"] == "1"
    # What stands in a path reaches the site as it was asked: two slashes, an escaped slash.
    status, _ = ask(port, "captures.example-captures.org", "/web/20180126150000/https://www.dhs.gov/a%2Fb")
    figure("deploy proxy", proxy=proxy, answers=answers, path_kept=status)
    assert answers["archive.example.org"] == 200
    assert status in (404, 403), "a capture that isn't held, not a redirect to another path"


def test_caddy_before_the_site(tmp_path: Path) -> None:
    caddy, port = program("caddy", "caddy"), two_ports()[0]
    with site_behind(tmp_path) as (site, captures):
        told = (DEPLOY / "proxy" / "Caddyfile").read_text("utf-8")
        told = told.replace("127.0.0.1:8001", site).replace("127.0.0.1:8002", captures)
        lines = ("admin off", f"https_port {port}", f"http_port {two_ports()[1]}", "local_certs", "skip_install_trust")
        told = told.replace("servers {", " ".join(["", *(f"{one}\n" for one in lines), "servers {"]), 1)
        (tmp_path / "Caddyfile").write_text(told)
        line = [caddy, "run", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"]
        homes = {name: str(tmp_path) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        with subprocess.Popen(line, env={**os.environ, **homes}, stderr=subprocess.DEVNULL) as proxy:
            try:
                _wait(port)
                time.sleep(3)  # it makes its certificates
                _look(port, "caddy")
            finally:
                proxy.terminate()


def test_nginx_before_the_site(tmp_path: Path) -> None:
    nginx, port = program("nginx", "nginx-light"), two_ports()[0]
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [need("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
         "/CN=archive.example.org", "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True,
    )  # fmt: skip
    with site_behind(tmp_path) as (site, captures):
        told = (DEPLOY / "proxy" / "nginx.conf").read_text("utf-8")
        told = told.replace("127.0.0.1:8001", site).replace("127.0.0.1:8002", captures)
        told = re.sub(r"ssl_certificate_key [^;]+", f"ssl_certificate_key {key}", told)
        told = re.sub(r"ssl_certificate  [^;]+", f"ssl_certificate {certificate}", told)
        told = re.sub(r"listen \[::\]:[^;]+;", "", told)
        told = told.replace("listen 443", f"listen 127.0.0.1:{port}").replace(
            "listen 80;", f"listen 127.0.0.1:{two_ports()[1]};"
        )
        places = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in
                         ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
        (tmp_path / "logs").mkdir()
        (tmp_path / "nginx.conf").write_text(
            f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/errors; events {{ worker_connections 500; }}\n"
            f"http {{ access_log off; {places}\n{told} }}"
        )
        with subprocess.Popen([nginx, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]) as proxy:
            try:
                _wait(port)
                _look(port, "nginx")
            finally:
                proxy.terminate()


def _allowed(unit: Path) -> set[str]:
    """Return the system calls that a unit lets through: groups by `systemd-analyze`, less those that are taken out."""
    told = subprocess.run(
        [need("systemd-analyze", "systemd"), "syscall-filter"], capture_output=True, text=True, check=True
    )
    groups: dict[str, list[str]] = {}
    name = ""
    for line in told.stdout.splitlines():
        if line.startswith("@"):
            name = line.strip()
            groups[name] = []
        elif line.strip() and not line.strip().startswith("#"):
            groups[name].append(line.strip())

    def calls(word: str) -> set[str]:
        return {one for part in groups[word] for one in calls(part)} if word.startswith("@") else {word}

    allowed: set[str] = set()
    for value in values(unit, "SystemCallFilter"):
        found = {one for word in value.lstrip("~").split() for one in calls(word)}
        allowed = allowed - found if value.startswith("~") else allowed | found
    return allowed


def _calls(out: Path, *line: object, **told: str) -> set[str]:
    """Return the system calls of a command and of all that it starts."""
    strace = [need("strace", "strace"), "-f", "-qq", "-c", "-U", "name", "-o", str(out)]
    subprocess.run([*strace, *map(str, line)], cwd=ROOT, env=environment(**told), capture_output=True, check=False)
    return {one.strip() for one in out.read_text().splitlines() if re.fullmatch(r"[a-z0-9_]+", one.strip())} - {
        "total",
        "syscall",
    }


def test_no_unit_forbids_what_is_needed(tmp_path: Path) -> None:
    """As whoever runs it here; root makes some calls more (to hand files over), which are refused it anyway."""
    archive = tmp_path / "archive"
    night = _calls(tmp_path / "night", *command("--archive", archive, "nightly", "--replay", SAMPLE))
    verify = _calls(tmp_path / "verify", *command("--archive", archive, "verify"))
    backup = _calls(tmp_path / "backup", *command("--archive", archive, "backup", tmp_path / "copy"))
    port, replay = two_ports()
    asks = f"""
import subprocess, sys, time, urllib.request
site = subprocess.Popen([sys.executable, "-m", "oversight", "--archive", {str(archive)!r}, "serve", "--port", "{port}",
                         "--replay-port", "{replay}"])
time.sleep(12)
for path in ("/", "/search?q=plate", "/d/dhs-ice-pia-039a/p1.png", "/archive.json?sql=select+1", "/changes.atom"):
    try: urllib.request.urlopen("http://127.0.0.1:{port}" + path, timeout=30).read()
    except Exception as error: print(path, error)
site.terminate(); site.wait()
"""
    site = _calls(tmp_path / "site", sys.executable, "-c", asks)
    made = {"oversight-nightly": night, "oversight-verify": verify, "oversight-backup": backup, "oversight-site": site}
    refused = {}
    for name, calls in made.items():
        assert len(calls) > 40, (name, calls)
        refused[name] = sorted(calls - _allowed(DEPLOY / "systemd" / f"{name}.service") - {"fchown", "chown"})
    without = _allowed(DEPLOY / "systemd" / "oversight-nightly.service") - {"seccomp"}
    assert night - without, "the control: readers confine themselves by a call that is in no group"
    figure("SC-05 calls", made={name: len(calls) for name, calls in made.items()}, refused=refused)
    assert not any(refused.values()), refused
    assert len(UNITS) > 5


def test_cr_14_litestream_beside_a_night_that_is_killed(tmp_path: Path) -> None:
    """Kill both, restore the catalogue, put it in the killed one's place; the night done again ends as it should."""
    litestream = Path(sys.executable).with_name("litestream")
    if not litestream.exists():
        pytest.skip("litestream is in the requirements of the tests")
    chance, kills = random.Random(20180126), 8
    whole = tmp_path / "whole"
    assert oversight("--archive", whole, "crawl", "--all", "--replay", SAMPLE, "--night", "2018-01-10").returncode == 0
    lost, seconds, wrong, went = 0, list[float](), list[object](), 0
    for number in range(kills):
        archive, replica = tmp_path / f"a{number}", tmp_path / f"r{number}"
        # A first, small night, so that there is a catalogue to replicate.
        oversight("--archive", archive, "crawl", "dhs_sorn", "--replay", SAMPLE, "--night", "2018-01-10")
        told = tmp_path / f"{number}.yml"
        told.write_text(
            (DEPLOY / "litestream.yml")
            .read_text()
            .replace("/var/lib/oversight", str(archive))
            .replace("/mnt/backup/catalogue", str(replica))
        )
        copier = subprocess.Popen([str(litestream), "replicate", "-config", str(told)], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)  # fmt: skip
        time.sleep(2)
        night = subprocess.Popen(
            command("--archive", archive, "crawl", "--all", "--replay", SAMPLE, "--night", "2018-01-10"),
            cwd=ROOT, env=environment(), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        seen: list[tuple[float, int]] = []
        until = time.monotonic() + chance.uniform(3, 12)
        while time.monotonic() < until and night.poll() is None:
            seen.append((time.monotonic(), _rows(archive / "archive.db")))
            time.sleep(0.02)
        went += night.poll() is None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(night.pid, signal.SIGKILL)
        copier.kill()
        ended = time.monotonic()
        night.wait()
        copier.wait()
        restored = tmp_path / f"{number}.db"
        back = (litestream, "restore", "-config", told, "-o", restored, archive / "archive.db")
        subprocess.run([str(word) for word in back], check=True, capture_output=True)
        held, came = _rows(archive / "archive.db"), _rows(restored)
        lost += held - came
        missed = [at for at, count in seen if count > came]
        seconds.append(round(ended - missed[0], 2) if missed else 0.0)
        for path in archive.glob("archive.db*"):
            path.unlink()
        shutil.move(restored, archive / "archive.db")
        again = oversight("--archive", archive, "crawl", "--all", "--replay", SAMPLE, "--night", "2018-01-10")
        both = dump(whole, ("records",)), dump(archive, ("records",))
        differ = differences(*both).keys() - {"(schema)", "_litestream_seq", "_litestream_lock"}
        if again.returncode or differ:
            wrong.append((again.returncode, {name: differences(*both)[name] for name in sorted(differ)}, again.stderr))
    figure(
        "CR-14 Litestream",
        kills=kills,
        in_the_middle=went,
        rows_behind=lost,
        seconds_behind=sorted(seconds),
        wrong=len(wrong),
    )
    assert not wrong, str(wrong)[:3000]
    assert went > kills // 2


def _rows(path: Path) -> int:
    """Return how many rows there are of what a night adds, in whatever step."""
    counts = " + ".join(f"(SELECT count(*) FROM {name})" for name in ("captures", "statements", "readings", "pages"))
    with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as catalogue:
        return int(catalogue.execute(f"SELECT {counts}").fetchone()[0])
    return 0
