"""SC-01: everything that an operator tells in confidence, sent to servers that fail and say it back; then every byte
that was written or said is searched, in every spelling. (Keys of sources: tests/test_bad_input_secrets.py.)"""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import socket
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from oversight import main
from pipelines import settings
from tests.conftest import ROOT
from tests.demo_archive import SAMPLE, environment
from tests.figures import figure
from tests.scripted_server import ScriptedServer
from tests.small_archive import make_small_archive
from tests.test_bad_input_secrets import night
from tests.test_pipelines_credentials import KEY, core, spellings, unpacked

_HOOK = f"whsec_{base64.b64encode(b'hook-canary-7Yw.20~kRrD-0001').decode()}"
CANARIES = {
    "SMTP_PASSWORD": "smtp-Canary_5Xq.91~zTtB",
    "HOOK": _HOOK,
    "topic": "ntfy-Canary-8Zx31qLmE", "TSA": "tsa-Canary_2Vb.64~pWwF", "FTP": "ftp-Canary_3Nc.75~hGgH",
    "AWS_SECRET_ACCESS_KEY": "s3-Canary/4Md+86wJjKnPqRsTuVwXyZ012",
}  # fmt: skip
WATCH = """
title = "Plates"
terms = "license plate"
[[send]]
mail = "desk@news.example"
[[send]]
webhook = "{hook}/in"
secret = "env:HOOK"
[[send]]
apprise = "env:NTFY"
"""
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("release", "build"), ("deliver", "--test", "plates"), ("deliver",), ("deliver", "--log", "--json"), ("backup",),
    ("watch", "list", "--json"), ("status", "--json"), ("sources", "--json"), ("release", "list", "--json"),
    ("export", "package", "OUT"), ("verify",), ("search", "plate"),
)  # fmt: skip


class _Talking(ScriptedServer):
    """A server of a protocol of lines: says `greeting`, then to each line what `says` makes of it."""

    def __init__(self, greeting: bytes, says: Callable[[bytes], bytes]) -> None:
        super().__init__({})
        self.greeting, self.says = greeting, says

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        connection.sendall(self.greeting)
        with suppress(OSError), connection.makefile("rb") as lines:
            for line in lines:
                self.requests.append(line)
                connection.sendall(self.says(line))


def _mail(line: bytes) -> bytes:
    """Offer a login, refuse it, and say back what was sent, plain and as it came."""
    if line[:4].upper() == b"EHLO":
        return b"250-mail\r\n250 AUTH PLAIN LOGIN\r\n"
    if line[:4].upper() == b"QUIT":
        return b"221 bye\r\n"
    return b"535 5.7.8 " + line.strip() + b" is wrong: " + CANARIES["SMTP_PASSWORD"].encode() + b"\r\n"


def _ftp(line: bytes) -> bytes:
    return b"331 and?\r\n" if line[:4].upper() == b"USER" else b"530 " + line.strip() + b" is wrong\r\n"


def _echo(server: ScriptedServer, status: str) -> Callable[[socket.socket], None]:
    """Answer with all that the asked one knows: what it was sent, and its share of a secret, in the status too."""

    def says(connection: socket.socket) -> None:
        asked = server.requests[-1]
        held = CANARIES["HOOK" if asked.startswith(b"POST /in ") else "TSA" if b" /tsa " in asked else "topic"]
        body = asked + held.encode()
        head = f"HTTP/1.1 {status} {held}\r\nX-Said: {held}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        connection.sendall(head + body)

    return says


@dataclass
class World:
    """An archive, the servers that it is told of, and all that was said."""

    folder: Path
    archive: Path
    told: dict[str, str]
    servers: dict[str, ScriptedServer]
    said: dict[str, bytes] = field(default_factory=dict)

    def went_out(self) -> set[str]:
        """Name the canaries that servers were sent, in whatever spelling."""
        sent = {name: b"\n".join(server.requests) for name, server in self.servers.items()}
        return {name for name, value in CANARIES.items() if any(traces(value, data) for data in sent.values())}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        web = stack.enter_context(ScriptedServer({}))
        web.default = _echo(web, "500")
        mail = stack.enter_context(_Talking(b"220 mail\r\n", _mail))
        ftp = stack.enter_context(_Talking(b"220 files\r\n", _ftp))
        archive = make_small_archive(tmp_path / "archive")
        (archive / "curation" / "watches").mkdir(parents=True, exist_ok=True)
        (archive / "curation" / "watches" / "plates.toml").write_text(WATCH.format(hook=web.url))
        (tmp_path / "authority.pem").write_text("none")
        told = {
            "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail.port), "SMTP_USER": "plates",
            "SMTP_FROM": "plates@archive.example", "SMTP_PASSWORD": CANARIES["SMTP_PASSWORD"],
            "HOOK": CANARIES["HOOK"], "NTFY": f"ntfy://{web.host}/{CANARIES['topic']}",
            "DELIVERY_NETWORKS": "127.0.0.0/8", "ARCHIVE_ADDRESS": "https://archive.example",
            "TSA_URL": f"http://stamps:{CANARIES['TSA']}@{web.host}/tsa", "TSA_CA": str(tmp_path / "authority.pem"),
            "OVERSIGHT_BACKUP": f"ftp://me:{CANARIES['FTP']}@127.0.0.1:{ftp.port}/copy", "ARCHIVE_KEEP_FREE": "0",
            "AWS_SECRET_ACCESS_KEY": CANARIES["AWS_SECRET_ACCESS_KEY"], "LOG_LEVEL": "DEBUG",
        }  # fmt: skip
        yield World(tmp_path, archive, told, {"web": web, "mail": mail, "ftp": ftp})


def traces(canary: str, data: bytes) -> set[str]:
    """Name what is left of a canary, packed or not."""
    spelled = spellings(canary)
    found = set()
    for layer in unpacked(data):
        plain = layer.decode("latin-1")
        found |= {name for name, spelling in spelled.items() if spelling in plain or core(spelling) in plain}
    return found


def every_byte(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each file as it lies there and taken apart."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        yield f"the name of {name}", name.encode()
        if not path.is_file() or path.is_symlink():
            continue
        data = path.read_bytes()
        yield name, data
        if path.suffix == ".db":
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection, suppress(sqlite3.Error):
                yield f"{name}, dumped", "\n".join(connection.iterdump()).encode("utf-8", "surrogateescape")
        elif path.suffix in (".zip", ".wacz"):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                yield from ((f"{name}, {one}", packed.read(one)) for one in packed.namelist())
        elif path.name.endswith((".tar.gz", ".tgz")):
            with tarfile.open(path) as packed_too:
                members = ((one.name, packed_too.extractfile(one)) for one in packed_too.getmembers())
                yield from ((f"{name}, {one}", file.read()) for one, file in members if file)


def hits(folder: Path, said: Mapping[str, bytes], canaries: Mapping[str, str]) -> tuple[dict[str, Any], int]:
    """Return where which canary stands, and how many places were searched."""
    found, places = {}, 0
    for name, data in [*every_byte(folder), *said.items()]:
        places += 1
        for canary, value in canaries.items():
            if spelled := traces(value, data):
                found[f"{name}: {canary}"] = sorted(spelled)[:3]
    return found, places


def test_sc_01_nothing_told_in_confidence_is_written_or_said(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name, value in world.told.items():
        monkeypatch.setenv(name, value)
        if hasattr(settings, name):  # read once, when a program starts
            monkeypatch.setattr(settings, name, value)
    ended = {}
    for line in COMMANDS:
        words = [str(world.folder / "out") if word == "OUT" else word for word in line]
        done = CliRunner().invoke(main, ["--archive", str(world.archive), *words])
        ended[" ".join(line)] = done.exit_code
        world.said[" ".join(line)] = done.output.encode() + repr(done.exception).encode()
    world.said["log"] = caplog.text.encode() + "".join(repr(vars(one)) for one in caplog.records).encode()
    out = world.went_out()
    found, places = hits(world.folder, world.said, CANARIES)
    figure("SC-01", canaries=len(CANARIES), sent_to_servers=sorted(out), places=places, hits=len(found), ended=ended)
    assert not found
    assert {"SMTP_PASSWORD", "topic", "TSA", "FTP"} <= out, "they went out, and came back"
    assert ended["backup"] == ended["deliver --test plates"] == 1, world.said
    assert ended["release build"] == 0


def test_the_search_finds_what_is_let_through(tmp_path: Path) -> None:
    """The control: a canary in a file, in a row, packed, spelt otherwise, in a file's name."""
    value = CANARIES["TSA"]
    (tmp_path / "plain.log").write_text(f"x{value}x")
    (tmp_path / f"{value}.txt").write_text("")
    (tmp_path / "encoded.json").write_text(json.dumps({"login": base64.b64encode(f"stamps:{value}".encode()).decode()}))
    with zipfile.ZipFile(tmp_path / "packed.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("inside", value * 3)
    with closing(sqlite3.connect(tmp_path / "rows.db")) as connection, connection:
        connection.execute("CREATE TABLE x AS SELECT ? AS y", (value,))
    found, _ = hits(tmp_path, {"said": value.upper().encode()}, {"TSA": value})
    places = {name.partition(":")[0].partition(",")[0] for name in found}
    assert places == {"plain.log", f"the name of {value}.txt", "encoded.json", "packed.zip", "rows.db", "said"}


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_sc_01_a_full_night_with_every_failure(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The night of tests/test_bad_input_secrets.py with all else told too, then nights, releases and what follows, each
    in a process of its own."""
    for name, value in world.told.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "night").mkdir()
    bad = night(tmp_path / "night")
    assert bad.status == 0
    nightly = (("nightly", "--replay", str(SAMPLE), "--night", "2018-01-26"), ("nightly", "--replay", str(SAMPLE)))
    watches = tmp_path / "real" / "curation" / "watches"
    watches.mkdir(parents=True)
    (watches / "plates.toml").write_text((world.archive / "curation" / "watches" / "plates.toml").read_text())
    for archive, lines in ((world.archive, COMMANDS), (tmp_path / "real", (*nightly, *COMMANDS))):
        for line in lines:
            words = [str(tmp_path / f"out-{archive.name}") if word == "OUT" else word for word in line]
            done = subprocess.run(
                [sys.executable, "-X", "faulthandler", "-m", "oversight", "--archive", str(archive), *words], cwd=ROOT,
                env={**environment(**world.told), "SAM_API_KEY": KEY, "OVERSIGHT_CONTACT": "https://example.org/"},
                capture_output=True, check=False,
            )  # fmt: skip
            world.said[f"{archive.name}: {' '.join(line)}"] = done.stdout + done.stderr
    canaries = {**CANARIES, "SAM_API_KEY": KEY}
    seen = {**bad.environments, **bad.command_lines}
    found, places = hits(tmp_path, {**world.said, **seen}, canaries)
    out = world.went_out()
    figure("SC-01 night", canaries=len(canaries), processes_looked_at=len(bad.environments), places=places,
           sent_to_servers=sorted(out), hits=len(found))  # fmt: skip
    assert not found
    assert {"SMTP_PASSWORD", "topic", "TSA", "FTP"} <= out
    assert os.environ["HOOK"] == CANARIES["HOOK"]
