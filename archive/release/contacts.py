"""Masks telephone numbers and addresses of electronic mail in the text of structured records; it keeps every length."""

from __future__ import annotations

import re

# In place of each character: no letter and no digit, so that no word is made of it, and offsets into the text hold.
MASK = "\u2022"

_MAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}(?:\s{0,2}@\s{0,2}|\s?[(\[{]\s?at\s?[)\]}]\s?|%40)"
    r"[\w-]{1,63}(?:(?:\.|\s?[(\[{]\s?dot\s?[)\]}]\s?)[\w-]{1,63}){1,8}",
    re.IGNORECASE,
)
# Ten digits of North America with the country before and an extension behind; other countries with their plus.
_TELEPHONE = re.compile(
    r"(?<![\w-])(?:\+?1[-.\s/]{0,2})?(?:\([2-9]\d\d\)[-.\s/]{0,2}|[2-9]\d\d[-.\s/]{1,2})"
    r"[2-9]\d\d[-.\s]{1,2}\d{4}(?![\d-])(?:[,;]?\s{0,2}(?:x|ext\.?|extension)\s{0,2}\d{1,6})?"
    r"|(?<![\w+])\+\d{1,3}(?:[-.\s/()]{0,2}\d){6,13}(?!\d)",
    re.IGNORECASE,
)
# A number without marks between its digits is one where the words before it say so.
_CALLED = re.compile(
    r"\b(?:tele)?(?:phone|fax|call|cell|mobile|tel)\b(?:\s(?:number|no))?[.:#\s-]{0,4}(\(?[2-9]\d\d\)?[-.\s]{0,2}\d{3}[-.\s]{0,2}\d{4})(?!\d)",
    re.IGNORECASE,
)


def masked(text: str | None) -> str | None:
    """Return a text in which each telephone number and mail address is so many masks."""
    if not text:
        return text
    text = _MAIL.sub(lambda found: MASK * len(found[0]), text)
    text = _TELEPHONE.sub(lambda found: MASK * len(found[0]), text)
    return _CALLED.sub(lambda found: found[0].replace(found[1], MASK * len(found[1])), text)
