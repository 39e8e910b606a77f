"""Judges whether the letters that a page draws are a text that can be quoted, or whether its picture must be read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipelines.text.drawn import Picture

NO_LETTERS = "no letters"
STAMPED = "few letters over a picture of the whole page"
GARBLED = "letters that make no words"
CROWDED = "too much drawn to tell which letters can be seen"
UNUSABLE = (NO_LETTERS, STAMPED, GARBLED, CROWDED)

# The thresholds stand in gaps that were measured: all 1,150 pages of 106 real files (the first 60 of each), and the
# same pages with their letters exchanged for others.
# Of scans with a court's or a bureau's stamp, none has more than 75 letters; of scanned pages with a usable layer of
# text, none fewer than 169.
_STAMP = 120
_WHOLE_PAGE = 0.7
# Glyphs without a meaning, of private use, or controls: at most 0.04 on a page that can be read.
_MEANINGLESS = 0.15
# Of letters that are neighbours in words, these pairs make 0.82 in the median, at least 0.54 on a readable page, and
# at most 0.43 where each letter stands for another. The one garbled page of the real files has 0.26.
_USUAL_PAIRS = 0.48
_ENOUGH_PAIRS = 60
_USUAL = frozenset(re.findall("..", (
    "abacadagaialamanarasatbeblcacechciclcoctdadedieaecedeeelemeneperesetevfifogagehahehihoiaicidieigiliminioirisitiv"
    "lalelilllolymamemimompnancndnengninonsntocolomonorosotouovpapeplpoprqurarerirmrorsrtsesisossstsutatethtitotrtsty"
    "ulunurusutveviwi"
)))  # fmt: skip
_RUN = re.compile("[a-z]{3,}")
_MEANT_NOTHING = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\x7f-\x9f]")


def unusable(text: str, pictured: float) -> str:
    """Return why the text of a page can't be used, one of UNUSABLE, or "" where it can.

    `pictured` is the share of the page that its largest picture covers.
    """
    solid = "".join(text.split())
    if not any(letter.isalnum() for letter in solid):
        return NO_LETTERS
    if pictured >= _WHOLE_PAGE and len(solid) < _STAMP:
        return STAMPED
    if len(_MEANT_NOTHING.findall(solid)) > _MEANINGLESS * len(solid) or usual_pairs(text) < _USUAL_PAIRS:
        return GARBLED
    return ""


def pictured(pictures: Iterable[Picture], width: float, height: float) -> float:
    """Return the share of a page of this size that the largest of its pictures covers."""
    areas = [
        max(0.0, min(one.x1, width) - max(one.x0, 0.0)) * max(0.0, min(one.bottom, height) - max(one.top, 0.0))
        for one in pictures
    ]
    return max(areas, default=0.0) / (width * height) if width * height > 0 else 0.0


def usual_pairs(text: str) -> float:
    """Return which share of the pairs of Latin letters in words is usual in English; 1 where there are too few."""
    runs = _RUN.findall(text.lower())
    count = sum(len(run) - 1 for run in runs)
    if count < _ENOUGH_PAIRS:
        return 1.0
    return sum(run[place : place + 2] in _USUAL for run in runs for place in range(len(run) - 1)) / count
