"""Posts a webhook: one exchange, no redirect, no proxy, of the answer nothing but its status is believed."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.watches.destinations import is_webhook_address
from pipelines.clock import steady_clock
from pipelines.delivery.deadline import SECONDS, SILENCE, Deadline
from pipelines.delivery.peers import Peers
from pipelines.delivery.refused import NotDelivered, NotSet
from pipelines.delivery.secrets import Hidden
from pipelines.host_rules import retry_after


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a webhook goes: its address, who may be connected to, how long an exchange may take."""

    url: Hidden
    peers: Peers
    user_agent: str
    seconds: float = SECONDS


def post(receiver: Receiver, body: bytes, headers: Mapping[str, str], accepted: Callable[[], None]) -> None:
    """Post a body; `accepted` is called as soon as the receiver said that it took it (2xx).

    The body of an answer is never read: it can be neither too long nor a bomb. Raises NotDelivered, NotSet.
    """
    if not is_webhook_address(receiver.url.text):
        raise NotSet("the address of the webhook is no address with http or https")
    _require_taken(_answer(receiver, body, headers))
    accepted()


def _answer(receiver: Receiver, body: bytes, headers: Mapping[str, str]) -> http.client.HTTPResponse:
    """Return the head of the answer to a body. Raises NotDelivered."""
    parts = urlsplit(receiver.url.text)
    host, tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    connection = http.client.HTTPConnection(host, port, timeout=SILENCE)
    sent = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": receiver.user_agent,
        "Connection": "close",
        **headers,
    }
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        with contextlib.closing(connection), Deadline(receiver.seconds) as deadline:
            connection.sock = receiver.peers.connect(host, port, in_clear=not tls)
            deadline.hold(connection.sock)
            if tls:
                connection.sock = _secured(connection.sock, host)
            connection.request("POST", target, body=body, headers=sent)
            return connection.getresponse()
    except TimeoutError as error:
        raise NotDelivered("it gave no answer in time") from error
    except ssl.SSLCertVerificationError as error:
        raise NotDelivered("its certificate doesn't hold", error.verify_message) from error
    except ssl.SSLError as error:
        raise NotDelivered("no secure connection came about", str(error.reason)) from error
    except http.client.HTTPException as error:
        raise NotDelivered("its answer was no HTTP", type(error).__name__) from error
    except OSError as error:
        raise NotDelivered("the connection failed, or broke", error.strerror or type(error).__name__) from error
    except ValueError as error:  # a host's name that can't be one
        raise NotDelivered("its host's name can't be used", type(error).__name__) from error


def _secured(connection: socket.socket, host: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context.wrap_socket(connection, server_hostname=host)


def _require_taken(answer: http.client.HTTPResponse) -> None:
    """Raise NotDelivered for every status but 2xx, as Standard Webhooks reads it."""
    if 200 <= answer.status < 300:
        return
    wait = retry_after(answer.getheader("Retry-After") or "", steady_clock())
    if answer.status == 410:
        raise NotDelivered("it answered 410: it wants no more", stop=True)
    if 300 <= answer.status < 400:
        raise NotDelivered(f"it answered {answer.status}, a redirect, which isn't followed")
    raise NotDelivered(f"it answered {answer.status}", answer.reason, wait=wait)
