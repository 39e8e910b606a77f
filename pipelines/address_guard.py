"""Keeps every request on the public internet: by address, by a name's answers, and by the peer reached.

It knows nothing of sources, robots or credentials. The three checks stand on their own, because names change
their answers between two look-ups (DNS rebinding) and parsers disagree on where a host ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urlsplit

from twisted.internet.address import IPv4Address as TcpAddress
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from twisted.web.client import URI
from zope.interface import implementer, provider  # type: ignore[import-untyped]

from pipelines.public_addresses import is_public
from pipelines.transport import AddressRefused

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from twisted.internet.interfaces import IAddress, IHostResolution

LONGEST_ADDRESS = 8000
DEFAULT_PORTS = {"http": 80, "https": 443}

# RFC 6761 and RFC 9476, and ICANN's "internal": never on the public internet, so not even looked up.
_NEVER_NAMES = ("localhost", "local", "internal", "onion", "alt", "arpa")

_AUTHORITY = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?(?=[/?#]|\Z)",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"[^\x21-\x7e]")
# https://url.spec.whatwg.org/#ends-in-a-number-checker: such a host is an IPv4 address in some spelling.
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]*|[0-9]+")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")

# Where the resolver notes the answers that it kept back from the fetch that is under way.
withheld_answers: ContextVar[list[str] | None] = ContextVar("withheld_answers", default=None)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a checked address leads: the host as it is connected to, without brackets, in lower case."""

    scheme: str
    host: str
    port: int
    admitted: bool = False

    @property
    def is_literal(self) -> bool:
        """Whether the host is an IP address, so that no name is looked up."""
        return ":" in self.host or bool(_NUMBER.fullmatch(self.host.rpartition(".")[2]))


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """`admit` is the one loopback address and port ("127.0.0.1:8000") that tests may ask all the same."""

    admit: str = ""

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> AddressGuard:
        """Read ADDRESS_GUARD_ADMIT. Raises ValueError where it isn't an address of this machine and a port."""
        admit = str(settings.get("ADDRESS_GUARD_ADMIT") or "")
        if admit and not re.fullmatch(r"127\.0\.0\.[1-9][0-9]?:[1-9][0-9]{0,4}", admit):
            raise ValueError(f"ADDRESS_GUARD_ADMIT is {admit!r}; it takes nothing but 127.0.0.1:PORT (to 127.0.0.99)")
        return cls(admit)

    def check(self, url: str) -> Target:
        """Return where `url` leads. Raises AddressRefused: not http(s), ambiguous, or not public."""
        target = _parse(url)
        if self.admit == f"{target.host}:{target.port}":
            return Target(target.scheme, target.host, target.port, admitted=True)
        if target.port not in DEFAULT_PORTS.values():
            raise AddressRefused(f"port {target.port} is neither 80 nor 443: {url[:200]!r}")
        _check_host(target.host)
        return target

    def allows_peer(self, target: Target, peer: str, port: int) -> bool:
        """Tell whether the connection that was made for `target` may carry a request."""
        if target.admitted:
            return self.admit == f"{peer}:{port}"
        return port == target.port and is_public(peer)


def _parse(url: str) -> Target:
    if len(url) > LONGEST_ADDRESS:
        raise AddressRefused(f"an address of {len(url)} characters: {url[:200]!r}…")
    if _UNSAFE.search(url):
        raise AddressRefused(f"a space, a control character or a letter beyond ASCII: {url[:200]!r}")
    found = _AUTHORITY.match(url)
    if found is None:
        raise AddressRefused(f"not http or https, or a host that parsers disagree on: {url[:200]!r}")
    scheme = found["scheme"].lower()
    host = found["host"].strip("[]").lower()
    target = Target(scheme, host, int(found["port"] or DEFAULT_PORTS[scheme]))
    if not _parsers_agree(url, target):
        raise AddressRefused(f"a host that parsers disagree on: {url[:200]!r}")
    return target


def _parsers_agree(url: str, target: Target) -> bool:
    """Compare with the two parsers further down: urllib's (Scrapy) and Twisted's, which connects."""
    try:
        split = urlsplit(url)
        ours = (target.host, target.port)
        if (split.hostname, split.port or DEFAULT_PORTS[target.scheme]) != ours:
            return False
        twisted = URI.fromBytes(urldefrag(url)[0].encode("ascii"))  # type: ignore[no-untyped-call]
    except ValueError:
        return False
    return (twisted.host.decode("ascii").lower(), twisted.port) == ours


def _check_host(host: str) -> None:
    if ":" in host:
        if not is_public(host):
            raise AddressRefused(f"not an address on the public internet: [{host}]")
        return
    labels = host.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        _check_ipv4(host)
        return
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused(f"not a host name: {host[:200]!r}")
    if len(labels) < 2 or labels[-1] in _NEVER_NAMES:
        raise AddressRefused(f"not a name on the public internet: {host!r}")


def _check_ipv4(host: str) -> None:
    """Refuse every spelling but the plain one: programs disagree on octal, hexadecimal and short ones."""
    try:
        IPv4Address(host)
    except AddressValueError:
        raise AddressRefused(f"an IPv4 address in an uncommon spelling: {host!r}") from None
    if not is_public(host):
        raise AddressRefused(f"not an address on the public internet: {host}")


@implementer(IHostnameResolver)
class GuardedResolver:
    """The resolver of the whole reactor (setting TWISTED_DNS_RESOLVER): hands on public addresses only."""

    def __init__(self, reactor: Any, guard: AddressGuard, lookup: Any = None) -> None:
        self._reactor = reactor
        self._guard = guard
        present = reactor.nameResolver
        self.lookup: Any = lookup or (present.lookup if isinstance(present, GuardedResolver) else present)

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> GuardedResolver:
        """Scrapy's door."""
        return cls(reactor, AddressGuard.from_settings(crawler.settings))

    def install_on_reactor(self) -> None:
        """Scrapy's door: from here on no name of this process is looked up in another way."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 (Twisted's name)
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Look `hostName` up; IHostnameResolver says how."""
        admitted = hostName if self._guard.admit == f"{hostName}:{portNumber}" else ""
        receiver = _PublicAnswers(resolutionReceiver, withheld_answers.get(), admitted=admitted)
        resolution: IHostResolution = self.lookup.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return resolution


@provider(IResolutionReceiver)
class _PublicAnswers:
    def __init__(self, receiver: Any, withheld: list[str] | None, *, admitted: str) -> None:
        self._receiver = receiver
        self._withheld = withheld
        self._admitted = admitted

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: TcpAddress) -> None:  # noqa: N802
        if is_public(address.host) or address.host == self._admitted:
            self._receiver.addressResolved(address)
        elif self._withheld is not None:
            self._withheld.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()
