"""Copies what one connection sends and receives, byte for byte, where Scrapy and Twisted let nobody look.

Neither promises to keep this place: missing_seams() names what is needed of them. It knows HTTP only as far as to
tell a head from a body.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from OpenSSL import SSL
from scrapy.core.downloader.handlers import http11
from twisted.internet import protocol
from twisted.python.failure import Failure
from twisted.web import _newclient
from twisted.web.client import HTTPConnectionPool

from pipelines.transport import AddressRefused

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress

    from pipelines.address_guard import AddressGuard, Target
    from pipelines.credentials import Credential

LONGEST_HEAD = 256 << 10


def missing_seams() -> list[str]:
    """Name what this module stands on and no longer finds in Scrapy and Twisted; nothing, where all is well."""
    needed: dict[Any, tuple[str, ...]] = {
        http11: ("HTTP11DownloadHandler", "_LenientHTTP11ClientFactory", "_LenientHTTP11ClientProtocol"),
        http11.HTTP11DownloadHandler: ("download_request", "close"),
        HTTPConnectionPool: ("_factory", "getConnection"),
        _newclient.HTTP11ClientProtocol: ("request", "dataReceived", "connectionLost", "_parser"),
        _newclient.Request: ("writeTo", "_writeHeaders"),
        _newclient: ("HTTPClientParser", "STATUS", "HEADER"),
        SSL: ("_lib", "_ffi"),
    }
    return [f"{owner.__name__}.{name}" for owner, names in needed.items() for name in names if not hasattr(owner, name)]


class Tape:
    """What went over the wire in one exchange, and why it was stopped."""

    def __init__(self, guard: AddressGuard, target: Target, credential: Credential | None, maxsize: int) -> None:
        self.credential = credential
        self.sent = BytesIO()
        self.received = BytesIO()
        self.peer = ""
        self.last_heard = 0.0
        # A WARC-Truncated token, where it was us who stopped.
        self.stopped = ""
        self.finished = False
        self.refused: AddressRefused | None = None
        # How the connection ended; None while it lasts.
        self.lost: BaseException | None = None
        # OpenSSL's words on why the server's certificate doesn't hold.
        self.distrust = ""
        self._guard = guard
        self._target = target
        # Chunks have a frame each; what sends more frame than chunk is not to be borne.
        self._longest = 2 * maxsize + LONGEST_HEAD if maxsize else 0

    def erase(self) -> None:
        """Let go of the bytes."""
        self.sent = BytesIO()
        self.received = BytesIO()

    def check_peer(self, address: Any) -> None:
        """Raise AddressRefused unless a request may be sent to `address`, to which we are connected."""
        if not self._guard.allows_peer(self._target, address.host, address.port):
            self.refused = AddressRefused(f"{self._target.host} led to {address.host}:{address.port}")
            raise self.refused

    def take(self, data: bytes, *, in_head: bool) -> bool:
        """Keep what came, and tell whether to go on."""
        if self.finished:
            return False
        self.last_heard = asyncio.get_running_loop().time()
        self.received.write(data)
        size = self.received.tell()
        if (in_head and size > LONGEST_HEAD) or (self._longest and size > self._longest):
            self.stopped = "length"
        return not self.stopped


def taped_pool(reactor: Any, tape: Tape) -> HTTPConnectionPool:
    """Return a pool whose one connection is copied to `tape`."""
    pool = HTTPConnectionPool(reactor, persistent=False)  # type: ignore[no-untyped-call]
    pool._factory = partial(_TapedFactory, tape)  # type: ignore[assignment]
    return pool


class _TapedFactory(http11._LenientHTTP11ClientFactory):
    def __init__(self, tape: Tape, quiescent: Callable[[Any], None], metadata: str) -> None:
        super().__init__(quiescent, metadata)  # type: ignore[no-untyped-call]
        self._tape = tape

    def buildProtocol(self, addr: IAddress | None) -> _TapedProtocol:  # noqa: N802
        """Called when the connection stands and before anything is sent, a TLS greeting included."""
        self._tape.check_peer(addr)
        return _TapedProtocol(self._tape, self._quiescentCallback)


class _TapedProtocol(http11._LenientHTTP11ClientProtocol):
    def __init__(self, tape: Tape, quiescent: Callable[[Any], None]) -> None:
        super().__init__(quiescent)  # type: ignore[no-untyped-call]
        self.transport: Any
        self._tape = tape
        self._asked = False

    def request(self, request: Any) -> Any:
        self._asked = True
        self._tape.peer = self.transport.getPeer().host
        if self._tape.credential is not None:
            request.uri = self._tape.credential.added_to(request.uri)
        write = request.writeTo
        request.writeTo = lambda transport: write(_TapedTransport(transport, self._tape.sent))
        answered = super().request(request)
        if self._tape.credential is not None:
            # Scrapy's lenient parser logs the header lines that it skips, with an echoed key in them.
            self._parser.__class__ = _newclient.HTTPClientParser
        return answered

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        parser = self._parser
        if parser is None or not self._asked:
            self.transport.abortConnection()
            return
        in_head = parser.state in (_newclient.STATUS, _newclient.HEADER)
        if self._tape.take(data, in_head=in_head):
            super().dataReceived(data)  # type: ignore[no-untyped-call]
        else:
            self.transport.abortConnection()

    def connectionLost(self, reason: Failure = protocol.connectionDone) -> None:  # noqa: N802
        if self._asked:
            self._tape.lost = reason.value
            self._tape.distrust = _distrust(self.transport)
        super().connectionLost(reason)  # type: ignore[no-untyped-call]


def _distrust(transport: Any) -> str:
    """Return OpenSSL's words on a certificate that it refused, or ""; its error says no more than that it did.

    Nothing is decided by it: the connection is over.
    """
    inner: Any = SSL
    try:
        code = inner._lib.SSL_get_verify_result(transport.getHandle()._ssl)
        # 0 is a certificate that holds; 1 one that Twisted refused, for its name.
        words: bytes = inner._ffi.string(inner._lib.X509_verify_cert_error_string(code)) if code > 1 else b""
    except AttributeError:  # no TLS, or another pyOpenSSL
        return ""
    return words.decode("ascii", "replace")


class _TapedTransport:
    """A transport that copies what is written to it."""

    def __init__(self, transport: Any, sent: BytesIO) -> None:
        self._transport = transport
        self._sent = sent

    def write(self, data: bytes) -> None:
        self._sent.write(data)
        self._transport.write(data)

    def writeSequence(self, lines: list[bytes]) -> None:  # noqa: N802
        self.write(b"".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
