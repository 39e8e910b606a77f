"""The words of a made-up web: marks that tell each text of each document, names, and pages of all kinds."""

from __future__ import annotations

import random
import re
import textwrap

from tests.hostile.pdf import lines, written

_SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]
# A mark is a word of letters alone: a number would tell two documents apart that are one.
MARK = re.compile(r"\bq([^\Wqxw]+)x([^\Wqxw]+)w\b")


def spelled(number: int) -> str:
    """Return a number as a word."""
    word = _SYLLABLES[number % len(_SYLLABLES)]
    return word if number < len(_SYLLABLES) else spelled(number // len(_SYLLABLES) - 1) + word


def mark(name: str, edition: int) -> str:
    """Return the word that only this text of this document has in it."""
    return f"q{name}x{spelled(edition)}w"


# What texts are made of: letters that make no words would be taken for garbled ones, and read by OCR.
_PLAIN = re.findall(
    r"\w+",
    "account agency agreement analysis annual archive arrest audit badge border bridge budget bureau "
    "camera car city company contract copy county court data database day deadline desk detail device "
    "district division document driver error evidence exit federal field file gate guard highway image "
    "index inspector invoice label lane law letter limit list location lot manager map market memo mile "
    "minute month motor number office officer operator order owner page paper parking permit person phone "
    "photo picture plan plaza police policy port printer privacy record region report request retention "
    "review road room route rule safety sale scanner school search section sensor server service shop "
    "signal site staff state station street summary support system target team term time toll tower "
    "traffic train truck unit update user vehicle vendor visit week window witness year zone ",
)


def paragraphs(name: str, edition: int) -> list[str]:
    """Return a text of some 200 words; two editions of one share most of them, two documents hardly any."""
    chance, made = random.Random(name), []
    for _ in range(8):
        own = " ".join(f"the {chance.choice(_PLAIN)} {chance.choice(_PLAIN)}" for _ in range(5))
        made.append(f"It tells of {own}, and keeps what it was told about {' and '.join(chance.sample(_PLAIN, 4))}.")
    made[3] = f"In this edition {mark(name, edition)} stands beside the readers of license plates."
    return made


def pdf(name: str, edition: int, saved: int = 0) -> bytes:
    """Return a file of one page; `saved` tells how often it was saved anew, with the same words."""
    said = [row for text in paragraphs(name, edition) for row in textwrap.wrap(text, 78)]
    return written(lines(*said), info=b"/Producer (saved %d times)" % saved)
