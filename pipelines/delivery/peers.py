"""Connects to a receiver on the public internet, or in the networks that the operator allows by DELIVERY_NETWORKS.

The address that is connected to is the one that was looked at: a name that answers otherwise a moment later leads
nowhere else.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from pipelines.delivery.deadline import SILENCE
from pipelines.delivery.refused import NotDelivered
from pipelines.public_addresses import is_public

Network = IPv4Network | IPv6Network
MOST_TRIED = 3


@dataclass(frozen=True, slots=True)
class Peers:
    """Who may be connected to: everybody on the public internet, and the operator's own `networks`."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, told: str) -> Peers:
        """Read DELIVERY_NETWORKS: networks ("10.0.0.0/8"), apart by commas or blanks. Raises ValueError."""
        return cls(tuple(ip_network(one) for one in told.replace(",", " ").split()))

    def is_own(self, address: str) -> bool:
        """Tell whether an IP address is in one of the operator's own networks."""
        ip = ip_address(address)
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return any(ip.version == network.version and ip in network for network in self.networks)

    def allows(self, address: str) -> bool:
        """Tell whether an IP address may be connected to."""
        return is_public(address) or self.is_own(address)

    def connect(self, host: str, port: int, *, in_clear: bool) -> socket.socket:
        """Return a connection to a host; one that goes on `in_clear` only within the operator's own networks.

        Raises NotDelivered, OSError.
        """
        found = look_up(host, port)
        allowed = [one for one in found if self.is_own(one) or (is_public(one) and not in_clear)]
        if not allowed:
            if in_clear and any(map(is_public, found)):
                raise NotDelivered("its address is http, which is for networks named in DELIVERY_NETWORKS alone")
            raise NotDelivered("its address isn't on the public internet, nor in DELIVERY_NETWORKS")
        *others, last = allowed[:MOST_TRIED]
        for address in others:
            with contextlib.suppress(OSError):
                return socket.create_connection((address, port), SILENCE)
        return socket.create_connection((last, port), SILENCE)


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises NotDelivered where there are none, or the answer takes too long."""
    answers: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found)))
        except (OSError, UnicodeError):
            answers.put(None)

    # The system's resolver can't be told how long it may take.
    threading.Thread(target=ask, daemon=True).start()
    try:
        found = answers.get(timeout=SILENCE)
    except queue.Empty:
        found = None
    if not found:
        raise NotDelivered("its host's name could not be resolved")
    return found
