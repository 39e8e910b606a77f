"""Reads the [[send]] tables of a watch: where its messages go. It knows no file, sends nothing, and reads no secret."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from archive.model import Finding
from archive.watches.model import Destination

REFUSED = "destination-refused"
MAIL, WEBHOOK, APPRISE = "mail", "webhook", "apprise"
KINDS = (MAIL, WEBHOOK, APPRISE)
IN_ENVIRONMENT = "env:"
MOST = 100
# A variable of the environment, as a shell can set it.
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,39}")
# Of RFC 5322 3.4.1 what mail servers take everywhere: no quotes, no comments, no bare address literal, ASCII.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def destinations_of(
    tables: Sequence[Mapping[str, Any]], watch: str
) -> tuple[tuple[Destination, ...], tuple[Finding, ...]]:
    """Return where the [[send]] tables of a watch's file say that its messages go, and what is wrong with the others.

    A table that can't be used is named by its place in the file (never by its address), and stops no other. One that
    has no `name` is called by its kind; the second of a kind has to have one, since a name is what the journal knows a
    destination by for good. Never raises.
    """
    held: dict[str, Destination] = {}
    problems = []
    for number, table in enumerate(tables, 1):
        found = _destination(table) if number <= MOST else f"a watch is sent to {MOST} places at most"
        if isinstance(found, Destination) and found.name.casefold() in held:
            found = f'another is called {found.name!r}: give each a name of its own, name = "…"'
        if isinstance(found, str):
            problems.append(Finding(REFUSED, f"curation/watches/{watch}.toml", f"[[send]] number {number}: {found}"))
        else:
            held[found.name.casefold()] = found
        if number > MOST:
            break
    return tuple(held.values()), tuple(problems)


def is_mail_address(text: str) -> bool:
    """Tell whether a text is one plain mail address, which a header and an SMTP command can hold as it is."""
    local, at, domain = text.rpartition("@")
    return bool(at) and _is_local(local) and _is_domain(domain)


def is_webhook_address(text: str) -> bool:
    """Tell whether a text is an address that a webhook can be sent to: http(s), a host, no user, printable ASCII."""
    try:
        parts = urlsplit(text)
        named = parts.hostname and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    plain = len(text) <= 2_000 and all("!" <= sign <= "~" for sign in text) and not parts.fragment
    return parts.scheme in ("http", "https") and bool(named) and plain


def _is_local(text: str) -> bool:
    return bool(_LOCAL.fullmatch(text)) and not (text.startswith(".") or text.endswith(".") or ".." in text)


def _is_domain(text: str) -> bool:
    return 0 < len(text) <= 253 and all(_LABEL.fullmatch(label) for label in text.split("."))


def _destination(table: object) -> Destination | str:
    """Return what a table says, or what is wrong with it."""
    if not isinstance(table, Mapping):
        return "it is no table"
    if unknown := sorted(set(map(str, table)) - {*KINDS, "name", "secret"}):
        return f"{unknown[0][:100]!r} is nothing that it takes"
    kinds = [kind for kind in KINDS if kind in table]
    if len(kinds) != 1:
        return "it names one of mail, webhook and apprise"
    (kind,) = kinds
    if not all(isinstance(value, str) for value in table.values()):
        return "each of its values is a text in quotes"
    name, address, secret = table.get("name", kind), table[kind].strip(), table.get("secret", "").strip()
    if not _NAME.fullmatch(name):
        return "a name is 1 to 40 letters, digits, blanks, _ and -; it is no address"
    wrong = _wrong_address(kind, address) or _wrong_secret(kind, secret)
    return wrong or Destination(kind, name, address, secret)


def _wrong_address(kind: str, address: str) -> str:
    """Return what is wrong with an address, without saying it again; "" where nothing is."""
    if address.startswith(IN_ENVIRONMENT):
        return "" if _names_variable(address) else "behind env: stands the name of a variable of the environment"
    if kind == APPRISE:
        return 'an Apprise address holds a secret: write it as "env:NAME", and have the environment say it'
    if kind == MAIL and not is_mail_address(address):
        return "mail goes to one address, of ASCII letters, as in name@example.org"
    if kind == WEBHOOK and not is_webhook_address(address):
        return "a webhook is an address with https, without a user and a fragment"
    return ""


def _wrong_secret(kind: str, secret: str) -> str:
    if kind != WEBHOOK:
        return "only a webhook has a secret" if secret else ""
    if not _names_variable(secret):
        return 'a webhook is signed: secret = "env:NAME", and have the environment say it (whsec_…)'
    return ""


def _names_variable(text: str) -> bool:
    return text.startswith(IN_ENVIRONMENT) and bool(VARIABLE.fullmatch(text.removeprefix(IN_ENVIRONMENT)))


def called(watch: str, destination: str) -> str:
    """Return what the journal, the log and the site call a destination of a watch."""
    return f"{watch}/{destination}"
