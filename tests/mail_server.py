"""A mail server on loopback (aiosmtpd) that keeps what it is handed, and answers as it is told."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass
class Kept:
    """Mails as they were handed over: who to, the bytes, and what was said before that. `answers` has, by command
    ("MAIL", "RCPT", "DATA", "QUIT"), answers that are given in turn; None is a good one. `does` is called at each
    command, and when a mail was taken ("TAKEN")."""

    answers: Mapping[str, list[str | None]] = field(default_factory=dict)
    does: Callable[[str], None] = lambda _: None
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)

    def _answer(self, command: str, good: str) -> str:
        self.asked.append(command)
        self.does(command)
        turns = self.answers.get(command, [])
        return (turns.pop(0) if turns else None) or good

    async def handle_MAIL(self, _server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        answer = self._answer("MAIL", "250 2.1.0 fine")
        self.hosts.append(session.host_name)
        self.secured.append(session.ssl is not None)
        if answer.startswith("2"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        answer = self._answer("RCPT", "250 2.1.5 fine")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self._answer("DATA", "250 2.0.0 taken")
        if answer.startswith("2"):
            assert len(envelope.rcpt_tos) == 1
            self.mails.append((envelope.rcpt_tos[0], envelope.content))
            self.does("TAKEN")
        return answer

    async def handle_QUIT(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        return self._answer("QUIT", "221 2.0.0 bye")

    @property
    def read(self) -> list[EmailMessage]:
        """Return the mails as a mail reader parses them."""
        return [message_from_bytes(content, policy=default) for _, content in self.mails]


def logged_in(user: str, password: str) -> Callable[..., AuthResult]:
    """Return what lets in one user with a password."""

    def judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, told: Any) -> AuthResult:
        good = isinstance(told, LoginPassword) and (told.login, told.password) == (user.encode(), password.encode())
        return AuthResult(success=good, handled=False)

    return judge


class MailServer(Controller):
    """A server on a port that the system chooses; with a `context` it offers STARTTLS, and takes nothing without."""

    def __init__(self, kept: Kept, context: ssl.SSLContext | None = None, **more: Any) -> None:
        tls: dict[str, Any] = {"tls_context": context, "require_starttls": True} if context else {}
        super().__init__(kept, hostname="127.0.0.1", port=0, server_hostname="mail.example", **tls, **more)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]
