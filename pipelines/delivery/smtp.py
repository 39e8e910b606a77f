"""Hands one mail to the operator's own mail server (SMTP_HOST), over TLS unless that is this very machine."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from pipelines.delivery.deadline import SECONDS, SILENCE, Deadline
from pipelines.delivery.refused import NotDelivered
from pipelines.delivery.secrets import Hidden

IMPLICIT_TLS = 465  # RFC 8314 7.3
# RFC 3463: what an answer is about, in three numbers.
_ENHANCED = re.compile(rb"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who takes mail: `sender` is a plain address, `user` "" where nobody logs in."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: Hidden | None = None
    seconds: float = SECONDS

    @property
    def is_this_machine(self) -> bool:
        """Whether what is sent leaves this machine at all."""
        if self.host.lower() == "localhost":
            return True
        with contextlib.suppress(ValueError):
            return ip_address(self.host).is_loopback
        return False


def send_mail(server: MailServer, recipient: str, mail: bytes, accepted: Callable[[], None]) -> None:
    """Hand a mail over for one recipient; `accepted` is called as soon as the server took it. Raises NotDelivered.

    Where the connection breaks after the last dot, nobody knows whether it was taken: that is a failure, and the next
    try has the same Message-ID.
    """
    with contextlib.ExitStack() as left:
        _hand_over(server, recipient, mail, left)
        accepted()


class _Connection(smtplib.SMTP):
    """A connection whose time is counted from its first byte, and that gives away no name of this machine."""

    def __init__(self, server: MailServer, deadline: Deadline) -> None:
        super().__init__(local_hostname=server.sender.rpartition("@")[2], timeout=SILENCE)
        self._deadline, self._is_tls = deadline, server.port == IMPLICIT_TLS
        self._host = server.host  # whose certificate it has to be: smtplib asks this when it begins TLS

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        self._deadline.hold(connection)
        return _context().wrap_socket(connection, server_hostname=host) if self._is_tls else connection


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _hand_over(server: MailServer, recipient: str, mail: bytes, left: contextlib.ExitStack) -> None:
    """Hand a mail over, up to the server's word that it has it; `left` says goodbye to it. Raises NotDelivered."""
    try:
        with Deadline(server.seconds) as deadline:
            connection = _Connection(server, deadline)
            left.callback(_leave, connection)
            _require(connection.connect(server.host, server.port), "the greeting")
            _secure(connection, server)
            _require(connection.mail(server.sender), "the sender")
            _require(connection.rcpt(recipient), "the recipient")
            _require(connection.data(mail), "the mail")
    except TimeoutError as error:
        raise NotDelivered("the mail server gave no answer in time") from error
    except ssl.SSLCertVerificationError as error:
        raise NotDelivered("the mail server's certificate doesn't hold", error.verify_message) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, error.smtp_error, "what was sent") from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotDelivered("the connection to the mail server failed, or broke", type(error).__name__) from error


def _secure(connection: smtplib.SMTP, server: MailServer) -> None:
    implicit = server.port == IMPLICIT_TLS
    _require(connection.ehlo(), "our name")
    if not implicit and connection.has_extn("starttls"):
        _require(connection.starttls(context=_context()), "TLS")
        _require(connection.ehlo(), "our name")
    elif not implicit and not server.is_this_machine:
        raise NotDelivered("the mail server offers no TLS (STARTTLS), and nothing is sent without")
    if server.user:
        try:
            connection.login(server.user, server.password.text if server.password else "")
        except smtplib.SMTPNotSupportedError as error:
            raise NotDelivered("the mail server takes no login") from error
        except smtplib.SMTPAuthenticationError as error:
            raise _refused(error.smtp_code, error.smtp_error, "the login") from error


def _require(answer: tuple[int, bytes], what: str) -> None:
    code, words = answer
    if code < 0:
        raise NotDelivered("the mail server's answer was no SMTP")
    if not 200 <= code < 300:
        raise _refused(code, words, what)


def _refused(code: int, words: bytes | str, what: str) -> NotDelivered:
    told = words if isinstance(words, bytes) else words.encode("utf-8", "replace")
    enhanced = _ENHANCED.search(told[:200])
    number = f"{code} {enhanced[0].decode()}" if enhanced else str(code)
    return NotDelivered(f"the mail server answered {number} to {what}", told.decode("utf-8", "replace"))


def _leave(connection: smtplib.SMTP) -> None:
    """Say goodbye, without waiting for an answer: whatever it is, the mail was taken or wasn't."""
    with contextlib.suppress(smtplib.SMTPException, OSError, ValueError):
        if connection.sock is not None:
            connection.sock.settimeout(1)
            connection.quit()
    connection.close()
