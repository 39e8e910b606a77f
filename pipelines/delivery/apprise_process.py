"""Sends one short message by Apprise, in a process of its own that knows nothing else.

python -m pipelines.delivery.apprise_process reads one JSON object on standard input ("url", "title", "text", "app",
"networks") and writes one ("sent", "status", "refused"); neither a secret nor a word of a server is in that. Apprise
follows redirects, takes its proxies from the environment and lets an address switch certificates off: not here.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
from typing import Any
from urllib.parse import urlsplit

from pipelines.delivery.deadline import SILENCE
from pipelines.delivery.peers import Peers


class _RefusedError(OSError):
    pass


class _Guard:
    """Stands before every connection and every request that Apprise makes."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._looked_up = socket.getaddrinfo
        self.status = 0
        self.refused = ""

    def resolved(self, host: Any, port: Any, *more: Any, **named: Any) -> Any:
        """As socket.getaddrinfo(), without the addresses that may not be connected to."""
        found = [one for one in self._looked_up(host, port, *more, **named) if self._peers.allows(str(one[4][0]))]
        if not found:
            self._refuse("its address isn't on the public internet, nor in DELIVERY_NETWORKS")
        return found

    def around(self, request: Any) -> Any:
        """Return a requests.Session.request() that follows nothing, checks certificates, and waits so long only."""

        def asked(session: Any, method: str, url: str, **named: Any) -> Any:
            self._require_safe(url)
            session.trust_env = False
            answer = request(
                session, method, url,
                **{**named, "allow_redirects": False, "verify": True, "timeout": SILENCE, "stream": True},
            )  # fmt: skip
            self.status = answer.status_code
            answer.raw = _Short(answer.raw)
            return answer

        return asked

    def _require_safe(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme == "https":
            return
        found = self._looked_up(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
        if parts.scheme != "http" or not all(self._peers.is_own(str(one[4][0])) for one in found):
            self._refuse("its address is http, which is for networks named in DELIVERY_NETWORKS alone")

    def _refuse(self, why: str) -> None:
        self.refused = why
        raise _RefusedError(why)


class _Short:
    """The body of an answer, cut where it is longer than such services' answers are."""

    MOST = 256 << 10

    def __init__(self, raw: Any) -> None:
        self._raw, self._left = raw, self.MOST

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def stream(self, size: int, decode_content: bool = True) -> Any:
        for part in self._raw.stream(size, decode_content=decode_content):
            yield part[: self._left]
            self._left -= len(part)
            if self._left <= 0:
                return


def main() -> None:
    """Do what standard input says, and say how it went."""
    logging.disable(logging.CRITICAL)  # its warnings have addresses in them
    job = json.load(sys.stdin)
    import apprise  # noqa: PLC0415 (half a second)
    import requests  # noqa: PLC0415

    guard = _Guard(Peers.parse(job["networks"]))
    socket.getaddrinfo = guard.resolved
    requests.Session.request = guard.around(requests.Session.request)  # type: ignore[method-assign]
    asset = apprise.AppriseAsset(
        app_id=job["app"], app_desc=job["app"], app_url="", image_url_mask="", image_url_logo="", http_redirects=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY, async_mode=False, secure_logging=True,
    )  # fmt: skip
    service = apprise.Apprise.instantiate(job["url"], asset=asset, suppress_exceptions=True)
    told = {"understood": service is not None, "sent": False}
    if service is not None:
        told["sent"] = bool(service.notify(body=job["text"], title=job["title"], body_format=apprise.NotifyFormat.TEXT))
    json.dump({**told, "status": guard.status, "refused": guard.refused}, sys.stdout)


if __name__ == "__main__":
    main()
