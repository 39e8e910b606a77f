"""SV-09 and SV-10 on the wire: certificates that don't hold, handshakes that don't end, names that don't resolve."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scrapy import Request
from scrapy.exceptions import CannotResolveHostError, DownloadFailedError, DownloadTimeoutError

from pipelines.transport import AddressRefused, Fetched, TlsFailed
from tests import wire_rig
from tests.figures import figure
from tests.hostile.names import ANSWERS, Silent
from tests.scripted_server import ScriptedServer, answer

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
LOOPBACK = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
ELSEWHERE = x509.SubjectAlternativeName([x509.DNSName("www.example.com")])


class Authority:
    """A throw-away authority, which signs what it is told."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.file = folder, folder / f"{name}.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        basic = x509.BasicConstraints(ca=True, path_length=None)
        self.file.write_bytes(self._signed(self._name, self._key, basic, NOW - DAY, NOW + DAY))

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: Any, since: dt.datetime, until: dt.datetime
    ) -> bytes:
        builder = x509.CertificateBuilder(self._name, name, key.public_key(), x509.random_serial_number(), since, until)
        signed = builder.add_extension(extension, critical=True).sign(self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM)

    def server(self, names: Any = LOOPBACK, since: dt.datetime = NOW - DAY, until: dt.datetime = NOW + DAY) -> Any:
        """Return a context with a certificate of this authority."""
        key, file = ec.generate_private_key(ec.SECP256R1()), self.folder / "server.pem"
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(self._signed(x509.Name([]), key, names, since, until) + key.private_bytes(*form))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority(tmp_path, "trusted")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


def old(context: ssl.SSLContext) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


CERTIFICATES: dict[str, Callable[[Authority], ssl.SSLContext]] = {
    "expired": lambda own: own.server(until=NOW - DAY / 2),
    "not yet valid": lambda own: own.server(since=NOW + DAY / 2),
    "another name": lambda own: own.server(ELSEWHERE),
    "self-signed": lambda own: Authority(own.folder, "nobody").server(),
    "TLS 1.1": lambda own: old(own.server()),
}


def fetch(server: ScriptedServer, **settings: Any) -> Fetched:
    return wire_rig.fetch(f"{server.url}/", ADDRESS_GUARD_ADMIT=server.host, **settings)


@pytest.mark.parametrize("case", CERTIFICATES)
def test_a_certificate_that_does_not_hold_is_refused(case: str, authority: Authority) -> None:
    with ScriptedServer({"/": answer(b"hi")}, CERTIFICATES[case](authority)) as server:
        with pytest.raises(TlsFailed):
            fetch(server)
        sent = b"".join(server.requests)
    figure("SV-09", case=case, bytes_sent=len(sent), bytes_accepted=0)
    assert sent == b""


def test_the_control_is_accepted_until_the_chain_changes(authority: Authority) -> None:
    with ScriptedServer({"/": answer(b"hi")}, authority.server()) as server:
        assert fetch(server).exchange.response.endswith(b"hi")
    with ScriptedServer({"/": answer(b"hi")}, Authority(authority.folder, "another").server()) as server:
        with pytest.raises(TlsFailed):
            fetch(server)
        assert server.requests == []


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x03", b"\x16\x03\x03\x40\x00\x02"])
def test_a_handshake_that_does_not_end_is_ended(said: bytes) -> None:
    """It isn't tried again in the clear either."""
    heard: list[bytes] = []

    def script(connection: socket.socket) -> None:
        connection.sendall(said)
        with suppress(OSError):
            while part := connection.recv(65536):
                heard.append(part)

    class Mute(ScriptedServer):
        def _answer(self, connection: socket.socket) -> None:
            script(connection)

    with Mute({}) as server:
        began = time.monotonic()
        with pytest.raises(DownloadTimeoutError):
            wire_rig.fetch(
                f"https://{server.host}/", ADDRESS_GUARD_ADMIT=server.host, DOWNLOAD_TIMEOUT=1, DOWNLOAD_DEADLINE=3
            )
        figure("SV-09", case="stalls in the handshake", seconds=round(time.monotonic() - began, 1))
    assert server.connections == 1
    assert b"GET" not in b"".join(heard)


NAMES: dict[str, type[Exception]] = {
    "unknown.example.com": CannotResolveHostError,
    "silent.example.com": DownloadTimeoutError,
    "slow.example.com": AddressRefused,
    "alias-of-inside.example.com": AddressRefused,
    "only-inside-v6.example.com": AddressRefused,
    "flapping.example.com": CannotResolveHostError,
}


def test_names_that_do_not_resolve_are_named_and_cost_no_more_than_they_may() -> None:
    lookup = Silent(ANSWERS)
    assert NAMES.keys() == ANSWERS.keys()
    began = time.monotonic()
    results = wire_rig.fetch_all(
        [Request(f"http://{name}/") for name in NAMES], lookup, DOWNLOAD_TIMEOUT=2, DOWNLOAD_DEADLINE=4
    )
    seconds = time.monotonic() - began
    for result, (name, error) in zip(results, NAMES.items(), strict=True):
        assert isinstance(result, error), (name, result)
    figure("SV-10", names=len(NAMES), seconds_lost=round(seconds, 1), allowed=4)


def test_a_server_that_closes_in_the_handshake_is_named() -> None:
    with ScriptedServer({}) as server:  # reads a hello as a request, and hangs up
        with pytest.raises((TlsFailed, DownloadFailedError, DownloadTimeoutError)):
            wire_rig.fetch(f"https://{server.host}/", ADDRESS_GUARD_ADMIT=server.host, DOWNLOAD_TIMEOUT=1)
        assert server.requests == []
