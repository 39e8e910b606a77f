"""Sends one message to one destination: writes it as that kind takes it, with what this machine has for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING

from archive.addresses import is_web_address
from archive.watches.destinations import APPRISE, IN_ENVIRONMENT, MAIL, WEBHOOK, is_mail_address
from archive.watches.model import Destination, Message
from archive.watches.written.line import lines_of
from archive.watches.written.mail import mail_of
from archive.watches.written.webhook import webhook_body
from archive.watches.written.words import plain
from pipelines.clock import steady_clock
from pipelines.delivery.apprise import Service, notify
from pipelines.delivery.deadline import SECONDS
from pipelines.delivery.peers import Peers
from pipelines.delivery.refused import NotDelivered, NotSet
from pipelines.delivery.secrets import Secrets
from pipelines.delivery.signing import keys_of, signed_headers
from pipelines.delivery.smtp import MailServer, send_mail
from pipelines.delivery.webhook import Receiver, post

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

Accepted = Callable[[], None]
Sending = Callable[[Accepted], None]


@dataclass(frozen=True, slots=True)
class Sender:
    """What this machine is told of sending, and its secrets. `seconds` is what one exchange may take."""

    settings: BaseSettings
    secrets: Secrets
    seconds: float = SECONDS

    def written(self, destination: Destination, to: str, message: Message) -> Sending:
        """Return what sends a message once, written as its destination takes it. Raises NotSet; others are a bug's.

        `to` is what the destination is called. What is returned takes a function that is called as soon as the
        receiver has the message, and raises NotDelivered, NotSet; of what a server said nothing secret is in it.
        """
        make = {MAIL: self._mail, APPRISE: self._apprise, WEBHOOK: self._webhook}[destination.kind]
        send = make(destination, to, message)

        def sent(accepted: Accepted) -> None:
            try:
                send(accepted)
            except NotDelivered as failed:
                reason, said = self.secrets.cut_from(failed.reason), self.secrets.cut_from(failed.said)
                # Not with its cause, which may hold an address.
                raise NotDelivered(reason, said, wait=failed.wait, stop=failed.stop) from None

        return sent

    @property
    def _site(self) -> str:
        address = str(self.settings["SITE_ADDRESS"])
        return address if is_web_address(address) else ""

    @property
    def _name(self) -> str:
        return plain(str(self.settings["SITE_NAME"]), 200) or "Oversight Archive"

    def _mail(self, destination: Destination, to: str, message: Message) -> Sending:
        recipient = self.secrets.value(destination.address).text
        if not is_mail_address(recipient):
            raise NotSet(f"{destination.address.removeprefix(IN_ENVIRONMENT)} holds no mail address")
        server = self._server()
        mail = mail_of(message, to, recipient, server.sender, name=self._name, site=self._site)
        return lambda accepted: send_mail(server, recipient, mail, accepted)

    def _server(self) -> MailServer:
        host, port = str(self.settings["SMTP_HOST"]), str(self.settings["SMTP_PORT"])
        sender = parseaddr(str(self.settings["SMTP_FROM"]))[1]
        if not host:
            raise NotSet("SMTP_HOST names no mail server")
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise NotSet("SMTP_PORT is no port")
        if not is_mail_address(sender):
            raise NotSet("SMTP_FROM is no mail address to send from")
        user = str(self.settings["SMTP_USER"])
        password = self.secrets.variable("SMTP_PASSWORD") if user else None
        return MailServer(host, int(port), sender, user, password, self.seconds)

    def _webhook(self, destination: Destination, _to: str, message: Message) -> Sending:
        url = self.secrets.value(destination.address)
        keys = keys_of(self.secrets.value(destination.secret), destination.secret.removeprefix(IN_ENVIRONMENT))
        body = webhook_body(message, name=self._name, site=self._site)
        headers = signed_headers(message.id, int(steady_clock().timestamp()), body, keys)
        receiver = Receiver(url, self._peers(), str(self.settings["USER_AGENT"]), self.seconds)
        return lambda accepted: post(receiver, body, headers, accepted)

    def _apprise(self, destination: Destination, _to: str, message: Message) -> Sending:
        url = self.secrets.value(destination.address)
        title, text = lines_of(message, site=self._site)
        service = Service(url, self._peers(), self._name, self.seconds)
        return lambda accepted: notify(service, title, text, accepted)

    def _peers(self) -> Peers:
        try:
            return Peers.parse(str(self.settings["DELIVERY_NETWORKS"]))
        except ValueError:
            raise NotSet("DELIVERY_NETWORKS takes networks (10.0.0.0/8) apart by commas") from None
