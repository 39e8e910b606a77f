"""The address guard: no spelling, no redirect and no name server gets a byte to a private address."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError
from scrapy.settings import Settings
from twisted.internet.error import ConnectionRefusedError as TcpRefused
from twisted.python.failure import Failure
from twisted.web.client import URI

from pipelines.address_guard import AddressGuard, Target
from pipelines.public_addresses import is_public
from pipelines.transport import AddressRefused
from pipelines.wire import WireTransport
from tests import wire_rig
from tests.figures import figure
from tests.scripted_server import ScriptedServer, answer

# fmt: off
PRIVATE_V4 = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255", "255.255.255.255", "192.0.0.8", "192.0.2.1",
    "192.88.99.1", "198.18.0.1", "240.0.0.1",
]
PRIVATE_V6 = [
    "::1", "::", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1", "100::1", "2001:db8::1",
    "3fff::1", "5f00::1", "2001:10::1", "2001:20::1", "2001:2::1", "64:ff9b:1::a00:1",
]
# fmt: on
PUBLIC = ["8.8.8.8", "23.22.11.1", "2606:4700::1111", "2a00:1450:4001:81b::200e", "192.0.1.1", "2001:4860::1"]


def spellings_of(address: str) -> Iterator[str]:
    """Yield hosts that some program or other takes for the IPv4 address `address`."""
    number = int(ipaddress.IPv4Address(address))
    a, b, c, d = octets = [int(part) for part in address.split(".")]
    yield from (address, address + ".", str(number), f"{number:#x}", f"0x{number:X}", f"{number:#o}".replace("o", ""))
    yield from (f"{number + 2**32}", f"0x1{number:08x}", f"{a}.{b * 65536 + c * 256 + d}", f"{a}.{b}.{c * 256 + d}")
    yield from (".".join(f"{octet:#x}" for octet in octets), ".".join(f"0{octet:o}" for octet in octets))
    yield from (".".join(f"{octet:03}" for octet in octets), f"{a:#x}.0{b:o}.{c}.{d}", f"{a}.{b}.{c}.{d:#x}")
    yield f"0x{a:x}{b:02x}.{c * 256 + d}"
    for zero in ("０", "𝟎", "𝟘", "𝟬"):
        yield "".join(chr(ord(zero) + int(char)) if char.isdigit() else char for char in address)
    yield "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(char)] if char.isdigit() else char for char in address)
    yield from (address.replace(".", dot) for dot in "。．｡")
    yield from ("".join(f"%{ord(char):02x}" for char in address), address.replace(".", "%2e"))
    high, low = number >> 16, number & 0xFFFF
    for prefix in ("::ffff:", "::", "64:ff9b::", "64:ff9b:1::", "::ffff:0:", "2002:0:0:0:0:0:"):
        yield from (f"[{prefix}{address}]", f"[{prefix}{high:x}:{low:x}]")
    yield from (f"[2002:{high:x}:{low:x}::]", f"[2002:{high:x}:{low:x}::1]")
    yield f"[2001:0:0:0:0:0:{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}]"
    yield f"[0:0:0:0:0:ffff:{high:04X}:{low:04X}]"


def private_hosts() -> list[str]:
    hosts = [host for address in PRIVATE_V4 for host in spellings_of(address)]
    for address in PRIVATE_V6:
        hosts += [
            f"[{address}]",
            f"[{ipaddress.IPv6Address(address).exploded}]",
            f"[{address}%lo]",
            f"[{address}%25lo]",
        ]
    hosts += [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "router",
        "printer.local",
        "x.internal",
        "1.0.0.127.in-addr.arpa",
    ]
    return list(dict.fromkeys(hosts))


def refused(url: str, *, verbatim: bool) -> bool:
    """Tell whether `url` is refused, as Scrapy hands it on: cleaned up by it, or as it was written."""
    try:
        request = Request(url, meta={"verbatim_url": verbatim})
        AddressGuard().check(request.url)
    except (AddressRefused, ValueError):
        return True
    return False


@pytest.mark.parametrize("verbatim", [False, True])
def test_no_spelling_of_a_private_address_is_let_through(verbatim: bool) -> None:
    hosts = private_hosts()
    assert len(hosts) >= 300
    urls = [f"{place}/" for host in hosts for place in (f"http://{host}", f"https://{host}:443")]
    let_through = [url for url in urls if not refused(url, verbatim=verbatim)]
    figure("SS-01", spellings=len(hosts), addresses=len(urls), let_through=len(let_through))
    assert let_through == []


@pytest.mark.parametrize("address", PRIVATE_V4 + PRIVATE_V6 + ["::ffff:8.8.8.8", "2606:4700::1%eth0", "", "a", "1.2.3"])
def test_private_addresses_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_known(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert is_public(address)
    assert AddressGuard().check(f"https://{host}/").host == address


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://www.dhs.gov/sites/default/files/2022-03/a%20b.pdf?x=1#page=2", Target("https", "www.dhs.gov", 443)),
        ("HTTP://WWW.ICE.GOV:80", Target("http", "www.ice.gov", 80)),
        ("http://xn--bcher-kva.example:443/", Target("http", "xn--bcher-kva.example", 443)),
        ("http://8.8.8.8?q", Target("http", "8.8.8.8", 80)),
    ],
)
def test_plain_addresses_are_let_through(url: str, target: Target) -> None:
    assert AddressGuard().check(url) == target
    assert target.is_literal == target.host[0].isdigit()


DISAGREED_ON = (
    "http://www.dhs.gov\\@127.0.0.1/", "http://127.0.0.1\\@www.dhs.gov/", "http://a@b@www.dhs.gov/",
    "http://www.dhs.gov@127.0.0.1/", "http://user:pass@www.dhs.gov/", "http://www.dhs.gov%2f@127.0.0.1/",
    "http://www.dhs.gov%00.example.com/", "http://www.dhs.gov:80\\.evil.example/", "http://www.dhs.gov:/",
    "http://www.dhs.gov:80:80/", "http://www.dhs.gov:+80/", "http://www.dhs.gov:8_0/", "http://www.dhs.gov:080x/",
    "http://www.dhs\t.gov/", "http://www.dhs.gov\n/", "http://www.dhs.gov/\r\nX: y", "http://www.dhs.gov/ a",
    "http://www.dhs.gov/\x00", "http://www.dhs.gov/\x7f", " http://www.dhs.gov/", "http://①②⑦.0.0.1/",
    "http://www.dhs.gov/é", "http:www.dhs.gov/", "http:/www.dhs.gov/", "http:///www.dhs.gov/",
    "http:\\\\www.dhs.gov/",
    "//www.dhs.gov/", "www.dhs.gov", "http://", "http://?", "http://#", "http://.", "http://..", "http://a..b/",
    "http://-a.example/", "http://[/", "http://[]/", "http://[::1/", "http://[v1.x]/", "http://[2606:4700::1111]x/",
    "http://[[2606:4700::1111]]/", "http://www.dhs.gov;evil.example/", "http://www.dhs.gov,evil.example/",
    "http://" + "a" * 64 + ".example/", "http://" + "a." * 130 + "example/", "http://www.dhs.gov/" + "a" * 8000, "",
)  # fmt: skip
SCHEMES = (
    "file",
    "ftp",
    "gopher",
    "data",
    "javascript",
    "view-source",
    "jar",
    "blob",
    "ws",
    "wss",
    "FILE",
    "ldap",
    "dict",
)
SCHEME_RESTS = ("://www.dhs.gov/", ":///etc/passwd", ":x")
PORTS = (0, 1, 22, 25, 53, 81, 3306, 6379, 8000, 8080, 9200, 65535, 65536, 99999)


def test_the_admitted_port_opens_no_other() -> None:
    for port in PORTS:
        with pytest.raises(AddressRefused):
            AddressGuard("127.0.0.1:8001").check(f"https://www.dhs.gov:{port}/")


def test_figures_of_what_is_refused() -> None:
    """SS-04, SS-05, SS-06: schemes, what two parsers read in two ways, ports."""
    for row, urls in (
        ("SS-04", [f"{lead}{scheme}{rest}" for scheme in SCHEMES for lead in ("", " ", "\t") for rest in SCHEME_RESTS]),
        ("SS-05", DISAGREED_ON),
        ("SS-06", [f"https://www.dhs.gov:{port}/" for port in PORTS]),
    ):
        let_through = [url for url in urls if not refused(url, verbatim=True)]
        figure(row, addresses=len(urls), let_through=len(let_through))
        assert let_through == []


@given(st.text("ad01279.:@/\\[]%?#x\t &;_-①。", max_size=30))
@settings(max_examples=400, deadline=None)
def test_the_host_that_is_checked_is_the_host_that_is_connected_to(rest: str) -> None:
    url = f"http://{rest}"
    try:
        target = AddressGuard().check(url)
    except AddressRefused:
        return
    assert urlsplit(url).hostname == target.host
    connected = URI.fromBytes(url.partition("#")[0].encode())  # type: ignore[no-untyped-call]
    assert (connected.host.decode(), connected.port) == (target.host, target.port)


def test_one_loopback_port_is_admitted_and_nothing_beside_it() -> None:
    guard = AddressGuard.from_settings(Settings({"ADDRESS_GUARD_ADMIT": "127.0.0.1:8001"}))
    target = guard.check("http://127.0.0.1:8001/")
    assert target.admitted
    assert guard.allows_peer(target, "127.0.0.1", 8001)
    assert not guard.allows_peer(target, "127.0.0.1", 8002)
    assert not guard.allows_peer(target, "127.0.0.2", 8001)
    assert not guard.allows_peer(target, "8.8.8.8", 80)
    for url in ("http://127.0.0.1:8002/", "http://127.0.0.2:8001/", "http://localhost:8001/", "http://127.1:8001/"):
        with pytest.raises(AddressRefused):
            guard.check(url)


@pytest.mark.parametrize("admit", ["127.0.0.1", "0.0.0.0:80", "10.0.0.1:80", "127.0.0.1:0", "*", "localhost:80"])
def test_nothing_but_a_loopback_port_can_be_admitted(admit: str) -> None:
    with pytest.raises(ValueError, match="ADDRESS_GUARD_ADMIT"):
        AddressGuard.from_settings(Settings({"ADDRESS_GUARD_ADMIT": admit}))


def test_a_peer_is_let_through_only_on_the_public_internet_and_on_the_port_asked_for() -> None:
    guard, target = AddressGuard("127.0.0.1:80"), Target("http", "www.dhs.gov", 80)
    assert guard.allows_peer(target, "8.8.8.8", 80)
    assert not guard.allows_peer(target, "127.0.0.1", 80)
    assert not guard.allows_peer(target, "8.8.8.8", 443)


def hops(victim: ScriptedServer) -> list[str]:
    return [
        f"http://127.0.0.1:{victim.port}/", f"//127.0.0.1:{victim.port}/", f"http://localhost:{victim.port}/",
        f"http://0x7f.1:{victim.port}/", f"http://[::ffff:127.0.0.1]:{victim.port}/", f"http://127.1:{victim.port}/",
        f"http://user@127.0.0.1:{victim.port}/", f"http://①②⑦.0.0.1:{victim.port}/", f"https://2130706433:{victim.port}/",
        f"http://127.0.0.1\\@127.0.0.1:{victim.port}/", f"\thttp://127.0.0.1:{victim.port}/",
    ]  # fmt: skip


def follow_all(request: Request, server: ScriptedServer) -> None:
    """Follow redirects as a crawl does. Raises AddressRefused at the end, also where Scrapy itself won't follow."""
    middleware = RedirectMiddleware.from_crawler(wire_rig.crawler_with())
    while True:
        response = wire_rig.fetch(request, ADDRESS_GUARD_ADMIT=server.host).response
        assert response is not None
        followed = middleware.process_response(request, response)
        if not isinstance(followed, Request):
            raise AddressRefused("Scrapy did not follow it")
        request = followed


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_leads_to_a_private_address(status: int) -> None:
    with ScriptedServer({}) as victim, ScriptedServer({}) as server:
        server.scripts = {f"/{hop}": answer(status=f"{status} Moved", Location=f"/{hop + 1}") for hop in range(4)}
        for number, location in enumerate(hops(victim)):
            moved = f"HTTP/1.1 {status} Moved\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n"
            server.scripts["/4"] = moved.encode()
            request = Request(f"{server.url}/{min(number, 4)}")
            with pytest.raises(AddressRefused):
                follow_all(request, server)
        assert victim.connections == 0


class Connections:
    """Stands in for the reactor's connectTCP: notes each address; public ones refuse, loopback is the victim."""

    def __init__(self, victim: ScriptedServer) -> None:
        self.tried: list[str] = []
        self._victim = victim
        self._connect = wire_rig.reactor().connectTCP

    def __call__(self, host: str, port: int, factory: Any, *others: Any, **more: Any) -> Any:
        self.tried.append(host)
        if not is_public(host):
            return self._connect("127.0.0.1", self._victim.port, factory, *others, **more)
        connector = _NoConnector()
        factory.startedConnecting(connector)
        refusal = Failure(TcpRefused())  # type: ignore[no-untyped-call]
        wire_rig.reactor().callLater(0, factory.clientConnectionFailed, connector, refusal)
        return connector


class _NoConnector:
    def stopConnecting(self) -> None:  # noqa: N802
        pass


REBINDINGS: list[list[list[str]]] = [
    [["93.184.215.14"], ["127.0.0.1"]],
    [["127.0.0.1"]],
    [["93.184.215.14", "127.0.0.1"]],
    [["127.0.0.1", "93.184.215.14"]],
    [["93.184.215.14", "::1"]],
    [["93.184.215.14"], ["::ffff:127.0.0.1"], ["169.254.169.254"]],
    [["64:ff9b::7f00:1"]],
    [["93.184.215.14"], ["93.184.215.14", "10.0.0.1"], ["0.0.0.0"]],
    [[]],
]


def test_names_that_change_their_answers_lead_nowhere_private(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = [(turn, number) for turn in range(38) for number in range(len(REBINDINGS))]
    scripts = {f"n{turn}-{number}.example.com": REBINDINGS[number] for turn, number in turns}
    with ScriptedServer({}) as victim:
        connections = Connections(victim)
        monkeypatch.setattr(wire_rig.reactor(), "connectTCP", connections)
        requests = [Request(f"http://{name}/{again}") for again in range(3) for name in scripts]
        results = wire_rig.fetch_all(requests, wire_rig.ScriptedLookup(scripts))
        assert len(results) >= 1000
        figure("SS-03", tries=len(results), connections_at_victim=victim.connections)
        assert victim.connections == 0
    named = (AddressRefused, DownloadConnectionRefusedError, CannotResolveHostError)
    assert [result for result in results if not isinstance(result, named)] == []
    assert set(connections.tried) == {"93.184.215.14"}


def test_a_refused_answer_is_named_and_a_missing_one_is_not_refused() -> None:
    lookup = wire_rig.ScriptedLookup({"inside.example.com": [["10.1.2.3"]]})
    inside, missing = wire_rig.fetch_all(
        [Request("https://inside.example.com/"), Request("https://missing.example.com/")], lookup
    )
    assert isinstance(inside, AddressRefused)
    assert "10.1.2.3" in str(inside)
    assert isinstance(missing, CannotResolveHostError)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_peer_that_no_resolver_had_named_gets_not_one_byte(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lookup = wire_rig.ScriptedLookup({"rebind.example.com": [["93.184.215.14"]]})
    with ScriptedServer({}) as victim:
        connect = wire_rig.reactor().connectTCP
        monkeypatch.setattr(
            wire_rig.reactor(),
            "connectTCP",
            lambda host, port, *others, **more: connect("127.0.0.1", victim.port, *others, **more),
        )
        (result,) = wire_rig.fetch_all([Request(f"{scheme}://rebind.example.com/")], lookup)
        assert isinstance(result, AddressRefused)
    assert victim.connections == 1
    assert victim.requests == []


def test_a_proxy_is_refused() -> None:
    with ScriptedServer({}) as server, pytest.raises(AddressRefused, match="proxy"):
        wire_rig.fetch(Request(f"{server.url}/", meta={"proxy": "http://10.0.0.1"}), ADDRESS_GUARD_ADMIT=server.host)


def test_without_the_guarded_resolver_no_name_is_looked_up() -> None:
    transport = WireTransport.from_crawler(wire_rig.crawler_with())
    with pytest.raises(RuntimeError, match="TWISTED_DNS_RESOLVER"):
        wire_rig.run(transport.fetch(Request("http://www.dhs.gov/")))
    wire_rig.run(transport.close())
