"""Webhooks on the wire: signed so that the reference library takes them, and nothing else (DL-03, DL-04)."""

from __future__ import annotations

import gzip
import socket
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from archive.watches.destinations import destinations_of
from archive.watches.model import Destination
from archive.watches.written.webhook import webhook_body
from pipelines.delivery.apprise import SCHEMES
from pipelines.delivery.refused import NotDelivered, NotSet
from pipelines.delivery.secrets import Hidden
from pipelines.delivery.signing import keys_of, signed_headers
from tests.conftest import ROOT
from tests.figures import figure
from tests.scripted_server import Script, ScriptedServer, answer, reset
from tests.test_pipelines_wire_tls import ELSEWHERE, NOW, Authority, authority
from tests.told_messages import NEWER, SECRET, message, sender

__all__ = ["authority"]  # a fixture

TAKEN = answer(status="204 No Content")


def hook(url: str) -> Destination:
    (made,), problems = destinations_of([{"webhook": url, "secret": "env:HOOK"}], "plates")
    assert problems == ()
    return made


def sent(url: str, seconds: float = 10.0, environment: dict[str, str] | None = None, **told: object) -> list[str]:
    """Send a message, and return what is noted: ["sent"], or nothing where it raises."""
    noted: list[str] = []
    write = sender(environment, seconds, **told).written(hook(url), "plates/webhook", message())
    write(lambda: noted.append("sent"))
    return noted


def failure(url: str, **more: Any) -> NotDelivered:
    with pytest.raises(NotDelivered) as raised:
        sent(url, **more)
    return raised.value


def request_in(server: ScriptedServer, place: int = -1) -> tuple[dict[str, str], bytes]:
    head, _, body = server.requests[place].partition(b"\r\n\r\n")
    lines = [line.decode("latin-1").split(": ", 1) for line in head.split(b"\r\n")[1:]]
    return {name.lower(): value for name, value in lines}, body


def test_dl_04_the_reference_library_takes_ours_and_nothing_altered() -> None:
    with ScriptedServer({}, default=TAKEN) as server:
        assert sent(f"{server.url}/in?key=1", environment={"HOOK": f"{NEWER} {SECRET}"}) == ["sent"]
        headers, body = request_in(server)
        target = server.requests[0].split(b" ", 2)[1]
    assert (target, headers["host"], headers["content-type"]) == (b"/in?key=1", server.host, "application/json")
    assert body == webhook_body(message(), name="Plates", site="https://archive.example")
    taken = [Webhook(secret).verify(body, headers)["type"] for secret in (SECRET, NEWER)]
    assert taken == ["watch.news", "watch.news"]  # who has the old secret, and who has the new one already

    other = "whsec_" + "A" * 44
    only_new = signed_headers(headers["webhook-id"], int(time.time()), body, keys_of(Hidden(NEWER), "HOOK"))
    old = signed_headers(headers["webhook-id"], int(time.time()) - 301, body, keys_of(Hidden(SECRET), "HOOK"))
    early = signed_headers(headers["webhook-id"], int(time.time()) + 301, body, keys_of(Hidden(SECRET), "HOOK"))
    at = headers["webhook-timestamp"]
    forged: list[tuple[str, bytes, dict[str, str]]] = [
        (SECRET, body + b" ", headers),
        (SECRET, body.replace(b"plates", b"plat3s"), headers),
        (SECRET, body, {**headers, "webhook-id": "0" * 32}),
        (SECRET, body, {**headers, "webhook-timestamp": str(int(at) + 1)}),
        (SECRET, body, {**headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v1a,")}),
        (SECRET, body, {**headers, "webhook-signature": "v1,"}),
        (SECRET, body, {name: value for name, value in headers.items() if name != "webhook-id"}),
        (other, body, headers),
        (SECRET, body, only_new),
        (SECRET, body, old),
        (SECRET, body, early),
    ]
    accepted = 0
    for secret, altered, told in forged:
        try:
            Webhook(secret).verify(altered, told)
            accepted += 1
        except WebhookVerificationError:
            pass
    figure("DL-04", forgeries=len(forged), accepted_wrongly=accepted, taken_while_rotating=len(taken))
    assert (accepted, len(forged)) == (0, 11)


def test_dl_04_an_id_with_a_dot_is_not_signed() -> None:
    keys = keys_of(Hidden(SECRET), "HOOK")
    for one in ("a.1", "", "a b", "a\nb", "ä", "a" * 101):
        with pytest.raises(ValueError, match="an id of a message"):
            signed_headers(one, 1, b"", keys)


@pytest.mark.parametrize(
    "secret", ["", "canary-canary-canary", "whsec_", "whsec_!canary!", "whsec_Y2FuYXJ5", f"{SECRET} x"]
)
def test_what_is_no_secret_is_refused_without_being_said(secret: str) -> None:
    with pytest.raises(NotSet) as raised:
        sent("https://example.org/", environment={"HOOK": secret})
    assert "HOOK" in str(raised.value)
    assert "canary" not in repr(raised.value).lower()


def test_each_try_has_its_own_time_and_the_same_id() -> None:
    with ScriptedServer({}, default=TAKEN) as server:
        write = sender().written(hook(server.url), "plates/webhook", message())
        write(lambda: None)
        time.sleep(1.1)
        sender().written(hook(server.url), "plates/webhook", message())(lambda: None)
        (first, body), (second, same) = request_in(server, 0), request_in(server, 1)
    assert (first["webhook-id"], body) == (second["webhook-id"], same)
    assert int(second["webhook-timestamp"]) > int(first["webhook-timestamp"])
    Webhook(SECRET).verify(same, second)


def _slowly(connection: socket.socket) -> None:
    with suppress(OSError):
        for sign in b"HTTP/1.1 200 OK" * 100:
            connection.sendall(bytes([sign]))
            time.sleep(0.05)


def _endless(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)


def _endless_head(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-A: b\r\n" * 1000)


def _after(seconds: float, then: bytes) -> Script:
    def script(connection: socket.socket) -> None:
        time.sleep(seconds)
        with suppress(OSError):
            connection.sendall(then)

    return script


BOMB = gzip.compress(bytes(50 << 20))
SOON = format_datetime(datetime.now(UTC) + timedelta(hours=3), usegmt=True)
# What it answers, what is said of it (None: it was taken), and what else is known.
ANSWERS: dict[str, tuple[Script, str | None, dict[str, Any]]] = {
    "200": (answer(b"ok"), None, {}),
    "201": (answer(status="201 Created"), None, {}),
    "slow": (_after(0.3, TAKEN), None, {}),
    "endless body": (_endless, None, {}),
    "bomb": (answer(BOMB, Content_Encoding="gzip"), None, {}),
    "301": (answer(status="301 Moved", Location="/elsewhere"), "answered 301, a redirect", {}),
    "302": (answer(status="302 Found", Location="http://127.0.0.1/elsewhere"), "answered 302, a redirect", {}),
    "307": (answer(status="307 Temporary Redirect", Location="/elsewhere"), "answered 307", {}),
    "308": (answer(status="308 Permanent Redirect", Location="//elsewhere"), "answered 308", {}),
    "400": (answer(status="400 canary"), "answered 400", {}),
    "401": (answer(status="401 Unauthorized", WWW_Authenticate="Basic"), "answered 401", {}),
    "410": (answer(status="410 Gone"), "wants no more", {"stop": True}),
    "429": (answer(status="429 Too Many", Retry_After="7200"), "answered 429", {"wait": 7200.0}),
    "503 until a date": (answer(status="503 No", Retry_After=SOON), "answered 503", {"wait": 10_800.0}),
    "429 nonsense": (answer(status="429 Too Many", Retry_After="soon"), "answered 429", {"wait": None}),
    "500": (answer(status="500 No"), "answered 500", {}),
    "reset after reading": (reset, "the connection failed", {}),
    "ends after reading": (lambda connection: connection.close(), "answer was no HTTP", {}),
    "no HTTP": (b"220 mail.example ESMTP\r\n", "answer was no HTTP", {}),
    "endless head": (_endless_head, "answer was no HTTP", {}),
    "a byte now and then": (_slowly, "no answer in time", {}),
    "silence": (_after(1.2, TAKEN), "no answer in time", {}),
    "a hundred continues": (b"HTTP/1.1 100 Continue\r\n\r\n" * 100 + TAKEN, None, {}),
}


def test_dl_03_what_a_receiver_may_answer() -> None:
    scripts = {f"/{place}": one[0] for place, one in enumerate(ANSWERS.values())}
    began, taken, asked_elsewhere = time.monotonic(), 0, 0
    with ScriptedServer(scripts) as server:
        for place, (name, (_, says, more)) in enumerate(ANSWERS.items()):
            if says is None:
                assert sent(f"{server.url}/{place}", seconds=1.0) == ["sent"], name
                taken += 1
                continue
            failed = failure(f"{server.url}/{place}", seconds=1.0)
            assert says in failed.reason, name
            assert failed.stop == more.get("stop", False), name
            if "wait" in more:
                assert failed.wait == pytest.approx(more["wait"], abs=1500), name
            assert "canary" not in failed.reason, name
        asked_elsewhere = sum(b"elsewhere" in one.split(b"\r\n")[0] for one in server.requests)
        assert len(server.requests) == len(ANSWERS)
    figure("DL-03", answers=len(ANSWERS), taken=taken, redirects_followed=asked_elsewhere)
    assert asked_elsewhere == 0
    assert time.monotonic() - began < 12


def test_dl_03_certificates_have_to_hold(authority: Authority, tmp_path: Path) -> None:
    with ScriptedServer({}, authority.server(), default=TAKEN) as server:
        assert sent(server.url) == ["sent"]  # the control
        Webhook(SECRET).verify(request_in(server)[1], request_in(server)[0])
    stranger = Authority(tmp_path, "stranger")
    wrong = {
        "another host": authority.server(ELSEWHERE),
        "expired": authority.server(until=NOW),
        "an unknown authority": stranger.server(),
    }
    for name, context in wrong.items():
        with ScriptedServer({}, context, default=TAKEN) as server:
            assert failure(server.url).reason == "its certificate doesn't hold", name
            assert server.requests == [], name
    with ScriptedServer({}, default=TAKEN) as plain:
        assert "in time" in failure(f"https://{plain.host}/", seconds=0.5).reason
        assert not any(b"plates" in one for one in plain.requests)
    figure("DL-03", certificates_that_do_not_hold=len(wrong), taken=0)


def test_only_the_operators_own_network_is_reached_beside_the_public_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer({}, default=TAKEN) as server:
        names = ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "0"]
        for name in names:
            url = f"http://{name}:{server.port}/"
            assert "DELIVERY_NETWORKS" in failure(url, DELIVERY_NETWORKS="").reason, name
            assert "DELIVERY_NETWORKS" in failure(url, DELIVERY_NETWORKS="10.0.0.0/8").reason, name
        for address in ("169.254.169.254", "10.0.0.1", "[::1]", "[fe80::1]", "192.0.0.8", "224.0.0.1"):
            assert "DELIVERY_NETWORKS" in failure(f"https://{address}/", DELIVERY_NETWORKS="127.0.0.0/8").reason
        assert server.connections == 0
        assert sent(f"http://localhost:{server.port}/", DELIVERY_NETWORKS="127.0.0.0/8, ::1") == ["sent"]
        with pytest.raises(NotSet, match="DELIVERY_NETWORKS takes networks"):
            sent(server.url, DELIVERY_NETWORKS="home")


def test_nothing_goes_in_clear_to_the_public_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: asked)
    assert "which is for networks named" in failure("http://hooks.example.org/").reason


def test_a_name_that_answers_otherwise_a_moment_later_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that was looked at is the one that is connected to: a name is asked once."""
    asked: list[str] = []
    truly = socket.getaddrinfo

    def answers(host: str, *more: Any, **named: Any) -> Any:
        if host == "rebinding.example.org":
            asked.append(host)
            return truly("127.0.0.1" if len(asked) == 1 else "127.0.0.2", *more, **named)
        return truly(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    with ScriptedServer({}, default=TAKEN) as server:
        assert sent(f"http://rebinding.example.org:{server.port}/") == ["sent"]
    assert asked == ["rebinding.example.org"]


def test_the_receiver_in_the_documentation_takes_ours_once(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "watches.md").read_text("utf-8")
    code = page.partition("<!-- receiver -->")[2].partition("```python\n")[2].partition("```")[0]
    held: dict[str, Any] = {}
    exec(code, held)
    with ScriptedServer({}, default=TAKEN) as server:
        sent(server.url)
        headers, body = request_in(server)
    seen: set[str] = set()
    assert held["receive"](body, headers, SECRET, seen) == 204
    assert "replaced Acquisition and Use of License Plate Reader Data https://archive" in capsys.readouterr().out
    assert held["receive"](body, headers, SECRET, seen) == 204
    assert capsys.readouterr().out == ""
    assert held["receive"](body + b" ", headers, SECRET, seen) == 400


def test_the_documentation_names_the_schemes_and_the_settings() -> None:
    page = (ROOT / "docs" / "watches.md").read_text("utf-8")
    for name in SCHEMES:
        assert f"`{name}`" in page
    for name in ("SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "SMTP_FROM", "DELIVERY_NETWORKS"):
        assert f"`{name}`" in page
        assert f"`{name}`" in (ROOT / "README.md").read_text("utf-8")
