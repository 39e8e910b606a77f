"""What ends: the site's certificate, asked over TLS, good or not; a key, known by nothing but that it is there."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pipelines.expiries import KEY, KEY_SEEN, expiries, key_is_new
from tests.figures import figure

TODAY = "2026-11-30"


def certificate(folder: Path, days: int) -> Path:
    """Write a certificate that ends so many days after today, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.fromisoformat(f"{TODAY}T12:00:00").replace(tzinfo=UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(400)).not_valid_after(now + timedelta(days))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{days}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@contextmanager
def served(path: Path) -> Iterator[int]:
    """Serve TLS with a certificate once, and give the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)

    def answer() -> None:
        plain, _ = listening.accept()
        try:
            context.wrap_socket(plain, server_side=True).close()
        except OSError:
            plain.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(("days", "near"), [(80, False), (21, True), (0, True), (-3, True)])
def test_the_sites_certificate_also_one_that_has_ended(days: int, near: bool, tmp_path: Path) -> None:
    with served(certificate(tmp_path, days)) as port:
        (one,) = expiries([], TODAY, {"ARCHIVE_ADDRESS": f"https://127.0.0.1:{port}/"})
    assert (one.days, one.is_near, one.why) == (days, near, "")


def test_a_site_that_cant_be_asked_is_told_and_stops_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    (one,) = expiries([], TODAY, {"ARCHIVE_ADDRESS": f"https://127.0.0.1:{port}"})
    assert (one.on, one.days, one.is_near) == ("", None, True)
    assert expiries([], TODAY, {"ARCHIVE_ADDRESS": "http://archive.example.org"}) == [], "no TLS, nothing asked"


def test_a_key_is_counted_from_when_it_was_first_seen() -> None:
    environment = {KEY: "a-canary-of-a-key"}
    assert key_is_new(environment, [])
    seen = [{"event": KEY_SEEN, "name": KEY, "at": "2026-09-15T03:00:00Z"}]
    assert not key_is_new(environment, seen)
    (one,) = expiries(seen, TODAY, environment)
    assert (one.on, one.days, one.is_near) == ("2026-12-14", 14, True)
    (told,) = expiries(seen, TODAY, environment | {f"{KEY}_EXPIRES": "2027-02-01"})
    assert (told.on, told.is_near) == ("2027-02-01", False)
    (wrong,) = expiries(seen, TODAY, environment | {f"{KEY}_EXPIRES": "soon"})
    assert wrong.is_near
    assert "a-canary" not in repr([one, told, wrong])
    assert expiries(seen, TODAY, {}) == []


def test_ck_08_an_authoritys_certificates_the_first_that_ends_counts(tmp_path: Path) -> None:
    bundle = tmp_path / "tsa.pem"
    bundle.write_bytes(b"".join(certificate(tmp_path, days).read_bytes() for days in (500, 12)))
    (one,) = expiries([], TODAY, {"TSA_CA": str(bundle)})
    assert (one.days, one.is_near) == (12, True)
    (gone,) = expiries([], TODAY, {"TSA_CA": str(tmp_path / "none.pem")})
    assert gone.is_near
    figure("CK-08", certificates=2, days_left=one.days, told_from=21)
