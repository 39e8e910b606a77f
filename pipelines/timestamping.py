"""Asks a time-stamping authority (RFC 3161) to stamp a release's manifest, and keeps only a token that is good.

The authority's address comes from the operator's environment and from nowhere else; that allows its host, inside the
operator's own network too. Nothing that the authority says leads to another: a redirect is refused. OpenSSL makes the
question and checks the answer.
"""

from __future__ import annotations

import base64
import http.client
import os
import ssl
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from archive.model import Finding
from archive.release.folder import Releases
from archive.release.history import STAMPED
from archive.research.clock_doubt import OUT_OF_DATE
from archive.store.journal import Journal
from archive.store.segment import file_digest

NOT_STAMPED = "not-stamped"
SECONDS = 20
MOST_BYTES = 256 << 10
# Of releases without a token so many are tried at a build, the newest first.
AT_ONCE = 3
_TYPES = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class NotStamped(Exception):  # noqa: N818
    """The authority gave no good token; the words name its host, and never a user or a password."""


def stamp_releases(folder: Path, environment: Mapping[str, str] = os.environ) -> tuple[Finding, ...]:
    """Have the newest releases without a token stamped, where TSA_URL names an authority; return what failed.

    TSA_CA is a file with the certificates that the authority's is traced to. A failure is a finding and stops nothing:
    the next build tries again. The caller holds the folder's lock. Raises StoreFull, StoreFailed, OSError.
    """
    if not (url := environment.get("TSA_URL", "")):
        return ()
    releases = Releases(folder)
    without = [number for number in releases.numbers() if not releases.timestamp_path(number).exists()]
    try:
        for number in reversed(without[-AT_ONCE:]):
            _stamp(releases, number, url, Path(environment.get("TSA_CA", "")))
    except NotStamped as refused:
        return (Finding(NOT_STAMPED, f"release {number}", str(refused)),)
    return ()


def _stamp(releases: Releases, number: int, url: str, authority: Path) -> None:
    """Put a release's token beside its manifest. Raises NotStamped."""
    manifest = releases.manifest_path(number)
    token = good_token(manifest, url, authority)
    releases.put(releases.timestamp_path(number), token)
    releases.timestamp_path(number).chmod(0o444)
    sha256 = {"manifest": file_digest(manifest)[1], "token": file_digest(releases.timestamp_path(number))[1]}
    journal = Journal(releases.archive)
    journal.append(STAMPED, release=number, **sha256)
    journal.close()


def good_token(file: Path, url: str, authority: Path) -> bytes:
    """Return a token for a file's SHA-256 that is traced to the authority's certificates. Raises NotStamped."""
    if not authority.is_file():
        raise NotStamped("TSA_CA names no file: it is to hold the authority's certificates, in PEM")
    with tempfile.TemporaryDirectory() as place:
        query, reply = Path(place) / "query", Path(place) / "reply"
        _openssl("-query", "-data", file, "-sha256", "-cert", "-out", query)
        reply.write_bytes(_asked(url, query.read_bytes()))
        try:
            _openssl("-verify", "-queryfile", query, "-in", reply, "-CAfile", authority)
        except NotStamped as refused:
            raise NotStamped(
                f"{_host(url)} gave a token that isn't good ({refused}){_clock(str(refused))}"
            ) from refused
        return reply.read_bytes()


def _openssl(*arguments: object) -> None:
    try:
        done = subprocess.run(
            ["openssl", "ts", *map(str, arguments)],  # noqa: S607 (the system's own)
            capture_output=True, text=True, timeout=SECONDS, check=False,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise NotStamped("the program openssl isn't installed") from error
    except subprocess.TimeoutExpired as error:
        raise NotStamped("openssl took too long") from error
    if done.returncode:
        raise NotStamped(done.stderr.strip().splitlines()[-1][-200:] if done.stderr.strip() else "openssl refused it")


def _asked(url: str, query: bytes) -> bytes:
    """Send a question and return the answer's body. Raises NotStamped for all but a whole answer of status 200."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotStamped("TSA_URL is no web address")
    headers = dict(_TYPES)
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    try:
        connection = _connection(parts.scheme, parts.hostname, parts.port)
        try:
            target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            connection.request("POST", target, body=query, headers=headers)
            answer = connection.getresponse()
            body = answer.read(MOST_BYTES + 1)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "verify_message", "") or type(error).__name__
        raise NotStamped(f"{_host(url)} can't be asked ({why}){_clock(why)}") from error
    if answer.status != 200:
        raise NotStamped(f"{_host(url)} answered with status {answer.status}")
    if len(body) > MOST_BYTES:
        raise NotStamped(f"{_host(url)} answered with more than a token")
    return body


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=SECONDS)
    return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=ssl.create_default_context())


def _clock(why: str) -> str:
    """Return what to ask oneself where a certificate doesn't hold on the day that this machine's clock says."""
    return ": is this machine's clock right?" if any(words in why for words in OUT_OF_DATE) else ""


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the authority"
