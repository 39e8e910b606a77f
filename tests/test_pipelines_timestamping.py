"""A release is stamped by a real authority on loopback, made with OpenSSL; one that fails never stops a release."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from archive.model import Finding
from archive.outcomes import OUTCOMES
from archive.release.folder import Releases
from archive.release.proofs import make_proof
from archive.store.journal import Journal
from pipelines.timestamping import MOST_BYTES, stamp_releases
from tests.conftest import need
from tests.figures import figure
from tests.released import build, change, unreleased
from tests.test_archive_release_proofs import STEPS

__all__ = ["unreleased"]

SECRET = "tsa-canary-7d1f"
CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {place}/serial
crypto_device = builtin
signer_cert = {place}/tsa.pem
signer_key = {place}/tsa.key
certs = {place}/tsa.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
[signs]
extendedKeyUsage = critical,timeStamping
"""


def _openssl(place: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=place, check=True, capture_output=True)


class Authority:
    """A time-stamping authority; `behave` is what becomes of the next answers."""

    def __init__(self, place: Path) -> None:
        self.place, self.behave, self.asked, self.headers = place, "stamp", 0, ""
        (place / "tsa.cnf").write_text(CONFIG.format(place=place))
        (place / "serial").write_text("01\n")
        new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-batch")
        for name in ("ca", "other"):
            _openssl(
                place,
                *new,
                "-x509",
                "-days",
                "9",
                "-subj",
                f"/CN={name}",
                "-keyout",
                f"{name}.key",
                "-out",
                f"{name}.pem",
            )
        _openssl(place, *new, "-subj", "/CN=stamps", "-keyout", "tsa.key", "-out", "tsa.csr")
        _openssl(place, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "9",
                 "-extfile", "tsa.cnf", "-extensions", "signs", "-out", "tsa.pem")  # fmt: skip

    def date(self, day: datetime) -> None:
        """Give the authority a certificate that holds from three days before a day to three days after it."""
        signer = serialization.load_pem_private_key((self.place / "ca.key").read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        asked = x509.load_pem_x509_csr((self.place / "tsa.csr").read_bytes())
        issuer = x509.load_pem_x509_certificate((self.place / "ca.pem").read_bytes()).subject
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        since, until = day - timedelta(days=3), day + timedelta(days=3)
        made = x509.CertificateBuilder(
            issuer, asked.subject, asked.public_key(), x509.random_serial_number(), since, until
        )
        signed = made.add_extension(purpose, critical=True).sign(signer, hashes.SHA256())
        (self.place / "tsa.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def answer(self, query: bytes) -> tuple[int, bytes]:
        self.asked += 1
        if self.behave == "error":
            return 503, b"busy"
        if self.behave == "redirect":
            return 302, b""
        if self.behave == "endless":
            return 200, b"x" * (MOST_BYTES + 9)
        if self.behave == "garbage":
            return 200, b"<html>not a token</html>"
        (self.place / "query").write_bytes(query)
        _openssl(self.place, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
        if self.behave != "again":
            (self.place / "last").write_bytes((self.place / "reply").read_bytes())
        return 200, (self.place / "last").read_bytes()


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[tuple[Authority, str]]:
    need("openssl", "openssl")
    (tmp_path / "tsa").mkdir()
    made = Authority(tmp_path / "tsa")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.headers = str(self.headers)
            status, body = made.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made, f"http://user:{SECRET}@127.0.0.1:{server.server_port}/tsr"
    server.shutdown()
    server.server_close()


def test_a_release_is_stamped_and_a_bad_authority_is_named_and_tried_again(
    unreleased: Path, authority: tuple[Authority, str], tmp_path: Path
) -> None:
    tsa, url = authority
    environment = {"TSA_URL": url, "TSA_CA": str(tsa.place / "ca.pem")}
    token = Releases(unreleased).timestamp_path(1)
    build(unreleased)
    assert stamp_releases(unreleased, {}) == ()
    said: list[Finding] = []
    for behave in ("error", "redirect", "endless", "garbage"):
        tsa.behave = behave
        said += stamp_releases(unreleased, environment)
    tsa.behave = "stamp"
    for wrong in ({"TSA_CA": str(tsa.place / "other.pem")}, {"TSA_CA": ""}, {"TSA_URL": "ftp://127.0.0.1/"},
                  {"TSA_URL": f"http://u:{SECRET}@127.0.0.1:1/"}):  # fmt: skip
        said += stamp_releases(unreleased, environment | wrong)
    assert {one.outcome for one in said} == {"not-stamped"} <= OUTCOMES.keys()
    assert len({one.detail for one in said}) == len(said) == 8
    assert SECRET not in repr(said)
    assert not token.exists()
    assert stamp_releases(unreleased, environment) == ()
    assert base64.b64encode(f"user:{SECRET}".encode()).decode() in tsa.headers
    content, asked = token.read_bytes(), tsa.asked
    assert Journal(unreleased).read()[-1]["event"] == "release-stamped"
    assert (stamp_releases(unreleased, environment), tsa.asked) == ((), asked), "once is enough"
    change(unreleased, "UPDATE documents SET title = 'Another' WHERE id = 'dhs-ice-pia-039a'")
    build(unreleased)
    tsa.behave = "again"  # a good token, of another manifest
    (refused,) = stamp_releases(unreleased, environment)
    assert "isn't good" in refused.detail
    assert token.read_bytes() == content
    written = [path.read_bytes() for path in unreleased.rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in one for one in written)
    figure("CO-07", authorities_that_failed=len(said) + 1, releases_lost=0, tokens_taken_wrongly=0)


def test_ck_08_a_certificate_that_is_out_of_date_is_asked_of_the_clock(
    unreleased: Path, authority: tuple[Authority, str]
) -> None:
    """Of a token that is bad otherwise the clock isn't asked."""
    tsa, url = authority
    environment = {"TSA_URL": url, "TSA_CA": str(tsa.place / "ca.pem")}
    build(unreleased)
    said = []
    for days in (-9, 9):
        tsa.date(datetime.now(UTC) + timedelta(days=days))
        said += [one.detail for one in stamp_releases(unreleased, environment)]
    for detail, words in zip(said, ("certificate has expired", "certificate is not yet valid"), strict=True):
        assert words in detail
        assert detail.endswith(": is this machine's clock right?")
    tsa.date(datetime.now(UTC))
    (other,) = stamp_releases(unreleased, environment | {"TSA_CA": str(tsa.place / "other.pem")})
    assert "clock" not in other.detail
    assert stamp_releases(unreleased, environment) == ()
    figure("CK-08", time_stamps_out_of_date=len(said), clock_named=len(said), controls=2, named_wrongly=0)


def test_the_documented_steps_check_the_stamp(
    unreleased: Path, authority: tuple[Authority, str], tmp_path: Path
) -> None:
    tsa, url = authority
    build(unreleased)
    assert stamp_releases(unreleased, {"TSA_URL": url, "TSA_CA": str(tsa.place / "ca.pem")}) == ()
    members = json.loads(make_proof(Releases(unreleased), 1, "dhs-ice-pia-039a"))
    manifest = base64.b64decode(members["manifest"])
    token = base64.b64decode(members["timestamp"])
    steps = STEPS[0][STEPS[0].index("# 6.") :]

    def carried_out(manifest: bytes, token: bytes, ca: str = "ca.pem") -> subprocess.CompletedProcess[str]:
        for name, content in (("manifest.json", manifest), ("manifest.tsr", token), ("leaf", b"{}")):
            (tmp_path / name).write_bytes(content)
        (tmp_path / "authority.pem").write_bytes((tsa.place / ca).read_bytes())
        line = 'refuse() { echo "refused: $1"; exit 1; }\n' + steps
        return subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)

    good = carried_out(manifest, token)
    assert good.returncode == 0, good
    assert re.search(r"Time stamp: .* GMT", good.stdout)
    cases = [
        (manifest.replace(b'"number": 1', b'"number": 2'), token, "ca.pem"),
        (manifest, token[:-9] + bytes([token[-9] ^ 1]) + token[-8:], "ca.pem"),
        (manifest, token[:-7], "ca.pem"),
        (manifest, token, "other.pem"),
    ]
    for case in cases:
        assert carried_out(*case).stdout.startswith("refused: the time-stamp"), case
