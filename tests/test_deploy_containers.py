"""The container file, the compose file and the proxies' settings in deploy/: what they name is there, and agrees."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped, unused-ignore]

from tests.command_lines import parse
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
CONTAINER = (DEPLOY / "Containerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_what_the_image_is_made_of_is_in_the_checkout() -> None:
    copied = [word for line in re.findall(r"(?m)^COPY (?!--from)(.+)$", CONTAINER) for word in line.split()[:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    for folder in ("archive", "console", "pipelines", "spiders", "oversight.py", "requirements"):
        assert folder in copied
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied) == let_in, ".dockerignore lets in what is copied, and nothing else (no .git, no data)"


def test_the_image_is_not_roots() -> None:
    assert re.findall(r"(?m)^USER (.+)$", CONTAINER) == ["10001:10001"]
    assert "--require-hashes --only-binary :all:" in CONTAINER
    assert 'ENTRYPOINT ["oversight"]' in CONTAINER
    assert "--uid 10001" in CONTAINER


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    if name != "proxy":
        assert re.fullmatch(r"1000[12]:1000[12]", service["user"])
    if name in {"crawler", "site"}:
        assert service["healthcheck"]["test"][0] == "CMD"
    assert "privileged" not in service


def test_what_services_name_is_there() -> None:
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source = mount.partition(":")[0]
            assert source in COMPOSE["volumes"] or source == "./Caddyfile", mount
    assert (DEPLOY / "proxy" / "Caddyfile").is_file()
    build = SERVICES["crawler"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == (DEPLOY / "Containerfile").resolve()
    (entry,) = SERVICES["crawler"]["entrypoint"]
    assert (ROOT / entry.removeprefix("/opt/oversight/")).stat().st_mode & 0o111
    assert f"COPY {entry.removeprefix('/opt/oversight/')} {entry}" in CONTAINER
    for mount in SERVICES["crawler"]["volumes"]:
        assert f" {mount.partition(':')[2].partition(':')[0]}" in CONTAINER, "made in the image, as its user's own"
    for folder in ("crawler.env", "site.env"):
        assert folder in {service.get("env_file") for service in SERVICES.values()}


def test_the_site_may_not_write_and_the_proxy_finds_it() -> None:
    site = SERVICES["site"]
    assert site["volumes"] == ["releases:/archive/releases:ro"]
    parse(site["command"])
    asked = SERVICES["crawler"]["healthcheck"]["test"]
    parse(asked[asked.index("oversight") + 1 :])
    assert SERVICES["proxy"]["network_mode"] == site["network_mode"] == "service:network"
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["network"]
    assert not {"volumes", "env_file", "build"} & SERVICES["network"].keys(), (
        "what holds the network is never begun anew"
    )
    assert any(one.startswith("/archive:") for one in site["tmpfs"]), (
        "the image's own folder lets the site's user not in"
    )
    ports = set(re.findall(r"127\.0\.0\.1:([0-9]+)", (DEPLOY / "proxy" / "Caddyfile").read_text()))
    own, captures = (site["command"][site["command"].index(one) + 1] for one in ("--port", "--replay-port"))
    assert ports == {own, captures}
    assert f"127.0.0.1:{own}/about.json" in site["healthcheck"]["test"][3]


def test_every_night_runs_the_night_and_what_follows(tmp_path: Path) -> None:
    """Its commands and its waiting are stood in for; time is the machine's."""
    said = tmp_path / "said"
    for name, does in (("oversight", 'echo "$@"; [ "$1" != nightly ]'), ("sleep", 'echo "sleep $1"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{{ {does}; }} >> {said}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "oversight").write_text(f'#!/bin/sh\necho "$@" >> {said}\n[ "$1" != nightly ]\n')
    told = {"PATH": f"{tmp_path}:/usr/bin:/bin", "NIGHTS": "1", "OVERSIGHT_BACKUP": "/mnt/backup"}
    done = subprocess.run(
        [str(DEPLOY / "every-night")], env=told, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    waited, *lines = said.read_text().splitlines()
    assert 1 <= int(waited.split()[1]) <= 86_400
    assert [line.split()[0] for line in lines] == ["nightly", "verify", "backup"], "a night that failed stops nothing"
    assert "oversight nightly ended with 1" in done.stderr
    for line in lines:
        parse(shlex.split(line))
    wrong = subprocess.run(
        [str(DEPLOY / "every-night")], env={**told, "NIGHT_AT": "soon"}, capture_output=True, timeout=30, check=False
    )
    assert wrong.returncode == 2


@pytest.mark.parametrize("in_the_middle", ["nightly", "sleep"])
def test_a_container_that_is_stopped_ends_what_runs(tmp_path: Path, in_the_middle: str) -> None:
    """A shell that waits in the foreground hears nothing: a night went on, and was killed two minutes later."""
    said = tmp_path / "said"
    runs = f'trap "echo told >> {said}; exit 7" TERM\necho begun >> {said}\nwhile :; do /bin/sleep 0.1; done\n'
    for name in ("oversight", "sleep"):
        is_it = (name == "sleep") == (in_the_middle == "sleep")
        (tmp_path / name).write_text(f"#!/bin/sh\n{runs if is_it else 'exit 0'}")
        (tmp_path / name).chmod(0o755)
    told = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    process = subprocess.Popen(
        [str(DEPLOY / "every-night")], env=told, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        for _ in range(200):
            if said.exists():
                break
            time.sleep(0.05)
        process.terminate()
        _, error = process.communicate(timeout=20)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 143
    assert said.read_text().splitlines() == ["begun", "told"]
    assert "every-night: stopped; what ran ended with 7" in error


@pytest.mark.parametrize("name", ["every-night", "oversight"])
def test_scripts_are_right_for_any_shell(name: str) -> None:
    assert subprocess.run(["/bin/sh", "-n", str(DEPLOY / name)], check=False).returncode == 0


def test_nginx_holds_what_the_documentation_says() -> None:
    """docs/serving.md is what tests/test_soak_proxy.py tries; the file to install says the same, and more."""
    told = re.search(r"nginx:\n\n```\n(.*?)```", (ROOT / "docs" / "serving.md").read_text("utf-8"), re.DOTALL)
    assert told
    ours = " ".join((DEPLOY / "proxy" / "nginx.conf").read_text("utf-8").split())
    for line in re.findall(r"(?:[a-z_]+ [^;{}]+;)", " ".join(told[1].split())):
        if not line.startswith(("server_name", "listen")):
            assert line in ours, line


def test_a_compose_that_is_installed_reads_it() -> None:
    docker = shutil.which("docker")
    version = docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    if not docker or version:
        pytest.skip("no docker compose here: the file is held against the program alone")
    for name in ("crawler.env", "site.env"):
        assert not (DEPLOY / name).exists()
    done = subprocess.run(
        [docker, "compose", "-f", str(DEPLOY / "compose.yaml"), "config", "--no-env-resolution", "-q"], check=False
    )
    assert done.returncode == 0
