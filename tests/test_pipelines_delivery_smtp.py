"""Mail on the wire, to a real server on loopback: TLS, refusals, one recipient, one id for every try (DL-02)."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from archive.watches.model import Destination
from pipelines.delivery.refused import NotDelivered, NotSet
from tests.figures import figure
from tests.mail_server import Kept, MailServer, logged_in
from tests.scripted_server import reset
from tests.test_pipelines_wire_tls import ELSEWHERE, Authority, authority
from tests.told_messages import message, sender

__all__ = ["authority"]  # a fixture

DESK = Destination("mail", "desk", "desk@news.example")
PASSWORD = "canary-of-the-password"


@contextmanager
def serving(kept: Kept, **more: Any) -> Iterator[int]:
    server = MailServer(kept, **more)
    server.start()
    try:
        yield int(server.port)
    finally:
        server.stop()


def sent(port: int, environment: Mapping[str, str] | None = None, seconds: float = 5.0, **told: object) -> list[str]:
    noted: list[str] = []
    write = sender(environment, seconds, SMTP_PORT=str(port), **told).written(DESK, "plates/desk", message())
    write(lambda: noted.append("sent"))
    return noted


def failure(port: int, **more: Any) -> NotDelivered:
    with pytest.raises(NotDelivered) as raised:
        sent(port, **more)
    return raised.value


def test_a_mail_is_handed_over_to_one_recipient() -> None:
    kept = Kept()
    with serving(kept) as port:
        assert sent(port) == ["sent"]
        sent(port)
    (to, content), (_, again) = kept.mails
    (mail, _) = kept.read
    assert to == "desk@news.example"
    assert (mail["From"], mail["To"]) == ("Plates <plates@archive.example>", "desk@news.example")
    assert mail["List-Id"] == "Licence plates <plates.watches.archive.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert content == again  # the same bytes, and so the same Message-ID
    assert kept.hosts == ["archive.example"] * 2  # no name of this machine


def test_dl_02_what_a_server_may_refuse() -> None:
    cases = {
        "greylisted": ("RCPT", "450 4.7.1 canary come back", "450 4.7.1 to the recipient"),
        "unknown": ("RCPT", "550 5.1.1 <desk@news.example> canary", "550 5.1.1 to the recipient"),
        "too many": ("RCPT", "452 4.5.3 canary", "452 4.5.3 to the recipient"),
        "sender": ("MAIL", "553 canary", "553 to the sender"),
        "busy": ("MAIL", "421 4.3.2 canary", "421 4.3.2 to the sender"),
        "content": ("DATA", "554 5.7.1 canary", "554 5.7.1 to the mail"),
        "no room": ("DATA", "452 4.3.1 canary", "452 4.3.1 to the mail"),
    }
    kept = Kept()
    with serving(kept) as port:
        for name, (command, says, told) in cases.items():
            kept.answers = {command: [says]}
            failed = failure(port)
            assert told in failed.reason, name
            assert "canary" in failed.said, name
            assert "canary" not in failed.reason, name
            assert "desk@" not in failed.reason + failed.said, name
            assert sent(port) == ["sent"], name  # the next try
    ids = {mail["Message-ID"] for mail in kept.read}
    figure("DL-02", refusals=len(cases), taken_on_the_next_try=len(kept.mails), message_ids=len(ids))
    assert (len(kept.mails), len(ids)) == (len(cases), 1)


def _smtp(*turns: bytes | Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    """Return a server of SMTP that answers what comes in with these, in turn; behind DATA the whole mail is one."""

    def serve(connection: socket.socket) -> None:
        connection.settimeout(10)
        for turn in turns:
            if callable(turn):
                turn(connection)
                return
            connection.sendall(turn)
            got = connection.recv(65536)
            while got and (turn.startswith(b"354") and not got.endswith(b"\r\n.\r\n")):
                got += connection.recv(65536)

    return serve


GOOD = (b"220 mail\r\n", b"250 mail\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")


def _drip(connection: socket.socket) -> None:
    with suppress(OSError):
        for _ in range(200):
            connection.sendall(b"2")
            time.sleep(0.05)


@contextmanager
def raw(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    from tests.scripted_server import ScriptedServer  # noqa: PLC0415

    class Server(ScriptedServer):
        def _answer(self, connection: socket.socket) -> None:
            serve(connection)

    with Server({}) as server:
        yield server.port


def test_dl_02_a_server_that_dies_hangs_or_babbles() -> None:
    cases: dict[str, tuple[Callable[[socket.socket], None], str]] = {
        "dies after the final dot": (_smtp(*GOOD, reset), "failed, or broke"),
        "ends after the final dot": (_smtp(*GOOD, lambda one: one.close()), "failed, or broke"),
        "dies at the greeting": (reset, "failed, or broke"),
        "hangs after the final dot": (_smtp(*GOOD, lambda _: time.sleep(1.5)), "in time"),
        "hangs at the greeting": (lambda _: time.sleep(1.5), "in time"),
        "drips": (_drip, "in time"),
        "babbles": (_smtp(b"hello\r\n" * 3), "was no SMTP"),
        "refuses at once": (_smtp(b"554 5.3.2 no service\r\n"), "answered 554 5.3.2 to the greeting"),
    }
    for name, (serve, says) in cases.items():
        with raw(serve) as port:
            assert says in failure(port, seconds=1.0).reason, name
    with raw(_smtp(*GOOD, b"250 taken\r\n", lambda _: time.sleep(2))) as port:  # and no goodbye
        assert sent(port, seconds=10.0) == ["sent"]
    figure("DL-02", deaths_and_silences=len(cases), noted_as_sent=0)


def test_nothing_is_sent_without_tls_but_on_this_machine(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere: dict[str, Any] = {"SMTP_HOST": "mail.example"}
    truly = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda to, *more: truly(("127.0.0.1", to[1]), *more))
    kept = Kept()
    with serving(kept) as port:
        assert "offers no TLS" in failure(port, **elsewhere).reason
        assert sent(port, SMTP_HOST="localhost") == ["sent"]
    assert [one for one in kept.asked if one != "QUIT"] == ["MAIL", "RCPT", "DATA"]  # of one of the two tries

    from cryptography import x509  # noqa: PLC0415

    own = authority.server(x509.SubjectAlternativeName([x509.DNSName("mail.example")]))
    kept = Kept()
    with serving(kept, context=own) as port:
        assert sent(port, **elsewhere) == ["sent"]
    assert kept.secured == [True]
    with serving(kept, context=authority.server(ELSEWHERE)) as port:
        assert failure(port, **elsewhere).reason == "the mail server's certificate doesn't hold"
    assert len(kept.mails) == 1


def test_a_login_goes_over_tls_and_is_told_to_nobody(authority: Authority, tmp_path: Path) -> None:
    login = {"auth_required": True, "authenticator": logged_in("plates", PASSWORD), "context": authority.server()}
    kept = Kept()
    with serving(kept, **login) as port:
        assert sent(port, environment={"SMTP_PASSWORD": PASSWORD}, SMTP_USER="plates") == ["sent"]
        wrong = failure(port, environment={"SMTP_PASSWORD": "canary-of-another"}, SMTP_USER="plates")
        assert "535" in wrong.reason
        assert "canary" not in wrong.reason + wrong.said
        with pytest.raises(NotSet, match="SMTP_PASSWORD isn't set"):
            sent(port, SMTP_USER="plates")
    assert kept.secured == [True]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"SMTP_HOST": ""}, "SMTP_HOST names no mail server"),
        ({"SMTP_FROM": ""}, "SMTP_FROM is no mail address"),
        ({"SMTP_PORT": "smtp"}, "SMTP_PORT is no port"),
    ],
)
def test_what_is_not_set_is_named(told: dict[str, str], says: str) -> None:
    with pytest.raises(NotSet, match=says):
        sender(**told).written(DESK, "plates/desk", message())  # type: ignore[arg-type]
