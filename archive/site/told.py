"""What the operator says of the archive: its name, whom to write to, its public address. A request says none of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archive.addresses import is_web_address

NAME = "Oversight Archive"


@dataclass(frozen=True, slots=True)
class About:
    """The archive's `name`; its `contact` and its public `address`, each "" where none is set."""

    name: str = NAME
    contact: str = ""
    address: str = ""


def told_of_site(settings: dict[str, Any]) -> About:
    """Return what is set in the metadata, or by it in the environment (an unset variable gives None)."""
    address = _line(settings.get("address"))
    return About(
        _line(settings.get("name")) or NAME,
        _line(settings.get("contact")),
        address.rstrip("/") if is_web_address(address) else "",
    )


def _line(value: object) -> str:
    """Return a setting as one short line that can be shown."""
    text = " ".join(str(value or "").split())
    return "".join(character for character in text if character.isprintable())[:200]
