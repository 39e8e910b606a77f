"""The wire transport: bytes are kept as they went, and a broken answer is never taken for a whole one."""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scrapy import Request
from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)

from pipelines import tape
from pipelines.transport import Fetched, TlsFailed
from tests import wire_rig
from tests.scripted_server import Script, ScriptedServer, answer, reset

ZIPPED = gzip.compress(b"hello", mtime=0)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WHOLE = {
    "plain": (answer(b"hi"), b"hi"),
    "odd heads": (
        b"HTTP/1.1 200 Fine By Me\r\nx-oDD:1\r\nSet-Cookie: a\r\nset-cookie:  b \r\nContent-length: 2\r\n\r\nhi", b"hi"
    ),
    "folded": (b"HTTP/1.1 200 OK\r\nX-A: one\r\n two\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
    "no colon": (b"HTTP/1.1 200 OK\r\nnot a header\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
    "no phrase": (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
    "latin-1": (b"HTTP/1.1 200 OK\r\nX-A: \xe9\x00\x80\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
    "bare line feeds": (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", b"hi"),
    "chunks": (CHUNKED + b"1\r\nh\r\n1;ext=1\r\ni\r\n0\r\nX-Trailer: 1\r\n\r\n", b"hi"),
    "gzip in chunks": (
        CHUNKED[:-2] + b"Content-Encoding: gzip\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(ZIPPED), ZIPPED),
        ZIPPED,
    ),
    "until the end": (b"HTTP/1.0 200 OK\r\n\r\nhi", b"hi"),
    "early hints": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(b"hi"), b"hi"),
    "equal lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", b""),
    "empty": (answer(b""), b""),
    "redirect": (answer(b"", "302 Found", Location="/elsewhere"), b""),
    "not found": (answer(b"gone", "404 Not Found"), b"gone"),
    "failed": (answer(b"oops", "500 Oops"), b"oops"),
    "odd status": (answer(b"hi", "999 Denied"), b"hi"),
    "a line more than said": (answer(b"hi") + b"\r\n", b"hi"),
}  # fmt: skip


def one(script: Script, **settings: object) -> Fetched:
    with ScriptedServer({"/": script}) as server:
        return wire_rig.fetch(f"{server.url}/", ADDRESS_GUARD_ADMIT=server.host, **settings)


@pytest.mark.parametrize("case", WHOLE)
def test_an_answer_is_kept_as_it_came(case: str) -> None:
    sent, body = WHOLE[case]
    fetched = one(sent)
    assert fetched.error is None
    assert fetched.response is not None
    assert fetched.response.body == body
    assert fetched.exchange.response == sent
    assert fetched.exchange.status == fetched.response.status
    assert fetched.exchange.truncated == ""
    assert fetched.exchange.fidelity == "wire"
    assert fetched.exchange.ip_address == str(fetched.response.ip_address or "127.0.0.1") == "127.0.0.1"
    assert fetched.exchange.captured_at == "2018-01-26T15:00:00Z"


def test_a_request_is_kept_as_it_went() -> None:
    with ScriptedServer({}) as server:
        requests = [
            Request(f"{server.url}/a%20b?q=1&q=%C3%A9#part", headers={"x-Odd": ["1", "2"], "Accept": "*/*"}),
            Request(f"{server.url}/post", method="POST", body=b"x" * 100_000),
            Request(f"{server.url}/head", method="HEAD"),
        ]
        results = wire_rig.fetch_all(requests, ADDRESS_GUARD_ADMIT=server.host)
        kept = [result.exchange for result in results if isinstance(result, Fetched)]
        assert sorted(exchange.request for exchange in kept) == sorted(server.requests)
        assert [exchange.method for exchange in kept] == ["GET", "POST", "HEAD"]
        assert kept[0].url == f"{server.url}/a%20b?q=1&q=%C3%A9"
        assert requests[0].meta["download_latency"] > 0
        assert server.connections == 3


@pytest.mark.parametrize(
    "crooked", ["/a\r\nX-Injected: yes", "/a\nX-Injected: yes", "/a b", "/\x00", "/\u2028", "/%0d%0aX: y"]
)
@pytest.mark.parametrize("verbatim", [False, True])
def test_no_address_and_no_header_injects_a_line(crooked: str, verbatim: bool) -> None:
    with ScriptedServer({}) as server:
        request = Request(
            server.url + crooked, headers={"X-A": "b\r\nX-Injected: yes"}, meta={"verbatim_url": verbatim}
        )
        wire_rig.fetch_all([request], ADDRESS_GUARD_ADMIT=server.host)
        lines = b"".join(server.requests).split(b"\r\n")
        assert not [line for line in lines if line.lower().startswith((b"x-injected", b"x: y"))]
        assert b"\n" not in b"".join(lines)


def broken(head: bytes, body: bytes) -> Script:
    """Send, then break the connection."""

    def script(connection: socket.socket) -> None:
        connection.sendall(head + body)
        time.sleep(0.1)
        reset(connection)

    return script


BROKEN: dict[str, tuple[Script, bytes, str]] = {
    "less than said": (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi", b"hi", "disconnect"),
    "more than said": (answer(b"hi") + b"and more", b"hiand more", "unspecified"),
    "2^63 said": (b"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\nhi", b"", "length"),
    "reset": (broken(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", b"hi"), b"hi", "disconnect"),
    "reset, no length": (broken(b"HTTP/1.1 200 OK\r\n\r\n", b"hi"), b"hi", "disconnect"),
    "reset in a chunk": (broken(CHUNKED, b"a\r\nhi"), b"a\r\nhi", "disconnect"),
    "no last chunk": (CHUNKED + b"2\r\nhi\r\n", b"2\r\nhi\r\n", "disconnect"),
    "bad chunk": (CHUNKED + b"zz\r\nhi\r\n0\r\n\r\n", b"zz", "unspecified"),
    "negative chunk": (CHUNKED + b"-1\r\nhi\r\n0\r\n\r\n", b"-1", "unspecified"),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", b"hi", "unspecified"),
    "negative length": (b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi", b"hi", "unspecified"),
    "unknown coding": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhi", b"hi", "unspecified"),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-Le", b"Content-Le", "disconnect"),
    "hints alone": (b"HTTP/1.1 103 Early Hints\r\n\r\n", b"", "disconnect"),
    "not HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", "unspecified"),
    "HTTP 0.9": (b"<html>hello</html>", b"<html>", "disconnect"),
    "bad status": (b"HTTP/1.1 OK OK\r\n\r\n", b"OK OK", "unspecified"),
    "long line": (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 2_000_000 + b"\r\n\r\n", b"aaa", "*"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_answer_is_kept_and_never_taken_for_a_whole_one(case: str) -> None:
    script, part, truncated = BROKEN[case]
    fetched = one(script)
    assert isinstance(fetched.error, (ResponseDataLossError, DownloadFailedError, DownloadCancelledError))
    assert fetched.response is None
    assert part in fetched.exchange.response
    assert fetched.exchange.truncated in ((truncated,) if truncated != "*" else ("length", "disconnect", "unspecified"))
    assert fetched.exchange.fidelity == "wire"


def endless(start: bytes, more: bytes) -> Script:
    def script(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(more)

    return script


@pytest.mark.parametrize(
    "script",
    [
        endless(b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 65536),
        endless(CHUNKED, b"4\r\naaaa\r\n" * 5000),
        endless(CHUNKED, b"1;" + b"e" * 900 + b"\r\na\r\n"),
        endless(b"HTTP/1.1 200 OK\r\n", b"X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 1000),
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        answer(b"a" * 300_000),
    ],
)  # fmt: skip
def test_what_never_ends_is_cut(script: Script) -> None:
    fetched = one(script, DOWNLOAD_MAXSIZE=200_000)
    assert isinstance(fetched.error, DownloadCancelledError)
    assert fetched.exchange.truncated == "length"
    assert 0 < len(fetched.exchange.response) < 1_000_000


@pytest.mark.parametrize(
    "script",
    [
        endless(b"HTTP/1.1 200 OK\r\n", b"X-A: aaaaaaaaaaaaaa\r\n" * 1000),
        endless(b"", b"HTTP/1.1 102 Wait\r\n\r\n" * 999),
    ],
)
def test_a_head_has_a_limit_of_its_own(script: Script) -> None:
    fetched = one(script, DOWNLOAD_MAXSIZE=600_000_000)
    assert fetched.exchange.truncated == "length"
    assert len(fetched.exchange.response) < 600_000


def test_a_broken_answer_is_broken_whatever_the_request_says() -> None:
    with ScriptedServer({"/": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi"}) as server:
        request = Request(f"{server.url}/", meta={"download_fail_on_dataloss": False})
        fetched = wire_rig.fetch(request, ADDRESS_GUARD_ADMIT=server.host)
    assert fetched.exchange.truncated == "disconnect"
    assert fetched.response is None


def dripping(start: bytes, more: bytes = b"") -> Script:
    def script(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(100):
            time.sleep(0.1)
            connection.sendall(more)

    return script


@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nhi", CHUNKED + b"2\r\nhi\r\n", b"HTTP/1.1 200 OK\r\n"]
)
def test_silence_and_dripping_are_ended_and_what_came_is_kept(start: bytes) -> None:
    for script, limits in (
        (dripping(start), {"DOWNLOAD_TIMEOUT": 0.4}),
        (dripping(start, b"1\r\na\r\n"), {"DOWNLOAD_TIMEOUT": 20, "DOWNLOAD_DEADLINE": 0.8}),
    ):
        fetched = one(script, **limits)
        assert isinstance(fetched.error, DownloadTimeoutError)
        assert fetched.exchange.truncated == "time"
        assert fetched.exchange.response.startswith(start)


def test_where_no_byte_came_there_is_no_exchange() -> None:
    with pytest.raises(DownloadTimeoutError):
        one(dripping(b""), DOWNLOAD_TIMEOUT=0.4)
    with pytest.raises(DownloadFailedError):
        one(b"")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(DownloadConnectionRefusedError):
        wire_rig.fetch(f"http://127.0.0.1:{port}/", ADDRESS_GUARD_ADMIT=f"127.0.0.1:{port}")


def test_exchanges_at_once_do_not_mix() -> None:
    scripts: dict[str, Script] = {f"/{number}": answer(b"%d" % number * 5000) for number in range(20)}
    with ScriptedServer(scripts) as server:
        requests = [Request(f"{server.url}/{number}") for number in range(20)]
        for number, fetched in enumerate(wire_rig.fetch_all(requests, ADDRESS_GUARD_ADMIT=server.host)):
            assert isinstance(fetched, Fetched)
            assert fetched.exchange.response == scripts[f"/{number}"]
            assert fetched.exchange.request.startswith(b"GET /%d " % number)


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=8), st.binary(max_size=200))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_are_kept_or_named(chunks: list[bytes], garbage: bytes) -> None:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    with ScriptedServer({"/whole": CHUNKED + body + b"0\r\n\r\n", "/garbage": garbage + b"\r\n"}) as server:
        requests = [Request(f"{server.url}/whole"), Request(f"{server.url}/garbage")]
        whole, other = wire_rig.fetch_all(requests, ADDRESS_GUARD_ADMIT=server.host)
        assert isinstance(whole, Fetched)
        assert whole.response is not None
        assert whole.response.body == b"".join(chunks)
        assert whole.exchange.response == server.scripts["/whole"]
        assert isinstance(other, Fetched)
        assert other.error is not None
        assert server.scripts["/garbage"].startswith(other.exchange.response)  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A throw-away authority's certificate, and one for 127.0.0.1 that it signed, with its key."""
    folder = tmp_path_factory.mktemp("authority")
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "throw-away authority")])
    now = dt.datetime.now(dt.UTC)

    def certificate(name: x509.Name, public: ec.EllipticCurvePublicKey, extension: x509.ExtensionType) -> bytes:
        builder = x509.CertificateBuilder(issuer_name=ca_name, subject_name=name, public_key=public)
        builder = builder.serial_number(x509.random_serial_number()).add_extension(extension, critical=True)
        builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        return builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    files = folder / "ca.pem", folder / "server.pem", folder / "server.key"
    files[0].write_bytes(certificate(ca_name, ca_key.public_key(), x509.BasicConstraints(ca=True, path_length=None)))
    files[1].write_bytes(certificate(x509.Name([]), key.public_key(), alternative))
    files[2].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def tls_server(authority: tuple[Path, Path, Path], script: Script) -> ScriptedServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority[1], authority[2])
    return ScriptedServer({"/": script}, context)


@pytest.mark.parametrize("case", WHOLE)
def test_over_tls_too(case: str, authority: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))
    sent, body = WHOLE[case]
    with tls_server(authority, sent) as server:
        fetched = wire_rig.fetch(f"{server.url}/", ADDRESS_GUARD_ADMIT=server.host)
        assert (fetched.exchange.response, fetched.exchange.request) == (sent, server.requests[0])
    assert fetched.response is not None
    assert fetched.response.body == body
    assert fetched.response.certificate is not None


def test_a_tls_connection_that_breaks_is_not_the_end_of_a_body(
    authority: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))

    def script(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhi")
        time.sleep(0.1)
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    with tls_server(authority, script) as server:
        fetched = wire_rig.fetch(f"{server.url}/", ADDRESS_GUARD_ADMIT=server.host)
    assert fetched.exchange.truncated == "disconnect"
    assert fetched.response is None


def test_a_certificate_that_nobody_vouches_for_is_refused(authority: tuple[Path, Path, Path]) -> None:
    with tls_server(authority, answer(b"hi")) as server:
        with pytest.raises(TlsFailed):
            wire_rig.fetch(f"{server.url}/", ADDRESS_GUARD_ADMIT=server.host)
        assert server.requests == []


def test_a_server_without_tls_is_refused() -> None:
    def answer_in_the_clear() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer(b"hi"))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_in_the_clear)
        thread.start()
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(TlsFailed):
            wire_rig.fetch(f"https://{host}/", ADDRESS_GUARD_ADMIT=host)
        thread.join()


def test_scrapy_and_twisted_still_are_as_the_tape_needs_them() -> None:
    missing = tape.missing_seams()
    assert not missing, (
        f"pipelines/tape.py relies on {missing}, gone from this Scrapy or Twisted: mend it, or pin them back"
    )
