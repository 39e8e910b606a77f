"""Leaves telephone numbers and e-mail addresses out of a line: how to reach an official is nothing that is kept."""

from __future__ import annotations

import re

_MAIL = re.compile(r"(?:mailto:|e-?mail:?)?\s{0,3}[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.IGNORECASE)
_TELEPHONE = re.compile(
    r"(?:(?:tele)?phone:?|tel\.?:?|fax:?|cell:?|mobile:?)?\s{0,3}"
    r"(?<![\w-])(?:\+?1[-. ]{1,2})?(?:\(\d{3}\)\s{0,3}|\d{3}[-. /–]{1,2})\d{3}\s?[-.–]\s?\d{4}(?![\w-])"
    r"(?:,?\s{0,2}(?:x|ext\.?|extension)\s{0,2}\d{1,6})?",
    re.IGNORECASE,
)
_LEFT_OVER = " \t,;:|()[]<>/–-"


def without_contacts(line: str) -> str:
    """Return the line without its telephone numbers and e-mail addresses, "" where nothing else was on it."""
    kept = _TELEPHONE.sub(" ", _MAIL.sub(" ", line))
    if kept == line:
        return line
    return " ".join(kept.split()).strip(_LEFT_OVER)
