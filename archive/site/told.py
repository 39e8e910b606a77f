"""What the operator says of the archive: its name, whom to write to, its public address. A request says none of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from archive.addresses import is_web_address
from archive.mementos.linking import Origins

NAME = "Oversight Archive"
# So many megabytes of pictures of pages are kept where nothing else is set: some four thousand.
PICTURES_MB = 500
# And so many megabytes of what searches gave, of each release that is open: some two thousand answers.
ANSWERS_MB = 16
_HERE = "http://127.0.0.1"
_ORIGIN = re.compile(r"(https?://[^/]+).*", re.IGNORECASE)
# It stands in header policies, where these would end a part of one.
_NOT_PLAIN = re.compile(r"[;,'\"<>\s?#]")


@dataclass(frozen=True, slots=True)
class About:
    """The archive's `name`; its `contact` and its public `address`, each "" where none is set.

    `replay` is the public address of the origin on which captures are shown.
    """

    name: str = NAME
    contact: str = ""
    address: str = ""
    replay: str = ""


def told_of_site(settings: dict[str, Any]) -> About:
    """Return what is set in the metadata, or by it in the environment (an unset variable gives None)."""
    return About(
        _line(settings.get("name")) or NAME,
        _line(settings.get("contact")),
        _address(settings.get("address")),
        _address(settings.get("replay")),
    )


def most_pictures(settings: dict[str, Any]) -> int:
    """Return how many bytes of pictures of pages are kept on the disk, as the setting says in megabytes."""
    return _megabytes(settings.get("pictures"), PICTURES_MB)


def most_answers(settings: dict[str, Any]) -> int:
    """Return how many bytes of what searches gave are kept in memory, as the setting says in megabytes; 0 for none."""
    return _megabytes(settings.get("answers"), ANSWERS_MB)


def _megabytes(setting: object, usual: int) -> int:
    told = _line(setting)
    return (int(told) if re.fullmatch(r"[0-9]{1,7}", told) else usual) << 20


def origins_of(about: About, ports: tuple[int, int] | None, *, working: bool) -> Origins:
    """Return where the archive and its captures are to be found; `ports` are those that are served on this machine.

    An archive that has a public address and names none for captures shows them itself, as does one that names the
    same origin for both: that is no origin of their own.
    """
    if working or not (about.address or about.replay):
        main, replay = (f"{_HERE}:{port}" for port in ports) if ports else ("", "")
        return Origins(main, replay)
    same = _ORIGIN.sub(r"\1", about.address).lower() == _ORIGIN.sub(r"\1", about.replay).lower()
    return Origins(about.address, "" if same else about.replay)


def _address(value: object) -> str:
    address = _line(value)
    return address.rstrip("/") if is_web_address(address) and not _NOT_PLAIN.search(address) else ""


def _line(value: object) -> str:
    """Return a setting as one short line that can be shown."""
    text = " ".join(str(value or "").split())
    return "".join(character for character in text if character.isprintable())[:200]
