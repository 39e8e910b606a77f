"""The browser by itself: it reaches nothing, and would without what keeps it from that."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

import pytest

from pipelines import browser
from pipelines.browser import Answer, Browser, Limits, Opened, Part
from tests.conftest import need

pytestmark = pytest.mark.browser

# Ways out that aren't requests, so that nobody is asked about them.
PAGE = """<!DOCTYPE html><title>x</title><link rel="preconnect" href="http://STREAM"><p>Said. <script>
const ways = [
  () => new WebSocket("ws://STREAM/socket"),
  () => new Worker(URL.createObjectURL(new Blob([`new WebSocket("ws://STREAM/worker")`]))),
  () => new WebTransport("https://PACKET/transport").ready.catch(() => 0),
  () => {
    const peer = new RTCPeerConnection({iceServers: [{urls: "stun:PACKET"},
      {urls: "turn:STREAM?transport=tcp", username: "a", credential: "b"}]});
    peer.createDataChannel("x"); peer.createOffer().then(offer => peer.setLocalDescription(offer));
  },
];
for (const way of ways) { try { way(); } catch (error) { document.body.append(` ${error}`); } }
</script>"""


def opened(page: str, *, limits: Limits | None = None) -> Opened:
    """Open a page in a browser of its own, which is answered nothing."""

    async def refuse(part: Part) -> Answer | None:
        return None

    async def visit() -> Opened:
        one = Browser(need("chromium", "chromium"), "OversightArchive/0.1", limits or Limits(quiet=2), sandbox=False)
        try:
            return await one.open(
                "http://list.example.gov/", Answer(200, {"content-type": "text/html"}, page.encode()), refuse
            )
        finally:
            await one.close()

    return asyncio.run(visit())


def ways_out() -> dict[str, int]:
    """Return how many connections and datagrams a page brought about."""
    counted = {"connections": 0, "datagrams": 0}
    ended = threading.Event()

    def accept() -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                streams.accept()[0].close()
                counted["connections"] += 1

    def receive() -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                packets.recv(2048)
                counted["datagrams"] += 1

    with socket.create_server(("127.0.0.1", 0)) as streams, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
        packets.bind(("127.0.0.1", 0))
        listeners = [threading.Thread(target=accept), threading.Thread(target=receive)]
        page = PAGE
        for name, listening in (("STREAM", streams), ("PACKET", packets)):
            listening.settimeout(0.1)
            page = page.replace(name, f"127.0.0.1:{listening.getsockname()[1]}")
        for listener in listeners:
            listener.start()
        assert "Said." in opened(page).html
        ended.set()
        for listener in listeners:
            listener.join()
    return counted


def test_nothing_gets_out() -> None:
    assert ways_out() == {"connections": 0, "datagrams": 0}


def test_all_of_it_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same page in the same browser, started without what takes the network away."""
    monkeypatch.setattr(browser, "FLAGS", ("--disable-gpu",))
    found = ways_out()
    assert found["connections"] > 0
    assert found["datagrams"] > 0
