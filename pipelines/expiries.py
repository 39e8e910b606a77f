"""What an archive needs that has an end: the site's certificate, keys of APIs, a time-stamp authority's certificates.

Nothing is kept of a key: only that there was one, and since when. What can't be told is said to be so, and stops
nothing.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

# Days before an end from which on it is told, and for which a key of SAM.gov is good.
SOON = 21
KEY_DAYS = 90
SECONDS = 5
KEY, KEY_SEEN = "SAM_API_KEY", "key-seen"
Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expiry:
    """Of what (`name`) the last good day is `on` ("" where that can't be told, with `why`), how many `days` are left,
    and what to `do` before that."""

    name: str
    on: str
    days: int | None
    do: str
    why: str = ""

    @property
    def is_near(self) -> bool:
        """Tell whether a person should know: it ends soon, has ended, or can't be told."""
        return bool(self.why) or (self.days is not None and self.days <= SOON)


def expiries(events: Iterable[Event], today: str, environment: Mapping[str, str] = os.environ) -> list[Expiry]:
    """Return what ends, the nearest first; asks the public address for its certificate. Never raises."""
    found = [*_of_site(environment, today), *_of_key(environment, events, today), *_of_authority(environment, today)]
    return sorted(found, key=lambda one: (one.days is None, one.days or 0, one.name))


def _ends(name: str, on: date, today: str, do: str) -> Expiry:
    return Expiry(name, str(on), (on - date.fromisoformat(today)).days, do)


def _of_site(environment: Mapping[str, str], today: str) -> Iterator[Expiry]:
    address = urlsplit(environment.get("ARCHIVE_ADDRESS", ""))
    if address.scheme != "https" or not address.hostname:
        return
    name, do = f"the certificate of {address.hostname}", "The proxy renews it; look at its log."
    try:
        end = _certificate(address.hostname, address.port or 443).not_valid_after_utc.date()
    except (OSError, ValueError) as error:
        yield Expiry(name, "", None, do, f"it can't be looked at ({type(error).__name__})")
        return
    yield _ends(name, end, today, do)


def _certificate(host: str, port: int) -> x509.Certificate:
    """Return the certificate that a server shows, good or not. Raises OSError, ValueError."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # one that has ended is what is looked for
    with (
        socket.create_connection((host, port), SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as s,
    ):
        return x509.load_der_x509_certificate(s.getpeercert(binary_form=True) or b"")


def _of_key(environment: Mapping[str, str], events: Iterable[Event], today: str) -> Iterator[Expiry]:
    if not environment.get(KEY):
        return
    do = f"Fetch a new one at SAM.gov (Account Details), set {KEY} to it, and {KEY}_EXPIRES to its last day."
    if told := environment.get(f"{KEY}_EXPIRES", ""):
        try:
            yield _ends(KEY, date.fromisoformat(told), today, do)
        except ValueError:
            yield Expiry(KEY, "", None, do, f"{KEY}_EXPIRES is no day like 2026-11-30")
        return
    seen = min((str(event["at"])[:10] for event in events if event["event"] == KEY_SEEN), default=today)
    yield _ends(KEY, date.fromisoformat(seen) + timedelta(KEY_DAYS), today, do)


def key_is_new(environment: Mapping[str, str], events: Iterable[Event]) -> bool:
    """Tell whether there is a key, and no line of the journal says since when."""
    return bool(environment.get(KEY)) and not any(event["event"] == KEY_SEEN for event in events)


def _of_authority(environment: Mapping[str, str], today: str) -> Iterator[Expiry]:
    if not (file := environment.get("TSA_CA", "")):
        return
    name, do = "the time-stamp authority's certificates", "Fetch the authority's new ones, and put them into TSA_CA."
    try:
        held = x509.load_pem_x509_certificates(Path(file).read_bytes())
        yield _ends(name, min(one.not_valid_after_utc.date() for one in held), today, do)
    except (OSError, ValueError) as error:
        yield Expiry(name, "", None, do, f"TSA_CA can't be read ({type(error).__name__})")
