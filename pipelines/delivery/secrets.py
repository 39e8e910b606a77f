"""Reads what is secret from the environment when something is sent, and cuts it out of whatever is to be shown.

Secrets stay out of Scrapy's settings, which are copied, printed and handed on; what is held here prints as nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from archive.watches.destinations import IN_ENVIRONMENT
from pipelines.credentials import Credential
from pipelines.delivery.refused import NotSet

# What is shorter would be cut out of words that have nothing to do with it.
SHORTEST, SHORTEST_PART = 5, 8
# Cut out although nothing asked for it: a server that is told nothing may know it from elsewhere.
ALWAYS = ("SMTP_PASSWORD",)
_PARTS = re.compile(r"[\s/?&=:@#]")
LONGEST_SHOWN = 300


class Hidden:
    """Text that debuggers and tracebacks with local variables don't print."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return "<hidden>"

    def __reduce__(self) -> str:
        raise TypeError("what is hidden is handed to no other process")


class Secrets:
    """The environment's secrets, each known once it was asked for."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment
        self._known: dict[str, Credential] = {}
        for name in ALWAYS:
            self._know(environment.get(name, "").strip())

    def __repr__(self) -> str:
        return "<secrets>"

    def value(self, told: str) -> Hidden:
        """Return what a watch's file says, or what the variable holds that it names. Raises NotSet."""
        if not told.startswith(IN_ENVIRONMENT):
            self._know(told)
            return Hidden(told)
        return self.variable(told.removeprefix(IN_ENVIRONMENT))

    def variable(self, name: str) -> Hidden:
        """Return what a variable of the environment holds. Raises NotSet where that is nothing."""
        value = self._environment.get(name, "").strip()
        if not value:
            raise NotSet(f"{name} isn't set in the environment")
        self._know(value)
        return Hidden(value)

    def _know(self, value: str) -> None:
        """Cut a value from now on, and what is long in it: a server may repeat a part of its address."""
        for part in (value, *_PARTS.split(value)):
            if len(part) >= (SHORTEST if part == value else SHORTEST_PART) and part not in self._known:
                self._known[part] = Credential("secret", part)

    def cut_from(self, text: str) -> str:
        """Return text with none of the secrets and addresses that were asked for, in one line of bounded length.

        The one place through which everything goes that a server said, or an error says, before it is shown.
        """
        text = text[: 4 * LONGEST_SHOWN]
        for credential in self._known.values():
            text = credential.cut_from_text(text)
        shown = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
        return shown[:LONGEST_SHOWN]
