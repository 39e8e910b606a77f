"""The log of a command: lines of JSON for programs, words for people, without a secret in either.

Lines of JSON are written where standard error is no terminal, or OVERSIGHT_LOG is "json" ("plain" has words written
everywhere); into the file that OVERSIGHT_LOG_FILE names, or to standard error. structlog makes them, and is loaded when
the first line is written.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from archive.addresses import without_secrets
from console.answers import shown
from pipelines.credentials import SHORTEST_KEY, Credential
from pipelines.log_context import about

OURS = "oversight"
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s\"'<>]+")
_OF_AN_EXCHANGE = "Error downloading <"
# Variables of the environment whose values stand in no log: by their names, and addresses that hold a secret.
_SECRET_NAMES = re.compile(r"KEY|SECRET|PASSW|TOKEN|CREDENTIAL|APPRISE|WEBHOOK|SMTP|DSN", re.IGNORECASE)
_HOLDS_SECRET = re.compile(r"(?!https?:|file:|s3:|tcp:)[a-z][a-z0-9+.-]*://|\w[\w+.-]*://[^/@\s]*@", re.IGNORECASE)


def set_up_logs(environment: Mapping[str, str] = os.environ) -> None:
    """Have everything that is logged from now on written so. Called once, by the command line."""
    root = logging.getLogger()
    if any(isinstance(handler, Lines) for handler in root.handlers):
        return
    told = environment.get("OVERSIGHT_LOG", "")
    file = environment.get("OVERSIGHT_LOG_FILE", "")
    as_json = told == "json" or (told != "plain" and (bool(file) or not sys.stderr.isatty()))
    root.addHandler(Lines(_opened(file), _secrets(environment), as_json=as_json))
    root.setLevel(logging.WARNING)
    if told == "json" or file:
        logging.getLogger(OURS).setLevel(logging.INFO)


def _opened(file: str) -> IO[str] | None:
    """Open a log's file to be added to; None where none is named, or it can't be: a log stops no work."""
    if not file:
        return None
    try:
        descriptor = os.open(Path(file), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")
    except OSError as error:
        print(f"oversight: {file}: {error.strerror}; the log is written here", file=sys.stderr)  # noqa: T201
        return None


def _secrets(environment: Mapping[str, str]) -> tuple[Credential, ...]:
    """Return what must not be written, of the variables of the environment."""
    named = {name: value for name, value in environment.items() if len(value) >= SHORTEST_KEY}
    return tuple(
        Credential(name, value)
        for name, value in named.items()
        if _SECRET_NAMES.search(name) or _HOLDS_SECRET.match(value)
    )


class Lines(logging.Handler):
    """Writes one line for what is logged. What can't be written is lost: a log that is full stops no capture."""

    def __init__(self, file: IO[str] | None, secrets: tuple[Credential, ...], *, as_json: bool) -> None:
        super().__init__()
        self._file, self._secrets, self._as_json = file, secrets, as_json

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        with contextlib.suppress(OSError, ValueError):
            file = self._file or sys.stderr
            file.write(self.line_of(record) + "\n")
            file.flush()

    def line_of(self, record: logging.LogRecord) -> str:
        """Return a record as a line."""
        facts = self._without_secrets(_facts(record))
        if self._as_json:
            return _render(facts)
        head = " ".join(str(facts[name]) for name in ("source", "step") if name in facts)
        first = f"{facts['level']}: {f'{head}: ' if head else ''}{facts['event']}"
        return "\n".join(shown(line) for line in (first, *facts.get("exception", "").split("\n")) if line)

    def _without_secrets(self, facts: dict[str, str]) -> dict[str, str]:
        clean = {name: _ADDRESS.sub(lambda found: without_secrets(found[0]), value) for name, value in facts.items()}
        for secret in self._secrets:
            clean = {name: secret.cut_from_text(value) for name, value in clean.items()}
        return clean


def _facts(record: logging.LogRecord) -> dict[str, str]:
    """Return what a record says, as text: never an object of ours, which might hold more than it shows."""
    try:
        event = record.getMessage()
    except (TypeError, ValueError):  # arguments that don't fit the words
        event = str(record.msg)
    facts = {"event": event, "level": record.levelname.lower(), "logger": record.name, **about()}
    source = getattr(getattr(record, "spider", None), "name", "")
    if source:
        facts.setdefault("source", str(source))
    facts |= {name: str(value) for name, value in getattr(record, "facts", {}).items()}
    if record.exc_info and record.exc_info[1] is not None and event.startswith(_OF_AN_EXCHANGE):
        # What became of an exchange is an outcome, by name: the way through Scrapy tells nobody more.
        facts |= {"event": f"{event}: {record.exc_info[1]!r}", "level": "warning"}
    elif record.exc_info:
        # Without the frames' variables.
        facts["exception"] = logging.Formatter().formatException(record.exc_info)
    return facts


def _render(facts: dict[str, str]) -> str:
    line: str = _chain()(facts)
    return line


@lru_cache(maxsize=1)
def _chain() -> Any:
    """Return what makes a line of JSON of facts: structlog's processors, one behind the other."""
    import structlog  # noqa: PLC0415 (it loads Twisted, which most commands don't)

    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    render = structlog.processors.JSONRenderer(ensure_ascii=True)

    def made(facts: MutableMapping[str, Any]) -> Any:
        return render(None, "", stamp(None, "", facts))

    return made
