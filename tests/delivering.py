"""An archive with a watch, to which a message is due at each of two destinations, and their receivers on loopback."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archive.watches.news import make_messages
from pipelines.delivery.deliver import deliver_due
from pipelines.delivery.queue import Delivered
from tests.forked import Ended, Forked
from tests.mail_server import Kept, MailServer
from tests.scripted_server import Script, ScriptedServer, answer
from tests.told_messages import SECRET, settings
from tests.watching import as_told_before, put_watch

AT = "2026-12-01T03:00:00Z"
PASSWORD = "canary-of-the-smtp-password"
# What must stand nowhere: of each what tells it from others.
SECRETS = {"password": PASSWORD, "webhook": SECRET, "address": "canary-path-of-the-hook", "mail": "canary@desk.example"}
TAKEN = answer(status="204 No Content")


class Told:
    """An archive with a watch to which one message is due at each of two destinations, and their receivers."""

    def __init__(self, folder: Path, server: ScriptedServer, kept: Kept, port: int) -> None:
        self.folder, self.server, self.kept, self.port = folder, server, kept, port
        put_watch(
            folder,
            "title = 'Plates'\nterms = ['license plates']\n[[send]]\nmail = 'canary@desk.example'\n[[send]]\n"
            f"webhook = '{server.url}/canary-path-of-the-hook'\nsecret = 'env:HOOK'\n",
        )
        self.code = ""  # what each command carries out first
        self.tell_before()
        self.event: dict[str, Any] = {}
        self.settings = settings(SMTP_PORT=str(port))

    def tell_before(self) -> None:
        """Have the journal say that the watch began, and that nothing of the archive's release was told."""
        as_told_before(self.folder, ())

    def make(self) -> dict[str, Any]:
        """Make the message of the archive's release; return its line of the journal."""
        (event,) = make_messages(self.folder, AT).messages
        return dict(event)

    def deliver(self) -> Delivered:
        return deliver_due(self.folder, self.settings, lambda *_: None)

    @property
    def posted(self) -> list[dict[str, Any]]:
        return [json.loads(one.partition(b"\r\n\r\n")[2]) for one in self.server.requests]

    def command(self, forked: Forked, *arguments: str, code: str = "", faults: Any = None, **more: object) -> Ended:
        told = {
            "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.port), "SMTP_FROM": "plates@archive.example",
            "DELIVERY_NETWORKS": "127.0.0.0/8", "SITE_ADDRESS": "https://archive.example", **more,
        }  # fmt: skip
        before = (
            f"import os, pipelines.settings as told\nos.environ.update(HOOK={SECRET!r}, SMTP_PASSWORD={PASSWORD!r})\n"
            f"[setattr(told, name, value) for name, value in {told!r}.items()]\n{self.code}{code}"
        )
        return forked.run(self.folder, *arguments, before=before, **(faults or {}))


@contextmanager
def told_archive(small: Path, folder: Path, script: Script = TAKEN, **more: Any) -> Iterator[Told]:
    kept = Kept()
    mails = MailServer(kept, **more)
    mails.start()
    try:
        with ScriptedServer({}, default=script) as server:
            yield Told(Path(shutil.copytree(small, folder / "archive")), server, kept, int(mails.port))
    finally:
        mails.stop()
